"""The contract of softmax and its kin, as a suite for any implementation on NumPy arrays.

    report(my_softmax, "softmax")       a table for people
    verdicts(my_softmax, "softmax")     by the id of each case: "right", or what is wrong and why
    python -m lesson.contract my_module:my_softmax softmax      the table, on the command line

The functions and their arguments: softmax, log_softmax, logsumexp (X, axis=-1) · masked_softmax
(X, allowed, axis=-1) · cross_entropy and cross_entropy_gradient (Z, labels), one loss for each row,
and the derivative of their sum · cross_entropy_of_rows and its gradient (Z, T), for rows of labels.
The cases and what is right stand in data/contract.json. Copy the folder `lesson` wherever you need
it: this part of it uses NumPy and the standard library.
"""

import argparse
import functools
import importlib
import inspect
import io
import json
import sys
import threading
import time
import warnings
from collections import Counter
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lesson.mistakes import suspects

PATH = Path(__file__).resolve().parent / "data" / "contract.json"
ARGUMENTS = {
    "softmax": ("X",),
    "log_softmax": ("X",),
    "logsumexp": ("X",),
    "masked_softmax": ("X", "allowed"),
    "cross_entropy": ("Z", "labels"),
    "cross_entropy_gradient": ("Z", "labels"),
    "cross_entropy_of_rows": ("Z", "T"),
    "cross_entropy_of_rows_gradient": ("Z", "T"),
}
SECONDS = 10  # within which a call must return


class Verdict(NamedTuple):
    """What a case came to: `kind` is right, wrong or refuses; `reasons` are all that fit."""

    kind: str
    what: str = ""
    why: str = ""
    reasons: tuple = ()

    def __str__(self):
        return self.kind if self.kind == "right" else f"{self.what}: {self.why}"


RIGHT = Verdict("right")


# --- the cases ---


@functools.lru_cache
def load():
    """Return the cases by their ids."""
    return {case["id"]: case for case in json.loads(PATH.read_text(encoding="utf-8"))["cases"]}


def ids(name):
    """Return the ids of the cases of a function, for instance "softmax"."""
    if name not in ARGUMENTS:
        raise ValueError(f"name must be one of {', '.join(ARGUMENTS)}, got {name!r}")
    return [key for key, case in load().items() if case["function"] == name]


def decode(stored):
    """Return the array that is stored as dtype, shape and values, or as runs of equal values."""
    runs = stored.get("runs") or [[value, 1] for value in stored["values"]]
    dtype = stored.get("dtype", "float64")

    def number(value):
        if dtype.startswith("complex"):
            return complex(*map(float.fromhex, value))
        if dtype.startswith("float"):
            return float.fromhex(value)
        return int(value, 16) if isinstance(value, str) and dtype != "text" else value

    kind = {"text": str, "object": object}.get(dtype, dtype)
    values = np.array([number(value) for value, _ in runs], kind)
    X = np.repeat(values, [n for _, n in runs]).reshape(stored["shape"])
    if "mask" in stored:
        return np.ma.array(X, mask=np.reshape(stored["mask"], X.shape))
    return X


def laid_out(X, layout):
    """Return the numbers of X as a list, or as an array that lies otherwise in memory."""
    if layout == "read-only":
        X.setflags(write=False)
    return {
        "strided": lambda: np.repeat(X, 2, axis=-1)[..., ::2],
        "reversed": lambda: X[::-1].copy()[::-1],
        "column-major": lambda: np.asfortranarray(X),
        "swapped bytes": lambda: X.astype(X.dtype.newbyteorder()),
        "nested lists": X.tolist,
    }.get(layout, lambda: X)()


def inputs(case):
    """Return the arguments of a case, in their order."""
    return [laid_out(decode(stored), case.get("layout")) for stored in case["arguments"].values()]


# --- the call ---


def takes_axis(function):
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return True
    return any(p.name == "axis" or p.kind is p.VAR_KEYWORD for p in parameters)


def bits(value):
    return repr(value) if isinstance(value, list) else np.ma.getdata(value).tobytes()


def told(error):
    """Return an error in a line, also one that cannot say what it is."""
    try:
        said = str(error)
    except Exception:
        said = ""
    return " ".join(f"{type(error).__name__}: {said}".split())[:160]


