"""A copy of the project for a test that runs or damages it."""

import os
import shutil
import subprocess
import sys

from tools.notebook import ROOT


def copy_project(folder):
    """Copy what git tracks or would track: the project as it is here, without what it ignores."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, os.fsdecode(names).split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def run(command, cwd=ROOT, env=None, **settings):
    """Run a command to its end: return its exit code and all that it said."""
    ended = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="backslashreplace",
        **settings,
    )
    return ended.returncode, ended.stdout


def nbval(folder, *options):
    """Run pytest --nbval in a copy of the project: return its exit code and what it said."""
    command = [sys.executable, "-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider"]
    # The plotnet and the lesson of the copy, not of this environment.
    places = os.pathsep.join([str(folder), str(folder / "notebooks")])
    return run([*command, *options], folder, {**os.environ, "PYTHONPATH": places})
