"""Promise: every notebook is a lecture that a beamer of 1280 by 720 shows, without a network."""

import re
from contextlib import contextmanager

import pytest

from tests.helpers.web import SLIDES, WIDE, Page, judge_links
from tools.notebook import NOTEBOOKS, predicted, read
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
# Where the cells of a deck stand; and which outputs are seen no later than their code.
PLACES = """() => Object.fromEntries([...document.querySelectorAll('.cell')].map(cell => [
    cell.id.replace('cell-id=', ''), cell.closest('.notes') ? 'notes' : cell.closest('.fragment')
    ? 'fragment' : cell.closest('section') ? 'slide' : 'nowhere']))"""
SPOILED = """asked => asked.filter(id => {
    const code = document.getElementById(`cell-id=${id}`);
    const cells = document.querySelectorAll(`[id="cell-id=${id}"], [id^="cell-id=${id}-"]`);
    const outputs = [...cells].flatMap(cell => [...cell.querySelectorAll('.output')]);
    const step = e => e.closest('.fragment') ?? e.closest('section');
    return !outputs.length || outputs.some(output => step(output) === step(code)
        || !(code.compareDocumentPosition(output) & Node.DOCUMENT_POSITION_FOLLOWING));
})"""
HERE = "() => JSON.stringify(Reveal.getIndices())"


@contextmanager
def open_deck(browser, path):
    with Page(browser, SLIDES / f"{path.stem}.html") as page:
        page.tab.wait_for_function(READY)
        yield page


@pytest.fixture
def deck(browser, path):
    with open_deck(browser, path) as page:
        yield page


def slide_type(cell):
    return cell.metadata["slideshow"]["slide_type"]


def asked(path):
    return [cell.id for cell in predicted(read(path)) if cell.outputs]


@each_deck
def test_every_slide_fits(deck, path):
    states, problems = deck.tab.evaluate(STATES)
    assert states > deck.tab.evaluate("() => Reveal.getTotalSlides()") > 5
    found = [*problems, *deck.problems(), *judge_links(SLIDES / f"{path.stem}.html", SLIDES)]
    assert not found, "\n".join(found)


@each_deck
def test_cells_are_where_their_metadata_says_and_no_prediction_is_spoiled(deck, path):
    places, wrong = deck.tab.evaluate(PLACES), []
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
    assert len(asked(path)) > 1
    assert not deck.tab.evaluate(SPOILED, asked(path))


@each_deck
def test_answers_notes_and_figures(deck, path):
    """Hints come one by one, solutions after the slide that asks; notes keep their TeX, since their
    window has no MathJax; figures keep their alt text."""
    cells = read(path).cells
    text = "".join(cell.source for cell in cells)
    hint = "p:has(> strong:text-matches('^Hint {}\\\\.$'))"
    for selector, summary in [
        (hint.format("\\\\d"), "Hint"),
        (".fragment " + hint.format(2), "Hint 2"),
        ("section > .cell h3:text('Solution')", "Solution"),
    ]:
        assert deck.tab.locator(selector).count() == text.count(f"<summary>{summary}")
    assert deck.tab.locator("aside.notes").count() > 0
    assert deck.tab.locator("aside.notes mjx-container").count() == 0
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
    sliders = deck.tab.locator(".plotnet-slider").all()
    assert bool(sliders) == ("plotnet-slider" in path.read_text(encoding="utf-8"))
    for slider in sliders:
        slider.evaluate(
            "e => { const {h, v} = Reveal.getIndices(e.closest('section'));"
            " Reveal.slide(h, v, 99); }"
        )
        here, handle = deck.tab.evaluate(HERE), slider.locator("input[type=range]").first
        before = slider.inner_html()
        handle.press("ArrowRight")
        handle.press("ArrowRight")
        assert slider.inner_html() != before
        assert deck.tab.evaluate(HERE) == here
        handle.press("PageDown")
        assert deck.tab.evaluate(HERE) != here
    assert not list(deck.problems())


# The judges themselves: a deck made wrong is seen to be wrong.


def test_judges_see_a_bad_slide_and_a_spoiled_prediction(browser):
    with open_deck(browser, NOTEBOOKS[0]) as page:
        for sign, style, text in [
            ("lies outside", "height: 800px", "long"),
            ("is cut off", "white-space: nowrap", "x" * 200),
            ("has 12 px", "font-size: 12px", "small"),
        ]:
            page.tab.evaluate(
                "html => { Reveal.getSlides()[3].innerHTML += html; }",
                f'<p style="{style}">{text}</p>',
            )
            _, problems = page.tab.evaluate(STATES)
            assert any(p.startswith("slide 4") and sign in p for p in problems), sign
        page.tab.evaluate(
            "() => { for (const e of document.querySelectorAll('.fragment')) e.className = ''; }"
        )
        assert page.tab.evaluate(SPOILED, asked(NOTEBOOKS[0]))
