"""Promise: the site reads well on a phone, by keyboard, by ear and on paper, from its start."""

import re

import pytest

from tests.helpers.web import PHONE, SITE, WIDE, ZOOMED, Page, soup
from tools.notebook import NOTEBOOKS, code_cells, header, images, read

PAPER = {"width": 718, "height": 1047}  # A4 without its margins, in px
TEACHING = ["README", *(path.stem for path in NOTEBOOKS)]
each_lesson = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
each_width = pytest.mark.parametrize("viewport", [PHONE, ZOOMED], ids=["phone", "zoomed"])


def lesson(path):
    return SITE / f"{path.stem}.html"


def evaluate(browser, file, viewport, script, media="screen"):
    with Page(browser, file, viewport) as page:
        page.wait_for_math()
        page.tab.emulate_media(media=media)
        page.tab.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        page.tab.wait_for_timeout(200)
        result = page.tab.evaluate(script)
        assert not list(page.problems())
    return result


def test_the_first_screen_answers_each_visitor(browser):
    """On a phone, without scrolling: a nan, a start, and the call of a framework."""
    with Page(browser, SITE / "index.html", PHONE) as page:
        for address, says in [
            ("field_guide.html", "Find your symptom"),
            ("01_draw_the_network.html", "01 · Draw the network"),
            ("06_cross_entropy.html#the-same-loss-elsewhere", "TensorFlow, Keras and JAX"),
        ]:
            link = page.tab.locator(f'article a[href="{address}"]').first
            box = link.bounding_box()
            assert says in link.inner_text() and box["y"] + box["height"] < PHONE["height"]
        assert "F.cross_entropy(Z, labels)" in page.tab.locator("article ul").first.inner_text()
    first = soup(SITE / "index.html").select(".sidebar-tree li a")[0]
    assert (first.get_text(), first["href"]) == ("My loss is nan", "field_guide.html")


def test_every_page_says_whose_it_is_and_what_it_holds():
    foreign = {"slides", "lite", "sheets"}
    files = [file for file in SITE.rglob("*.html") if not foreign & {*file.parts}]
    assert len(files) > 2 * len(NOTEBOOKS)
    for file in files:
        page = soup(file)
        for says in ("The plotnet project", "CC BY 4.0", "BSD 3-Clause", "How to cite"):
            assert says in page.select_one(".foot").get_text(), file
        says = {
            tag.get("name") or tag.get("property"): tag["content"]
            for tag in page.select("meta[content]")
        }
        assert 20 < len(says["description"]) <= 202, file
        assert says["og:description"] == says["description"] and says["og:site_name"]
        assert says["og:title"] == page.select_one("h1").get_text().removesuffix("¶"), file
        assert len(page.select("meta[name=viewport]")) == 1, file


def test_descriptions_are_promises_and_the_citation_is_that_of_the_repository():
    for path in NOTEBOOKS:
        says = soup(lesson(path)).select_one("meta[name=description]")["content"].split()
        promise = re.sub(r"[`*$]", "", header(read(path)).promise).replace("'", "’").split()
        assert says[:8] == promise[:8]
    text = soup(SITE / "cite.html").select_one("article").get_text()
    assert "Softmax and its numerical stability: a notebook series. Version 0.1.0, 2026." in text


@pytest.mark.parametrize("name", TEACHING)
def test_teaching_pages_are_pages(name):
    page = soup(SITE / "teaching" / f"{name}.html")
    assert len(page.select("article table")) >= 3
    assert page.select(
        '.sidebar-tree a[href="../teaching/README.html"], a[href="README.html"], a[href="#"]'
    )


GROUPS = """() => [...document.querySelectorAll("[role=group][aria-label], [role=region]")]
    .map(e => e.getAttribute("aria-label"))"""


