"""The functions that the series keeps, rewritten: 04 softmax, 05 the logarithm, 06 the loss."""

from dataclasses import dataclass

import numpy as np

# ---- 03, as it was


def naive_softmax(X, axis=-1):
    """Return exp(x) / sum(exp(x)) along `axis`."""
    exp = np.exp(X)
    return exp / exp.sum(axis=axis, keepdims=True)


# ---- 04


def as_floats(X, name="X"):
    """Return X in floating point: floats keep their type, all else becomes float64."""
    if isinstance(X, np.ma.MaskedArray):
        advice = f"fill it first, logits by {name}.astype(float).filled(-np.inf)"
        raise TypeError(f"{name} is a masked array: {advice}")
    X = np.asarray(X)
    if X.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers, got dtype {X.dtype}: {X}")
    if X.dtype.kind in "iu" and X.size and not -(2**53) <= X.min() <= X.max() <= 2**53:
        raise ValueError(f"{name} must hold integers from -2**53 to 2**53, or floats, got {X}")
    return X.astype(X.dtype.newbyteorder("=") if X.dtype.kind == "f" else float, copy=False)


def maxima(X, axis):
    """Return the maxima along `axis`, which keeps size 1; at least float32, -inf of nothing."""
    top = X.max(axis, keepdims=True, initial=-np.inf)
    return top.astype(np.result_type(X.dtype, np.float32), copy=False)


def pairwise_sum(E, axis):
    """Return the sum along `axis`, which keeps size 1: one half is added to the other, again."""
    E = E.swapaxes(0, axis)
    while len(E) > 16 and E.strides[0] > E.itemsize:
        half = len(E) // 2
        folded = E[:half] + E[half : 2 * half]
        if len(E) % 2:
            folded[0] += E[-1]
        E = folded
    return E.sum(0, keepdims=True).swapaxes(0, axis)


def softmax(X, axis=-1):
    """Return exp(x) / sum(exp(x)) along `axis`, in the shape of X; nan where it has no value."""
    X = as_floats(X)
    if X.ndim == 0:
        return softmax(X[None], axis)[0]
    with np.errstate(all="ignore"):
        exp = np.exp(X - maxima(X, axis))
        exp /= pairwise_sum(exp, axis)
        return exp.astype(X.dtype, copy=False)


# ---- 05


def log_sum(gaps, axis):
    """Return log(sum(exp(gaps))) along `axis`, which keeps size 1; the largest gap is 0."""
    exp = np.exp(gaps)
    total = pairwise_sum(exp, axis)
    if exp.shape[axis] > 200:
        exp[exp == 1] = 0
    else:
        exp *= exp < 1
    others = pairwise_sum(exp, axis)
    return np.where(total < 2, np.log1p(others), np.log(total))


def log_softmax(X, axis=-1):
    """Return x - log(sum(exp(x))) along `axis`, in the shape of X; nan where it has no value."""
    X = as_floats(X)
    if X.ndim == 0:
        return log_softmax(X[None], axis)[0]
    with np.errstate(divide="ignore", invalid="ignore", under="ignore"):
        gaps = X - maxima(X, axis)
        gaps -= log_sum(gaps, axis)
        return gaps.astype(X.dtype, copy=False)


def logsumexp(X, axis=-1):
    """Return log(sum(exp(x))) along `axis`, in the shape of X without that axis."""
    X = as_floats(X)
    if X.ndim == 0:
        return logsumexp(X[None], axis)
    with np.errstate(all="ignore"):
        top = maxima(X, axis)
        result = np.where(np.isinf(top), top, top + log_sum(X - top, axis))
        return result.astype(X.dtype, copy=False).squeeze(axis)[()]


# ---- 06


def cross_entropy(Z, labels):
    """Return the losses, shape (m,), for logits Z (m, n) and class numbers labels (m,)."""
    log_p = log_softmax(Z)
    log_right = np.take_along_axis(log_p, labels[:, None], axis=1)
    return -log_right[:, 0]


