"""Measure and write text, and put numbers into the few characters that fit into a node."""

import math
from functools import lru_cache

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from .fonts import OURS, pieces

MINUS = "\N{MINUS SIGN}"
POINTS_PER_INCH = 72
# Screen fonts are hinted, which makes them up to this much larger than their outlines.
_HINTING = 1.04


def plural(count, noun):
    """Return e.g. "1 node", "2 nodes"."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def layer_names(counts):
    """Return "input layer", "hidden layer 1", ..., "output layer"."""
    hidden = len(counts) - 2
    numbered = [f"hidden layer {i}" for i in range(1, hidden + 1)]
    middle = numbered if hidden > 1 else ["hidden layer"] * hidden
    return (["input layer", *middle, "output layer"])[: len(counts)]


@lru_cache(maxsize=4096)
def _metrics(text, families):
    """Return width, height and descent of one piece in units of the font size."""
    font = FontProperties(family=families, math_fontfamily="dejavusans", size=1)
    # Fallbacks are for plain text only.
    if families == (OURS,):
        return text_to_path.get_text_width_height_descent(text, font, ismath=True)
    # Whole pixels are too coarse for the size 1.
    font.set_size(100)
    sides = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return tuple(side / 100 for side in sides)


def _line_metrics(line):
    widths, heights, descents = zip(*(_metrics(*piece) for piece in pieces(line)), strict=True)
    above = max(h - d for h, d in zip(heights, descents, strict=True))
    return sum(widths), above + max(descents), max(descents)


def extent(text):
    """Return the (width, height) of one line of text, in units of its font size."""
    width, height, _ = _line_metrics(text)
    return width * _HINTING, height * _HINTING


def widest(lines):
    """Return the width of the widest line, in units of the font size."""
    return max(extent(line)[0] for line in lines)


def write(ax, x, y, line, size, ha="center", va="center", **look):
    """Write one line on a sheet whose unit is an inch, in the fonts that it is measured with."""
    parts = pieces(line)
    if len(parts) == 1:
        ((text, families),) = parts
        ax.text(x, y, text, size=size, ha=ha, va=va, family=families, **look)
        return
    width = _line_metrics(line)[0] * size / POINTS_PER_INCH
    x -= width * {"left": 0, "center": 0.5, "right": 1}[ha]
    y -= baseline_shift(line, size) if va == "center" else 0
    for text, families in parts:
        ax.text(x, y, text, size=size, ha="left", va="baseline", family=families, **look)
        x += _metrics(text, families)[0] * size / POINTS_PER_INCH


def fit_in_circle(text, radius):
    """Return the largest font size, in points, at which a text fits a circle (inches)."""
    return 0.97 * 2 * radius * POINTS_PER_INCH / math.hypot(*extent(text))


def fit_ink_in_circle(text, radius):
    """Return the same for a formula's outline, which leaves the corners of its box empty."""
    return 0.97 * radius * POINTS_PER_INCH / (_HINTING * _reach(text))


@lru_cache(maxsize=4096)
def _reach(text):
    """Return how far a formula's outline is from its middle, in units of the font size."""
    font = FontProperties(family=OURS, math_fontfamily="dejavusans", size=1)
    width, height, descent = _metrics(text, (OURS,))
    points, _ = text_to_path.get_text_path(font, text, ismath=True)
    # The path has the scale of text_to_path, not of the font size.
    points = np.asarray(points) / text_to_path.FONT_SCALE
    return np.hypot(points[:, 0] - width / 2, points[:, 1] - (height / 2 - descent)).max()


def baseline_shift(text, size):
    """Return how far below its middle a line of text stands on its baseline, in inches."""
    _, height, descent = _line_metrics(text)
    return (height / 2 - descent) * size / POINTS_PER_INCH


def short_number(value, digits=2):
    """Return `value` in few characters that never hide a nan, an inf, a sign or what is not 0.

    Parameters
    ----------
    value : float
        Any number.
    digits : int
        Decimals below 10; above, one digit more in all, down to a whole number. A smaller value
        keeps one digit.
    """
    size = abs(value)
    sign = MINUS if value < 0 else ""
    if np.isnan(value):
        return "nan"
    if np.isinf(value):
        return sign + "∞"
    if size < 9999.5 and size == int(size):
        return f"{sign}{size:.0f}"
    if 0.5 * 10.0**-digits < size < 9999.5:
        places = digits - (size >= 10 - 0.5 * 10.0**-digits) - (size >= 99.95)
        return f"{sign}{size:.{max(0, places)}f}"
    if 0.005 <= size < 1:
        return f"{sign}{size:.2f}"
    digit, exponent = f"{size:.0e}".split("e")
    return f"{sign}{digit}e{int(exponent)}".replace("-", MINUS)
