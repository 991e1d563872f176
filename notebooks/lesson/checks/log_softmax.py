"""Checks of notebook 05, The logarithm of softmax."""

import numpy as np

from lesson.checks import NotYet, as_number, call, compare, exercise, expect, expect_each, same
from lesson.checks.naive_softmax import SQUARE, WIDE, log_softmax, softmax

FOR_WIDE = "It is right for X of shape (3, 3) and wrong for (2, 4)."


@exercise("A function of X")
def check_batch_logsumexp(function):
    X, top, exp = SQUARE, SQUARE.max(axis=1), np.exp(SQUARE)
    right, sums = np.log(exp.sum(axis=1)), np.exp(X - top[:, None]).sum(axis=1)
    column = "The result is a column of shape (m, 1): a vector of shape (m,) is asked."
    along = "The maxima have shape (3,), and are broadcast along the rows: X - c[:, None]."
    wrong = [
        (column, right[:, None]),
        ("The maximum must be added again at the end.", np.log(sums)),
        ("These are the sums. Their logarithms are asked for.", exp.sum(axis=1), sums),
        ("These are logarithms added up. The logarithm comes after the sum.", X.sum(axis=1)),
        ("These are the maxima. The other terms count, too.", top),
        ("Subtract the maximum before the exponential.", top + right),
        ("log1p adds a 1: leave the maximum's own term out.", top + np.log1p(sums)),
        (along, top + np.log(np.exp(X - top).sum(axis=1))),
        ("Sum along axis=1: samples are rows.", np.log(exp.sum(axis=0))),
        ("The whole array is summed. One number for each row is asked.", np.log(exp.sum())),
    ]

    def first(result):
        returns = f"For the row {X[0]} your function returns {result[0]:.4f}"
        return f"{returns}; log(e^0 + e^1 + e^2) is {right[0]:.4f}."

    def each(result):
        if np.isposinf(result).any():
            return "[1000, 1000] or [3000, 0] overflows: subtract the maximum of each row."
        beside = "[0, 0] beside [3000, 0] goes wrong"
        return f"{beside}: subtract the maximum of each row, not one number for all."

    apart = np.array([[1000.0, 1000.0], [3000.0, 0.0], [0.0, 3000.0], [0.0, 0.0]])
    low = "[-1000, -1000] underflows: the shift must be the maximum itself."
    cases = [({"X": WIDE}, FOR_WIDE), ({"X": apart}, each), ({"X": np.full((1, 2), -1000.0)}, low)]
    expect(function, {"X": X}, right, wrong, first)
    expect_each(function, lambda X: X.max(axis=1) - log_softmax(X).max(axis=1), cases)
    return "The sum lies between 1 and n, so that its logarithm is always an ordinary number."


@exercise("A function of X")
def check_row_log_softmax(function):
    X, exp = SQUARE, np.exp(SQUARE)
    gaps, right = X - X.max(axis=1, keepdims=True), log_softmax(X)
    sums = np.exp(gaps).sum(axis=1, keepdims=True)
    row, total = np.log(exp.sum(axis=1)), np.log(exp.sum())
    wrong = [
        ("These are probabilities. Their logarithms are asked for.", softmax(X)),
        ("The sign is turned round: logarithms of probabilities are at most 0.", -right),
        ("The logarithm of the sum is missing.", gaps),
        ("The sum must be that of the shifted exponentials.", gaps - row[:, None]),
        ("The sums are a row: use keepdims=True.", X - row, gaps - np.log(sums[:, 0])),
        ("log1p adds a 1: leave the maximum's own term out of the sum.", gaps - np.log1p(sums)),
        ("Sum along axis=1: samples are rows.", X - np.log(exp.sum(axis=0))),
        ("Each row needs a sum of its own.", X - total),
    ]
    expect(function, {"X": X}, right, wrong, "The exponentials of your rows do not sum to 1.")

    def article(result):
        return f"The article's logits give {result[0].round(2)}, not -10100, -1120, 0, ..."

    detour = "The article's logits give -inf: do not take the logarithm of a probability."
    first = "subtract the maximum of each row first."
    large = f"Logits of 1000 go wrong: {first}", f"Logits of 1000 overflow: {first}"
    mixed = "A row near 0 beside a row near 1000 is wrong: one maximum for each row."
    offset = (
        "An offset of 1e15 changes the result: subtract the maximum from X first, and the "
        "logarithm afterwards, instead of their sum."
    )
    cases = [
        (WIDE, FOR_WIDE),
        ([[-10000.0, -1020.0, 100.0, -70220.0]], article, detour),
        ([[1000.0, 1000.0]], *large),
        ([[0.0, 1.0, 2.0], [1000.0, 1001.0, 1002.0]], mixed),
        (X + 1e15, offset),
    ]
    expect_each(function, log_softmax, [({"X": np.array(X)}, *told) for X, *told in cases])
    return "No probability on the way, and the brackets in the right place."


@exercise("A single number")
def check_cap(answer):
    right = 12 * np.log(10)
    wrong = [
        ("This is the cap of 1e-7. The constant here is 1e-12.", 7 * np.log(10)),
        ("The logarithm to the base 10 is 12; the loss takes the natural one.", 12),
        ("The loss is minus the logarithm.", -right),
        ("p + 1e-12 is never 0, so that the loss stays finite.", np.inf),
        ("Softmax can return exactly 0, and 1e-12 is added to it.", 745.13),
        ("This is 1 divided by the constant. Take the logarithm of it.", 1e12),
    ]
    compare(answer, right, wrong, "{answer} is not it. Put p = 0 into the formula.", decimals=2)
    return "The true loss exceeds 27.63 as soon as the right class trails by 28."


# log_p and log(1 - p), to all digits.
WINNERS = [(-4.248354255291589e-18, -40.0), (-1e-20, -46.051701859880914), (-1e-300, -690.77552789)]
LOSERS = [(-1.0, -0.4586751453870819), (-20.0, -2.061153624562735e-09), (-40.0, -4.24835425529e-18)]


@exercise("A function of log_p")
def check_log_loser(function):
    def at(log_p):
        return as_number(call(function, {"log_p": np.float64(log_p)}))

    wrong = [
        ("This is 1 - p. Its logarithm is asked for.", 0.25),
        ("This is log(1 - log p): the exponential is missing.", np.log1p(-np.log(0.75))),
        ("This is -log p, the loss of the winner.", -np.log(0.75)),
        ("This is log(1 + p): mind the sign.", np.log(1.75)),
        ("For p = 0.75 it returns nan: mind the sign inside the logarithm.", np.nan),
    ]
    otherwise = "For p = 0.75 your function returns {answer}; log(0.25) is -1.3863."
    compare(at(np.log(0.75)), np.log(0.25), wrong, otherwise, rtol=1e-9)
    for log_p, right in WINNERS:
        if not same(at(log_p), right, rtol=1e-9):
            far = f"For the logits 0 and {right:.4g} the answer is {right:.4g}"
            raise NotYet(f"{far}. On the way you form p, which is rounded to 1: use expm1.")
    for log_p, right in LOSERS:
        if not same(rest := at(log_p), right, rtol=1e-9, atol=0):
            raise NotYet(
                f"For log_p = {log_p:g} it returns {rest:.11g}, and log(1 - p) is {right:.11g}. "
                "Where p is small, 1 - p is rounded: there, log1p(-np.exp(log_p)) keeps the digits."
            )
    return (
        "expm1 keeps the digits that 1 - p loses where p is near 1, and log1p those where p is "
        "small: they meet at log 2."
    )
