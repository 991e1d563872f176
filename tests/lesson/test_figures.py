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


def test_bars_are_the_ranges():
    _, bars = plot_exp_ranges(RANGES).axes
    drawn = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in bars.patches]
    np.testing.assert_allclose(drawn, list(RANGES.values()))
    assert [label.get_text() for label in bars.get_yticklabels()] == list(RANGES)
    assert [t.get_text() for t in bars.texts] == ["−17.3", "11.1", "−745.1", "709.8"]


def test_the_line_is_exp_on_a_logarithmic_scale():
    curve, _ = plot_exp_ranges(RANGES).axes
    (line,) = curve.lines
    z, decades = line.get_data()
    np.testing.assert_allclose(decades, np.array(z) * np.log10(np.e))
    assert curve.get_title() == "exp overflows above 11.10 in float16, 709.80 in float64"


def test_panels_show_every_curve():
    fig = plot_panels(X, PANELS, "gap")
    for ax, (title, (ylabel, curves)) in zip(fig.axes, PANELS.items(), strict=True):
        assert (ax.get_title(), ax.get_xlabel(), ax.get_ylabel()) == (title, "gap", ylabel)
        for line, (name, values) in zip(ax.lines, curves.items(), strict=True):
            assert line.get_label() == name
            np.testing.assert_array_equal(line.get_data(), [X, values])


def test_curves_differ_without_colour():
    for ax in plot_panels(X, PANELS, "gap").axes:
        looks = [(line.get_linestyle(), line.get_linewidth()) for line in ax.lines]
        assert len(set(looks)) == len(looks)


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
    assert "float16 from -17.3 to 11.1; float64 from -745.1 to 709.8" in plot_exp_ranges(RANGES).alt
    alt = plot_panels(X, PANELS, "gap").alt
    assert "One title: at the right end the loss is true 40, clip 16.118." in alt
    assert "Another title: at the right end the gradient is true -1, clip 0." in alt


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


def test_every_word_is_shown():
    fig = plot_outcomes(TABLE, COLUMNS, "A title")
    words = [word.replace("\u2212", "-").replace("\n", " ") for word in drawing.words(fig)]
    expected = ["A title", *COLUMNS, *TABLE, *(word for row in TABLE.values() for word in row)]
    assert sorted(words) == sorted(expected)


def test_nothing_overlaps_or_leaves_the_canvas():
    fig = plot_outcomes(TABLE, COLUMNS, "A title")
    assert drawing.overlapping(fig) == []
    assert drawing.outside_canvas(fig) == []
    assert min(text.get_fontsize() for text in drawing.sheet(fig).texts) >= 14


def test_outcomes_differ_without_colour():
    boxes = drawing.sheet(plot_outcomes(TABLE, COLUMNS, "A title")).patches
    words = [word for row in TABLE.values() for word in row]
    hatches = {word: box.get_hatch() for word, box in zip(words, boxes, strict=True)}
    assert hatches["right"] is None
    assert len({hatches["right"], hatches["wrong"], hatches["nan"]}) == 3
    assert hatches["nan"] == hatches["-inf"]


def test_alt_text_names_every_outcome():
    alt = plot_outcomes(TABLE, COLUMNS, "A title").alt
    assert alt.startswith("A title. ")
    assert "naive: right, nan; + 1e-7: right, wrong; fused: right, -inf." in alt


COUNTS = np.array([[8, 0, 1], [2, 7, 0], [0, 0, 9]])


def test_every_count_is_shown():
    fig = plot_confusion(COUNTS, "A title")
    words = drawing.words(fig)
    numbers = [word for word in words if word.isdigit()]
    assert numbers == [str(count) for count in COUNTS.ravel()]
    assert [f"is {i}" for i in range(3)] == [word for word in words if word.startswith("is ")]
    assert drawing.overlapping(fig) == []
    assert drawing.outside_canvas(fig) == []
    assert "24 of 27 on the diagonal" in fig.alt
    assert "is 1: 2, 7, 0" in fig.alt


def test_errors_are_dotted_and_zeros_white():
    boxes = drawing.sheet(plot_confusion(COUNTS, "A title")).patches
    for count, box, (i, j) in zip(COUNTS.ravel(), boxes, np.ndindex(3, 3), strict=True):
        assert (box.get_hatch() is not None) == (count > 0 and i != j)
        assert (box.get_facecolor()[:3] == (1, 1, 1)) == (count == 0)


ROW = "table must have 2 words in each row, got 1 for 'naive'"
SQUARE = "counts must be a square array of counts"
MASKED = np.ma.array([[5, 2], [3, 4]], mask=[[0, 1], [0, 0]])


@pytest.mark.parametrize(
    ("draw", "arguments", "message"),
    [
        (plot_outcomes, ({"naive": ["right"]}, COLUMNS, "A"), ROW),
        (
            plot_outcomes,
            ({}, COLUMNS, "A"),
            "table must be a dict of str to list of str, not empty",
        ),
        (
            plot_outcomes,
            ({"a": []}, [], "A"),
            r"columns must be a list of str, not empty, got \[\]",
        ),
        (plot_outcomes, ({"a": [1, 2]}, COLUMNS, "A"), r"table\['a'\] must be a list of str"),
        (plot_outcomes, (TABLE, COLUMNS, "A", (0, 1)), "figsize"),
        *((plot_confusion, (bad, "A"), SQUARE) for bad in ([1, 2], [[1, 2]], [[0.5]], [[-1]], [])),
        *((plot_confusion, (bad, "A"), SQUARE) for bad in ([["a"]], np.empty((0, 0), int), MASKED)),
        (plot_exp_ranges, ({},), "ranges must be a dict of str to .*, not empty"),
        (plot_exp_ranges, ({"a": (1, 0)},), r"the lower one first; for 'a', got \(1.0, 0.0\)"),
        (plot_exp_ranges, ({"a": (0, np.inf)},), "two finite numbers"),
        (plot_exp_ranges, ({"a": (0, 1, 2)},), "two finite numbers"),
        (plot_panels, ([], {"t": ("y", {"a": []})}, "x"), "x must be a 1-D array of numbers"),
        (plot_panels, (X, {}, "x"), "panels must be a dict of str to"),
        (plot_panels, (X, {"t": ("y", {})}, "x"), "the curves of 't' must be a dict"),
        (plot_panels, (X, {"t": X}, "x"), r"panels\['t'\] must be a pair"),
        (
            plot_panels,
            (X, {"t": ("y", {"a": [1, 2]})}, "x"),
            r"got shape \(2,\) where x has \(5,\)",
        ),
        (plot_panels, (X, {"t": ("y", {"a": ["b"] * 5})}, "x"), "curve 'a' of 't' must be"),
        (plot_panels, (X, {"t": ("y", {"a": np.ma.array(X)})}, "x"), "got a masked array"),
        (
            plot_panels,
            (X, {"t": ("y", {name: X for name in "abcdef"})}, "x"),
            'at most 5 beside "true", got 6: a, b, c, d, e, f',
        ),
    ],
)
def test_what_cannot_be_shown_is_refused(draw, arguments, message):
    with pytest.raises(ValueError, match=message):
        draw(*arguments)
