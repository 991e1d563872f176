"""The fonts of our figures: DejaVu Sans, and what this machine has for letters that it lacks."""

import dataclasses
import re
import unicodedata
import warnings
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from types import SimpleNamespace

import matplotlib
from matplotlib import font_manager
from matplotlib.font_manager import FontProperties, fontManager

OURS = "DejaVu Sans"
# Mathtext takes from these what DejaVu Sans lacks.
_OURS_IN_MATH = (OURS, "STIXGeneral")
_GENERIC = ("serif", "sans-serif", "cursive", "fantasy", "monospace")
# Not letters, or letters at the places of others: TeX's own encoding, boxes for everything.
_UNFIT = re.compile(r"cm[a-z]+10|STIX(NonUnicode|Size).*|.*Last ?Resort.*")
_MATH = re.compile(r"((?<!\\)\$.*?(?<!\\)\$)")
_LOST = "\N{REPLACEMENT CHARACTER}"
_figure = ContextVar("figure", default=None)


@contextmanager
def fonts_of_a_figure():
    """Prefer the reader's fonts after ours, and warn once of all letters without a font."""
    settings = matplotlib.rcParams
    lists = [settings[f"font.{n}"] if n in _GENERIC else [n] for n in settings["font.family"]]
    preferred = tuple(name for names in lists for name in names)
    state = SimpleNamespace(preferred=preferred, lost=set())
    token = _figure.set(state)
    try:
        yield
    finally:
        _figure.reset(token)
    if state.lost:
        warnings.warn(
            f"no font on this machine has {' '.join(sorted(state.lost))}, so {_LOST} stands in "
            "the figure instead; install one that has, like Noto Sans CJK for Chinese, Japanese "
            "and Korean (in a formula, only mathematical fonts are used)",
            stacklevel=6,
        )


def pieces(line):
    """Return what to draw of a line, and with which fonts, from left to right.

    Parameters
    ----------
    line : str
        Plain text, with mathtext between dollar signs.

    Returns
    -------
    list of (str, tuple of str)
        The line itself where our font has all its letters. Otherwise plain text and formulas in
        turn, each with its font families; a letter without any font is replaced.
    """
    if not _missing(line, OURS):
        return [(line, (OURS,))]
    parts = [_piece(part) for part in _MATH.split(line) if part]
    if len({families for _, families in parts}) == 1:
        return [("".join(text for text, _ in parts), parts[0][1])]
    return parts


def _piece(part):
    """Return a part without letters that cannot be drawn, and its families."""
    if _MATH.fullmatch(part):
        families, lost = (OURS,), _missing(part, *_OURS_IN_MATH)
    else:
        state = _figure.get()
        families, lost = _fallbacks(_missing(part, OURS), state.preferred if state else ())
        families = (OURS, *families)
    if lost and _figure.get():
        _figure.get().lost.update(lost)
    return "".join(_LOST if letter in lost else letter for letter in part), families


def _missing(text, *families):
    """Return the letters of `text` that none of the families has."""
    letters = {letter for letter in text if letter > "\x7f"}
    letters -= {letter for letter in letters if unicodedata.category(letter)[0] in "CZ"}
    return frozenset(c for c in letters if not any(ord(c) in _letters(f) for f in families))


@lru_cache(maxsize=256)
def _fallbacks(missing, preferred):
    """Return the families that together have the letters, and the letters that none has.

    The reader's come first, in their order; then those that have the most, then by name.
    """
    found, names = [], _families() if missing else []

    def gain(name):
        place = preferred.index(name) if name in preferred else len(preferred)
        count = sum(ord(letter) in _letters(name) for letter in missing)
        return count > 0, -place, count, "sans" in name.lower()

    while missing and names:
        # Of equals, max takes the first by name.
        best = max(names, key=gain)
        if not gain(best)[0]:
            break
        found.append(best)
        missing = frozenset(letter for letter in missing if ord(letter) not in _letters(best))
    return tuple(found), missing


@lru_cache(maxsize=1)
def _families():
    """Return the names of all installed font families that hold letters, in order."""
    # Matplotlib's list may be older than a font that was just installed.
    known = {entry.fname for entry in fontManager.ttflist}
    for path in sorted(set(font_manager.findSystemFonts()) - known):
        try:
            fontManager.addfont(path)
        except Exception:
            continue
    upright = {}
    for entry in fontManager.ttflist:
        if entry.style == "normal" and not _UNFIT.fullmatch(entry.name):
            upright.setdefault(entry.name, []).append(entry)
    for entries in upright.values():
        # Newer matplotlibs log each time that a family without a regular weight is used.
        regular = min(entries, key=lambda entry: abs(_weight(entry) - 400))
        if _weight(regular) != 400:
            fontManager.ttflist.append(dataclasses.replace(regular, weight=400))
    return sorted(upright)


def _weight(entry):
    return entry.weight if isinstance(entry.weight, int) else 400


@lru_cache(maxsize=4096)
def _letters(family):
    """Return the code points of a family's regular font, none if it cannot be scaled."""
    try:
        path = font_manager.findfont(FontProperties(family=family), fallback_to_default=False)
        font = font_manager.get_font(path)
        return frozenset(font.get_charmap()) if font.scalable else frozenset()
    except (ValueError, RuntimeError, OSError):
        return frozenset()
