"""Refuse bad input before anything is drawn, in words that say what is accepted."""

import math
import operator

import matplotlib.axes
import matplotlib.figure
import numpy as np

from .text import extent

_MIN_SIDE, _MAX_SIDE = 0.5, 100


def check_counts(num_node_list):
    """Return the numbers of nodes as a list of int."""
    accepted = "num_node_list must be a list of positive integers, like [10, 7, 5]"
    items = _items(num_node_list, accepted)
    if not items:
        raise ValueError(f"{accepted}, got {num_node_list!r}: at least one layer is needed")
    for position, item in enumerate(items):
        if not _is_integer(item) or item < 1:
            raise ValueError(f"{accepted}, got {num_node_list!r}: item {position} is {item!r}")
    return [int(item) for item in items]


def check_figsize(figsize):
    """Return the canvas size as two floats, in inches."""
    accepted = f"figsize must be (width, height) in inches, each from {_MIN_SIDE} to {_MAX_SIDE}"
    sides = _items(figsize, accepted)
    if len(sides) != 2 or not all(_is_side(side) for side in sides):
        raise ValueError(f"{accepted}, got {figsize!r}")
    return float(sides[0]), float(sides[1])


def check_max_nodes(max_nodes):
    """Return the largest number of places in a layer, an int of 3 or more, or None for no limit."""
    if max_nodes is None:
        return None
    if not _is_integer(max_nodes) or max_nodes < 3:
        raise ValueError(
            f"max_nodes must be an integer of at least 3, or None for all, got {max_nodes!r}"
        )
    return int(max_nodes)


def check_symbols(symbols, counts):
    """Return one str per layer, or None."""
    if symbols is None:
        return None
    accepted = f"symbols must be {len(counts)} strings, one per layer, in valid mathtext"
    symbols = _items(symbols, accepted)
    if len(symbols) != len(counts) or not all(map(_is_label, symbols)):
        raise ValueError(f"{accepted}, got {_short(symbols)}")
    return symbols


def check_values(values, counts):
    """Return one float array of shape (n,) per layer, or None."""
    if values is None:
        return None
    accepted = f"values must be one 1-D array of numbers per layer, of lengths {counts}"
    layers = _items(values, accepted)
    if len(layers) != len(counts):
        raise ValueError(f"{accepted}, got {len(layers)} arrays: {_short(values)}")
    arrays = [_numbers(layer, accepted) for layer in layers]
    for position, (array, count) in enumerate(zip(arrays, counts, strict=True)):
        if array.shape != (count,):
            raise ValueError(
                f"{accepted}, got shape {array.shape} for layer {position}: {_short(array)}"
            )
    return arrays


def check_weights(weights, counts):
    """Return one float array of shape (n_out, n_in) per pair of layers, or None if none."""
    if weights is None:
        return None
    shapes = list(zip(counts[1:], counts[:-1], strict=True))
    accepted = f"weights must be one array of numbers per pair of layers, of shapes {shapes}"
    pairs = _items(weights, accepted)
    if len(pairs) != len(shapes):
        raise ValueError(f"{accepted}, got {len(pairs)} arrays: {_short(weights)}")
    arrays = [_numbers(pair, accepted) for pair in pairs]
    for position, (array, shape) in enumerate(zip(arrays, shapes, strict=True)):
        if array.shape != shape:
            hint = "; did you mean its transpose, .T?" if array.shape == shape[::-1] else ""
            raise ValueError(f"{accepted}, got shape {array.shape} for weights[{position}]{hint}")
    return arrays or None


def check_flag(flag, name):
    """Return True or False."""
    if not isinstance(flag, (bool, np.bool_)):
        raise ValueError(f"{name} must be True or False, got {flag!r}")
    return bool(flag)


def check_terms(terms):
    """Return the terms as a list of str and (str, tuple) pairs."""
    accepted = "terms must be a list of operators, like '+', and pairs, like ('$X$', ('m', 10))"
    if not isinstance(terms, (list, tuple)):
        raise ValueError(f"{accepted}, got {_short(terms)}")
    checked = [_term(term, accepted) for term in terms]
    if all(isinstance(term, str) for term in checked):
        raise ValueError(f"{accepted}, at least one pair, got {_short(terms)}")
    return checked


