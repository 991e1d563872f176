"""Promise: everyone can move a slider, in JupyterLab and on a page, and reads what it computes."""

import json

import nbformat
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lesson import taught
from lesson.sliders import (
    BarsSlider,
    BlocksSlider,
    DigitsSlider,
    GapSlider,
    MaskSlider,
    PrecisionSlider,
    SoftmaxSlider,
    static_script,
)
from tests.helpers.compare_run import artefacts
from tests.helpers.figure_reader import contrast
from tests.helpers.js import js
from tests.helpers.lab_in_chromium import open_notebook
from tests.helpers.mask_ways import taught_masks
from tests.helpers.stored_rules import METADATA
from tools.web.chromium import listen, violations

STATES = {
    SoftmaxSlider: {},
    PrecisionSlider: {"dtype": "float32", "rows": [[0, 1], [0, 0], [1000, 1000, 100]]},
    GapSlider: {"dtype": "float32", "gap": 17},
    BarsSlider: {"logits": {"oak": 2, "beech": 1, "birch": -1}},
    MaskSlider: {"dtype": "float32"},
    DigitsSlider: {"offset": 128},
    BlocksSlider: {},
}
LIVE = ".plotnet-slider-live"
BROKEN = '<div class="plotnet-slider" data-slider="gap" data-state="{&quot;gap&quot;: NaN}"></div>'
# A page that knows of the dark theme as furo does, or only through its own colours.
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sliders</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><script>{script}</script>
<style>body {{ font-family: sans-serif; margin: 8px; background: #fff; color: #222 }}
body[data-theme=dark] {{ background: #131416; color: #cfd0d0; color-scheme: dark }}</style></head>
<body data-theme="{theme}"><main><h1>Sliders</h1>{places}</main></body></html>"""
SEEN = """place => [...place.querySelectorAll("tr")].map(row => [...row.cells].map(cell => {
    const bar = cell.querySelector(".plotnet-bar");
    return {text: (cell.querySelector(".plotnet-number") ?? cell).textContent.replaceAll("−", "-"),
        share: bar && parseFloat(bar.style.width || bar.style.height),
        right: bar?.classList.contains("plotnet-right"),
        pattern: Boolean(cell.querySelector(".plotnet-lost"))};
}))"""
# The keys that move a control, the state they lead to, and what the slider says of each version.
SHIFT, TEMPERATURE = "Shift c, added to every logit", "Temperature T, divides the logits"
OFFSET, GAP = "Offset, added to every logit", "Gap by which the right class trails"
OVERFLOW, UNDERFLOW = "nan: exp overflows, ∞/∞", "nan: all exp are 0, 0/0"
ZEROS, LOST = "all zero: the sum overflows", "wrong digits: exp has lost them"
NO_CLASS, RIGHT = "gradient nan: 0/0", "right"
LOGIT, SUBTRACT = "Its logit", "Subtract the maximum"
SCORE, ALLOWED = "Score of the masked entry", "The other entry, of score 0, is allowed"
LEAKS, LATE, NOTHING = "leaks", "share lost", "nan"
DIGITS, NO_DIGIT = "wrong digits: the logits have lost them", "all equal: no digit is left"
WIDTH, GUARD = "Logits in a chunk", "Subtract 0 while the maximum is −∞"
MOVES = [
    (SoftmaxSlider, SHIFT, "End", {"shift": 1000}, [OVERFLOW, RIGHT]),
    (SoftmaxSlider, SHIFT, "Home", {"shift": -1000}, [UNDERFLOW, RIGHT]),
    (SoftmaxSlider, SHIFT, "ArrowRight " * 6, {"shift": -997}, [UNDERFLOW, RIGHT]),
    (SoftmaxSlider, TEMPERATURE, "ArrowRight " * 8, {"temperature": 4}, [RIGHT, RIGHT]),
    (PrecisionSlider, OFFSET, "End", {"offset": 120}, [OVERFLOW, RIGHT]),
    (PrecisionSlider, OFFSET, "ArrowLeft " * 65, {"offset": 87.5}, [ZEROS, RIGHT]),
    (PrecisionSlider, OFFSET, "Home" + " ArrowRight" * 40, {"offset": -100}, [LOST, RIGHT]),
    (PrecisionSlider, "Logits", "ArrowDown ArrowDown", {"row": 2}, [OVERFLOW, RIGHT]),
    (PrecisionSlider, OFFSET, "Home", {"offset": -1120}, [UNDERFLOW, RIGHT]),
    (PrecisionSlider, OFFSET, "ArrowRight " * 240, {"offset": -1000}, [RIGHT, RIGHT]),
    (PrecisionSlider, "Logits", "ArrowUp", {"row": 1, "offset": -120}, [UNDERFLOW, RIGHT]),
    (PrecisionSlider, "Type", "ArrowUp", {"dtype": "float16", "offset": -24}, [UNDERFLOW, RIGHT]),
    (GapSlider, GAP, "End", {"gap": 120}, [NO_CLASS] * 2 + ["learns nothing"] * 2),
    (
        GapSlider,
        GAP,
        "ArrowLeft " * 60,
        {"gap": 90},
        [NO_CLASS, RIGHT, "hardly learns", "learns nothing"],
    ),
    (GapSlider, GAP, "Home", {"gap": -20}, [RIGHT, RIGHT, "loss below 0", RIGHT]),
    (GapSlider, "Type", "ArrowDown", {"dtype": "float64"}, [RIGHT, RIGHT, "loss below 0", RIGHT]),
    (GapSlider, GAP, "End", {"gap": 800}, [NO_CLASS] * 2 + ["learns nothing"] * 2),
    (BarsSlider, "Class", "ArrowDown", {"chosen": "beech"}, [RIGHT]),
    (BarsSlider, LOGIT, "End", {"logits": {"oak": 2, "beech": 10, "birch": -1}}, [RIGHT]),
    (BarsSlider, OFFSET, "End", {"offset": 800}, [OVERFLOW]),
    (BarsSlider, SUBTRACT, "Space", {"subtract": True}, [RIGHT]),
    (BarsSlider, OFFSET, "Home", {"offset": -800}, [RIGHT]),
    (BarsSlider, SUBTRACT, "Space", {"subtract": False}, [UNDERFLOW]),
    (MaskSlider, SCORE, "End", {"score": 32768}, [LEAKS, RIGHT, LATE, RIGHT]),
    (MaskSlider, SCORE, "ArrowLeft ArrowLeft", {"score": 8192}, [RIGHT, RIGHT, LATE, RIGHT]),
    (MaskSlider, "Sentinel", "ArrowDown", {"sentinel": "-1e9"}, [RIGHT, RIGHT, LATE, RIGHT]),
    (MaskSlider, ALLOWED, "Space", {"allowed": False}, [LEAKS, LEAKS, RIGHT, RIGHT]),
    (MaskSlider, "Type", "ArrowUp", {"dtype": "float16"}, [NOTHING, NOTHING, RIGHT, RIGHT]),
    (MaskSlider, "Sentinel", "ArrowDown", {"sentinel": "least"}, [LEAKS, LEAKS, RIGHT, RIGHT]),
    (MaskSlider, SCORE, "Home", {"score": -32768}, [LEAKS, LEAKS, RIGHT, RIGHT]),
    (DigitsSlider, OFFSET, "ArrowRight", {"offset": 256}, [DIGITS]),
    (DigitsSlider, OFFSET, "ArrowRight ArrowRight", {"offset": 1024}, [NO_DIGIT]),
    (DigitsSlider, "Type", "ArrowUp", {"dtype": "float16"}, [RIGHT]),
    (DigitsSlider, OFFSET, "End", {"offset": 2**26}, ["nan: the offset is beyond"]),
    (DigitsSlider, OFFSET, "Home", {"offset": 0}, [RIGHT]),
    (BlocksSlider, WIDTH, "ArrowLeft", {"width": 2}, ["5.4562, right", "wrong"]),
    (BlocksSlider, "Masked", "ArrowDown", {"masked": 1}, ["nan: −∞ − (−∞)"]),
    (BlocksSlider, GUARD, "Space", {"guard": True}, ["5.3538, right", "wrong"]),
    (BlocksSlider, WIDTH, "Home", {"width": 1}, ["right", "wrong"]),
    (BlocksSlider, WIDTH, "End", {"width": 6}, ["Merged: −inf, right"]),
]


def static_page(folder, theme="light"):
    """Write a page that holds the sliders as a stored notebook does; return its address."""
    places = (make(**state)._repr_mimebundle_()[0]["text/html"] for make, state in STATES.items())
    file, script = folder / f"{theme}.html", static_script()
    file.write_text(
        PAGE.format(script=script, theme=theme, places=BROKEN + "".join(places)), "utf-8"
    )
    return file.as_uri()


def assert_bar(cell, expected, share):
    """The bar is the share; nan and infinities have a pattern, no bar."""
    finite = np.isfinite(expected)
    assert cell["share"] == pytest.approx(100 * np.clip(share, 0, 1) if finite else 0, abs=0.1)
    assert cell["pattern"] == (not finite)


def assert_cell(cell, expected, share, right):
    """The text is the number, too, and the bar says whether it is right."""
    assert float(cell["text"]) == pytest.approx(float(expected), rel=0.05, abs=6e-5, nan_ok=True)
    assert_bar(cell, expected, share)
    assert cell["right"] == right


def assert_shown(place, make, state, verdicts):
    """The table shows this state, computed with the definitions of the notebooks."""
    rows = place.evaluate(SEEN)[1:]
    if make is BarsSlider:
        z = np.array([*state["logits"].values()]) + state["offset"]
        z = z - z.max() if state["subtract"] else z
        with np.errstate(all="ignore"):
            exp, p = np.exp(z), taught.naive_softmax(z)
        tallest = exp[np.isfinite(exp)].max(initial=5e-324)
        for row, values, high in zip(
            rows, (z, exp, p), (max(10, *abs(z)), tallest, 1), strict=True
        ):
            for cell, value in zip(row[1:-1], values, strict=True):
                # A number of any size shows two digits or more.
                text, value = float(cell["text"]), float(value)
                assert text == pytest.approx(value, rel=0.05, abs=6e-4, nan_ok=True)
                assert_bar(cell, value, abs(value) / high)
    elif make is DigitsSlider:
        z = np.add(state["logits"], state["offset"])
        store = (
            taught.to_bfloat16 if state["dtype"] == "bfloat16" else np.dtype(state["dtype"]).type
        )
        with np.errstate(over="ignore"):
            stored = store(z).astype(float)
        columns = stored, stored - state["offset"], taught.softmax(stored)
        for row, *values, truth in zip(
            rows, *columns, taught.softmax(state["logits"]), strict=True
        ):
            for cell, value in zip(row[1:3], values, strict=False):
                assert float(cell["text"]) == pytest.approx(value, nan_ok=True)
            assert_cell(row[3], values[2], values[2], verdicts == [RIGHT])
            assert_cell(row[4], truth, truth, True)
    elif make is BlocksSlider:
        z, width = np.array(state["logits"], float), state["width"]
        z[np.arange(len(z)) // width == state["masked"] - 1] = -np.inf
        blocks = np.split(z[None], range(width, len(z), width), axis=1)
        assert len(rows) == len(blocks)
        lost = state["masked"] == 1 and not state["guard"]
        for k, row in enumerate(rows, 1):
            right = np.nan if lost else taught.finish(taught.online(blocks[:k]))[0]
            assert float(row[4]["text"]) == pytest.approx(right, abs=6e-5, nan_ok=True)
    elif make is GapSlider:
        assert [row[3]["text"] for row in rows] == [*verdicts, RIGHT]
        for row, says in zip(rows, [*verdicts, RIGHT], strict=True):
            assert row[1]["right"] == row[2]["right"] == (says == RIGHT)
        loss = np.logaddexp(0, state["gap"])
        assert_cell(rows[-1][1], loss, loss / max(loss, 1), True)
        assert_cell(rows[-1][2], -np.exp(state["gap"] - loss), np.exp(state["gap"] - loss), True)
    elif make is MaskSlider:
        assert [row[4]["text"] for row in rows] == verdicts
        for row, (_, seen, p), says in zip(rows, taught_masks(**state), verdicts, strict=True):
            assert float(row[1]["text"]) == pytest.approx(float(seen[1]), rel=0.05)
            for cell, share in zip(row[2:4], p, strict=True):
                assert_cell(cell, share, share, says == RIGHT)
    else:
        assert [cell["text"] for cell in rows.pop()[2:]] == verdicts
        z = state["logits"] if make is SoftmaxSlider else state["rows"][state["row"]]
        z = np.add(z, state.get("shift", state.get("offset"))) / state.get("temperature", 1)
        z = z.astype(state.get("dtype", "float64"))
        with np.errstate(all="ignore"):
            columns = taught.naive_softmax(z), taught.softmax(z)
        for row, *values in zip(rows[:-1], z, *columns, strict=True):
            assert float(row[1]["text"]) == pytest.approx(float(values[0]), rel=1e-4)
            for cell, value, says in zip(row[2:], values[1:], verdicts, strict=True):
                assert_cell(cell, value, value, says == RIGHT)
    announced = place.locator("[aria-live=polite]").inner_text()
    assert all(says in announced for says in verdicts if says != RIGHT)


def press(place, label, keys):
    control = place.get_by_label(label, exact=True)
    control.focus()
    for key in keys.split():
        control.press(key)
    return control


def move_everything(root):
    """Move each control by keyboard and compare what is shown; return the states it ends in."""
    states = {make: make(**state).state() for make, state in STATES.items()}
    for make, label, keys, change, verdicts in MOVES:
        states[make].update(change)
        place = root.locator(LIVE).nth([*STATES].index(make))
        control = press(place, label, keys)
        assert_shown(place, make, states[make], verdicts)
        if label in (SHIFT, OFFSET, GAP, SCORE, WIDTH):
            (moved,) = change.values()
            assert control.get_attribute("aria-valuetext") == f"{moved:.10g}".replace("-", "−")
    return json.loads(json.dumps(list(states.values())))


def test_every_control_moves_by_keyboard_without_a_kernel(browser, tmp_path):
    """And a state that cannot be read stops its own slider, with words in its place."""
    page = browser.new_page()
    heard = listen(page)
    page.goto(static_page(tmp_path))
    assert page.locator(".plotnet-slider").first.inner_text().startswith("This slider cannot be")
    move_everything(page)
    assert heard == []
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_readable(browser, tmp_path, theme, width):
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
    page.goto(static_page(tmp_path, theme))
    assert page.locator(LIVE).count() == len(STATES)
    press(page.locator(LIVE).nth(0), SHIFT, "End")
    page.screenshot(path=artefacts(f"sliders-{theme}-{width}") / "page.png", full_page=True)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for name in ("--plotnet-right", "--plotnet-wrong"):
        colour = page.locator(LIVE).first.evaluate(js("page.colour"), name)
        # axe-core does not look at the bars.
        assert contrast(*map(to_rgb, (colour, {"light": "#fff", "dark": "#131416"}[theme]))) >= 3
    # The judge itself: a control without a label is seen.
    page.evaluate("document.querySelectorAll('label').forEach(label => label.remove())")
    assert violations(page)
    page.close()


def test_every_control_moves_in_jupyterlab_and_the_kernel_hears_of_it(browser, lab):
    states = {make.__name__: state for make, state in STATES.items()}
    cells = [
        f"from lesson.sliders import {', '.join(states)}",
        *(f"{name.lower()} = {name}(**{state})\n{name.lower()}" for name, state in states.items()),
    ]
    cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=METADATA)
    nbformat.write(notebook, lab.folder / "sliders.ipynb")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    heard = listen(page)
    open_notebook(page, lab, "sliders.ipynb")
    page.evaluate(js("lab.run"))
    page.locator(LIVE).nth(2).wait_for()
    # So slow that the page is ahead of it.
    page.evaluate(js("lab.ask"), "import time; gapslider.observe(lambda change: time.sleep(0.2))")
    ends = move_everything(page)
    ask = f"import json; print(json.dumps([s.state() for s in ({', '.join(states).lower()})]))"
    # A widget sends its newest state once the kernel has taken the one before.
    for _ in range(600):
        if (told := json.loads(page.evaluate(js("lab.ask"), ask))) == ends:
            break
        page.wait_for_timeout(200)
    assert told == ends
    page.evaluate(js("lab.ask"), "gapslider.dtype = 'float32'; gapslider.gap = 30")
    page.evaluate(js("lab.ask"), "precisionslider.rows = [[5, 6]]")
    gap, rows = page.locator(LIVE).nth(2), page.locator(LIVE).nth(1).get_by_label("Logits")
    gap.locator("output", has_text="30").wait_for()
    verdicts = [RIGHT, RIGHT, "hardly learns", "learns nothing"]
    assert_shown(gap, GapSlider, {"gap": 30}, verdicts)
    assert rows.inner_text() == "5, 6"
    shots = artefacts("sliders-jupyterlab")
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate(js("lab.theme"), theme)
        light = json.dumps(str("Light" in theme).lower())
        page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
        for i in range(len(STATES)):
            page.locator(LIVE).nth(i).screenshot(path=shots / f"{theme}-{i}.png")
        assert violations(page, within=LIVE) == []
    assert heard == []
    page.close()
