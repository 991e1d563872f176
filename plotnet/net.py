"""Draw a fully connected network."""

import itertools

from . import arguments
from .alt import net_alt
from .canvas import DPI, blank, new_figure, own_style, show, show_once
from .captions import batch_symbols, draw_captions
from .edges import LEGEND_HEIGHT, draw_edges, draw_legend
from .layout import plan
from .nodes import draw_nodes, symbol_looks, value_decimals, value_looks
from .save import check_filename, save
from .text import POINTS_PER_INCH

# JupyterLab gives a figure about so many pixels, on which digits need so many.
_PAGE_WIDTH, _READABLE = 930, 11


def plot_net(
    num_node_list,
    figsize=(15, 6),
    filename=None,
    *,
    values=None,
    weights=None,
    symbols=None,
    captions=True,
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
        dashed outline its minus sign, and hatching nan or infinity. All numbers have one font
        size and two decimals below 10; one decimal where that makes them readable, that is, 11
        pixels large in JupyterLab (for 10-7-5 from a height of about 7 inches on they are).
    weights : sequence of array_like of float, each of shape (n_{i+1}, n_i), optional
        One number for each edge. Line width shows its magnitude within the pair of layers;
        negative ones are dashed, nan and infinity dotted.
    symbols : sequence of str, one for each layer, optional
        What the nodes of each layer hold, mathtext between dollar signs: the captions' second
        line, and with an index the label of each node. In ``logits $z$`` and ``$a = f(z)$`` the
        labels are made of z and a. By default captions name the whole batch, X and A^(1), and
        nodes one sample of it, x_1 and a^(1)_1.
    captions : bool
        Whether captions name the layers and the maps between them.
    max_nodes : int or None
        A larger layer is drawn with an ellipsis, `max_nodes - 1` of its nodes, and its true
        count. At least 3; None draws every node.
    ax : matplotlib.axes.Axes, optional
        Where to draw. The figure then belongs to the caller, and is not displayed.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it. Given
        `ax`, the caller's figure, for `show(fig, ax.alt)`: there `ax.alt` describes the drawing.

    Raises
    ------
    ValueError
        If an argument is not as described, before anything is drawn.
    OSError
        If the file cannot be written; no part of it is left behind.
    """
    counts = arguments.check_counts(num_node_list)
    figsize = arguments.check_figsize(figsize)
    path = check_filename(filename)
    values = arguments.check_values(values, counts)
    weights = arguments.check_weights(weights, counts)
    symbols = arguments.check_symbols(symbols, counts)
    captions = arguments.check_flag(captions, "captions")
    max_nodes = arguments.check_max_nodes(max_nodes)
    ax = arguments.check_ax(ax)

    with own_style():
        fig, sheet = new_figure(figsize) if ax is None else (ax.figure.canvas.figure, ax)
        width, height = _inches(sheet)
        lines = symbols or batch_symbols(counts)
        legend = LEGEND_HEIGHT if weights else 0.0
        room = (width, height, max_nodes, legend, values is not None)
        layout = plan(counts, lines if captions else None, *room)
        digits = value_decimals(layout, values, _enough(fig)) if values else None
        looks = value_looks(layout, values, digits) if values else symbol_looks(layout, symbols)

        blank(sheet, width, height)
        for i, pair in enumerate(itertools.pairwise(layout.layers)):
            draw_edges(sheet, *pair, layout.radius, weights[i] if weights else None)
        for layer, look in zip(layout.layers, looks, strict=True):
            draw_nodes(sheet, layer, look, layout)
        draw_captions(sheet, layout)
        if weights:
            draw_legend(sheet, weights, width - layout.margin, height - layout.margin)

    alt = sheet.alt = net_alt(layout, values, weights, digits)
    if path is not None:
        save(fig, path, alt)
    if ax is None:
        fig.alt = alt
        show(fig, alt)
    else:
        show_once(fig)
    return fig


def _inches(ax):
    """Return the width and height of `ax` in inches."""
    box = ax.get_window_extent()
    dpi = ax.figure.dpi
    return box.width / dpi, box.height / dpi


def _enough(fig):
    """Return the font size that JupyterLab, which shrinks wide figures, shows as 11 pixels."""
    shrunk = max(1.0, DPI * fig.get_figwidth() / _PAGE_WIDTH)
    return _READABLE * shrunk * POINTS_PER_INCH / DPI
