"""What known mistakes make of an array: lesson.contract tells by them what is wrong, and why."""

import numpy as np

NO_SHIFT = "no maximum is subtracted, so that exp overflows or underflows"
TOO_LITTLE = "less than the maximum is subtracted, so that exp overflows"
ABOVE_0 = "a maximum below 0 is not subtracted, so that all exponentials are 0"
WHOLE = "one maximum for the whole array: each row needs its own"
BENT = "the maximum and the sum must run along the same axis"
NO_KEEPDIMS = "the maximum or the sum loses its axis, and is broadcast as a row: keepdims=True"
OTHER_AXIS = "it runs along another axis than asked for"
WRAPS = "integers wrap around: convert to floating point before you subtract"
THE_SUM = "the formula is right, its sum is not: rounding errors add up, or it overflows in 16 bits"
THROUGH_LOG = "the logarithm is taken after the softmax, which has lost small shares"
LAST_DIGITS = "1 + a small sum is rounded to 1: leave the maximum out of the sum, and use log1p"
OFFSET = "x - logsumexp(x) loses digits by an offset: use (x - max) - log(sum(exp(x - max)))"
NOT_RENORMALISED = "masked after the softmax, which then does not sum to 1: mask the logits"
TOO_LATE = "masked after the softmax: what is allowed has underflowed, or nan and inf came in"
ADDED = "a large negative number is added to what is masked: choose by np.where"
FINITE = "no finite number is low enough in every case: mask by -inf"
NOTHING_LEFT = "where nothing is allowed, 0/0 is nan: put 0 in what is masked"
TURNED = "the sign is turned round"
CONSTANTS = (1e-7, 1e-8, 1e-10, 1e-12)


def floats(X):
    return X if X.dtype.kind == "f" else X.astype(float)


def maximum(X, axis):
    return X.max(axis, keepdims=True)


def shares(X, axis, top):
    E = np.exp(X - top)
    return E / E.sum(axis, keepdims=True)


def stable(X, axis):
    return shares(X, axis, maximum(X, axis))


def log_sum(X, axis):
    return np.log(np.exp(X).sum(axis, keepdims=True))


def wrong_softmaxes(X, axis):
    """Yield (what is wrong, a function that returns the result) for the softmax of X."""
    F = floats(X)
    yield THE_SUM, lambda: stable(F, axis)
    if X.dtype.kind in "iu":
        yield WRAPS, lambda: shares(X, axis, maximum(X, axis))
        yield WRAPS, lambda: shares((X - maximum(X, axis)).astype(float), axis, 0)
    yield ABOVE_0, lambda: shares(F, axis, np.maximum(maximum(F, axis), 0))
    yield WHOLE, lambda: shares(F, axis, F.max())
    yield NO_SHIFT, lambda: shares(X, axis, 0)
    for other in set(range(X.ndim)) - {axis % X.ndim}:
        yield BENT, lambda b=other: shares(F, axis, maximum(F, b))
        yield OTHER_AXIS, lambda b=other: stable(F, b)
        yield BENT, lambda b=other: shares(F, b, maximum(F, axis))
    if X.ndim > 1:
        yield NO_KEEPDIMS, lambda: shares(F, axis, F.max(axis))
        yield NO_KEEPDIMS, lambda: np.exp(F - F.max(axis)) / np.exp(F - F.max(axis)).sum(axis)
        yield NO_KEEPDIMS, lambda: np.exp(F) / np.exp(F).sum(axis)
        yield "the sum runs over the whole array", lambda: stable(F, (*range(X.ndim),))
    yield TOO_LITTLE, lambda: shares(F, axis, -maximum(-F, axis))
    yield TOO_LITTLE, lambda: shares(F, axis, F.mean(axis, keepdims=True))
    yield "the base is 2, not e", lambda: stable(F * np.log(2).astype(F.dtype), axis)
    yield TURNED, lambda: stable(-F, axis)


def wrong_log_softmaxes(X, axis):
    """Yield the same for its logarithm."""
    F = floats(X)
    top = maximum(F, axis)
    sums = THE_SUM if F.shape[axis] > 1000 else LAST_DIGITS
    yield sums, lambda: F - top - log_sum(F - top, axis)
    yield OFFSET, lambda: F - (top + log_sum(F - top, axis))
    yield NO_SHIFT, lambda: X - log_sum(X, axis)
    yield THROUGH_LOG, lambda: np.log(stable(F, axis))
    for eps in CONSTANTS:
        words = f"{eps:.0e} before the logarithm, added or as a bound, ends it at {np.log(eps):.1f}"
        yield words, lambda eps=eps: np.log(stable(F, axis) + eps)
        yield words, lambda eps=eps: np.log(np.maximum(stable(F, axis), eps))
    for words, wrong in wrong_softmaxes(X, axis):
        yield words, lambda wrong=wrong: np.log(wrong())


