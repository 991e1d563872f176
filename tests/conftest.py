"""What the rooms of tests share."""

from functools import cache
from pathlib import Path

import pytest

from tests.helpers.exercise_runs import running
from tools.notebook import NOTEBOOKS, NotebookError, exercises, header, read
from tools.teaching import page_of

# What is made of whole notebooks and their lecturer's pages.
WAIT = ("teaching", "lesson/checks", "tools/test_slides.py", "tools/test_handouts.py")


@cache
def unwritten():
    """Return the first notebook that is not written as the grammar asks, or ""."""
    for path in NOTEBOOKS:
        try:
            notebook = read(path)
            header(notebook), exercises(notebook)
        except NotebookError:
            return path.name
        if not all("slideshow" in c.metadata for c in notebook.cells) or not page_of(path).exists():
            return path.name
    return ""


def pytest_runtest_setup(item):
    """Spare an author a hundred failures from one fault, which tests/notebooks names."""
    name = item.path.relative_to(Path(__file__).parent).as_posix()
    if name.startswith(WAIT) and unwritten() and "has_a_page" not in item.name:
        pytest.skip(f"waits until tests/notebooks finds nothing wrong in {unwritten()}")


@pytest.fixture(scope="session")
def namespace(tmp_path_factory):
    """A function that runs a notebook, exercises left out, and returns its names."""
    with running(tmp_path_factory.mktemp("notebooks")) as names_of:
        yield names_of
