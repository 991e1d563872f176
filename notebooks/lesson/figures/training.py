"""What becomes of a training run: its history, and its network before and after."""

import numpy as np

from plotnet import plot_net
from plotnet.canvas import DPI, Figure, own_style, show
from plotnet.text import short_number

from .curves import course
from .given import check_curve, check_dict

_SIZE = 15
# Runs that may coincide: a broad light line below, a thin dark one on it.
_LOOKS = [
    {"color": "#c8702f", "linewidth": 8, "linestyle": "-"},
    {"color": "#2b1000", "linewidth": 2.5, "linestyle": (0, (5, 2))},
    {"color": "#bcd9ef", "linewidth": 8, "linestyle": "-"},
    {"color": "#0b4f8a", "linewidth": 2.5, "linestyle": (0, (5, 2))},
    {"color": "#111111", "linewidth": 3, "linestyle": "-"},
]
_QUANTITIES = ["loss", "accuracy", "gradient norm", "largest |logit|"]
_LOGARITHMIC = {"loss", "gradient norm"}


def plot_runs(histories, titles, floor=1e-12):
    """Draw the histories of up to five training runs, in four panels that share one legend.

    Parameters
    ----------
    histories : dict of str to ndarray of float, shape (4, k)
        For each run's name its loss, accuracy, gradient norm and largest absolute logit, before
        each of its steps and after the last. Where a value is nan or infinite, nothing is drawn.
    titles : list of str, length 4
        The message of each panel, in a sentence.
    floor : float
        What is smaller on a logarithmic axis is drawn here.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.

    Raises
    ------
    ValueError
        If there are more than five runs, a run has not four rows, or not four titles are given.
    """
    histories = _check_histories(histories)
    if len(titles) != len(_QUANTITIES):
        raise ValueError(f"titles must be {len(_QUANTITIES)} sentences, got {len(titles)}")
    with own_style():
        fig = Figure(figsize=(15, 10), dpi=DPI)
        axes = fig.subplots(2, 2).ravel()
        for i, (ax, title) in enumerate(zip(axes, titles, strict=True)):
            _draw_panel(ax, {name: rows[i] for name, rows in histories.items()}, floor, i)
            ax.set_title(title, size=_SIZE + 2)
        handles, names = axes[0].get_legend_handles_labels()
        place = {"loc": "upper center", "ncols": len(names), "frameon": False, "handlelength": 3.5}
        fig.legend(handles, names, fontsize=_SIZE, **place)
        fig.tight_layout(pad=1, w_pad=3, h_pad=2, rect=(0, 0, 1, 0.95))
    fig.alt = _runs_alt(titles[0], histories)
    show(fig, fig.alt)
    return fig


def _check_histories(histories):
    checked = {}
    for name, rows in check_dict(histories, "histories", "array").items():
        if np.shape(rows)[:1] != (len(_QUANTITIES),):
            raise ValueError(f"histories[{name!r}] must have 4 rows, got shape {np.shape(rows)}")
        accepted = f"each row of histories[{name!r}] must be a 1-D array of numbers"
        checked[name] = [check_curve(row, accepted) for row in rows]
    if len(checked) > len(_LOOKS):
        raise ValueError(f"histories must be at most {len(_LOOKS)} runs, got {len(checked)}")
    return checked


def _draw_panel(ax, curves, floor, i):
    quantity = _QUANTITIES[i]
    logarithmic = quantity in _LOGARITHMIC
    for (name, values), look in zip(curves.items(), _LOOKS, strict=False):
        shown = np.where(np.isfinite(values), values, np.nan)
        # The maximum with nan is nan, and is not drawn.
        ax.plot(np.maximum(shown, floor) if logarithmic else shown, label=name, **look)
        # A curve of one point is no line.
        if np.isfinite(shown).sum() == 1:
            ax.plot(0, shown[0], "x", color=look["color"], markersize=14, mew=3)
    ax.set_yscale("log" if logarithmic else "linear")
    ax.set_xlabel("step", size=_SIZE)
    ax.set_ylabel(quantity, size=_SIZE)
    ax.tick_params(labelsize=_SIZE)
    ax.margins(y=0.12)
    ax.spines[["right", "top"]].set_visible(False)


def _runs_alt(title, histories):
    said = []
    for name, (loss, accuracy, norm, _) in histories.items():
        steps = np.arange(len(loss))
        end = f"{accuracy[-1]:.2f}, {short_number(norm[-1])}"
        said.append(f"{name}: {course(steps, loss)}; {end}")
    return (
        f"{title}. Loss over {len(loss) - 1} steps; last accuracy, gradient norm. "
        f"{'. '.join(said)}."
    )


def plot_before_after(before, after, weights, changes, symbols, title):
    """Draw a network twice: what it makes of a sample before its training, and after it.

    Parameters
    ----------
    before, after : sequence of array_like of float
        One number for each node, as `plotnet.plot_net` takes them for `values`.
    weights, changes : sequence of ndarray of float
        What the edges show: on the left the weights, on the right what training added to them.
    symbols : sequence of str
        What the nodes of each layer hold.
    title : str
        The message of the figure, in a sentence.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.
    """
    width, height = 15, 8
    halves = {
        "before, with the weights": (before, weights),
        "after, with the changes of the weights": (after, changes),
    }
    with own_style():
        fig = Figure(figsize=(width, height), dpi=DPI)
        fig.text(0.5, 0.955, title, size=_SIZE + 4, ha="center", va="center")
        for k, (name, (values, edges)) in enumerate(halves.items()):
            ax = fig.add_axes((0.505 * k, 0, 0.495, 0.88))
            plot_net([len(v) for v in values], values=values, weights=edges, symbols=symbols, ax=ax)
            fig.text(0.25 + 0.5 * k, 0.895, name, size=_SIZE, ha="center", va="center")
    ends = [", ".join(f"{number:.2g}" for number in values[-1]) for values in (before, after)]
    moved = sum(int(np.count_nonzero(change)) for change in changes)
    of = sum(change.size for change in changes)
    fig.alt = (
        f"{title}. The same network twice, its numbers in the nodes. Output layer before: "
        f"{ends[0]}; after: {ends[1]}. On the right, {moved} of {of} edges show a change."
    )
    show(fig, fig.alt)
    return fig
