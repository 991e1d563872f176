"""Promise: the browser edition holds the files that we accept, or says which one is missing."""

import shutil

import pytest

from tools.notebook import LESSON
from tools.web import lite


@pytest.fixture
def there(tmp_path, monkeypatch):
    """An official distribution of two files, and an empty place for what is fetched from it."""
    folder = tmp_path / "official"
    folder.mkdir()
    for name in ("a.wasm", "b.whl"):
        (folder / name).write_text(name)
    hashes = {path.name: lite.sha256(path.read_bytes()) for path in folder.iterdir()}
    monkeypatch.setattr(lite, "ACCEPTED", {"address": f"{folder.as_uri()}/", "sha256": hashes})
    monkeypatch.setattr(lite, "FETCHED", tmp_path / "fetched")
    monkeypatch.delenv("PYODIDE_FILES", raising=False)
    return folder


def test_files_are_fetched_once_and_only_when_asked_for(there):
    assert lite.pyodide(asked=False) is None and not lite.FETCHED.exists()
    assert lite.pyodide(asked=True) == lite.FETCHED
    shutil.rmtree(there)
    assert lite.pyodide(asked=False) == lite.FETCHED
    assert {path.name for path in lite.FETCHED.iterdir()} == {"a.wasm", "b.whl"}


def test_a_named_folder_is_used_as_it_is(there, monkeypatch):
    monkeypatch.setenv("PYODIDE_FILES", str(there))
    assert lite.pyodide(asked=False) == there and not lite.FETCHED.exists()


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("content", [None, "other"])
def test_a_missing_or_another_file_is_named_and_never_kept(there, monkeypatch, named, content):
    if named:
        monkeypatch.setenv("PYODIDE_FILES", str(there))
    (there / "b.whl").unlink() if content is None else (there / "b.whl").write_text(content)
    says = "No such file" if content is None else "pyodide.json accepts [0-9a-f]{64}"
    with pytest.raises(lite.BrowserError, match=rf"b\.whl: .*{says}"):
        lite.pyodide(asked=True)
    assert not list(lite.FETCHED.glob("*b.whl"))


def test_a_wheel_of_ours_is_the_same_bytes_each_time(tmp_path):
    shutil.copytree(LESSON, tmp_path / "lesson", ignore=shutil.ignore_patterns("__pycache__"))
    first, second = (lite.add_wheel(tmp_path, "lesson", tmp_path) for _ in range(2))
    assert first == second and first["imports"] == ["lesson"]
    with lite.ZipFile(tmp_path / first["file_name"]) as wheel:
        assert "lesson/data/recorded.json" in wheel.namelist()


@pytest.mark.parametrize("text", ["", "old old"])
def test_what_we_change_is_there_once(text):
    assert lite.changed("an old line", [("old", "new")], "f.js") == "an new line"
    with pytest.raises(lite.BrowserError, match=r"'old' is there \d times, not once"):
        lite.changed(text, [("old", "new")], "f.js")
