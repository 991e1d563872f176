"""Promise: a slider computes what the notebooks define, and everyone can move it."""

import json
import time

import nbformat
import numpy as np
import pytest

from lesson import taught as lesson
from lesson.sliders import _MODULE, GapSlider, PrecisionSlider, SoftmaxSlider, static_script
from tests.helpers.lab_in_chromium import DONE, RUN, open_notebook
from tests.helpers.stored_rules import METADATA
from tools.web.chromium import PATIENCE, artefacts, listen, violations

DTYPES = [np.float16, np.float32, np.float64]
by_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
# In units of eps: exp of two libraries, and a sum in another order.
CLOSE = 8

ASK = """async ([source, name, inputs, dtype]) => {
    const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
    const answers = (await import(url))[name];
    const plain = (x) => typeof x === "number" ? String(x) :
        Array.isArray(x) ? x.map(plain) :
        Object.fromEntries(Object.entries(x).map(([key, value]) => [key, plain(value)]));
    return inputs.map((input) => plain(answers(input, dtype)));
}"""


@pytest.fixture(scope="module")
def ask(browser):
    """A function that sends inputs through one of the functions of sliders.js."""
    page = browser.new_page()
    heard = listen(page)

    def call(name, inputs, dtype):
        return page.evaluate(ASK, [_MODULE, name, inputs, np.dtype(dtype).name])

    yield call
    assert heard == []
    page.close()


def random_rows(dtype, count=600):
    """Rows of 2 to 8 logits around both ends of exp in `dtype`, and far beyond."""
    r = np.random.RandomState(11)
    reach = {np.float16: 24, np.float32: 120, np.float64: 800}[dtype]
    rows = []
    for i in range(count):
        center = r.uniform(-reach, reach) * (20 if i % 7 == 0 else 1)
        spread = r.choice([0, 0.5, 3, reach])
        rows.append((center + spread * r.randn(r.randint(2, 9))).astype(dtype))
    # Where only the sum overflows is too small a place to be met by chance.
    limit = np.log(np.finfo(dtype).max)
    pairs = [np.array([z, z], dtype) for z in limit - r.uniform(0.1, 0.6, 20).astype(dtype)]
    return [*rows, *pairs, np.array([1000, 1000, 100], dtype)]


def assert_same(got, expected, dtype, what):
    """nan, inf and 0 in the same places, the other numbers equal up to rounding."""
    got, expected = np.array(got, dtype=float), np.asarray(expected, dtype=float)
    assert got.shape == expected.shape, what
    assert (np.isnan(got) == np.isnan(expected)).all(), what
    assert (np.isinf(got) == np.isinf(expected)).all(), what
    assert ((got == 0) == (expected == 0)).all(), what
    there = np.isfinite(expected)
    info = np.finfo(dtype)
    allowed = CLOSE * float(info.eps) * np.abs(expected) + 2 * float(info.smallest_subnormal)
    with np.errstate(invalid="ignore"):
        assert (np.abs(got - expected) <= allowed)[there].all(), (what, got, expected)
    assert (got[np.isinf(got)] == expected[np.isinf(got)]).all(), what


@by_dtype
@pytest.mark.parametrize(
    ("name", "number", "taught"),
    [
        ("naiveSoftmax", 3, "naive_softmax"),
        ("softmax", 4, "softmax"),
        ("logSoftmax", 5, "log_softmax"),
    ],
)
def test_rows(ask, dtype, name, number, taught):
    rows = random_rows(dtype)
    answers = ask(name, [row.tolist() for row in rows], dtype)
    define = getattr(lesson, taught)
    kinds = set()
    for row, answer in zip(rows, answers, strict=True):
        with np.errstate(all="ignore"):
            expected = define(row)
        assert expected.dtype == dtype
        assert_same(answer, expected, dtype, (name, row))
        kinds.add("nan" if np.isnan(expected).any() else "zeros" if not expected.any() else "right")
    assert kinds == ({"nan", "zeros", "right"} if name == "naiveSoftmax" else {"right"})


def taught_losses(gap, dtype):
    """Loss and gradient of the four versions, from the definitions and formulas of notebook 05."""
    define = vars(lesson)
    z = np.array([0, gap], dtype)
    with np.errstate(all="ignore"):
        naive, p = define["naive_softmax"](z)[0], define["softmax"](z)[0]
        log_p = define["log_softmax"](z)[0]

        def of_probability(p, eps):
            return p, -np.log(p + eps), (p - 1) * (p / (p + eps))

        return {
            "naive": of_probability(naive, dtype(0)),
            "shifted": of_probability(p, dtype(0)),
            "epsilon": of_probability(p, dtype(1e-7)),
            "logsumexp": (dtype(0), -log_p, np.expm1(log_p)),
        }


