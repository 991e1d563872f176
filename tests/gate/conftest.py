"""What the files of the gate share: one browser and one JupyterLab for all of them."""

import sys

import pytest


@pytest.fixture(scope="session")
def browser():
    """Playwright's Browser, started once; without Chromium everything stops with an instruction."""
    # Imported here: most of the gate runs in an environment without Playwright.
    from chromium import NoChromium, open_browser

    try:
        with open_browser() as started:
            yield started
    except NoChromium as problem:
        pytest.exit(str(problem), returncode=2)


@pytest.fixture(scope="session")
def lab():
    """A running `lab_in_chromium.Lab`, which serves a fresh copy of the notebooks."""
    from lab_in_chromium import serve

    with serve() as running:
        yield running


def pytest_terminal_summary(terminalreporter):
    if chromium := sys.modules.get("chromium"):
        for folder in chromium.KEPT:
            terminalreporter.write_line(f"To look at: {folder}")
