"""The look that all our figures share, whatever style the reader has set."""

import matplotlib.style

INK = "#222222"
_OWN = {
    "font.family": "DejaVu Sans",
    "mathtext.fontset": "dejavusans",
    "hatch.linewidth": 1.0,
    "lines.scale_dashes": False,
    "svg.hashsalt": "plotnet",
}


def own_style():
    """Return a context in which matplotlib's defaults and our few settings hold."""
    return matplotlib.style.context(["default", _OWN])


def blank(ax, width, height):
    """Make `ax` a bare white sheet of `width` by `height` inches, one data unit to the inch."""
    ax.set(xlim=(0, width), ylim=(0, height), xticks=[], yticks=[])
    ax.set(aspect="equal", facecolor="white")
    for spine in ax.spines.values():
        spine.set_visible(False)
