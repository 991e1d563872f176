"""Sliders for the series: live in JupyterLab, and in a page without a kernel."""

import html
import json
from pathlib import Path

import numpy as np

try:
    import anywidget
except ImportError as error:
    raise ImportError("the sliders need anywidget: pip install anywidget") from error
import traitlets

__all__ = [
    "BarsSlider",
    "BlocksSlider",
    "DigitsSlider",
    "GapSlider",
    "MaskSlider",
    "PrecisionSlider",
    "SoftmaxSlider",
    "static_script",
]

_FOLDER = Path(__file__).parent
_MODULE = (_FOLDER / "sliders.js").read_text(encoding="utf-8")
_STYLE = (_FOLDER / "sliders.css").read_text(encoding="utf-8")
# How far the offset and the gap go, as in sliders.js: past both ends of exp in each type.
_REACH = {"float16": 24, "float32": 120, "float64": 800}
_SHIFT, _GAP = 1000, -20
_LOGIT, _OFFSET = 10, 800
# How far an offset goes, in powers of two: past the digits of each of these types.
_STORED, _FAR = ("float16", "bfloat16", "float32"), 26
_SCORE = 32768
_SENTINELS = ("-1e4", "-1e9", "least", "-inf")
_COLDEST, _HOTTEST = 1 / 16, 16
_MOST_CLASSES = 8
_ROWS = ((0, 0), (0, 1, 2), (1000, 1000, 100), (-1000, -1000, -1100))
_BARS = {"oak": 2, "beech": 1, "birch": 0}
_TO_DO = "In JupyterLab: Run ▸ Run All Above Selected Cell, then this cell."


class BadState(traitlets.TraitError, ValueError):
    """A slider is asked to show what it cannot: nothing has changed."""


class _Slider(anywidget.AnyWidget):
    """What the sliders share: the browser computes and draws, Python holds the state.

    An assignment is checked like an argument of the constructor. What depends on it moves to its
    nearest end where it would lie beyond, on a page and in Python alike.

    Attributes
    ----------
    kind : str
        The slider's name in sliders.js.
    """

    kind = traitlets.Unicode().tag(sync=True)
    _esm = _MODULE
    _css = _STYLE

    def state(self):
        """Return the slider's state, ready for JSON.

        Returns
        -------
        dict of str to object
        """
        return {name: getattr(self, name) for name in self._names}

    def _repr_mimebundle_(self, **keywords):
        data, metadata = super()._repr_mimebundle_(**keywords)
        state = html.escape(json.dumps(self.state(), allow_nan=False))
        fallback = (
            f'<div class="plotnet-slider" data-slider="{self.kind}" data-state="{state}">'
            f"{self._says} {_TO_DO}</div>"
        )
        shown = {"text/plain": f"{type(self).__name__}: {self._says}", "text/html": fallback}
        return {**data, **shown}, metadata


