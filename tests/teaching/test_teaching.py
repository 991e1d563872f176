"""Promise: what the lecturer's pages say of time, outputs, votes, objectives and marks holds."""

import re
import traceback
from functools import cache

import pytest

from lesson import taught
from tools.notebook import (
    DETAILS,
    FOLDER,
    MINUTES_AN_EXERCISE,
    NOTEBOOK_LINK,
    NOTEBOOKS,
    NotebookError,
    header,
    headings,
    links,
    read,
    sections,
    whole_text,
)
from tools.teaching import (
    CODE,
    ITALIC,
    TEACHING,
    numbers,
    page_of,
    part,
    plan,
    prediction,
    quoted_cell,
    shown,
    table,
)

GUIDE = TEACHING / "README.md"
PAGES = [page_of(path) for path in NOTEBOOKS if page_of(path).exists()]
PARTS = [
    "Objectives",
    "Prepare",
    "Plan for 50 minutes",
    "Plan for 90 minutes",
    "Votes",
    "Project and run live",
    "Wrong answers to expect",
    "Questions for discussion",
    "Exam questions",
    "Homework",
    "When time is short",
]
CODE_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
POINT = re.compile(r"\*\*\[(\d+)\]\*\*")
# How fast a lecture is, in minutes; teaching/README.md says the same.
WORDS, LINES, CLICKS, A_VOTE, BEGUN = 130, 10, 10, 1.5, 3
EACH = {"vote": A_VOTE, "asked": A_VOTE, "exercise": MINUTES_AN_EXERCISE, "begun": BEGUN}
SHARE = {"all": 1, "half": 1 / 2, "third": 1 / 3}
FREE = {50: 3, 90: 6}  # minutes without a plan
READING = {45: 3, 90: 6}  # minutes of an exam to read the paper
QUESTION = re.compile(r"Question (\d+) \((\d+) points, (\d+) minutes(, long plan)?\)")
by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
by_plan = pytest.mark.parametrize("minutes", FREE)


def text_of(page):
    return page.read_text(encoding="utf-8")


@cache
def notebook_of(page):
    return read(FOLDER / f"{page.stem}.ipynb")


def questions(page):
    """Return (heading, text) of each exam question."""
    pieces = re.split(r"^### (.+)$", part(page, "Exam questions"), flags=re.MULTILINE)[1:]
    return list(zip(pieces[::2], pieces[1::2], strict=True))


def asked(page):
    """Return {number: (points, minutes, whether it needs the plan of 90)} of the exam questions."""
    found = [QUESTION.fullmatch(heading) for heading, _ in questions(page)]
    return {int(q[1]): (int(q[2]), int(q[3]), bool(q[4])) for q in found if q}


def exam_blocks(page):
    try:
        return [block for _, text in questions(page) for block in CODE_BLOCK.findall(text)]
    except NotebookError:
        return []  # test_parts names it


def test_every_notebook_has_a_page_and_the_guide_lists_it():
    pages = [page_of(path).name for path in NOTEBOOKS]
    there = {page.name for page in TEACHING.iterdir()} - {"README.md"}
    listed = re.findall(r"\((\d\d_\w+\.md)\)", text_of(GUIDE))
    assert there == {*pages}, "one page in teaching/ for each notebook, called like it"
    assert listed == pages, "name each page in the table of teaching/README.md"


@by_page
def test_parts(page):
    text = text_of(page)
    title = f"# Teaching {header(notebook_of(page)).title}"
    assert text.startswith(f"{title}\n"), f"begin {page.name} with {title}"
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS, page.name


@by_page
def test_sections_exist(page):
    """Italics are kept for the titles of sections."""
    prose = CODE.sub("", CODE_BLOCK.sub("", text_of(page)))
    named = ITALIC.findall(prose)
    assert len(named) > 15
    unknown = set(named) - set(headings(whole_text(notebook_of(page))))
    assert not unknown, f"{page.name} writes in italics what is no heading of the notebook"


