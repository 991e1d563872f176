"""Draw a fully connected network."""

import itertools

from . import checks
from .alt import net_alt
from .captions import LINE
from .display import new_figure, show
from .edges import draw_edges
from .layout import plan
from .legend import LEGEND_HEIGHT, draw_legend
from .nodes import draw_nodes, symbol_looks, value_looks
from .save import check_filename, save
from .style import INK, blank, own_style
from .text import POINTS_PER_INCH


def plot_net(
    num_node_list,
    figsize=(15, 6),
    filename=None,
    *,
    values=None,
    weights=None,
    symbols=None,
    max_nodes=12,
    ax=None,
):
    """Draw a fully connected network: layers from left to right, the first node at the top.

    Parameters
    ----------
    num_node_list : sequence of int
        The number of nodes of each layer, the input first.
    figsize : (float, float)
        Width and height of the canvas in inches, each from 0.5 to 100. Unused if `ax` is given.
    filename : str or path, optional
        Where to save the figure: .svg, .png, .pdf or .jpg; without a suffix, .svg is added.
    values : sequence of array_like of float, each of shape (n_i,), optional
        One number for each node, printed in it. Colour shows its magnitude within the layer, a
        dashed outline its minus sign, and hatching nan or infinity.
    weights : sequence of array_like of float, each of shape (n_{i+1}, n_i), optional
        One number for each edge. Line width shows its magnitude within the pair of layers;
        negative ones are dashed, nan and infinity dotted.
    symbols : sequence of str, one for each layer, optional
        What the captions say that the nodes hold; mathtext between dollar signs. By default the
        symbols of the whole batch, from X to softmax.
    max_nodes : int or None
        A larger layer is drawn with an ellipsis, `max_nodes - 1` of its nodes, and its true
        count. At least 3; None draws every node.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The figure then belongs to the caller, and is not displayed.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.

    Raises
    ------
    ValueError
        If an argument is not as described, before anything is drawn.
    OSError
        If the file cannot be written; no part of it is left behind.
    """
    counts = checks.check_counts(num_node_list)
    figsize = checks.check_figsize(figsize)
    path = check_filename(filename)
    values = checks.check_values(values, counts)
    weights = checks.check_weights(weights, counts)
    symbols = checks.check_symbols(symbols, counts)
    max_nodes = checks.check_max_nodes(max_nodes)
    ax = checks.check_ax(ax)

    with own_style():
        fig, sheet = new_figure(figsize) if ax is None else (ax.figure.canvas.figure, ax)
        width, height = _inches(sheet)
        blank(sheet, width, height)
        legend = LEGEND_HEIGHT if weights else 0.0
        layout = plan(counts, symbols, width, height, max_nodes, legend)
        _draw(sheet, counts, layout, values, weights)
        if weights:
            draw_legend(sheet, weights, width - layout.margin, height - layout.margin)

    alt = net_alt(counts, layout.layers, values, weights)
    if path is not None:
        save(fig, path, alt)
    if ax is None:
        fig.alt = alt
        show(fig, alt)
    return fig


def _inches(ax):
    """Return the width and height of `ax` in inches."""
    box = ax.get_window_extent()
    dpi = ax.figure.dpi
    return box.width / dpi, box.height / dpi


def _draw(ax, counts, layout, values, weights):
    """Draw edges, nodes and captions."""
    layers = layout.layers
    for i, pair in enumerate(itertools.pairwise(layers)):
        draw_edges(ax, *pair, layout.radius, weights[i] if weights else None)
    themes = _themes(len(counts))
    for i, (layer, theme) in enumerate(zip(layers, themes, strict=True)):
        looks = value_looks(layer, theme, values[i]) if values else symbol_looks(layer, i)
        draw_nodes(ax, layer, theme, layout.radius, looks, layout.outline)
    _draw_captions(ax, layout)


def _themes(columns):
    """Return viznet's theme for each layer."""
    return (["nn.input"] + ["nn.hidden"] * (columns - 2) + ["nn.output"])[:columns]


def _draw_captions(ax, layout):
    captions, xs = layout.captions, [layer.x for layer in layout.layers]
    if captions.size == 0:
        return
    gaps_top = layout.top + captions.above if captions.gaps_on_top else None
    below = layout.margin + captions.below
    for x, lines in zip(xs, captions.layers, strict=True):
        _draw_lines(ax, x, below, lines, captions.size)
    for left, right, lines in zip(xs[:-1], xs[1:], captions.gaps, strict=True):
        _draw_lines(ax, (left + right) / 2, gaps_top or below, lines, captions.size)


def _draw_lines(ax, x, top, lines, size):
    """Write lines below each other, centred at `x`, the first just below `top`."""
    pitch = LINE * size / POINTS_PER_INCH
    for i, line in enumerate(lines):
        baseline = top - pitch * (i + 0.8)
        ax.text(x, baseline, line, size=size, ha="center", va="baseline", color=INK)
