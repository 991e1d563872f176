"""A table of outcomes as a picture: what each version makes of each input."""

from matplotlib.patches import Rectangle

from . import checks
from .display import new_figure, show
from .style import INK, blank, own_style
from .text import MINUS

_SIZE = 16
# A fill, a hatch and a word for each outcome, so that colour never is alone.
_RIGHT = {"facecolor": "#cfe8d5"}
_WRONG = {"facecolor": "#ffe3b3", "hatch": ".."}
_LOST = {"facecolor": "#f2c4bd", "hatch": "//"}


def plot_outcomes(table, columns, title, figsize=(15, 6)):
    """Draw a grid with a row for each version and a column for each input.

    Parameters
    ----------
    table : dict of str to list of str
        For each version's name one word per column: "right", "wrong", or what came out instead
        of numbers, such as "nan" or "-inf".
    columns : list of str
        What each column stands for; a long one is broken at a comma.
    title : str
        The message of the figure, in a sentence.
    figsize : (float, float)
        Width and height of the canvas in inches, each from 0.5 to 100.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, already displayed if this runs in a notebook. Its `alt` describes it.

    Raises
    ------
    ValueError
        If a row has not one word for each column, or `figsize` is not as described.
    """
    width, height = checks.check_figsize(figsize)
    for name, words in table.items():
        if len(words) != len(columns):
            raise ValueError(
                f"table must have {len(columns)} words in each row, got {len(words)} for {name!r}"
            )
    with own_style():
        fig, ax = new_figure((width, height))
        blank(ax, width, height)
        _draw(ax, table, columns, width, 0.9 * height)
        ax.text(width / 2, 0.93 * height, title, size=_SIZE + 4, ha="center", va="center")
    rows = "; ".join(f"{name}: {', '.join(words)}" for name, words in table.items())
    fig.alt = f"{title}. A grid of outcomes for the inputs {' | '.join(columns)}. {rows}."
    show(fig, fig.alt)
    return fig


def _draw(ax, table, columns, width, height):
    left, top = 0.16 * width, 0.8 * height
    cell_width, cell_height = (width - left - 0.1) / len(columns), (top - 0.1) / len(table)
    for j, label in enumerate(columns):
        x = left + (j + 0.5) * cell_width
        _write(ax, x, (top + height) / 2, _two_lines(label).replace("-", MINUS))
    for i, (name, words) in enumerate(table.items()):
        y = top - (i + 1) * cell_height
        _write(ax, left - 0.2, y + cell_height / 2, name, ha="right")
        for j, word in enumerate(words):
            x = left + j * cell_width
            look = {"right": _RIGHT, "wrong": _WRONG}.get(word, _LOST)
            corner = (x + 0.02 * cell_width, y + 0.05 * cell_height)
            size = (0.96 * cell_width, 0.9 * cell_height)
            ax.add_patch(Rectangle(corner, *size, edgecolor="#777777", linewidth=0, **look))
            text = _write(ax, x + cell_width / 2, y + cell_height / 2, word.replace("-", MINUS))
            text.set_bbox({"facecolor": look["facecolor"], "edgecolor": "none", "pad": 4})


def _two_lines(label):
    """Break a long label at the comma nearest to its middle."""
    if len(label) <= 18 or "," not in label:
        return label
    commas = [i for i, letter in enumerate(label) if letter == ","]
    middle = min(commas, key=lambda i: abs(i - len(label) / 2))
    return f"{label[: middle + 1]}\n{label[middle + 1 :].strip()}"


def _write(ax, x, y, text, ha="center"):
    return ax.text(x, y, text, size=_SIZE, ha=ha, va="center", color=INK, linespacing=1.4)
