"""The right answers at 50 digits, by mpmath; a text where the right answer is to refuse."""

import math
from collections import Counter

import numpy as np
from mpmath import mp, mpf

from lesson.recorded import decode
from tools.frameworks.recording import limits

INF, NAN = mpf("inf"), mpf("nan")
TOLERANCE = {2.0**-52: 64, 2.0**-23: 64, 2.0**-10: 2, 2.0**-7: 2}  # eps: how many are allowed


def exact(array):
    """Return an array of mpf with the values of an array of floats, integers or booleans."""
    values = array.ravel().tolist()
    known = {value: mpf(value) for value in set(values)}
    return np.array([known[value] for value in values], object).reshape(array.shape)


def along_rows(function):
    """Return `function` of a row as a function of the last axis; a number counts as a row of 1."""

    def apply(array):
        count = math.prod(array.shape[:-1])
        rows = array.reshape(count, array.shape[-1] if array.ndim else 1).tolist()
        results = [function(row) for row in rows]
        if not isinstance(function([mpf(0)]), list):
            return np.array(results, object).reshape(array.shape[:-1])
        values = [value for row in results for value in row]
        return np.array(values, object).reshape(array.shape)

    return apply


def has_answer(row):
    return any(mp.isfinite(value) for value in row) and not any(
        mp.isnan(value) or value == INF for value in row
    )


def rest_of(row, top):
    """Return the sum of exp(value - top) over a row without one winner; equal values at once."""
    counts = Counter(row)
    counts[top] -= 1
    return mp.fsum(count * mp.exp(value - top) for value, count in counts.items())


def log_softmax_row(row):
    """Return the exact log-probabilities of a row; the winner's by log1p."""
    if not has_answer(row):
        return [NAN] * len(row)
    top = max(row)
    log_sum = mp.log1p(rest_of(row, top))
    found = {value: value - top - log_sum for value in set(row)}
    return [found[value] for value in row]


def logsumexp_row(row):
    if any(mp.isnan(value) for value in row):
        return NAN
    top = max(row, default=-INF)
    if not mp.isfinite(top):
        return top
    return top + mp.log1p(rest_of(row, top))


def softmax_row(row):
    log_p = log_softmax_row(row)
    found = {value: mp.exp(value) for value in set(log_p)}
    return [value if mp.isnan(value) else found[value] for value in log_p]


log_softmax = along_rows(log_softmax_row)
softmax = along_rows(softmax_row)
logsumexp = along_rows(logsumexp_row)
total = along_rows(mp.fsum)


def times(label, log_p):
    """Return label · log p, which is 0 for a label of 0, even if p is 0."""
    return mpf(0) if label == 0 else label * log_p


def row_losses(z, t):
    pairs = zip(log_softmax(z), t, strict=True)
    return np.array([-mp.fsum(map(times, label, log_p)) for log_p, label in pairs], object)


def one_hot(y, n):
    return exact(y[:, None] == np.arange(n))


def losses(z, y):
    return row_losses(z, one_hot(y, z.shape[-1]))


def row_gradient(z, t):
    total = t.sum(-1, keepdims=True)
    at_right = total * np.array([[mp.expm1(v) for v in row] for row in log_softmax(z)], object)
    return np.where(t == total, at_right, softmax(z) * total - t)


def gradient(z, y):
    """Return p - y; the right class's by expm1, which keeps the digits."""
    result, log_p = softmax(z), log_softmax(z)
    for i, k in enumerate(y.astype(int)):
        result[i, k] = mp.expm1(log_p[i, k])
    return result


def mean(values, weights):
    """Return the mean of the values whose weight is not 0, nan if there is none."""
    pairs = [(w, value) for w, value in zip(weights, values, strict=True) if w != 0]
    if not pairs:
        return np.array(NAN, object)
    top = mp.fsum(w * value for w, value in pairs)
    return np.array(top / mp.fsum(w for w, _ in pairs), object)


def mean_without_ignored(z, y):
    """Return the mean loss over the labels that are not -100."""
    kept = y != -100
    return mean(losses(z, np.where(kept, y, 0)), kept.astype(int))


def smoothed(z, y, t):
    n = z.shape[-1]
    return row_losses(z, one_hot(y, n) * mpf("0.9") + mpf("0.1") / n)


