"""Promise: the figures of notebook 03 show softmax and the numbers of float16 as they are."""

import numpy as np
import pytest
import scipy.special
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lesson.figures import plot_float16, plot_softmax

LOGITS = {"oak": 2.0, "beech": -1.5, "birch": 0.25}
FIGURES = {"softmax": lambda: plot_softmax(LOGITS), "float16": plot_float16}


def test_the_bars_are_logits_exponentials_and_probabilities():
    z = np.array([*LOGITS.values()])
    axes = plot_softmax(LOGITS).axes
    for ax, values in zip(axes, (z, np.exp(z), scipy.special.softmax(z)), strict=True):
        np.testing.assert_allclose([bar.get_height() for bar in ax.patches], values)
    assert [label.get_text() for label in axes[-1].get_xticklabels()] == list(LOGITS)
    assert [text.get_text() for text in axes[0].texts] == ["2.0", "−1.5", "0.2"]


@pytest.mark.parametrize("bad", [{}, {"a": 701}, {"a": np.nan}, [1, 2]])
def test_what_cannot_be_shown_is_refused(bad):
    with pytest.raises(ValueError, match="logits must be"):
        plot_softmax(bad)


def test_there_is_a_stroke_for_each_float16_from_2040_to_2060():
    strokes = plot_float16().axes[0].collections[0]
    x = np.array([segment[0, 0] for segment in strokes.get_segments()])
    numbers = [2040.0]
    while numbers[-1] < 2060:
        numbers.append(float(np.nextafter(np.float16(numbers[-1]), np.float16(np.inf))))
    np.testing.assert_allclose((x - 1) / 11, (np.array(numbers) - 2040) / 20, atol=1e-12)


def test_the_marks_are_the_ends_of_float16():
    texts = [text.get_text().replace("−", "-") for text in plot_float16().axes[0].texts]
    info = np.finfo(np.float16)
    for number in (info.smallest_subnormal, info.tiny, info.max):
        assert f"exp({np.log(float(number)):.2f})" in texts
        assert any(float(t) == pytest.approx(float(number), rel=0.01) for t in texts if is_one(t))


def is_one(text):
    return text.replace(".", "").replace("e-", "").isdigit()


@pytest.mark.parametrize("name", FIGURES)
def test_texts_are_large_inside_and_said(name):
    fig = FIGURES[name]()
    FigureCanvasAgg(fig).draw()
    for text in [text for ax in fig.axes for text in ax.texts if text.get_text()]:
        box = text.get_window_extent().extents / fig.dpi
        assert text.get_fontsize() >= 14 and min(box) >= 0, text
        assert all(box[2:] <= fig.get_size_inches()), text
    assert 100 < len(fig.alt) <= 300
