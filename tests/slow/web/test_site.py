"""Promise: the site is the notebooks, works offline and on a phone, and shuts nobody out."""

import re
from xml.etree import ElementTree

import pytest

from tests.helpers.js import js
from tests.helpers.web import PHONE, SITE, WIDE, ZOOMED, Page, judge_link, judge_links, soup
from tools.notebook import NOTEBOOKS, ROOT, header, predicted, read, text_cells
from tools.web import assets
from tools.web import site as build_site
from tools.web.chromium import violations
from tools.web.glossary import NO_TERMS

HEAVIEST = 3_000_000
# The pages that Sphinx makes by itself, those of docs/, and the notebooks.
NAMES = ["search", *(path.stem for path in [*(ROOT / "docs").glob("*.md"), *NOTEBOOKS])]
# The lecturer's pages are of one form.
NAMES += ["teaching/README", "teaching/03_naive_softmax"]
each_page = pytest.mark.parametrize("name", sorted(NAMES))
each_lesson = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def page_of(path):
    return SITE / f"{path.stem}.html"


@each_page
def test_page(browser, name):
    """Nothing fails, nothing is asked of another host, nothing overflows or shuts somebody out.

    At three widths, targets of a finger included.
    """
    file, found = SITE / f"{name}.html", list(judge_links(SITE / f"{name}.html", SITE))
    for viewport in (WIDE, ZOOMED, PHONE):
        with Page(browser, file, viewport) as page:
            page.wait_for_math()
            page.tab.evaluate(js("page.unfold"))
            # Before axe-core is asked: it reads style sheets in a way that file:// forbids.
            found += page.problems()
            # A page weighs at least its own file: the measure itself works.
            assert file.stat().st_size < page.weight() < HEAVIEST
            page.tab.evaluate(js("page.shorten"))
            # Between phone and desk, only sizes change, and no colour.
            for scheme in ("light", "dark") if viewport != ZOOMED else ("light",):
                page.tab.emulate_media(color_scheme=scheme)
                # Colours fade over to those of the scheme.
                page.tab.wait_for_timeout(500)
                where = f"{viewport['width']} px, {scheme}"
                found += [f"{where}: {says}" for _, _, says in violations(page.tab, targets=True)]
                images = page.tab.evaluate(js("page.papers"))
                assert all(image == [True, "rgb(255, 255, 255)"] for image in images), where
            width = page.tab.evaluate(js("page.width"))
            if width > viewport["width"]:
                found.append(f"{viewport['width']} px: the page is {width} px wide")
    assert not found, "\n".join(found)


def plain(markdown):
    """Return a line of Markdown as the page's source shows it: formulas in \\(…\\), no marks."""
    return re.sub(r"[`*]", "", re.sub(r"\$([^$]+)\$", r"\\(\1\\)", markdown)).strip()


def entries(table):
    return [
        plain(entry) for line in table if "---" not in line for entry in line.strip("|").split("|")
    ]


@each_lesson
def test_outputs_figures_and_tables_are_the_stored_ones(path):
    page, cells = soup(page_of(path)), read(path).cells
    stored = [
        cell.metadata["mystnb"]["image"]["alt"] for cell in cells if "mystnb" in cell.metadata
    ]
    assert [image.get("alt") for image in page.select(".cell_output img")] == stored
    text, tables = re.sub(r"\s+", "", page.get_text()), []
    for output in (output for cell in cells for output in cell.get("outputs", [])):
        data = output.get("data", {})
        # A table that a cell prints is Markdown; it must not arrive as a row of bars.
        tables.append(entries(data.get("text/markdown", "").replace("'", "’").splitlines()))
        # Tables, figures and sliders are shown as such, not as their text.
        if not {"text/markdown", "text/html", "image/png"} & set(data):
            shown = output.get("text", "") or data.get("text/plain", "")
            assert re.sub(r"\s+", "", shown) in text
    shown = [
        [cell.get_text().strip() for cell in table.select("th, td")]
        for table in page.select(".cell_output table")
    ]
    assert shown == [table for table in tables if table]


