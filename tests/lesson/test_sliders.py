"""Promise: a slider takes only what it can show, and its place on a page says all it needs."""

import html
import json
import re
import subprocess
import sys

import numpy as np
import pytest
from traitlets import TraitError

from lesson.sliders import GapSlider, PrecisionSlider, SoftmaxSlider, static_script
from tools.notebook import NOTEBOOKS, ROOT, code_cells, read

MODULE = (ROOT / "notebooks" / "lesson" / "sliders" / "sliders.js").read_text(encoding="utf-8")
SLIDERS = {"softmax": SoftmaxSlider, "precision": PrecisionSlider, "gap": GapSlider}
by_slider = pytest.mark.parametrize(("kind", "make"), SLIDERS.items())


def place(data):
    """Return the name, the state and the words of a slider's place on a page."""
    found = re.fullmatch(
        r'<div class="plotnet-slider" data-slider="(\w+)" data-state="([^"]*)">([^<]*)</div>',
        data["text/html"],
    )
    return found[1], json.loads(html.unescape(found[2])), found[3]


@by_slider
def test_what_is_stored_is_the_same_each_time(kind, make):
    (first, _), (second, _) = (make()._repr_mimebundle_() for _ in range(2))
    view = "application/vnd.jupyter.widget-view+json"
    assert first.pop(view)["model_id"] != second.pop(view)["model_id"]
    assert first == second
    assert set(first) == {"text/plain", "text/html"}


@by_slider
def test_the_place_on_the_page_holds_the_state(kind, make):
    slider = make()
    name, state, words = place(slider._repr_mimebundle_()[0])
    assert name == kind == slider.kind
    assert state == slider.state()
    assert type(slider)(**state).state() == state
    assert words.endswith("It moves on the web page, and here once the cell is run.")


@by_slider
def test_the_state_is_what_the_page_reads(kind, make):
    block = re.search(r"const STATE = \{(.*?)\n\};", MODULE, re.DOTALL)[1]
    names = re.search(rf"{kind}: \[([^\]]*)\]", block)[1]
    assert json.loads(f"[{names}]") == list(make().state())


@by_slider
def test_the_browser_hears_of_the_whole_state(kind, make):
    assert {"kind", *make().state()} <= set(make().traits(sync=True))


def test_what_is_shown_first():
    assert SoftmaxSlider().state() == {"logits": [2, 3, 4], "shift": 0, "temperature": 1}
    rows = [[0, 0], [0, 1, 2], [1000, 1000, 100], [-1000, -1000, -1100]]
    first = {"rows": rows, "row": 0, "dtype": "float64", "offset": 0}
    assert PrecisionSlider().state() == first
    assert GapSlider().state() == {"gap": 0, "dtype": "float64"}


@pytest.mark.parametrize(
    ("make", "name", "low", "high"),
    [
        (SoftmaxSlider, "shift", -1000, 1000),
        (SoftmaxSlider, "temperature", 1 / 16, 16),
        (PrecisionSlider, "offset", -800, 800),
        (PrecisionSlider, "row", 0, 3),
        (GapSlider, "gap", -20, 800),
    ],
)
def test_both_ends_are_accepted_and_nothing_beyond(make, name, low, high):
    for end, beyond in [(low, low - 1), (high, high + 1)]:
        assert make(**{name: end}).state()[name] == end
        with pytest.raises(ValueError, match=f"{name} must be .* from"):
            make(**{name: beyond})


@pytest.mark.parametrize(
    ("make", "name", "value"),
    [
        (SoftmaxSlider, "shift", -1001),
        (SoftmaxSlider, "shift", 1001),
        (SoftmaxSlider, "temperature", 0),
        (SoftmaxSlider, "temperature", 17),
        (PrecisionSlider, "row", -1),
        (PrecisionSlider, "dtype", "int8"),
        (GapSlider, "dtype", "int8"),
    ],
)
def test_a_slider_is_not_moved_beyond_its_ends(make, name, value):
    with pytest.raises(TraitError):
        setattr(make(), name, value)