def _term(term, accepted):
    if _is_label(term):
        return term
    pair = isinstance(term, (list, tuple)) and len(term) == 2 and _is_label(term[0])
    if not pair or not isinstance(term[1], (list, tuple)):
        raise ValueError(f"{accepted}, got the term {_short(term)}")
    label, shape = term
    if len(shape) not in (1, 2) or not all(_is_dimension(dimension) for dimension in shape):
        raise ValueError(
            f"{accepted}, got the term {_short(term)}: "
            "a shape has one or two dimensions, each a positive int or a str"
        )
    return label, tuple(d if isinstance(d, str) else int(d) for d in shape)


def _is_label(label):
    """Return whether `label` is one line of text that matplotlib can set."""
    if not isinstance(label, str) or not label.strip() or "\n" in label:
        return False
    try:
        extent(label)
    except ValueError:
        return False
    return True


def _is_dimension(dimension):
    if isinstance(dimension, str):
        return _is_label(dimension) and _is_label(f"${dimension}$")
    return _is_integer(dimension) and dimension >= 1


def check_ax(ax):
    """Return a rectangular Axes that belongs to a figure, or None."""
    if ax is None:
        return None
    if not isinstance(ax, matplotlib.axes.Axes) or ax.name != "rectilinear":
        raise ValueError(f"ax must be a rectangular matplotlib Axes or None, got {ax!r}")
    if ax.figure is None:
        raise ValueError(f"ax must be a matplotlib Axes that is still in its figure, got {ax!r}")
    return ax


def check_positive(number, name):
    """Return a finite number above 0."""
    plain = isinstance(number, (int, float, np.integer, np.floating))
    if not plain or isinstance(number, bool) or not 0 < number < math.inf:
        raise ValueError(f"{name} must be a number above 0, got {number!r}")
    return number


def check_alt(alt):
    """Return alternative text, or None."""
    if alt is not None and (not isinstance(alt, str) or not alt.strip()):
        raise ValueError(f"alt must be a non-empty str or None, got {alt!r}")
    return alt


def check_figure(fig):
    """Return a matplotlib Figure."""
    if not isinstance(fig, matplotlib.figure.Figure):
        raise ValueError(f"fig must be a matplotlib Figure, got {fig!r}")
    return fig


def check_shown_alt(alt):
    """Return alternative text, which what is shown needs."""
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt must be a non-empty str that describes the figure, got {alt!r}")
    return alt


def check_unmasked(given, accepted):
    """Refuse masked arrays, also within lists: what is masked would be drawn as if it were not."""
    if isinstance(given, np.ma.MaskedArray):
        raise ValueError(
            f"{accepted}, got a masked array: fill it first, like .filled(np.nan); {_short(given)}"
        )
    if isinstance(given, (list, tuple)):
        for item in given:
            check_unmasked(item, accepted)


def _items(given, accepted):
    """Return the items of a list, tuple, range or array."""
    check_unmasked(given, accepted)
    if isinstance(given, np.ndarray) and given.ndim > 0:
        return list(given)
    if isinstance(given, (list, tuple, range)):
        return list(given)
    raise ValueError(f"{accepted}, got {_short(given)}")


def _is_integer(item):
    if isinstance(item, (bool, np.bool_, np.ndarray)):
        return False
    try:
        operator.index(item)
    except TypeError:
        return False
    return True


def _is_side(side):
    number = isinstance(side, (int, float, np.integer, np.floating)) and not isinstance(side, bool)
    return number and math.isfinite(side) and _MIN_SIDE <= side <= _MAX_SIDE


def _numbers(given, accepted):
    """Return `given` as a new float array, refusing text, complex, masked and ragged input."""
    check_unmasked(given, accepted)
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise ValueError(f"{accepted}, got {_short(given)}") from error
    if array.dtype.kind not in "biuf":
        raise ValueError(f"{accepted}, got {_short(given)} of type {array.dtype}")
    return array.astype(float)


def _short(given):
    """Return the repr of `given`, cut to a readable length."""
    text = " ".join(repr(given).split())
    return text if len(text) <= 120 else text[:117] + "..."
