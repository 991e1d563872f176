"""Make .venv hold exactly what uv.lock says, .web for the site, .lite, or the lock; called by make.

Written for any Python 3, so that one that is too old can still say what to do.
"""

import os
import shutil
import subprocess
import sys

OLDEST = (3, 10)
NEWER = ["python3.%d" % minor for minor in range(14, OLDEST[1] - 1, -1)]
UV = "uv>=0.11,<1"
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
WEB = os.path.join(ROOT, ".web")
# JupyterLite, which builds the browser edition, wants older widgets than ours.
LITE = os.path.join(ROOT, ".lite")
# The site and the browser need large packages that no student should wait for.
WEB_GOALS = ("site", "web")
TOOLS = os.path.join(ROOT, ".tools")
STAMP = "matches-the-lock"
# Set where somebody has named the Python: make says so.
NAMED = "PYTHON_IS_NAMED"

TOO_OLD = """
This project needs Python 3.10 or newer; {found} is Python {version}, and none of
{newer} is on the PATH.
Install a newer Python (python.org, your system's packages, pyenv or conda), then name it:
    make {goal} PYTHON=/path/to/python3.12
"""
NO_VENV = """
{python} cannot make a virtual environment (see the error above).
On Debian and Ubuntu the missing part is one package:
    apt install python3-venv
"""
NO_INSTALL = """
The environment could not be installed (see the error above).
If the lockfile needs to be updated, pyproject.toml has changed: run `make lock`, and commit
uv.lock with it. Else check the network connection, then repeat the command: what has been
downloaded is kept.
"""
STOPPED = """
Stopped before the environment was complete. Repeat the command to complete it.
"""


def stop(message, **names):
    sys.exit(message.format(**names).strip())


def find_python(goal):
    """This interpreter if it is new enough, else the newest one on the PATH."""
    if sys.version_info >= OLDEST:
        return sys.executable
    for name in NEWER:
        if shutil.which(name):
            return shutil.which(name)
    version = "%d.%d" % sys.version_info[:2]
    stop(TOO_OLD, found=sys.executable, version=version, newer=", ".join(NEWER), goal=goal)


def program(environment, name):
    folder = "Scripts" if os.name == "nt" else "bin"
    return os.path.join(environment, folder, name)


def find_uv(python):
    """uv in an environment of its own: `uv sync` would remove it from .venv."""
    uv = program(TOOLS, "uv")
    if subprocess.call([python, "-m", "venv", TOOLS]):
        shutil.rmtree(TOOLS, ignore_errors=True)
        stop(NO_VENV, python=python)
    pip = [program(TOOLS, "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    if subprocess.call([*pip, "install", UV]):
        stop(NO_INSTALL)
    return uv


def up_to_date(environment):
    """Whether the environment is younger than the lock, and of the Python that was asked for."""
    stamp = os.path.join(environment, STAMP)
    sources = [os.path.join(ROOT, name) for name in ("uv.lock", "pyproject.toml")]
    if not os.path.exists(stamp):
        return False
    if any(os.path.getmtime(stamp) < os.path.getmtime(source) for source in sources):
        return False
    # `make PYTHON=...` asks for one; without it, the one that is there will do.
    if not os.environ.get(NAMED):
        return True
    with open(stamp) as made_with:
        return made_with.read() == identity()


def copy_project(folder):
    """Copy what git tracks or would track: the project as it is here, without what it ignores."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in os.fsdecode(subprocess.check_output(listed, cwd=ROOT)).split("\0"):
        if os.path.isfile(os.path.join(ROOT, name)):
            target = os.path.join(str(folder), name)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy2(os.path.join(ROOT, name), target)
    return folder


def identity():
    """This interpreter, whatever link, shim or environment led to it, and its version."""
    return "%s %s" % (getattr(sys, "_base_executable", sys.executable), sys.version)


def clear_half_made(environment):
    """Remove an environment that was never completed.

    It may have a link to a Python and not yet the pyvenv.cfg that makes it an environment: uv
    would then install into that Python, which is the user's own.
    """
    if not all(os.path.exists(os.path.join(environment, n)) for n in (STAMP, "pyvenv.cfg")):
        shutil.rmtree(environment, ignore_errors=True)


def link_mode():
    """Links from uv's cache save copying 700 MB; on two file systems uv would warn of them."""
    home = os.path.expanduser("~")
    same = os.path.exists(home) and os.stat(home).st_dev == os.stat(ROOT).st_dev
    return "hardlink" if same else "copy"


def make(environment, goal, groups):
    if up_to_date(environment):
        return
    clear_half_made(environment)
    python = find_python(goal)
    name = os.path.basename(environment)
    print("Making the environment in %s (once; a minute at most) ..." % name, flush=True)
    settings = dict(
        os.environ,
        UV_LINK_MODE=link_mode(),
        UV_PYTHON_DOWNLOADS="never",
        UV_COMPILE_BYTECODE="1",
        UV_PROJECT_ENVIRONMENT=environment,
    )
    settings.pop("VIRTUAL_ENV", None)
    sync = [find_uv(python), "sync", "--locked", "--python", python, *groups]
    if subprocess.call(sync, cwd=ROOT, env=settings):
        stop(NO_INSTALL)
    with open(os.path.join(environment, STAMP), "w") as stamp:
        stamp.write(identity())


def main():
    for goal in sys.argv[1:] or ["lab"]:
        if goal == "lock":
            python = find_python(goal)
            if subprocess.call([find_uv(python), "lock", "--python", python], cwd=ROOT):
                stop(NO_INSTALL)
        elif goal in WEB_GOALS:
            make(WEB, goal, ["--all-groups", "--no-group", "lite"])
        elif goal == "lite":
            make(LITE, goal, ["--only-group", "lite"])
        else:
            make(VENV, goal, [])


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        stop(STOPPED)
