"""Headless Chromium for the gate: find it, start it, hear what goes wrong in a page, ask axe-core.

What every test in a browser shares; nothing here knows JupyterLab, the site or the slides.
"""

import os
import shutil
from contextlib import contextmanager

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
def open_browser(*flags):
    """Yield Playwright's Browser: make pages of it with `browser.new_page(viewport=...)`."""
    # Imported here: the main environment collects the tests without Playwright.
    from playwright.sync_api import sync_playwright

    program = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])
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


def violations(page, within=None, targets=False):
    """Return axe-core's grave violations in `page`: (rule, selector, what and why) of each element.

    `within` is a CSS selector of the part to look at, by default the whole page: axe-core raises
    an error where it matches nothing. `targets` asks for targets
    of 24 px, too.
    """
    from axe_playwright_python.sync_playwright import Axe

    found, options = [], {"rules": {"target-size": {"enabled": True}}} if targets else None
    for rule in Axe().run(page, context=within, options=options).response["violations"]:
        for node in (node for node in rule["nodes"] if node["impact"] in GRAVE):
            selector = " ".join(map(str, node["target"]))
            why = " ".join(check["message"] for check in node["any"] + node["all"] + node["none"])
            says = f"{rule['id']} at {selector}: {node['html'][:200]} -- {why}"
            found.append((rule["id"], selector, says))
    return found
