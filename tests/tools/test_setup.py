"""Promise: setting up says plainly what is wrong, and costs nothing the second time."""

import ast
import importlib.util
import os
import shutil
import subprocess
import sys

import pytest

from tools.notebook import ROOT


@pytest.fixture
def setup(tmp_path):
    """tools/environment.py as a module that works in an empty folder."""
    spec = importlib.util.spec_from_file_location("environment", ROOT / "tools/environment.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ROOT = str(tmp_path)
    module.VENV = str(tmp_path / ".venv")
    module.TOOLS = str(tmp_path / ".tools")
    module.WEB = str(tmp_path / ".web")
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / name).write_text("")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".web").mkdir()
    return module


def test_an_old_python_is_told_what_to_do(setup, monkeypatch):
    monkeypatch.setattr(setup.sys, "version_info", (3, 9, 2))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit) as stopped:
        setup.find_python(goal="lab")
    message = str(stopped.value)
    assert "needs Python 3.10 or newer" in message
    assert "is Python 3.9" in message
    assert "make lab PYTHON=" in message


def test_an_old_python_finds_a_newer_one(setup, monkeypatch, tmp_path):
    newer = tmp_path / "bin" / ("python3.12.exe" if os.name == "nt" else "python3.12")
    newer.parent.mkdir()
    newer.touch(mode=0o755)
    monkeypatch.setattr(setup.sys, "version_info", (3, 8))
    monkeypatch.setenv("PATH", str(newer.parent))
    assert os.path.samefile(setup.find_python(goal="test"), newer)


def test_a_python_that_is_new_enough_is_kept(setup):
    assert setup.find_python(goal="lab") == sys.executable


def test_a_failed_installation_leaves_no_stamp(setup, monkeypatch):
    monkeypatch.setattr(setup.subprocess, "call", lambda *_, **__: 1)
    monkeypatch.setattr(setup.sys, "argv", ["environment.py"])
    with pytest.raises(SystemExit):
        setup.main()
    assert not setup.up_to_date(setup.VENV)


def test_the_second_time_nothing_is_called(setup, monkeypatch):
    calls = []
    monkeypatch.setattr(setup.subprocess, "call", lambda command, **_: calls.append(command) or 0)
    monkeypatch.setattr(setup.sys, "argv", ["environment.py", "test"])
    setup.main()
    assert [command[1] for command in calls] == ["-m", "-m", "sync"]
    calls.clear()
    setup.main()
    assert calls == []


@pytest.mark.parametrize(
    ("goals", "made"),
    [
        ([], [".venv"]),
        (["lab"], [".venv"]),
        (["site"], [".web"]),
        (["test", "web"], [".venv", ".web"]),
    ],
)
def test_only_the_web_gets_the_packages_of_the_web(setup, monkeypatch, goals, made):
    environments = []

    def call(command, env=None, **_):
        if env:
            folder = os.path.basename(env["UV_PROJECT_ENVIRONMENT"])
            assert ("--all-groups" in command) == (folder == ".web")
            environments.append(folder)
        return 0

    monkeypatch.setattr(setup.subprocess, "call", call)
    monkeypatch.setattr(setup.sys, "argv", ["environment.py", *goals])
    setup.main()
    assert environments == made


@pytest.mark.parametrize("name", ["uv.lock", "pyproject.toml"])
def test_a_changed_lock_is_noticed(setup, tmp_path, name):
    stamp = os.path.join(setup.VENV, setup.STAMP)
    open(stamp, "w").close()
    assert setup.up_to_date(setup.VENV)
    later = os.path.getmtime(stamp) + 10
    os.utime(tmp_path / name, (later, later))
    assert not setup.up_to_date(setup.VENV)


def test_the_script_parses_on_an_old_python():
    """It has to run there in order to say that the Python is too old."""
    source = (ROOT / "tools" / "environment.py").read_text(encoding="utf-8")
    assert source.isascii()
    modern = (ast.JoinedStr, ast.NamedExpr, ast.Match)
    assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, modern)]


@pytest.mark.skipif(shutil.which("make") is None, reason="this machine has no make")
def test_make_alone_prints_what_there_is():
    # Within another make, it would say which folder it enters.
    own = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    make = subprocess.run(
        ["make", "-s"], cwd=ROOT, env=own, capture_output=True, text=True, check=True
    )
    shown = [line.split()[1] for line in make.stdout.splitlines()]
    phony = next(
        line
        for line in (ROOT / "Makefile").read_text().splitlines()
        if line.startswith(".PHONY: help")
    )
    assert shown == phony.split()[2:]
