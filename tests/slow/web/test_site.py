"""Promise: the site is the notebooks, works offline and on a phone, and shuts nobody out."""

import re
from xml.etree import ElementTree

import pytest

from tests.helpers.web import PHONE, SITE, WIDE, Page, judge_hosts, judge_link, judge_links, soup
from tools.notebook import NOTEBOOKS, ROOT, read, text_cells
from tools.web import assets
from tools.web import site as build_site
from tools.web.chromium import violations
from tools.web.glossary import NO_TERMS

HEAVIEST = 3_000_000
# The pages that Sphinx makes by itself, those of docs/, and the notebooks.
NAMES = ["search", *(path.stem for path in (ROOT / "docs").glob("*.md"))]
NAMES += [path.stem for path in NOTEBOOKS]
PAGES = sorted(SITE / f"{name}.html" for name in NAMES)
LESSONS = [SITE / f"{path.stem}.html" for path in NOTEBOOKS]
each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
each_lesson = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
PAGE_WIDTH = "() => document.documentElement.scrollWidth"
PAPER = """() => [...document.querySelectorAll('.cell_output img, img.story')].map(
    image => [image.complete && image.naturalWidth > 0, getComputedStyle(image).backgroundColor])"""


def page_of(path):
    return SITE / f"{path.stem}.html"


def test_every_notebook_has_its_page():
    assert set(LESSONS) <= set(PAGES)
    assert {"index", "notation", "references", "search"} <= {path.stem for path in PAGES}


@each_page
def test_page(browser, path):
    """Nothing fails, nothing is asked of another host, nothing overflows or shuts somebody out."""
    found = []
    for viewport in (WIDE, PHONE):
        with Page(browser, path, viewport) as page:
            page.wait_for_math()
            # Before axe-core is asked: it reads style sheets in a way that file:// forbids.
            found += page.problems()
            for scheme in ("light", "dark"):
                page.tab.emulate_media(color_scheme=scheme)
                where = f"{viewport['width']} px, {scheme}"
                found += [f"{where}: {violation}" for violation in violations(page.tab)]
                images = page.tab.evaluate(PAPER)
                assert all(image == [True, "rgb(255, 255, 255)"] for image in images), where
            width = page.tab.evaluate(PAGE_WIDTH)
            if width > viewport["width"]:
                found.append(f"{viewport['width']} px: the page is {width} px wide")
    assert not found, "\n".join(found)


@each_lesson
def test_weight(browser, path):
    with Page(browser, page_of(path)) as page:
        page.wait_for_math()
        # A page weighs at least its own file: the measure itself works.
        assert page_of(path).stat().st_size < page.weight() < HEAVIEST


@each_page
def test_links(path):
    found = list(judge_links(path, SITE))
    assert not found, "\n".join(found)


@each_lesson
def test_outputs_and_figures_are_the_stored_ones(path):
    page = soup(page_of(path))
    stored = [
        cell.metadata["mystnb"]["image"]["alt"]
        for cell in read(path).cells
        if "mystnb" in cell.metadata
    ]
    assert [image.get("alt") for image in page.select(".cell_output img")] == stored
    text = re.sub(r"\s+", "", page.get_text())
    for cell in read(path).cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            # Tables, figures and sliders are shown as such, not as their text.
            if not {"text/markdown", "text/html", "image/png"} & set(data):
                shown = output.get("text", "") or data.get("text/plain", "")
                assert re.sub(r"\s+", "", shown) in text, cell.id


@each_lesson
def test_printed_tables_are_tables(path):
    """A table that a cell prints is Markdown; it must not arrive as a row of bars."""
    shown = [
        [cell.get_text().strip() for cell in table.select("th, td")]
        for table in soup(page_of(path)).select(".cell_output table")
    ]
    stored = []
    for cell in read(path).cells:
        for output in cell.get("outputs", []):
            lines = output.get("data", {}).get("text/markdown", "").splitlines()
            rows = [line.strip("|").split("|") for line in lines if "---" not in line]
            stored.append([plain(entry).replace("'", "’") for row in rows for entry in row])
    assert shown == [table for table in stored if table]


