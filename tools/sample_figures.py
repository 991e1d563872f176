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


# Layers that the alt text lists and layers that it sums up, on either side of the limits.
IN_WORDS = [np.full(12, np.nan), [*ODD, 1.0, 2.0, 3.0, 4.0], [*ODD, 1.0, 2.0, 3.0]]
IN_WORDS += [np.arange(6) / 7, np.arange(5)]
LEFT_OUT = [np.linspace(-1, 1, 60).reshape(3, 20), np.array([[1.0, -0.5, 0.25]])]
LAYER = [("$X$", ("m", 10)), "@", ("$W^T$", (10, 7)), "+", ("$b$", (7,))]
NARROW = [("$Z$", ("m", 5)), "=", ("$X$", ("m", 12)), "@", ("$W$", (12, 5))]
CURVES = {"true": X, "ours": X**2 / 8, "naive": np.where(X < 5, X, np.nan)}
RISING = {name: (k + 1) * (X + 1) for k, name in enumerate("abcde")}
PANELS = {
    "Five curves rise": ("norm", RISING),
    "One is infinite": (
        "loss",
        {"true": 9 - X, "infinite": np.where(X > 6, np.inf, 3.0), "lost": X * np.nan},
    ),
    "Small numbers": ("error", {"true": 1e-9 * (X + 1), "zero": 0 * X}),
}
OUTCOMES = {"naive": ["right", "nan", "-inf"], "fused": ["right", "wrong", "right"]}
COLUMNS = ["1, 2, 3", "1000, 1000, 100, 12345", "-1000"]
COUNTS = np.array([[9, 0, 1], [2, 8, 0], [0, 0, 10]])


def by_hand():
    with DynamicShow((4, 3)) as ds:
        left = NodeBrush("nn.input", ds.ax) >> (0, 0)
        right = NodeBrush("nn.output", ds.ax) >> (2, 1)
        EdgeBrush("->", ds.ax) >> (left, right)
        right.text("y")
    return ds.fig


# How each picture is drawn.
FIGURES = {
    "net": lambda: plot_net([10, 7, 5]),
    "net_of_one_layer": lambda: plot_net([3], (4, 3)),
    "net_of_four_layers": lambda: plot_net([2, 4, 3, 1], (9, 4)),
    "net_with_ellipsis": lambda: plot_net([784, 30, 12], (9, 6)),
    "net_with_fewer_nodes": lambda: plot_net([5, 8, 4], (8, 4), max_nodes=4),
    "net_with_every_node": lambda: plot_net([20, 3], (6, 6), max_nodes=None),
    "net_of_many_edges": lambda: plot_net([60, 60], (4, 3), max_nodes=None),
    "net_on_a_narrow_canvas": lambda: plot_net([10, 7, 5], (4, 7)),
    "net_on_a_tiny_canvas": lambda: plot_net([10, 7, 5], (2, 1)),
    "net_with_values": lambda: plot_net([7, 3], (7, 6), values=[ODD, [0.001, -300.0, 7.0]]),
    "net_with_values_in_words": lambda: plot_net([12, 11, 10, 6, 5], (12, 6), values=IN_WORDS),
    "net_with_values_left_out": lambda: plot_net(
        [30, 2], (7, 6), values=[np.linspace(-1, 1, 30), [1e-9, 2e12]], max_nodes=6
    ),
    "net_with_weights": lambda: plot_net([7, 2], (7, 6), weights=[np.array([ODD, ODD[::-1]])]),
    "net_with_weights_left_out": lambda: plot_net(
        [20, 3, 1], (8, 6), weights=LEFT_OUT, max_nodes=5
    ),
    "net_with_symbols": lambda: plot_net([4, 3, 2], (8, 5), symbols=["$x$", "$h$", "$z$"]),
    "shapes": lambda: plot_shapes([("$Z$", ("m", 7)), "=", *LAYER]),
    "shapes_that_are_large_or_small": lambda: plot_shapes(
        [("$A$", (784, 128)), "·", ("$c$", (1,)), "·", ("$B$", (2, 3))], (9, 5)
    ),
    "shapes_on_a_narrow_canvas": lambda: plot_shapes(NARROW, (5, 4)),
    "shapes_on_a_flat_canvas": lambda: plot_shapes(
        [("$X$", ("m", 3)), "+", ("$b$", (3,))], (10, 1)
    ),
    "exp_ranges": lambda: plot_exp_ranges({"float16": (-17.3, 11.1), "float64": (-745.1, 709.8)}),
    "one_panel": lambda: plot_panels(X, {"One of them is lost": ("loss", CURVES)}, "gap"),
    "three_panels": lambda: plot_panels(X, PANELS, "step", logarithmic=["norm"]),
    "outcomes": lambda: plot_outcomes(OUTCOMES, COLUMNS, "Two fail", (9, 4)),
    "confusion": lambda: plot_confusion(COUNTS, "27 of 30 are right", (8, 5)),
    "by_hand": by_hand,
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
