"""Slow tests are collected everywhere; without --slow each is skipped with the command it needs."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config, items):
    if config.getoption("--slow"):
        return
    for item in items:
        if HERE in item.path.parents:
            session = item.path.relative_to(HERE).parts[0]
            item.add_marker(pytest.mark.skip(reason=f"slow: .venv/bin/nox -s {session}"))


@pytest.fixture(scope="session")
def browser():
    """Playwright's Browser, started once; without Chromium the tests fail with an instruction."""
    from tools.web.chromium import NoChromium, open_browser

    try:
        with open_browser() as started:
            yield started
    except NoChromium as problem:
        pytest.fail(str(problem))


@pytest.fixture(scope="session")
def lab():
    """A running `lab_in_chromium.Lab`, which serves a fresh copy of the notebooks."""
    from tests.helpers.lab_in_chromium import serve

    with serve() as running:
        yield running
