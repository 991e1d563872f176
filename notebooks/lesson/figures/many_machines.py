"""Figures of notebook 10: a tree of states, what chains and trees lose, and what shards send."""

import json
import math
from pathlib import Path

import numpy as np
from matplotlib.patches import FancyBboxPatch

from plotnet.canvas import DPI, INK, Figure, blank, new_figure, own_style, show
from plotnet.text import MINUS

from .curves import _LOOKS
from .given import check_curve, check_dict

_SIZE = 16
_EPS = np.finfo(float).eps
# Measured by tools/bench.py.
BLOCK_TIMES = Path(__file__).parent.parent / "data" / "block_times.json"


def plot_tree(states):
    """Draw how the states of chunks are merged: neighbours, then neighbours of neighbours.

    Parameters
    ----------
    states : sequence of (ndarray, ndarray), each of shape (1,)
        The pairs (m, s) of 2, 4 or 8 chunks, as `lesson.taught.state` returns them for one row.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.

    Raises
    ------
    ValueError
        If there are not 2, 4 or 8 states.
    """
    if len(states) not in (2, 4, 8):
        raise ValueError(f"states must be 2, 4 or 8 pairs (m, s), got {len(states)}")
    levels = [[(float(m[0]), float(s[0])) for m, s in states]]
    while len(levels[-1]) > 1:
        last = levels[-1]
        levels.append([_merged(a, b) for a, b in zip(last[::2], last[1::2], strict=True)])
    texts = [[f"({m:.1f}, {s:.2f})".replace("-", MINUS) for m, s in level] for level in levels]
    title = f"{len(states)} pairs (m, s) become one in {len(levels) - 1} rounds of merging"
    with own_style():
        fig, ax = new_figure((15, 1.35 * len(levels) + 0.6))
        blank(ax, *fig.get_size_inches())
        ax.text(7.5, 1.35 * len(levels) + 0.2, title, size=_SIZE + 3, ha="center", va="center")
        for height, level in enumerate(texts):
            _draw_level(ax, level, 0.7 + 1.35 * height)
    fig.alt = (
        f"{title}. From the chunks, below, to the root: "
        f"{'; '.join(', '.join(level) for level in texts)}."
    )
    show(fig, fig.alt)
    return fig


def _merged(a, b):
    """Return the state of two blocks; Python's exp is the same on each machine."""
    m = max(a[0], b[0])
    return m, sum(s * math.exp(own - m) for own, s in (a, b) if s)


