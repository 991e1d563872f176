"""Show a figure exactly once, with alt text, and without ever blocking."""

import io
import sys

import matplotlib
import matplotlib.figure
from matplotlib import pyplot as plt
from PIL import Image

from .style import own_style

DPI = 100
_SCALE = 2
# This PNG is only on its way to a palette.
_FAST = {"compress_level": 1}


class Figure(matplotlib.figure.Figure):
    """A figure outside pyplot that is shown at most once per notebook cell.

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
            show(self, self.alt)


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
    if not isinstance(fig, matplotlib.figure.Figure):
        raise ValueError(f"fig must be a matplotlib Figure, got {fig!r}")
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt must be a non-empty str that describes the figure, got {alt!r}")
    shell = _kernel_shell()
    if shell is not None:
        _publish(fig, alt)
        fig._shown_in = shell.execution_count
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
        "image/png": _png(fig),
        "text/plain": f"<Figure size {width}x{height} with {len(fig.axes)} Axes>",
    }
    metadata = {"image/png": {"width": width, "height": height, "alt": alt}}
    display(data, metadata=metadata, raw=True)


def _png(fig):
    """Return the figure as PNG bytes of exactly its own size."""
    buffer = io.BytesIO()
    with matplotlib.rc_context({"savefig.bbox": None}):
        fig.savefig(buffer, format="png", dpi=_SCALE * DPI, pil_kwargs=_FAST)
    return _with_palette(buffer)


def _with_palette(png):
    """Return the PNG with 256 colours: line drawings look the same at a fifth of the size."""
    image = Image.open(png).convert("RGB")
    small = image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    small.save(buffer, format="png")
    return buffer.getvalue()
