"""Promise: a deck shows all that the notebook and the lecturer's page say, each where it is due."""

import html
import re
from functools import cache

import pytest

from tools.notebook import DETAILS, NOTEBOOKS, TITLE, code_cells, headings, read, whole_text
from tools.teaching import (
    ITALIC,
    LENGTHS,
    in_plan,
    page_of,
    part,
    plan,
    prediction,
    quoted_cell,
    table,
)
from tools.web.slides import ANSWERS, arrange, slide_type

arranged = cache(arrange)
each_deck = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def slides(deck):
    """Return (ids of the cells, what is shown, what stands in the notes) of each slide."""
    found = []
    for cell in deck.cells:
        kind = slide_type(cell)
        if kind in ("slide", "subslide"):
            found.append(([], [], []))
        ids, shown, notes = found[-1]
        if kind == "notes":
            notes.append(cell.source)
        elif kind != "skip":
            ids.append(cell.id)
            shown.append(cell.source)
    return [(ids, "\n\n".join(shown), "\n\n".join(notes)) for ids, shown, notes in found]


@each_deck
def test_notes_hold_what_the_lecturers_page_says_of_a_slide(path):
    """Minutes where a section begins, votes, what to say of an output, wrong answers."""
    notebook, page, all_slides = read(path), page_of(path), slides(arranged(path))

    def noted(name, *texts):
        """Whether the slide where the cell of that name ends has these texts in its notes."""
        at = [notes for ids, _, notes in all_slides if any(i.startswith(name) for i in ids)]
        return any(all(text in notes for text in texts) for notes in at)

    for minutes in LENGTHS:
        now = 0
        for taken, where, _, happens in table(plan(page, minutes)):
            first = [cell.id for cell in notebook.cells[:1]]
            if named := ITALIC.findall(where):
                first = [c.id for c in notebook.cells if named[0] in headings(c.source)]
                clock = f"{minutes} minutes, {now} to {now + int(taken)}:"
            else:
                clock = f"{minutes} minutes"
            assert noted(first[0], clock, happens), (where, happens)
            now += int(taken)
    for number, quoted, *options, wrong in table(part(page, "Votes")):
        name = notebook.cells[prediction(notebook, quoted)].id
        assert noted(name, f"Vote {number}", wrong, *options), quoted
    hidden = {cell.id for cell in notebook.cells if slide_type(cell) == "skip"}
    for run, shows, say in table(part(page, "Project and run live")):
        name = quoted_cell(notebook, run, shows).id
        assert noted(name, run, say) or name in hidden, run
    exercises = [cell.id for cell in code_cells(notebook, "exercise")]
    for number, says, reveals in table(part(page, "Wrong answers to expect")):
        assert noted(exercises[int(number) - 1], f"Exercise {number}.", says, reveals), says


@each_deck
def test_a_vote_is_on_the_screen_and_does_not_say_which_option_is_right(path):
    notebook, shown_in = read(path), {cell.id: cell.source for cell in arranged(path).cells}
    for _, quoted, *options, _ in table(part(page_of(path), "Votes")):
        shown = shown_in[notebook.cells[prediction(notebook, quoted)].id]
        (vote,) = re.findall(r'<p class="vote">(.*)</p>', shown)
        assert shown.index("**Predict.**") < shown.index(vote)
        found = re.findall(r"<span><b>([A-D])</b> (.*?)</span>", vote)
        plain = [re.sub("[*`]", "", option) for option in options]
        assert [(letter, html.unescape(text)) for letter, text in found] == list(
            zip("ABCD", plain, strict=True)
        )


def paragraphs(text):
    """Return the paragraphs of a Markdown text, as they read, without links and headings' marks."""
    text = re.sub(r"</?(details|summary)>|\]\(\S+\)|^#+ ", "\n\n", text, flags=re.MULTILINE)
    return [re.sub(r"[\W_]+", " ", each).strip() for each in re.split(r"\n\s*\n", text)]


