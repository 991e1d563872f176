"""Promise: a slider takes only what it can show, and computes what the notebooks define."""

import ast
import html
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest

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
from tests.helpers.mask_ways import taught_masks
from tests.helpers.refused import NAMES, refused
from tools.notebook import LESSON, NOTEBOOKS, ROOT, code_cells, read

MODULE = LESSON / "sliders" / "sliders.js"
SLIDERS = {
    "bars": BarsSlider,
    "softmax": SoftmaxSlider,
    "precision": PrecisionSlider,
    "gap": GapSlider,
    "mask": MaskSlider,
    "digits": DigitsSlider,
    "blocks": BlocksSlider,
}
REACH = {"float16": 24, "float32": 120, "float64": 800}
by_slider = pytest.mark.parametrize(("kind", "make"), SLIDERS.items())
by_dtype = pytest.mark.parametrize("dtype", REACH)


def place(data):
    """Return the name, the state and the words of a slider's place on a page."""
    found = re.fullmatch(
        r'<div class="plotnet-slider" data-slider="(\w+)" data-state="([^"]*)">([^<]*)</div>',
        data["text/html"],
    )
    return found[1], json.loads(html.unescape(found[2])), found[3]


# --- what is stored and what the page reads ---


@by_slider
def test_what_is_stored_is_the_same_each_time_and_says_what_to_do(kind, make):
    slider = make()
    (first, _), (second, _) = (one._repr_mimebundle_() for one in (slider, make()))
    view = "application/vnd.jupyter.widget-view+json"
    assert first.pop(view)["model_id"] != second.pop(view)["model_id"]
    assert first == second
    assert set(first) == {"text/plain", "text/html"}
    name, state, words = place(first)
    assert name == kind == slider.kind
    assert make(**state).state() == slider.state()
    assert words.endswith("In JupyterLab: Run ▸ Run All Above Selected Cell, then this cell.")
    block = re.search(r"const STATE = \{(.*?)\n\};", MODULE.read_text("utf-8"), re.DOTALL)[1]
    names = re.search(rf"{kind}: \[([^\]]*)\]", block)[1]
    assert json.loads(f"[{names}]") == list(state)
    assert {"kind", *state} <= set(slider.traits(sync=True))


def test_the_series_stores_one_slider_of_each_kind():
    stored = [
        place(output.data)
        for path in NOTEBOOKS
        for cell in code_cells(read(path))
        for output in cell.outputs
        if "plotnet-slider" in output.get("data", {}).get("text/html", "")
    ]
    assert sorted(kind for kind, _, _ in stored) == sorted(SLIDERS)
    for kind, _, words in stored:
        assert words == place(SLIDERS[kind]()._repr_mimebundle_()[0])[2]


# --- what a slider takes, as an argument and as an assignment ---


@pytest.mark.parametrize("row", refused("Slider"), ids=lambda row: row.call)
def test_what_it_cannot_show_is_refused_and_changes_nothing(row):
    row.check(lambda: eval(row.call, NAMES))
    call = ast.parse(row.call, mode="eval").body
    slider, (given,) = NAMES[call.func.id](), call.keywords
    value, before = eval(ast.unparse(given.value), NAMES), slider.state()
    for assign in (setattr, lambda slider, name, value: slider.set_state({name: value})):
        row.check(lambda assign=assign: assign(slider, given.arg, value))
        assert slider.state() == before


def test_the_ends_numpy_numbers_and_two_to_eight_classes_are_accepted():
    slider = SoftmaxSlider(np.arange(8, dtype=np.float32), np.int64(-1000), np.float32(1 / 16))
    state = place(slider._repr_mimebundle_()[0])[1]
    assert state == {"logits": list(range(8)), "shift": -1000, "temperature": 1 / 16}
    assert SoftmaxSlider([1, 2], 1000, 16).state()["shift"] == 1000
    for dtype, reach in REACH.items():
        assert GapSlider(reach, dtype).gap == PrecisionSlider(dtype=dtype, offset=reach).offset
        with pytest.raises(ValueError, match=f"gap must be a number .* in {dtype}"):
            GapSlider(reach + 0.5, dtype)