def wrong_logsumexps(X, axis):
    """Yield the same for log-sum-exp."""
    F = floats(X)

    def shifted(top):
        return (top + log_sum(F - top, axis)).squeeze(axis)

    top = maximum(F, axis)
    infinite = "inf - inf is nan: an infinite maximum must not be subtracted"
    sums = THE_SUM if F.shape[axis] > 1000 else LAST_DIGITS
    yield sums if np.isfinite(top).all() else infinite, lambda: shifted(top)
    if X.dtype.kind in "iu":
        yield WRAPS, lambda: (top + log_sum(X - maximum(X, axis), axis)).squeeze(axis)
    yield "the maximum is not added again", lambda: log_sum(F - top, axis).squeeze(axis)
    yield "this is the maximum alone", lambda: top.squeeze(axis)
    yield ABOVE_0, lambda: shifted(np.maximum(top, 0))
    yield WHOLE, lambda: shifted(F.max())
    yield NO_SHIFT, lambda: log_sum(X, axis).squeeze(axis)
    for other in set(range(X.ndim)) - {axis % X.ndim}:
        yield OTHER_AXIS, lambda b=other: log_sum(F, b).squeeze(b)


def wrong_masked_softmaxes(X, allowed, axis):
    """Yield the same for a softmax with a mask."""
    F = floats(X)
    allowed = np.broadcast_to(allowed, X.shape)
    late = stable(F, axis) * allowed
    masked = np.where(allowed, F, F.dtype.type(-np.inf))
    yield NOTHING_LEFT, lambda: stable(masked, axis)
    yield "the mask is ignored", lambda: stable(F, axis)
    yield NOT_RENORMALISED, lambda: late
    yield NOT_RENORMALISED, lambda: np.where(allowed, stable(F, axis), 0)
    yield TOO_LATE, lambda: late / late.sum(axis, keepdims=True)
    yield "a logit of 0 is a score like any other: mask by -inf", lambda: stable(F * allowed, axis)
    turned = "the mask is turned round: True is what counts"
    yield turned, lambda: stable(np.where(allowed, -np.inf, F), axis)
    for low in (-1e4, -1e9, -1e30, np.finfo(F.dtype).min):
        yield FINITE, lambda low=low: stable(np.where(allowed, F, F.dtype.type(low)), axis)
    for low in (-1e9, -np.inf):
        yield ADDED, lambda low=low: stable(F + np.where(allowed, 0, low), axis)
    for words, wrong in wrong_softmaxes(masked, axis):
        yield words, lambda wrong=wrong: np.where(allowed, wrong(), 0)


def wrong_losses(Z, T):
    """Yield the same for the losses of logits Z and rows of labels T."""
    zero = "0 times infinity is nan: a label of 0 leaves its class out"
    gaps = Z - maximum(Z, 1)
    yield zero, lambda: -(T * (gaps - log_sum(gaps, 1))).sum(1)
    for words, wrong in wrong_log_softmaxes(Z, 1):
        yield words, lambda wrong=wrong: -np.where(T == 0, 0, T * wrong()).sum(1)
    yield f"{THROUGH_LOG}; 0 times infinity is nan", lambda: -(T * np.log(stable(Z, 1))).sum(1)
    yield TURNED, lambda: (T * (gaps - log_sum(gaps, 1))).sum(1)


def wrong_gradients(Z, T):
    """Yield the same for the gradient of their sum."""
    total, P = T.sum(1, keepdims=True), stable(Z, 1)
    right = P * total - T
    yield "p - y is rounded to 0: take expm1 of the log-probability", lambda: right
    yield "the derivative of the sum is asked for, not of the mean", lambda: right / len(Z)
    yield "p counts as often as the labels sum to", lambda: P - T
    yield f"{TURNED}: p - y", lambda: -right
    yield "the labels are not subtracted", lambda: P
    q = np.where(T > 0, P, 0).sum(1, keepdims=True)
    yield "differentiated through log(softmax): 0/0 is nan", lambda: q / q * right
    for eps in CONSTANTS:
        words = f"the gradient of log(p + {eps:.0e}) goes to 0 where p is small"
        yield words, lambda eps=eps: q / (q + eps) * right
    for words, wrong in wrong_softmaxes(Z, 1):
        yield words, lambda wrong=wrong: wrong() * total - T


WRONG = {
    "softmax": wrong_softmaxes,
    "log_softmax": wrong_log_softmaxes,
    "logsumexp": wrong_logsumexps,
    "masked_softmax": wrong_masked_softmaxes,
}


def suspects(name, arrays, axis):
    """Return pairs: what is wrong, and a function that returns what it gives for these arrays.

    There are none where a row with nan or inf hides what was computed.
    """
    X, *rest = map(np.atleast_1d, arrays)
    hidden = X.dtype.kind == "f" and (np.isnan(X) | np.isposinf(X)).any()
    if not X.size or (hidden and name != "masked_softmax"):
        return ()
    if name in WRONG:
        return WRONG[name](X, *rest, axis)
    T = rest[0] if "rows" in name else (rest[0][:, None] == np.arange(X.shape[1])).astype(X.dtype)
    return (wrong_gradients if "gradient" in name else wrong_losses)(floats(X), T)
