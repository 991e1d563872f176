"""The words under a network: what each layer is, and what joins it to the next."""

from dataclasses import dataclass

import numpy as np

from .canvas import INK
from .text import POINTS_PER_INCH, layer_names, plural, widest, write

_LINE = 1.4
_MIN_SIZE = 4
_MAX_SIZE = 16
_GAP = 1.0
_SHARE_OF_HEIGHT = 0.3
# Captions in one row leave more height to the nodes, so they may be a little smaller.
_GOOD_ENOUGH = 0.85


@dataclass(frozen=True)
class Captions:
    """Lines of text for each layer and each gap, and where the latter go.

    Attributes
    ----------
    layers, gaps : list of tuple of str
        The lines below each layer, and those between each two layers.
    gaps_on_top : bool
        Whether the gaps' lines stand above the network, not beside the layers' lines.
    size : float
        Font size in points; 0 leaves the captions out.
    """

    layers: list
    gaps: list
    gaps_on_top: bool
    size: float = 0.0

    @property
    def below(self):
        """The height of the band below the network, in inches."""
        return self._band(self.layers)

    @property
    def above(self):
        """The height of the band above the network, in inches."""
        return self._band(self.gaps) if self.gaps_on_top else 0.0

    def _band(self, blocks):
        lines = len(blocks[0]) if blocks else 0
        return lines * _LINE * self.size / POINTS_PER_INCH

    def half_width(self, layer):
        """Return half the width of a layer's caption, in inches."""
        if not self.layers:
            return 0.0
        return widest(self.layers[layer]) / 2 * self.size / POINTS_PER_INCH


def fit_captions(counts, symbols, width, height):
    """Return the better arrangement for a canvas in inches, at its largest font size.

    Without `symbols` there are no captions.
    """
    if symbols is None:
        return Captions([], [], gaps_on_top=False)
    arrangements = (make(counts, symbols) for make in (_beside, _stacked))
    beside, stacked = (_fitted(captions, width, height) for captions in arrangements)
    return beside if beside.size >= _GOOD_ENOUGH * stacked.size else stacked


def batch_symbols(counts):
    """Return what the layers hold for a whole batch: inputs, then activations of any kind."""
    first = [r"$X = Z^{(0)} = A^{(0)}$"]
    return first + [rf"$A^{{({i})}}$" for i in range(1, len(counts))]


def draw_captions(ax, layout):
    """Write the lines below each layer, and those between each two layers."""
    captions, xs = layout.captions, [layer.x for layer in layout.layers]
    if captions.size == 0:
        return
    gaps_top = layout.top + captions.above if captions.gaps_on_top else None
    below = layout.margin + captions.below
    for x, lines in zip(xs, captions.layers, strict=True):
        _draw_lines(ax, x, below, lines, captions.size)
    for left, right, lines in zip(xs[:-1], xs[1:], captions.gaps, strict=True):
        _draw_lines(ax, (left + right) / 2, gaps_top or below, lines, captions.size)


def _draw_lines(ax, x, top, lines, size):
    """Write lines below each other, centred at `x`, the first just below `top`."""
    pitch = _LINE * size / POINTS_PER_INCH
    for i, line in enumerate(lines):
        write(ax, x, top - pitch * (i + 0.8), line, size, va="baseline", color=INK)


def _maps(counts):
    """Return the labels of W and b, with their shapes, for each gap."""
    pairs = enumerate(zip(counts[1:], counts[:-1], strict=True))
    return [
        (rf"$W^{{({i})}}$: {rows:,} × {columns:,}", rf"$b^{{({i})}}$: {rows:,}")
        for i, (rows, columns) in pairs
    ]


def _beside(counts, symbols):
    """Two lines below the network, the maps between the layers."""
    named = zip(layer_names(counts), counts, symbols, strict=True)
    layers = [(f"{name}, {plural(count, 'node')}", symbol) for name, count, symbol in named]
    gaps = [(r"$\longrightarrow$", f"{matrix},  {vector}") for matrix, vector in _maps(counts)]
    return Captions(layers, gaps, gaps_on_top=False)


def _stacked(counts, symbols):
    """Three lines below the network, the maps above it: for narrow gaps."""
    named = zip(layer_names(counts), symbols, counts, strict=True)
    layers = [(name, symbol, plural(count, "node")) for name, symbol, count in named]
    gaps = [(matrix, rf"{vector} $\rightarrow$") for matrix, vector in _maps(counts)]
    return Captions(layers, gaps, gaps_on_top=True)


def _fitted(captions, width, height):
    """Return `captions` at the largest size at which nothing overlaps."""
    lines = len(captions.layers[0]) + 2 * (captions.gaps_on_top and len(captions.gaps) > 0)
    high = _SHARE_OF_HEIGHT * height * POINTS_PER_INCH / (lines * _LINE)
    wide = 0.98 * width * POINTS_PER_INCH / _width_needed(captions)
    size = min(_MAX_SIZE, high, wide)
    size = size if size >= _MIN_SIZE else 0.0
    return Captions(captions.layers, captions.gaps, captions.gaps_on_top, size)


def _width_needed(captions):
    """Return the width of the whole row of evenly spaced captions, in font sizes."""
    layers = np.array([widest(lines) for lines in captions.layers])
    outer = (layers[0] + layers[-1]) / 2
    if not captions.gaps:
        return outer
    gaps = np.array([widest(lines) for lines in captions.gaps])
    if captions.gaps_on_top:
        pitch = np.maximum((layers[1:] + layers[:-1]) / 2, gaps) + _GAP
    else:
        pitch = np.maximum(layers[1:], layers[:-1]) + gaps + 2 * _GAP
    return outer + len(gaps) * pitch.max()