def test_what_depends_on_an_assignment_moves_to_its_nearest_end():
    slider = PrecisionSlider(row=2, offset=-1800)
    slider.dtype = "float32"
    assert slider.offset == -1120
    slider.row = 1
    assert slider.offset == -120
    slider.row, slider.offset = 3, 1120
    slider.rows = [[0, 1]]
    assert (slider.row, slider.offset) == (0, 120)
    bars = BarsSlider(chosen="birch")
    bars.logits = {"maple": 1, "lime": 2}
    assert bars.chosen == "maple"
    gap = GapSlider(800)
    gap.dtype = "float16"
    assert gap.gap == 24
    blocks = BlocksSlider(width=1, masked=6)
    blocks.width = 3
    assert blocks.masked == 2
    blocks.logits = [1, 2]
    assert (blocks.width, blocks.masked) == (2, 1)


# --- the script ---


def test_the_script_is_the_module_as_a_classic_script_that_loads_nothing():
    script = static_script()
    assert MODULE.read_text("utf-8").split("\nexport ")[0] in script
    assert not re.search(r"^\s*(import|export)\b|\bimport\(", script, re.MULTILINE)
    assert not re.search(r"https?:|//\w+\.\w+/|url\(|@import|fetch\(|XMLHttp|</", script)


@pytest.mark.parametrize(
    ("code", "last"),
    [
        ("import plotnet, sys; assert not {'anywidget', 'ipywidgets'} & set(sys.modules)", ""),
        (
            "import sys; sys.modules['anywidget'] = None; import lesson.sliders",
            "ImportError: the sliders need anywidget: pip install anywidget",
        ),
    ],
)
def test_plotnet_does_not_need_anywidget_and_the_sliders_say_so(code, last):
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=LESSON.parent, capture_output=True, text=True
    )
    assert run.stderr.strip().rpartition("\n")[2] == last


# --- what it computes: node runs the module, NumPy the definitions of the notebooks ---

# In units of eps: exp of two libraries, and a sum in another order.
CLOSE = 8
ASK = ROOT / "tests" / "helpers" / "ask.mjs"


