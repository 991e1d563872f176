"""Draw a matrix expression as blocks, each with its shape."""

import re

from . import arguments
from .blocks import Block, Fonts, arrange, draw_block
from .canvas import INK, blank, new_figure, own_style, show
from .save import check_filename, save
from .text import write


def plot_shapes(terms, figsize=(12, 4), filename=None):
    """Draw a matrix expression as blocks whose sides are in proportion to their shapes.

    A symbolic dimension, like "m", is drawn with 6 cells, a number above 40 with 40. Where the
    number of rows is symbolic, one row is one sample, and the first is shaded. A vector is one
    row, with dashed rows below it if it is broadcast over a symbolic number of rows.

    Parameters
    ----------
    terms : list of (str, tuple) pairs and str
        The expression from left to right: (label, shape) for a matrix or vector, where the shape
        is one or two dimensions, each a positive int or a str; a str for an operator.
    figsize : (float, float)
        Width and height of the canvas in inches, each from 0.5 to 100.
    filename : str or path, optional
        Where to save the figure: .svg, .png, .pdf or .jpg; without a suffix, .svg is added.

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

    Examples
    --------
    >>> fig = plot_shapes([("$X$", ("m", 10)), "·", ("$W$", (10, 7)), "=", ("$Z$", ("m", 7))])
    """
    terms = arguments.check_terms(terms)
    width, height = arguments.check_figsize(figsize)
    path = check_filename(filename)
    over = _symbolic_rows(terms)
    blocks = [term if isinstance(term, str) else Block(*term, over) for term in terms]

    with own_style():
        fig, ax = new_figure((width, height))
        blank(ax, width, height)
        _draw(ax, blocks, width, height)

    fig.alt = _alt(blocks)
    if path is not None:
        save(fig, path, fig.alt)
    show(fig, fig.alt)
    return fig


def _symbolic_rows(terms):
    """Return the first symbolic number of rows, or None."""
    shapes = [term[1] for term in terms if not isinstance(term, str)]
    return next((s[0] for s in shapes if len(s) == 2 and isinstance(s[0], str)), None)


def _draw(ax, blocks, width, height):
    matrices = [block for block in blocks if isinstance(block, Block)]
    note = "shaded row: one sample" if any(block.sampled for block in matrices) else ""
    fonts = Fonts.fit(blocks, note, width, height)
    cell, middle, centres = arrange(blocks, fonts, width, height, bool(note))
    for block, x in zip(blocks, centres, strict=True):
        if isinstance(block, str):
            write(ax, x, middle, block, fonts.operator, color=INK)
        else:
            draw_block(ax, block, x, middle, cell, fonts)
    if note:
        write(ax, width / 2, fonts.margin + fonts.line / 2, note, fonts.note, color=INK)


def _alt(blocks):
    """Return the expression in plain text, and what its shading and dashes mean."""
    words = " ".join(
        block if isinstance(block, str) else f"{_plain(block.label)} {_plain(block.caption[0])}"
        for block in blocks
    )
    sentences = [f"Matrices drawn as blocks with their shapes: {words}."]
    matrices = [block for block in blocks if isinstance(block, Block)]
    spread = [_plain(block.label) for block in matrices if block.ghosts]
    sampled = [_plain(block.label) for block in matrices if block.sampled]
    if spread:
        sentences.append(f"Broadcast over the rows: {', '.join(spread)}.")
    if sampled:
        sentences.append(f"One row is one sample in {', '.join(sampled)}; the first is shaded.")
    return " ".join(sentences)


def _plain(label):
    r"""Return mathtext as words: "$W^{(0)\top}$" becomes "W(0) transposed"."""
    words = re.sub(r"(\\top|\^T\b)", " transposed", label)
    return re.sub(r"[${}\\^]", "", words)