def outcome(function, case):
    """Call the function; return its result, or the verdict on what it did instead."""
    given, axis = inputs(case), case.get("axis")
    before, printed, ended = list(map(bits, given)), io.StringIO(), []
    keywords = {} if axis is None else {"axis": axis}
    if axis is not None and not takes_axis(function):
        if axis not in (-1, np.ndim(given[0]) - 1):
            return Verdict("refuses", "takes no axis", "give it the argument axis=-1")
        keywords = {}

    def run():
        try:
            with np.errstate(all="ignore"):
                ended.append(function(*given, **keywords))
        except BaseException as error:
            ended.append(Verdict("refuses", f"raises {told(error)}", case["regime"]))

    with warnings.catch_warnings(), redirect_stdout(printed):
        warnings.simplefilter("ignore")
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        thread.join(SECONDS)
    if not ended:
        return Verdict("wrong", f"has not returned within {SECONDS} s", "does a loop end?")
    if list(map(bits, given)) != before:
        advice = "X - … makes a new array, X -= … changes the one of the caller"
        return Verdict("wrong", "writes into its input", advice)
    if printed.getvalue():
        shown = repr(printed.getvalue()[:40])
        return Verdict("wrong", f"prints {shown}", "whoever calls it wants the result alone")
    return ended[0]


# --- the judgement ---


def judge(case, got):
    """Return the `Verdict` on a result, or on what was there instead of one."""
    right = case["right"]
    if isinstance(got, Verdict):
        honest = "error" in right or "or_error" in right
        return RIGHT if honest and got.kind == "refuses" else got
    if "error" in right:
        return Verdict("wrong", "returns a result where an error is right", case["regime"])
    if isinstance(got, np.ma.MaskedArray) or not isinstance(got, np.ndarray | np.generic | float):
        kind = type(got).__name__
        advice = "is a return missing?" if got is None else "return a NumPy array of floats"
        return Verdict("wrong", f"returns an object of type {kind}", advice)
    got, true = np.asarray(got), decode(right)
    if got.dtype.kind != "f":
        return Verdict("wrong", f"returns dtype {got.dtype}", "floating point is right")
    if got.shape != true.shape:
        what = f"returns shape {got.shape} where {true.shape} is right"
        return Verdict("wrong", what, shape_reason(case, got.shape, true.shape))
    if "keeps" in right and got.dtype.newbyteorder("=") != np.dtype(right["keeps"]):
        return Verdict(
            "wrong", f"returns {got.dtype} where {right['keeps']} is right", case["regime"]
        )
    bad = wrong_entries(case, got, true)
    if not bad.any():
        return RIGHT
    at = np.unravel_index(int(np.argmax(bad)), bad.shape)
    what = f"returns {float(got[at]):.6g} where {float(true[at]):.6g} is right"
    if f"{float(got[at]):.6g}" == f"{float(true[at]):.6g}":
        error = abs(float(got[at]) / float(true[at]) - 1)
        what = f"returns {float(got[at]):.6g} with a relative error of {error:.1g}"
    reasons = value_reasons(case, got, true, bad)
    return Verdict("wrong", what, reasons[0], reasons)


def wrong_entries(case, got, true):
    """Return where a result is farther off than the tolerance; both may be below normal numbers."""
    limit = case["tolerance"]
    info = max((np.finfo(limit["of"]), np.finfo(got.dtype)), key=lambda info: info.eps)
    got = got.astype(np.result_type(got.dtype, float))
    with np.errstate(all="ignore"):
        unit = np.maximum(np.abs(true), float.fromhex(limit.get("floor", "0x0p+0")))
        eps = 2 if info.bits == 16 else limit["eps"]
        near = np.abs(got - true) <= np.maximum(eps * float(info.eps) * unit, float(info.tiny))
    return ~(near & np.isfinite(true) | (got == true) | (np.isnan(got) & np.isnan(true)))


def shape_reason(case, got, true):
    if "gradient" in case["function"]:
        return "there is a derivative for each logit"
    if case["function"].startswith("cross"):
        return "one loss for each row, neither their mean nor their sum"
    if case["function"] == "logsumexp" and len(got) > len(true):
        return "the axis of the sum does not stay: keepdims=True is for what goes on"
    return case["regime"]


def value_reasons(case, got, true, bad):
    """Return the mistakes that give the same wrong result, or else what the case guards."""
    found = suspected(case, got, true)
    if not found and np.isfinite([got[bad], true[bad]]).all():
        if case["function"] in ("softmax", "masked_softmax"):
            found = spoilt_shares(case, got.astype(float), true, bad)
        found = found or lost_digits(got[bad], true[bad])
    return found or (case["regime"],)