class BarsSlider(_Slider):
    """Logits, exponentials and probabilities as three rows of bars, in float64.

    Parameters
    ----------
    logits : dict of str to float
        The logit of each class by its name, from 2 to 8 numbers from -10 to 10.
    chosen : str, optional
        The class whose logit moves first; the first one if left out.
    offset : float
        The number added to every logit, from -800 to 800.
    subtract : bool
        Whether the maximum is subtracted before exp.

    Raises
    ------
    ValueError
        If an argument, or what is assigned to it later, is not as described.
    """

    logits = traitlets.Any().tag(sync=True)
    chosen = traitlets.Any().tag(sync=True)
    offset = traitlets.Any().tag(sync=True)
    subtract = traitlets.Any().tag(sync=True)
    _names = ("logits", "chosen", "offset", "subtract")
    _says = (
        "A slider that moves logits, and shows their exponentials and probabilities as bars, "
        "with or without the maximum subtracted."
    )

    def __init__(self, logits=_BARS, chosen=None, offset=0, subtract=False):
        chosen = next(iter(_check_bars(logits))) if chosen is None else chosen
        state = {"logits": logits, "chosen": chosen, "offset": offset, "subtract": subtract}
        super().__init__(kind="bars", **state)

    @traitlets.validate("logits")
    def _valid_logits(self, proposal):
        return _check_bars(proposal.value)

    @traitlets.validate("chosen")
    def _valid_chosen(self, proposal):
        names = list(_check_bars(self.logits))
        if not isinstance(proposal.value, str) or proposal.value not in names:
            raise BadState(f"chosen must be one of {', '.join(names)}, got {proposal.value!r}")
        return proposal.value

    @traitlets.validate("offset")
    def _valid_offset(self, proposal):
        return _check_between(proposal.value, -_OFFSET, _OFFSET, "offset")

    @traitlets.validate("subtract")
    def _valid_subtract(self, proposal):
        return _check_bool(proposal.value, "subtract")

    @traitlets.observe("logits")
    def _stay_among(self, _):
        if self.chosen not in self.logits:
            self.chosen = next(iter(self.logits))


class SoftmaxSlider(_Slider):
    """Probabilities of logits under a shift and a temperature, naive and stable, in float64.

    Parameters
    ----------
    logits : sequence of float, shape (n,)
        From 2 to 8 finite logits.
    shift : float
        The number c added to every logit, from -1000 to 1000.
    temperature : float
        The number T by which the shifted logits are divided, from 1/16 to 16.

    Raises
    ------
    ValueError
        If an argument, or what is assigned to it later, is not as described.
    """

    logits = traitlets.Any().tag(sync=True)
    shift = traitlets.Any().tag(sync=True)
    temperature = traitlets.Any().tag(sync=True)
    _names = ("logits", "shift", "temperature")
    _says = "A slider that shifts logits and changes their temperature, and shows the softmax."

    def __init__(self, logits=(2, 3, 4), shift=0, temperature=1):
        super().__init__(kind="softmax", logits=logits, shift=shift, temperature=temperature)

    @traitlets.validate("logits")
    def _valid_logits(self, proposal):
        return _check_logits(proposal.value, "logits")

    @traitlets.validate("shift")
    def _valid_shift(self, proposal):
        return _check_between(proposal.value, -_SHIFT, _SHIFT, "shift")

    @traitlets.validate("temperature")
    def _valid_temperature(self, proposal):
        return _check_between(proposal.value, _COLDEST, _HOTTEST, "temperature")


class PrecisionSlider(_Slider):
    """Naive and stable softmax in a chosen floating-point type, under a common offset.

    Parameters
    ----------
    rows : sequence of sequence of float
        The rows of logits to choose from, each with 2 to 8 finite logits.
    row : int
        The position of the row that is shown first.
    dtype : {"float64", "float32", "float16"}
        The type that is shown first.
    offset : float
        The number added to every logit, from -24 to 24 in float16, from -120 to 120 in float32,
        from -800 to 800 in float64; where the largest logit of the row lies beyond, as much
        farther on the side that brings it back. Another row or type moves it to its nearest end.

    Raises
    ------
    ValueError
        If an argument, or what is assigned to it later, is not as described.
    """

    rows = traitlets.Any().tag(sync=True)
    row = traitlets.Any().tag(sync=True)
    dtype = traitlets.Any().tag(sync=True)
    offset = traitlets.Any().tag(sync=True)
    _names = ("rows", "row", "dtype", "offset")
    _says = (
        "A slider that adds an offset to logits, and shows where naive softmax breaks "
        "in float16, float32 and float64."
    )

    def __init__(self, rows=_ROWS, row=0, dtype="float64", offset=0):
        super().__init__(kind="precision", rows=rows, row=row, dtype=dtype, offset=offset)

    def _ends(self):
        """Return the least and the largest offset of the row in its type."""
        # Several values that come at once are checked in any order: none is trusted here.
        rows = _check_rows(self.rows)
        top = max(rows[_check_row(self.row, rows)])
        reach = _REACH[_check_dtype(self.dtype)]
        back = -top if abs(top) > reach else 0
        return min(0, back) - reach, max(0, back) + reach

    @traitlets.validate("rows")
    def _valid_rows(self, proposal):
        return _check_rows(proposal.value)

    @traitlets.validate("row")
    def _valid_row(self, proposal):
        return _check_row(proposal.value, _check_rows(self.rows))

    @traitlets.validate("dtype")
    def _valid_dtype(self, proposal):
        return _check_dtype(proposal.value)

    @traitlets.validate("offset")
    def _valid_offset(self, proposal):
        where = f" for row {self.row} in {self.dtype}"
        return _check_between(proposal.value, *self._ends(), "offset", where)

    @traitlets.observe("rows", "row", "dtype")
    def _stay_within(self, _):
        self.row = min(self.row, len(self.rows) - 1)
        low, high = self._ends()
        self.offset = min(max(self.offset, low), high)