@each_lesson
def test_what_is_folded_opens_by_keyboard(browser, path):
    """Hints, the imports, and each output that answers a prediction; no other output."""
    notebook = read(path)
    asked = [cell for cell in predicted(notebook) if cell.outputs]
    imports = [c for c in notebook.cells if c.metadata.get("jupyter", {}).get("source_hidden")]
    page = soup(page_of(path))
    assert len(page.select("details .cell_output")) == len(asked) > 0
    assert len(page.select("details .cell_input")) == len(imports) >= 1
    with Page(browser, page_of(path), PHONE) as page:
        for summary, inside in [
            ("Hint 1", "p"),
            ("Show the imports", ".cell_input"),
            ("See what happens", ".cell_output"),
        ]:
            details = page.tab.locator("details", has=page.tab.locator("summary", has_text=summary))
            content = details.first.locator(inside).last
            assert not content.is_visible()
            details.first.locator("summary").focus()
            page.tab.keyboard.press("Enter")
            assert content.is_visible()


@pytest.mark.parametrize("word", ["logsumexp", "bisection", "zzyzx"])
def test_search_works_from_file(browser, word):
    holds = {path.stem for path in NOTEBOOKS if word in path.read_text(encoding="utf-8")}
    with Page(browser, SITE / "search.html", query=f"?q={word}") as page:
        found = "#search-results ul.search li a" if holds else "text=did not match any documents"
        page.tab.wait_for_selector(found)
        page.tab.wait_for_function("() => !document.querySelector('#search-progress')?.innerText")
        links = page.tab.eval_on_selector_all(
            "#search-results li a", "links => links.map(link => link.getAttribute('href'))"
        )
        assert (
            bool(links) == bool(holds & {link.split(".html")[0] for link in links}) == bool(holds)
        )
        assert not list(page.problems())


def bold_terms(path):
    """The terms of a notebook, from its page: bold words outside tables, code left out."""
    for strong in soup(page_of(path)).select("article strong"):
        text = strong.get_text()
        elsewhere = strong.select("code") or strong.find_parents("table")
        if not elsewhere and re.fullmatch(r"[A-Za-z][\w –-]*", text):
            yield text


def test_notation_is_notebook_01s_and_the_glossary_holds_every_term_where_it_is_bold():
    page = soup(SITE / "notation.html")
    (cell,) = (c for c in text_cells(read(NOTEBOOKS[0])) if c.source.startswith("## Notation"))
    stored = entries(line for line in cell.source.splitlines() if line.startswith("|"))
    assert [c.get_text().strip() for c in page.select_one("table").select("th, td")] == stored
    terms = {term: term.find_next("dd") for term in page.select("dl dt")}
    expected = {term for path in NOTEBOOKS for term in bold_terms(path)} - NO_TERMS
    assert {term.get_text() for term in terms} == expected
    for term, says in terms.items():
        target, _, anchor = says.select("a")[-1]["href"].partition("#")
        for place in (says, soup(SITE / target).find(id=anchor)):
            assert term.get_text() in [strong.get_text() for strong in place.select("strong")]


def test_landing_page_and_references_list_what_there_is():
    page = soup(SITE / "index.html")
    text = " ".join(page.select_one("article").get_text().split())
    for path in NOTEBOOKS:
        says = header(read(path))
        title = says.title.partition(" · ")[2]
        assert f"{title}, {says.reading} minutes, and {says.practice} for" in text
        assert page.select(f'article a[href="slides/{path.stem}.html"]')
    (picture,) = page.select("img.story")
    assert "nan, nan, 0" in picture["alt"]
    assert bool(page.select('a[href="softmax.pdf"]')) == (SITE / "softmax.pdf").exists()
    listed = (ROOT / "docs" / "references.bib").read_text(encoding="utf-8").count("\n@")
    assert len(soup(SITE / "references.html").select(".citation")) == listed + 1 > 5


def launches(path):
    hosts = ("mybinder.org", "colab.research.google.com", "github.com")
    links = [link["href"] for link in soup(path).select(".launch a")]
    return [link for link in links if any(f"//{host}/" in link for host in hosts)]