def spoilt_shares(case, got, true, bad):
    """Return whether a sum seems spoilt, or a constant added, or a bound set to the shares."""
    sums = got.sum(case.get("axis", -1) if got.ndim else None, keepdims=True)
    if (sums > 0).all() and not wrong_entries(case, got / sums, true).any():
        return ("the shares do not sum to 1: what we divide by is not the sum of the terms",)
    added, least = got - true, got[bad].flat[0]
    if added.min() > 0 and np.ptp(added) < 1e-3 * added.max() < 1e-5:
        return (f"{added.max():.0e} seems to be added to each share",)
    if np.ptp(got[bad]) == 0 and 0 < least < 1e-3 and (true[bad] < least).all():
        return (f"shares seem to be cut off at {least:.0e}: what is smaller is lost",)
    return ()


def lost_digits(got, true):
    """Return whether the error is that of a smaller type, or of many steps in 16 bits."""
    with np.errstate(all="ignore"):
        error = np.abs(got.astype(float) / true - 1).max()
    if got.dtype == np.float16 and error < 2e-2:
        return ("every step is rounded to float16: compute in float32, and round once",)
    for smaller, low, high in (("float32", 1e-9, 1e-5), ("float16", 1e-5, 1e-2)):
        if low < error < high and smaller != got.dtype.name:
            return (f"only the digits of {smaller} are right: compute in the type that came in",)
    return ()


# --- which mistake it is ---


def mistakes(case, true, only=None):
    """Yield (what is wrong, its result, whether the result is wrong here) for known mistakes."""
    arrays = list(map(np.asarray, inputs(case)))
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for words, wrong in suspects(case["function"], arrays, case.get("axis", -1)):
            if only is None or words in only:
                try:
                    same = np.asarray(wrong()).reshape(true.shape)
                except (TypeError, ValueError):
                    continue
                yield words, same, wrong_entries(case, same, true).any()


def suspected(case, got, true):
    """Return, each once, the mistakes that give this wrong result."""
    near = 1e-2 if got.dtype == np.float16 else 1e-4 if got.dtype == np.float32 else 1e-9
    found = [
        words
        for words, result, bad in mistakes(case, true)
        if bad and np.allclose(result, got, near, 0, equal_nan=True)
    ]
    return tuple(dict.fromkeys(found))


def spoilt(found, rivals):
    """Return how many of the cases that are right each of these mistakes would have spoilt."""
    against = Counter()
    for key in [key for key, value in found.items() if rivals and value == RIGHT]:
        case, lost = load()[key], {}
        if "shape" in case["right"]:
            for words, _, bad in mistakes(case, decode(case["right"]), rivals):
                lost[words] = lost.get(words, True) and bad
        against.update(words for words, bad in lost.items() if bad)
    return against


def likeliest(found):
    """Return the verdicts with the mistake that explains most, where several give the result.

    A mistake gains by each wrong case that it explains and no better one has explained, and loses
    by each right case that it would have spoilt.
    """
    pending = {key: value.reasons for key, value in found.items() if value.reasons}
    rivals = {words for reasons in pending.values() if len(reasons) > 1 for words in reasons}
    against, chosen = spoilt(found, rivals), {}
    while pending:
        fits = Counter(words for reasons in pending.values() for words in reasons)
        score = {words: count - against[words] for words, count in fits.items()}
        best = max(score, key=score.get)
        for key in [key for key, reasons in pending.items() if best in reasons]:
            del pending[key]
            chosen[key] = best
    return {key: value._replace(why=chosen.get(key, value.why)) for key, value in found.items()}


# --- all cases of a function ---


def check_function(function):
    if not callable(function):
        raise TypeError(f"function must be callable on NumPy arrays, got {function!r}")


def verdict(function, key):
    """Return "right", or what is wrong, for the case with the id `key`."""
    check_function(function)
    if key not in load():
        raise ValueError(f"key must be the id of a case, one of ids(name), got {key!r}")
    return str(judge(load()[key], outcome(function, load()[key])))


