"""The judge: what the checks of all exercises share. The checks of a notebook lie beside it.

A check prints one line and returns nothing; an answer that is still `...` is not judged. Its
`__wrapped__` returns the praise, or raises NotYet. Nothing that a student can write makes a check
stop, and no check trusts a variable that a student can change.
"""

import re
import warnings
from copy import deepcopy
from functools import wraps

import numpy as np

NOT_NUMBERS = (bool, np.bool_, str, bytes, complex, np.complexfloating, type(np.ma.masked))


class NotYet(Exception):
    """What is wrong with an answer, said so that the student can act on it."""


class NotAttempted(NotYet):
    """The answer is still the placeholder."""


class Stopped(NotYet):
    """The student's function raises."""


def exercise(expected):
    """Make a check of a function that returns praise or raises NotYet.

    `expected` names the kind of answer, for those that cannot be read at all.
    """

    def decorate(check):
        @wraps(check)
        def verdict(answer, *data):
            try:
                with warnings.catch_warnings(), np.errstate(all="ignore"):
                    warnings.simplefilter("ignore")
                    refuse_placeholder(answer)
                    return check(answer, *data)
            except (NotYet, KeyboardInterrupt):
                raise
            except BaseException as error:
                why = f"{short(answer)} cannot be read as one: {told(error)}"
                raise NotYet(f"{expected} is expected. {why}") from error

        @wraps(verdict)
        def judge(answer, *data):
            try:
                print(f"✓ Right. {one_line(verdict(answer, *data))}")
            except NotAttempted:
                print("Not attempted yet: replace the ... and run the cell again.")
            except NotYet as message:
                print(f"✗ Not yet. {one_line(message)}")

        return judge

    return decorate


# --- what an answer is, in words ---


def one_line(text):
    return " ".join(str(text).encode(errors="replace").decode().split())


def shown(show, thing, limit):
    """Return show(thing) on one line; its type if it cannot be shown."""
    try:
        text = re.sub(" at 0x[0-9A-Fa-f]+", "", one_line(show(thing)))
    except KeyboardInterrupt:
        raise
    except BaseException:
        return f"an object of type {type(thing).__name__}"
    return text if len(text) <= limit else f"{text[: limit - 4]} ..."


def short(answer):
    """Return `answer` as a student would recognise it."""
    return shown(repr, answer, 60)


def told(error):
    """Return what an error says, in plain words where NumPy's are hard to read."""
    text = f"{type(error).__name__}: {shown(str, error, 160)}"
    sizes = re.search(r"size (\d+) is different from (\d+)", text)
    plain = "ValueError: the inner sizes of a product must agree, not {} and {}"
    return plain.format(*sizes.groups()) if sizes else text


def name_of(function):
    name = getattr(function, "__name__", None)
    return name if isinstance(name, str) and name.isidentifier() else "your function"


def described(arguments):
    """Return what a function is given, by name: small things in full, arrays by their shape."""

    def one(name, value):
        if isinstance(value, list) and isinstance(value[0], tuple):
            return f"{len(value)} pairs in {name}"
        if np.size(value) > 4 or np.ndim(value) > 2:
            return f"{name} of shape {np.shape(value)}"
        return f"{name} = {short(np.array(value).tolist())}"

    *first, last = [one(name, value) for name, value in arguments.items()]
    return f"{', '.join(first)} and {last}" if first else last


def _placeholder(): ...


def _placeholder_with_docstring():
    """Do nothing."""


PLACEHOLDERS = {f.__code__.co_code for f in (_placeholder, _placeholder_with_docstring)}


def is_placeholder(answer):
    code = getattr(answer, "__code__", None)
    if code is None or code.co_name == "<lambda>":
        return answer is ...
    return code.co_code in PLACEHOLDERS and set(code.co_consts) <= {None, answer.__doc__}


def refuse_placeholder(answer):
    entries = answer.values() if isinstance(answer, dict) else [answer]
    if any(is_placeholder(entry) for entry in entries):
        raise NotAttempted("The placeholder is still there.")


# --- answers read, whatever form they have ---


def as_number(answer):
    """Return a real number of any kind, also in an array of size 1, as a float."""
    refused = NotYet(f"A single number is expected, not {short(answer)}.")
    if isinstance(answer, np.ndarray) and answer.size == 1 and not np.ma.is_masked(answer):
        answer = answer.item()
    if isinstance(answer, NOT_NUMBERS) or not hasattr(type(answer), "__float__"):
        raise refused
    try:
        return float(answer)
    except (TypeError, ValueError):
        raise refused from None


def as_array(answer, what):
    """Return real numbers in nested lists, tuples or an array, whatever their type, as an array."""
    refused = NotYet(f"{what} is {short(answer)}; one array of numbers is expected.")
    try:
        array = np.asarray(answer)
        if array.dtype == object:
            entries = [as_number(entry) for entry in array.ravel()]
            array = np.array(entries, dtype=float).reshape(array.shape)
    except (NotYet, TypeError, ValueError):
        raise refused from None
    if np.ma.is_masked(answer) or array.dtype.kind not in "fiu":
        raise refused
    return array