class GapSlider(_Slider):
    """Loss and gradient of five versions, against the gap by which the right class trails.

    Parameters
    ----------
    gap : float
        The logit of the wrong class, where that of the right one is 0; from -20 to 24 in
        float16, to 120 in float32, to 800 in float64. Another type moves it to its nearest end.
    dtype : {"float64", "float32", "float16"}
        The type that is shown first.

    Raises
    ------
    ValueError
        If an argument, or what is assigned to it later, is not as described.
    """

    gap = traitlets.Any().tag(sync=True)
    dtype = traitlets.Any().tag(sync=True)
    _names = ("gap", "dtype")
    _says = (
        "A slider for the gap by which the right class trails, with loss and gradient of "
        "five versions."
    )

    def __init__(self, gap=0, dtype="float64"):
        super().__init__(kind="gap", gap=gap, dtype=dtype)

    @traitlets.validate("dtype")
    def _valid_dtype(self, proposal):
        return _check_dtype(proposal.value)

    @traitlets.validate("gap")
    def _valid_gap(self, proposal):
        reach = _REACH[_check_dtype(self.dtype)]
        return _check_between(proposal.value, _GAP, reach, "gap", f" in {self.dtype}")

    @traitlets.observe("dtype")
    def _stay_within(self, _):
        self.gap = min(self.gap, float(_REACH[self.dtype]))


class DigitsSlider(_Slider):
    """Logits that are stored with an offset in a chosen type, and what is left of them.

    Parameters
    ----------
    logits : sequence of float, shape (n,)
        From 2 to 8 finite logits, from -10 to 10.
    dtype : {"bfloat16", "float16", "float32"}
        The type that is shown first.
    offset : float
        The number added to every logit, from 0 to 2**26; the control goes by powers of two.

    Raises
    ------
    ValueError
        If an argument, or what is assigned to it later, is not as described.
    """

    logits = traitlets.Any().tag(sync=True)
    dtype = traitlets.Any().tag(sync=True)
    offset = traitlets.Any().tag(sync=True)
    _names = ("logits", "dtype", "offset")
    _says = (
        "A slider that adds an offset to logits, and shows which of their digits float16, "
        "bfloat16 and float32 keep."
    )

    def __init__(self, logits=(3, 1, 0), dtype="bfloat16", offset=0):
        super().__init__(kind="digits", logits=logits, dtype=dtype, offset=offset)

    @traitlets.validate("logits")
    def _valid_logits(self, proposal):
        logits = _check_logits(proposal.value, "logits")
        for i, logit in enumerate(logits):
            _check_between(logit, -_LOGIT, _LOGIT, f"logits[{i}]")
        return logits

    @traitlets.validate("dtype")
    def _valid_dtype(self, proposal):
        return _check_dtype(proposal.value, _STORED)

    @traitlets.validate("offset")
    def _valid_offset(self, proposal):
        return _check_between(proposal.value, 0, 2**_FAR, "offset")


