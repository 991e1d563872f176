"""Checks of notebook 04, Subtract the maximum."""

import numpy as np

from lesson.checks import NotYet, as_number, call, compare, exercise
from lesson.checks.naive_softmax import WIDE, check_rows_are_softmax, rows_of, textbook_softmax


def check_is_stable(function):
    """Refuse a softmax of rows that fails for large, very negative or mixed rows."""
    given = "logits of 1000"
    if np.isnan(rows_of(function, np.array([[1000.0, 1000.0, 100.0]] * 2), given)).any():
        raise NotYet("[1000, 1000, 100] gives nan: the exponentials overflow without a shift.")
    if np.isnan(rows_of(function, np.array([[-1000.0, -1000.0, -1100.0]] * 2), given)).any():
        raise NotYet("[-1000, -1000, -1100] gives nan: subtract the maximum, not something else.")
    apart = np.array([[3000.0, 0.0, 0.0], [0.0, 0.0, 3000.0]])
    if not np.array_equal(rows_of(function, apart, given), apart / 3000):
        raise NotYet("[3000, 0, 0] goes wrong: subtract the maximum, not something else.")
    batch = np.array([[0.0, 1.0, 2.0], [1000.0, 1001.0, 1002.0]])
    if np.isnan(rows_of(function, batch, given)).any():
        raise NotYet(
            "A row near 0 beside a row near 1000 gives nan: take one maximum for each row."
        )
    if not np.allclose(rows_of(function, batch, given), textbook_softmax(batch)):
        raise NotYet("A row near 0 beside a row near 1000 gives wrong numbers.")


@exercise
def check_batch_softmax(function):
    check_rows_are_softmax(function)
    check_is_stable(function)
    return "It survives large, very negative and mixed rows, and leaves its input as it was."


@exercise
def check_masked_softmax(function):
    X = np.array([[1.0, 2.0, 3.0], [0.0, 5.0, -1.0]])
    allowed = np.array([[True, True, False], [False, True, True]])
    right = textbook_softmax(np.where(allowed, X, -np.inf))
    before = X.copy()
    with np.errstate(all="ignore"):
        result = np.asarray(call(function, X, allowed, given="X and allowed of shape (2, 3)"))
    if not np.array_equal(X, before):
        raise NotYet("Your function changes the logits that it is given: make a new array.")
    if result.shape != X.shape:
        raise NotYet(f"The result has shape {result.shape}; it should be {X.shape}.")
    for wrong, message in [
        (textbook_softmax(X), "The mask is ignored: the result is the softmax of all classes."),
        (
            textbook_softmax(X) * allowed,
            "The rows do not sum to 1: mask the logits before the softmax, not the result.",
        ),
        (textbook_softmax(X * allowed), "A logit of 0 is a score like any other: e^0 is 1."),
        (
            X * np.nan,
            "The result is nan: 0 times infinity has no value. np.where(allowed, X, ...) has none "
            "of this trouble.",
        ),
        (
            textbook_softmax(np.where(allowed, -np.inf, X)),
            "The mask is the wrong way round: True means allowed.",
        ),
    ]:
        if np.allclose(result, wrong, equal_nan=True):
            raise NotYet(message)
    if not np.allclose(result, right):
        raise NotYet("Some probabilities are wrong. Give the masked classes a logit of -inf.")
    low = np.array([[-1e300, -1e300, 0.0]])
    with np.errstate(all="ignore"):
        result = call(function, low, np.array([[True, True, False]]), given="logits of -1e300")
    if np.isnan(result).any():
        raise NotYet(
            "With logits of -1e300 all allowed classes underflow: take the masked class out before "
            "the maximum."
        )
    if not np.allclose(result, [[0.5, 0.5, 0.0]]):
        raise NotYet(
            "With logits of -1e300 the masked class wins: no finite number is small enough, "
            "-np.inf is."
        )
    return "e^(-inf) is exactly 0, whatever the other logits are."


@exercise
def check_gap(answer):
    if 5 < as_number(answer) < 6:
        raise NotYet("This is the limit. Which whole number comes next?")
    compare(
        answer,
        right=6,
        wrong=[
            (5, "e^-5 = 0.0067 is more than half of eps, and 1 + e^-5 is rounded up."),
            (7, "7 is enough, but a smaller whole number is, too."),
            (8, "2^-8 is half of eps; the exponential has the base e, not 2."),
            (9, "This is the gap of float16. The question is about bfloat16."),
            (17, "This is the gap of float32. The question is about bfloat16."),
            (37, "This is the gap of float64. The question is about bfloat16."),
        ],
        otherwise="{answer} is not it. When is 1 + e^(-gap) rounded to 1?",
    )
    return "e^-6 = 0.0025 is less than half of eps, 0.0039, so that 1 + e^-6 is rounded to 1."


@exercise
def check_repaired(function):
    pixels = np.array([[1, 2, 3]], dtype=np.uint8)
    given = "integers of 8 bits"
    with np.errstate(all="ignore"):
        result = np.asarray(call(function, pixels.copy(), given=given))
    if not np.allclose(result, textbook_softmax(pixels.astype(float)), rtol=1e-6):
        raise NotYet("uint8 [1, 2, 3] comes out wrong: convert to float before you subtract.")
    check_rows_are_softmax(function)
    check_is_stable(function)
    given = "axis=0"
    with np.errstate(all="ignore"):
        result = np.asarray(call(function, WIDE.T.copy(), 0, given=given))
    if result.shape != WIDE.T.shape or not np.allclose(result.T, textbook_softmax(WIDE)):
        raise NotYet("With axis=0 the result is wrong: the maximum and the sum both need axis.")
    return "Converted first, one maximum for each row, the same axis twice, nothing overwritten."
