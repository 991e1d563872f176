"""Promise: tables as pictures show each word and each count, and not by colour alone."""

import numpy as np
import pytest

from lesson.figures import plot_confusion, plot_outcomes
from tests.helpers import figure_reader as drawing

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


def test_a_short_row_is_refused():
    with pytest.raises(ValueError, match="table must have 2 words in each row, got 1 for 'naive'"):
        plot_outcomes({"naive": ["right"]}, COLUMNS, "A title")


def test_a_bad_size_is_refused():
    with pytest.raises(ValueError, match="figsize"):
        plot_outcomes(TABLE, COLUMNS, "A title", figsize=(0, 1))


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


@pytest.mark.parametrize(
    "counts", [[1, 2], [[1, 2]], [[0.5]], [[-1]], [], [["a"]], np.empty((0, 0), int)], ids=repr
)
def test_what_is_no_confusion_matrix_is_refused(counts):
    with pytest.raises(ValueError, match="counts must be a square array of counts"):
        plot_confusion(counts, "A title")
