"""Tables as pictures: what each version makes of each input, and who is taken for whom."""

import numpy as np
from matplotlib.patches import Rectangle

from plotnet import arguments
from plotnet.canvas import INK, blank, new_figure, own_style, show
from plotnet.text import MINUS

from .given import check_dict, spoken

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
        If there is no row or column, a row has not one word for each column, or `figsize` is not
        as described.
    """
    columns = _check_words(columns, "columns")
    for name, words in check_dict(table, "table", "list of str").items():
        if len(_check_words(words, f"table[{name!r}]")) != len(columns):
            raise ValueError(
                f"table must have {len(columns)} words in each row, got {len(words)} for {name!r}"
            )
    looks = {"right": _RIGHT, "wrong": _WRONG}
    cells = [[(word, looks.get(word, _LOST)) for word in words] for words in table.values()]
    alt = spoken(f"{title}. {len(columns)} inputs. {_outcomes_alt(table)}.")
    return _plot_grid(list(table), columns, cells, title, alt, figsize)


def _outcomes_alt(table):
    """Return where each version is not right, by the number of the input; equal rows together."""
    alike = {}
    for name, words in table.items():
        places = {}
        for j, word in enumerate(words, 1):
            if word != "right":
                places.setdefault(word, []).append(str(j))
        said = ", ".join(f"{' '.join(where)} {word}" for word, where in places.items())
        alike.setdefault(said or "all right", []).append(name)
    return "; ".join(f"{_joined(names)}: {said}" for said, names in alike.items())


def _joined(names):
    """Return names with "and", the words that they begin with once."""
    words = zip(*(name.split() for name in names), strict=False)
    alike = [first for first, *others in words if {first} == {*others}]
    first, *others = names
    return " and ".join([first, *(name.removeprefix(" ".join(alike)).strip() for name in others)])


def plot_confusion(counts, title, figsize=(10, 6)):
    """Draw a confusion matrix: how many samples of each class got each answer.

    Parameters
    ----------
    counts : ndarray of int, shape (n, n)
        `counts[i, j]` samples of class i were taken for class j.
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
        If `counts` is not a square table of counts, or `figsize` is not as described.
    """
    arguments.check_unmasked(counts, "counts must be a square array of counts")
    counts = np.asarray(counts)
    square = counts.ndim == 2 and counts.shape[0] == counts.shape[1] > 0
    if not square or counts.dtype.kind not in "iu" or counts.min() < 0:
        raise ValueError(f"counts must be a square array of counts, got {counts!r}")
    n = len(counts)
    cells = [[_count_cell(counts, i, j) for j in range(n)] for i in range(n)]
    rows, columns = [f"is {i}" for i in range(n)], [f"taken for {j}" for j in range(n)]
    right, total = np.trace(counts), counts.sum()
    each = "; ".join(
        f"{row}: {', '.join(map(str, c))}" for row, c in zip(rows, counts, strict=True)
    )
    alt = (
        f"{title}. Confusion matrix, {right} of {total} on the diagonal. "
        f"Rows are the true classes, columns the answers 0 to {n - 1}. {each}."
    )
    return _plot_grid(rows, columns, cells, title, alt, figsize)


def _check_words(words, name):
    if not isinstance(words, (list, tuple)) or not words or not all(map(_is_word, words)):
        raise ValueError(f"{name} must be a list of str, not empty, got {words!r}")
    return list(words)


def _is_word(word):
    return isinstance(word, str) and bool(word.strip())


def _count_cell(counts, i, j):
    """Return the text and look of a cell: right ones plain, wrong ones dotted, zeros white."""
    count = int(counts[i, j])
    look = {"facecolor": "white"} if count == 0 else _RIGHT if i == j else _WRONG
    return str(count), look


def _plot_grid(rows, columns, cells, title, alt, figsize):
    width, height = arguments.check_figsize(figsize)
    with own_style():
        fig, ax = new_figure((width, height))
        blank(ax, width, height)
        ax.text(width / 2, 0.94 * height, title, size=_SIZE + 4, ha="center", va="center")
        _draw_grid(ax, rows, columns, cells, width, 0.9 * height)
    fig.alt = alt
    show(fig, alt)
    return fig


def _draw_grid(ax, rows, columns, cells, width, height):
    left, top = 0.16 * width, 0.84 * height
    cell_width, cell_height = (width - left - 0.1) / len(columns), (top - 0.1) / len(rows)
    for j, label in enumerate(columns):
        _write(ax, left + (j + 0.5) * cell_width, (top + height) / 2, _two_lines(label))
    for i, name in enumerate(rows):
        y = top - (i + 1) * cell_height
        _write(ax, left - 0.2, y + cell_height / 2, name, ha="right")
        for j, (word, look) in enumerate(cells[i]):
            x = left + j * cell_width
            corner = (x + 0.02 * cell_width, y + 0.05 * cell_height)
            size = (0.96 * cell_width, 0.9 * cell_height)
            ax.add_patch(Rectangle(corner, *size, edgecolor="#777777", linewidth=0, **look))
            text = _write(ax, x + cell_width / 2, y + cell_height / 2, word)
            text.set_bbox({"facecolor": look["facecolor"], "edgecolor": "none", "pad": 4})


def _two_lines(label):
    """Break a long label at the comma nearest to its middle."""
    if len(label) <= 18 or "," not in label:
        return label
    commas = [i for i, letter in enumerate(label) if letter == ","]
    middle = min(commas, key=lambda i: abs(i - len(label) / 2))
    return f"{label[: middle + 1]}\n{label[middle + 1 :].strip()}"


def _write(ax, x, y, text, ha="center"):
    text = text.replace("-", MINUS) if any(c.isdigit() for c in text) or "inf" in text else text
    return ax.text(x, y, text, size=_SIZE, ha=ha, va="center", color=INK, linespacing=1.4)
