"""Headless Chromium for the gate: find it, start it, hear what goes wrong in a page, ask axe-core.

What every test in a browser shares; nothing here knows JupyterLab, the site or the slides.
"""

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tools.notebook import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome")
NOT_FOUND = """
No Chromium found: {named}.
Install it, then repeat:
    apt install chromium
or name it: CHROMIUM=/path/to/chromium make site"""
# The sandbox does not work for root; the pages are ours. The rest keeps Chromium off the network.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Milliseconds for whatever a page is asked to do: a busy machine is slow, not broken.
PATIENCE = 120_000
GRAVE = ("serious", "critical")
# The folders of this run that a person may want to look at; named at its end.
KEPT = []


class NoChromium(Exception):
    """No browser on this machine; the message says what to install."""


def find_chromium():
    """Return the program that $CHROMIUM names, else the first of `NAMES` on the PATH."""
    if named := os.environ.get("CHROMIUM"):
        if found := shutil.which(named):
            return found
        raise NoChromium(NOT_FOUND.format(named=f"CHROMIUM={named} is not a program"))
    for name in NAMES:
        if found := shutil.which(name):
            return found
    raise NoChromium(NOT_FOUND.format(named=f"none of {', '.join(NAMES)} is on the PATH"))


@contextmanager
def open_browser():
    """Yield Playwright's Browser: make pages of it with `browser.new_page(viewport=...)`."""
    # Imported here: the main environment collects the tests without Playwright.
    from playwright.sync_api import sync_playwright

    program = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def listen(page):
    """Return a list that fills with what goes wrong in `page` from now on, a sentence each.

    Console errors, uncaught exceptions, requests that fail or are answered with 400 and above.
    Call it before `page.goto`; an empty list at the end means that nothing was said.
    """
    page.set_default_timeout(PATIENCE)
    heard = []

    def console(message):
        if message.type == "error":
            heard.append(f"console error: {message.text} ({message.location['url']})")

    def answer(response):
        if response.status >= 400:
            heard.append(f"answer {response.status}: {response.request.method} {response.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: heard.append(f"uncaught: {error}"))
    page.on("requestfailed", lambda r: heard.append(f"failed: {r.method} {r.url} ({r.failure})"))
    page.on("response", answer)
    return heard


class Violation(NamedTuple):
    """One element that breaks one of axe-core's rules."""

    rule: str
    impact: str
    selector: str
    html: str
    why: str

    def __str__(self):
        return f"{self.rule} ({self.impact}) at {self.selector}: {self.html[:200]} -- {self.why}"


def violations(page, within=None, impacts=GRAVE):
    """Return axe-core's violations in `page`, one per element, the grave ones unless told.

    Parameters
    ----------
    page : playwright.sync_api.Page
    within : str or list, optional
        CSS selector of the part to look at; axe-core's `context`. The whole page by default.
        Check first that it matches something: axe-core raises an error where it does not.
    impacts : collection of str
        Of axe-core's minor, moderate, serious and critical.

    Returns
    -------
    list of Violation
    """
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=within).response["violations"]
    return [
        Violation(
            rule["id"],
            node["impact"],
            " ".join(str(part) for part in node["target"]),
            node["html"],
            " ".join(check["message"] for check in node["any"] + node["all"] + node["none"]),
        )
        for rule in found
        for node in rule["nodes"]
        if node["impact"] in impacts
    ]


def artefacts(name):
    """Return the emptied folder `name` for what a person may want to look at afterwards.

    It lies in $ARTEFACTS, or in `artefacts` at the root of the repository.
    """
    folder = Path(os.environ.get("ARTEFACTS") or "artefacts")
    folder = ROOT / folder / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    KEPT.append(folder)
    return folder
