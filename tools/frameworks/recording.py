"""The form of the recording: strict JSON, exact, and one line for each result.

Old syntax only: MXNet runs under Python 3.8.
"""

import hashlib
import json

import numpy as np

from lesson.recorded import decode


def plain(value):
    """Return a NumPy scalar as what JSON can hold: the shortest digits that give it back."""
    if isinstance(value, np.complexfloating):
        return str(complex(value))
    if not isinstance(value, np.floating):
        return value.item()
    if not np.isfinite(value):
        return str(float(value))
    shortest = float(np.format_float_scientific(value, unique=True))
    assert value.dtype.type(shortest) == value
    return shortest


def nested(array):
    """Return an array as nested lists of plain values."""
    return [nested(part) for part in array] if array.ndim else plain(array[()])


def encode(array, dtype=None):
    """Return an array as its dtype, its shape and its data; bfloat16 is given in float32."""
    shape, data = list(array.shape), nested(array)
    if array.size > 20 and (array == array.flat[0]).all():
        return {"dtype": dtype or str(array.dtype), "shape": shape, "all": plain(array.flat[0])}
    return {"dtype": dtype or str(array.dtype), "shape": shape, "data": data}


LIMITS = {  # eps and the smallest normal number
    "float16": (2.0**-10, 2.0**-14),
    "bfloat16": (2.0**-7, 2.0**-126),
    "float32": (2.0**-23, 2.0**-126),
    "float64": (2.0**-52, 2.0**-1022),
}


def limits(*dtypes):
    """Return eps and the smallest normal number of the coarsest floating type named."""
    known = [LIMITS[dtype] for dtype in dtypes if dtype in LIMITS]
    return max(known or [LIMITS["float64"]])


def same(recorded, got, dtypes=()):
    """Return whether a result is the recorded one: 4 eps apart at most, of each number or of 1.

    Processors differ by a few units in the last place. Errors agree if they have the same type.
    """
    if "error" in recorded or "error" in got:
        return recorded.get("error") == got.get("error")
    if any(recorded[name] != got[name] for name in ("dtype", "shape")):
        return False
    a, b = decode(recorded), decode(got)
    eps, tiny = limits(a.dtype.name, recorded["dtype"], *dtypes)
    with np.errstate(all="ignore"):
        near = np.abs(a - b) <= 4 * eps * np.abs(a) + tiny
        return bool(np.all(near | (a == b) | (np.isnan(a) & np.isnan(b))))


def seal(recording):
    """Return the digest of everything that a recording says: it fails when a number is changed."""
    says = {key: value for key, value in recording.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(says, sort_keys=True).encode()).hexdigest()


def dumps(recording):
    """Return the recording as text, sealed: one line for each input, right answer and result."""
    recording = dict(recording, sha256=seal(recording))

    def lines(value, depth, deep):
        if deep and isinstance(value, (dict, list)) and value:
            inner = " " * (depth + 1)
            if isinstance(value, dict):
                parts = [
                    "%s%s: %s" % (inner, json.dumps(key), lines(part, depth + 1, deep - 1))
                    for key, part in value.items()
                ]
                return "{\n" + ",\n".join(parts) + "\n" + " " * depth + "}"
            parts = [inner + lines(part, depth + 1, deep - 1) for part in value]
            return "[\n" + ",\n".join(parts) + "\n" + " " * depth + "]"
        return json.dumps(value, ensure_ascii=False, allow_nan=False)

    return lines(recording, 0, 4) + "\n"