@each_lesson
def test_code_output_warning_and_error_are_named_apart(browser, path):
    """As many groups of each kind as the notebook has parts, and no name twice."""
    names = evaluate(browser, lesson(path), WIDE, GROUPS)
    assert len(names) == len(set(names))
    count = {kind: len([n for n in names if re.fullmatch(rf"{kind} \d+", n)]) for kind in KINDS}
    cells = code_cells(read(path))
    for kind, has in KINDS.items():
        assert count[kind] == sum(any(map(has, cell.outputs)) for cell in cells), kind
    assert len([name for name in names if re.fullmatch(r"Code \d+", name)]) == len(cells)


KINDS = {
    "Output": lambda o: o.output_type != "error" and o.get("name") != "stderr",
    "Warning": lambda o: o.get("name") == "stderr",
    "Error": lambda o: o.output_type == "error",
}
STOPS = """() => [...document.querySelectorAll("pre, .table-wrapper, .math")].filter(e => {
    const scrolls = e.scrollWidth > e.clientWidth + 1;
    const named = e.matches("[role=group][aria-label], .cell_output > *");
    return scrolls !== (e.tabIndex === 0) || scrolls && !named;
}).map(e => e.className + e.textContent.slice(0, 60))"""


@pytest.mark.parametrize("viewport", [PHONE, ZOOMED, WIDE], ids=["390", "683", "1280"])
def test_the_keyboard_stops_where_something_scrolls(browser, viewport):
    assert evaluate(browser, SITE / "03_naive_softmax.html", viewport, STOPS) == []


@each_width
def test_drawers_open_for_the_keyboard_and_are_landmarks(browser, viewport):
    """Every stop of the first forty lies on the screen."""
    with Page(browser, SITE / "03_naive_softmax.html", viewport) as page:
        seen = set()
        for _ in range(40):
            page.tab.keyboard.press("Tab")
            page.tab.wait_for_timeout(350 if not seen & {"Series"} else 60)
            place = page.tab.evaluate(
                "() => { const e = document.activeElement, box = e.getBoundingClientRect();"
                " return [e.closest('nav')?.getAttribute('aria-label'), box.left, box.right]; }"
            )
            seen.add(place[0])
            assert place[1] + 1 >= 0 and place[2] <= viewport["width"] + 1, place
        page.tab.locator(".toc-drawer a >> nth=3").focus()
        page.tab.wait_for_timeout(400)
        box = page.tab.locator(".toc-drawer").bounding_box()
        assert box["x"] + box["width"] <= viewport["width"] + 1
    assert "Series" in seen
    names = [nav.get("aria-label") for nav in soup(SITE / "03_naive_softmax.html").select("nav")]
    assert names == ["Series", "On this page"]


def test_contents_close_after_a_tap_and_the_place_is_in_sight(browser):
    with Page(browser, SITE / "03_naive_softmax.html", PHONE) as page:
        page.tab.locator("label.toc-header-icon").click()
        page.tab.wait_for_timeout(400)
        link = page.tab.locator(".toc-drawer a", has_text="Failure 1")
        assert link.bounding_box()["height"] >= 24
        link.click()
        page.tab.wait_for_timeout(1500)
        assert page.tab.locator(".toc-drawer").bounding_box()["x"] >= PHONE["width"]
        heading = page.tab.locator("h2, h3", has_text="Failure 1").first
        assert 0 < heading.bounding_box()["y"] < 300


@each_width
@each_lesson
def test_figures_are_wide_enough_on_a_phone(browser, path, viewport):
    """At two thirds of their size 12 points have 11 px; the box scrolls, and the page does not."""
    boxes = evaluate(
        browser,
        lesson(path),
        viewport,
        """() => [...document.querySelectorAll(".cell_output a img")].map(image => [
            image.getBoundingClientRect().width, image.naturalWidth,
            image.parentElement.getBoundingClientRect().width,
            getComputedStyle(image.parentElement).overflowX])""",
    )
    stored = sum(len(list(images(cell))) for cell in code_cells(read(path)))
    assert len(boxes) == stored
    for width, natural, box, overflow in boxes:
        assert width * 12 / (natural / 2 / 100 * 72) >= 11, (width, natural)
        assert box <= viewport["width"] and overflow == "auto"


