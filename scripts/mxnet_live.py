"""Run the real MXNet over the recorded cases; compare it with its recording, and ours with it.

python scripts/mxnet_live.py           compare
python scripts/mxnet_live.py --write   and store what MXNet gives now

MXNet needs an old Python, so it has an environment of its own, .mxnet, made on the first run.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import mxnet_cases
from series import ROOT, definitions

ENVIRONMENT = ROOT / ".mxnet"
RECORDER = ROOT / "scripts" / "mxnet_recorder.py"
# MXNet 1.9.1 asks for numpy < 2, but its import stops from 1.24 on: it uses names removed there.
PACKAGES = ["mxnet==1.9.1", "numpy==1.23.5"]
SUITABLE = [(3, 11), (3, 10), (3, 9), (3, 8)]
NAMES = [*("python%d.%d" % version for version in SUITABLE), "python3", "python"]
VERDICTS = ("agree", "announced", "wrong")
# How the identifiers of a group's cases start.
GROUPS = {
    "the article's logits": ("seed_",),
    "random logits": ("rand2d_",),
    "dense labels": ("dense_",),
    "weights": ("weight", "sample_weight_"),
    "other shapes and axes": ("rand3d", "batch_axis_", "axis0_", "pred_1d"),
    "log-probabilities given": ("from_logits",),
    "labels that are no class": ("label_",),
    "inf and nan": ("mask_neginf", "pos_inf", "all_neginf", "nan"),
    "nearly certain winners": ("winner_",),
    "dtypes": ("f16_", "mixed_", "int_"),
}

NO_PYTHON = """
MXNet 1.9.1 needs Python 3.8, 3.9, 3.10 or 3.11, and the PATH has none that runs:
{tried}
Install one (python.org, your system's packages, pyenv or conda), put its folder on the PATH
and repeat:
    PATH="/path/to/python3.11/bin:$PATH" make mxnet
"""
NO_VENV = """
{python} cannot make a virtual environment (see the error above).
On Debian and Ubuntu the missing part is one package, named after the version:
    apt install python3.11-venv
"""
NO_INSTALL = """
{packages} could not be installed (see the error above). Check the network connection.
MXNet is built for Linux (x86-64, aarch64) and for macOS on Intel; elsewhere it cannot run.
"""
NO_IMPORT = """
MXNet is installed, but does not start:
    {error}
It needs two libraries that not every system has. On Debian and Ubuntu:
    apt install libgomp1 libquadmath0
"""


def stop(message, **names):
    sys.exit(message.format(**names).strip())


def version(python):
    """Return (major, minor) of an interpreter, or None if it does not run."""
    try:
        shown = subprocess.run([python, "--version"], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"Python (\d+)\.(\d+)", shown.stdout)
    return (int(found[1]), int(found[2])) if found and shown.returncode == 0 else None


def find_python():
    """Return the first interpreter on the PATH that suits MXNet, the newest version first."""
    tried = []
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    for name in NAMES:
        for folder in folders:
            # A shim may be there and yet not run, so a later folder may have the one that does.
            if python := shutil.which(name, path=folder):
                found = version(python)
                if found in SUITABLE:
                    return python
                is_what = "is Python %d.%d" % found if found else "does not run"
                tried.append(f"    {python} {is_what}")
    stop(NO_PYTHON, tried="\n".join(tried) or f"    no {', '.join(NAMES)}")


def last_line(text):
    return (text.strip().splitlines() or ["no message"])[-1]


def install(python):
    if subprocess.call([python, "-I", "-m", "venv", "--clear", ENVIRONMENT]):
        stop(NO_VENV, python=python)
    inside = mxnet_python()
    pip = [inside, "-I", "-m", "pip", "--disable-pip-version-check", "--quiet"]
    if subprocess.call([*pip, "install", "--only-binary", ":all:", *PACKAGES]):
        stop(NO_INSTALL, packages=" and ".join(PACKAGES))
    started = subprocess.run(
        [inside, "-I", "-c", "import mxnet"], capture_output=True, text=True, check=False
    )
    if started.returncode:
        stop(NO_IMPORT, error=last_line(started.stderr))


def mxnet_python():
    folder = "Scripts" if os.name == "nt" else "bin"
    return str(ENVIRONMENT / folder / "python")


def make_environment():
    """Make .mxnet, unless it is there, complete and alive."""
    stamp, holds = ENVIRONMENT / "holds", "\n".join(PACKAGES)
    if stamp.exists() and stamp.read_text() == holds and version(mxnet_python()) in SUITABLE:
        return
    python = find_python()
    print("Making the environment in .mxnet (once; a minute at most, 300 MB) ...", flush=True)
    try:
        install(python)
        stamp.write_text(holds)
    except BaseException:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        raise


def run_mxnet():
    """Return what MXNet's native kernels give for the recorded inputs, in the encoding of these."""
    # MXNet's own settings change its kernels and sums, so none is handed on.
    settings = {name: value for name, value in os.environ.items() if not name.startswith("MXNET_")}
    settings["MXNET_MKLDNN_ENABLED"] = "0"
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.json"
        command = [mxnet_python(), "-I", RECORDER, mxnet_cases.RECORDINGS, results]
        done = subprocess.run(command, capture_output=True, text=True, env=settings, check=False)
        if done.returncode:
            sys.exit(f"MXNet stopped in the middle:\n{done.stderr.strip()}")
        return json.loads(results.read_text(encoding="utf-8"))


def decoded(stored):
    return {**stored, **{name: mxnet_cases.decode(stored[name]) for name in mxnet_cases.RESULTS}}


def re_record(text, fresh):
    """Return the text of the recordings with the fresh results in the place of the stored ones."""
    recordings = json.loads(text)
    recordings["recorded_with"].update(fresh["recorded_with"])
    for case, new in zip(recordings["cases"], fresh["cases"], strict=True):
        too_large = case["grad"] is None and case["error"] is None
        case.update(new, grad=None if too_large else new["grad"])
    return json.dumps(recordings, indent=1)


def store(text):
    """Replace the recordings in one step; return whether that changed them."""
    path = mxnet_cases.RECORDINGS
    if text == path.read_text(encoding="utf-8"):
        return False
    new = path.with_suffix(".new")
    new.write_text(text, encoding="utf-8", newline="\n")
    new.replace(path)
    return True


def judge(cases, fresh, loss_class):
    """Yield (group, verdict, what is wrong) for each case; `fresh` holds MXNet's results now."""
    for case, now in zip(cases, fresh, strict=True):
        group = next(name for name, starts in GROUPS.items() if case["id"].startswith(starts))
        wrong = [f"MXNet: {text}" for text in mxnet_cases.differences(case, case, now)]
        mine = mxnet_cases.ours(loss_class, case)
        wrong += [f"ours: {text}" for text in mxnet_cases.problems(case, now, mine)]
        well = "announced" if case["id"] in mxnet_cases.ANNOUNCED else "agree"
        yield group, "wrong" if wrong else well, [f"{case['id']}: {text}" for text in wrong]


def report(judged):
    """Print a line for each group, what is wrong in it, and the sum; return whether all is well."""
    for group in GROUPS:
        verdicts = [verdict for name, verdict, _ in judged if name == group]
        counts = [f"{verdicts.count(kind)} {kind}" for kind in VERDICTS if kind in verdicts]
        print(f"  {group:25} {', '.join(counts)}")
        for line in (line for name, _, wrong in judged if name == group for line in wrong):
            print(f"      {line}")
    verdicts = [verdict for _, verdict, _ in judged]
    agree, announced, wrong = map(verdicts.count, VERDICTS)
    print(f"{len(judged)} cases: {agree} agree, {announced} announced differences, {wrong} wrong")
    return not wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="store what MXNet gives now")
    write = parser.parse_args().write
    make_environment()
    fresh = run_mxnet()
    made_with = ", ".join(f"{name} {number}" for name, number in fresh["recorded_with"].items())
    print(f"MXNet itself, its native kernels ({made_with}):")
    if write:
        text = mxnet_cases.RECORDINGS.read_text(encoding="utf-8")
        print("stored: changed" if store(re_record(text, fresh)) else "stored: no byte changes")
    results = [decoded(case) for case in fresh["cases"]]
    loss_class = definitions(6)["SoftmaxCrossEntropyLoss"]
    sys.exit(not report(list(judge(mxnet_cases.load(), results, loss_class))))


if __name__ == "__main__":
    main()
