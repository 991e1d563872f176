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

from lesson import recorded as lesson
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
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT / "notebooks"),
                **LIBRARIES[library].settings,
            },
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
    return oracle.answer(case.operation, {name: g.array for name, g in case.inputs.items()})


def described(index):
    """Return a case as it is recorded: what was asked, and what is right."""
    case, right = CASES[index], right_answer(index)
    inputs = {name: recording.encode(g.array, g.dtype) for name, g in case.inputs.items()}
    refuse = isinstance(right, str)
    right = {"refuse": right} if refuse else recording.nested(oracle.rounded(right))
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
    for was, now in loss_pairs(recorded, found):
        if not same_call(was, now):
            lines.append(f"SoftmaxCrossEntropyLoss, {was['id']}: now {now}")
    if lines and versions != found["versions"]:
        lines.append(f"recorded with {versions}, now {found['versions']}")
    return lines


def loss_pairs(recorded, found):
    """Return the recorded calls of MXNet's loss, each with what MXNet gave if it was run."""
    if "mxnet_loss" not in found:
        return ()
    return zip(recorded["mxnet_loss"]["cases"], found["mxnet_loss"], strict=True)


def same_call(was, now):
    """Return whether MXNet's loss gave what is recorded: the numbers, or the type of the error."""
    if was["error"] or now["error"]:
        return str(was["error"]).split(":")[0] == str(now["error"]).split(":")[0]
    names = [name for name in ("output", "grad") if was[name] is not None]
    return all(recording.same(was[name], now[name]) for name in names)


def shown(result):
    if "error" in result:
        return f"{result['error']}: {result['message']}"
    return f"{result['data' if 'data' in result else 'all']} ({result['verdict']})"


def skeleton(recorded):
    """Return the recording with today's cases and calls, and the results that still answer them."""
    cases = {}
    for index, case in enumerate(CASES):
        now, old = described(index), recorded["cases"].get(case.id, {"results": {}})
        calls = recorded["operations"].get(case.operation, {"calls": {}})["calls"]
        asked = {key: value for key, value in old.items() if key != "results"}
        kept = {
            name: old["results"][name]
            for name in case.libraries()
            if name in old["results"]
            and asked == now
            and calls.get(name) == OPERATIONS[case.operation].calls[name]
        }
        cases[case.id] = {**now, "results": kept}
    operations = {
        name: {"about": operation.about, "calls": operation.calls}
        for name, operation in OPERATIONS.items()
    }
    libraries = {name: recorded["libraries"].get(name, {}) for name in LIBRARIES}
    now = {"libraries": libraries, "operations": operations, "cases": cases}
    return {**now, "mxnet_loss": recorded["mxnet_loss"]}


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
    for was, now in loss_pairs(recorded, found):
        changed |= any(was[key] != value for key, value in now.items())
        was.update(now)
    old = recorded["libraries"].get(library, {})
    about = {
        "name": LIBRARIES[library].name,
        "versions": found["versions"],
        "imports": LIBRARIES[library].imports,
    }
    same = not changed and all(old.get(key) == value for key, value in about.items())
    date = old["date"] if same else datetime.date.today().isoformat()
    recorded["libraries"][library] = {**about, "date": date}


def stale(recorded):
    """Return, as lines, what in the recording is not as the tables and the oracle say."""
    now, lines = skeleton(recorded), []
    if recorded["sha256"] != recording.seal(recorded):
        lines.append("the recording was changed by hand")
    if recorded["operations"] != now["operations"]:
        lines.append("the calls are not those of calls.toml")
    for name in {**recorded["cases"], **now["cases"]}:
        if recorded["cases"].get(name) != now["cases"].get(name):
            lines.append(f"{name}: inputs, right answer or libraries are not those of cases.toml")
    return lines


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tools.frameworks")
    parser.add_argument("--write", action="store_true", help="record anew")
    parser.add_argument("library", nargs="*", help=", ".join(LIBRARIES) + "; all, if none is named")
    chosen = parser.parse_args(arguments)
    unknown = set(chosen.library) - set(LIBRARIES)
    if unknown:
        parser.error(f"no library {', '.join(unknown)}: choose from {', '.join(LIBRARIES)}")
    recorded = lesson.load()
    now = skeleton(recorded)
    bad = [] if chosen.write else stale(recorded)
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
            lesson.PATH.write_text(recording.dumps(now), encoding="utf-8")
            continue
        lines = differences(recorded, library, found)
        bad += [library] if lines else []
        word = f"{len(lines)} DIFFER" if lines else "all as recorded"
        print(f"{name}: {len(found['results'])} cases, {word}, {seconds} ({versions})", flush=True)
        print(*(f"  {line}" for line in lines), sep="\n", end="\n" if lines else "")
    if bad:
        sys.exit("Not as recorded, or not run: " + "; ".join(bad))


if __name__ == "__main__":
    main()