def _draw_level(ax, texts, y):
    """Draw the boxes of a level, and from each the edge to the one above."""
    width = 15 / len(texts)
    for k, text in enumerate(texts):
        x = (k + 0.5) * width
        if len(texts) > 1:
            above = (k // 2 + 0.5) * 2 * width
            ax.plot([x, above], [y + 0.3, y + 1.05], color=INK, linewidth=1.5, zorder=0)
        look = {"boxstyle": "round,pad=0,rounding_size=0.12", "facecolor": "#dbe9f6"}
        ax.add_patch(FancyBboxPatch((x - 0.8, y - 0.3), 1.6, 0.6, edgecolor=INK, **look))
        ax.text(x, y, text, size=_SIZE, ha="center", va="center", color=INK)


def plot_chain_or_tree(counts, step):
    """Draw what a chain and a tree of merges lose, beside the bounds of both.

    The measured errors come from Python's own exp, so that they are the same on each machine.

    Parameters
    ----------
    counts : sequence of int
        The numbers of logits, ascending: powers of two, from 2 on.
    step : float
        By how much each logit is larger than the one before.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.

    Raises
    ------
    ValueError
        If the counts are not ascending powers of two.
    """
    accepted = "counts must be ascending powers of two, from 2 on"
    counts = check_curve(counts, accepted).astype(int)
    if counts[0] < 2 or (counts & (counts - 1)).any() or (np.diff(counts) <= 0).any():
        raise ValueError(f"{accepted}, got {counts.tolist()}")
    measured = np.array([_measured(int(count), step) for count in counts])
    bounds = 2 * counts, 2 * np.log2(counts)
    title = "A chain loses with each merge, a tree with each round"
    with own_style():
        fig, ax = _log_log(title, "merges", "relative error of s, in eps", counts)
        for k, (name, bound) in enumerate(zip(("chain", "tree"), bounds, strict=True)):
            look = _LOOKS[k]
            ax.plot(counts, bound, **look)
            marks = {"marker": "o^"[k], "markersize": 10, "color": look["color"], "linestyle": ""}
            ax.plot(counts, np.where(measured[:, k] > 0, measured[:, k], np.nan), **marks)
            ax.text(counts[-1] * 1.2, bound[-1], f"{name}: bound", size=_SIZE, va="center")
            ax.text(counts[-1] * 1.2, measured[-1, k], f"{name}: measured", size=_SIZE, va="center")
        fig.subplots_adjust(left=0.09, right=0.83, top=0.9, bottom=0.14)
    fig.alt = (
        f"{title}. Relative error against the number of merges, on logarithmic scales. The chain's "
        "bound rises with that number, the tree's with its logarithm. Measured errors lie below: "
        "at the end the chain's is above 1000 eps, the tree's below 10."
    )
    show(fig, fig.alt)
    return fig


def _measured(count, step):
    """Return the errors of s in eps, by a chain and by a tree, for `count` ascending logits."""
    z = [step * k for k in range(count)]
    true = math.fsum(math.exp(x - z[-1]) for x in z)
    chain, states = (z[0], 1.0), [(x, 1.0) for x in z]
    for one in states[1:]:
        chain = _merged(chain, one)
    while len(states) > 1:
        states = [_merged(*pair) for pair in zip(states[::2], states[1::2], strict=True)]
    return [abs(total / true - 1) / _EPS for _, total in (chain, states[0])]


def _log_log(title, xlabel, ylabel, x):
    fig = Figure(figsize=(13, 6.5), dpi=DPI)
    ax = fig.add_subplot()
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    ax.set_xticks(x[::2], [f"{int(n):,}" for n in x[::2]])
    ax.minorticks_off()
    ax.set_title(title, size=_SIZE + 3)
    ax.set_xlabel(xlabel, size=_SIZE)
    ax.set_ylabel(ylabel, size=_SIZE)
    ax.tick_params(labelsize=_SIZE)
    ax.spines[["right", "top"]].set_visible(False)
    return fig, ax


def plot_bytes(shards, sent):
    """Draw how many bytes are sent against the number of shards.

    Parameters
    ----------
    shards : sequence of int, length k
        The numbers of shards, ascending.
    sent : dict of str to sequence of float, length k
        The bytes by what is sent, two to four curves; the first one is compared with the others.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.

    Raises
    ------
    ValueError
        If a curve is not as long as `shards`, or there are not two to four.
    """
    shards = check_curve(shards, "shards must be a 1-D array of numbers")
    check_dict(sent, "sent", "array")
    if not 2 <= len(sent) <= 4:
        raise ValueError(f"sent must be two to four curves, got {len(sent)}")
    accepted = "curve {!r} must be a 1-D array of numbers"
    sent = {k: check_curve(v, accepted.format(k), shards.shape) for k, v in sent.items()}
    title = "States are small beside the logits"
    with own_style():
        fig, ax = _log_log(title, "shards", "bytes", shards)
        for look, (name, values) in zip(_LOOKS, sent.items(), strict=False):
            ax.plot(shards, values, **look)
            text = f"{name}\n{_size(values[-1])}"
            ax.text(shards[-1] * 1.1, values[-1], text, size=_SIZE, va="center")
        ax.margins(y=0.1)
        fig.subplots_adjust(left=0.09, right=0.78, top=0.9, bottom=0.14)
    ends = "; ".join(f"{k} from {_size(v[0])} to {_size(v[-1])}" for k, v in sent.items())
    fig.alt = (
        f"{title}. Bytes against {shards[0]:g} to {shards[-1]:g} shards, both on logarithmic "
        f"scales: {ends}."
    )
    show(fig, fig.alt)
    return fig


def _size(count):
    """Return a number of bytes in kB, MB or GB, to three digits."""
    power = min(max(int(math.log10(max(count, 1)) // 3), 1), 3)
    return f"{count / 1000**power:.3g} {'kMG'[power - 1]}B"


def plot_block_times(times=None):
    """Draw the time of softmax in blocks against their size, as a share of plain NumPy's.

    Parameters
    ----------
    times : dict of str to dict of (int or str) to float, optional
        For float32 and float64, by the rows in a block of (8192, 1024) numbers, the share. Left
        out, the times that were recorded with the series.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.
    """
    if times is None:
        times = json.loads(BLOCK_TIMES.read_text(encoding="utf-8"))["times"]
    title = "Most of the gain is not allocating; blocks that fit the cache add to it"
    ends = []
    with own_style():
        fig = Figure(figsize=(13, 6.5), dpi=DPI)
        ax = fig.add_subplot()
        for look, (dtype, shares) in zip(_LOOKS, times.items(), strict=False):
            sizes = np.array([int(rows) * np.dtype(dtype).itemsize for rows in shares])
            values = np.array([*shares.values()])
            ax.plot(sizes[:-1], values[:-1], marker="o", label=f"{dtype}, blocks", **look)
            line = {"color": look["color"], "linewidth": 1.5, "linestyle": (0, (2, 3))}
            ax.axhline(values[-1], label=f"{dtype}, all rows in one array", **line)
            best = values[:-1].argmin()
            ends.append(
                f"{dtype}: {values[0]:.2f} with one row, {values[best]:.2f} at best with "
                f"{sizes[best]:,} kB, {values[-1]:.2f} with all rows in one array"
            )
        ax.axhline(1, color=INK, linewidth=1)
        ax.text(sizes[-2], 1.02, "plain NumPy", size=_SIZE, ha="right", va="bottom")
        ax.set_xscale("log", base=2)
        ax.set_xticks(
            [4, 16, 64, 256, 1024, 4096, 16384], ["4", "16", "64", "256", "1024", "4096", "16384"]
        )
        ax.minorticks_off()
        ax.set_ylim(bottom=0)
        ax.set_title(title, size=_SIZE + 3)
        ax.set_xlabel("kB in a block", size=_SIZE)
        ax.set_ylabel("time / plain NumPy's time", size=_SIZE)
        ax.tick_params(labelsize=_SIZE)
        ax.spines[["right", "top"]].set_visible(False)
        ax.legend(fontsize=_SIZE, frameon=False, loc="lower center", ncol=2)
        fig.tight_layout(pad=1)
    fig.alt = f"{title}. Shares of plain NumPy's time. {'; '.join(ends)}."
    show(fig, fig.alt)
    return fig