def times(a, b):
    """Return a * b, where 0 times anything is 0: also 0 times infinity or nan."""
    return np.where(a == 0, 0, a * b)


def label_rows(label, like, axis):
    """Return class numbers as rows of labels along `axis`: 1 for the right class, else 0."""
    label, rows = as_floats(label, "label"), np.zeros_like(like)
    one_each = rows.sum(axis, keepdims=True).shape
    if label.shape not in (one_each, rows.sum(axis).shape):
        raise ValueError(f"label has shape {label.shape}: pass one class number for each softmax")
    n = rows.shape[axis]
    if not np.isin(label, np.arange(n)).all():
        raise ValueError(f"label must hold whole numbers from 0 to {n - 1}, got {label}")
    np.put_along_axis(rows, label.astype(int).reshape(one_each), 1, axis)
    return rows


def total_weight(sample_weight, weight, one_each):
    """Return the product of both weights, in the shape `one_each`; refuse what does not fit."""
    weight = as_floats(1 if weight is None else weight, "weight")
    if weight.ndim > 0:
        raise ValueError(f"weight must be one number, got shape {weight.shape}: pass sample_weight")
    factor = as_floats(1 if sample_weight is None else sample_weight, "sample_weight")
    fits = all(size in (1, full) for size, full in zip(factor.shape, one_each, strict=False))
    if factor.ndim not in (0, len(one_each)) or not fits:
        advice = f"pass one that broadcasts to {one_each}, with 1 for the axis of the classes"
        raise ValueError(f"sample_weight has shape {factor.shape}: {advice}")
    return np.broadcast_to(factor.astype(float) * weight, one_each)


@dataclass
class SoftmaxCrossEntropyLoss:
    """Cross-entropy of softmax(pred), one loss for each sample; MXNet Gluon's semantics."""

    axis: int = -1
    sparse_label: bool = True
    from_logits: bool = False
    weight: float | None = None
    batch_axis: int = 0

    def __call__(self, pred, label, sample_weight=None):
        """Return each sample's mean of -sum(y * log(p)) * w, one number along `batch_axis`."""
        log_p, y, w, dtype = self._read(pred, label, sample_weight)
        with np.errstate(all="ignore"):
            loss = times(w, -pairwise_sum(times(y, log_p), self.axis))
            loss = np.moveaxis(loss, self.batch_axis, 0)
            return loss.mean(tuple(range(1, loss.ndim))).astype(dtype)

    def gradient(self, pred, label, sample_weight=None):
        """Return the derivative of the sum of all losses by pred, in its shape: (p - y) w / k."""
        log_p, y, w, dtype = self._read(pred, label, sample_weight)
        k = np.prod(np.moveaxis(w, self.batch_axis, 0).shape[1:])
        with np.errstate(all="ignore"):
            total = 0 if self.from_logits else pairwise_sum(y, self.axis)
            grad = times(total, np.exp(log_p)) - y
            at_right = times(total, np.expm1(log_p))
            return times(w / k, np.where(y == total, at_right, grad)).astype(dtype)

    def _read(self, pred, label, sample_weight):
        logits = as_floats(pred, "pred")
        if np.asarray(pred).dtype.kind != "f":
            raise ValueError(f"pred has no floats, got {pred}: pass logits as pred.astype(float)")
        log_p = logits.astype(np.result_type(logits.dtype, np.float32))
        if not self.from_logits:
            with np.errstate(over="ignore"):
                log_p = log_softmax(log_p, self.axis)
        if self.sparse_label:
            y = label_rows(label, log_p, self.axis)
        else:
            y = as_floats(label, "label")
            y = y.astype(np.result_type(y.dtype, log_p.dtype))
            if y.shape != log_p.shape:
                raise ValueError(f"label has shape {y.shape}: pass pred's shape {log_p.shape}")
        one_each = y.sum(self.axis, keepdims=True).shape
        return log_p, y, total_weight(sample_weight, self.weight, one_each), logits.dtype
