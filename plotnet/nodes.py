"""The circles of one layer and what is written in them."""

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from matplotlib.colors import to_rgb

from .brushes import NODE_THEME_DICT, NodeBrush
from .edges import magnitude
from .style import INK
from .text import MINUS, POINTS_PER_INCH, baseline_shift, fit_in_circle, short_number

_MAX_SIZE = 20
_MIN_SIZE = 5
# The theme's yellow is as bright as white, so shades of it could not be told apart.
_DEEP = {"nn.input": "#f2b705"}
_HATCHES = {"nan": "////", "inf": "xx"}


@dataclass(frozen=True)
class Look:
    """How one node is drawn: its text, and what the brush and the patch need."""

    text: str
    fill: object = None
    dashed: bool = False
    hatch: str = ""

    @property
    def room(self):
        """The share of the circle that the text may fill: hatching and dashes stay visible."""
        return 0.8 if self.hatch else 0.9 if self.dashed else 1.0


def symbol_looks(layer, position):
    """Return the looks of nodes that show their symbols, like x_1 or a^(1)_1."""
    symbol = "x" if position == 0 else rf"a^{{({position})}}"
    return [Look(f"${symbol}_{{{index + 1}}}$") for index in layer.index]


def value_looks(layer, theme, values):
    """Return the looks of nodes that show their values, coloured by magnitude."""
    shades = magnitude(values, values)
    return [_value_look(values[i], shades[i], theme) for i in layer.index]


def draw_nodes(ax, layer, theme, radius, looks, outline):
    """Draw the nodes of a layer, each with its look, and the dots for those left out."""
    shared = _label_size([look for look in looks if not look.hatch], radius)
    for centre, look in zip(layer.centres, looks, strict=True):
        size = _label_size([look], radius) if look.hatch else shared
        _draw_node(ax, centre, theme, radius, look, size, outline)
    if layer.dots.size:
        diameter = POINTS_PER_INCH * 0.2 * radius
        ax.plot([layer.x] * 3, layer.dots, "o", color=INK, markersize=diameter, mew=0, zorder=3)


def _label_size(looks, radius):
    """Return the font size at which all labels fit their nodes, or 0 if none can be read."""
    # Even one letter would not fit: do not measure hundreds of labels to find out.
    if 2 * radius * POINTS_PER_INCH < _MIN_SIZE:
        return 0.0
    sizes = [fit_in_circle(look.text, radius * look.room) for look in looks]
    size = min(sizes, default=_MAX_SIZE)
    return min(_MAX_SIZE, radius * POINTS_PER_INCH, size) if size >= _MIN_SIZE else 0.0


def _value_look(value, shade, theme):
    text = f"${_math(short_number(value))}$"
    if np.isfinite(value):
        return Look(text, fill=_blend(theme, shade), dashed=value < 0)
    return Look(text, fill="white", hatch=_HATCHES["nan" if np.isnan(value) else "inf"])


def _math(number):
    """Return a number's text as mathtext, with nan and inf in bold."""
    if "nan" in number or "∞" in number:
        return rf"\mathbf{{{number}}}"
    # Braces keep the minus of an exponent from being spaced like a subtraction.
    return number.replace("e", r"\mathrm{e}").replace(f"}}{MINUS}", f"}}{{{MINUS}}}")


def _blend(theme, shade):
    """Return the theme's colour mixed with white: white for 0, the full colour for 1."""
    colour = np.array(to_rgb(_DEEP.get(theme, NODE_THEME_DICT[theme][0])))
    return tuple(1 - shade * (1 - colour))


def _draw_node(ax, centre, theme, radius, look, size, outline):
    thick = 2.2 if look.hatch else 1.4 if look.dashed else 0.8
    dash = (0, (3, 2)) if look.dashed else "-"
    width = min(thick, outline)
    # Unlike add_patch, add_artist does not measure each circle for limits that are set already.
    canvas = SimpleNamespace(add_patch=ax.add_artist)
    brush = NodeBrush(theme, canvas, look.fill, radius, lw=width, ls=dash, zorder=2, edgecolor=INK)
    node = brush >> centre
    node.obj.set_hatch(look.hatch)
    if size > 0:
        # Hatching would run through the text.
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1} if look.hatch else None
        text = node.text(look.text, fontsize=size, color="black", bbox=box, zorder=4)
        text.set(va="baseline", y=centre[1] - baseline_shift(look.text, size))
