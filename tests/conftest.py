"""What the rooms of tests share."""

import pytest

from tests.helpers.exercise_runs import running


@pytest.fixture(scope="session")
def namespace(tmp_path_factory):
    """A function that runs a notebook, exercises left out, and returns its names."""
    with running(tmp_path_factory.mktemp("notebooks")) as names_of:
        yield names_of
