"""Checks of notebook 04, Subtract the maximum."""

from contextlib import suppress

import numpy as np

from lesson.checks import (
    NotYet,
    Stopped,
    as_array,
    as_number,
    call,
    compare,
    exercise,
    expect,
    expect_each,
)
from lesson.checks.naive_softmax import WIDE, expect_row_softmax, softmax

SHIFT = "subtract the maximum, not something else."
OVERFLOW = "the exponentials overflow without a shift."
# Rows that a softmax without the right shift gets wrong, and what to say where it returns nan.
HARD = [
    ([[1000.0, 1000.0, 100.0]] * 2, OVERFLOW),
    ([[-1000.0, -1000.0, -1100.0]] * 2, SHIFT),
    ([[3000.0, 0.0, 0.0], [0.0, 0.0, 3000.0]], ""),
    ([[1e5, 1e5, 100.0]], OVERFLOW),
]
ONE_EACH = "take one maximum for each row."
NONE_SMALL = "no finite number is small enough, -np.inf is."


def with_none(X):
    """Return the softmax of each row of X and of one more logit, 0."""
    return softmax(np.hstack([X, np.zeros((len(X), 1))]))


def expect_stable(function):
    """Refuse a softmax of rows that fails for large, very negative or mixed rows."""
    cases = []
    for rows, hint in HARD:
        row = [int(x) for x in rows[0]]
        wrong = f"{row} goes wrong: {SHIFT} Nothing needs to be cut off or replaced."
        cases.append(({"X": np.array(rows)}, wrong, hint and f"{row} gives nan: {hint}"))
    mixed = {"X": np.array([[0.0, 1.0, 2.0], [1000.0, 1001.0, 1002.0]])}
    beside = "A row near 0 beside a row near 1000 gives"
    nan = f"{beside} nan: {ONE_EACH}"
    expect_each(function, softmax, [*cases, (mixed, f"{beside} wrong numbers.", nan)])


@exercise("A function of X")
def check_softmax_or_none(function):
    X = np.array([[0.0, 1.0, 2.0], [2.0, 0.0, 1.0], [-1.0, -3.0, -2.0]])
    exp, top = np.exp(X), X.max(axis=1, keepdims=True)
    gap, sums = np.exp(X - top), exp.sum(axis=1, keepdims=True)
    row = "as a row, and are broadcast along the rows: use keepdims=True."
    columns = np.exp(X - X.max(axis=1))
    wrong = [
        ("The class of none is forgotten: your rows sum to 1.", softmax(X)),
        (
            "The 1 was left as it is. It is e^0, the exponential of one more logit, which is "
            "shifted like the others: e^(0 - c).",
            gap / (1 + gap.sum(axis=1, keepdims=True)),
        ),
        ("Leave out the class of none: X has no column for it.", with_none(X)),
        (f"The sums come {row}", exp / (1 + exp.sum(axis=1))),
        (f"The maxima come {row}", columns / (1 + columns.sum(axis=1, keepdims=True))),
        (f"The maxima and the sums come {row}", columns / (1 + columns.sum(axis=1))),
        ("Sum along axis=1: samples are rows.", exp / (1 + exp.sum(axis=0))),
        ("The whole array is summed. Each row needs a sum of its own.", exp / (1 + exp.sum())),
        ("These are the exponentials. Divide each row by 1 plus its sum.", exp, gap),
        ("This is the share of the class of none. The other ones are asked for.", 1 / (1 + sums)),
    ]
    otherwise = "Some probabilities are wrong. In each row they are e^z / (1 + the sum of all e^z)."
    expect(function, {"X": X}, with_none(X)[:, :-1], wrong, otherwise)
    wide = "It is right for three rows of three, and wrong for X of shape (2, 4)."
    cases = [({"X": WIDE}, wide)]
    for row in ([1000.0, 1000.0, 100.0], [3000.0, 0.0, 0.0], [-1000.0, -1000.0, -1100.0]):
        whole = [int(z) for z in row]
        nan = f"{whole} gives nan: the exponentials overflow without the right shift."
        goes = f"{whole} goes wrong: shift all logits, and the 0 of the class of none, by one c."
        cases.append(({"X": np.array([row])}, goes, nan))
    beside = "A row near 0 beside a row near 1000 gives"
    mixed = np.array([[0.0, 1.0, 2.0], [1000.0, 1001.0, 1002.0]])
    cases.append(({"X": mixed}, f"{beside} wrong numbers.", f"{beside} nan: {ONE_EACH}"))
    expect_each(function, lambda X: with_none(X)[:, :-1], cases)
    return "Each logit is shifted, also the 0 that stands in no column."