def test_with_an_address_every_notebook_can_be_launched(tmp_path, monkeypatch):
    for name in ("SITE", "SOURCE", "DOCTREES"):
        monkeypatch.setattr(build_site, name, tmp_path / name.lower())
    # What prints starts a Chromium, and one is running for these tests.
    monkeypatch.setattr(build_site.pdf, "build", lambda: False)
    monkeypatch.setattr(build_site.sheets, "build", lambda folder: None)
    build_site.build("https://github.com/Someone/softmax")
    for path in NOTEBOOKS:
        assert len(launches(page_of(path))) == (3 if assets.repository() else 0)
        page, name = tmp_path / "site" / f"{path.stem}.html", f"notebooks/{path.name}"
        assert launches(page) == [
            f"https://mybinder.org/v2/gh/Someone/softmax/HEAD?labpath={name}",
            f"https://colab.research.google.com/github/Someone/softmax/blob/HEAD/{name}",
            f"https://github.com/Someone/softmax/blob/HEAD/{name}",
        ]
        foot = [link["href"] for link in soup(page).select(".foot a")]
        assert f"https://github.com/Someone/softmax/blob/HEAD/{name}" in foot
        assert any("/softmax/issues/new?template=1_sentence.yml" in link for link in foot)
        image = soup(page).select_one('meta[property="og:image"]')["content"]
        assert image == "https://someone.github.io/softmax/_static/story.png"
        assert (tmp_path / "site" / "_static" / "story.png").is_file()
        (colab,) = soup(page).find_all("summary", string="On Colab, run this first")
        # The sliders of 03 to 05 need it, and Colab has it not.
        assert "anywidget ./softmax" in colab.parent.get_text()
    root = ElementTree.parse(tmp_path / "site" / "sitemap.xml").getroot()
    places = {place.text for place in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    start = "https://someone.github.io/softmax/"
    assert {f"{start}{path.stem}.html" for path in NOTEBOOKS} <= places
    assert all((tmp_path / "site" / place.removeprefix(start)).is_file() for place in places)


@each_lesson
def test_sliders_move(browser, path):
    """Every slider of the site answers to the keyboard, and what it shows changes."""
    with Page(browser, page_of(path), PHONE) as page:
        sliders = page.tab.locator(".plotnet-slider").all()
        assert bool(sliders) == ("plotnet-slider" in path.read_text(encoding="utf-8"))
        for slider in sliders:
            handle, before = slider.locator("input[type=range]").first, slider.inner_html()
            handle.press("ArrowRight")
            handle.press("ArrowRight")
            assert slider.inner_html() != before
        assert not list(page.problems())


def test_judges_see_a_bad_page_and_pass_a_good_one(browser, tmp_path):
    bad, good = tmp_path / "bad.html", tmp_path / "good.html"
    bad.write_text(
        '<html lang="en"><title>bad</title><main><h1>Bad</h1><p style="color:#ccc">pale</p>'
        '<p>$x^2$</p><div style="width:900px">wide</div>'
        '<img src="https://example.org/a.png" alt="">'
        '<p><button style="width:9px">b</button><button style="width:9px">c</button></p>'
        '<script src="gone.js"></script><script>throw Error("broken")</script>'
        '<a href="gone.html">a</a><a href="#gone">b</a><a href="https://doi.org/11.1/x">c</a></main>'
    )
    with Page(browser, bad, PHONE) as page:
        problems = "\n".join(page.problems())
        for sign in ("another host", "gone.js", "broken", "not set as a formula"):
            assert sign in problems
        rules = [rule for rule, _, _ in violations(page.tab, targets=True)]
        assert rules == ["color-contrast", "target-size", "target-size"]
        assert page.tab.evaluate(js("page.width")) > PHONE["width"]
    assert len(list(judge_links(bad, tmp_path))) == 4
    good.write_text('<p id="a"><a href="#a">a</a> <a href="https://doi.org/10.1093/a">b</a></p>')
    assert not list(judge_links(good, tmp_path))
    for link in ("../up.html", "http://example.org/"):
        assert list(judge_link(link, good, tmp_path))
