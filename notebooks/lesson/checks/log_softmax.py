"""Checks of notebook 05, The logarithm of softmax."""

import numpy as np

from lesson.checks import NotYet, as_number, call, compare, exercise
from lesson.checks.naive_softmax import SQUARE, rows_of, textbook_softmax, textbook_sums


@exercise
def check_batch_logsumexp(function):
    def of(X, given):
        given_away = X.copy()
        with np.errstate(all="ignore"):
            result = np.asarray(call(function, given_away, given=given))
        if not np.array_equal(given_away, X):
            raise NotYet("Your function changes the array that it is given.")
        if result.shape == (len(X), 1):
            raise NotYet("The result is a column of shape (m, 1): a vector of shape (m,) is asked.")
        if result.shape != (len(X),):
            raise NotYet(f"The result has shape {result.shape}; one number for each row is asked.")
        return result

    X = SQUARE
    top, exp = X.max(axis=1), np.exp(X)
    shifted = np.exp(X - top[:, None])
    result = of(X, "X of shape (3, 3)")
    for wrong, message in [
        (np.log(shifted.sum(axis=1)), "The maximum must be added again at the end."),
        (exp.sum(axis=1), "These are the sums. Their logarithms are asked for."),
        (X.sum(axis=1), "These are logarithms added up. The logarithm comes after the sum."),
        (top, "These are the maxima. The other terms count, too."),
        (top + np.log(exp.sum(axis=1)), "Subtract the maximum before the exponential."),
        (top + np.log1p(shifted.sum(axis=1)), "log1p adds a 1: leave the maximum's own term out."),
        (
            top + np.log(np.exp(X - top).sum(axis=1)),
            "The maxima have shape (3,), and are broadcast along the rows: X - c[:, None].",
        ),
        (np.log(exp.sum(axis=0)), "Sum along axis=1: samples are rows."),
    ]:
        if np.allclose(result, wrong):
            raise NotYet(message)
    if not np.allclose(result, top + np.log(shifted.sum(axis=1))):
        raise NotYet(
            f"For the row {X[0]} your function returns {result[0]:.4f}; "
            f"log(e^0 + e^1 + e^2) is 2.4076."
        )
    large = np.array([[1000.0, 1000.0], [3000.0, 0.0], [0.0, 3000.0], [0.0, 0.0]])
    if not np.allclose(of(large, "logits of 1000"), [1000 + np.log(2), 3000, 3000, np.log(2)]):
        raise NotYet("[1000, 1000] or [3000, 0] overflows: subtract the maximum of each row.")
    if not np.allclose(of(-large[:1], "logits of -1000"), -1000 + np.log(2)):
        raise NotYet("[-1000, -1000] underflows: the shift must be the maximum itself.")
    return "The sum lies between 1 and n, so that its logarithm is always an ordinary number."


