"""Promise: `make lab` opens a copy of the reader's own, which nothing that we do ever changes."""

import json
import os
import signal
import socket
import sys
import urllib.error
import urllib.request

import pytest

from tests.helpers.serving import ask, serving
from tools import handouts, lab
from tools.notebook import NOTEBOOKS, ROOT


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty place for the copy, and one notebook whose source may change."""
    monkeypatch.setattr(lab, "OWN", tmp_path / "my-notebooks")
    monkeypatch.setattr(handouts, "choose", lambda names: NOTEBOOKS[1:2])
    return tmp_path / "my-notebooks"


def publish(monkeypatch, words):
    monkeypatch.setitem(handouts.ABOUT, "reader", words)


def save(path, text):
    """Write as a reader does some time after the copy was made."""
    path.write_text(text, encoding="utf-8")
    later = path.stat().st_mtime + 60
    os.utime(path, (later, later))


def test_a_newer_edition_lies_beside_what_the_reader_has_written(home, monkeypatch, capsys):
    def opens():
        return lab.own_copy().name, capsys.readouterr().out

    first = "edition-1", "Your copy of the series is my-notebooks/edition-1.\n"
    assert opens() == first
    # Nothing has been written yet: the newer edition is the one to read.
    publish(monkeypatch, "A second edition.")
    assert opens() == ("edition-2", "Your copy of the series is my-notebooks/edition-2.\n")
    answered = home / "edition-2" / NOTEBOOKS[1].name
    save(answered, "answers")
    assert opens()[0] == "edition-2"
    publish(monkeypatch, "A third edition.")
    newer = " A newer edition, without your answers, is my-notebooks/edition-3.\n"
    for _ in range(2):
        name, words = opens()
        assert (name, answered.read_text()) == ("edition-2", "answers")
        assert words == f"Your copy of the series is my-notebooks/edition-2.{newer}"
    save(home / "edition-3" / NOTEBOOKS[1].name, "new answers")
    assert opens()[0] == "edition-3"
    assert {path.name for path in home.iterdir()} == {f"edition-{n}" for n in (1, 2, 3)}


def test_a_folder_of_the_readers_own_is_left_alone(home, capsys):
    (home / "edition-1").mkdir(parents=True)
    save(home / "edition-1" / "thesis.ipynb", "years of work")
    assert lab.own_copy().name == "edition-1"
    assert "newer edition, without your answers, is my-notebooks/edition-2" in (
        capsys.readouterr().out
    )
    assert [path.name for path in (home / "edition-1").iterdir()] == ["thesis.ipynb"]


def test_git_and_the_tests_pass_the_copy_by():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f"{lab.OWN.name}/" in ignored
    for setting in ("norecursedirs", "extend-exclude"):
        (line,) = (line for line in settings.splitlines() if line.startswith(setting))
        assert f'"{lab.OWN.name}"' in line


def test_where_nothing_can_be_written_the_reader_is_told(home):
    home.write_text("a file where the folder should be")
    with pytest.raises(SystemExit) as stop:
        lab.own_copy()
    assert f"into {home}, which cannot be written to:\n" in str(stop.value)
    assert "Put the project into a folder of your own" in str(stop.value)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to another process")
def test_make_edit_serves_the_series_on_this_machine_only_until_ctrl_c(tmp_path):
    settings = dict(os.environ, HOME=str(tmp_path), JUPYTER_RUNTIME_DIR=str(tmp_path / "runtime"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "tools.lab", "edit", f"--ServerApp.port={port}"]
        with serving(command, ROOT, settings) as (process, address, _):
            served_at, path, token = address.groups()
            assert path == f"notebooks/{NOTEBOOKS[0].name}"
            assert len(token) >= 32
            assert int(served_at) != port
            url = f"http://127.0.0.1:{served_at}/api/contents/{path}?token={token}"
            with ask(url, process) as answer:
                served = json.load(answer)
            assert served["content"]["cells"][0]["source"].startswith("# 01 · Draw the network")
            with pytest.raises(urllib.error.HTTPError, match="403"):
                urllib.request.urlopen(url.partition("?")[0])
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=30)
            assert process.returncode == 0, said
            assert "Traceback" not in said
