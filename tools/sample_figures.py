"""Figures that show every part of what plotnet draws; `make record` stores them beside its tests.

A stored picture is an expectation that a person has looked at: look at what changed.
"""

import io
import json

import numpy as np

from lesson.figures import plot_confusion, plot_exp_ranges, plot_outcomes, plot_panels
from plotnet import DynamicShow, plot_net, plot_shapes
from plotnet.brushes import EdgeBrush, NodeBrush
from tools.notebook import ROOT
from tools.pictures import SAME_PICTURE, distance, pictures_can_be_compared

PICTURES = ROOT / "tests" / "plotnet" / "pictures"
ALTS = PICTURES / "alt.json"
X = np.arange(0.0, 9.0)
# Seven values and weights: both signs, zero, nan, both infinities, and one of many digits.
ODD = [1.0, -2.5, 0.0, np.nan, np.inf, -np.inf, 12345.678]


def net():
    return plot_net([10, 7, 5])


def net_of_one_layer():
    return plot_net([3], (4, 3))


def net_of_four_layers():
    return plot_net([2, 4, 3, 1], (9, 4))


def net_with_ellipsis():
    return plot_net([784, 30, 12], (9, 6))


def net_with_fewer_nodes():
    return plot_net([5, 8, 4], (8, 4), max_nodes=4)


def net_with_every_node():
    return plot_net([20, 3], (6, 6), max_nodes=None)


def net_of_many_edges():
    return plot_net([60, 60], (4, 3), max_nodes=None)


def net_on_a_narrow_canvas():
    return plot_net([10, 7, 5], (4, 7))


def net_on_a_tiny_canvas():
    return plot_net([10, 7, 5], (2, 1))


def net_with_values():
    return plot_net([7, 3], (7, 6), values=[ODD, [0.001, -300.0, 7.0]])


def net_with_values_in_words():
    """Layers that the alt text lists and layers that it sums up, on either side of the limits."""
    lost = [np.full(12, np.nan), [*ODD, 1.0, 2.0, 3.0, 4.0], [*ODD, 1.0, 2.0, 3.0]]
    return plot_net([12, 11, 10, 6, 5], (12, 6), values=[*lost, np.arange(6) / 7, np.arange(5)])


def net_with_values_left_out():
    return plot_net([30, 2], (7, 6), values=[np.linspace(-1, 1, 30), [1e-9, 2e12]], max_nodes=6)


def net_with_weights():
    return plot_net([7, 2], (7, 6), weights=[np.array([ODD, ODD[::-1]])])


def net_with_weights_left_out():
    weights = [np.linspace(-1, 1, 60).reshape(3, 20), np.array([[1.0, -0.5, 0.25]])]
    return plot_net([20, 3, 1], (8, 6), weights=weights, max_nodes=5)


def net_with_symbols():
    return plot_net([4, 3, 2], (8, 5), symbols=["$x$", "$h$", "$z$"])


def shapes():
    terms = ["=", ("$X$", ("m", 10)), "@", ("$W^T$", (10, 7)), "+", ("$b$", (7,))]
    return plot_shapes([("$Z$", ("m", 7)), *terms])


def shapes_that_are_large_or_small():
    return plot_shapes([("$A$", (784, 128)), "·", ("$c$", (1,)), "·", ("$B$", (2, 3))], (9, 5))


def shapes_on_a_narrow_canvas():
    return plot_shapes([("$Z$", ("m", 5)), "=", ("$X$", ("m", 12)), "@", ("$W$", (12, 5))], (5, 4))


def shapes_on_a_flat_canvas():
    return plot_shapes([("$X$", ("m", 3)), "+", ("$b$", (3,))], (10, 1))


def exp_ranges():
    return plot_exp_ranges({"float16": (-17.3, 11.1), "float64": (-745.1, 709.8)})


def one_panel():
    curves = {"true": X, "ours": X**2 / 8, "naive": np.where(X < 5, X, np.nan)}
    return plot_panels(X, {"One of them is lost": ("loss", curves)}, "gap")


def three_panels():
    rising = {name: (k + 1) * (X + 1) for k, name in enumerate("abcde")}
    falling = {"true": 9 - X, "infinite": np.where(X > 6, np.inf, 3.0), "lost": X * np.nan}
    panels = {
        "Five curves rise": ("norm", rising),
        "One is infinite": ("loss", falling),
        "Small numbers": ("error", {"true": 1e-9 * (X + 1), "zero": 0 * X}),
    }
    return plot_panels(X, panels, "step", logarithmic=["norm"])


def outcomes():
    table = {"naive": ["right", "nan", "-inf"], "fused": ["right", "wrong", "right"]}
    return plot_outcomes(table, ["1, 2, 3", "1000, 1000, 100, 12345", "-1000"], "Two fail", (9, 4))


def confusion():
    return plot_confusion(
        np.array([[9, 0, 1], [2, 8, 0], [0, 0, 10]]), "27 of 30 are right", (8, 5)
    )


def by_hand():
    with DynamicShow((4, 3)) as ds:
        left = NodeBrush("nn.input", ds.ax) >> (0, 0)
        right = NodeBrush("nn.output", ds.ax) >> (2, 1)
        EdgeBrush("->", ds.ax) >> (left, right)
        right.text("y")
    return ds.fig


FIGURES = {
    name: draw
    for name, draw in globals().items()
    if callable(draw) and getattr(draw, "__module__", None) == __name__
}


def png(fig):
    """Return the figure as a PNG file: large enough to show a moved letter."""
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", dpi=50, metadata={"Software": None})
    return buffer.getvalue()


def drawn():
    """Yield (path, bytes) of what is to be stored: each picture that has changed, and alt texts."""
    alts = {}
    for name, draw in FIGURES.items():
        fig, path = draw(), PICTURES / f"{name}.png"
        alts[name] = getattr(fig, "alt", None)
        if not path.exists() or (
            pictures_can_be_compared() and distance(path.read_bytes(), png(fig)) > SAME_PICTURE
        ):
            yield path, png(fig)
    yield ALTS, json.dumps(alts, indent=1, ensure_ascii=False) + "\n"
