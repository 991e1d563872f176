"""Built pages as the gate sees them: from file://, every request heard; judges yield problems."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlparse

from tests.helpers.js import js
from tools.notebook import ROOT
from tools.web.chromium import listen

BUILD = ROOT / "build"
SITE = BUILD / "site"
SLIDES = SITE / "slides"
WIDE, PHONE = {"width": 1280, "height": 720}, {"width": 390, "height": 844}
# 1366 px at 200 %.
ZOOMED = {"width": 683, "height": 384}
EXTERNAL = re.compile(r"https://[\w.-]+\.[a-z]{2,}(/\S*)?")
DOI = re.compile(r"https://doi\.org/10\.\d{4,9}/\S+")


class Page:
    """A page opened from file://, what was said about it, and every address it asked for."""

    def __init__(self, browser, path, viewport=WIDE, query=""):
        self.tab = browser.new_page(viewport=viewport)
        self.heard, self.requests = listen(self.tab), []
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.goto(Path(path).as_uri() + query)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tab.close()

    def wait_for_math(self):
        self.tab.evaluate("async () => { await window.MathJax?.startup?.promise; }")

    def problems(self):
        """Yield what went wrong while the page was loaded and used."""
        yield from self.heard
        yield from judge_hosts(self.requests)
        math = self.tab.evaluate(js("page.rawMath"))
        yield from (f"not set as a formula: {text}" for text in math)

    def weight(self):
        """Return the bytes of everything that was loaded, each file once."""
        files = {unquote(urlparse(url).path) for url in self.requests if url.startswith("file:")}
        return sum(Path(file).stat().st_size for file in files)


def judge_hosts(requests):
    for url in requests:
        if not url.startswith(("file:", "data:", "blob:")):
            yield f"asks another host: {url}"


def soup(path):
    from bs4 import BeautifulSoup

    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


@cache
def anchors(path):
    return {tag["id"] for tag in soup(path).find_all(id=True)}


def judge_links(page, folder):
    """Yield the links of a built page that lead nowhere, and external ones that are malformed."""
    for tag in soup(page).find_all(True):
        for name in ("href", "src", "srcset"):
            if link := tag.get(name):
                yield from judge_link(link, page, folder)


def judge_link(link, page, folder):
    place = urlparse(link)
    if place.scheme == "data":
        return
    if place.scheme or place.netloc:
        if not EXTERNAL.fullmatch(link):
            yield f"{page.name}: {link} is no https address"
        elif "doi.org" in place.netloc and not DOI.fullmatch(link):
            yield f"{page.name}: {link} is no DOI"
        return
    target = (page.parent / unquote(place.path)).resolve() if place.path else page
    if not target.is_relative_to(folder.resolve()):
        yield f"{page.name}: {link} leaves the site"
    elif not target.is_file():
        yield f"{page.name}: {link} leads to no file"
    elif place.fragment and place.fragment not in anchors(target):
        yield f"{page.name}: {link} leads to no place in {target.name}"