class MaskSlider(_Slider):
    """Four ways to mask one of two scores: add a sentinel, fill it in, multiply, a boolean mask.

    Parameters
    ----------
    score : float
        The score of the masked entry, where that of the other one is 0; from -32768 to 32768.
    sentinel : {"-1e4", "-1e9", "least", "-inf"}
        The number that is added to the score, or takes its place; "least" is the type's least
        finite one.
    dtype : {"float64", "float32", "float16"}
        The type that is shown first.
    allowed : bool
        Whether the other entry is allowed. If not, nothing is.

    Raises
    ------
    ValueError
        If an argument, or what is assigned to it later, is not as described.
    """

    score = traitlets.Any().tag(sync=True)
    sentinel = traitlets.Any().tag(sync=True)
    dtype = traitlets.Any().tag(sync=True)
    allowed = traitlets.Any().tag(sync=True)
    _names = ("score", "sentinel", "dtype", "allowed")
    _says = (
        "A slider for the score of a masked entry, with what four ways to mask it make of it in "
        "each type."
    )

    def __init__(self, score=0, sentinel="-1e4", dtype="float32", allowed=True):
        state = {"score": score, "sentinel": sentinel, "dtype": dtype, "allowed": allowed}
        super().__init__(kind="mask", **state)

    @traitlets.validate("score")
    def _valid_score(self, proposal):
        return _check_between(proposal.value, -_SCORE, _SCORE, "score")

    @traitlets.validate("sentinel")
    def _valid_sentinel(self, proposal):
        if not isinstance(proposal.value, str) or proposal.value not in _SENTINELS:
            accepted = f"sentinel must be one of {', '.join(_SENTINELS)}"
            raise BadState(f"{accepted}, got {proposal.value!r}")
        return proposal.value

    @traitlets.validate("dtype")
    def _valid_dtype(self, proposal):
        return _check_dtype(proposal.value)

    @traitlets.validate("allowed")
    def _valid_allowed(self, proposal):
        return _check_bool(proposal.value, "allowed")


