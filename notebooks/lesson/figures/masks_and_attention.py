"""Who attends to whom, with the mask over it, and what each way to mask makes of some rows."""

import numpy as np
from matplotlib.patches import Rectangle

from plotnet import arguments
from plotnet.canvas import INK, blank, new_figure, own_style, show

from .given import check_dict

_SIZE = 16
_CELL, _LEFT, _BOTTOM, _TOP = 1.15, 1.5, 1.0, 1.95


def mask_words(P, right):
    """Return what came out of each row: "right", "nan", or "wrong" for other numbers.

    Parameters
    ----------
    P, right : array_like of float, shape (m, n)
        The probabilities of m rows, and what they should be, to three decimals.

    Returns
    -------
    list of str, length m
    """
    rows = zip(np.asarray(P, dtype=float), np.asarray(right, dtype=float), strict=True)
    return [
        "nan" if np.isnan(p).any() else "right" if np.allclose(p, true, 0, 1e-3) else "wrong"
        for p, true in rows
    ]


def tabulate_masks(results, columns, right):
    """Return a table, as Markdown for the notebook: a line for each way to mask.

    Parameters
    ----------
    results : dict of str to array_like of float, shape (m, n)
        The probabilities of m rows by the name of the way to mask them.
    columns : list of str, length m
        What each row is.
    right : array_like of float, shape (m, n)
        What they should be. A row that differs gets a ✗.

    Returns
    -------
    IPython.display.Markdown
    """
    from IPython.display import Markdown

    lines = [["", *columns], ["---"] * (len(columns) + 1)]
    for name, P in {**results, "right": right}.items():
        rows = np.asarray(P, dtype=float).round(3)
        texts = [", ".join(f"{p:.3g}" for p in row) for row in rows]
        marks = [" ✗" * (word != "right") for word in mask_words(P, right)]
        lines.append([name, *map("".join, zip(texts, marks, strict=True))])
    return Markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


def plot_attention(panels, words, title):
    """Draw attention maps side by side: the darker, the larger; hatched what the mask forbids.

    Parameters
    ----------
    panels : dict of str to (array_like of float, array_like of bool), each of shape (n, n)
        For each panel's title the attention, whose row i says what word i takes from each word,
        and the mask, True where that is allowed. A share that is not allowed gets a thick frame.
    words : list of str, length n
        The words, which label rows and columns.
    title : str
        The message of the figure, in a sentence.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.

    Raises
    ------
    ValueError
        If there is no panel, or one is no pair of such arrays.
    """
    n = len(words)
    panels = {
        name: _check(name, pair, n)
        for name, pair in check_dict(panels, "panels", "(attention, mask)").items()
    }
    each = _LEFT + n * _CELL + 0.3
    width, height = max(len(panels) * each, 10), _BOTTOM + n * _CELL + _TOP
    with own_style():
        fig, ax = new_figure((width, height))
        blank(ax, width, height)
        ax.text(width / 2, height - 0.4, title, size=_SIZE + 4, ha="center", va="center")
        margin = (width - len(panels) * each) / 2
        for k, (name, (P, allowed)) in enumerate(panels.items()):
            _draw_map(ax, margin + k * each + _LEFT, P, allowed, words, name)
        key = "row: who asks · column: who answers · hatched: not allowed"
        leaks = any((P[~allowed] != 0).any() for P, allowed in panels.values())
        key += " · thick frame: gets a share all the same" * leaks
        ax.text(width / 2, 0.45, key, size=_SIZE - 2, ha="center", va="center", color=INK)
    fig.alt = _alt(panels, words, title)
    show(fig, fig.alt)
    return fig


def _check(name, pair, n):
    accepted = f"panels[{name!r}] must be two arrays of shape {(n, n)}, of numbers and of bool"
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise ValueError(f"{accepted}, got {pair!r}")
    arguments.check_unmasked(pair[0], accepted)
    P, allowed = map(np.asarray, pair)
    if P.shape != (n, n) or allowed.shape != (n, n) or allowed.dtype != bool or P.dtype.kind != "f":
        raise ValueError(f"{accepted}, got shapes {P.shape}, {allowed.shape}")
    return P.astype(float), allowed


def _number(p):
    return f"{p:.2f}".lstrip("0") if 0 < p < 0.995 else f"{p:.0f}"


def _draw_map(ax, left, P, allowed, words, name):
    n = len(words)
    top = _BOTTOM + n * _CELL
    ax.text(left + n * _CELL / 2, top + 0.95, name, size=_SIZE + 1, ha="center", va="center")
    for i, word in enumerate(words):
        middle = (i + 0.5) * _CELL
        place = {"size": _SIZE, "va": "center", "color": INK}
        ax.text(left - 0.15, top - middle, word, ha="right", **place)
        ax.text(left + middle, top + 0.3, word, ha="center", **place)
    for i, j in np.ndindex(n, n):
        p, free = P[i, j], allowed[i, j]
        corner = left + j * _CELL + 0.04, top - (i + 1) * _CELL + 0.04
        grey = 1 - 0.75 * min(max(np.nan_to_num(p), 0), 1)
        look = {"facecolor": (grey,) * 3, "edgecolor": "#777777", "linewidth": 0.8, "zorder": 1}
        if not free:
            look |= {"hatch": "///"}
            if p != 0:
                look |= {"edgecolor": "black", "linewidth": 5, "zorder": 2}
        ax.add_patch(Rectangle(corner, _CELL - 0.08, _CELL - 0.08, **look))
        if free or p != 0:
            centre = left + (j + 0.5) * _CELL, top - (i + 0.5) * _CELL
            box = {"facecolor": look["facecolor"], "edgecolor": "none", "pad": 3}
            colour = "white" if grey < 0.5 else INK
            text = ax.text(*centre, _number(p), size=_SIZE, ha="center", va="center", color=colour)
            text.set(bbox=box, zorder=3)


def _alt(panels, words, title):
    parts = [f"{title}. Rows and columns: {', '.join(words)}."]
    for name, (P, allowed) in panels.items():
        rows = "; ".join(" ".join(map(_number, row)) for row in P)
        leaks = int((P[~allowed] != 0).sum())
        parts.append(f"{name}: {rows}. Not allowed: {leaks} shares.")
    return " ".join(parts)
