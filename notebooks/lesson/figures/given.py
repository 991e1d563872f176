"""Refuse what a figure cannot show, in words that say what is accepted."""

import re

import numpy as np

from plotnet.text import MINUS


def spoken(text):
    """Return an alternative text with minus signs: a screen reader passes over a hyphen."""
    return re.sub(r"(?<![\w)])-(?=\d|inf)", MINUS, text)


def check_curve(given, accepted, shape=None):
    """Return `given` as a new array of float, 1-D, of `shape` if one is asked for.

    Raises
    ------
    ValueError
        If it is no such array; masked arrays are refused, since what is masked must not be drawn.
    """
    if isinstance(given, np.ma.MaskedArray):
        raise ValueError(f"{accepted}, got a masked array: fill it with nan first, .filled(np.nan)")
    try:
        array = np.asarray(given)
    except ValueError as error:
        raise ValueError(f"{accepted}, got {given!r}") from error
    if array.ndim != 1 or not array.size or array.dtype.kind not in "biuf":
        raise ValueError(f"{accepted}, got {given!r}")
    if shape is not None and array.shape != shape:
        raise ValueError(f"{accepted}, got shape {array.shape} where x has {shape}")
    return array.astype(float)


def check_dict(given, name, what):
    """Return a dict that is not empty, with str keys.

    Raises
    ------
    ValueError
        If it is none.
    """
    if not isinstance(given, dict) or not given or not all(isinstance(key, str) for key in given):
        raise ValueError(f"{name} must be a dict of str to {what}, not empty, got {given!r}")
    return given
