"""The figure of notebook 05: what each version makes of a loss and of its gradient."""

import numpy as np

from plotnet.canvas import DPI, Figure, own_style, show
from plotnet.text import MINUS

from .curves import _SIZE, _check_panels, _draw_curves, _last_finite, departs


def plot_repairs(gaps, losses, gradients):
    """Draw the loss and the gradient of several versions, over the gap of the right class.

    Parameters
    ----------
    gaps : ndarray of float, shape (k,)
        By how much the right class trails, ascending.
    losses, gradients : dict of str to ndarray of float, shape (k,)
        The curves by name: "true", "log-softmax", "+ 1e-7", "clip" and at most two others. A curve
        ends with a cross where it becomes nan or infinite.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.

    Raises
    ------
    ValueError
        If the curves are not 1-D arrays of numbers of the length of `gaps`.
    """
    titles = "The repairs cap the loss", "Beyond the cap they stop learning"
    panels = {titles[0]: ("loss", losses), titles[1]: ("gradient", gradients)}
    gaps, panels = _check_panels(gaps, panels)
    losses, gradients = (curves for _, curves in panels.values())
    cap = losses["+ 1e-7"][-1]
    with own_style():
        fig = Figure(figsize=(15, 6), dpi=DPI)
        for place, (title, (ylabel, curves)) in enumerate(panels.items(), 1):
            ax = fig.add_subplot(1, 2, place)
            _draw_curves(ax, gaps, curves)
            ax.set_title(f"{title} at {cap:.1f}" if place == 1 else title, size=_SIZE + 3)
            ax.set_xlabel("gap by which the right class trails", size=_SIZE)
            ax.set_ylabel(ylabel, size=_SIZE)
            ax.tick_params(labelsize=_SIZE)
            ax.margins(y=0.12)
            ax.spines[["right", "top"]].set_visible(False)
        fig.axes[0].text(gaps[-1], cap + 3, "+ 1e-7, clip", size=_SIZE, ha="right", va="bottom")
        fig.axes[1].legend(fontsize=_SIZE, frameon=False, loc="center", bbox_to_anchor=(0.6, 0.5))
        fig.tight_layout(pad=1, w_pad=3)
    fig.alt = _alt(
        f"{titles[0]} at {cap:.1f}; beyond it they stop learning", gaps, losses, gradients
    )
    show(fig, fig.alt)
    return fig


def _alt(title, gaps, losses, gradients):
    """Return what the curves say: what stays, where the repairs part from it, where others end."""
    ends = [
        f"{name} is finite to {gaps[last]:g}"
        for name, values in losses.items()
        if (last := _last_finite(values)) < len(gaps) - 1
    ]
    push = np.round([gradients[name][-1] for name in ("log-softmax", "+ 1e-7", "clip")], 2) + 0
    kept, eps, clip = (f"{value:g}".replace("-", MINUS) for value in push)
    first, second = (
        f"{gaps[departs(losses[name], losses['true']).argmax()]:g}" for name in ("+ 1e-7", "clip")
    )
    return (
        f"{title}. Over gaps from {gaps[0]:g} to {gaps[-1]:g}, log-softmax follows the truth to a "
        f"loss of {losses['log-softmax'][-1]:g} and a gradient of {kept}. + 1e-7 leaves it at "
        f"{first} and clip at {second}: their gradients go to {eps} and {clip}. "
        f"{', '.join(ends).capitalize()}."
    )
