"""python -m tools.frameworks [--write] [LIBRARY ...]: see the package.

Each library runs in a process of its own. One that cannot be imported is named, and fails.
"""

import argparse
import datetime
import functools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools.frameworks import oracle, recording
from tools.frameworks.calls import LIBRARIES, OPERATIONS
from tools.frameworks.cases import CASES

ROOT = Path(__file__).resolve().parents[2]
# MXNet needs an old Python, so it may have an interpreter of its own.
MXNET_PYTHON = os.environ.get("MXNET_PYTHON", sys.executable)


def run(library):
    """Return what live.py says of one library; raise RuntimeError where it cannot run."""
    python = MXNET_PYTHON if library == "mxnet" else sys.executable
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out.json")
        process = subprocess.run(
            [python, "-m", "tools.frameworks.live", library, str(out)],
            cwd=ROOT,
            env={**os.environ, **LIBRARIES[library].settings},
            capture_output=True,
            text=True,
        )
        if process.returncode:
            raise RuntimeError((process.stderr.strip().splitlines() or ["no message"])[-1])
        return json.loads(out.read_text(encoding="utf-8"))


@functools.cache
def right_answer(index):
    """Return what is right for a case of CASES: an array of mpf, or why to refuse."""
    case = CASES[index]
    if case.right is not None:
        return case.right
    return oracle.answer(case.operation, {name: g.array() for name, g in case.inputs.items()})


def described(index):
    """Return a case as it is recorded: what was asked, and what is right."""
    case, right = CASES[index], right_answer(index)
    inputs = {name: recording.encode(g.array(), g.dtype) for name, g in case.inputs.items()}
    refuse = isinstance(right, str)
    right = {"refuse": right} if refuse else recording.nested(right.astype(float))
    return {"operation": case.operation, "regime": case.regime, "inputs": inputs, "right": right}


def judged(index, result):
    """Return a result with its verdict, and its error in eps."""
    dtypes = [given.dtype for given in CASES[index].inputs.values()]
    verdict, eps = oracle.judge(result, right_answer(index), dtypes)
    return {**result, "verdict": verdict, **({} if eps is None else {"eps": eps})}


def differences(recorded, library, found):
    """Return what a run gave that is not as recorded, one line each."""
    lines = []
    versions = recorded["libraries"].get(library, {}).get("versions")
    for index, case in enumerate(CASES):
        if library not in case.libraries():
            continue
        was = recorded["cases"].get(case.id, {}).get("results", {}).get(library)
        now = judged(index, found["results"][case.id])
        dtypes = [given.dtype for given in case.inputs.values()]
        if was is None:
            lines.append(f"{case.id}: not recorded")
        elif was["verdict"] != now["verdict"] or not recording.same(was, now, dtypes):
            lines.append(f"{case.id}: recorded {shown(was)}, now {shown(now)}")
    if lines and versions != found["versions"]:
        lines.append(f"recorded with {versions}, now {found['versions']}")
    return lines


def shown(result):
    if "error" in result:
        return f"{result['error']}: {result['message']}"
    return f"{result['data' if 'data' in result else 'all']} ({result['verdict']})"


def skeleton(recorded):
    """Return the recording with today's cases and calls, and the results that it has."""
    cases = {}
    for index, case in enumerate(CASES):
        old = recorded["cases"].get(case.id, {}).get("results", {})
        kept = {name: old[name] for name in case.libraries() if name in old}
        cases[case.id] = {**described(index), "results": kept}
    operations = {
        name: {"about": operation.about, "calls": operation.calls}
        for name, operation in OPERATIONS.items()
    }
    libraries = {name: recorded["libraries"].get(name, {}) for name in LIBRARIES}
    return {"libraries": libraries, "operations": operations, "cases": cases}


def store(recorded, library, found):
    """Put a run into the recording; its date is changed only if something else is."""
    cases, changed = recorded["cases"], False
    for index, case in enumerate(CASES):
        if library in case.libraries():
            new = judged(index, found["results"][case.id])
            results = cases[case.id]["results"]
            changed |= results.get(library) != new
            merged = {**results, library: new}
            cases[case.id]["results"] = {name: merged[name] for name in LIBRARIES if name in merged}
    old = recorded["libraries"].get(library, {})
    about = {
        "name": LIBRARIES[library].name,
        "versions": found["versions"],
        "imports": LIBRARIES[library].imports,
    }
    same = not changed and all(old.get(key) == value for key, value in about.items())
    date = old["date"] if same else datetime.date.today().isoformat()
    recorded["libraries"][library] = {**about, "date": date}


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tools.frameworks")
    parser.add_argument("--write", action="store_true", help="record anew")
    parser.add_argument("library", nargs="*", help=", ".join(LIBRARIES) + "; all, if none is named")
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.library) - set(LIBRARIES)
    if unknown:
        parser.error(f"no library {', '.join(unknown)}: choose from {', '.join(LIBRARIES)}")
    empty = {"libraries": {}, "cases": {}}
    recorded = recording.load() if recording.PATH.exists() else empty
    now = skeleton(recorded)
    if not chosen.write and any(recorded.get(key) != now[key] for key in ("operations",)):
        print("The recorded calls are not those of calls.py: record anew, with --write")
    bad = []
    for library in chosen.library or LIBRARIES:
        start, name = time.monotonic(), LIBRARIES[library].name
        try:
            found = run(library)
        except RuntimeError as error:
            bad.append(library)
            print(f"{name}: CANNOT RUN: {error}", flush=True)
            continue
        versions = ", ".join(f"{k} {v}" for k, v in found["versions"].items())
        seconds = f"{time.monotonic() - start:.0f} s"
        if chosen.write:
            store(now, library, found)
            print(f"{name}: {len(found['results'])} cases recorded, {seconds} ({versions})")
            recording.PATH.write_text(recording.dumps(now), encoding="utf-8")
            continue
        lines = differences(recorded, library, found)
        bad += [library] if lines else []
        word = f"{len(lines)} DIFFER" if lines else "all as recorded"
        print(f"{name}: {len(found['results'])} cases, {word}, {seconds} ({versions})", flush=True)
        print(*(f"  {line}" for line in lines), sep="\n", end="\n" if lines else "")
    if bad:
        sys.exit(f"Not as recorded, or not run: {', '.join(bad)}")


if __name__ == "__main__":
    main()