def find_node():
    """Return node from the PATH, else the one that Playwright brings."""
    if found := shutil.which("node"):
        return found
    playwright = pytest.importorskip("playwright", reason="no node, and no Playwright with its own")
    return Path(playwright.__file__).parent / "driver" / "node"


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """A function that sends inputs through one of the functions of sliders.js."""
    node = find_node()
    module = tmp_path_factory.mktemp("node") / "sliders.mjs"
    shutil.copyfile(MODULE, module)

    def call(name, inputs, dtype=None):
        asked = json.dumps([module.as_uri(), name, inputs, dtype])
        run = subprocess.run([node, ASK], input=asked, capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    return call


def assert_near(got, expected, room, what):
    """The same nan, infinities and zeros, and numbers at most `room` away."""
    got, expected = np.array(got, dtype=float), np.asarray(expected, dtype=float)
    there = np.isfinite(expected)
    np.testing.assert_array_equal(got[~there], expected[~there], err_msg=str(what))
    room = np.broadcast_to(room, got.shape)[there]
    assert (np.abs(got[there] - expected[there]) <= room).all(), what


def random_rows(dtype):
    """Rows of 2 to 8 logits around both ends of exp in `dtype`, and far beyond."""
    r = np.random.RandomState(11)
    rows = [[1000, 1000, 100]]
    for i in range(600):
        centre = r.uniform(-1, 1) * REACH[dtype] * (20 if i % 7 == 0 else 1)
        rows.append(centre + r.choice([0, 0.5, 3, REACH[dtype]]) * r.randn(r.randint(2, 9)))
    # Where only the sum overflows is too small a place to be met by chance.
    limit = np.log(np.finfo(dtype).max)
    rows += [[z, z] for z in limit - r.uniform(0.1, 0.6, 20)]
    return [np.array(row, dtype) for row in rows]


@by_dtype
@pytest.mark.parametrize(
    ("name", "define"),
    [
        ("naiveSoftmax", taught.naive_softmax),
        ("softmax", taught.softmax),
        ("logSoftmax", taught.log_softmax),
    ],
)
def test_rows(ask, dtype, name, define):
    rows, info, kinds = random_rows(dtype), np.finfo(dtype), set()
    for row, got in zip(rows, ask(name, [row.tolist() for row in rows], dtype), strict=True):
        with np.errstate(all="ignore"):
            expected = define(row)
        assert expected.dtype == dtype
        assert ((np.array(got, float) == 0) == (expected == 0)).all(), row
        room = CLOSE * float(info.eps) * np.abs(expected.astype(float))
        assert_near(got, expected, room + 2 * float(info.smallest_subnormal), (name, row))
        kinds.add("nan" if np.isnan(expected).any() else "zeros" if not expected.any() else "right")
    assert kinds == ({"nan", "zeros", "right"} if name == "naiveSoftmax" else {"right"})


def test_bars(ask):
    """Shown are the logits with their offset, less the maximum if asked, their exp and softmax."""
    r, states, said = np.random.RandomState(14), [], set()
    for offset in [*r.uniform(-800, 800, 100), 0, 709, 709.5, -740.5]:
        logits = dict(zip("abcde", r.uniform(-3, 3, r.randint(2, 6)), strict=False))
        states += [BarsSlider(logits, None, offset, bool(r.randint(2))).state()]
    states.append(BarsSlider({"a": 0, "b": 0}, "b", 709.5).state())
    for state, got in zip(states, ask("bars", states), strict=True):
        z = np.array([*state["logits"].values()]) + state["offset"]
        gaps = z - z.max() if state["subtract"] else z
        with np.errstate(all="ignore"):
            exp, p = np.exp(gaps), taught.naive_softmax(gaps)
            total = exp.sum()
        for name, right in {"z": z, "gaps": gaps, "exp": exp, "sum": total, "p": p}.items():
            room = CLOSE * np.finfo(float).eps * np.abs(right) + 1e-323
            assert_near(np.ravel(got[name]), np.ravel(right), np.ravel(room), (name, state))
        said.add((state["subtract"], got["says"].split(":")[0]))
    assert said >= {(False, "nan"), (False, "all zero"), (False, "right"), (True, "right")}
    assert {says for subtract, says in said if subtract} == {"right"}


def test_blocks(ask):
    """Guarded, any mask is right; without the guard, nan begins where the first chunk is masked."""
    r, states = np.random.RandomState(15), []
    for width, guard in [(1, True), (2, False), (3, True), (3, False)]:
        z = r.uniform(-3, 3, r.randint(max(2, width), 9))
        chunks = -(-len(z) // width)
        states += [BlocksSlider(z, width, masked, guard).state() for masked in range(chunks + 1)]
    states.append(BlocksSlider([1000, 5], 2, 1, True).state())
    for state, got in zip(states, ask("blocks", states), strict=True):
        z, width = np.array(state["logits"]), state["width"]
        hidden = np.arange(len(z)) // width == state["masked"] - 1
        z = np.where(hidden, -np.inf, z)
        parts = [part[None] for part in np.split(z, range(width, len(z), width))]
        right = taught.logsumexp(z)
        assert_near([got["right"]], [right], 1e-14 * max(1, len(z)), state)
        lost = state["masked"] == 1 and not state["guard"]
        for k, chunk in enumerate(got["chunks"]):
            with np.errstate(divide="ignore"):
                (m,), (s,) = taught.online(parts[: k + 1])
                (own_m,), (own_s,) = taught.state(parts[k])
            assert_near([chunk["top"], chunk["total"]], [m, np.nan if lost else s], 1e-13, state)
            own_s = np.nan if np.isinf(own_m) and not state["guard"] else own_s
            assert_near([chunk["m"], chunk["s"]], [own_m, own_s], 1e-13, state)
        assert_near([got["chunks"][-1]["result"]], [np.nan if lost else right], 1e-13, state)


def taught_losses(gap, dtype):
    """Yield version, p, loss and gradient of the five versions of notebook 05."""
    z, eps = np.array([0, gap], dtype), np.dtype(dtype).type(1e-7)
    with np.errstate(all="ignore"):
        naive, p = taught.naive_softmax(z)[0], taught.softmax(z)[0]
        log_p = taught.log_softmax(z)[0]
        for name, p_i, add in (
            ("naive", naive, 0 * eps),
            ("shifted", p, 0 * eps),
            ("epsilon", p, eps),
        ):
            yield name, p_i, -np.log(p_i + add), (p_i - 1) * (p_i / (p_i + add))
        yield "clip", p, -np.log(np.clip(p, eps, 1)), np.where(p > eps, p - 1, 0)
        yield "logsumexp", 0, -log_p, np.expm1(log_p)


@by_dtype
def test_losses(ask, dtype):
    reach, info = REACH[dtype], np.finfo(dtype)
    eps, smallest = float(info.eps), float(info.smallest_subnormal)
    gaps = np.array([*np.random.RandomState(12).uniform(-20, reach, 300), 0, 17, reach], dtype)
    finite = {}
    for gap, answer in zip(gaps, ask("losses", gaps.tolist(), dtype), strict=True):
        for version, p, loss, gradient in taught_losses(gap, dtype):
            got, p = answer[version], float(p)
            # How far rounding may move p: in relative terms for log, in absolute ones for p - 1.
            off = eps + smallest / p if p else 0
            assert_near(got["loss"], loss, CLOSE * (eps * abs(loss) + off), (version, gap))
            room = CLOSE * ((eps + off) * abs(gradient) + eps * p + smallest)
            assert_near(got["gradient"], gradient, room, (version, gap))
            both = bool(np.isfinite(loss)), bool(np.isfinite(gradient))
            finite.setdefault(version, set()).add(both)
    assert (False, False) in finite["naive"] & finite["shifted"]
    assert finite["clip"] == finite["logsumexp"] == {(True, True)}


def test_masks(ask):
    """What softmax sees and the shares are NumPy's; only the boolean mask is right everywhere."""
    r, said = np.random.RandomState(15), {}
    scores = [0, -16, 16384, *np.sign(r.randn(10)) * 2.0 ** r.randint(0, 16, 10), *r.randn(4) * 20]
    choices = [(s, d, a) for s in ("-1e4", "-1e9", "least", "-inf") for d in REACH for a in (0, 1)]
    states = [MaskSlider(z, s, d, bool(a)).state() for z in scores for s, d, a in choices]
    for state, got in zip(states, ask("masks", states), strict=True):
        eps = float(np.finfo(state["dtype"]).eps)
        for way, seen, p in taught_masks(**state):
            assert_near(got[way]["scores"], seen, 0, (way, state))
            assert_near(got[way]["p"], p, CLOSE * eps, (way, state))
            nan, right = np.isnan(p).any(), np.allclose(p, [state["allowed"], 0], 0, 0.002)
            says = got[way]["says"]
            assert (says == "nan", says == "right") == (nan, right), (way, state)
            said.setdefault(way, set()).add(says)
    assert said["boolean"] == {"right"} and said["multiply"] == {"right", "share lost"}
    assert said["add"] == said["fill"] == {"right", "leaks", "nan"}


@pytest.mark.parametrize("name", ["float16", "bfloat16"])
def test_the_rounding_is_that_of_the_type(ask, name):
    kind = np.dtype(getattr(ml_dtypes, name, name))
    r = np.random.RandomState(13)
    x = np.concatenate([r.randn(2000) * 10.0 ** r.randint(-9, 6, 2000), [65519.9, 65520, -3e-8, 0]])
    with np.errstate(invalid="ignore"):
        every = np.arange(65536, dtype=np.uint16).view(kind).astype(float)[::37]
    x = np.concatenate([x, every, [3.3961e38, 3.3962e38, -1e-40]])
    x = x[np.isfinite(x)].astype(np.float32).astype(float)
    with np.errstate(over="ignore"):
        expected = x.astype(np.float32).astype(kind).astype(float)
    assert_near(ask(f"to{name.capitalize()}", x.tolist()), expected, 0, name)


@by_dtype
def test_the_page_and_python_agree_on_the_ends_and_both_verdicts_lie_between(ask, dtype):
    """Whatever row and type are chosen, some position is right and some is not."""
    rows = PrecisionSlider().rows
    states = [PrecisionSlider(row=row, dtype=dtype).state() for row in range(len(rows))]
    for row, state, ends in zip(rows, states, ask("ends", states), strict=True):
        low, high = map(float, ends)
        beyond = [state | {"offset": 1.01 * end} for end in (low, high)]
        for end, state, clamped in zip((low, high), beyond, ask("within", beyond), strict=True):
            assert PrecisionSlider(**state | {"offset": end}).offset == float(clamped["offset"])
            with pytest.raises(ValueError, match="offset must be a number"):
                PrecisionSlider(**state)
        with np.errstate(over="ignore"):
            moved = (np.linspace(low, high, 99)[:, None] + row).astype(dtype).astype(float)
        says = {answer["naiveSays"] for answer in ask("describe", moved.tolist(), dtype)}
        assert "right" in says and len(says) > 1, (row, says)


def test_the_zeros_of_notebook_04_lie_on_a_step(ask):
    """For the logits 0, 1, 2 they reach from 707.38 to 707.78, and the slider goes in halves."""
    rows = [[z, z - 1, z - 2] for z in (709.0, 709.5)]
    says = [answer["naiveSays"] for answer in ask("describe", rows, "float64")]
    assert says == ["right", "all zero: the sum overflows"]


def test_digits(ask):
    """What a type stores of logits under an offset, its gap there, and the softmax of the rest."""
    r, said = np.random.RandomState(15), {}
    states = [DigitsSlider().state(), DigitsSlider((10, -10), "float16", 65536).state()]
    for power in range(27):
        for dtype in ("float16", "bfloat16", "float32"):
            logits = r.uniform(-10, 10, r.randint(2, 9)).round(r.randint(3))
            offset = r.choice([2**power, r.uniform(0, 2**power)])
            states.append(DigitsSlider(logits, dtype, offset).state())
    for state, got in zip(states, ask("digits", states), strict=True):
        kind = np.dtype(getattr(ml_dtypes, state["dtype"], None) or state["dtype"])
        with np.errstate(over="ignore"):
            stored = (np.array(state["logits"]) + state["offset"]).astype(kind)
        p, right = taught.softmax(stored.astype(float)), taught.softmax(state["logits"])
        assert_near(got["stored"], stored.astype(float), 0, state)
        assert_near(got["left"], stored.astype(float) - state["offset"], 0, state)
        assert_near(got["p"], p, 1e-14, state)
        assert_near(got["right"], right, 1e-14, state)
        if np.isfinite(p).all():
            largest = stored[np.abs(stored.astype(float)).argmax()]
            assert float(got["step"]) == abs(float(np.spacing(largest))), state
        said.setdefault(state["dtype"], set()).add(got["says"].split(":")[0])
    assert said["float16"] == {"right", "wrong digits", "all equal", "nan"}
    assert said["bfloat16"] == {"right", "wrong digits", "all equal"}
    assert {"right", "wrong digits"} <= said["float32"]
