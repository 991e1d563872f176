"""Checks of notebook 03, Naive softmax, and how it breaks."""

import numpy as np

from lesson.checks import NotYet, as_number, call, compare, exercise, short


def textbook_softmax(X):
    exp = np.exp(X - X.max(axis=1, keepdims=True))
    return exp / exp.sum(axis=1, keepdims=True)


def textbook_sums(X):
    return np.exp(X - X.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)


def rows_of(function, X, given):
    """Return function(X) as an array of X's shape, called on a copy that must stay as it is."""
    given_away = X.copy()
    with np.errstate(all="ignore"):
        result = np.asarray(call(function, given_away, given=given))
    if not np.array_equal(given_away, X, equal_nan=True):
        raise NotYet("Your function changes the array that it is given: X -= ... writes into it.")
    if result.shape != X.shape:
        raise NotYet(f"With {given}, the result has shape {result.shape}; it should be {X.shape}.")
    return result


SQUARE = np.array([[0.0, 1.0, 2.0], [2.0, 0.0, 1.0], [1.0, 3.0, 0.0]])
WIDE = np.array([[2.0, 3.25, 4.5, -0.5], [3.0, 5.0, 7.75, 1.0]])


def check_rows_are_softmax(function, X=SQUARE):
    """Refuse what is not the softmax of each row of X, a square batch without large numbers."""
    exp, right = np.exp(X), textbook_softmax(X)
    shifted = np.exp(X - X.max(axis=1, keepdims=True))
    result = rows_of(function, X, given="X of shape (3, 3)")
    for wrong, message in [
        (exp, "These are the exponentials. Divide each row by its sum."),
        (
            exp / exp.sum(axis=1),
            "The sums have shape (3,), and are broadcast along the rows: use keepdims=True.",
        ),
        (
            np.exp(X - X.max(axis=1)) / np.exp(X - X.max(axis=1)).sum(axis=1, keepdims=True),
            "The maxima have shape (3,), and are broadcast along the rows: use keepdims=True.",
        ),
        (
            shifted / shifted.sum(axis=1),
            "The sums have shape (3,), and are broadcast along the rows: use keepdims=True.",
        ),
        (exp / exp.sum(axis=0), "The columns sum to 1. Sum along axis=1: samples are rows."),
        (
            shifted / shifted.sum(axis=0),
            "The columns sum to 1. Sum along axis=1: samples are rows.",
        ),
        (exp / exp.sum(), "The whole array sums to 1. Each row needs a sum of its own."),
        (X / X.sum(axis=1, keepdims=True), "The exponential is missing."),
        (
            np.exp(X - X.max(axis=0)) / np.exp(X - X.max(axis=0)).sum(axis=1, keepdims=True),
            "The maximum is taken along axis=0, so that the shifts differ within a row.",
        ),
        (np.log(right), "These are log-probabilities. The probabilities are asked for."),
    ]:
        if np.allclose(result, wrong):
            raise NotYet(message)
    if not np.allclose(result.sum(axis=1), 1):
        raise NotYet(f"The rows sum to {np.round(result.sum(axis=1), 3)}, not to 1.")
    if not np.allclose(result, right):
        raise NotYet(f"The first row of {X[0]} should be {np.round(right[0], 4)}.")
    wide = rows_of(function, WIDE, given="X of shape (2, 4)")
    if not np.allclose(wide, textbook_softmax(WIDE)):
        raise NotYet("It is right for three rows of three, and wrong for X of shape (2, 4).")


@exercise
def check_row_softmax(function):
    check_rows_are_softmax(function)
    return "Each row is divided by its own sum, which keepdims holds in a column."


@exercise
def check_outcomes(answer):
    right = {
        (800, 0): ("nan", "e^800 overflows, and its quotient is inf/inf."),
        (-800, 0): ("right", "e^-800 is 0, but the other exponential is 1: the sum is not 0."),
        (-800, -800): ("nan", "both exponentials are 0, and so is their sum: 0/0."),
        (709.6, 709.6): ("zeros", "each exponential is finite, their sum is not."),
        (700, 700): ("right", "two times e^700 is still within the range of float64."),
    }
    if not isinstance(answer, dict) or set(answer) != set(right):
        raise NotYet("Keep the five rows as they are, and replace each ... by a word.")
    for row, (word, reason) in right.items():
        if answer[row] not in ("right", "nan", "zeros"):
            raise NotYet(f'{row}: "right", "nan" or "zeros" is expected, not {short(answer[row])}.')
        if answer[row] != word:
            raise NotYet(f'{row} is not "{answer[row]}": {reason}')
    return "You can tell all three failures from an input that only looks dangerous."


@exercise
def check_smallest(answer):
    log_max = float(np.log(np.finfo(np.float32).max))
    if 87.5 < as_number(answer) < 89 and as_number(answer) != 88:
        raise NotYet("This is the limit. Which whole number comes next?")
    compare(
        answer,
        right=88,
        wrong=[
            (89, "At 89 each exponential overflows. Three of them overflow together earlier."),
            (87, "3 e^87 still is a finite float32."),
            (709, "This is about the limit of float64. The question is about float32."),
            (710, "This is about the limit of float64. The question is about float32."),
            (11, "This is about the limit of float16. The question is about float32."),
            (30, "The sum is 3 e^c, not e^(3 c)."),
            (104, "At -104 the exponential underflows; overflow comes earlier."),
            (128, "2^128 overflows. The base of the exponential is e."),
        ],
        otherwise="{answer} is not it. For which c does 3 e^c exceed the largest float32?",
    )
    return f"e^88 is finite and 3 e^88 is not: the limit is {log_max - np.log(3):.2f}."


@exercise
def check_many_classes(answer):
    log_max = np.log(np.finfo(np.float64).max)
    limit = log_max - np.log(1000)
    near = abs(as_number(answer) - limit) <= 0.006
    compare(
        limit if near else round(as_number(answer), 2),
        right=limit,
        wrong=[
            (round(log_max, 2), "This is the limit for one exponential; a thousand are added up."),
            (round(log_max - np.log(2), 2), "This is the limit for two classes."),
            (round(log_max / 1000, 2), "The sum is 1000 times e^c, not e^(1000 c)."),
            (round(log_max - 3, 2), "The logarithm of 1000 is 3 to the base 10; exp has base e."),
            (round(log_max - 1000, 2), "Subtract the logarithm of 1000, not 1000."),
            (round(log_max + np.log(1000), 2), "More classes overflow earlier, not later."),
        ],
        otherwise="{answer} is not it. Solve 1000 e^c = max for c.",
    )
    return "Every class more lowers the limit a little: by log(n) for n classes."
