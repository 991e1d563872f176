"""The key to the line styles of weights, in one thin row."""

import numpy as np

from .edges import STYLES, kinds
from .style import INK
from .text import POINTS_PER_INCH, extent

LEGEND_HEIGHT = 0.25
_SIZE = 12
_SAMPLE = 0.45
_SPACE = 0.1


def draw_legend(ax, weights, right, top):
    """Write one sample line and one word for each kind of weight, ending at `right`."""
    present = {kind for pair in weights for kind in np.unique(kinds(pair))}
    entries = [kind for kind in STYLES if kind in present]
    scale = min(1.0, right / sum(_width(entry) for entry in entries))
    middle = top - LEGEND_HEIGHT / 2
    for entry in reversed(entries):
        left = right - scale * _width(entry)
        colour, dash = STYLES[entry]
        sample = [left, left + scale * _SAMPLE]
        thin = 0.5 if entry == "zero" else 2.0
        ax.plot(sample, [middle] * 2, color=colour, linestyle=dash, lw=thin, zorder=3)
        start = left + scale * (_SAMPLE + _SPACE)
        ax.text(start, middle, entry, size=scale * _SIZE, va="center", color=INK)
        right = left


def _width(entry):
    """Return the width of a sample, its word and the space around them, in inches."""
    return _SAMPLE + 3 * _SPACE + extent(entry)[0] * _SIZE / POINTS_PER_INCH