@by_dtype
def test_losses(ask, dtype):
    reach = {np.float16: 24, np.float32: 120, np.float64: 800}[dtype]
    r = np.random.RandomState(12)
    gaps = np.concatenate([r.uniform(-20, reach, 300), [0, 16.118, reach]]).astype(dtype)
    answers = ask("losses", gaps.tolist(), dtype)
    eps, smallest = float(np.finfo(dtype).eps), float(np.finfo(dtype).smallest_subnormal)
    seen = set()
    for gap, answer in zip(gaps, answers, strict=True):
        for version, (p, loss, gradient) in taught_losses(gap, dtype).items():
            got, p = answer[version], float(p)
            # How far rounding may move p: in relative terms for log, in absolute ones for p - 1.
            off = eps + smallest / p if p else 0
            assert_near(got["loss"], loss, CLOSE * (eps * abs(loss) + off), (version, gap))
            room = CLOSE * ((eps + off) * abs(gradient) + eps * p + smallest)
            assert_near(got["gradient"], gradient, room, (version, gap))
            seen.add((version, bool(np.isfinite(loss)), bool(np.isfinite(gradient))))
    assert {("naive", False, False), ("shifted", False, False)} <= seen
    assert ("logsumexp", True, True) in seen
    assert ("logsumexp", False, False) not in seen


def assert_near(got, expected, room, what):
    """The same nan, the same infinity, or a number at most `room` away."""
    got, expected = float(got), float(expected)
    if np.isfinite(expected):
        assert abs(got - expected) <= room, (what, got, expected)
    else:
        assert str(got) == str(expected), (what, got, expected)


def test_float16_rounds_as_numpy_does(ask):
    r = np.random.RandomState(13)
    x = np.concatenate([r.randn(2000) * 10.0 ** r.randint(-9, 6, 2000), [65519.9, 65520, -3e-8, 0]])
    x = np.concatenate([x, np.arange(65536, dtype=np.uint16).view(np.float16).astype(float)[::37]])
    x = x[np.isfinite(x)].astype(np.float32).astype(float)
    got = np.array([float(value) for value in ask("toFloat16", x.tolist(), np.float16)])
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(got, x.astype(np.float16).astype(float))


# --- The page -----------------------------------------------------------------------------------