def same(a, b, rtol=1e-10, atol=1e-13):
    return np.shape(a) == np.shape(b) and np.allclose(a, b, rtol, atol, equal_nan=True)


def unchanged(before, after):
    if isinstance(before, np.ndarray):
        return isinstance(after, np.ndarray) and np.array_equal(before, after, equal_nan=True)
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(unchanged, before, after))
    return type(before) is type(after) and before == after


# --- the patterns of the checks ---

WRITES = (
    "Your function changes the array that it is given: {0} -= ... or {0}[...] = ... writes into it."
)


def call(function, arguments, changed=WRITES):
    """Return function(*copies of the arguments), a dict by name; refuse what writes into them."""
    if not callable(function):
        raise NotYet(f"A function is expected, not {short(function)}.")
    handed = deepcopy(arguments)
    try:
        result = function(*handed.values())
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        given = described(arguments)
        raise Stopped(f"With {given}, {name_of(function)} raises {told(error)}") from error
    for name, before in arguments.items():
        if not unchanged(before, handed[name]):
            raise NotYet(changed.format(name))
    if result is None:
        raise NotYet(f"{name_of(function)} returns None: end it with a return statement.")
    return result


def expect(function, arguments, right, wrong=(), otherwise="", broken="", **tolerances):
    """Accept a function whose result is `right`; explain the known `wrong` results.

    `wrong` lists (message, value, ...). `broken` is said of a result that is nan or infinite and
    should not be, `otherwise` of any other: a message, or a function that makes one of the result.
    """
    given = described(arguments)
    result = as_array(call(function, arguments), f"With {given}, the result")
    refuse_known(result, right, wrong, f"With {given}, the result", **tolerances)
    if same(result, right, **tolerances):
        return
    doubles = any(getattr(value, "dtype", None) == np.float64 for value in arguments.values())
    if doubles and result.dtype.kind == "f" and result.dtype.itemsize < 8:
        raise NotYet(f"float64 goes in and {result.dtype} comes out: half of the digits are lost.")
    if broken and not np.isfinite(result[np.isfinite(right)]).all():
        raise NotYet(broken)
    if callable(otherwise):
        raise NotYet(otherwise(result))
    if wrong and same(result, right, rtol=1e-2, atol=1e-3):
        few = "It is right to a few digits only: is a small constant added somewhere?"
        raise NotYet(f"{few} Or is something rounded?")
    raise NotYet(otherwise)


def refuse_known(result, right, wrong, what, **tolerances):
    """Explain the known `wrong` results, and shapes that are not that of `right`."""
    for message, *values in wrong:
        if any(same(result, value, **tolerances) for value in values):
            raise NotYet(message)
    if result.shape != right.shape:
        raise NotYet(f"{what} has shape {result.shape}; it should be {right.shape}.")


def expect_each(function, truth, cases, **tolerances):
    """Expect truth(*arguments) in each of `cases`, (arguments, otherwise, broken)."""
    for arguments, *messages in cases:
        right = truth(*arguments.values())
        expect(function, arguments, right, (), *messages, **tolerances)


def compare(answer, right, wrong, otherwise, rtol=1e-6, near=1e-9, decimals=None):
    """Accept the number `right`; explain the known `wrong` ones, (message, number, ...).

    Wrong numbers are known when they are as near as `near`. With `decimals`, a number that is
    right when rounded to them is right.
    """
    number, exact = as_number(answer), 1e-9
    if decimals is not None:
        near = exact = 0.6 * 10.0**-decimals
    if same(number, right, rtol, exact):
        return
    for message, *values in wrong:
        if any(same(number, value, rtol, near) for value in values):
            raise NotYet(message)
    if decimals is not None and same(number, right, rtol, 10 * near):
        raise NotYet(f"{number:g} is near. Give {decimals} decimals, and do not round on the way.")
    raise NotYet(otherwise.format(answer=f"{number:g}"))


def compare_words(answer, right, keep):
    """Accept a dict of words; `right` is {key: (word, reason)}, `keep` names its keys."""
    words = list(dict.fromkeys(word for word, _ in right.values()))
    if not isinstance(answer, dict) or set(answer) != set(right):
        raise NotYet(f"Keep {keep} as they are, and replace each ... by a word.")
    for key, (word, reason) in right.items():
        given = answer[key]
        if not isinstance(given, str) or given not in words:
            listed = '"{}", "{}" or "{}"'.format(*words)
            raise NotYet(f"{key}: {listed} is expected, in quotes, not {short(given)}.")
        if given != word:
            raise NotYet(f'{key} is not "{given}": {reason}.')
