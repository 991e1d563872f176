"""Promise: the print edition holds the whole series: every title, line of code, hint and figure."""

import re
from collections import namedtuple
from itertools import pairwise

import pytest

from tests.helpers.web import BUILD, SITE, Page
from tools.notebook import NOTEBOOKS, code_cells, header, images, read, solutions
from tools.web.pdf import chapter_pages
from tools.web.sheets import SHEETS, name_of

each_lesson = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
Book = namedtuple("Book", "reader pages chapters")


@pytest.fixture(scope="module")
def book():
    """The PDF, the text of each page, and {title of a notebook: its first page, from 0}."""
    from pypdf import PdfReader

    reader = PdfReader(BUILD / "softmax.pdf")
    entries = chapter_pages().items()
    chapters = {title: page - 1 for title, page in entries if re.match(r"\d\d · ", title)}
    return Book(reader, [page.extract_text() for page in reader.pages], chapters)


def squeezed(text):
    """Return the text without white space: print breaks lines where it must."""
    return re.sub(r"\s+", "", text)


def test_title_page_contents_and_a_new_page_for_each_notebook(book):
    assert squeezed("Softmax and its numerical stability") in squeezed(book.pages[0])
    assert book.pages[1].startswith("Contents")
    assert list(book.chapters) == [header(read(path)).title for path in NOTEBOOKS]
    for name, page in book.chapters.items():
        assert re.search(rf"{re.escape(name)}\s*{page + 1}\n", book.pages[1]), name
        assert book.pages[page].startswith(name)
    links = [a for a in book.reader.pages[1]["/Annots"] if a.get_object()["/Subtype"] == "/Link"]
    assert len(links) >= len(NOTEBOOKS)


@each_lesson
def test_every_line_of_code_hint_solution_figure_and_slider_is_printed(book, path):
    notebook = read(path)
    spans = dict(
        zip(book.chapters, pairwise([*book.chapters.values(), len(book.pages)]), strict=True)
    )
    chapter = slice(*spans[header(notebook).title])
    text = squeezed("".join(book.pages[chapter]))
    sources = [cell.source for cell in code_cells(notebook)]
    lines = "\n".join(sources + solutions(notebook)).splitlines()
    assert [line for line in lines if squeezed(line) not in text] == []
    assert text.count("Hint1") == sum("Hint 1" in cell.source for cell in notebook.cells) > 0
    # Pictures that two pages show are counted once on each.
    stored = sum(len(list(images(cell))) for cell in code_cells(notebook))
    assert sum(len(page.images) for page in book.reader.pages[chapter]) >= stored
    for output in (output for cell in code_cells(notebook) for output in cell.outputs):
        if "plotnet-slider" in output.get("data", {}).get("text/html", ""):
            assert squeezed(output.data["text/plain"].partition(": ")[2]) in text


def test_the_printed_page_loads_whole(browser):
    """Every formula is set, nothing fails, and nothing is asked of another host."""
    with Page(browser, BUILD / "print" / "series.html") as page:
        page.wait_for_math()
        assert page.tab.locator("mjx-container").count() > 100
        small = page.tab.locator(".setup pre").first.evaluate("e => getComputedStyle(e).fontSize")
        plain = page.tab.locator("pre").last.evaluate("e => getComputedStyle(e).fontSize")
        assert float(small[:-2]) < float(plain[:-2])
        found = list(page.problems())
    assert not found, "\n".join(found)


@pytest.mark.parametrize("title", SHEETS)
def test_a_sheet_is_one_page_of_a4_in_black_and_in_no_smaller_type_than_9_pt(browser, title):
    from pypdf import PdfReader

    file = SITE / "sheets" / f"{name_of(title)}.html"
    (page,) = PdfReader(file.with_suffix(".pdf")).pages
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [210, 297]
    with Page(browser, file) as sheet:
        sheet.wait_for_math()
        styles = sheet.tab.eval_on_selector_all(
            "main, main *:not(mjx-container *, .anchor-link)",
            "all => all.map(getComputedStyle).map(s => [parseFloat(s.fontSize), s.color])",
        )
        assert min(size for size, _ in styles) >= 12  # px, 9 pt
        assert {colour for _, colour in styles} == {"rgb(0, 0, 0)"}
        assert not list(sheet.problems())
    words = {"Notation": "ReLU", "Summary": "bfloat16", "Broken functions": "broken_step"}
    assert words.get(title, "D") in page.extract_text()
