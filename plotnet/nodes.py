"""The circles of one layer and what is written in them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import Circle

from .canvas import INK
from .edges import magnitude
from .text import (
    MINUS,
    POINTS_PER_INCH,
    baseline_shift,
    extent,
    fit_in_circle,
    fit_ink_in_circle,
    short_number,
    write,
)

_MAX_SIZE = 20
_MIN_SIZE, _MIN_SYMBOL = 5, 8
# viznet's colours, so that drawings by hand and ours look alike.
_INPUT, _HIDDEN, _OUTPUT = "#FFFF77", "#55CC77", "#FF6644"
# The yellow is as bright as white, so shades of it could not be told apart.
_DEEP = {_INPUT: "#f2b705"}
_HATCHES = {"nan": "////", "inf": "xx"}
_DECIMALS = (2, 1)


@dataclass(frozen=True)
class Look:
    """How one node is drawn: its text, in points, and its circle."""

    text: str
    size: float
    fill: object
    dashed: bool = False
    hatch: str = ""


def symbol_looks(layout, symbols):
    """Return the looks of all nodes, by layer, where they show symbols: x_1 or a^(1)_1."""
    looks, named = [], symbols or _sample(len(layout.counts))
    for layer, symbol, colour in zip(layout.layers, named, _colours(layout), strict=True):
        labels = [_indexed(symbol, index + 1) for index in layer.index]
        size = _label_size(labels, layout.radius, fit_in_circle)
        if size < _MIN_SYMBOL and symbols:
            # Better an index that can be read than a symbol that cannot.
            labels = [f"${index + 1}$" for index in layer.index]
            size = _label_size(labels, layout.radius, fit_in_circle)
        looks.append([Look(label, size, colour) for label in labels])
    return looks


def value_decimals(layout, values, enough):
    """Return the most decimals at which all numbers are `enough` points large, or the fewest."""
    sizes = {digits: _value_size(layout, values, digits) for digits in _DECIMALS}
    return next((d for d in _DECIMALS if sizes[d] >= enough), max(_DECIMALS, key=sizes.get))


def value_looks(layout, values, digits):
    """Return the looks of all nodes, by layer, where they show values, coloured by magnitude.

    One font size and one number of decimals hold for the whole figure.
    """
    size = _value_size(layout, values, digits)
    looks = []
    for layer, numbers, colour in zip(layout.layers, values, _colours(layout), strict=True):
        shades = magnitude(numbers, numbers)
        pairs = ((numbers[i], _blend(colour, shades[i])) for i in layer.index)
        looks.append([_value_look(*pair, size, digits) for pair in pairs])
    return looks


def draw_nodes(ax, layer, looks, layout):
    """Draw the nodes of a layer, each with its look, and the dots for those left out."""
    for centre, look in zip(layer.centres, looks, strict=True):
        _draw_node(ax, centre, layout.radius, look, layout.outline)
    if layer.dots.size:
        diameter = POINTS_PER_INCH * 0.2 * layout.radius
        ax.plot([layer.x] * 3, layer.dots, "o", color=INK, markersize=diameter, mew=0, zorder=3)


def _colours(layout):
    """Return the colour of each layer."""
    columns = len(layout.counts)
    return ([_INPUT] + [_HIDDEN] * (columns - 2) + [_OUTPUT])[:columns]


def _sample(columns):
    """Return what the layers hold for one sample: inputs, then activations."""
    return ["$x$"] + [f"$a^{{({i})}}$" for i in range(1, columns)]


def _indexed(symbol, index):
    """Return a node's label: the symbol's formula, up to an equals sign, with its index."""
    math = symbol.split("$")
    if len(math) < 3:
        name = _before_equals(symbol)
        return name + "".join(chr(0x2080 + int(digit)) for digit in str(index))
    # In "logits $z$", the words describe and the formula names.
    before, after = _around_index(_before_equals(math[1]))
    return f"{before}{index}{after}"


@lru_cache
def _around_index(name):
    """Return what stands before and after the index of a formula.

    Asked once for each layer: to parse hundreds of labels takes seconds.
    """
    for before, after in ((f"${name}_{{", "}$"), (f"${{{name}}}_{{", "}$")):
        try:
            extent(f"{before}1{after}")
        except ValueError:  # it has an index already
            continue
        return before, after
    return "$", "$"


def _before_equals(formula):
    """Return what stands before the first equals sign outside of braces."""
    depth = 0
    for place, letter in enumerate(formula):
        depth += (letter == "{") - (letter == "}")
        if letter == "=" and depth == 0 and place > 0:
            return formula[:place].strip()
    return formula.strip()


def _label_size(labels, radius, fit):
    """Return the font size at which all labels fit their nodes, or 0 if none can be read."""
    size = min(_MAX_SIZE, radius * POINTS_PER_INCH)
    # The longest stand at the end, and one that cannot be read is enough: others are not measured.
    for label in reversed(labels):
        size = min(size, fit(label, radius))
        if size < _MIN_SIZE:
            return 0.0
    return size


def _value_size(layout, values, digits):
    """Return the font size at which all numbers fit their nodes, or 0 if none can be read."""
    drawn = zip(layout.layers, values, strict=True)
    shown = {value for layer, numbers in drawn for value in numbers[layer.index]}
    # Hatching stays visible around the text.
    rooms = {_value_label(value, digits): 1.0 if np.isfinite(value) else 0.8 for value in shown}

    def fit(label, radius):
        return fit_ink_in_circle(label, radius * rooms[label])

    return _label_size(rooms, layout.radius, fit)


def _value_label(value, digits):
    """Return a number's text as mathtext, with nan and inf in bold."""
    number = short_number(value, digits)
    if not np.isfinite(value):
        return rf"$\mathbf{{{number}}}$"
    # Braces keep the minus of an exponent from being spaced like a subtraction.
    number = number.replace("e", r"\mathrm{e}").replace(f"}}{MINUS}", f"}}{{{MINUS}}}")
    return f"${number}$"


def _value_look(value, fill, size, digits):
    label = _value_label(value, digits)
    if np.isfinite(value):
        return Look(label, size, fill, dashed=value < 0)
    return Look(label, size, "white", hatch=_HATCHES["nan" if np.isnan(value) else "inf"])


def _blend(colour, shade):
    """Return a layer's colour mixed with white: white for 0, the full colour for 1."""
    full = np.array(to_rgb(_DEEP.get(colour, colour)))
    return tuple(1 - shade * (1 - full))


def _draw_node(ax, centre, radius, look, outline):
    thick = 2.2 if look.hatch else 1.4 if look.dashed else 0.8
    dash = (0, (3, 2)) if look.dashed else "-"
    circle = Circle(centre, radius, facecolor=look.fill, edgecolor=INK, zorder=2)
    circle.set(linewidth=min(thick, outline), linestyle=dash, hatch=look.hatch)
    # Unlike add_patch, add_artist does not measure each circle for limits that are set already.
    ax.add_artist(circle)
    if look.size > 0:
        # Hatching would run through the text.
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1} if look.hatch else None
        baseline = centre[1] - baseline_shift(look.text, look.size)
        style = {"va": "baseline", "color": "black", "bbox": box, "zorder": 4}
        write(ax, centre[0], baseline, look.text, look.size, **style)
