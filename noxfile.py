"""What needs other Pythons, a browser, or many minutes; `make test` skips it.

.venv/bin/nox --list          names the sessions
.venv/bin/nox -s packages     runs one; what follows `--` goes to it
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

from tools.environment import WEB, copy_project, program

nox.needs_version = ">=2024.10.9"
nox.options.sessions = []
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
# A Python that is not at hand is named as skipped, on GitHub, too: there, each job has one.
nox.options.error_on_missing_interpreters = False

# As in .venv: viznet warns when it is compiled, and notebook 01 would show it.
os.environ.update(UV_COMPILE_BYTECODE="1", UV_LINK_MODE="copy")

SUPPORTED = [f"3.{minor}" for minor in range(10, 15)]
LIBRARIES = nox.project.load_toml("tools/frameworks/calls.toml")["libraries"]
COMMON = ["numpy~=2.4.6", "mpmath>=1.3", "tomli>=2"]
# As in `make test`: files of tests beside each other, the cells of a notebook in order.
AT_A_TIME = ["-n", "logical", "--maxprocesses", "4", "--dist", "loadfile"]
OF_MXNET = ["3.11", "3.10", "3.9", "3.8"]


def at_hand(version):
    """Return the path of a Python that runs: on the PATH, or one of pyenv's; None without."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    # pyenv's shims stand on the PATH and do not run.
    for python in (shutil.which(f"python{version}"), *pyenv.glob(f"{version}.*/bin/python")):
        if python and not subprocess.run([python, "--version"], capture_output=True).returncode:
            return str(python)
    return None


def packages_of(version):
    """Return which packages a Python gets: the oldest, the newest, or those of the lock."""
    here = list(filter(at_hand, SUPPORTED))
    return {here[0]: "oldest", here[-1]: "newest"}.get(version, "locked")


def copied(session):
    """Return a copy of the project as it is here: the session may write into it."""
    folder = Path(session.create_tmp(), "project")
    shutil.rmtree(folder, ignore_errors=True)
    copy_project(folder)
    # Some tests ask git what belongs to the project.
    session.run("git", "init", "--quiet", str(folder), external=True)
    return folder


@nox.session
@nox.parametrize("python", [nox.param(at_hand(v) or v, id=v) for v in SUPPORTED])
def packages(session):
    """The oldest packages on the oldest Python, the newest on the newest, the lock in between."""
    kind = packages_of(session.name.partition("(")[2].rstrip(")"))
    # A lowest bound without a wheel for this Python would be compiled, or fail to.
    lowest = ["--resolution", "lowest-direct", "--only-binary", ":all:"] * (kind == "oldest")
    with session.chdir(copied(session)):
        if kind == "locked":
            place = {"UV_PROJECT_ENVIRONMENT": session.virtualenv.location}
            session.run_install("uv", "sync", "--locked", "--quiet", env=place)
        else:
            session.install("--editable", ".", "--group", "dev", *lowest)
        chosen = ["notebooks"] if kind == "locked" else session.posargs
        session.run("pytest", "--nbval", *AT_A_TIME, *chosen)
    if kind == "newest":
        session.run("pytest", "tests/slow/packages", "--slow")


def slow(session, python=sys.executable):
    """Run the folder of tests/slow that is called like the session."""
    folder = f"tests/slow/{session.name}"
    session.run(python, "-m", "pytest", folder, "--slow", *session.posargs, external=True)


def web_python(session):
    session.run(sys.executable, "tools/environment.py", "web", external=True)
    return program(WEB, "python")


@nox.session(venv_backend="none")
def browser(session):
    """JupyterLab in Chromium runs and shows every notebook and slider."""
    python = web_python(session)
    # Playwright brings node, which the sliders' arithmetic is tested in.
    session.run(python, "-m", "pytest", "tests/lesson/test_sliders.py", external=True)
    slow(session, python)


@nox.session(venv_backend="none")
def web(session):
    """The site, the slides and the print edition, built and read in Chromium."""
    python = web_python(session)
    session.run(python, "-m", "tools.web.site", external=True)
    slow(session, python)


@nox.session(venv_backend="none")
def handouts(session):
    """Every notebook for students and instructors, and nbgrader."""
    slow(session)


@nox.session(venv_backend="none")
def faults(session):
    """Run twice, from the middle; Ctrl-C."""
    slow(session)


@nox.session(venv_backend="none")
def many_machines(session):
    """Notebook 10: workers killed at random moments; twenty runs beside another cluster."""
    slow(session)


@nox.session
def mutants(session):
    """Before a release: change the taught functions and plotnet, and list what no test sees."""
    folder = copied(session)
    # mutmut wants a module where its name says.
    shutil.copytree(folder / "notebooks" / "lesson", folder / "lesson")
    session.chdir(folder)
    session.install("--editable", ".", "--group", "test", "--group", "lab", "mutmut>=3.5,<4")
    session.run("mutmut", "run", *session.posargs, success_codes=[0, 1])
    session.run("mutmut", "results")


@nox.session(venv_backend="venv")
def frameworks(session):
    """Run PyTorch, TensorFlow, Keras, JAX, ...: as recorded? (-- [--write] [LIBRARY ...])"""
    named = [word for word in session.posargs if not word.startswith("-")]
    options = [word for word in session.posargs if word.startswith("-")]
    chosen = named or [*LIBRARIES]
    ours = (LIBRARIES[name]["tried"] for name in LIBRARIES if name in chosen and name != "mxnet")
    packages = {package for tried in ours for package in tried}
    session.run("python", "-m", "pip", "install", "--quiet", *COMMON, *sorted(packages))
    environment = {"PYTHONPATH": "notebooks"}
    if "mxnet" in chosen:
        inside = Path(session.create_tmp(), "mxnet")
        if python := next(filter(None, map(at_hand, OF_MXNET)), None):
            session.run(python, "-m", "venv", str(inside), external=True)
            pip = [program(str(inside), "python"), "-m", "pip", "install", "--quiet"]
            tried = LIBRARIES["mxnet"]["tried"]
            session.run(*pip, "--only-binary", ":all:", "tomli>=2", *tried, external=True)
            environment["MXNET_PYTHON"] = pip[0]
        elif not named:
            session.warn("MXNet is NOT run: no Python 3.8 to 3.11 is at hand")
            chosen.remove("mxnet")
    session.run("python", "-m", "tools.frameworks", *options, *chosen, env=environment)
