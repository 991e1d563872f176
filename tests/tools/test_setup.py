"""Promise: setting up says plainly what is wrong, and costs nothing the second time."""

import ast
import importlib.util
import os
import shutil
import sys

import pytest

from tests.helpers.project import run
from tools.notebook import ROOT


@pytest.fixture
def setup(tmp_path, monkeypatch):
    """tools/environment.py as a module that works in an empty folder and calls no program."""
    spec = importlib.util.spec_from_file_location("environment", ROOT / "tools/environment.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ROOT = str(tmp_path)
    for name in ("VENV", "TOOLS", "WEB", "LITE"):
        setattr(module, name, str(tmp_path / f".{name.lower()}"))
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / name).write_text("")
    module.called = []

    def call(command, env=None, **_):
        """Make an environment as uv does."""
        module.called.append(command)
        if env:
            os.mkdir(env["UV_PROJECT_ENVIRONMENT"])
            open(os.path.join(env["UV_PROJECT_ENVIRONMENT"], "pyvenv.cfg"), "w").close()
        return 0

    def make(*goals):
        """Return the commands that these goals call."""
        monkeypatch.setattr(sys, "argv", ["environment.py", *goals])
        module.called.clear()
        module.main()
        return list(module.called)

    module.make_goals = make
    monkeypatch.delenv(module.NAMED, raising=False)
    monkeypatch.setattr(module.subprocess, "call", call)
    return module


def test_an_old_python_finds_a_newer_one_or_is_told_what_to_do(setup, monkeypatch, tmp_path):
    monkeypatch.setattr(setup.sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"(?s)needs Python 3\.10 or newer.*make lab PYTHON="):
        setup.find_python(goal="lab")
    newer = tmp_path / ("python3.12.exe" if os.name == "nt" else "python3.12")
    newer.touch(mode=0o755)
    assert os.path.samefile(setup.find_python(goal="lab"), newer)


@pytest.mark.parametrize(
    ("goals", "made"),
    [
        ([], [".venv"]),
        (["lab"], [".venv"]),
        (["site"], [".web"]),
        (["test", "web"], [".venv", ".web"]),
        (["lite"], [".lite"]),
        (["lock"], []),
    ],
)
def test_only_the_web_gets_the_packages_of_the_web(setup, goals, made):
    syncs = [command for command in setup.make_goals(*goals) if "sync" in command]
    assert ["--all-groups" in command for command in syncs] == [name == ".web" for name in made]
    assert all(os.path.exists(os.path.join(setup.ROOT, name, setup.STAMP)) for name in made)


@pytest.mark.parametrize("changed", ["uv.lock", "pyproject.toml", None])
def test_nothing_is_called_again_until_the_lock_changes(setup, changed):
    assert setup.make_goals("test")
    assert setup.make_goals("test") == []
    if changed:
        later = os.path.getmtime(os.path.join(setup.VENV, setup.STAMP)) + 10
        os.utime(os.path.join(setup.ROOT, changed), (later, later))
        assert not setup.up_to_date(setup.VENV)


def test_a_python_that_is_named_is_heeded(setup, monkeypatch):
    """`make test PYTHON=…` is another environment, unless that one is made with it already."""
    setup.make_goals("test")
    monkeypatch.setenv(setup.NAMED, "command line")
    assert setup.up_to_date(setup.VENV)
    monkeypatch.setattr(setup.sys, "version", "3.99.0 (another)")
    assert not setup.up_to_date(setup.VENV)
    monkeypatch.delenv(setup.NAMED)
    assert setup.up_to_date(setup.VENV)


@pytest.mark.parametrize("left", [[], ["pyvenv.cfg"], ["matches-the-lock"]])
def test_a_half_made_environment_is_made_anew(setup, left):
    """Without its pyvenv.cfg, uv took the link to a Python for the environment, and changed it."""
    os.makedirs(os.path.join(setup.VENV, "bin"))
    for name in left:
        open(os.path.join(setup.VENV, name), "w").close()
    if "matches-the-lock" in left:
        os.utime(os.path.join(setup.VENV, "matches-the-lock"), (0, 0))
    setup.make_goals("test")
    assert not os.path.exists(os.path.join(setup.VENV, "bin"))


def test_a_failed_installation_leaves_no_stamp(setup, monkeypatch):
    monkeypatch.setattr(setup.subprocess, "call", lambda *_, **__: 1)
    with pytest.raises(SystemExit):
        setup.make_goals("test")
    assert not setup.up_to_date(setup.VENV)


def test_the_script_parses_on_an_old_python():
    """It has to run there in order to say that the Python is too old."""
    source = (ROOT / "tools" / "environment.py").read_text(encoding="ascii")
    modern = (ast.JoinedStr, ast.NamedExpr, ast.Match)
    assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, modern)]


@pytest.mark.skipif(shutil.which("make") is None, reason="this machine has no make")
def test_make_alone_prints_what_there_is():
    # Within another make, it would say which folder it enters.
    own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    code, said = run(["make", "-s"], env=own)
    (phony,) = (line for line in (ROOT / "Makefile").read_text().splitlines() if ": help" in line)
    assert (code, [line.split()[1] for line in said.splitlines()]) == (0, phony.split()[2:])


@pytest.mark.skipif(shutil.which("make") is None, reason="this machine has no make")
@pytest.mark.parametrize(("named", "heard"), [([], ""), (["PYTHON=echo"], "command line")])
def test_make_says_whether_the_python_is_named(named, heard):
    """GNU make prints what it would call."""
    own = {name: v for name, v in os.environ.items() if name not in ("PYTHON", "MAKEFLAGS")}
    _, said = run(["make", "-n", ".environment", *named], env=own)
    assert f'PYTHON_IS_NAMED="{heard}"' in said
