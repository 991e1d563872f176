"""What the files of the gate share: one browser for all of them."""

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
