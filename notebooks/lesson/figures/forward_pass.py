"""The edges into one node, out of all those of a network."""

import numpy as np
from matplotlib.patches import Circle

from plotnet import plot_net
from plotnet.canvas import DPI, INK, Figure, own_style, show
from plotnet.text import short_number

_WIDTH, _NET, _TITLE = 15, 8, 0.7
# On a page of 930 pixels, 14 points are 12 pixels high.
_SIZE = 14
_LOOKS = {True: {"color": "#d55e00", "linestyle": (0, (5, 2.5))}, False: {"color": "#0b4f8a"}}
# Where on an edge its weight stands: far enough from its start for a gap between neighbours.
_PLACE = 0.2


def plot_edges_into(node, values, weights, title, symbols=None):
    """Draw a network, and write the weights on the edges into one node of its first hidden layer.

    Parameters
    ----------
    node : int
        Which node of layer 1, counted from 0.
    values : sequence of array_like of float, each of shape (n_i,)
        One number for each node, as `plot_net` prints them.
    weights : array_like of float, shape (n_0,)
        The weights of the edges from all inputs into the node. Width shows their magnitude;
        negative ones are dashed.
    title : str
        The message of the figure, in a sentence.
    symbols : sequence of str, one for each layer, optional
        What the nodes of each layer hold, as `plot_net` takes it.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.

    Raises
    ------
    ValueError
        If there is no such node, or not one weight for each input.
    """
    counts, weights = [len(layer) for layer in values], np.asarray(weights, dtype=float)
    if len(counts) < 2 or node not in range(counts[1]):
        raise ValueError(f"node must be one of the nodes of layer 1 of {counts}, got {node!r}")
    if weights.shape != (counts[0],):
        raise ValueError(f"weights must have the shape ({counts[0]},), got {weights.shape}")
    with own_style():
        fig = Figure(figsize=(_WIDTH, _NET + _TITLE), dpi=DPI)
        ax = fig.add_axes((0, 0, 1, _NET / (_NET + _TITLE)))
        plot_net(counts, values=values, symbols=symbols, max_nodes=None, ax=ax)
        for others in ax.collections:
            others.set_alpha(0.35)
        circles = [patch for patch in ax.patches if isinstance(patch, Circle)]
        end = circles[counts[0] + node]
        for start, weight in zip(circles, weights, strict=False):
            _draw_edge(ax, start, end, weight, np.abs(weights).max())
        fig.text(0.5, 1 - _TITLE / 2 / (_NET + _TITLE), title, size=20, ha="center", va="center")
    listed = ", ".join(short_number(weight) for weight in weights)
    fig.alt = (
        f"{title}. Network of {'-'.join(map(str, counts))} nodes with their values; the edges "
        f"into hidden node {node + 1} stand out, with the weights {listed}."
    )
    show(fig, fig.alt)
    return fig


def _draw_edge(ax, start, end, weight, largest):
    tail, head = np.array(start.center), np.array(end.center)
    direction = (head - tail) / np.linalg.norm(head - tail)
    tail, head = tail + start.radius * direction, head - end.radius * direction
    width = 1 + 3 * abs(weight) / largest if largest else 1
    ax.plot(*zip(tail, head, strict=True), linewidth=width, zorder=1.5, **_LOOKS[bool(weight < 0)])
    x, y = tail + _PLACE * (head - tail)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    style = {"size": _SIZE, "ha": "center", "va": "center", "bbox": box, "zorder": 3}
    ax.text(x, y, f"· {short_number(weight)}", color=INK, **style)