class BlocksSlider(_Slider):
    """Chunks of a row of logits, one of them masked or none, and their states merged, in float64.

    Parameters
    ----------
    logits : sequence of float, shape (n,)
        From 2 to 8 finite logits.
    width : int
        How many logits a chunk has, from 1 to n; the last one may have fewer. Other logits move
        it to its nearest end.
    masked : int
        The number of the chunk that is masked, from 1 on; 0 for none. Another width moves it to
        its nearest end.
    guard : bool
        Whether 0 is subtracted while the maximum is -inf.

    Raises
    ------
    ValueError
        If an argument, or what is assigned to it later, is not as described.
    """

    logits = traitlets.Any().tag(sync=True)
    width = traitlets.Any().tag(sync=True)
    masked = traitlets.Any().tag(sync=True)
    guard = traitlets.Any().tag(sync=True)
    _names = ("logits", "width", "masked", "guard")
    _says = (
        "A slider that cuts a row of logits into chunks, masks one of them, and merges their "
        "states, with or without the guard."
    )

    def __init__(self, logits=(3, 1, 0, 2, 5, 4), width=3, masked=0, guard=False):
        super().__init__(kind="blocks", logits=logits, width=width, masked=masked, guard=guard)

    def _chunks(self):
        """Return how many chunks there are."""
        logits = _check_logits(self.logits, "logits")
        return -(-len(logits) // _check_whole(self.width, 1, len(logits), "width"))

    @traitlets.validate("logits")
    def _valid_logits(self, proposal):
        return _check_logits(proposal.value, "logits")

    @traitlets.validate("width")
    def _valid_width(self, proposal):
        return _check_whole(proposal.value, 1, len(_check_logits(self.logits, "logits")), "width")

    @traitlets.validate("masked")
    def _valid_masked(self, proposal):
        return _check_whole(proposal.value, 0, self._chunks(), "masked")

    @traitlets.validate("guard")
    def _valid_guard(self, proposal):
        return _check_bool(proposal.value, "guard")

    @traitlets.observe("logits", "width")
    def _stay_within(self, _):
        self.width = min(self.width, len(self.logits))
        self.masked = min(self.masked, self._chunks())


def static_script():
    """Return the script that brings the sliders to life in a page without a kernel.

    The page takes it as one classic script, inline or as a file, also from ``file://``, where
    browsers block modules. It adds the style and mounts every ``.plotnet-slider`` of the page.

    Returns
    -------
    str
        JavaScript that loads nothing.
    """
    body = _MODULE.split("\nexport ")[0]
    return f"""(() => {{
"use strict";
{body}
function start() {{
  document.head.append(element("style", {{}}, {json.dumps(_STYLE)}));
  mountAll();
}}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
else start();
}})();
"""


def _check_logits(logits, name):
    """Return finite logits as a tuple of float: nobody changes one of them unchecked."""
    accepted = f"{name} must be 2 to {_MOST_CLASSES} finite numbers, like [2, 3, 4]"
    try:
        array = np.asarray(logits)
    except ValueError as error:
        raise BadState(f"{accepted}, got {logits!r}") from error
    if array.ndim != 1 or not 2 <= len(array) <= _MOST_CLASSES or array.dtype.kind not in "iuf":
        raise BadState(f"{accepted}, got {logits!r}")
    if not np.isfinite(array).all():
        raise BadState(f"{accepted}, got {logits!r}")
    return tuple(array.astype(float).tolist())


def _check_bars(logits):
    """Return logits by name as a new dict of str to float."""
    few = isinstance(logits, dict) and 2 <= len(logits) <= _MOST_CLASSES
    if not few or not all(isinstance(name, str) and name.strip() for name in logits):
        accepted = f'a dict of 2 to {_MOST_CLASSES} names to numbers, like {{"oak": 2, "beech": 1}}'
        raise BadState(f"logits must be {accepted}, got {logits!r}")
    where = "logits[{!r}]".format
    return {k: _check_between(z, -_LOGIT, _LOGIT, where(k)) for k, z in logits.items()}


def _check_rows(rows):
    """Return rows of logits as a tuple of tuples of float."""
    if not isinstance(rows, (list, tuple, np.ndarray)) or not len(rows):
        raise BadState(f"rows must be a list of rows of logits, like [[0, 0]], got {rows!r}")
    return tuple(_check_logits(row, f"rows[{i}]") for i, row in enumerate(rows))


def _check_row(row, rows):
    """Return the position of one of the rows."""
    return _check_whole(row, 0, len(rows) - 1, "row")


def _check_whole(number, low, high, name):
    """Return an integer between two others."""
    whole = isinstance(number, (int, np.integer)) and not isinstance(number, bool)
    if not whole or not low <= number <= high:
        raise BadState(f"{name} must be an integer from {low} to {high}, got {number!r}")
    return int(number)


def _check_dtype(dtype, known=tuple(_REACH)):
    """Return the name of a floating-point type, one of those that are known."""
    if not isinstance(dtype, str) or dtype not in known:
        raise BadState(f"dtype must be one of {', '.join(known)}, got {dtype!r}")
    return dtype


def _check_bool(value, name):
    """Return True or False, of Python or of NumPy, as a bool."""
    if not isinstance(value, (bool, np.bool_)):
        raise BadState(f"{name} must be True or False, got {value!r}")
    return bool(value)


def _check_between(number, low, high, name, where=""):
    """Return a number between two others as a float."""
    plain = isinstance(number, (int, float, np.integer, np.floating))
    if not plain or isinstance(number, bool) or not low <= number <= high:
        raise BadState(f"{name} must be a number from {low:g} to {high:g}{where}, got {number!r}")
    return float(number)
