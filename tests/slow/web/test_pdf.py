"""Promise: the print edition holds the whole series: every title, line of code, hint and figure."""

import re
from functools import cache

import pytest

from tests.helpers.web import BUILD, Page
from tools.notebook import NOTEBOOKS, code_cells, images, read, solutions

each_lesson = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@cache
def reader():
    from pypdf import PdfReader

    return PdfReader(BUILD / "softmax.pdf")


@cache
def pages():
    return [page.extract_text() for page in reader().pages]


def squeezed(text):
    """Return the text without white space: print breaks lines where it must."""
    return re.sub(r"\s+", "", text)


def title(path):
    return read(path).cells[0].source.splitlines()[0].removeprefix("# ")


def chapters():
    """Return {title: number of its page, from 1}, from the outline."""
    entries = [entry for entry in flat(reader().outline) if re.match(r"\d\d · ", entry.title)]
    return {entry.title: reader().get_destination_page_number(entry) + 1 for entry in entries}


def flat(outline):
    for entry in outline:
        yield from flat(entry) if isinstance(entry, list) else [entry]


def chapter(path):
    """Return the first and the last page of a notebook, from 1."""
    starts = [*chapters().values(), len(pages()) + 1]
    position = NOTEBOOKS.index(path)
    return starts[position], starts[position + 1] - 1


def chapter_text(path):
    first, last = chapter(path)
    return squeezed("".join(pages()[first - 1 : last]))


def judge_code(source, text):
    """Yield the lines of code that are not in the text as a whole."""
    for line in source.splitlines():
        if squeezed(line) not in text:
            yield line


def test_title_page_and_contents():
    assert squeezed("Softmax and its numerical stability") in squeezed(pages()[0])
    assert pages()[1].startswith("Contents")
    for name, page in chapters().items():
        assert re.search(rf"{re.escape(name)}\s*{page}\n", pages()[1]), name
    links = [a for a in reader().pages[1]["/Annots"] if a.get_object()["/Subtype"] == "/Link"]
    assert len(links) >= len(NOTEBOOKS)


def test_every_notebook_starts_a_page():
    assert list(chapters()) == [title(path) for path in NOTEBOOKS]
    for name, page in chapters().items():
        assert pages()[page - 1].startswith(name)


@each_lesson
def test_no_line_of_code_is_cut_off(path):
    text = chapter_text(path)
    sources = [cell.source for cell in code_cells(read(path))]
    missing = [line for source in sources for line in judge_code(source, text)]
    assert not missing, "\n".join(missing)


@each_lesson
def test_hints_and_solutions_are_open(path):
    text = chapter_text(path)
    found = solutions(read(path))
    assert found
    assert not [line for source in found for line in judge_code(source, text)]
    assert text.count("Hint1") == sum("Hint 1" in cell.source for cell in read(path).cells)


@each_lesson
def test_figures_are_printed(path):
    stored = sum(len(list(images(cell))) for cell in code_cells(read(path)))
    first, last = chapter(path)
    # Pictures that two pages show are counted once on each.
    assert sum(len(page.images) for page in reader().pages[first - 1 : last]) >= stored


@each_lesson
def test_sliders_are_replaced_by_a_sentence(path):
    text = chapter_text(path)
    for cell in code_cells(read(path)):
        for output in cell.outputs:
            if "plotnet-slider" in output.get("data", {}).get("text/html", ""):
                sentence = output.data["text/plain"].partition(": ")[2]
                assert squeezed(sentence) in text, cell.id


def test_the_printed_page_loads_whole(browser):
    """Every formula is set, nothing fails, and nothing is asked of another host."""
    with Page(browser, BUILD / "print" / "series.html") as page:
        page.wait_for_math()
        assert page.tab.locator("mjx-container").count() > 100
        found = list(page.problems())
    assert not found, "\n".join(found)


def test_judge_sees_a_cut_line():
    assert list(judge_code("x = 1\ny = 12345", squeezed("x = 1 y = 123"))) == ["y = 12345"]
    assert not list(judge_code("x = 1", squeezed("x =\n1")))