@by_page
def test_each_objective_has_a_section_an_exercise_and_a_question(page):
    """And each goal of the header an objective, each question one that it examines."""
    rows = table(part(page, "Objectives"))
    assert [row[0] for row in rows] == [str(i + 1) for i in range(len(rows))]
    goals = "abcdefgh"[: len(header(notebook_of(page)).goals.split("; "))]
    served = {letter for row in rows for letter in re.findall(r"\w", row[2])}
    assert served == set(goals), f"{page.name}: the notebook's header has the goals {goals}"
    taught_in = {minutes: set(ITALIC.findall(plan(page, minutes))) for minutes in FREE}
    examined = {}
    for number, _, goal, where, practised, examined_by in rows:
        assert goal and ITALIC.findall(where) and examined_by, f"objective {number}"
        assert re.fullmatch(r"(T[1-5]|\d+)(, (T[1-5]|\d+))*", practised), f"objective {number}"
        for question in numbers(examined_by):
            examined.setdefault(question, set()).update(ITALIC.findall(where))
    assert set(examined) == set(asked(page)), f"{page.name}: name each question, and no other"
    for number, (_, _, long) in asked(page).items():
        assert examined[number] & taught_in[90 if long else 50], (
            f"{page.name}: no section of Question {number} is in its plan; the long one?"
        )


# --- plans ---


def spoken(notebook, names):
    """Return the minutes that words, lines of code and clicks of these sections take."""
    total = 0
    for where, cell in sections(notebook):
        if where not in names:
            continue
        total += 1 / CLICKS
        if cell.cell_type == "markdown":
            total += len(re.findall(r"\w+", DETAILS.sub("", cell.source))) / WORDS
        elif "jupyter" not in cell.metadata:
            total += sum(bool(line.strip()) for line in cell.source.splitlines()) / LINES
    return total


def needed(notebook, where, counted):
    """Return the minutes of a row of a plan, from what it says it counts."""
    total = 0
    for item in counted.split(", "):
        kind, listed = re.match(r"[a-z]+|\+", item)[0], numbers(item)
        if kind in SHARE:
            total += SHARE[kind] * spoken(notebook, ITALIC.findall(where))
        else:
            total += sum(listed) if kind == "+" else EACH[kind] * len(listed)
    return total


@by_page
@by_plan
def test_plans_can_be_kept(page, minutes):
    """A plan walks through the sections in their order, and has the minutes that each takes."""
    notebook = notebook_of(page)
    rows = table(plan(page, minutes))
    assert sum(int(row[0]) for row in rows) == minutes, f"{page.name}: the rows add up to this"
    assert all(len(row) == 4 and all(row) for row in rows), f"{page.name}: a cell is missing"
    assert [int(taken) for taken, where, *_ in rows if where == "Free"] == [FREE[minutes]]
    named = [
        name
        for _, where, *_ in rows
        if where not in ("Opening", "Free")
        for name in re.fullmatch(r"\*.+\*", where) and ITALIC.findall(where)
    ]
    there = headings(whole_text(notebook))
    if unknown := set(named) - set(there):
        pytest.skip(f"waits for test_sections_exist: {unknown}")
    places = [there.index(name) for name in named]
    assert places == sorted(set(places)), f"{page.name}: sections in the order of the notebook"
    assert "Exercises" in named
    need = [needed(notebook, where, counted) for _, where, counted, _ in rows]
    for (taken, where, *_), takes in zip(rows, need, strict=True):
        assert abs(int(taken) - takes) <= 1, (
            f"{page.name}, {where}: {taken} minutes, takes {takes:.1f}; change these, or what is "
            "counted"
        )
    assert sum(need) <= minutes + 1, (
        f"{page.name}: the plan takes {sum(need):.1f} minutes: count less"
    )


def test_the_guide_states_the_rule():
    assert (
        f"{WORDS} words, {LINES} lines of code or {CLICKS} cells a minute; {A_VOTE} minutes "
        f"for a vote or a question asked, {MINUTES_AN_EXERCISE} for an exercise, {BEGUN} for one "
        "that is begun"
    ) in text_of(GUIDE)


@by_page
def test_live_cells_show_what_is_quoted(page):
    rows = table(part(page, "Project and run live"))
    assert len(rows) >= 6
    for run, shows, say in rows:
        assert quoted_cell(notebook_of(page), run, shows)
        assert say


# --- votes ---


def answered(notebook, at):
    """Return (section, what answers it) of the prediction in the cell at that position."""
    placed = list(sections(notebook))
    where, cell = placed[at]
    answer = [DETAILS.sub(r"\2", cell.source.partition("**Predict.**")[2])]
    for _, after in placed[at + 1 : at + 6]:
        if "**Predict.**" in after.source:
            break
        answer.append(shown(after) if after.cell_type == "code" else after.source)
    return where, "\n".join(answer)