def of_probabilities(p, y):
    picked = p[np.arange(len(y)), y]
    return np.array([-mp.log(q) if q else INF for q in picked], object)


def allowed(mask):
    """Return what a mask means: of numbers, 0 allows if others are below, else 0 forbids."""
    return mask == 0 if (mask < 0).any() else mask != 0


def masked_softmax(x, mask):
    """Return the softmax of the allowed entries, 0 for all others and where none is allowed."""
    mask = allowed(mask)
    return np.where(mask, softmax(np.where(mask, x, -INF)), mpf(0))


def attention(q, k, v, mask):
    """Return the sum of the allowed values, each times its weight; keys have length 1."""
    out = []
    for query, row in zip(q[:, 0], allowed(mask), strict=True):
        weights = masked_softmax(query * k[:, 0], row)
        out.append([mp.fsum(map(times, weights[row], v[row, 0]))])
    return np.array(out, object)


ANSWERS = {
    "softmax": lambda x: softmax(exact(x)),
    "softmax, axis left out": lambda x: softmax(exact(x)),
    "log-softmax": lambda x: log_softmax(exact(x)),
    "logsumexp": lambda x: logsumexp(exact(x)),
    "sum": lambda x: total(exact(x)),
    "running sum": lambda x: total(exact(x)),
    "sum of softmax": lambda x: total(softmax(exact(x))),
    "loss": lambda z, y: losses(exact(z), y),
    "gradient": lambda z, y: gradient(exact(z), y),
    "gradient through log(softmax)": lambda z, y: gradient(exact(z), y),
    "loss, rows of labels": lambda z, t: row_losses(exact(z), exact(t)),
    "gradient, rows of labels": lambda z, t: row_gradient(exact(z), exact(t)),
    "mean loss": lambda z, y: mean(losses(exact(z), y), np.ones(len(y))),
    "mean loss, -100 ignored": lambda z, y: mean_without_ignored(exact(z), y),
    "weighted mean loss": lambda z, y, w: mean(losses(exact(z), y), exact(w[y])),
    "smoothed loss": lambda z, y, t: smoothed(exact(z), y, t),
    "loss of probabilities": lambda p, y: of_probabilities(exact(p), y),
    "loss of softmax": lambda z, y: losses(exact(z), y),
    "loss of softmax, another spelling": lambda z, y: losses(exact(z), y),
    "loss of softmax, in a tf.function": lambda z, y: losses(exact(z), y),
    "loss of a model that ends in softmax": lambda z, y: losses(exact(z), y)[0],
    "masked softmax": lambda x, mask: masked_softmax(exact(x), mask),
    "attention": lambda q, k, v, mask: attention(exact(q), exact(k), exact(v), mask),
    "attention, float mask": lambda q, k, v, mask: attention(exact(q), exact(k), exact(v), mask),
}


def answer(operation, inputs):
    """Return the right answer for the arrays `inputs` as an array of mpf."""
    mp.dps = 50
    return np.asarray(ANSWERS[operation](**inputs), object)


def error(got, true, tiny):
    """Return the relative error of one number, 0 where both are below the normal numbers."""
    if mp.isnan(true) or mp.isinf(true) or mp.isnan(got) or mp.isinf(got):
        return mpf(0) if got == true or (mp.isnan(true) and mp.isnan(got)) else INF
    if abs(got - true) <= tiny:
        return mpf(0)
    return abs(got - true) / abs(true) if true else INF


def judge(stored, right, dtypes):
    """Return a verdict and, of a result, its largest error in eps, as a text of two digits.

    `right` is the answer, or a text where the right answer is to refuse; eps is that of the
    coarsest floating type among the result's and the inputs'. The error of a result that is not
    finite, or should not be, is inf.
    """
    if "error" in stored:
        return "refuses", None
    if isinstance(right, str):
        return "differs", None
    got = decode(stored)
    if got.shape != np.shape(right) or got.dtype.kind == "c":
        return "differs", None
    eps, tiny = limits(stored["dtype"], *dtypes)
    worst = max(map(error, exact(got).flat, right.flat, [tiny] * got.size), default=mpf(0)) / eps
    verdict = "right" if worst <= TOLERANCE[eps] else "differs"
    return verdict, "inf" if worst > 1e300 else f"{float(worst):.2g}"
