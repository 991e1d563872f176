"""Run a command, or pytest in a copy of the project."""

import os
import subprocess
import sys

import pytest

from tools.notebook import ROOT


def none_of(problems):
    """Fail with all problems, each on a line of its own: what an author reads first."""
    if problems := list(problems):
        pytest.fail("\n".join(map(str, problems)), pytrace=False)


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