@each_lesson
def test_previous_and_next(path):
    page, position = soup(page_of(path)), NOTEBOOKS.index(path)
    before = f"{NOTEBOOKS[position - 1].stem}.html" if position else "index.html"
    assert page.select_one("a.prev-page")["href"].removesuffix("#") in (before, "")
    if position + 1 < len(NOTEBOOKS):
        assert page.select_one("a.next-page")["href"] == f"{NOTEBOOKS[position + 1].stem}.html"
    targets = {link["href"] for link in page.select("article a[href]")}
    assert "index.html#the-notebooks" in targets
    assert not [target for target in targets if target.endswith(".ipynb")]


def test_hints_open(browser):
    with Page(browser, LESSONS[0], PHONE) as page:
        hint = page.tab.locator("details").first
        inside = hint.locator("p").first
        assert not inside.is_visible()
        hint.locator("summary").click()
        assert inside.is_visible()


@pytest.mark.parametrize("word", ["logsumexp", "bisection"])
def test_search_works_from_file(browser, word):
    with Page(browser, SITE / "search.html", query=f"?q={word}") as page:
        page.tab.wait_for_selector("#search-results ul.search li a")
        page.tab.wait_for_function("() => !document.querySelector('#search-progress')?.innerText")
        links = page.tab.eval_on_selector_all(
            "#search-results li a", "links => links.map(link => link.getAttribute('href'))"
        )
        holds = {path.stem for path in NOTEBOOKS if word in path.read_text(encoding="utf-8")}
        assert holds & {re.split(r"\.html", link)[0] for link in links}
        assert not list(page.problems())


def test_search_finds_nothing_where_nothing_is(browser):
    with Page(browser, SITE / "search.html", query="?q=zzyzx") as page:
        page.tab.wait_for_selector("text=did not match any documents")
        assert page.tab.locator("#search-results li").count() == 0


def plain(markdown):
    """Return a line of Markdown as the page's source shows it: formulas in \\(…\\), no marks."""
    return re.sub(r"[`*]", "", re.sub(r"\$([^$]+)\$", r"\\(\1\\)", markdown)).strip()


def test_notation_is_the_table_of_notebook_01():
    (cell,) = (c for c in text_cells(read(NOTEBOOKS[0])) if c.source.startswith("## Notation"))
    lines = [line.strip("|") for line in cell.source.splitlines() if line.startswith("|")]
    expected = [[plain(part) for part in line.split("|")] for line in lines if "---" not in line]
    table = soup(SITE / "notation.html").select_one("table")
    shown = [[c.get_text().strip() for c in row.select("th, td")] for row in table.select("tr")]
    assert shown == expected


def bold_terms(path):
    """The terms of a notebook, from its page: bold words outside tables, code left out."""
    for strong in soup(page_of(path)).select("article strong"):
        text = strong.get_text()
        elsewhere = strong.select("code") or strong.find_parents("table")
        if not elsewhere and re.fullmatch(r"[A-Za-z][\w –-]*", text):
            yield text


def test_glossary_holds_every_term_where_it_is_bold():
    expected = {term for path in NOTEBOOKS for term in bold_terms(path)} - NO_TERMS
    page = soup(SITE / "notation.html")
    entries = list(zip(page.select("dl dt"), page.select("dl dd"), strict=True))
    assert {term.get_text() for term, _ in entries} == expected
    for term, says in entries:
        assert term.get_text() in [strong.get_text() for strong in says.select("strong")]
        target, _, anchor = says.select("a")[-1]["href"].partition("#")
        section = soup(SITE / target).find(id=anchor)
        assert term.get_text() in [strong.get_text() for strong in section.select("strong")]


def test_references_are_listed():
    page = soup(SITE / "references.html")
    shown = {link["href"].removeprefix("https://doi.org/") for link in page.select("article a")}
    cited = set()
    for path in NOTEBOOKS:
        for cell in text_cells(read(path)):
            cited |= set(re.findall(r"\(https://doi\.org/(\S+?)\)", cell.source))
    assert cited
    assert cited <= shown


def test_landing_page_lists_the_series():
    page = soup(SITE / "index.html")
    text = " ".join(page.select_one("article").get_text().split())
    for path in NOTEBOOKS:
        header = read(path).cells[0].source
        minutes = re.search(r"\| (\d+) minutes \|", header)[1]
        title = header.splitlines()[0].partition(" · ")[2]
        assert f"{title}, {minutes} minutes, and" in text
        assert page.select(f'article a[href="slides/{path.stem}.html"]')
    (picture,) = page.select("img.story")
    assert "nan, nan, 0" in picture["alt"]
    assert bool(page.select('a[href="softmax.pdf"]')) == (SITE / "softmax.pdf").exists()


