"""Checks of notebook 03, Naive softmax, and how it breaks."""

import numpy as np

from lesson.checks import compare, compare_words, exercise, expect, expect_each

SQUARE = np.array([[0.0, 1.0, 2.0], [2.0, 0.0, 1.0], [1.0, 3.0, 0.0]])
WIDE = np.array([[2.0, 3.25, 4.5, -0.5], [3.0, 5.0, 7.75, 1.0]])
LOG_MAX = {dtype: float(np.log(np.finfo(dtype).max)) for dtype in (np.float32, np.float64)}


def softmax(X, axis=-1):
    exp = np.exp(X - X.max(axis=axis, keepdims=True))
    return exp / exp.sum(axis=axis, keepdims=True)


def log_softmax(X):
    gaps = X - X.max(axis=-1, keepdims=True)
    return gaps - np.log(np.exp(gaps).sum(axis=-1, keepdims=True))


def row_sums(result):
    """Return what is wrong with rows that should be the softmax of those of SQUARE."""
    excess = result.sum(axis=1) - 1
    row = np.abs(excess).argmax()
    if not abs(excess[row]) < 0.01:
        return f"The rows sum to {np.round(result.sum(axis=1), 3)}, not to 1."
    if abs(excess[row]) > 1e-13:
        sums = f"Row {row + 1} sums to 1 {'+-'[int(excess[row] < 0)]} {abs(excess[row]):.1e}"
        return f"{sums}: is a small constant added to the sum, or is something rounded?"
    row = np.abs(result - softmax(SQUARE)).sum(axis=1).argmax()
    return f"Row {row + 1}, of {SQUARE[row]}, should be {softmax(SQUARE)[row].round(4)}."


def expect_row_softmax(function):
    """Refuse what is not the softmax of each row, for numbers that do not overflow."""
    X = SQUARE
    exp, top, columns = np.exp(X), X.max(axis=1, keepdims=True), np.exp(X - X.max(axis=1))
    shifted, other_way = np.exp(X - top), np.exp(X - X.max(axis=0))
    row = "shape (3,), and are broadcast along the rows: use keepdims=True."
    axis_0 = "The maximum is taken along axis=0, so that the shifts differ within a row."
    along_0 = "The columns sum to 1. Sum along axis=1: samples are rows."
    wrong = [
        ("These are the exponentials. Divide each row by its sum.", exp, shifted),
        (f"The sums have {row}", exp / exp.sum(axis=1), shifted / shifted.sum(axis=1)),
        (f"The maxima have {row}", columns / columns.sum(axis=1, keepdims=True)),
        (f"The maxima and the sums have {row}", columns / columns.sum(axis=1)),
        (along_0, softmax(X, axis=0), shifted / shifted.sum(axis=0)),
        ("The whole array sums to 1. Each row needs a sum of its own.", exp / exp.sum()),
        ("The exponential is missing.", X / X.sum(axis=1, keepdims=True)),
        (axis_0, other_way / other_way.sum(axis=1, keepdims=True)),
        ("These are log-probabilities. The probabilities are asked for.", log_softmax(X)),
    ]
    expect(function, {"X": X}, softmax(X), wrong, row_sums)
    wide = "It is right for three rows of three, and wrong for X of shape (2, 4)."
    expect_each(function, softmax, [({"X": WIDE}, wide)])


@exercise("A function of X")
def check_row_softmax(function):
    expect_row_softmax(function)
    low = np.array([[-30.0, -31.0, -29.0]])
    small = f"For {low[0]} it is wrong: is something added to the sum, which is small there?"
    expect_each(function, softmax, [({"X": low}, small)])
    return "Each row is divided by its own sum, which keepdims holds in a column."


@exercise("A dictionary of words")
def check_outcomes(answer):
    right = {
        (800, 0): ("nan", "e^800 overflows, and its quotient is inf/inf"),
        (-800, 0): ("right", "e^-800 is 0, but the other exponential is 1: the sum is not 0"),
        (-800, -800): ("nan", "both exponentials are 0, and so is their sum: 0/0"),
        (709.6, 709.6): ("zeros", "each exponential is finite, their sum is not"),
        (700, 700): ("right", "two times e^700 is still within the range of float64"),
    }
    compare_words(answer, right, keep="the five rows")
    return "You can tell all three failures from an input that only looks dangerous."


@exercise("A whole number")
def check_smallest(answer):
    one, two, three = [LOG_MAX[np.float32] - np.log(n) for n in (1, 2, 3)]
    wrong = [
        ("This is the limit. Which whole number comes next?", three),
        ("This is the limit for two equal logits. How many are added up here?", two),
        ("This is the limit for one exponential. How many are added up here?", one),
        ("At 89 each exponential overflows. Three of them overflow together earlier.", 89),
        ("3 e^87 still is a finite float32.", 87),
        ("This is about the limit of float64. The question is about float32.", 709, 710),
        ("This is about the limit of float16. The question is about float32.", 10, 11),
        ("The sum is 3 e^c, not e^(3 c).", 30),
        ("At -104 the exponential underflows; overflow comes earlier.", 104),
        ("2^128 overflows. The base of the exponential is e.", 128),
    ]
    otherwise = "{answer} is not it. For which c does 3 e^c exceed the largest float32?"
    compare(answer, 88, wrong, otherwise, near=0.02)
    return f"e^88 is finite and 3 e^88 is not: the limit is {three:.2f}."


@exercise("A single number")
def check_many_classes(answer):
    log_max, log_n = LOG_MAX[np.float64], np.log(1000)
    own = "Your own product has overflowed: 1000 times the largest float64 is infinite. "
    wrong = [
        ("This is the limit for one exponential; a thousand are added up.", log_max),
        ("This is the limit for two classes.", log_max - np.log(2)),
        ("The sum is 1000 times e^c, not e^(1000 c).", log_max / 1000),
        ("The logarithm of 1000 is 3 to the base 10; exp has base e.", log_max - 3),
        ("Subtract the logarithm of 1000, not 1000.", log_max - 1000),
        ("More classes overflow earlier, not later.", log_max + log_n),
        (f"{own} Take the two logarithms one by one.", np.inf),
    ]
    otherwise = "{answer} is not it. Solve 1000 e^c = max for c."
    compare(answer, log_max - log_n, wrong, otherwise, decimals=2)
    return "Every class more lowers the limit a little: by log(n) for n classes."
