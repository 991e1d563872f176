"""Promise: every notebook is a lecture that a beamer of 1280 by 720 shows, without a network."""

import re

import pytest

from tests.helpers.web import SLIDES, WIDE, Page, judge_links
from tools.notebook import NOTEBOOKS, read
from tools.web.chromium import violations

each_deck = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
READY = "() => window.Reveal && Reveal.isReady()"
# Each state of each slide, from the first to the last fragment: what lies outside the slide, what
# would have to scroll, and which text is too small to be read from the last row.
STATES = """() => {
    const problems = [], seen = (e, s) => {
        const box = e.getBoundingClientRect(), style = getComputedStyle(e);
        const shown = style.visibility !== 'hidden' && style.opacity > 0;
        return box.width && box.height && shown ? box : null;
    };
    let states = 0;
    for (const [i, slide] of Reveal.getSlides().entries()) {
        const {h, v} = Reveal.getIndices(slide);
        const say = text => problems.push(`slide ${i + 1}: ${text}`);
        const fragments = slide.querySelectorAll('.fragment').length;
        for (let f = -1; f < fragments; f++) {
            Reveal.slide(h, v, f);
            states++;
            for (const e of slide.querySelectorAll('*:not(.notes):not(.notes *)')) {
                if (e.closest('mjx-assistive-mml')) continue;
                const box = seen(e), what = `${e.localName} "${e.textContent.slice(0, 40)}"`;
                if (!box) continue;
                if (box.bottom > 720 || box.right > 1280 || box.top < 0 || box.left < 0)
                    say(`${what} lies outside: right ${box.right}, bottom ${box.bottom}`);
                if (e.matches('pre, table, p, section') && e.scrollWidth > e.clientWidth + 1)
                    say(`${what} is cut off`);
            }
        }
        const texts = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            const e = texts.currentNode.parentElement, text = texts.currentNode.data.trim();
            if (!text || e.closest('.notes, mjx-container, .plotnet-slider')) continue;
            const size = parseFloat(getComputedStyle(e).fontSize);
            const least = e.closest('pre') ? 19 : e.closest('code') ? 17 : 20;
            if (size < least) say(`"${text}" has ${size} px`);
        }
    }
    return [states, problems];
}"""
# In the first state of a slide that asks for a prediction, no output below the question is seen.
SPOILED = """() => Reveal.getSlides().flatMap((slide, i) => {
    const question = [...slide.querySelectorAll('strong')].find(e => e.textContent === 'Predict.');
    if (!question) return [];
    const {h, v} = Reveal.getIndices(slide);
    Reveal.slide(h, v, -1);
    return [...slide.querySelectorAll('.output')].filter(output =>
        question.compareDocumentPosition(output) & Node.DOCUMENT_POSITION_FOLLOWING
        && !output.closest('.fragment')
    ).map(output => `slide ${i + 1}: ${output.textContent.trim()}`);
})"""
PLACES = """() => Object.fromEntries([...document.querySelectorAll('.cell')].map(cell => [
    cell.id.replace('cell-id=', ''), cell.closest('.notes') ? 'notes' : cell.closest('.fragment')
    ? 'fragment' : cell.closest('section') ? 'slide' : 'nowhere']))"""


@pytest.fixture
def deck(browser, path):
    with Page(browser, SLIDES / f"{path.stem}.html") as page:
        page.tab.wait_for_function(READY)
        yield page


def slide_type(cell):
    return cell.metadata["slideshow"]["slide_type"]


@each_deck
def test_every_slide_fits(deck):
    states, problems = deck.tab.evaluate(STATES)
    assert states > deck.tab.evaluate("() => Reveal.getTotalSlides()") > 5
    assert not problems, "\n".join(problems)
    found = list(deck.problems())
    assert not found, "\n".join(found)


@each_deck
def test_cells_are_where_their_metadata_says(deck, path):
    places = deck.tab.evaluate(PLACES)
    wrong = []
    for cell in read(path).cells:
        kind, place = slide_type(cell), places.get(cell.id)
        # Hints and solutions become cells of their own; test_answers looks at those.
        if cell.source.startswith("<details>"):
            continue
        expected = {"skip": None, "notes": "notes", "fragment": "fragment"}.get(kind, "slide")
        # What follows a fragment without a place of its own belongs to it.
        if place != expected and not (kind == "-" and place == "fragment"):
            wrong.append(f"{cell.id}: {kind}, and in the deck {place}")
    assert not wrong, "\n".join(wrong)


@each_deck
def test_no_prediction_is_spoiled(deck):
    assert not deck.tab.evaluate(SPOILED)


