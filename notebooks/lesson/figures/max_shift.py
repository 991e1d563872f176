"""Curves with the ranges of x in which a version has no right number, as hatched fields."""

import numpy as np

from plotnet.canvas import DPI, Figure, own_style, show

from .curves import _LOOKS, _SIZE, _TRUTH, departs
from .given import check_curve, check_dict, spoken

_HATCHES = ["//", ".."]
# A field narrower than this share of its panel holds its word upright.
_NARROW = 0.18


def plot_lost_ranges(panels, xlabel, ylabel="probability"):
    """Draw curves in panels side by side, and hatch where a version has no right number.

    Parameters
    ----------
    panels : dict of str to (ndarray, dict of str to ndarray, dict of str to ndarray)
        For each panel's title: its axis `x`, increasing, of shape (k,); the curves by name, at
        most five beside one named "true"; and for at most two words, such as "nan", where that is
        what comes out: arrays of bool of shape (k,). All panels have curves of the same names.
    xlabel, ylabel : str
        The labels of the axes.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.

    Raises
    ------
    ValueError
        If there is no panel or no curve, or the arrays are not 1-D and of one length in a panel.
    """
    panels = {
        title: _check(title, *panel)
        for title, panel in check_dict(panels, "panels", "(x, curves, fields)").items()
    }
    with own_style():
        fig = Figure(figsize=(15, 6), dpi=DPI)
        axes = fig.subplots(1, len(panels), squeeze=False)[0]
        for ax, (title, (x, curves, fields)) in zip(axes, panels.items(), strict=True):
            _draw_fields(ax, x, curves, fields)
            looks = iter(_LOOKS)
            for name, values in curves.items():
                ax.plot(x, values, label=name, **(_TRUTH if name == "true" else next(looks)))
            ax.set_title(title, size=_SIZE + 3)
            ax.set_xlabel(xlabel, size=_SIZE)
            ax.set_ylabel(ylabel, size=_SIZE)
            ax.set(xlim=(x[0], x[-1]), ylim=(-0.05, 1.05))
            ax.tick_params(labelsize=_SIZE)
            ax.spines[["right", "top"]].set_visible(False)
        fig.tight_layout(pad=1, w_pad=3, rect=(0, 0.08, 1, 1))
        handles, names = axes[0].get_legend_handles_labels()
        fig.legend(
            handles, names, loc="lower center", ncols=len(names), fontsize=_SIZE, frameon=False
        )
    fig.alt = _alt(panels, xlabel, ylabel)
    show(fig, fig.alt)
    return fig


def _check(title, x, curves, fields):
    x = check_curve(x, f"the axis of {title!r} must be a 1-D array of numbers")
    accepted = f"the curves and fields of {title!r} must be 1-D arrays of numbers"
    check_dict(curves, f"the curves of {title!r}", "array")
    curves = {name: check_curve(values, accepted, x.shape) for name, values in curves.items()}
    fields = {word: check_curve(lost, accepted, x.shape) > 0 for word, lost in fields.items()}
    return x, curves, fields


def _stretches(lost):
    """Yield (first, last) of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lost, [False]]).astype(int)))
    yield from zip(edges[::2], edges[1::2] - 1, strict=True)


def _draw_fields(ax, x, curves, fields):
    """Hatch the fields, each with its word at the height that is farthest from all curves."""
    heights = np.linspace(0.2, 0.8, 25)
    for hatch, (word, lost) in zip(_HATCHES, fields.items(), strict=False):
        for first, last in _stretches(lost):
            left, right = x[first], x[last]
            look = {"facecolor": "#eeeeee", "edgecolor": "#999999", "hatch": hatch}
            ax.axvspan(left, right, linewidth=0, **look)
            upright = (right - left) / (x[-1] - x[0]) < _NARROW
            box = {"facecolor": "white", "edgecolor": "none", "pad": 3}
            place = {"ha": "center", "va": "center", "rotation": 90 if upright else 0}
            middle = (first + last) // 2
            near = [values[middle] for values in curves.values() if np.isfinite(values[middle])]
            free = np.abs(np.subtract.outer(heights, near)).min(axis=1, initial=1)
            y = heights[free.argmax()]
            ax.text((left + right) / 2, y, word, size=_SIZE + 1, bbox=box, **place)


def _alt(panels, xlabel, ylabel):
    parts, said = [], {title: _values(*panel) for title, panel in panels.items()}
    for title, (x, _, fields) in panels.items():
        same = bool(parts) and said[title] == said[next(iter(said))]
        where = "; ".join((["the same curves"] if same else said[title]) + _places(x, fields))
        axes = "" if parts else f"{ylabel.capitalize()} over {xlabel} "
        parts.append(f"{title}. {axes}{x[0]:g} to {x[-1]:g}: {where}.")
    return spoken(" ".join(parts))


def _values(x, curves, fields):
    """Return the range of each curve; of two, also where the second parts from the first."""
    parts = []
    for name, values in curves.items():
        low, high = (f"{round(value, 3):g}" for value in (np.nanmin(values), np.nanmax(values)))
        parts.append(f"{name} {low}" if low == high else f"{name} {low} to {high}")
    elsewhere = ~np.any([*fields.values()], axis=0)
    if len(curves) == 2 and (off := departs(*[*curves.values()][::-1]) & elsewhere).any():
        places = x[np.flatnonzero(off)[[0, -1]]]
        parts[1] += f" off from {places[0]:.4g} to {places[1]:.4g}"
    return parts


def _places(x, fields):
    """Return where each field lies, from left to right."""
    found = [(x[i], x[k], word) for word, lost in fields.items() for i, k in _stretches(lost)]
    parts = []
    for left, right, word in sorted(found):
        start = f" from {left:.4g}" if left > x[0] else " up"
        parts.append(f"{word}{start}" + (" on" if right == x[-1] else f" to {right:.4g}"))
    return parts