@each_deck
def test_no_sentence_is_lost_and_none_that_the_class_must_see_stands_in_the_notes(path):
    cells = [cell for cell in read(path).cells if cell.cell_type == "markdown"]
    all_slides = slides(arranged(path))
    screen = " ".join(" ".join(paragraphs(shown)) for _, shown, _ in all_slides)
    noted = " ".join(" ".join(paragraphs(notes)) for _, _, notes in all_slides)
    for cell in cells:
        if slide_type(cell) in ("skip", "notes"):
            continue
        for raw in re.split(r"\n\s*\n", DETAILS.sub(r"\1\n\n\2\n\n", cell.source)):
            for read_as in paragraphs(raw):
                assert read_as in screen or read_as in noted, f"{cell.id} lost: {raw}"
                if re.search(r"\*\*|\$|next cell|yourself", raw):
                    assert read_as in screen, f"{cell.id}, in the notes alone: {raw}"


@each_deck
def test_first_and_last_slide_name_title_author_licence_and_address(path, monkeypatch):
    monkeypatch.setattr("tools.web.slides.repository", lambda: "https://github.com/someone/series")
    shown = [text for _, text, _ in slides(arrange(path))]
    named = [i for i, text in enumerate(shown) if 'class="imprint"' in text]
    assert named == [0, len(shown) - 1]
    for i in named:
        (line,) = re.findall(r'<p class="imprint">(.*)</p>', shown[i])
        assert line.startswith(f"{TITLE} · The plotnet project · ")
        assert links_of(line) == [
            "https://creativecommons.org/licenses/by/4.0/",
            "https://github.com/someone/series",
        ]


def links_of(text):
    return re.findall(r'href="(.*?)"', text)


@each_deck
@pytest.mark.parametrize("minutes", LENGTHS)
def test_a_deck_of_a_plan_has_its_sections_in_order_and_all_others_behind(path, minutes):
    shown = [text for _, text, _ in slides(arranged(path, minutes))]
    (end,) = [i for i, text in enumerate(shown) if text.startswith("## The end of the plan")]
    assert "imprint" in shown[end]
    rows = table(plan(page_of(path), minutes))
    names = [name for _, where, *_ in rows for name in ITALIC.findall(where)]
    known = headings(whole_text(read(path)))
    found = [name for text in shown[1:end] for name in headings(text) if name in known]
    assert [name for name in found if not name.startswith("Exercise ")] == names
    done = [name.split()[1][0] for name in found if name.startswith("Exercise ")]
    (row,) = [row for row in rows if row[1] == "*Exercises*"]
    assert done == sorted(re.findall(r"\d", re.sub(r"\+\d+", "", row[2])))
    codes = {cell.id for cell in code_cells(read(path))}
    whole, again = (
        [c.source for c in arranged(path, m).cells if c.id in codes] for m in (0, minutes)
    )
    assert sorted(whole) == sorted(again)


@each_deck
@pytest.mark.parametrize("minutes", LENGTHS)
def test_a_plan_shows_its_own_votes_and_questions_and_no_solution_of_what_is_begun(path, minutes):
    shown = "\n".join(text for _, text, _ in slides(arranged(path, minutes)))
    shown, _, behind = shown.partition("## The end of the plan")
    listed = in_plan(path, minutes)
    assert shown.count('<p class="vote">') == len(listed["vote"])
    titles = re.findall(r'<h3 class="folded">(.+?)</h3>', shown)
    assert [int(t[0]) for t in titles if t[0].isdecimal()] == listed["asked"]
    assert titles.count("Solution") == len(listed["exercise"])
    folded = shown.count("Solution</h3>") + behind.count("Solution</h3>")
    assert folded == len(code_cells(read(path), "exercise")), "a solution is lost, or shown twice"


def test_a_title_that_answers_stands_behind_the_prediction():
    found = set()
    for path in NOTEBOOKS:
        asked = False
        for cell in arranged(path).cells:
            if asked and (named := ANSWERS & set(headings(cell.source))):
                found |= named
            asked = asked or "**Predict.**" in cell.source
            if slide_type(cell) == "slide":
                asked = "**Predict.**" in cell.source
    assert found == ANSWERS
