"""Promise: minutes, sections, outputs, messages and marks on the lecturer's pages hold."""

import re

import pytest

from lesson import taught
from tests.helpers.exercise_runs import answers, tasks
from tools.notebook import (
    FOLDER,
    NOTEBOOKS,
    ROOT,
    code_cells,
    header,
    headings,
    read,
    whole_text,
)

TEACHING = ROOT / "teaching"
PAGES = [TEACHING / f"{path.stem}.md" for path in NOTEBOOKS]
PARTS = [
    "Objectives",
    "Prepare",
    "Plan for 50 minutes",
    "Plan for 90 minutes",
    "Project and run live",
    "Wrong answers to expect",
    "Questions for discussion",
    "Exam questions",
    "When time is short",
]
CODE_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
ITALIC = re.compile(r"(?<![*\w])\*([^*\n]+)\*(?![*\w])")
by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def text_of(page):
    return page.read_text(encoding="utf-8")


def notebook_of(page):
    return read(FOLDER / f"{page.stem}.ipynb")


def headings_of(page):
    return headings(whole_text(notebook_of(page)))


def part(page, name):
    """Return the text under the heading `name`."""
    return re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text_of(page), re.MULTILINE | re.DOTALL)[1]


def table(text):
    """Return the rows of the table in `text`, as lists of cells, without its head."""
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[1:]]


def questions(page):
    """Return (heading, text) of each exam question."""
    pieces = re.split(r"^### (.+)$", part(page, "Exam questions"), flags=re.MULTILINE)[1:]
    return list(zip(pieces[::2], pieces[1::2], strict=True))


def exam_blocks(page):
    return [block for _, text in questions(page) for block in CODE_BLOCK.findall(text)]


def test_every_notebook_has_a_page():
    assert {page.name for page in TEACHING.iterdir()} == {"README.md", *(p.name for p in PAGES)}


@by_page
def test_parts(page):
    text = text_of(page)
    assert text.startswith(f"# Teaching {header(notebook_of(page)).title}\n")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS


@by_page
@pytest.mark.parametrize("minutes", [50, 90])
def test_plans_follow_the_notebook_and_their_minutes_add_up(page, minutes):
    """A plan walks through the sections in their order, each once, and reaches the exercises."""
    rows = table(part(page, f"Plan for {minutes} minutes"))
    assert sum(int(row[0]) for row in rows) == minutes
    assert all(len(row) == 3 and int(row[0]) > 0 for row in rows)
    named = [where for _, where, _ in rows if where != "Opening"]
    assert all(map(ITALIC.fullmatch, named)), named
    there = headings_of(page)
    places = [there.index(where.strip("*")) for where in named]
    assert places == sorted(set(places))
    assert there.index("Exercises") in places


@by_page
def test_sections_exist(page):
    """Italics are kept for the titles of sections."""
    prose = CODE.sub("", CODE_BLOCK.sub("", text_of(page)))
    named = ITALIC.findall(prose)
    assert len(named) > 15
    assert set(named) <= set(headings_of(page))


def shown(cell):
    """Return all text that a cell has stored, on one line."""
    texts = []
    for output in cell.outputs:
        data = output.get("data", {})
        texts += [output.get("text", ""), output.get("evalue", "")]
        texts += [data.get(kind, "") for kind in ("text/plain", "text/markdown")]
    return "\n".join(texts)


@by_page
def test_live_cells_show_what_is_quoted(page):
    cells = code_cells(notebook_of(page))
    rows = table(part(page, "Project and run live"))
    assert len(rows) >= 6
    for run, shows, say in rows:
        source = CODE.fullmatch(run)[1]
        found = [cell for cell in cells if source in cell.source]
        assert found, source
        quoted = CODE.findall(shows)
        assert not quoted or any(all(q in shown(cell) for q in quoted) for cell in found), shows
        assert say


def said_in(name, number, namespace):
    """Return what the check of exercise `number` says to each answer that is known."""
    exercises = tasks()
    check = [check for check, task in exercises.items() if task.notebook == name][number - 1]
    for row in answers():
        if row.check == check:
            names = exercises[check].names(namespace)
            exec(row.setup, names)
            yield exercises[check].verdict(names, row.code)


@by_page
def test_checks_say_what_is_quoted(page, namespace):
    rows = table(part(page, "Wrong answers to expect"))
    assert {row[0] for row in rows} == {"1", "2", "3", "4"}
    heard = {number: list(said_in(page.stem, int(number), namespace)) for number in "1234"}
    for exercise, says, reveals in rows:
        quoted = re.fullmatch(r'"(.+)"', says)[1]
        assert any(quoted in said for said in heard[exercise]), quoted
        assert reveals


@by_page
def test_marks_add_up(page):
    asked = questions(page)
    assert len(asked) >= 3
    for heading, text in asked:
        total = int(re.fullmatch(r"Question \d+ \((\d+) points\)", heading)[1])
        marks = [int(n) for n in re.findall(r"^- \*\*(\d+) points?:\*\* ", text, re.MULTILINE)]
        assert sum(marks) == total, heading
        assert len(CODE_BLOCK.findall(text)) == 1, heading
        assert len(re.findall(r"^\s*assert ", text, re.MULTILINE)) >= 1, heading


@pytest.mark.parametrize(
    ("page", "number"),
    [(page, number) for page in PAGES for number in range(len(exam_blocks(page)))],
    ids=lambda value: value.stem if hasattr(value, "stem") else str(value + 1),
)
def test_exam_answers_hold(page, number):
    names = dict(vars(taught))
    exec(compile(exam_blocks(page)[number], f"{page.name}: {number + 1}", "exec"), names)


def test_the_link_is_made_as_shown():
    (block,) = CODE_BLOCK.findall(text_of(TEACHING / "README.md"))
    exec(block, {})