def launches(path):
    hosts = ("mybinder.org", "colab.research.google.com", "github.com")
    links = [link["href"] for link in soup(path).select(".launch a")]
    return [link for link in links if any(f"//{host}/" in link for host in hosts)]


def test_launch_links_follow_the_setting():
    for path in LESSONS:
        assert len(launches(path)) == (3 if assets.repository() else 0)


def test_with_an_address_every_notebook_can_be_launched(tmp_path, monkeypatch):
    monkeypatch.setattr(build_site, "SITE", tmp_path / "site")
    monkeypatch.setattr(build_site, "SOURCE", tmp_path / "source")
    monkeypatch.setattr(build_site, "DOCTREES", tmp_path / "doctrees")
    build_site.build("https://github.com/Someone/softmax")
    for path in NOTEBOOKS:
        binder, colab, source = launches(tmp_path / "site" / f"{path.stem}.html")
        name = f"notebooks/{path.name}"
        assert binder == f"https://mybinder.org/v2/gh/Someone/softmax/HEAD?labpath={name}"
        colab_start = "https://colab.research.google.com/github/Someone/softmax/blob/HEAD/"
        assert colab == colab_start + name
        assert source == f"https://github.com/Someone/softmax/blob/HEAD/{name}"
    root = ElementTree.parse(tmp_path / "site" / "sitemap.xml").getroot()
    places = {place.text for place in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    start = "https://someone.github.io/softmax/"
    assert {f"{start}{path.stem}.html" for path in NOTEBOOKS} <= places
    assert all((tmp_path / "site" / place.removeprefix(start)).is_file() for place in places)


@pytest.mark.parametrize(
    "address", ["github.com/a/b", "https://example.org/a", "https://github.com/a"]
)
def test_a_wrong_address_is_refused(tmp_path, monkeypatch, address):
    settings = f'[tool.series]\nrepository = "{address}"\n'
    (tmp_path / "pyproject.toml").write_text(settings)
    monkeypatch.setattr(assets, "ROOT", tmp_path)
    with pytest.raises(SystemExit, match="OWNER/NAME"):
        assets.repository()


SLIDERS = [path for path in NOTEBOOKS if "plotnet-slider" in path.read_text(encoding="utf-8")]


def test_sliders_move(browser):
    """Every slider of the site answers to the keyboard, and what it shows changes."""
    for path in SLIDERS:
        with Page(browser, page_of(path), PHONE) as page:
            for slider in page.tab.locator(".plotnet-slider").all():
                handle, before = slider.locator("input[type=range]").first, slider.inner_html()
                handle.focus()
                handle.press("ArrowRight")
                handle.press("ArrowRight")
                assert slider.inner_html() != before
            assert not list(page.problems())


# The judges themselves: each sees the fault that it is there for.


def test_judges_see_a_bad_page(browser, tmp_path):
    bad = tmp_path / "bad.html"
    bad.write_text(
        '<html lang="en"><title>bad</title><main><h1>Bad</h1><p style="color:#ccc">pale</p>'
        '<p>$x^2$</p><div style="width:900px">wide</div>'
        '<img src="https://example.org/a.png" alt="">'
        '<script src="gone.js"></script><script>throw Error("broken")</script>'
        '<a href="gone.html">a</a><a href="#gone">b</a><a href="https://doi.org/11.1/x">c</a></main>'
    )
    with Page(browser, bad, PHONE) as page:
        problems = "\n".join(page.problems())
        for sign in ("another host", "gone.js", "broken", "not set as a formula"):
            assert sign in problems
        assert [violation.rule for violation in violations(page.tab)] == ["color-contrast"]
        assert page.tab.evaluate(PAGE_WIDTH) > PHONE["width"]
    assert len(list(judge_links(bad, tmp_path))) == 4


def test_judges_pass_a_good_page(tmp_path):
    good = tmp_path / "good.html"
    good.write_text(
        '<p id="here"><a href="#here">a</a> <a href="https://doi.org/10.1093/a">b</a></p>'
    )
    assert not list(judge_links(good, tmp_path))
    assert not list(judge_hosts([good.as_uri(), "data:,"]))
    assert list(judge_link("../up.html", good, tmp_path, {}))
    assert list(judge_link("http://example.org/", good, tmp_path, {}))
