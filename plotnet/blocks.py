"""Matrices as rectangles: how large they can be, and how one is drawn."""

from dataclasses import dataclass

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from .canvas import INK
from .text import POINTS_PER_INCH, extent, widest, write

SYMBOLIC_CELLS = 6
MAX_CELLS = 40
_FILL, _GRID, _SAMPLE = "#dbe9f6", "#a9c4dd", "#f5b26b"


@dataclass(frozen=True)
class Block:
    """A matrix or vector of the expression.

    Attributes
    ----------
    label : str
        Its name, as mathtext.
    shape : tuple of int or str
        One or two dimensions.
    over : str or None
        The symbolic number of rows in the expression, which vectors are broadcast over.
    """

    label: str
    shape: tuple
    over: str | None = None

    @property
    def rows(self):
        """The number of cells drawn downwards, without the ghosts."""
        return _cells(self.shape[0]) if len(self.shape) == 2 else 1

    @property
    def ghosts(self):
        """The number of dashed rows that show broadcasting."""
        return SYMBOLIC_CELLS - 1 if len(self.shape) == 1 and self.over else 0

    @property
    def columns(self):
        """The number of cells drawn across."""
        return _cells(self.shape[-1])

    @property
    def sampled(self):
        """Whether one row is one sample."""
        return len(self.shape) == 2 and isinstance(self.shape[0], str)

    @property
    def caption(self):
        """The lines beneath the block."""
        names = [_name(dimension) for dimension in self.shape]
        shape = f"({names[0]} × {names[1]})" if len(names) == 2 else f"({names[0]},)"
        return (shape, f"broadcast over {_name(self.over)} rows") if self.ghosts else (shape,)

    def size(self, cell):
        """Return the width and height, with ghosts, in the unit of `cell`."""
        return self.columns * cell, (self.rows + self.ghosts) * cell


@dataclass(frozen=True)
class Fonts:
    """Font sizes in points, all scaled together; margin and line in inches."""

    scale: float
    margin: float

    @classmethod
    def fit(cls, terms, note, width, height):
        """Return the largest sizes that leave half of the canvas to the blocks."""
        margin = 0.03 * min(width, height)
        full = cls(1.0, margin)
        across = sum(full.least_width(term) for term in terms)
        across = max(across, extent(note)[0] * full.note / POINTS_PER_INCH if note else 0)
        # Captions of two lines, a label above, a note below.
        down = 3 * full.line + 2 * full.label / POINTS_PER_INCH
        return cls(min(1.0, 0.85 * width / across, 0.6 * height / down), margin)

    label = property(lambda self: 26 * self.scale)
    operator = property(lambda self: 30 * self.scale)
    shape = property(lambda self: 16 * self.scale)
    note = property(lambda self: 14 * self.scale)
    line = property(lambda self: 1.5 * self.shape / POINTS_PER_INCH)

    def least_width(self, term):
        """Return the width that a term's texts need, in inches."""
        if isinstance(term, str):
            return (extent(term)[0] + 0.4) * self.operator / POINTS_PER_INCH
        return max(
            self.label_size(term)[0], (widest(term.caption) + 0.6) * self.shape / POINTS_PER_INCH
        )

    def label_size(self, block):
        """Return the width and height of a block's label, with some air, in inches."""
        width, height = extent(block.label)
        return tuple((side + 0.3) * self.label / POINTS_PER_INCH for side in (width, height))

    def label_is_above(self, block, cell):
        """Return whether the label is too large to stand within its block."""
        return any(np.less(block.size(cell), self.label_size(block)))


def arrange(terms, fonts, width, height, has_note):
    """Return the largest cell that fits, the height of the middle line, and each term's x."""
    room = width - 2 * fonts.margin
    tall = height - 2 * fonts.margin - has_note * fonts.line
    for cell in np.geomspace(max(width, height), 0.001, 400):
        widths = np.array([_term_width(term, fonts, cell) for term in terms])
        above, below = _heights(terms, fonts, cell)
        if widths.sum() <= room and above + below <= tall:
            break
    spare = (room - widths.sum()) / len(terms)
    ends = fonts.margin + np.cumsum(widths + spare)
    middle = height - fonts.margin - (tall - above - below) / 2 - above
    return cell, middle, ends - (widths + spare) / 2