@by_page
def test_votes_offer_the_output_and_explain_each_wrong_answer(page):
    """One of four is right and stands in the notebook where it has digits; plans name them all."""
    notebook = notebook_of(page)
    rows = table(part(page, "Votes"))
    assert len(rows) >= 3
    held = {}
    for minutes in FREE:
        for _, where, counted, _ in table(plan(page, minutes)):
            for vote in re.findall(r"vote ([\d ]+)", counted):
                for number in vote.split():
                    held.setdefault(number, []).append(ITALIC.findall(where))
    assert sorted(held, key=int) == [row[0] for row in rows], f"{page.name}: count each vote"
    for number, quoted, *options, wrong in rows:
        where, answer = answered(notebook, prediction(notebook, quoted))
        assert all(where in names for names in held[number]), (
            f"{page.name}: vote {number} stands in *{where}*; count it in the row of that section"
        )
        bold = [option for option in options if re.fullmatch(r"\*\*.+\*\*", option)]
        assert len(bold) == 1, f"{quoted}: one answer is right, and bold"
        (right,) = bold
        letters = dict(zip("ABCD", options, strict=True))
        assert len(set(options)) == 4
        explained = re.findall(r"(?:^|; )((?:[A-D], )*[A-D]): ", wrong)
        assert set(re.findall(r"[A-D]", "".join(explained))) == {
            letter for letter in letters if letters[letter] != right
        }, quoted
        values = CODE.findall(right)
        assert values or not re.search(r"\d", right), f"{quoted}: quote the output in backticks"
        missing = [value for value in values if value not in answer]
        assert not missing, f"{page.name}, vote {number}: nothing below the prediction shows this"


# --- exams ---


@by_page
def test_marks_add_up(page):
    """A point is marked where it is earned, one at a time; other good answers are foreseen."""
    found = questions(page)
    assert [QUESTION.fullmatch(heading)[1] for heading, _ in found] == [
        str(i + 1) for i in range(len(found))
    ]
    for heading, text in found:
        marks = POINT.findall(text)
        assert set(marks) == {"1"} and len(marks) == int(QUESTION.fullmatch(heading)[2]), heading
        assert len(re.findall(r"^- Also accept: \S", text, re.MULTILINE)) == 1, heading
        assert len(CODE_BLOCK.findall(text)) == 1, heading
        assert len(re.findall(r"^\s*assert ", text, re.MULTILINE)) >= 1, heading
    assert sum(map(int, POINT.findall(part(page, "Homework")))) == 10


@pytest.mark.parametrize(
    ("page", "number"),
    [(page, number) for page in PAGES for number in range(len(exam_blocks(page)))],
    ids=lambda value: value.stem if hasattr(value, "stem") else str(value + 1),
)
def test_exam_answers_hold(page, number):
    names = dict(vars(taught))
    code = exam_blocks(page)[number]
    try:
        exec(compile(code, "exam", "exec"), names)
    except AssertionError as error:
        at = traceback.extract_tb(error.__traceback__)[-1].lineno
        pytest.fail(f"{page.name}, Question {number + 1}: {code.splitlines()[at - 1]} is not true")


def test_papers_add_up():
    """Each paper is made of questions that exist; a short one asks nothing of the long plans."""
    rows = table(part(GUIDE, "Papers"))
    assert {numbers(row[0])[0] for row in rows} == set(READING)
    for paper, chosen, minutes, points in rows:
        length = numbers(paper)[0]
        listed = re.findall(r"(\d\d)\.(\d+)", chosen)
        assert listed == sorted(set(listed)), paper
        pages = {page.stem[:2]: asked(page) for page in PAGES}
        assert all(int(number) in pages[unit] for unit, number in listed), paper
        found = [pages[unit][int(number)] for unit, number in listed]
        assert sum(each[0] for each in found) == int(points), paper
        assert sum(each[1] for each in found) == int(minutes), paper
        assert int(minutes) + READING[length] == length, paper
        assert length == 90 or not any(each[2] for each in found), paper


def test_courses_respect_what_the_notebooks_need():
    """Each unit of a course comes after what its header needs, or names it as known before."""
    needs = {
        path.stem[:2]: {
            match[1][:2]
            for target in links(header(read(path)).needs)
            if (match := NOTEBOOK_LINK.fullmatch(target))
        }
        for path in NOTEBOOKS
    }
    rows = table(part(GUIDE, "Courses"))
    assert len(rows) >= 3
    for course, known, units, minutes in rows:
        had, taken = set(re.findall(r"\b\d\d\b", known)), 0
        for unit, length in re.findall(r"(\d\d) \((\d+)\)", units):
            assert needs[unit] <= had, f"{course}: {unit} needs {sorted(needs[unit] - had)}"
            had.add(unit)
            taken += int(length)
            assert int(length) in FREE, course
        assert taken == int(minutes), course


def test_the_link_is_made_as_shown():
    (block,) = CODE_BLOCK.findall(text_of(GUIDE))
    exec(block, {})
