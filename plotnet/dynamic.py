"""Draw by hand with viznet's brushes, and show or save the result."""

import copy
import io

import matplotlib
from matplotlib import pyplot as plt
from matplotlib.patches import Circle
from matplotlib.text import Text
from PIL import Image

from . import arguments
from .canvas import DPI, Figure, own_style, show
from .fonts import OURS, pieces
from .save import FILE_TYPES, check_filename, save, whole_or_none
from .text import plural

_GIF_COLOURS = 255


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
        has one frame before the first of `steps` and one after each. All frames show what the
        last one shows, at its scale, so that nothing is cut off and nothing jumps.
    dpi : float
        Dots per inch of the saved image.
    fps : float
        Frames per second of a .gif.
    alt : str, optional
        Alternative text. By default it counts what was drawn.

    Attributes
    ----------
    fig : matplotlib.figure.Figure
        The figure, inside the block and after it. Its `alt` describes it once the block has ended.
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
    >>> from plotnet.brushes import NodeBrush
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
        # viznet draws arrows on pyplot's current axes, so the figure has to be pyplot's.
        self._previous = plt.gcf().number if plt.get_fignums() else None
        if self._previous is None:
            # Before its first figure, pyplot chooses its backend, and a notebook's switches
            # interactive mode on. Within our style, that would be undone at the end.
            plt.draw_if_interactive()
        # viznet draws in black on white, whatever the reader's style.
        self._style = own_style()
        self._style.__enter__()
        with matplotlib.rc_context({"interactive": False}):
            self.fig = plt.figure(
                figsize=self.figsize, dpi=DPI, facecolor="white", FigureClass=_Canvas
            )
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
        moving = self.filename is not None and self.filename.suffix.lower() == ".gif"
        stills = []
        for step in self.steps:
            if moving:
                stills.append(copy.deepcopy(self.fig))
            step()
        self._tidy()
        self.fig.alt = self.alt or self._count()
        if moving:
            self._animate([*stills, self.fig])
        elif self.filename is not None:
            save(self.fig, self.filename, self.fig.alt, self.dpi)
        show(self.fig, self.fig.alt)

    def _tidy(self):
        _find_fonts(self.fig)
        self.ax.set_aspect("equal")
        self.ax.set_axis_off()
        self.ax.margins(0.02)
        self.fig.tight_layout(pad=0.2)

    def _animate(self, stills):
        """Write a frame for each still, seen as the last one."""
        place = self.fig.axes.index(self.ax)
        frames = []
        for number, still in enumerate(stills):
            _find_fonts(still)
            _see_as(still.axes[place], self.ax)
            frames.append(_frame(still, self.dpi, number))
        with whole_or_none(self.filename) as temporary:
            pace = {"duration": 1000 / self.fps, "loop": 0, "append_images": frames[1:]}
            frames[0].save(temporary, format="gif", save_all=True, **pace)

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


class _Canvas(Figure):
    """A figure of pyplot's whose copies are not."""

    def __getstate__(self):
        state = super().__getstate__()
        state.pop("_restore_to_pylab", None)
        return state


def _find_fonts(fig):
    """Give texts the fonts for all of their letters."""
    for text in fig.findobj(Text):
        drawn = pieces(text.get_text())
        if text.get_fontfamily() == [OURS] and drawn[0] != (text.get_text(), (OURS,)):
            text.set_text("".join(piece for piece, _ in drawn))
            text.set_fontfamily(max((families for _, families in drawn), key=len))


def _see_as(ax, last):
    """Give an earlier state of the axes the view and the place of the last one."""
    ax.set(aspect="equal", xlim=last.get_xlim(), ylim=last.get_ylim())
    ax.set_axis_off()
    ax.set_position(last.get_position(original=True))


def _frame(fig, dpi, number):
    """Return the picture of one frame, in 255 colours and a last one for a single corner."""
    drawn = io.BytesIO()
    with matplotlib.rc_context({"savefig.bbox": None}):
        fig.savefig(drawn, format="png", dpi=dpi)
    image = Image.open(drawn).convert("RGB")
    frame = image.quantize(_GIF_COLOURS, method=Image.Quantize.FASTOCTREE, dither=0)
    # Pillow joins equal frames into one; in every other frame, one pixel is a shade darker.
    corner = [max(0, value - number % 2) for value in image.getpixel((0, 0))]
    palette = frame.getpalette()[: 3 * _GIF_COLOURS]
    frame.putpalette(palette + [0] * (3 * _GIF_COLOURS - len(palette)) + corner)
    frame.putpixel((0, 0), _GIF_COLOURS)
    return frame
