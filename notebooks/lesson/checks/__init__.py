"""Checks of the exercises: each says at once what is right, or what to look at next.

A check prints one message and returns nothing. An answer that is still `...` is not judged.
"""

from functools import wraps
from numbers import Real

import numpy as np


class NotYet(Exception):
    """What is wrong with an answer, said so that the student can act on it."""


class NotAttempted(Exception):
    """The answer is still the placeholder."""


def exercise(check):
    """Turn `check`, which returns praise or raises NotYet, into one that prints its verdict."""

    @wraps(check)
    def judge(answer, *data):
        try:
            refuse_placeholder(answer)
            print(f"Right. {check(answer, *data)}")
        except NotAttempted:
            print("Not attempted yet: replace the ... and run the cell again.")
        except NotYet as message:
            print(f"Not yet. {message}")

    return judge


def _placeholder(): ...


def _placeholder_with_docstring():
    """Do nothing."""


PLACEHOLDERS = {f.__code__.co_code for f in (_placeholder, _placeholder_with_docstring)}


def is_placeholder(answer):
    code = getattr(answer, "__code__", None)
    if code is None:
        return answer is ...
    return code.co_code in PLACEHOLDERS and set(code.co_consts) <= {None, answer.__doc__}


def refuse_placeholder(answer):
    entries = answer.values() if isinstance(answer, dict) else [answer]
    if any(is_placeholder(entry) for entry in entries):
        raise NotAttempted


def short(answer):
    """Return `answer` as a student would recognise it, on one line."""
    text = " ".join(repr(answer).split())
    return text if len(text) <= 60 else f"{text[:56]} ..."


def call(function, *arguments, given):
    """Return function(*arguments); `given` describes the arguments in the messages."""
    if not callable(function):
        raise NotYet(f"A function is expected, not {short(function)}.")
    try:
        result = function(*arguments)
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise NotYet(f"With {given}, {function.__name__} raises {what}") from error
    if result is None:
        raise NotYet(f"{function.__name__} returns None: end it with a return statement.")
    return result


def as_number(answer):
    if isinstance(answer, np.ndarray) and answer.size == 1:
        answer = answer.item()
    if not isinstance(answer, Real) or isinstance(answer, bool):
        raise NotYet(f"A single number is expected, not {short(answer)}.")
    return float(answer)


def compare(answer, right, wrong, otherwise):
    """Accept `right`; explain the known `wrong` values, a list of (value, message)."""
    number = as_number(answer)
    if np.isclose(number, right, rtol=1e-6, atol=1e-9):
        return
    for value, message in wrong:
        if np.isclose(number, value, rtol=1e-6, atol=1e-9):
            raise NotYet(message)
    raise NotYet(otherwise.format(answer=f"{number:g}"))
