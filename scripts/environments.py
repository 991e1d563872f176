"""Run the suite in throw-away environments: the oldest packages, the locked, the newest.

python scripts/environments.py

Each environment works in a copy of the project of its own, two at a time.
"""

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from environment import TOOLS, program
from mxnet_live import version

ROOT = Path(__file__).resolve().parent.parent
MINORS = range(10, 15)
PACKAGES = ("numpy", "matplotlib", "scipy", "ipykernel", "jupyterlab")
UV = program(TOOLS, "uv")
PASSED = re.compile(r"\b(\d+) passed")


@dataclass(frozen=True)
class Environment:
    """A Python, what is installed beside it, and what runs there."""

    name: str
    python: str
    install: list
    runs: list


def candidates(minor):
    """Yield every place where Python 3.`minor` may be: the PATH, then pyenv's folders."""
    name = f"python3.{minor}"
    for folder in filter(None, os.environ.get("PATH", "").split(os.pathsep)):
        if python := shutil.which(name, path=folder):
            yield python
    roots = [os.environ.get("PYENV_ROOT"), os.path.expanduser("~/.pyenv")]
    if shutil.which("pyenv"):
        roots.append(subprocess.run(["pyenv", "root"], capture_output=True, text=True).stdout)
    for root in filter(None, roots):
        yield from map(str, Path(root.strip(), "versions").glob(f"3.{minor}.*/bin/{name}"))


def interpreters():
    """Return the first Python that runs of each minor version, and why the others are missing."""
    found, missing = {}, {}
    for minor in MINORS:
        tried = list(candidates(minor))
        # A shim may be there and yet not run, so a later place may have the one that does.
        python = next((python for python in tried if version(python) == (3, minor)), None)
        if python:
            found[minor] = python
        else:
            reason = f"{tried[0]} does not run" if tried else "neither on the PATH nor with pyenv"
            missing[minor] = reason
    return found, missing


def plan(found):
    """Return the environments to try, the longest first."""
    seed = random.SystemRandom().randrange(2**31)
    pip = ["pip", "install", "--quiet", "--editable", ".", "--group", "dev"]
    # A lowest bound without a wheel for this Python would be compiled, or fail to.
    lowest = ["--resolution", "lowest-direct", "--only-binary", ":all:"]
    locked = ["sync", "--locked", "--quiet"]
    # The cells of a notebook keep their order; the tests must not need theirs.
    shuffled = [
        ["--nbval", "notebooks"],
        ["-p", "randomly", f"--randomly-seed={seed}", "tests"],
    ]
    minors = sorted(found)
    return [
        Environment("oldest", found[minors[0]], [*pip, *lowest], [["--nbval"]]),
        Environment("newest", found[minors[-1]], [*pip, "pytest-randomly"], shuffled),
        *(
            Environment("locked", found[minor], locked, [["--nbval", "notebooks"]])
            for minor in minors[1:-1]
        ),
    ]


def copy_project(folder):
    """Copy what git tracks or would track: the project as it is here, without what it ignores."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, os.fsdecode(names).split("\0")):
        if (ROOT / name).is_file():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)


def call(command, folder, venv):
    """Run a command in the project's copy, and return (ended well, all that it said)."""
    settings = dict(
        os.environ,
        VIRTUAL_ENV=str(venv),
        UV_PROJECT_ENVIRONMENT=str(venv),
        UV_PYTHON_DOWNLOADS="never",
        UV_LINK_MODE="copy",
    )
    ended = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    return ended.returncode == 0, ended.stdout


def versions(python, folder):
    """Return the versions that stand in the table."""
    code = (
        "import platform, sys; from importlib.metadata import version;"
        "print(platform.python_version(), *map(version, sys.argv[1:]))"
    )
    well, said = call([python, "-c", code, *PACKAGES], folder, folder)
    return said.split() if well else ["not installed"] * (1 + len(PACKAGES))


def attempt(environment):
    """Make the environment and run the suite in it: return its line of the table, and problems."""
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        folder, venv = Path(place, "project"), Path(place, "environment")
        copy_project(folder)
        python = program(venv, "python")
        venv_of = [UV, "venv", "--quiet", "--python", environment.python, venv]
        tests = [[python, "-m", "pytest", "-rs", *run] for run in environment.runs]
        passed, problems, notes = 0, [], []
        for command in [venv_of, [UV, *environment.install], *tests]:
            well, said = call(command, folder, venv)
            passed += sum(map(int, PASSED.findall(said.rpartition("\n=")[2])))
            notes += [line for line in said.splitlines() if line.startswith("SKIPPED")]
            if not well:
                shown = " ".join(map(str, command))
                problems.append(f"{environment.name}: {shown} failed:\n{said[-8000:]}")
                break
        what = ", ".join(" ".join(run) for run in environment.runs)
        known = versions(python, folder) if os.path.exists(python) else ["no environment"]
        line = [environment.name, *known, what, passed]
        return [*line, round(time.perf_counter() - start)], notes, problems


def main():
    found, missing = interpreters()
    for minor, reason in missing.items():
        print(f"not at hand: 3.{minor} ({reason})")
    if not found:
        return "no Python from 3.10 on was found: there is nothing to test with"
    print("environment", "Python", *PACKAGES, "pytest", "passed", "seconds", sep=" | ", flush=True)
    failures = []
    with ThreadPoolExecutor(2) as pool:
        for line, notes, problems in pool.map(attempt, plan(found)):
            print(*line, sep=" | ", flush=True)
            for note in notes:
                print(f"    {note}")
            failures += problems
    return "\n\n".join(failures) or None


if __name__ == "__main__":
    sys.exit(main())
