"""Promise: the figure of lost ranges shows what it is given, without colour and in words, too."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lesson.figures import plot_lost_ranges

X = np.arange(11.0)
PANELS = {
    "Low": (X, {"a": X / 10, "b": np.where(X < 8, 1 - X / 10, np.nan)}, {"nan": X > 7}),
    "High": (X + 20, {"a": X / 10, "b": X * 0}, {"nan": X > 8, "all zero": (X > 3) & (X < 6)}),
}


def test_curves_and_fields_are_drawn_where_they_are():
    fig = plot_lost_ranges(PANELS, "offset")
    for ax, (title, (x, curves, fields)) in zip(fig.axes, PANELS.items(), strict=True):
        assert (ax.get_title(), ax.get_xlabel()) == (title, "offset")
        for line, (name, values) in zip(ax.lines, curves.items(), strict=True):
            assert line.get_label() == name
            np.testing.assert_array_equal(line.get_data(), [x, values])
        for patch, word, lost in zip(ax.patches, ax.texts, fields.values(), strict=True):
            box = patch.get_extents().transformed(ax.transData.inverted())
            assert (box.x0, box.x1) == pytest.approx((x[lost][0], x[lost][-1]))
            assert box.x0 < word.get_position()[0] < box.x1
        assert [word.get_text() for word in ax.texts] == list(fields)


def test_nothing_is_told_apart_by_colour_alone():
    for ax in plot_lost_ranges(PANELS, "offset").axes:
        assert len({line.get_linestyle() for line in ax.lines}) == len(ax.lines)
        assert len({patch.get_hatch() for patch in ax.patches}) == len(ax.patches)


def test_no_word_lies_on_a_curve():
    fig = plot_lost_ranges(PANELS, "offset")
    FigureCanvasAgg(fig).draw()
    for ax in fig.axes:
        for text in ax.texts:
            for line in ax.lines:
                points = ax.transData.transform(line.get_xydata())
                assert text.get_window_extent().count_contains(points) == 0


def test_the_alt_text_says_what_is_lost_where():
    assert plot_lost_ranges(PANELS, "offset").alt == (
        "Low. Probability over offset 0 to 10: a 0 to 1; b 0.3 to 1 off from 0 to 7; nan from 8 on."
        " High. 20 to 30: a 0 to 1; b 0 off from 21 to 28; all zero from 24 to 25; nan from 29 on."
    )
    same = {"One": PANELS["Low"], "Two": (*PANELS["Low"][:2], {})}
    assert plot_lost_ranges(same, "offset").alt.endswith(" Two. 0 to 10: the same curves.")


@pytest.mark.parametrize(
    "panels",
    [
        {},
        {"A": (X, {}, {})},
        {"A": (X, {"a": X[1:]}, {})},
        {"A": (X, {"a": X}, {"nan": X[1:] > 0})},
    ],
)
def test_what_cannot_be_shown_is_refused(panels):
    with pytest.raises(ValueError, match="must be"):
        plot_lost_ranges(panels, "offset")
