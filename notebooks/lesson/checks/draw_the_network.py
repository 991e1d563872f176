"""Checks of notebook 01, Draw the network."""

from itertools import pairwise

import numpy as np
from matplotlib.patches import Circle

from lesson.checks import NotYet, call, compare, exercise, short

TO_NODES = "biases belong to the nodes that edges lead to, not to those they come from."


@exercise("A whole number")
def check_digits(answer):
    weights = 784 * 128 + 128 * 10
    wrong = [
        ("These are the weights. Where are the biases?", weights),
        (f"The {TO_NODES}", weights + 784 + 128),
        ("You gave the inputs biases too. No edge leads to an input.", weights + 784 + 128 + 10),
        ("You stopped at the hidden layer: 128 nodes lead on to 10.", 784 * 128 + 128),
        ("This counts the nodes. Parameters sit on the edges, too.", 784 + 128 + 10),
        ("Edges join neighbouring layers only: add the pairs up.", 784 * 128 * 10),
    ]
    otherwise = (
        "{answer} is not it. Count the weights of the two pairs of layers, then one bias for each "
        "node that edges lead to."
    )
    compare(answer, weights + 128 + 10, wrong, otherwise, rtol=0)
    return "100,352 + 1,280 weights and 128 + 10 biases: nearly all lie in the first map."


@exercise("A function of a list")
def check_num_parameters(function):
    changed = "Your function changes the list {0} that it is given: walk through it instead."
    for layers in ([10, 7, 5], [4, 3], [3, 4, 5, 6], [8]):
        weights = sum(n * m for n, m in pairwise(layers))
        right = weights + sum(layers[1:])
        wrong = [
            ("Your function counts the weights and leaves the biases out.", weights),
            (
                "Your function adds a bias for each node that edges come from. The biases belong "
                "to the nodes that edges lead to.",
                weights + sum(layers[:-1]),
            ),
            (
                "Your function gives the inputs biases. No edge leads to an input.",
                weights + sum(layers),
            ),
        ]
        returns = f"For {layers} your function returns {{answer}}"
        result = call(function, {"num_node_list": layers}, changed)
        compare(result, right, wrong, f"{returns}; {right} is right.", rtol=0)
    return "Your function knows nothing of 10-7-5 and counts any list, even one layer with no edge."


def circles(ax):
    return [patch for patch in ax.patches if isinstance(patch, Circle)]


def joined(ax, nodes):
    """Return the pairs of nodes that a drawn line joins, as pairs of indices.

    A line ends at the rims of the nodes, or before an arrowhead; one edge may be several lines.
    """
    near = 0.3 * min(circle.radius for circle in circles(ax))
    lines = [line.get_xydata() for line in ax.lines]
    lines += [part for drawn in ax.collections for part in getattr(drawn, "get_segments", list)()]
    pairs = set()
    for line in lines:
        offset, along = nodes - line.mean(axis=0), line[-1] - line[0]
        along = along / np.linalg.norm(along)
        on_line = np.abs(offset[:, 0] * along[1] - offset[:, 1] * along[0]) < near
        place = np.where(on_line, offset @ along, np.nan)
        if (place < 0).any() and (place > 0).any():
            before = np.where(place < 0, place, -np.inf).argmax()
            after = np.where(place > 0, place, np.inf).argmin()
            pairs.add((min(before, after), max(before, after)))
    return pairs


@exercise("A figure")
def check_redrawn(fig):
    if not hasattr(fig, "get_size_inches"):
        hint = "keep what plot_net returns, or the fig of a DynamicShow"
        raise NotYet(f"A figure is expected, not {short(fig)}: {hint}.")
    ax = max(fig.axes, key=lambda ax: len(circles(ax)), default=None)
    drawn = {tuple(np.round(circle.center, 3)) for circle in (circles(ax) if ax else [])}
    nodes = np.array(sorted(drawn)).reshape(-1, 2)
    columns, layers = np.unique(nodes[:, 0], return_counts=True)
    layers = layers.tolist()
    if layers == [2, 3, 6, 4]:
        raise NotYet("The layers run the wrong way: the 4 inputs stand on the left.")
    if len(layers) != 4:
        raise NotYet(f"Your network has {len(layers)} layers; 24, 18 and 6 edges join four.")
    if layers != [4, 6, 3, 2]:
        between = [n * m for n, m in pairwise(layers)]
        asked = "4 inputs are asked for, then 24, 18 and 6 edges"
        raise NotYet(f"Your drawing shows {layers} nodes, with {between} edges between; {asked}.")
    layer = np.searchsorted(columns, nodes[:, 0])
    pairs = joined(ax, nodes)
    edges = sum(layer[j] - layer[i] == 1 for i, j in pairs)
    if len(pairs) != 48 or edges != 48:
        there = f"{edges} of the 48 edges are there, and {len(pairs) - edges} others"
        raise NotYet(f"{there}: join each node to every node of the next layer, and to no other.")
    if not np.allclose(fig.get_size_inches(), (12, 5)):
        width, height = fig.get_size_inches()
        raise NotYet(f"The canvas is {width:g} by {height:g} inches; 12 by 5 is asked for.")
    return "24 / 4 = 6 nodes, then 18 / 6 = 3, then 6 / 3 = 2: 48 edges between four layers."


@exercise("A whole number")
def check_inputs(answer):
    each = "8 hidden nodes and 10 outputs have one each."
    wrong = [
        (f"You left all biases out: {each}", (194 - 80) / 8, (194 - 80) // 8),
        ("You left the biases of the 10 outputs out.", (194 - 80 - 8) / 8),
        (f"You left biases out: {each}", 13),
        ("This gives the inputs biases. No edge leads to an input.", (194 - 8 - 80 - 10) / 9),
        ("This is the number of weights into the hidden layer: divide by its 8 nodes.", 12 * 8),
    ]
    otherwise = (
        "With {answer} inputs the network would not have 194 parameters. Write 194 as a sum in "
        "which only the number of inputs is unknown."
    )
    compare(answer, 12, wrong, otherwise, rtol=0)
    return "12 · 8 + 8 + 8 · 10 + 10 = 194."