def progress(done, total, start):
    """Draw a bar on the error stream, once it has taken a second; take it away at the end."""
    step = done % max(1, total // 30) == 0 or done == total
    if sys.stderr is None or not step or time.monotonic() - start < 1:
        return
    bar = "#" * (30 * done // total)
    end = "\r" + " " * 60 + "\r" if done == total else ""
    sys.stderr.write(f"\r[{bar:30}] {done} of {total} cases{end}")
    sys.stderr.flush()


def all_verdicts(function, name):
    check_function(function)
    found, start, keys = {}, time.monotonic(), ids(name)
    lost = None
    for done, key in enumerate(keys, 1):
        case = load()[key]
        found[key] = lost or judge(case, outcome(function, case))
        if found[key].what.startswith("has not returned"):
            # It still runs, and would be beside all that follow.
            lost = Verdict("wrong", "not tried", "an earlier call has not returned")
        progress(done, len(keys), start)
    return likeliest(found)


def verdicts(function, name):
    """Return what each case of the contract says about a function.

    Parameters
    ----------
    function : callable
        Takes NumPy arrays and returns one of floats; see the module for its arguments.
    name : str
        What it should be: "softmax", "log_softmax", "logsumexp", "masked_softmax", "cross_entropy",
        "cross_entropy_gradient", "cross_entropy_of_rows" or "cross_entropy_of_rows_gradient".

    Returns
    -------
    dict of str to str
        By the id of the case: "right", or what is wrong and why. An error, where a result is right,
        begins with "raises" or "takes": such a function fails, but misleads nobody.

    Raises
    ------
    TypeError, ValueError
        If `function` is not callable, or `name` is not one of those. What the function itself
        raises, prints or changes becomes a verdict.
    """
    return {key: str(value) for key, value in all_verdicts(function, name).items()}


class Report:
    """A table of verdicts, made when it is first shown: text in a terminal, or Markdown."""

    def __init__(self, function, name):
        check_function(function)
        self.function, self.name, self.total = function, name, len(ids(name))

    @functools.cached_property
    def found(self):
        return all_verdicts(self.function, self.name)

    def count(self, kind):
        return sum(value.kind == kind for value in self.found.values())

    def rows(self):
        """Return (how many, first case, its verdict) for each reason, the most frequent first."""
        groups = {}
        for key, value in self.found.items():
            if value.kind != "right":
                groups.setdefault((value.kind, value.why), []).append(key)
        most = sorted(groups.values(), key=len, reverse=True)
        return [(len(keys), load()[keys[0]], self.found[keys[0]]) for keys in most]

    def headline(self):
        right = self.count("right")
        if right == self.total:
            return f"{self.name}: right in all {right} cases."
        head = f"{self.name}: right in {right} of {self.total} cases"
        return f"{head}, {self.count('wrong')} wrong, {self.count('refuses')} refused."

    def __str__(self):
        lines = [self.headline()]
        for count, case, value in self.rows():
            lines.append(f"\n{count} × {value.why}")
            lines.append(f"    {case['id']}: {value.what}")
            lines.append(f"    read {case['explained']}")
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_markdown_(self):
        lines = [
            self.headline(),
            "",
            "| cases | why | for example | your function | read |",
            "|---|---|---|---|---|",
        ]
        for count, case, value in self.rows():
            file, _, heading = case["explained"].partition("#")
            link = f"[{file[:2]} · {heading.replace('-', ' ')}]({case['explained']})"
            shown = case["id"].partition(": ")[2]
            cells = [str(count), value.why, shown, value.what]
            cells = [cell.replace("|", r"\|").replace("*", r"\*") for cell in cells]
            lines.append(f"| {' | '.join(cells)} | {link} |")
        return "\n".join(lines if self.rows() else lines[:1])


def report(function, name):
    """Return a table of what is right and what is wrong, why, and where to read about it.

    It takes what `verdicts` takes; for a placeholder, `...`, there is nothing to report.
    """
    return None if function is ... else Report(function, name)


def named(text):
    """Return the function that `module:function` names; raise ValueError with what is missing."""
    module, colon, path = text.partition(":")
    if not colon or not module or not path:
        raise ValueError(f"function must be written as module:function, got {text!r}")
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        raise ValueError(f"module {module!r} cannot be imported: {error}") from None
    for part in path.split("."):
        if not hasattr(found, part):
            raise ValueError(f"{module!r} has no {path!r}")
        found = getattr(found, part)
    return found


def main(arguments=None):
    parser = argparse.ArgumentParser("python -m lesson.contract", description="Try a function.")
    parser.add_argument("function", help="module:function, for instance lesson.taught:softmax")
    parser.add_argument("name", help=", ".join(ARGUMENTS))
    chosen = parser.parse_args(arguments)
    try:
        result = report(named(chosen.function), chosen.name)
    except (TypeError, ValueError) as error:
        parser.error(str(error))
    print(result)
    return int(result.count("right") < result.total)


if __name__ == "__main__":
    sys.exit(main())
