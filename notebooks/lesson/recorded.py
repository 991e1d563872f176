"""What other libraries really gave: the recording in data/recorded.json, read and shown.

Each case has its inputs, what is right (from mpmath), and each library's result with a verdict:
`right`, `differs`, or `refuses` for an error. data/README.md explains the fields.
The standard library, numpy and Python 3.8 are enough: MXNet is recorded with them.
"""

import functools
import json
from pathlib import Path

import numpy as np

PATH = Path(__file__).resolve().parent / "data" / "recorded.json"
OURS = "ours"


@functools.lru_cache
def load():
    """Return the recording."""
    return json.loads(PATH.read_text(encoding="utf-8"))


def decode(stored):
    """Return the array of an entry, in its dtype; bfloat16 as float32, and None as None."""
    if stored is None:
        return None
    dtype = "float32" if stored["dtype"] == "bfloat16" else stored["dtype"]
    if "all" in stored:
        return np.full(stored["shape"], stored["all"], dtype)
    kind = complex if dtype.startswith("complex") else float if "float" in dtype else dtype
    return np.array(stored["data"], kind).reshape(stored["shape"]).astype(dtype)


def mxnet_cases():
    """Return the recorded calls of MXNet's SoftmaxCrossEntropyLoss: by name, in arrays."""

    def read(value):
        return decode(value) if isinstance(value, dict) and "dtype" in value else value

    cases = load()["mxnet_loss"]["cases"]
    return {case["id"]: {key: read(value) for key, value in case.items()} for case in cases}


def text(values, digits=4):
    """Return numbers as text: `digits` significant digits, rows separated by semicolons."""
    values = np.asarray(values)
    if values.size == 0:
        return f"empty {values.shape}"
    if values.ndim > 1:
        return "; ".join(text(row, digits) for row in values)
    values = (values + 0).ravel().tolist() if values.dtype.kind == "f" else values.ravel().tolist()
    return ", ".join(f"{value:.{digits}g}" for value in values)


def result(name, library, digits=4):
    """Return what a library gave for a case: numbers, with ✗ where they are wrong, or an error."""
    found = load()["cases"][name]["results"].get(library)
    if found is None:
        return "–"
    if "error" in found:
        return found["error"]
    return text(decode(found), digits) + (" ✗" if found["verdict"] == "differs" else "")


def right(name, digits=4):
    """Return what is right for a case: numbers, or that an error is."""
    answer = load()["cases"][name]["right"]
    if isinstance(answer, dict):
        return "an error"
    values = np.array(answer, float)
    return text(values, digits) if values.size else "empty"


def ours(name, function, digits=4):
    """Return what `function` of the case's inputs gives, or its error."""
    inputs = map(decode, load()["cases"][name]["inputs"].values())
    try:
        with np.errstate(all="ignore"):
            return text(function(*inputs), digits)
    except (TypeError, ValueError) as error:
        return type(error).__name__


def table(cases, libraries=None, function=None, digits=4, across="inputs"):
    """Return a table of recorded results, as Markdown for the notebook.

    Parameters
    ----------
    cases : dict
        The heading of each input, and the name of its case.
    libraries : list of str, optional
        All that have a result, if not given.
    function : callable, optional
        Ours: called now with the inputs of each case.
    digits : int
        Significant digits.
    across : {"inputs", "libraries"}
        What the columns are.

    Notes
    -----
    ✗ marks a wrong result that comes without an error; the last line or column is what is right.
    """
    from IPython.display import Markdown

    recorded = load()
    if libraries is None:
        with_results = {n for name in cases.values() for n in recorded["cases"][name]["results"]}
        libraries = [name for name in recorded["libraries"] if name in with_results]
    lines = {OURS: [ours(name, function, digits) for name in cases.values()]} if function else {}
    for library in libraries:
        heading = recorded["libraries"][library]["name"]
        lines[heading] = [result(name, library, digits) for name in cases.values()]
    lines["right"] = [right(name, digits) for name in cases.values()]
    grid = [["", *cases], *([name, *values] for name, values in lines.items())]
    if across == "libraries":
        grid = np.array(grid).T.tolist()
    grid.insert(1, ["---"] * len(grid[0]))
    return Markdown("\n".join(f"| {' | '.join(row)} |" for row in grid))


def about(*libraries):
    """Return the versions of the libraries in one line of text."""
    known = load()["libraries"]
    first = {name: next(iter(known[name]["versions"].values())) for name in libraries or known}
    return ", ".join(f"{known[name]['name']} {version}" for name, version in first.items())


def calls(operation, *libraries):
    """Return a table of the recorded calls of an operation, as Markdown for the notebook."""
    from IPython.display import Markdown

    known, names = load()["operations"][operation]["calls"], load()["libraries"]
    lines = ["| library | call |", "| --- | --- |"]
    for library in libraries or known:
        call = known[library].replace("\n", "; ")
        lines.append(f"| {names[library]['name']} | `{call}` |")
    return Markdown("\n".join(lines))
