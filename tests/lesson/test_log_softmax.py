"""Promise: the figure of notebook 05 says what it shows, and numbers that no cell shows hold."""

import numpy as np
import pytest

from lesson.figures import plot_repairs
from lesson.taught import log_softmax, softmax

GAPS = np.linspace(0, 120, 241)


@pytest.fixture(scope="module")
def fig():
    p = np.exp(-GAPS)
    lost = np.where(GAPS < 104, GAPS, np.inf)
    losses = {"true": GAPS, "log-softmax": GAPS, "log of softmax": lost}
    losses |= {"+ 1e-7": -np.log(p + 1e-7), "clip": np.minimum(GAPS, 16.1)}
    gradients = {name: -np.sign(values) for name, values in losses.items()}
    gradients |= {"+ 1e-7": -p / (p + 1e-7), "clip": np.where(GAPS < 16.1, -1.0, 0)}
    return plot_repairs(GAPS, losses, gradients)


def test_the_words_of_the_figure_are_those_of_its_curves(fig):
    loss, gradient = fig.axes
    assert loss.get_title() == "The repairs cap the loss at 16.1"
    assert [line.get_xdata()[0] for line in loss.lines if line.get_marker() == "x"] == [103.5]
    for said in ("a loss of 120 and a gradient of −1", "their gradients go to 0 and 0"):
        assert said in fig.alt
    assert "+ 1e-7 leaves it at 16 and clip at 17" in fig.alt and len(fig.alt) <= 300
    assert fig.alt.endswith("Log of softmax is finite to 103.5.")
    box = gradient.get_legend().get_window_extent()
    inside = gradient.get_window_extent()
    assert inside.x0 + 10 < box.x0 and box.x1 < inside.x1 + 1


def test_curves_of_another_length_are_refused():
    with pytest.raises(ValueError, match="clip"):
        plot_repairs(GAPS, {"true": GAPS, "clip": GAPS[1:]}, {})


def test_naive_is_lost_from_88_75_and_softmax_from_104_in_float32():
    with np.errstate(over="ignore", under="ignore"):
        assert np.isfinite(np.exp(np.float32(88.5))) and np.isinf(np.exp(np.float32(88.75)))
        assert np.exp(np.float32(-103.75)) > 0 == np.exp(np.float32(-104))


def test_at_a_gap_of_17_the_constant_takes_more_than_half_of_the_gradient():
    p = softmax([-17.0, 0])[0]
    assert 0.25 < p / (p + 1e-7) < 0.5


def test_the_condition_number_is_the_quotient_of_logsumexp_and_loss():
    assert round(1e4 / -log_softmax([2.0, -1])[0], -5) == 200_000
