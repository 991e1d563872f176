"""Promise: curves, ranges and tables as pictures show what they are given, in words, too."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lesson.figures import plot_confusion, plot_exp_ranges, plot_outcomes, plot_panels
from tests.helpers import figure_reader as drawing

RANGES = {"float16": (-17.3, 11.1), "float64": (-745.1, 709.8)}
X = np.linspace(0, 40, 5)
PANELS = {
    "One title": ("loss", {"true": X, "clip": np.minimum(X, 16.118)}),
    "Another title": ("gradient", {"true": -np.ones(5), "clip": np.zeros(5)}),
}


@pytest.fixture(params=["ranges", "panels"])
def fig(request):
    return plot_exp_ranges(RANGES) if request.param == "ranges" else plot_panels(X, PANELS, "gap")


def test_bars_are_the_ranges_and_the_line_is_exp_on_a_logarithmic_scale():
    curve, bars = plot_exp_ranges(RANGES).axes
    drawn = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars.patches]
    np.testing.assert_allclose(drawn, list(RANGES.values()))
    assert [label.get_text() for label in bars.get_yticklabels()] == list(RANGES)
    assert [t.get_text() for t in bars.texts] == ["−17.3", "11.1", "−745.1", "709.8"]
    (line,) = curve.lines
    z, decades = line.get_data()
    np.testing.assert_allclose(decades, np.array(z) * np.log10(np.e))
    assert curve.get_title() == "exp overflows above 11.10 in float16, 709.80 in float64"


def test_panels_show_every_curve_and_curves_differ_without_colour():
    fig = plot_panels(X, PANELS, "gap")
    for ax, (title, (ylabel, curves)) in zip(fig.axes, PANELS.items(), strict=True):
        assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == (title, "gap", ylabel)
        for line, (name, values) in zip(ax.lines, curves.items(), strict=True):
            assert line.get_label() == name
            np.testing.assert_array_equal(line.get_data(), [X, values])
        looks = {(line.get_linestyle(), line.get_linewidth()) for line in ax.lines}
        assert len(looks) == len(ax.lines)


def test_texts_are_large_and_inside(fig):
    FigureCanvasAgg(fig).draw()
    for ax in fig.axes:
        texts = [ax.title, ax.xaxis.label, ax.yaxis.label, *ax.texts]
        texts = [text for text in texts if text.get_text()]
        labels = [*ax.get_xticklabels(), *ax.get_yticklabels()]
        assert min(text.get_fontsize() for text in texts + labels) >= 14
        for text in texts:
            box = text.get_window_extent().extents / fig.dpi
            assert min(box) >= 0, text.get_text()
            assert all(box[2:] <= fig.get_size_inches()), text.get_text()


def test_alt_text_states_the_numbers():
    assert "float16 from −17.3 to 11.1; float64 from −745.1 to 709.8" in plot_exp_ranges(RANGES).alt


def test_alt_text_of_curves_says_the_message_first_and_what_happens_where():
    lost = np.where(X < 20, X, [0, 0, np.inf, np.nan, np.nan])
    panels = {"One title": ("loss", {**PANELS["One title"][1], "naive": lost}), "Two": ("s", {})}
    panels["Two"] = "share", {"gone": X * np.nan, "back": np.where(X == 20, -np.inf, -1)}
    assert plot_panels(X, panels, "gap").alt == (
        "One title. The loss against the gap, 0 to 40: true 0 to 40; "
        "clip 0 to 16.1, there from 20 on, leaves true at 20; "
        "naive 0 to 10, inf at 20, nan from 30 on. "
        "Two. The share: gone nan from 0 on; back always −1, −inf at 20."
    )


def test_a_curve_that_is_lost_says_where():
    values = np.array([1.0, 2, np.nan, np.nan, np.nan])
    panels = {"A title": ("loss", {"naive": values, "fused": X + 1, "gone": values * np.nan})}
    (ax,) = plot_panels(X, panels, "step", logarithmic=["loss"]).axes
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["naive: not finite from 20 on", "fused", "gone: not finite from 0 on"]
    (cross,) = [line for line in ax.lines if line.get_marker() == "x"]
    np.testing.assert_array_equal(cross.get_xydata(), [[10, 2]])
    assert ax.get_yscale() == "log"


def test_four_panels_stand_in_two_rows():
    four = {f"Title {i}": ("loss", {"true": X}) for i in range(4)}
    corners = [ax.get_position().corners()[0].round(3) for ax in plot_panels(X, four, "x").axes]
    assert len({x for x, _ in corners}) == len({y for _, y in corners}) == 2


def test_no_legend_covers_a_curve():
    """Horizontal lines high and low leave room between them only."""
    x = np.arange(201)
    curves = {"high": 1e4 + 0 * x, "a long name below": 1e-7 + 0 * x, "low": 2e-37 + 0 * x}
    fig = plot_panels(x, {"A title": ("norm", curves)}, "step", logarithmic=["norm"])
    FigureCanvasAgg(fig).draw()
    (ax,) = fig.axes
    box = ax.get_legend().get_window_extent()
    for line in ax.lines:
        assert box.count_contains(ax.transData.transform(line.get_xydata())) == 0


COLUMNS = ["2, 3, 4", "-10000, -1020, 100, -70220"]
TABLE = {"naive": ["right", "nan"], "+ 1e-7": ["right", "wrong"], "fused": ["right", "-inf"]}


def test_outcomes_are_shown_in_words_and_differ_without_colour():
    fig = plot_outcomes(TABLE, COLUMNS, "A title")
    outcomes = [word for row in TABLE.values() for word in row]
    words = [word.replace("\u2212", "-").replace("\n", " ") for word in drawing.words(fig)]
    assert sorted(words) == sorted(["A title", *COLUMNS, *TABLE, *outcomes])
    assert drawing.untidy(fig) == {}
    assert min(text.get_fontsize() for text in drawing.sheet(fig).texts) >= 14
    boxes = drawing.sheet(fig).patches
    hatches = {word: box.get_hatch() for word, box in zip(outcomes, boxes, strict=True)}
    assert hatches["right"] is None
    assert len({hatches["right"], hatches["wrong"], hatches["nan"]}) == 3
    assert hatches["nan"] == hatches["-inf"]
    assert fig.alt.startswith("A title. ")
    assert "2 inputs. naive: 2 nan; + 1e-7: 2 wrong; fused: 2 −inf." in fig.alt
    rows = {"add 1, float32": ["wrong"], "add 1, float64": ["wrong"], "fill": ["right"]}
    alt = plot_outcomes(rows, ["a"], "A title").alt
    assert alt.endswith("1 inputs. add 1, float32 and float64: 1 wrong; fill: all right.")


COUNTS = np.array([[8, 0, 1], [2, 7, 0], [0, 0, 9]])


def test_every_count_is_shown_errors_are_dotted_and_zeros_white():
    fig = plot_confusion(COUNTS, "A title")
    words = drawing.words(fig)
    assert [word for word in words if word.isdigit()] == [str(count) for count in COUNTS.ravel()]
    assert [f"is {i}" for i in range(3)] == [word for word in words if word.startswith("is ")]
    assert drawing.untidy(fig) == {}
    assert "24 of 27 on the diagonal" in fig.alt
    assert "is 1: 2, 7, 0" in fig.alt
    boxes = drawing.sheet(fig).patches
    for count, box, (i, j) in zip(COUNTS.ravel(), boxes, np.ndindex(3, 3), strict=True):
        assert (box.get_hatch() is not None) == (count > 0 and i != j)
        assert (box.get_facecolor()[:3] == (1, 1, 1)) == (count == 0)
