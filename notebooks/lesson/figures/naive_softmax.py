"""Figures of notebook 03: what softmax does, and where the numbers of a type lie."""

import numpy as np
from matplotlib.patches import Rectangle

from plotnet.canvas import DPI, INK, Figure, blank, new_figure, own_style, show
from plotnet.text import MINUS

from .given import check_dict, spoken

_SIZE = 16
_BLUE = "#a9cbe8"


def plot_softmax(logits):
    """Draw logits, their exponentials and their probabilities as three rows of bars.

    Parameters
    ----------
    logits : dict of str to float
        The logit of each class by its name, at most 700.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.

    Raises
    ------
    ValueError
        If `logits` is empty, or one of them is not a number up to 700.
    """
    names, z = list(check_dict(logits, "logits", "float")), np.array([*logits.values()], float)
    if not (z <= 700).all():
        raise ValueError(f"logits must be numbers up to 700, got {logits!r}")
    exp = np.exp(z)
    rows = {
        "logit z": (z, [f"{x:.1f}" for x in z]),
        "exp(z)": (exp, [f"{x:.2f}" for x in exp]),
        "probability": (exp / exp.sum(), [f"{x:.1%}" for x in exp / exp.sum()]),
    }
    title = "exp makes every score positive, division makes the sum 1"
    with own_style():
        fig = Figure(figsize=(11, 7.5), dpi=DPI)
        axes = fig.subplots(3, 1, sharex=True)
        for ax, (name, (values, texts)) in zip(axes, rows.items(), strict=True):
            _draw_row(ax, names, values, [text.replace("-", MINUS) for text in texts])
            ax.set_ylabel(name, size=_SIZE, rotation=0, ha="right", va="center")
        axes[-1].set_xticks(range(len(names)), names, size=_SIZE)
        fig.suptitle(title, size=_SIZE + 3)
        fig.tight_layout(pad=1, h_pad=1)
    each = "; ".join(f"{name}: {', '.join(texts)}" for name, (_, texts) in rows.items())
    fig.alt = spoken(f"{title}. Three rows of bars for {', '.join(names)}. {each}.")
    show(fig, fig.alt)
    return fig


def _draw_row(ax, names, values, texts):
    bars = ax.bar(range(len(names)), values, width=0.6, color=_BLUE, edgecolor=INK)
    ax.bar_label(bars, texts, size=_SIZE, padding=3)
    ax.axhline(0, color=INK, linewidth=1)
    ax.set_yticks([])
    ax.margins(y=0.35)
    ax.tick_params(axis="x", length=0)
    ax.spines[["left", "right", "top", "bottom"]].set_visible(False)


def plot_float16():
    """Draw the positive numbers of float16: their gaps near 2048, and their two ends.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.
    """
    info = np.finfo(np.float16)
    title = "float16: the larger the number, the wider the gap to the next"
    with own_style():
        fig, ax = new_figure((13, 5))
        blank(ax, 13, 5)
        ax.text(6.5, 4.65, title, size=_SIZE + 3, ha="center", va="center", color=INK)
        _draw_gaps(ax, 3.15)
        _draw_line(ax, 1.25, float(info.smallest_subnormal), float(info.tiny), float(info.max))
    fig.alt = (
        f"{title}. Above, the numbers from 2040 to 2060: up to 2048 every whole number, then every "
        "second one; 2049 becomes 2048. Below, all positive numbers on a logarithmic line: 0, "
        f"subnormal from 6e{MINUS}8, normal from 6.1e{MINUS}5 to 65504, then inf."
    )
    show(fig, fig.alt)
    return fig


def _draw_gaps(ax, y):
    """Draw a stroke for each number from 2040 to 2060."""
    first, last = 2040, 2060
    numbers = np.unique(np.arange(first, last + 1).astype(np.float16)).astype(float)
    place = np.interp(numbers, (first, last), (1, 12))
    ax.plot([0.6, 12.4], [y, y], color=INK, linewidth=1)
    ax.vlines(place, y - 0.16, y + 0.16, color=INK, linewidth=2)
    for number, x in zip(numbers, place, strict=True):
        if number % 4 == 0:
            ax.text(x, y - 0.42, f"{number:.0f}", size=_SIZE, ha="center", va="center", color=INK)
    lost, kept = np.interp((2049, 2048), (first, last), (1, 12))
    arrow = {"arrowstyle": "-|>", "color": "#b04a00", "connectionstyle": "arc3,rad=0.4", "lw": 2}
    ax.annotate("", (kept, y + 0.2), (lost, y + 0.42), arrowprops=arrow)
    ax.text(lost + 0.1, y + 0.5, "2049 → 2048", size=_SIZE, va="center", color="#b04a00")


def _draw_line(ax, y, smallest, tiny, largest):
    """Draw what a float16 can be, from 0 to inf, on a logarithmic scale."""
    ends = np.interp(np.log([smallest, tiny, 1, largest]), np.log([smallest, largest]), (2.2, 10.8))
    fields = [
        (0.6, 2.0, "0", {"facecolor": "#eeeeee", "hatch": "//"}),
        (ends[0], ends[1], "subnormal", {"facecolor": "#ffe3b3", "hatch": ".."}),
        (ends[1], ends[3], "normal: 11 binary digits", {"facecolor": _BLUE}),
        (11.0, 12.4, "inf", {"facecolor": "#eeeeee", "hatch": "//"}),
    ]
    for left, right, word, look in fields:
        box = Rectangle((left, y), right - left, 0.6, edgecolor="#777777", linewidth=0, **look)
        ax.add_patch(box)
        text = ax.text((left + right) / 2, y + 0.3, word, size=_SIZE, ha="center", va="center")
        text.set_bbox({"facecolor": look["facecolor"], "edgecolor": "none", "pad": 3})
    marks = [f"6e{MINUS}8", f"6.1e{MINUS}5", "1", "65504"]
    logs = np.log([smallest, tiny, 1, largest])
    for x, mark, log in zip(ends, marks, logs, strict=True):
        ax.vlines(x, y - 0.15, y, color=INK, linewidth=1.5)
        ax.text(x, y - 0.35, mark, size=_SIZE, ha="center", va="center", color=INK)
        under = f"exp({log:.2f})".replace("-", MINUS)
        ax.text(x, y - 0.8, under, size=_SIZE - 1, ha="center", va="center", color=INK)
