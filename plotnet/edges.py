"""All edges between two layers, as one collection, and the key to their styles."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba

from .canvas import INK
from .text import POINTS_PER_INCH, extent, write

LEGEND_HEIGHT = 0.25
_LEGEND_SIZE = 12
_SAMPLE, _SPACE = 0.45, 0.1
POSITIVE, NEGATIVE, ZERO, NOT_FINITE = "positive", "negative", "zero", "not finite"
# Blue and vermilion differ in hue for every kind of colour vision, and in dash in greyscale.
STYLES = {
    POSITIVE: ("#0b4f8a", "solid"),
    NEGATIVE: ("#d55e00", (0, (5, 2.5))),
    ZERO: ("#999999", "solid"),
    NOT_FINITE: ("#000000", (0, (1, 2))),
}
# A vector file with more lines than this opens slowly, so they become an image in it.
_RASTERIZE_ABOVE = 20_000


def segments(start, end, radius):
    """Return the lines that join the circles of two layers.

    Returns
    -------
    ndarray of float, shape (k_end * k_start, 2, 2)
        Both ends of each line, in inches, in the order of W[k, j]: by end node, then start node.
    """
    ends, starts = np.meshgrid(np.arange(len(end.y)), np.arange(len(start.y)), indexing="ij")
    tail, head = start.centres[starts.ravel()], end.centres[ends.ravel()]
    direction = (head - tail) / np.linalg.norm(head - tail, axis=1, keepdims=True)
    return np.stack([tail + radius * direction, head - radius * direction], axis=1)


def draw_edges(ax, start, end, radius, weights=None):
    """Join each node of `start` with each of `end`, styled by `weights` where given."""
    lines = segments(start, end, radius)
    style = _plain_style(lines)
    if weights is not None:
        style = _weight_style(weights[np.ix_(end.index, start.index)].ravel(), weights)
    collection = LineCollection(lines, zorder=1, **style)
    collection.set_rasterized(len(lines) > _RASTERIZE_ABOVE)
    ax.add_collection(collection, autolim=False)


def draw_legend(ax, weights, right, top):
    """Write one sample line and one word for each kind of weight, ending at `right`."""
    present = {kind for pair in weights for kind in np.unique(kinds(pair))}
    entries = [kind for kind in STYLES if kind in present]
    scale = min(1.0, right / sum(_entry_width(entry) for entry in entries))
    middle = top - LEGEND_HEIGHT / 2
    for entry in reversed(entries):
        left = right - scale * _entry_width(entry)
        colour, dash = STYLES[entry]
        sample = [left, left + scale * _SAMPLE]
        thin = 0.5 if entry == ZERO else 2.0
        ax.plot(sample, [middle] * 2, color=colour, linestyle=dash, lw=thin, zorder=3)
        start = left + scale * (_SAMPLE + _SPACE)
        write(ax, start, middle, entry, scale * _LEGEND_SIZE, ha="left", color=INK)
        right = left


def _entry_width(entry):
    """Return the width of a sample, its word and the space around them, in inches."""
    return _SAMPLE + 3 * _SPACE + extent(entry)[0] * _LEGEND_SIZE / POINTS_PER_INCH


def kinds(weights):
    """Return the kind of each weight, by its sign."""
    conditions = [weights > 0, weights < 0, weights == 0]
    signed = np.select(conditions, [POSITIVE, NEGATIVE, ZERO], default=NOT_FINITE)
    return np.where(np.isfinite(weights), signed, NOT_FINITE)


def magnitude(numbers, among):
    """Return |numbers| relative to the largest finite |number| of `among`; 1 if not finite."""
    finite = np.abs(among[np.isfinite(among)])
    largest = finite.max() if finite.size else 0.0
    # The reader may have numpy raise on underflow; a faint colour is no error.
    with np.errstate(all="ignore"):
        relative = np.abs(numbers) / largest if largest > 0 else np.zeros_like(numbers)
    return np.where(np.isfinite(numbers), relative, 1.0)


def _plain_style(lines):
    """Return thinner, paler lines the denser they are, so that they never merge to black."""
    middle = lines[:, :, 1].mean(axis=1)
    per_inch = len(lines) / max(np.ptp(middle), 1.0)
    width, alpha = np.clip(30 / per_inch, 0.15, 0.9), np.clip(300 / per_inch, 0.1, 0.85)
    grey = np.clip(0.33 + 0.15 * np.log10(per_inch / 50), 0.33, 0.8)
    return {"linewidths": width, "colors": [(grey, grey, grey, alpha)]}


def _weight_style(drawn, weights):
    """Return a width by |weight|, a colour and a dash by sign, for each line."""
    thickest = np.clip(25 / np.sqrt(drawn.size), 0.3, 3.0)
    alpha = np.clip(40 / np.sqrt(drawn.size), 0.15, 0.9)
    names = kinds(drawn)
    return {
        "linewidths": np.maximum(thickest * magnitude(drawn, weights), 0.1 * thickest),
        "colors": [to_rgba(STYLES[name][0], alpha) for name in names],
        "linestyles": [STYLES[name][1] for name in names],
    }
