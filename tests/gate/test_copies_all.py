"""Promise: every notebook of both copies runs, unanswered or praised by every check."""

import pytest
from series import NOTEBOOKS
from test_copies import assert_praised, assert_runs_unanswered, copies

by_name = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("copies for a class")
    for kind in ("student", "instructor"):
        copies.main([kind, "--output", str(folder / kind)])
    return folder


@by_name
def test_the_student_copy_runs_unanswered(path, made):
    assert_runs_unanswered(made / "student" / path.name)


@by_name
def test_the_instructor_copy_passes_every_check(path, made):
    assert_praised(made / "instructor" / path.name)
