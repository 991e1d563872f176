"""Promise: every notebook has the same frame, and a new one needs nothing but itself."""

import re
from collections import Counter
from difflib import get_close_matches

import pytest

from tests.helpers.exercise_runs import answers, checks
from tests.helpers.frame_rules import lost, problems
from tests.helpers.project import none_of
from tools.notebook import (
    CHECK,
    FOLDER,
    NOTEBOOKS,
    ROOT,
    code_cells,
    imported,
    links,
    named,
    read,
    topic,
)
from tools.teaching import page_of, part, table

by_name = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "teaching").glob("*.md"))]


@by_name
def test_nothing_is_wrong(path):
    none_of(problems(path))


def outside(path):
    """Yield what an exercise still needs in other files: check, answers, the lecturer's page."""
    page, module = page_of(path), f"notebooks/lesson/checks/{topic(path)}.py"
    where = f"teaching/{page.name}"
    if not page.exists():
        return
    known = Counter(row.check for row in answers() if not row.right)
    at_hand = {name for _, _, names in imported(read(path)) for name in names}
    told = {row[0] for row in table(part(page, "Wrong answers to expect"))}
    practised = " ".join(row[4] for row in table(part(page, "Objectives")))
    for number, cell in enumerate(code_cells(read(path), "exercise"), 1):
        for check in CHECK.findall(cell.source):
            if check[:-1] not in checks():
                near = ", ".join(get_close_matches(check[:-1], checks())) or "none"
                yield f"{named(cell)}: write {check[:-1]} in {module}; of a like name there: {near}"
            elif check[:-1] not in at_hand:
                yield f"{named(cell)}: import {check[:-1]} in the first cell of code"
            elif known[check[:-1]] < 5:
                yield (
                    f"{named(cell)}: {known[check[:-1]]} wrong answers under == {check[:-1]} in "
                    "tests/helpers/answers.txt; add 5 or more, each with a part of its message"
                )
        if str(number) not in told:
            yield f"{named(cell)}: give {number} a row in {where}, Wrong answers to expect"
        if not re.search(rf"(?<!T)\b{number}\b", practised):
            yield f"{named(cell)}: name {number} in {where}, Objectives, column Exercises"


@by_name
def test_exercises_have_what_belongs_to_them(path):
    none_of(f"{path.name}, {problem}" for problem in outside(path))


def test_the_series_is_numbered_without_a_gap_and_nothing_else_lies_in_its_folder():
    """A stray notebook would be taught, or at least tested."""
    assert sorted(FOLDER.glob("*.ipynb")) == NOTEBOOKS
    found = [int(path.name[:2]) for path in NOTEBOOKS]
    assert found == list(range(1, len(NOTEBOOKS) + 1)) != [], f"the next is {len(NOTEBOOKS):02}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    found = [lost(path, link, ROOT) for link in links(path.read_text("utf-8"))]
    assert found
    none_of(f"{path.relative_to(ROOT)}: {problem}" for problem in found if problem)