def draw_block(ax, block, x, middle, cell, fonts):
    """Draw a block centred at (x, middle), with its label and its caption."""
    width, height = block.size(cell)
    left, top = x - width / 2, middle + height / 2
    solid = block.rows * cell
    corner = (left, top - solid)
    ax.add_patch(Rectangle(corner, width, solid, facecolor=_FILL, edgecolor="none", zorder=1))
    if block.sampled:
        _draw_sample(ax, left, top, width, cell)
    _draw_grid(ax, left, top, cell, block)
    ax.add_patch(Rectangle(corner, width, solid, fill=False, edgecolor=INK, lw=1.5, zorder=3))
    if block.ghosts:
        _draw_ghosts(ax, left, top - solid, width, cell, block.ghosts)
    _draw_words(ax, block, x, top, top - height, cell, fonts)


def _cells(dimension):
    return SYMBOLIC_CELLS if isinstance(dimension, str) else min(dimension, MAX_CELLS)


def _name(dimension):
    return f"${dimension}$" if isinstance(dimension, str) else str(dimension)


def _term_width(term, fonts, cell):
    least = fonts.least_width(term)
    return least if isinstance(term, str) else max(least, term.size(cell)[0])


def _heights(terms, fonts, cell):
    """Return how far the terms reach above and below the middle line, in inches."""
    above = below = fonts.operator / POINTS_PER_INCH
    for block in terms:
        if isinstance(block, Block):
            half = block.size(cell)[1] / 2
            label = fonts.label_size(block)[1] if fonts.label_is_above(block, cell) else 0
            above = max(above, half + label)
            below = max(below, half + len(block.caption) * fonts.line)
    return above, below


def _draw_sample(ax, left, top, width, cell):
    """Shade and hatch the first row."""
    row = Rectangle((left, top - cell), width, cell, facecolor=_SAMPLE, hatch="///")
    row.set(edgecolor="#b36b1e", linewidth=0, zorder=1.5)
    ax.add_patch(row)


def _draw_grid(ax, left, top, cell, block):
    right, bottom = left + block.columns * cell, top - block.rows * cell
    across = [[(left, top - i * cell), (right, top - i * cell)] for i in range(1, block.rows)]
    down = [[(left + i * cell, top), (left + i * cell, bottom)] for i in range(1, block.columns)]
    if across or down:
        lines = LineCollection(across + down, colors=_GRID, linewidths=0.6, zorder=2)
        ax.add_collection(lines, autolim=False)


def _draw_ghosts(ax, left, top, width, cell, count):
    heights = [top - i * cell for i in range(1, count + 1)]
    rows = [[(left, y), (left + width, y)] for y in heights]
    sides = [[(x, top), (x, heights[-1])] for x in (left, left + width)]
    style = {"colors": "#777777", "linewidths": 0.9, "linestyles": [(0, (4, 3))]}
    ax.add_collection(LineCollection(rows + sides, zorder=2, **style), autolim=False)


def _draw_words(ax, block, x, top, bottom, cell, fonts):
    """Write the label in the block, or above it, and the shape beneath."""
    label_height = fonts.label_size(block)[1]
    above = fonts.label_is_above(block, cell)
    y = top + label_height / 2 if above else (top + bottom) / 2
    box = {"facecolor": "white", "edgecolor": "none", "pad": 3} if block.ghosts else None
    write(ax, x, y, block.label, fonts.label, color="black", zorder=4, bbox=box)
    for i, line in enumerate(block.caption):
        baseline = bottom - fonts.line * (i + 0.75)
        write(ax, x, baseline, line, fonts.shape, va="baseline", color=INK)
