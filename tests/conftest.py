"""What the rooms of tests share."""

from functools import cache
from pathlib import Path

import pytest

from tests.helpers.exercise_runs import running
from tools.notebook import NOTEBOOKS, NotebookError, exercises, header, read, unrecorded
from tools.teaching import notes, page_of

# What is made of whole notebooks, and what is made of their lecturer's pages, too.
OF_NOTEBOOKS = ("teaching", "lesson/checks", "tools/test_slides.py", "tools/test_handouts.py")
OF_PAGES = ("tools/test_slides.py",)


@cache
def unwritten(with_pages):
    """Return the first notebook, or page, that is not written as the grammar asks; or ""."""
    for path in NOTEBOOKS:
        try:
            notebook = read(path)
            header(notebook), exercises(notebook)
            if new := unrecorded(notebook):
                return f"{path.name}: {new}"
            if with_pages and page_of(path).exists():
                notes(path, notebook)
        except NotebookError as problem:
            return f"{path.name}: {problem}".splitlines()[0]
        if not page_of(path).exists():
            return f"{path.name}: it has no page in teaching/"
    return ""


def pytest_runtest_setup(item):
    """Spare an author a hundred failures from one fault, which another test names."""
    name = item.path.relative_to(Path(__file__).parent).as_posix()
    waits = name.startswith(OF_NOTEBOOKS) and "has_a_page" not in item.name
    if waits and (problem := unwritten(name.startswith(OF_PAGES))):
        pytest.skip(f"waits for another test that fails: {problem}")


@pytest.fixture(scope="session")
def namespace(tmp_path_factory):
    """A function that runs a notebook, exercises left out, and returns its names."""
    with running(tmp_path_factory.mktemp("notebooks")) as names_of:
        yield names_of