STATES = {
    SoftmaxSlider: {},
    PrecisionSlider: {"dtype": "float32", "rows": [[0, 1], [0, 0], [1000, 1000, 100]]},
    GapSlider: {"dtype": "float32", "gap": 17},
}
LIVE = ".plotnet-slider-live"
# A page that knows of the dark theme as furo does, or only through its own colours.
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sliders</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><script>{script}</script>
<style>body {{ font-family: sans-serif; margin: 8px; background: #fff; color: #222 }}
body[data-theme=dark] {{ background: #131416; color: #cfd0d0; color-scheme: dark }}</style></head>
<body data-theme="{theme}"><main><h1>Sliders</h1>{places}</main></body></html>"""
SEEN = """place => [...place.querySelectorAll("tr")].map(row => [...row.cells].map(cell => ({
    text: (cell.querySelector(".plotnet-number") ?? cell).textContent,
    share: cell.querySelector(".plotnet-bar")?.style.width,
    pattern: Boolean(cell.querySelector(".plotnet-lost")),
})))"""


def static_page(folder, theme="light"):
    """Write a page that holds the sliders as a stored notebook does; return its address."""
    places = "".join(
        make(**state)._repr_mimebundle_()[0]["text/html"] for make, state in STATES.items()
    )
    file = folder / f"{theme}.html"
    file.write_text(PAGE.format(script=static_script(), theme=theme, places=places), "utf-8")
    return file.as_uri()


def number(text):
    return float(text.replace("−", "-"))


def assert_shown(cell, expected, share):
    """The text is the number, the bar its share; nan and infinities have a pattern, no bar."""
    if np.isfinite(expected):
        assert number(cell["text"]) == pytest.approx(expected, rel=0.05, abs=6e-5)
        assert cell["share"].endswith("%")
        assert float(cell["share"][:-1]) == pytest.approx(100 * min(max(share, 0), 1), abs=0.1)
    else:
        assert cell["text"].replace("−", "-") == str(float(expected))
        assert cell["share"] == "0%"
    assert cell["pattern"] == (not np.isfinite(expected))


def assert_probabilities(place, logits):
    """The table shows the logits, and what naive and stable softmax make of them."""
    rows = place.evaluate(SEEN)
    define = vars(lesson)
    with np.errstate(all="ignore"):
        naive, stable = define["naive_softmax"](logits), define["softmax"](logits)
    assert len(rows) == len(logits) + 3
    for j, row in enumerate(rows[1:-2]):
        assert number(row[1]["text"]) == pytest.approx(float(logits[j]), rel=1e-4)
        assert_shown(row[2], naive[j], naive[j])
        assert_shown(row[3], stable[j], stable[j])
    return rows[-1][2]["text"], place.locator("[aria-live=polite]").inner_text()


def assert_losses(place, gap, dtype):
    """The table shows loss and gradient of the four versions."""
    rows = place.evaluate(SEEN)[1:]
    taught = taught_losses(dtype(gap), dtype)
    true = float(np.logaddexp(0, gap))
    with np.errstate(all="ignore"):
        for row, (_, loss, gradient) in zip(rows, taught.values(), strict=True):
            assert_shown(row[1], loss, loss / max(true, 1))
            assert_shown(row[2], gradient, -gradient)
    return [row[3]["text"] for row in rows], place.locator("[aria-live=polite]").inner_text()


def press(place, label, *keys):
    control = place.get_by_label(label, exact=True)
    control.focus()
    for key in keys:
        control.press(key)
    return control


def move_everything(root):
    """Move each control by keyboard and compare what is shown; return the states it ends in."""
    place = root.locator(LIVE).nth(0)
    z = np.array([2.0, 3, 4])
    assert_probabilities(place, z)
    shift = press(place, "Shift c, added to every logit", "End")
    says, summary = assert_probabilities(place, z + 1000)
    assert says == "nan: exp overflows, ∞/∞" and says in summary
    press(place, "Shift c, added to every logit", "Home")
    says, summary = assert_probabilities(place, z - 1000)
    assert says == "nan: all exp are 0, 0/0" and says in summary
    press(place, "Shift c, added to every logit", *["ArrowRight"] * 3)
    assert shift.get_attribute("aria-valuetext") == "−997"
    assert place.locator("output").nth(0).inner_text() == "−997"
    press(place, "Temperature T, divides the logits", *["ArrowRight"] * 8)
    says, summary = assert_probabilities(place, (z - 997) / 4)
    probabilities = lesson.softmax((z - 997) / 4)
    assert says == "right" and ", ".join(f"{p:.4f}" for p in probabilities) in summary

    place = root.locator(LIVE).nth(1)
    z = np.array([0, 1], np.float32)
    offset = press(place, "Offset, added to every logit", "End")
    assert offset.get_attribute("aria-valuetext") == "120"
    assert "nan" in assert_probabilities(place, z + 120)[0]
    press(place, "Offset, added to every logit", *["ArrowLeft"] * 65)
    assert assert_probabilities(place, z + np.float32(87.5))[0] == "all zero: the sum overflows"
    press(place, "Offset, added to every logit", "Home", *["ArrowRight"] * 40)
    assert assert_probabilities(place, z - 100)[0] == "wrong digits: exp has lost them"
    press(place, "Logits", "ArrowDown", "ArrowDown")
    z = np.array([1000, 1000, 100], np.float32)
    assert "nan" in assert_probabilities(place, z - 100)[0]
    press(place, "Type", "ArrowUp")
    says, summary = assert_probabilities(place, (z - 24).astype(np.float16))
    assert says == "nan: exp overflows, ∞/∞" and summary.startswith("float16")
    press(place, "Type", "ArrowDown", "ArrowDown")
    assert "nan" in assert_probabilities(place, z.astype(float) - 24)[0]

    place = root.locator(LIVE).nth(2)
    label = "Gap by which the right class trails"
    results, summary = assert_losses(place, 17, np.float32)
    assert results == ["right", "right", "hardly learns", "right"]
    press(place, label, "End")
    results, _ = assert_losses(place, 120, np.float32)
    assert results == ["gradient nan: 0/0", "gradient nan: 0/0", "hardly learns", "right"]
    press(place, label, *["ArrowLeft"] * 60)
    results, summary = assert_losses(place, 90, np.float32)
    assert results == ["gradient nan: 0/0", "right", "hardly learns", "right"]
    assert "log of naive softmax: gradient nan: 0/0." in summary
    press(place, label, "Home")
    assert assert_losses(place, -20, np.float32)[0] == [*["right"] * 2, "loss below 0", "right"]
    press(place, "Type", "ArrowDown")
    assert assert_losses(place, -20, np.float64)[0][2] == "loss below 0"
    press(place, label, "End")
    assert assert_losses(place, 800, np.float64)[0][3] == "right"
    return [
        {"logits": [2, 3, 4], "shift": -997, "temperature": 4},
        {**STATES[PrecisionSlider], "row": 2, "dtype": "float64", "offset": -24},
        {"gap": 800, "dtype": "float64"},
    ]


def test_every_control_moves_by_keyboard_without_a_kernel(browser, tmp_path):
    page = browser.new_page()
    heard = listen(page)
    page.goto(static_page(tmp_path))
    move_everything(page)
    assert heard == []
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_readable(browser, tmp_path, theme, width):
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=theme)
    heard = listen(page)
    page.goto(static_page(tmp_path, theme))
    assert page.locator(LIVE).count() == len(STATES)
    press(page.locator(LIVE).nth(0), "Shift c, added to every logit", "End")
    page.screenshot(path=artefacts(f"sliders-{theme}-{width}") / "page.png", full_page=True)
    assert [str(violation) for violation in violations(page)] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for colour in bar_colours(page):
        assert contrast(colour, {"light": (255, 255, 255), "dark": (19, 20, 22)}[theme]) >= 3
    assert heard == []
    page.close()


def bar_colours(page):
    """The two colours of the bars, which axe-core does not look at."""
    names = ["--plotnet-stable", "--plotnet-naive"]
    script = "(place, name) => getComputedStyle(place).getPropertyValue(name)"
    texts = [page.locator(LIVE).first.evaluate(script, name).strip() for name in names]
    return [tuple(bytes.fromhex(text[1:])) for text in texts]


def contrast(colour, other):
    """The contrast of two colours as WCAG defines it."""

    def luminance(colour):
        s = np.array(colour) / 255
        linear = np.where(s <= 0.04045, s / 12.92, ((s + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    dark, light = sorted([luminance(colour), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_axe_sees_a_control_without_a_label(browser, tmp_path):
    page = browser.new_page()
    page.goto(static_page(tmp_path))
    page.evaluate("document.querySelectorAll('label').forEach(label => label.remove())")
    assert violations(page)
    page.close()


# --- JupyterLab ---------------------------------------------------------------------------------

ASK_KERNEL = """async code => {
    const kernel = window.panel.context.sessionContext.session.kernel;
    const future = kernel.requestExecute({code});
    let text = "";
    future.onIOPub = message => { text += message.content.text ?? ""; };
    await future.done;
    return text;
}"""
THEME = "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})"


def test_every_control_moves_in_jupyterlab_and_the_kernel_hears_of_it(browser, lab):
    states = {make.__name__: state for make, state in STATES.items()}
    cells = [
        "from lesson.sliders import GapSlider, PrecisionSlider, SoftmaxSlider",
        *(f"{name.lower()} = {name}(**{state})\n{name.lower()}" for name, state in states.items()),
    ]
    cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata=METADATA)
    shots = artefacts("sliders-jupyterlab")
    nbformat.write(notebook, lab.folder / "sliders.ipynb")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    heard = listen(page)
    open_notebook(page, lab, "sliders.ipynb")
    page.evaluate(RUN)
    page.evaluate(DONE)
    page.locator(LIVE).nth(2).wait_for()
    # So slow that the page is ahead of it.
    page.evaluate(ASK_KERNEL, "import time; gapslider.observe(lambda change: time.sleep(0.2))")
    ends = move_everything(page)
    ask = f"import json; print(json.dumps([s.state() for s in ({', '.join(states).lower()})]))"
    # A widget sends its newest state once the kernel has taken the one before.
    give_up = time.monotonic() + PATIENCE / 1000
    while (told := json.loads(page.evaluate(ASK_KERNEL, ask))) != ends:
        assert time.monotonic() < give_up, f"the kernel has {told}, the page {ends}"
        page.wait_for_timeout(100)
    page.evaluate(ASK_KERNEL, "gapslider.dtype = 'float32'; gapslider.gap = 30")
    page.wait_for_function(
        "() => document.querySelectorAll('.plotnet-slider-live output')[3].textContent === '30'"
    )
    assert_losses(page.locator(LIVE).nth(2), 30, np.float32)
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        page.evaluate(THEME, theme)
        dark = "Dark" in theme
        page.wait_for_selector(
            f"body[data-jp-theme-light={json.dumps(str(not dark).lower())}]", state="attached"
        )
        for i in range(len(STATES)):
            page.locator(LIVE).nth(i).screenshot(path=shots / f"{theme}-{i}.png")
        assert [str(violation) for violation in violations(page, within=LIVE)] == []
    assert heard == []
    page.close()