@each_deck
def test_answers(deck, path):
    """Hints come one by one, solutions on a slide of their own, after the slide that asks."""
    hints = deck.tab.locator("p:has(> strong:text-matches('^Hint \\\\d\\\\.$'))")
    solutions = deck.tab.locator("section > .cell h3:text('Solution')")
    text = "".join(cell.source for cell in read(path).cells)
    assert hints.count() == text.count("<summary>Hint")
    assert solutions.count() == text.count("<summary>Solution")
    second = deck.tab.locator(".fragment p:has(> strong:text-matches('^Hint 2\\\\.$'))")
    assert second.count() == text.count("<summary>Hint 2")


@each_deck
def test_speaker_notes(deck, path):
    """Every deck has notes; they keep their TeX, since their window has no MathJax."""
    notes = deck.tab.locator("aside.notes")
    assert notes.count() > 0
    assert deck.tab.locator("aside.notes mjx-container").count() == 0
    for cell in read(path).cells:
        if slide_type(cell) == "notes":
            words = re.sub(r"[`*]", "", cell.source).split()[:5]
            assert deck.tab.locator("aside.notes", has_text=" ".join(words)).count() == 1


@each_deck
def test_links(path):
    found = list(judge_links(SLIDES / f"{path.stem}.html", SLIDES))
    assert not found, "\n".join(found)


@each_deck
def test_figures_have_alt_text(deck, path):
    stored = [
        c.metadata["mystnb"]["image"]["alt"] for c in read(path).cells if "mystnb" in c.metadata
    ]
    shown = deck.tab.eval_on_selector_all(".slides img", "images => images.map(i => i.alt)")
    assert shown == stored


def test_contents_and_first_slides_shut_nobody_out(browser):
    for path in (SLIDES / "index.html", SLIDES / f"{NOTEBOOKS[0].stem}.html"):
        with Page(browser, path, WIDE) as page:
            page.wait_for_math()
            # Before axe-core is asked: it reads style sheets in a way that file:// forbids.
            assert not list(page.problems())
            for scheme in ("light", "dark"):
                page.tab.emulate_media(color_scheme=scheme)
                assert not violations(page.tab), scheme


def test_sliders_move(browser):
    """A slider on a slide answers to the keyboard, and the deck stays on its slide."""
    for path in NOTEBOOKS:
        if "plotnet-slider" not in path.read_text(encoding="utf-8"):
            continue
        with Page(browser, SLIDES / f"{path.stem}.html") as page:
            page.tab.wait_for_function(READY)
            sliders = page.tab.locator(".plotnet-slider")
            assert sliders.count()
            for slider in sliders.all():
                slider.evaluate(
                    "e => { const {h, v} = Reveal.getIndices(e.closest('section'));"
                    " Reveal.slide(h, v, 99); }"
                )
                place = page.tab.evaluate("() => JSON.stringify(Reveal.getIndices())")
                handle, before = slider.locator("input[type=range]").first, slider.inner_html()
                handle.focus()
                handle.press("ArrowRight")
                handle.press("ArrowRight")
                assert slider.inner_html() != before
                assert page.tab.evaluate("() => JSON.stringify(Reveal.getIndices())") == place
            assert not list(page.problems())


# The judges themselves: a deck made wrong is seen to be wrong.

BREAKS = {
    "lies outside": "section.innerHTML += '<p style=\"height: 800px\">long</p>'",
    "is cut off": "section.innerHTML += '<pre style=\"white-space: pre\">' + 'x'.repeat(200)",
    "has 12 px": "section.innerHTML += '<p style=\"font-size: 12px\">small</p>'",
}


@pytest.mark.parametrize("sign", BREAKS)
def test_judge_sees_a_bad_slide(browser, sign):
    with Page(browser, SLIDES / f"{NOTEBOOKS[0].stem}.html") as page:
        page.tab.wait_for_function(READY)
        page.tab.evaluate(f"() => {{ const section = Reveal.getSlides()[3]; {BREAKS[sign]} }}")
        _, problems = page.tab.evaluate(STATES)
        assert any(problem.startswith("slide 4") and sign in problem for problem in problems)


def test_judge_sees_a_spoiled_prediction(browser):
    with Page(browser, SLIDES / f"{NOTEBOOKS[0].stem}.html") as page:
        page.tab.wait_for_function(READY)
        page.tab.evaluate(
            "() => { for (const e of document.querySelectorAll('.fragment')) e.className = ''; }"
        )
        assert page.tab.evaluate(SPOILED)