@pytest.mark.parametrize("logits", [[1, 2], list(range(8))])
def test_two_to_eight_classes(logits):
    assert SoftmaxSlider(logits).state()["logits"] == logits


def test_a_state_of_numpy_numbers_is_stored_as_plain_ones():
    slider = SoftmaxSlider(np.array([1, 2], dtype=np.float32), np.int64(3), np.float32(0.5))
    _, state, _ = place(slider._repr_mimebundle_()[0])
    assert state == {"logits": [1, 2], "shift": 3, "temperature": 0.5}


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (SoftmaxSlider, {"logits": [1]}, "logits must be 2 to 8 finite numbers"),
        (SoftmaxSlider, {"logits": range(9)}, "logits must be 2 to 8 finite numbers"),
        (SoftmaxSlider, {"logits": [1, np.inf]}, r"logits must be .*, got \[1, inf\]"),
        (SoftmaxSlider, {"logits": "123"}, "logits must be 2 to 8 finite numbers"),
        (SoftmaxSlider, {"logits": [[1, 2], [3]]}, "logits must be 2 to 8 finite numbers"),
        (SoftmaxSlider, {"logits": [True, False]}, "logits must be 2 to 8 finite numbers"),
        (SoftmaxSlider, {"shift": 1001}, "shift must be a number from -1000 to 1000, got 1001"),
        (SoftmaxSlider, {"shift": "1"}, "shift must be a number"),
        (SoftmaxSlider, {"shift": True}, "shift must be a number"),
        (SoftmaxSlider, {"shift": np.nan}, "shift must be a number"),
        (SoftmaxSlider, {"temperature": 0}, "temperature must be a number from 0.0625 to 16"),
        (PrecisionSlider, {"rows": []}, r"rows must be a list of rows of logits, .*, got \[\]"),
        (PrecisionSlider, {"rows": [[0, 0], [1]]}, r"rows\[1\] must be 2 to 8 finite numbers"),
        (PrecisionSlider, {"rows": 3}, "rows must be a list of rows of logits"),
        (PrecisionSlider, {"row": 4}, "row must be an integer from 0 to 3, got 4"),
        (PrecisionSlider, {"row": 0.0}, "row must be an integer from 0 to 3, got 0.0"),
        (PrecisionSlider, {"dtype": "float8"}, "dtype must be one of float16, float32, float64"),
        (PrecisionSlider, {"dtype": np.float32}, "dtype must be one of"),
        (GapSlider, {"dtype": "int8"}, "dtype must be one of float16, float32, float64"),
        (GapSlider, {"gap": -21}, "gap must be a number from -20 to 800 in float64, got -21"),
    ],
)
def test_bad_input_is_refused(make, arguments, message):
    with pytest.raises(ValueError, match=message):
        make(**arguments)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_python_and_the_page_agree_on_how_far_a_slider_goes(dtype):
    reach = float(re.search(rf"REACH = {{[^}}]*{dtype}: (\d+)", MODULE)[1])
    for make, name in [(PrecisionSlider, "offset"), (GapSlider, "gap")]:
        assert make(dtype=dtype, **{name: reach}).state()[name] == reach
        with pytest.raises(ValueError, match=rf"{name} must be a number .* in {dtype}"):
            make(dtype=dtype, **{name: reach + 0.5})


def test_the_script_is_the_module_without_what_only_modules_may_say():
    script = static_script()
    body = MODULE.split("\nexport ")[0]
    assert body in script
    assert not re.search(r"^\s*(import|export)\b|\bimport\(", script, re.MULTILINE)
    assert "</" not in script
    assert script == static_script()


def test_nothing_is_loaded_from_anywhere():
    assert not re.search(r"https?:|//\w+\.\w+/|url\(|@import|fetch\(|XMLHttp", static_script())


def test_plotnet_alone_does_not_need_anywidget():
    code = "import plotnet, sys; sys.exit(bool({'anywidget', 'ipywidgets'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_without_anywidget_the_message_says_what_to_install():
    code = "import sys; sys.modules['anywidget'] = None; import lesson.sliders"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 1
    last = run.stderr.strip().splitlines()[-1]
    assert last == "ImportError: the sliders need anywidget: pip install anywidget"


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
