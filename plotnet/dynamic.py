"""Draw by hand with viznet's brushes, and show or save the result."""

import matplotlib
from matplotlib import pyplot as plt
from matplotlib.animation import PillowWriter
from matplotlib.patches import Circle

from . import arguments
from .canvas import DPI, show
from .captions import plural
from .save import FILE_TYPES, check_filename, save, whole_or_none
from .style import own_style


class DynamicShow:
    """A canvas to draw on by hand, tidied, saved and shown when its block ends.

    Aspect equal, no axes, tight. Shown once in a notebook; elsewhere nothing is displayed. If
    the block raises, nothing is saved or shown.

    Parameters
    ----------
    figsize : (float, float)
        Width and height of the canvas in inches, each from 0.5 to 100.
    filename : str or path, optional
        Where to save the figure: .svg (also without a suffix), .png, .pdf, .jpg, or .gif. A .gif
        has one frame before the first of `steps` and one after each.
    dpi : float
        Dots per inch of the saved image.
    fps : float
        Frames per second of a .gif.
    alt : str, optional
        Alternative text. By default it counts what was drawn.

    Attributes
    ----------
    fig : matplotlib.figure.Figure
        The figure, inside the block and after it.
    ax : matplotlib.axes.Axes
        Where to draw.
    steps : list of callable
        Drawing steps without arguments, run in order when the block ends.

    Raises
    ------
    ValueError
        If an argument is not as described.

    Examples
    --------
    >>> from viznet import NodeBrush
    >>> with DynamicShow((3, 2)) as ds:
    ...     node = NodeBrush("nn.input", ds.ax) >> (0, 0)
    """

    def __init__(self, figsize=(6, 4), filename=None, dpi=300, fps=1, *, alt=None):
        self.figsize = arguments.check_figsize(figsize)
        self.filename = check_filename(filename, (*FILE_TYPES, ".gif"))
        self.dpi = arguments.check_positive(dpi, "dpi")
        self.fps = arguments.check_positive(fps, "fps")
        self.alt = arguments.check_alt(alt)
        self.fig = self.ax = None
        self.steps = []

    def __enter__(self):
        # viznet draws in black on white, whatever the reader's style.
        self._style = own_style()
        self._style.__enter__()
        # viznet draws arrows on pyplot's current axes, so the figure has to be pyplot's.
        self._previous = plt.gcf().number if plt.get_fignums() else None
        with matplotlib.rc_context({"interactive": False}):
            self.fig = plt.figure(figsize=self.figsize, dpi=DPI, facecolor="white")
        self.ax = self.fig.add_subplot()
        return self

    def __exit__(self, exc_type, exc_value, traceback):
        try:
            if exc_type is None:
                self._finish()
        finally:
            plt.close(self.fig)
            self._style.__exit__(None, None, None)
            if self._previous is not None and plt.fignum_exists(self._previous):
                plt.figure(self._previous)
        return False

    def _finish(self):
        if self.filename is not None and self.filename.suffix.lower() == ".gif":
            self._animate()
        else:
            self._run_steps()
            self._tidy()
        alt = self.alt or self._count()
        if self.filename is not None and self.filename.suffix.lower() != ".gif":
            save(self.fig, self.filename, alt, self.dpi)
        show(self.fig, alt)

    def _run_steps(self):
        for step in self.steps:
            step()

    def _tidy(self):
        self.ax.set_aspect("equal")
        self.ax.set_axis_off()
        self.ax.margins(0.02)
        self.fig.tight_layout(pad=0.2)

    def _animate(self):
        """Write one frame before the first step and one after each."""
        writer = PillowWriter(fps=self.fps)
        self._tidy()
        with (
            whole_or_none(self.filename) as temporary,
            writer.saving(self.fig, temporary, self.dpi),
        ):
            writer.grab_frame()
            for step in self.steps:
                step()
                writer.grab_frame()

    def _count(self):
        """Describe the drawing by its numbers of parts."""
        circles = sum(isinstance(patch, Circle) for patch in self.ax.patches)
        parts = {
            "circle": circles,
            "other shape": len(self.ax.patches) - circles,
            "line": len(self.ax.lines),
            "label": len(self.ax.texts),
        }
        words = ", ".join(plural(count, name) for name, count in parts.items() if count)
        return f"Drawing of {words or 'nothing'}."
