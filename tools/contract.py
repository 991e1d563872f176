"""The contract as data: lesson/data/contract.json, from contract.toml and the libraries' cases.

`make record` writes it. What is right is computed at 50 digits, by tools.frameworks.oracle.
"""

import json
import math
from collections import Counter
from itertools import groupby, product
from pathlib import Path

import numpy as np
import tomli

from lesson.contract import ARGUMENTS
from tools.frameworks import oracle
from tools.frameworks.cases import CASES
from tools.frameworks.recording import limits

LIST = tomli.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
RECORDED = LIST["recorded"]
# The first operation of a function is the one that the oracle knows.
OPERATION = {function: name for name, function in reversed(RECORDED["functions"].items())}
SIXTEEN_BITS = "computed in 32 bits and rounded at the end, an error is at most about 1/2"
USUAL = "room for sums in any order and for the exp of any library; mistakes are far larger"
WIDE = "rounding a gap of {:.0f} between logits may cost half an eps for each 1 of it"
DIFFERENCE = "the result is a difference of larger numbers, in whose eps we count"
Masked = np.ma.MaskedArray


# --- arrays, as the list writes them ---


def array(value, usual, axis):
    """Return the array that the list writes as `value`, and its name in an id."""
    if not isinstance(value, dict):
        value = {usual: value}
    if "random" in value:
        scale, shape = value.get("scale", 1), value["random"]
        X = (scale * np.random.RandomState(0).randn(*shape)).astype(usual)
        return X, f"random {tuple(shape)}, scale {scale}"
    if "of" in value:
        X = np.full(value["shape"], value["of"], usual)
        words = f"{value['of']} in shape {tuple(value['shape'])}"
        if "first" in value:
            X.swapaxes(0, -1 if axis is None else axis)[0] = value["first"]
            words += f", first {value['first']}"
        return X, words
    (dtype, data), *mask = value.items()
    with np.errstate(over="ignore"):
        X = np.array(data, dtype)
    words = str(data)
    if mask:
        return np.ma.array(X, mask=mask[0][1]), f"{words} masked {mask[0][1]}"
    return X, words


def arguments(given, function, dtype, axis):
    """Return the arrays of an input by the names that `function` gives them, and their words."""
    names = ARGUMENTS[function]
    given = given if isinstance(given, dict) and names[0] in given else {names[0]: given}
    usual = {"labels": "int64", "allowed": "bool"}
    found = {n: array(given[n], usual.get(n, dtype), axis) for n in names if given[n] != "each"}
    arrays = {name: X for name, (X, _) in found.items()}
    words = found[names[0]][1]
    for name, (X, said) in list(found.items())[1:]:
        words += f", {name} {said}"
        words += f" in {dtype_name(X)}" if isinstance(given[name], dict) else ""
    if given.get("labels") == "each":
        n = len(arrays["Z"])
        arrays = {"Z": np.tile(arrays["Z"], (n, 1)), "labels": np.arange(n)}
        words += ", each label"
    return arrays, words


# --- arrays, as JSON has them ---


def plain(value):
    """Return a number as JSON has it: hexadecimal, of all bits; true and false; or a text."""
    if isinstance(value, complex):
        return [plain(value.real), plain(value.imag)]
    if isinstance(value, float):
        digits, power, exponent = value.hex().partition("p")
        return (digits.rstrip("0").rstrip(".") if "." in digits else digits) + power + exponent
    return value if isinstance(value, bool | str) else hex(value)


def encode(X):
    """Return an array as its shape and its values; long ones as runs of equal values."""
    flat = [plain(value) for value in np.ma.getdata(X).ravel().tolist()]
    runs = [[value, len(list(same))] for value, same in groupby(flat)]
    short = len(flat) > 20 and 2 * len(runs) < len(flat)
    stored = {"shape": list(X.shape), **({"runs": runs} if short else {"values": flat})}
    if isinstance(X, Masked):
        stored["mask"] = np.ma.getmaskarray(X).ravel().tolist()
    return stored


def dtype_name(X):
    return {"U": "text", "O": "object"}.get(X.dtype.kind, X.dtype.name)


# --- what is right ---


def right(function, arrays, axis):
    """Return what is right as an array of mpf; rows run along `axis`."""
    name = OPERATION[function]
    given = list(arrays.values())
    if "cross" not in function and given[0].ndim:
        given[0] = np.moveaxis(given[0], axis, -1)
    if function == "masked_softmax":
        mask = np.broadcast_to(given[1], arrays["X"].shape)
        given[1] = np.moveaxis(mask, axis, -1) if mask.ndim else mask
    answer = oracle.answer(name, dict(zip(oracle_names(name), given, strict=True)))
    moved = "cross" not in function and function != "logsumexp" and answer.ndim
    return np.moveaxis(answer, -1, axis) if moved else answer


def oracle_names(operation):
    return oracle.ANSWERS[operation].__code__.co_varnames


def rounded(values, dtype):
    """Return mpf as float64; what `dtype` cannot hold is infinite."""
    floats = np.array([float(value) for value in values.flat]).reshape(values.shape)
    with np.errstate(over="ignore"):
        lost = np.isinf(floats.astype(dtype))
    return np.where(lost, np.copysign(np.inf, floats), floats)


