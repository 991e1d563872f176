"""Run all cases of one library, in a process of its own: python -m tools.frameworks.live NAME OUT

Old syntax only: MXNet runs under Python 3.8.
"""

import ast
import json
import platform
import re
import sys
import warnings
from pathlib import Path

import numpy as np

from lesson.recorded import load
from tools.frameworks.calls import LIBRARIES, OPERATIONS
from tools.frameworks.cases import CASES
from tools.frameworks.recording import encode


def version(package):
    """Return the version of an installed package, without a build's label."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package).split("+")[0]
    except PackageNotFoundError:  # TensorFlow's CPU build has a name of its own
        return version(package + "-cpu").split("+")[0]


def as_array(value):
    """Return a library's array as NumPy's, and its dtype's name; bfloat16 in float32."""
    value = value.detach() if hasattr(value, "detach") else value
    value = value.numpy() if type(value).__module__.startswith("tensorflow") else value
    dtype = str(getattr(value, "dtype", "")).replace("torch.", "")
    if "bfloat16" in dtype:
        wide = value.float() if hasattr(value, "float") else np.array(value.tolist(), "float32")
        return np.asarray(wide), "bfloat16"
    value = value.asnumpy() if hasattr(value, "asnumpy") else np.asarray(value)
    return value, str(value.dtype)


def message(error):
    """Return an error's type and the line that says what is wrong, without places."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    own = [line for line in lines if line.startswith("MXNetError: ")]
    line = (own or lines)[0].replace("MXNetError: ", "")
    line = re.sub(r"\{\{.*?\}\} ?|\[Op:.*|0x[0-9a-f]+|\(?/[\w./-]+:?\d*\)?", "", line)
    return {"error": type(error).__name__, "message": " ".join(line.split())[:160]}


def run(text, names):
    """Run a call and return its last expression's value."""
    *before, last = ast.parse(text).body
    exec(compile(ast.Module(before, []), "<call>", "exec"), names)
    return eval(compile(ast.Expression(last.value), "<call>", "eval"), names)


def outcome(case, library, names):
    """Return what one call gives, as an entry of the recording."""
    names = dict(names)
    text = OPERATIONS[case.operation].calls[library]
    try:
        for name, given in case.inputs.items():
            made = dict(names, a=given.array, dtype=given.dtype)
            names[name] = eval(LIBRARIES[library].convert, made)
        return encode(*as_array(run(text, names)))
    except Exception as error:
        return message(error)


def results(library):
    """Return the versions of a library and what it makes of each case that it has a call for."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    names = {}
    exec(LIBRARIES[library].imports, names)
    versions = {package: version(package) for package in LIBRARIES[library].packages}
    cases = [case for case in CASES if library in case.libraries()]
    found = {
        "versions": dict(versions, python=platform.python_version()),
        "results": {case.id: outcome(case, library, names) for case in cases},
    }
    if library == "mxnet":
        from tools.frameworks import mxnet_loss

        calls = load()["mxnet_loss"]["cases"]
        found["mxnet_loss"] = [mxnet_loss.run(case) for case in calls]
    return found


if __name__ == "__main__":
    library, out = sys.argv[1:]
    Path(out).write_text(json.dumps(results(library)), encoding="utf-8")
