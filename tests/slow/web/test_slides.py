"""Promise: every notebook is a lecture that a beamer of 1280 by 720 shows, without a network."""

import re

import pytest

from tests.helpers.js import js
from tests.helpers.web import SLIDES, WIDE, Page, judge_links
from tools.notebook import NOTEBOOKS, predicted, read
from tools.web.chromium import violations

each_deck = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
READY = "() => window.Reveal && Reveal.isReady()"


@pytest.fixture
def folder():
    """The whole decks, unless a test asks for those of 50 minutes."""
    return SLIDES


@pytest.fixture
def deck(browser, folder, path):
    with Page(browser, folder / f"{path.stem}.html") as page:
        page.tab.wait_for_function(READY)
        yield page


def slide_type(cell):
    return cell.metadata["slideshow"]["slide_type"]


def asked(path):
    return [cell.id for cell in predicted(read(path)) if cell.outputs]


@each_deck
@pytest.mark.parametrize("folder", [SLIDES, SLIDES / "50"], ids=["whole", "50"])
def test_every_slide_fits(deck, folder, path):
    states, problems = deck.tab.evaluate(js("page.states"))
    assert states > deck.tab.evaluate("() => Reveal.getTotalSlides()") > 5
    found = [*problems, *deck.problems(), *judge_links(folder / f"{path.stem}.html", SLIDES)]
    assert not found, "\n".join(found)


@each_deck
def test_cells_are_where_their_metadata_says_and_no_prediction_is_spoiled(deck, path):
    places, wrong = deck.tab.evaluate(js("page.places")), []
    for cell in read(path).cells:
        kind, place = slide_type(cell), places.get(cell.id)
        # Hints and solutions become cells of their own; test_answers looks at those.
        if cell.source.startswith("<details>"):
            continue
        if place != {"skip": None, "notes": "notes"}.get(kind, "slide"):
            wrong.append(f"{cell.id}: {kind}, and in the deck {place}")
    assert not wrong, "\n".join(wrong)
    assert len(asked(path)) > 1
    assert not deck.tab.evaluate(js("page.spoiled"), asked(path))


@each_deck
def test_answers_notes_and_figures(deck, path):
    """Hints come one by one, solutions after the slide that asks; formulas of notes are MathML,
    since their window has no MathJax; figures keep their alt text."""
    cells = read(path).cells
    text = "".join(cell.source for cell in cells)
    hint = "p:has(> strong:text-matches('^Hint {}\\\\.$'))"
    for selector, summary in [
        (hint.format("\\\\d"), "Hint"),
        (".fragment " + hint.format(2), "Hint 2"),
        ("section > .cell h3:text('Solution')", "Solution"),
    ]:
        assert deck.tab.locator(selector).count() == text.count(f"<summary>{summary}")
    assert deck.tab.evaluate(js("page.notes")) == []
    note = deck.tab.locator("aside.notes p").first
    note.evaluate("note => { note.append(' $e^{-c}$'); setNotes(); }")
    assert note.locator("math msup").text_content().split() == ["e", "−", "c"]
    for cell in cells:
        if slide_type(cell) == "notes":
            words = re.sub(r"[`*]", "", cell.source).split()[:5]
            assert deck.tab.locator("aside.notes", has_text=" ".join(words)).count() == 1
    stored = [
        cell.metadata["mystnb"]["image"]["alt"] for cell in cells if "mystnb" in cell.metadata
    ]
    assert deck.tab.eval_on_selector_all(".slides img", "all => all.map(i => i.alt)") == stored


def test_contents_and_first_slides_shut_nobody_out(browser):
    for path in (SLIDES / "index.html", SLIDES / f"{NOTEBOOKS[0].stem}.html"):
        with Page(browser, path, WIDE) as page:
            page.wait_for_math()
            # Before axe-core is asked: it reads style sheets in a way that file:// forbids.
            assert not list(page.problems())
            for scheme in ("light", "dark"):
                page.tab.emulate_media(color_scheme=scheme)
                assert not violations(page.tab), scheme


@each_deck
def test_arrows_move_a_slider_and_a_remote_turns_the_page(deck, path):
    """Whatever has the focus: a handle, a button, a list, a box, a link, by keyboard or mouse."""
    assert bool(deck.tab.locator(".plotnet-slider").count()) == (
        "plotnet-slider" in path.read_text(encoding="utf-8")
    )
    for handle in deck.tab.locator(".plotnet-slider input[type=range]").all():
        handle.evaluate(js("page.goTo"))
        here, before = deck.tab.evaluate(js("page.here")), handle.input_value()
        handle.press("ArrowRight")
        assert handle.input_value() != before
        assert deck.tab.evaluate(js("page.here")) == here
    controls = deck.tab.locator(
        ".slides section :is(.plotnet-slider :is(input, button, select), p:not(.imprint) a)"
    )
    for control in controls.all()[:12]:
        for key in ("PageDown", "PageUp", "Space"):
            control.evaluate(js("page.goTo"))
            here = deck.tab.evaluate(js("page.here"))
            if key == "Space" or not control.evaluate(
                "e => e.matches('input[type=range], button')"
            ):
                control.focus()
            else:
                control.click()
            deck.tab.keyboard.press(key)
            assert deck.tab.evaluate(js("page.here")) != here, (control, key)
    assert not list(deck.problems())