def tolerance(function, arrays, answer, axis):
    """Return how far a result may be off: in eps of a type, with the reason."""
    X = next(iter(arrays.values()))
    dtype = X.dtype.name if X.dtype.kind == "f" else "float64"
    tiny = limits(dtype)[1]
    if dtype == "float16":
        return {"eps": 2, "of": dtype, "reason": SIXTEEN_BITS}
    result = {"eps": 64, "of": dtype, "reason": USUAL}
    if not X.size:
        return result
    x = X.astype(float)
    with np.errstate(all="ignore"):
        top = np.max(x, axis if x.ndim else None, keepdims=True)
        gaps = np.where(np.isfinite(x) & (x > top + np.log(tiny)), top - x, 0)
    gap = np.nanmax(gaps, initial=0)
    if gap > 112 and function != "logsumexp":
        result |= {"eps": 8 + math.ceil(gap / 2), "reason": WIDE.format(gap)}
    floor = np.max(np.abs(np.where(np.isfinite(top), top, 0)))
    small = np.abs(np.where(np.isfinite(answer), answer, np.inf)).min()
    if function == "logsumexp" and small < floor:
        result |= {"floor": plain(float(floor)), "reason": DIFFERENCE}
    return result


# --- the cases ---


def case(name, function, regime, arrays, axis, entry, explained):
    """Return one case, as it is stored."""
    stored = {n: {"dtype": dtype_name(X), **encode(X)} for n, X in arrays.items()}
    found = {"id": name, "function": function, "regime": regime, "arguments": stored}
    if axis is not None:
        found["axis"] = axis
    if entry.get("layout"):
        found["layout"] = entry["layout"]
    if entry.get("refuse"):
        return {**found, "right": {"error": entry["refuse"]}, "explained": explained}
    used = -1 if axis is None else axis
    given = next(iter(arrays.values()))
    dtype = given.dtype.name if given.dtype.kind == "f" else "float64"
    answer = rounded(right(function, arrays, used), dtype)
    found["right"] = encode(answer)
    if entry.get("keeps_type"):
        found["right"] = {"keeps": dtype, **found["right"]}
    if entry.get("may_refuse"):
        found["right"]["or_error"] = entry["may_refuse"]
    found["tolerance"] = tolerance(function, arrays, answer, used)
    return {**found, "explained": explained}


def recorded():
    """Yield the cases that the libraries were asked, with the same ids."""
    axes = {"softmax, axis left out": None, "softmax, axis 5": 5}
    for one in CASES:
        function = RECORDED["functions"].get(one.operation)
        if function is None or any(given.dtype == "bfloat16" for given in one.inputs.values()):
            continue
        given = [given.array for given in one.inputs.values()]
        if not given:
            given = [np.ma.array([1.0, 2, 3], mask=[False, False, True])]
        arrays = dict(zip(ARGUMENTS[function], given, strict=True))
        takes_axis = "cross" not in function
        axis = axes.get(one.operation, -1) if takes_axis else None
        may = RECORDED["may_refuse"].get(one.id)
        entry = {"refuse": one.right, "may_refuse": may}
        guards = RECORDED["guards"]
        regime, explained = guards.get(one.regime) or guards[one.words]
        yield case(one.id, function, regime, arrays, axis, entry, explained)


def listed():
    """Yield the cases of the groups: each function, type, axis, layout and input."""
    for group in LIST["group"]:
        axes, layouts = group.get("axes", [-1]), group.get("layouts", [None])
        types = group.get("types", ["float64"])
        choices = product(group["functions"], group["inputs"], types, axes, layouts)
        for function, given, dtype, axis, layout in choices:
            axis = None if axis == "none" or "cross" in function else axis
            X = given
            arrays, words = arguments(X, function, dtype, axis)
            first = next(iter(arrays.values()))
            if "axes" in group and not group.get("refuse") and not fits(axis, first):
                continue
            name = f"{function}: {words} in {dtype_name(first)}"
            name += f", axis {axis}" if axis not in (None, -1) else ""
            name += ", axis left out" if axis is None and "cross" not in function else ""
            name += ", type kept" if group.get("keeps_type") else ""
            name += f", {layout}" if layout else ""
            entry = {**group, "layout": layout}
            yield case(name, function, group["regime"], arrays, axis, entry, group["explained"])


def fits(axis, X):
    return axis is None or not X.ndim or -X.ndim <= axis < X.ndim


def cases():
    """Return all cases, each id once.

    Raises
    ------
    ValueError
        If two cases have one id.
    """
    found = [*recorded(), *listed()]
    if twice := [name for name, n in Counter(one["id"] for one in found).items() if n > 1]:
        raise ValueError(f"cases must have different ids, got twice: {twice}")
    return found


def text():
    """Return contract.json: one line for each case."""
    lines = (json.dumps(one, ensure_ascii=False, allow_nan=False) for one in cases())
    return '{"cases": [\n' + ",\n".join(lines) + "\n]}\n"
