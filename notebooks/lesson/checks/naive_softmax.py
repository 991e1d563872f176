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


# As many classes as photos, so that a forgotten keepdims is broadcast in silence.
PHOTOS = np.log(np.arange(1.0, 37) % 11 + 1).reshape(3, 3, 4)
OTHER_PHOTOS = np.stack([WIDE, WIDE[::-1] + 1, 2 * WIDE]).transpose(1, 0, 2)


def pixel_sums(result):
    """Return what is wrong with the probabilities of the pixels of PHOTOS."""
    excess = (result.sum(axis=1) - 1).ravel()
    worst = excess[np.abs(excess).argmax()]
    if not abs(worst) < 0.01:
        return f"For one of the pixels the classes sum to {worst + 1:.3g}, not to 1."
    if abs(worst) > 1e-13:
        sums = f"For one of the pixels the classes sum to 1 {'+-'[int(worst < 0)]} {abs(worst):.1e}"
        return f"{sums}: is a small constant added to the sum, or is something rounded?"
    p = softmax(PHOTOS[0, :, 0], axis=0)
    return (
        f"The classes sum to 1, but the logits {PHOTOS[0, :, 0].round(3)} should give {p.round(4)}."
    )


@exercise("A function of X")
def check_pixel_softmax(function):
    exp = np.exp(PHOTOS)
    wrong = [
        ("These are the exponentials. Divide those of each pixel by their sum.", exp),
        (
            "The sums have shape (3, 4), so that those of photos meet classes: use keepdims=True.",
            exp / exp.sum(axis=1),
        ),
        (
            "Here the photos compete: axis 0 sums to 1. Which axis holds the classes?",
            softmax(PHOTOS, 0),
        ),
        (
            "Here the pixels compete: axis 2 sums to 1. Which axis holds the classes?",
            softmax(PHOTOS),
        ),
        ("The whole array sums to 1. Each pixel needs a sum of its own.", exp / exp.sum()),
        (
            "Each photo sums to 1. Each of its pixels needs a sum of its own.",
            exp / exp.sum(axis=(1, 2), keepdims=True),
        ),
        ("The exponential is missing.", PHOTOS / PHOTOS.sum(axis=1, keepdims=True)),
    ]
    expect(function, {"X": PHOTOS}, softmax(PHOTOS, 1), wrong, pixel_sums)

    def truth(X):
        return softmax(X, axis=1)

    other = "It is right for 3 photos, 3 classes and 4 pixels, and wrong for X of shape (2, 3, 4)."
    low = np.array([[[-30.0], [-31.0], [-29.0]]])
    small = (
        "For the logits -30, -31, -29 it is wrong: is something added to the sum, which is small?"
    )
    expect_each(function, truth, [({"X": OTHER_PHOTOS}, other), ({"X": low}, small)])
    return "One axis holds the classes, and keepdims holds its place for the division."


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
def check_many_words(answer):
    log_max, log_n = np.log(65504.0), np.log(50000.0)
    own = "Your own product has overflowed. "
    wrong = [
        ("This is the limit for one exponential; 50,000 are added up.", log_max),
        ("This is the limit for two classes.", log_max - np.log(2)),
        (
            "This is the answer for float32. The question is about float16.",
            LOG_MAX[np.float32] - log_n,
        ),
        (
            "This is the answer for float64. The question is about float16.",
            LOG_MAX[np.float64] - log_n,
        ),
        ("The sum is 50,000 times e^c, not e^(50,000 c).", log_max / 50000),
        (
            "exp has base e; take the logarithm of 50,000 to the base e, too.",
            log_max - np.log10(50000),
        ),
        ("Both logarithms must have the base e, as exp has.", np.log10(65504 / 50000)),
        ("Subtract the logarithm of 50,000, not 50,000.", log_max - 50000),
        ("More classes overflow earlier, not later.", log_max + log_n),
        ("This is the largest exponential, e^c = max/50,000. Which c has it?", 65504 / 50000),
        (f"{own}Take the two logarithms one by one.", np.inf),
    ]
    otherwise = "{answer} is not it. Solve 50,000 e^c = max for c, where max is 65504."
    compare(answer, log_max - log_n, wrong, otherwise, decimals=2)
    return (
        "With 50,000 words even logits of 1 break float16: each class lowers the limit, by log(n)."
    )
