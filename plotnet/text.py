"""Measure text, and write numbers in the few characters that fit into a node."""

import math
from functools import lru_cache

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

MINUS = "\N{MINUS SIGN}"
POINTS_PER_INCH = 72
# Screen fonts are hinted, which makes them up to this much larger than their outlines.
_HINTING = 1.04


@lru_cache(maxsize=4096)
def _metrics(text):
    """Return width, height and descent in units of the font size."""
    font = FontProperties(family="DejaVu Sans", math_fontfamily="dejavusans", size=1)
    return text_to_path.get_text_width_height_descent(text, font, ismath=True)


def extent(text):
    """Return the (width, height) of one line of text, in units of its font size."""
    width, height, _ = _metrics(text)
    return width * _HINTING, height * _HINTING


def widest(lines):
    """Return the width of the widest line, in units of the font size."""
    return max(extent(line)[0] for line in lines)


def fit_in_circle(text, radius):
    """Return the largest font size, in points, at which a text fits a circle (inches)."""
    return 0.97 * 2 * radius * POINTS_PER_INCH / math.hypot(*extent(text))


def baseline_shift(text, size):
    """Return how far below its middle a line of text stands on its baseline, in inches."""
    _, height, descent = _metrics(text)
    return (height / 2 - descent) * size / POINTS_PER_INCH


def short_number(value):
    """Return `value` in about five characters that never hide a nan, an inf or a sign."""
    size = abs(value)
    sign = MINUS if value < 0 else ""
    if np.isnan(value):
        return "nan"
    if np.isinf(value):
        return sign + "∞"
    if size < 9999.5 and size == int(size):
        return f"{sign}{size:.0f}"
    # Two digits are enough to read, and a minus takes the place of one of them.
    if (0.095 if sign else 0.995) <= size < 9.95:
        return f"{sign}{size:.1f}"
    if 0.005 <= size < 0.995:
        return f"{sign}{size:.2f}"
    if 9.95 <= size < 9999.5:
        return f"{sign}{size:.0f}"
    digit, exponent = f"{size:.0e}".split("e")
    return f"{sign}{digit}e{int(exponent)}".replace("-", MINUS)
