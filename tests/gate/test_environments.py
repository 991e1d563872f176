"""Promise: `make environments` says which Pythons it did not find, and tries what it has."""

import os
import sys

import pytest
from series import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

import environments


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without any Python: return a function that puts a program into its PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("HOME", str(tmp_path))

    def add(name, script):
        place = tmp_path / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"#!/bin/sh\n{script}\n")
        place.chmod(0o755)
        return str(place)

    return add


@pytest.mark.skipif(os.name == "nt", reason="the programs of this test are shell scripts")
def test_a_python_that_is_missing_is_reported(machine, capsys):
    shim = machine("python3.11", "exit 127")
    found, missing = environments.interpreters()
    assert found == {}
    assert missing[11] == f"{shim} does not run"
    assert missing[10] == "neither on the PATH nor with pyenv"
    assert environments.main() == "no Python from 3.10 on was found: there is nothing to test with"
    said = capsys.readouterr().out
    assert f"not at hand: 3.11 ({shim} does not run)\n" in said
    assert "not at hand: 3.14 (neither on the PATH nor with pyenv)\n" in said


@pytest.mark.skipif(os.name == "nt", reason="the programs of this test are shell scripts")
def test_a_shim_does_not_hide_the_python_of_pyenv(machine):
    machine("python3.12", "exit 127")
    real = machine("pyenv/versions/3.12.1/bin/python3.12", "echo Python 3.12.1")
    assert environments.interpreters()[0] == {12: real}


def test_one_python_tries_the_oldest_and_the_newest_packages():
    tried = environments.plan({11: "python3.11"})
    assert [(each.name, each.python) for each in tried] == [
        ("oldest", "python3.11"),
        ("newest", "python3.11"),
    ]


def test_every_python_in_between_runs_the_locked_versions():
    tried = environments.plan({minor: f"python3.{minor}" for minor in (13, 10, 12, 11)})
    assert [(each.name, each.python) for each in tried] == [
        ("oldest", "python3.10"),
        ("newest", "python3.13"),
        ("locked", "python3.11"),
        ("locked", "python3.12"),
    ]


def test_a_failing_suite_fails_and_is_shown(monkeypatch, capsys):
    monkeypatch.setattr(environments, "interpreters", lambda: ({11: sys.executable}, {}))
    broken = environments.Environment("oldest", sys.executable, ["no-such-command"], [["--nbval"]])
    monkeypatch.setattr(environments, "plan", lambda found: [broken])
    problem = environments.main()
    assert problem.startswith("oldest: ")
    assert "no-such-command" in problem
    assert "oldest | not installed" in capsys.readouterr().out
