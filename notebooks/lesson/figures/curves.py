"""Curves and ranges: where exp lives, and how versions compare."""

import itertools
import math

import numpy as np

from plotnet.canvas import DPI, INK, Figure, own_style, show
from plotnet.text import MINUS, short_number

from .given import check_curve, check_dict, spoken

# The truth is a broad band behind the others, which are told apart by dash and lightness, too.
_TRUTH = {"color": "#bbbbbb", "linewidth": 9, "linestyle": "-"}
_LOOKS = [
    {"color": "#0b4f8a", "linewidth": 2.5, "linestyle": "-"},
    {"color": "#d55e00", "linewidth": 2.5, "linestyle": (0, (5, 2))},
    {"color": "#007a5a", "linewidth": 2.5, "linestyle": (0, (1, 1.2))},
    {"color": "#8a2be2", "linewidth": 2.5, "linestyle": (0, (6, 2, 1, 2))},
    {"color": "#111111", "linewidth": 1.5, "linestyle": (0, (2, 4))},
]
_SIZE = 15
_LEFT, _RIGHT = -900, 900
# Between a legend and a curve, as a share of the panel.
_CLEAR = 0.03
# In alternative texts, a curve leaves the true one by this share of its largest value, and stands
# still if it does so for this share of the axis.
_OFF, _LONG = 0.005, 0.05


def plot_exp_ranges(ranges):
    """Draw exp, and for each floating-point type the logits where it is neither 0 nor infinite.

    Parameters
    ----------
    ranges : dict of str to (float, float)
        For each type's name the least and the greatest such logit, the widest type last.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.

    Raises
    ------
    ValueError
        If `ranges` is empty, or a range is not two finite numbers, the lower one first.
    """
    ranges = _check_ranges(ranges)
    widest, (low, high) = list(ranges.items())[-1]
    with own_style():
        fig = Figure(figsize=(13, 6), dpi=DPI)
        curve, bars = fig.subplots(2, 1, sharex=True, height_ratios=(1.3, 1))
        _draw_exp(curve, low, high)
        _draw_bars(bars, ranges)
        ends = ", ".join(f"{top:.2f} in {name}" for name, (_, top) in ranges.items())
        title = f"exp overflows above {ends}"
        curve.set_title(title, size=_SIZE + 3)
        fig.tight_layout(pad=1, h_pad=0.5)
    each = "; ".join(f"{name} from {low:.1f} to {high:.1f}" for name, (low, high) in ranges.items())
    fig.alt = spoken(
        f"{title}. Above, exp(z) in {widest}, a straight line on a log scale. "
        f"Bars where it is not 0 or inf: {each}."
    )
    show(fig, fig.alt)
    return fig


def _check_ranges(ranges):
    accepted = "each range must be two finite numbers, the lower one first"
    ranges = {
        name: check_curve(pair, f"{accepted}; for {name!r}", (2,)).tolist()
        for name, pair in check_dict(ranges, "ranges", "(float, float)").items()
    }
    for name, (low, high) in ranges.items():
        if not -math.inf < low < high < math.inf:
            raise ValueError(f"{accepted}; for {name!r}, got ({low}, {high})")
    return ranges


def _draw_exp(ax, low, high):
    """Draw exp between its limits as a line, and what lies beyond them as hatched fields."""
    decades = np.array([low, high]) / math.log(10)
    ax.plot([low, high], decades, color="#0b4f8a", linewidth=3)
    for left, right, text in [(_LEFT, low, "0"), (high, _RIGHT, "inf")]:
        ax.axvspan(left, right, facecolor="#eeeeee", edgecolor="#999999", hatch="//", linewidth=0)
        box = {"facecolor": "white", "edgecolor": "none", "pad": 3}
        ax.text((left + right) / 2, 0, text, size=_SIZE + 3, ha="center", va="center", bbox=box)
    ax.set_yticks([-300, 0, 300], ["$10^{-300}$", "$1$", "$10^{300}$"])
    ax.set_ylabel("exp(z)", size=_SIZE)
    ax.tick_params(labelsize=_SIZE)
    ax.spines[["right", "top"]].set_visible(False)