@exercise
def check_row_log_softmax(function):
    X = SQUARE
    right = np.log(textbook_softmax(X))
    result = rows_of(function, X, given="X of shape (3, 3)")
    for wrong, message in [
        (textbook_softmax(X), "These are probabilities. Their logarithms are asked for."),
        (-right, "The sign is turned round: logarithms of probabilities are at most 0."),
        (X - X.max(axis=1, keepdims=True), "The logarithm of the sum is missing."),
        (
            X - X.max(axis=1, keepdims=True) - np.log(np.exp(X).sum(axis=1, keepdims=True)),
            "The sum must be that of the shifted exponentials.",
        ),
        (X - np.log(np.exp(X).sum(axis=1)), "The sums are a row: use keepdims=True."),
        (
            X - X.max(axis=1, keepdims=True) - np.log(textbook_sums(X)[:, 0]),
            "The sums are a row: use keepdims=True.",
        ),
        (
            X - X.max(axis=1, keepdims=True) - np.log1p(textbook_sums(X)),
            "log1p adds a 1: leave the maximum's own term out of the sum.",
        ),
        (X - np.log(np.exp(X).sum(axis=0)), "Sum along axis=1: samples are rows."),
        (X - np.log(np.exp(X).sum()), "Each row needs a sum of its own."),
    ]:
        if np.allclose(result, wrong, rtol=1e-12):
            raise NotYet(message)
    if result.dtype != np.float64:
        raise NotYet(f"float64 goes in and {result.dtype} comes out: half of the digits are lost.")
    if not np.allclose(result, right, rtol=1e-12):
        if np.allclose(result, right, atol=1e-3):
            raise NotYet("It is right to a few digits only: is a small constant added somewhere?")
        raise NotYet("The exponentials of your rows do not sum to 1.")
    article = np.array([[-10000.0, -1020.0, 100.0, -70220.0]])
    result = rows_of(function, article, given="the article's logits")
    if np.isneginf(result).any():
        raise NotYet("The article's logits give -inf: do not take the logarithm of a probability.")
    if not np.allclose(result, [[-10100, -1120, 0, -70320]], atol=1e-6):
        raise NotYet(
            f"The article's logits give {np.round(result[0], 2)}, not -10100, -1120, 0, ..."
        )
    result = rows_of(function, np.array([[1000.0, 1000.0]]), given="logits of 1000")
    if not np.isfinite(result).all():
        raise NotYet("Logits of 1000 overflow: subtract the maximum of each row first.")
    mixed = np.array([[0.0, 1.0, 2.0], [1000.0, 1001.0, 1002.0]])
    if not np.allclose(rows_of(function, mixed, given="mixed rows"), right[0], rtol=1e-9):
        raise NotYet("A row near 0 beside a row near 1000 is wrong: one maximum for each row.")
    offset = rows_of(function, X + 1e15, given="an offset of 1e15")
    if not np.allclose(offset, right, rtol=1e-9):
        raise NotYet(
            "An offset of 1e15 changes the result: subtract the maximum from X first, "
            "and the logarithm afterwards, instead of their sum."
        )
    return "No probability on the way, and the brackets in the right place."


@exercise
def check_cap(answer):
    compare(
        round(as_number(answer), 2),
        right=round(12 * np.log(10), 2),
        wrong=[
            (16.12, "This is the cap of 1e-7. The constant here is 1e-12."),
            (12, "The logarithm to the base 10 is 12; the loss takes the natural one."),
            (-27.63, "The loss is minus the logarithm."),
            (np.inf, "p + 1e-12 is never 0, so that the loss stays finite."),
            (745.13, "Softmax can return exactly 0, and 1e-12 is added to it."),
            (1e12, "This is 1 divided by the constant. Take the logarithm of it."),
        ],
        otherwise="{answer} is not it. Put p = 0 into the formula.",
    )
    return "The true loss exceeds 27.63 as soon as the right class trails by 28."


@exercise
def check_log_loser(function):
    def at(log_p):
        given = f"log_p = {log_p:g}"
        with np.errstate(all="ignore"):
            return as_number(call(function, np.float64(log_p), given=given))

    compare(
        at(np.log(0.75)),
        right=np.log(0.25),
        wrong=[
            (0.25, "This is 1 - p. Its logarithm is asked for."),
            (np.log1p(-np.log(0.75)), "This is log(1 - log p): the exponential is missing."),
            (-np.log(0.75), "This is -log p, the loss of the winner."),
            (np.log(1.75), "This is log(1 + p): mind the sign."),
        ],
        otherwise="For p = 0.75 your function returns {answer}; log(0.25) is -1.3863.",
    )
    if np.isnan(at(-4.248354255291589e-18)):
        raise NotYet("For the logits 0 and -40 it returns nan: mind the sign inside the logarithm.")
    if not np.isclose(at(-4.248354255291589e-18), -40, rtol=1e-9):
        raise NotYet(
            "For the logits 0 and -40 the answer is -40. On the way you form p, which is rounded "
            "to 1: use expm1."
        )
    return "expm1 keeps the digits that 1 - p loses."