@exercise("A function of X and allowed")
def check_masked_softmax(function):
    X = np.array([[1.0, 2.0, 3.0], [0.0, 5.0, -1.0]])
    allowed = np.array([[True, True, False], [False, True, True]])
    not_ones = "The rows do not sum to 1: mask the logits before the softmax, not the result."
    times = "The result is nan: 0 times infinity has no value. np.where(allowed, X, ...) has none "
    other_way = softmax(np.where(allowed, -np.inf, X))
    wrong = [
        ("The mask is ignored: the result is the softmax of all classes.", softmax(X)),
        (not_ones, softmax(X) * allowed),
        ("A logit of 0 is a score like any other: e^0 is 1.", softmax(X * allowed)),
        (f"{times}of this trouble.", X * np.nan),
        ("The mask is the wrong way round: True means allowed.", other_way),
    ]
    right = softmax(np.where(allowed, X, -np.inf))
    otherwise = "Some probabilities are wrong. Give the masked classes a logit of -inf."
    expect(function, {"X": X, "allowed": allowed}, right, wrong, otherwise)
    low = {"X": np.array([[-1e300, -1e300, 0, -1e300]]), "allowed": np.arange(4)[None] < 2}
    wins = f"With logits of -1e300 a masked class wins: {NONE_SMALL}"
    nan = "With logits of -1e300 all underflows: take the masked class out before the maximum."
    expect(function, low, np.array([[0.5, 0.5, 0.0, 0.0]]), otherwise=wins, broken=nan)
    # Nothing is right for a row without allowed classes; nan, zeros and an error are honest.
    alone = {"X": np.array([[1.0, 2.0]]), "allowed": np.array([[False, False]])}
    with suppress(Stopped):
        result = as_array(call(function, alone), "For a masked row, the result")
        if (result > 0).any():
            gets = f"A row without any allowed class gets {result.ravel().round(3)}"
            raise NotYet(f"{gets}: {NONE_SMALL}")
    return "e^(-inf) is exactly 0, whatever the other logits are."


@exercise("A whole number")
def check_gap(answer):
    if as_number(answer) == 7:
        return (
            "Computed in float32 and rounded to bfloat16 at the end, the first probability is 1 "
            "from 7 on: e^-7 = 0.0009 is less than a quarter of eps. Where each step is rounded, "
            "also 1 + e^-gap, 6 is enough."
        )
    base = (
        "8 is float16's gap in the table. Or did you stop at 2^-8? 2^-8 is half of eps; the "
        "exponential has the base e, not 2."
    )
    end = "9 is the gap of float16, rounded at the end only. The question is about bfloat16."
    bits = np.log(2)
    wrong = [
        ("This is the limit. Which whole number comes next?", 8 * bits, 9 * bits),
        ("e^-5 = 0.0067 is more than half of eps, and 1 + e^-5 is rounded up.", 5),
        (base, 8),
        (end, 9),
        ("This is the gap of float32. The question is about bfloat16.", 17),
        ("This is the gap of float64. The question is about bfloat16.", 37),
    ]
    compare(answer, 6, wrong, "{answer} is not it. When is 1 + e^(-gap) rounded to 1?", near=0.01)
    return (
        "e^-6 = 0.0025 is less than half of eps, 0.0039, so that 1 + e^-6 is rounded to 1. "
        "Computed in float32 and rounded at the end, it takes 7."
    )


@exercise("A function of X and axis")
def check_repaired(function):
    cases = []
    for row in (np.array([[1, 2, 3]], dtype=np.uint8), np.array([[-100, 100]], dtype=np.int8)):
        wrong = f"{row.dtype} {row[0].tolist()} comes out wrong"
        cases.append(({"X": row}, f"{wrong}: convert to float before you subtract."))
    expect_each(function, lambda X: softmax(X.astype(float)), cases)
    try:
        expect_each(function, softmax, [({"X": np.array([1.0, 2.0, 3.0])}, "A vector is wrong.")])
    except Stopped as error:
        raise NotYet(f"{error}. Without an axis, it is the last one: axis=-1.") from None
    expect_row_softmax(function)
    expect_stable(function)
    cube = np.random.RandomState(0).randn(2, 3, 4)
    both = "the maximum and the sum both need axis."
    cases = [
        ({"X": X, "axis": axis}, f"With axis={axis} the result is wrong: {both}")
        for X, axis in ((WIDE.T, 0), (cube, 0), (cube, 1), (cube, -1))
    ]
    expect_each(function, softmax, cases)
    return "Converted first, one maximum for each row, the same axis twice, nothing overwritten."
