"""The sheet that figures are drawn on, their common look, and how they are shown just once."""

import base64
import functools
import io
import sys
from contextlib import contextmanager

import matplotlib
import matplotlib.figure
import matplotlib.style
import numpy as np
from matplotlib import pyplot as plt
from PIL import Image

from .arguments import check_figure, check_shown_alt
from .fonts import OURS, fonts_of_a_figure

INK = "#222222"
DPI = 100
_OWN = {
    "font.family": OURS,
    "mathtext.fontset": "dejavusans",
    "hatch.linewidth": 1.0,
    "lines.scale_dashes": False,
    "svg.hashsalt": "plotnet",
}
_SCALE = 2
_COLOURS = 256
# This PNG is only on its way to a palette.
_FAST = {"compress_level": 1}


@contextmanager
def own_style():
    """Draw with matplotlib's defaults and our few settings, whatever style the reader has set."""
    with fonts_of_a_figure(), matplotlib.style.context(["default", _OWN]):
        yield


def blank(ax, width, height):
    """Make `ax` a bare white sheet of `width` by `height` inches, one data unit to the inch."""
    ax.set(xlim=(0, width), ylim=(0, height), xticks=[], yticks=[])
    ax.set(aspect="equal", facecolor="white")
    for spine in ax.spines.values():
        spine.set_visible(False)


class Figure(matplotlib.figure.Figure):
    """A figure that is shown at most once per notebook cell.

    Attributes
    ----------
    alt : str
        What the figure shows, in words and numbers.
    """

    alt = ""
    _shown_in = None

    def savefig(self, fname, **keywords):
        """Save as `matplotlib.figure.Figure.savefig` does, in our own style."""
        # Hatches, text and file formats read the settings only now.
        with own_style():
            super().savefig(fname, **keywords)

    def _ipython_display_(self):
        shell = _kernel_shell()
        if shell is not None and self._shown_in != shell.execution_count:
            show(self, self.alt or "A figure without a description.")


def new_figure(figsize):
    """Return a white Figure of `figsize` inches and the Axes that fills it."""
    fig = Figure(figsize=figsize, dpi=DPI)
    return fig, fig.add_axes((0, 0, 1, 1))


def show(fig, alt):
    """Display a figure once in a Jupyter kernel; elsewhere, display nothing.

    The image is a PNG of exactly the figure's size, at 200 dots per inch, shown at half that
    scale. A figure that pyplot manages is closed, so that nothing shows it a second time.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure to show.
    alt : str
        Alternative text: the message of the figure and its numbers.

    Raises
    ------
    ValueError
        If `fig` is not a figure or `alt` is empty.
    """
    check_figure(fig)
    check_shown_alt(alt)
    shell = _kernel_shell()
    if shell is not None:
        _publish(fig, alt)
        fig._shown_in = shell.execution_count
        show_once(fig)
    plt.close(fig)


def show_once(fig):
    """Let a notebook show a figure that is not ours once in a cell, as its result or by pyplot."""
    foreign = _kernel_shell() is not None and not isinstance(fig, Figure)
    if foreign and "inline" in matplotlib.get_backend():
        fig._ipython_display_ = functools.partial(_show_foreign, fig)


def _show_foreign(fig):
    """Show what `show` has not shown in this cell, and keep pyplot from showing it once more."""
    from IPython.display import display

    # Without the attribute, IPython shows a figure its own way.
    del fig._ipython_display_
    if getattr(fig, "_shown_in", None) != _kernel_shell().execution_count:
        display(fig)
        plt.close(fig)


def _kernel_shell():
    """Return the IPython shell if it runs in a Jupyter kernel, else None."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    shell = get_ipython()
    return shell if hasattr(shell, "kernel") else None


def _publish(fig, alt):
    from IPython.display import display

    width, height = (round(inches * DPI) for inches in fig.get_size_inches())
    data = {
        # As text: not every kernel encodes bytes, a browser's does not.
        "image/png": base64.b64encode(_png(fig)).decode("ascii"),
        "text/plain": f"<Figure size {width}x{height} with {len(fig.axes)} Axes>",
    }
    metadata = {"image/png": {"width": width, "height": height, "alt": alt}}
    display(data, metadata=metadata, raw=True)


def _png(fig):
    """Return the figure as PNG bytes of exactly its own size."""
    buffer = io.BytesIO()
    many = _has_many_colours(fig)
    with matplotlib.rc_context({"savefig.bbox": None}):
        fig.savefig(buffer, format="png", dpi=_SCALE * DPI, pil_kwargs={} if many else _FAST)
    return buffer.getvalue() if many else _with_palette(buffer)


def _has_many_colours(fig):
    """Return whether a palette would spoil the figure: an image, a mesh, hundreds of colours."""
    artists = fig.findobj()
    if any(hasattr(artist, "get_array") and artist.get_array() is not None for artist in artists):
        return True
    faces = [np.atleast_2d(a.get_facecolor()) for a in artists if hasattr(a, "get_facecolor")]
    faces = [face for face in faces if face.shape[1] == 4]
    return bool(faces) and len(np.unique(np.vstack(faces), axis=0)) > _COLOURS


def _with_palette(png):
    """Return the PNG with 256 colours: line drawings look the same at a fifth of the size."""
    image = Image.open(png).convert("RGB")
    small = image.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    small.save(buffer, format="png")
    return buffer.getvalue()