def _draw_bars(ax, ranges):
    """Draw one bar for each type, with its limits at its ends."""
    heights = range(len(ranges) - 1, -1, -1)
    for height, (low, high) in zip(heights, ranges.values(), strict=True):
        ax.barh(height, high - low, left=low, height=0.5, color="#a9cbe8", edgecolor=INK)
        for x, align in [(low - 8, "right"), (high + 8, "left")]:
            limit = low if align == "right" else high
            text = f"{limit:.1f}".replace("-", MINUS)
            ax.text(x, height, text, size=_SIZE, ha=align, va="center")
    ax.set_yticks(heights, ranges)
    ax.set(xlim=(_LEFT, _RIGHT), ylim=(-0.5, len(ranges) - 0.5))
    ax.set_xlabel("logit z", size=_SIZE)
    ax.tick_params(labelsize=_SIZE)
    ax.tick_params(axis="y", length=0)
    ax.spines[["left", "right", "top"]].set_visible(False)


def plot_panels(x, panels, xlabel, logarithmic=()):
    """Draw several versions of some quantities against `x`, one panel for each quantity.

    Parameters
    ----------
    x : ndarray of float, shape (k,)
        The common axis.
    panels : dict of str to (str, dict of str to ndarray of float, shape (k,))
        For each panel's title the label of its axis and the curves by name, at most five beside
        one named "true". A curve ends with a cross where it becomes nan or infinite.
    xlabel : str
        The label of the common axis.
    logarithmic : collection of str
        The labels of the axes with a logarithmic scale.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.

    Raises
    ------
    ValueError
        If there is no panel, a panel has no curve or more than five beside "true", or `x` and the
        curves are not 1-D arrays of numbers of one length.
    """
    x, panels = _check_panels(x, panels)
    columns = min(len(panels), 2)
    rows = -(-len(panels) // columns)
    with own_style():
        fig = Figure(figsize=(15, 6 if rows == 1 else 5 * rows), dpi=DPI)
        axes = [fig.add_subplot(rows, columns, place) for place in range(1, len(panels) + 1)]
        for ax, (title, (ylabel, curves)) in zip(axes, panels.items(), strict=True):
            _draw_curves(ax, x, curves)
            ax.set_title(title, size=_SIZE + 3)
            ax.set_xlabel(xlabel, size=_SIZE)
            ax.set_ylabel(ylabel, size=_SIZE)
            ax.set_yscale("log" if ylabel in logarithmic else "linear")
            ax.tick_params(labelsize=_SIZE)
            ax.margins(y=0.12)
            ax.spines[["right", "top"]].set_visible(False)
        fig.tight_layout(pad=1, w_pad=3, h_pad=2)
        for ax in axes:
            _place_legend(ax)
    fig.alt = _panels_alt(x, panels, xlabel)
    show(fig, fig.alt)
    return fig


def _check_panels(x, panels):
    x = check_curve(x, "x must be a 1-D array of numbers")
    checked = {}
    for title, panel in check_dict(panels, "panels", "(ylabel, curves)").items():
        if not isinstance(panel, (tuple, list)) or len(panel) != 2 or not isinstance(panel[0], str):
            raise ValueError(f"panels[{title!r}] must be a pair (ylabel, curves), got {panel!r}")
        curves = check_dict(panel[1], f"the curves of {title!r}", "array")
        if len(curves.keys() - {"true"}) > len(_LOOKS):
            raise ValueError(
                f'the curves of {title!r} must be at most {len(_LOOKS)} beside "true", '
                f"got {len(curves)}: {', '.join(curves)}"
            )
        for name in curves:
            accepted = f"curve {name!r} of {title!r} must be a 1-D array of numbers"
            curves = {**curves, name: check_curve(curves[name], accepted, x.shape)}
        checked[title] = (panel[0], curves)
    return x, checked


def _draw_curves(ax, x, curves):
    looks = iter(_LOOKS)
    for name, values in curves.items():
        look = _TRUTH if name == "true" else next(looks)
        ax.plot(x, values, label=_label(name, x, values), **look)
        last = _last_finite(values)
        if 0 <= last < len(x) - 1:
            ax.plot(x[last], values[last], "x", color=look["color"], markersize=14, mew=3)


def _place_legend(ax):
    """Put the legend where it covers the fewest points; matplotlib's "best" let it cover a line."""
    legend = ax.legend(fontsize=_SIZE, frameon=False)
    to_axes = ax.transData - ax.transAxes
    points = np.concatenate([to_axes.transform(line.get_xydata()) for line in ax.lines])
    box = legend.get_window_extent()
    size = np.array([box.width / ax.bbox.width, box.height / ax.bbox.height])

    def covered(corner):
        inside = (points > corner - _CLEAR) & (points < corner + size + _CLEAR)
        return inside.all(axis=1).sum()

    # From the upper right to the lower left.
    corners = itertools.product(np.linspace(1 - size[0], 0, 5), np.linspace(1 - size[1], 0, 21))
    legend.set_loc(tuple(min(map(np.array, corners), key=covered)))


def _last_finite(values):
    """Return where the leading finite part of a curve ends, -1 if there is none."""
    lost = np.flatnonzero(~np.isfinite(values))
    return lost[0] - 1 if lost.size else len(values) - 1


def _label(name, x, values):
    """Return the name of a curve, with the place from which it is not finite to its right end."""
    if np.isfinite(values[-1]):
        return name
    return f"{name}: not finite from {x[np.flatnonzero(np.isfinite([0, *values]))[-1]]:g} on"


def _panels_alt(x, panels, xlabel):
    sentences = []
    for title, (ylabel, curves) in panels.items():
        said = (f"{name} {course(x, v, curves.get('true'))}" for name, v in curves.items())
        where = "" if sentences else f" against the {xlabel}, {x[0]:g} to {x[-1]:g}"
        sentences.append(f"{title}. The {ylabel}{where}: {'; '.join(said)}.")
    return spoken(" ".join(sentences))


def course(x, values, true=None):
    """Return where a curve goes: its ends, where it stands still, leaves `true`, is not finite."""
    finite = np.isfinite(values)
    said = [short_number(value) for value in values[finite]]
    parts = []
    if said:
        still = x[finite][max((i for i, text in enumerate(said) if text != said[-1]), default=-1) :]
        parts = [f"{said[0]} to {said[-1]}" if len({*said}) > 1 else f"always {said[0]}"]
        if len({*said}) > 1 and len(still) > 2 and still[-1] - still[1] > _LONG * (x[-1] - x[0]):
            parts.append(f"there from {still[1]:g} on")
    if true is not None and (off := departs(values, true)).any():
        parts.append(f"leaves true at {x[off.argmax()]:g}")
    return ", ".join(parts + _lost(x, values))


def departs(values, true):
    """Return where a curve is visibly another one than `true`."""
    shown = np.where(np.isfinite(values), values, true)
    return np.abs(shown - true) > _OFF * np.abs(true[np.isfinite(true)]).max(initial=0)


def _lost(x, values):
    """Return from where to where a curve is which of nan, inf and -inf."""
    words = ["" if np.isfinite(value) else f"{value:g}" for value in values]
    parts = []
    for word, run in itertools.groupby(range(len(x)), key=words.__getitem__):
        if word:
            first, *_, last = [*run] * 2
            end = " on" if last == len(x) - 1 else f" to {x[last]:g}"
            place = f"at {x[first]:g}" if first == last else f"from {x[first]:g}{end}"
            parts.append(f"{word} {place}")
    return parts
