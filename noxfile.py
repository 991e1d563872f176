"""What needs other Pythons, a browser, or many minutes; `make test` skips it.

.venv/bin/nox --list          names the sessions
.venv/bin/nox -s packages     runs one; what follows `--` goes to it
"""

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

SUPPORTED = [f"3.{minor}" for minor in range(10, 15)]
# MXNet 1.9.1 was its last release, and imports names that numpy 1.24 removed.
MXNET, OF_MXNET = ["mxnet==1.9.1", "numpy==1.23.5"], ["3.11", "3.10", "3.9", "3.8"]


def at_hand(version):
    """Return the path of a Python that runs: on the PATH, or one of pyenv's; None without."""
    pyenv = Path.home() / ".pyenv" / "versions"
    # pyenv's shims stand on the PATH and do not run.
    for python in (shutil.which(f"python{version}"), *pyenv.glob(f"{version}.*/bin/python")):
        if python and not subprocess.run([python, "--version"], capture_output=True).returncode:
            return str(python)
    return None


def packages_of(version):
    """Return which packages a Python gets: the oldest, the newest, or those of the lock."""
    here = list(filter(at_hand, SUPPORTED))
    return {here[0]: "oldest", here[-1]: "newest"}.get(version, "locked")


def copied(session, name="project"):
    """Return a copy of the project as it is here: the session may write into it."""
    folder = Path(session.create_tmp(), name)
    shutil.rmtree(folder, ignore_errors=True)
    return copy_project(folder)


@nox.session
@nox.parametrize("python", [nox.param(at_hand(v) or v, id=v) for v in SUPPORTED])
def packages(session):
    """The oldest packages on the oldest Python, the newest on the newest, the lock in between."""
    kind = packages_of(session.name.partition("(")[2].rstrip(")"))
    session.chdir(copied(session))
    if kind == "locked":
        place = {"UV_PROJECT_ENVIRONMENT": session.virtualenv.location}
        session.run_install("uv", "sync", "--locked", "--quiet", env=place)
        session.run("pytest", "--nbval", "notebooks")
        return
    # A lowest bound without a wheel for this Python would be compiled, or fail to.
    lowest = ["--resolution", "lowest-direct", "--only-binary", ":all:"]
    session.install("--editable", ".", "--group", "dev", *(lowest if kind == "oldest" else []))
    session.run("pytest", "--nbval", *session.posargs)
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
    slow(session, web_python(session))


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
    """Run twice, from the middle, on a full disk; Ctrl-C."""
    slow(session)


@nox.session
def mutants(session):
    """Before a release: change the taught functions and plotnet, and list what no test sees."""
    folder = copied(session)
    # mutmut wants a module where its name says.
    shutil.copytree(folder / "notebooks" / "lesson", folder / "lesson")
    session.chdir(folder)
    session.install("--editable", ".", "--group", "test", "--group", "lab", "mutmut>=3.3,<4")
    session.run("mutmut", "run", *session.posargs, success_codes=[0, 1])
    session.run("mutmut", "results")


@nox.session(python=next(filter(at_hand, OF_MXNET), OF_MXNET[0]))
def mxnet(session):
    """The real MXNet gives what is recorded of it; `-- --write` records it anew."""
    session.install("--only-binary", ":all:", *MXNET)
    # MXNet's default kernels depend on the processor.
    native = {"MXNET_MKLDNN_ENABLED": "0", "MXNET_STORAGE_FALLBACK_LOG_VERBOSE": "0"}
    session.run("python", "-m", "tools.mxnet_recorder", *session.posargs, env=native)