CARDS = """() => [...document.querySelectorAll("article table")].map(table => {
    const wrapper = table.closest(".table-wrapper") ?? table.parentElement;
    const cut = wrapper.scrollWidth > wrapper.clientWidth + 1;
    const texts = [...table.querySelectorAll("td")].map(cell => cell.textContent.trim());
    const longest = Math.max(...texts.map(text => text.length));
    return [cut, longest, table.getAttribute("role")];
})"""


@pytest.mark.parametrize("name", ["notation", "06_cross_entropy", "teaching/03_naive_softmax"])
@pytest.mark.parametrize("width", [360, 390])
def test_tables_of_sentences_are_blocks_on_a_phone(browser, name, width):
    found = evaluate(browser, SITE / f"{name}.html", {"width": width, "height": 700}, CARDS)
    assert any(role == "table" for _, _, role in found)
    assert not [table for table in found if table[0] and table[1] >= 25]


def test_headings_have_sizes_of_their_own_on_a_phone(browser):
    script = """() => ["h1", "h2", "h3"].map(h => parseFloat(
        getComputedStyle(document.querySelector(`article ${h}`)).fontSize))"""
    first, second, third = evaluate(browser, SITE / "03_naive_softmax.html", PHONE, script)
    assert first > 1.2 * second > 1.3 * third


CUT = """() => [...document.querySelectorAll("pre")].filter(e => e.scrollWidth > e.clientWidth + 1
    || e.getBoundingClientRect().right > document.documentElement.clientWidth)
    .map(e => e.textContent.slice(0, 80))"""


@each_lesson
def test_no_line_of_code_is_cut_in_print(browser, path):
    assert evaluate(browser, lesson(path), PAPER, CUT, media="print") == []


@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if "Slider(" in p.read_text("utf-8")])
def test_a_finger_sets_a_slider_step_by_step(browser, path):
    with Page(browser, lesson(path), PHONE) as page:
        for row in page.tab.locator(".plotnet-range").all():
            handle = row.locator("input")
            step, value = handle.evaluate("e => [Number(e.step), Number(e.value)]")
            limit = float(handle.get_attribute("max"))
            for name, moved in [("More", min(value + step, limit)), ("Less", None)]:
                button = row.locator(f'button[aria-label^="{name}"]')
                size = button.bounding_box()
                assert min(size["width"], size["height"]) >= 32
                button.click()
                moved = value - step if moved is None else moved
                value = float(handle.input_value())
                assert value == pytest.approx(moved)
        assert not list(page.problems())


def test_a_swipe_over_a_slider_scrolls_and_a_drag_moves_it(browser):
    """With the touches of a finger: a vertical one leaves the value as it was."""
    tab = browser.new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    tab.goto(lesson(NOTEBOOKS[3]).as_uri())
    handle, touch = tab.locator(".plotnet-range input").first, tab.context.new_cdp_session(tab)

    def swipe(right, down):
        handle.evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
        tab.wait_for_timeout(500)
        box, before = handle.bounding_box(), (handle.input_value(), tab.evaluate("scrollY"))
        x, y = box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2
        for i in range(10):
            place = {"x": x + right * i / 9, "y": y + down * i / 9}
            kind = "touchMove" if i else "touchStart"
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
            tab.wait_for_timeout(20)
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        tab.wait_for_timeout(500)
        return handle.input_value() != before[0], tab.evaluate("scrollY") != before[1]

    shown = tab.locator(".plotnet-slider").first.inner_text()
    assert [swipe(3, -200), swipe(30, 150)] == [(False, True)] * 2
    assert tab.locator(".plotnet-slider").first.inner_text() == shown
    assert swipe(150, 4) == (True, False)
    tab.close()
