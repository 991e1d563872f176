"""What the series keeps, in the order in which it is derived.

Written by `make record` from the cells of the notebooks that are tagged `define`; changes here
are lost.
"""

import numpy as np


# 02_forward_pass, cell n02-015
def relu(Z):
    """Return max(z, 0) for each entry z of Z."""
    return np.maximum(Z, 0)


# 02_forward_pass, cell n02-022
def forward(x, params):
    """Return the logits, shape (n_last,), of one sample x for a list of (W, b), one per map."""
    z = a = x
    for W, b in params:
        z = W @ a + b
        a = relu(z)
    return z


# 02_forward_pass, cell n02-045
def forward_batch(X, params):
    """Return the logits, shape (m, n_last), of the m samples in the rows of X."""
    Z = A = X
    for i, (W, b) in enumerate(params):
        assert b.shape == (len(W),), f"b{i} has shape {b.shape}, expected {(len(W),)}"
        Z = A @ W.T + b
        A = relu(Z)
    return Z


# 03_naive_softmax, cell n03-019
def naive_softmax(X, axis=-1):
    """Return exp(x) / sum(exp(x)) along `axis` of X, in the shape of X."""
    E = np.exp(X)
    return E / E.sum(axis=axis, keepdims=True)


# 03_naive_softmax, cell n03-052
from IPython.display import Markdown

INPUTS = [
    [2, 3, 4],
    [3, 5, 7],
    [1000, 1000, 100],
    [-10000, -1020, 100, -70220],
    [-1000, -1000, -1100],
]


# 03_naive_softmax, cell n03-053
def experiment(versions):
    """Return a table of what each version, a function of logits, makes of the five inputs."""

    def text(values):
        return ", ".join(f"{value:.5g}" for value in values)

    rows = [["", *map(text, INPUTS)], ["---"] * 6]
    for name, version in versions.items():
        with np.errstate(all="ignore"):
            rows.append([name, *(text(version(np.array(z, dtype=float))) for z in INPUTS)])
    return Markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))


# 03_naive_softmax, cell n03-030
def last_true(holds, dtype, end):
    """Return the last number on the way from 0 to `end` for which `holds` is true."""
    good, bad = dtype(0), dtype(end)
    while True:
        middle = dtype((good + bad) / 2)
        if middle in (good, bad):
            return good
        if holds(middle):
            good = middle
        else:
            bad = middle


# 04_max_shift, cell n04-060
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


# 04_max_shift, cell n04-062
def maxima(X, axis):
    """Return the maxima along `axis`, which keeps size 1; at least float32, -inf of nothing."""
    top = X.max(axis, keepdims=True, initial=-np.inf)
    return top.astype(np.result_type(X.dtype, np.float32), copy=False)


# 04_max_shift, cell n04-101
def pairwise_sum(E, axis):
    """Return the sum along `axis`, which keeps size 1: eight parts are added up, and again."""
    E = E.swapaxes(0, axis)
    while len(E) > 16 and E.strides[0] > E.itemsize:
        part = len(E) // 8
        folded = E[: 8 * part].reshape(8, part, *E.shape[1:]).sum(0)
        E = np.concatenate([folded, E[8 * part :]]) if len(E) % 8 else folded
    return E.sum(0, keepdims=True).swapaxes(0, axis)


# 04_max_shift, cell n04-064
def softmax(X, axis=-1):
    """Return exp(x) / sum(exp(x)) along `axis`, in the shape of X; nan where it has no value."""
    X = as_floats(X)
    if X.ndim == 0:
        return softmax(X[None], axis)[0]
    with np.errstate(all="ignore"):
        exp = np.exp(X - maxima(X, axis))
        exp /= pairwise_sum(exp, axis)
        return exp.astype(X.dtype, copy=False)


# 05_log_softmax, cell n05-054
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


# 05_log_softmax, cell n05-056
def log_softmax(X, axis=-1):
    """Return x - log(sum(exp(x))) along `axis`, in the shape of X; nan where it has no value."""
    X = as_floats(X)
    if X.ndim == 0:
        return log_softmax(X[None], axis)[0]
    with np.errstate(divide="ignore", invalid="ignore", under="ignore"):
        gaps = X - maxima(X, axis)
        gaps -= log_sum(gaps, axis)
        return gaps.astype(X.dtype, copy=False)


# 05_log_softmax, cell n05-055
def logsumexp(X, axis=-1):
    """Return log(sum(exp(x))) along `axis`, in the shape of X without that axis."""
    X = as_floats(X)
    if X.ndim == 0:
        return logsumexp(X[None], axis)
    with np.errstate(all="ignore"):
        top = maxima(X, axis)
        result = np.where(np.isinf(top), top, top + log_sum(X - top, axis))
        return result.astype(X.dtype, copy=False).squeeze(axis)[()]


# 06_cross_entropy, cell n06-102
def cross_entropy(Z, labels):
    """Return the losses, shape (m,), for logits Z (m, n) and class numbers labels (m,)."""
    log_p = log_softmax(Z)
    log_right = np.take_along_axis(log_p, labels[:, None], axis=1)
    return -log_right[:, 0]


# 06_cross_entropy, cell n06-101
def times(a, b):
    """Return a * b, where 0 times anything is 0: also 0 times infinity or nan."""
    return np.where(a == 0, 0, a * b)


# 06_cross_entropy, cell n06-028
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


# 06_cross_entropy, cell n06-029
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


# 06_cross_entropy, cell n06-031
from dataclasses import dataclass


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


# 07_training, cell n07-013
def make_data(seed=0, scale=1000, m=300):
    """Return X, shape (m, 10), and the labels, shape (m,), of leaves of five trees."""
    r = np.random.RandomState(seed)
    centres = 3 * r.randn(5, 10)
    labels = np.arange(m) % 5
    return scale * (centres[labels] + r.randn(m, 10)), labels


# 07_training, cell n07-014
def init_params(num_node_list, seed=1):
    """Return a list of (W, b): random weights of variance 2 / n_in, biases of 0."""
    r = np.random.RandomState(seed)
    pairs = zip(num_node_list[:-1], num_node_list[1:])
    return [(r.randn(n, n_next).T * np.sqrt(2 / n), np.zeros(n_next)) for n, n_next in pairs]


# 07_training, cell n07-018
def forward_layers(X, params):
    """Return the list of activations that enter the maps, and the logits."""
    entering, Z = [], X
    for i, (W, b) in enumerate(params):
        A = Z if i == 0 else np.maximum(Z, 0)
        entering.append(A)
        Z = A @ W.T + b
    return entering, Z


# 07_training, cell n07-022
def backward(entering, dZ, params):
    """Return a list of (dW, db) with the shapes of params, from dZ at the logits."""
    grads = []
    for i in reversed(range(len(params))):
        grads.insert(0, (dZ.T @ entering[i], dZ.sum(axis=0)))
        if i > 0:
            dA = dZ @ params[i][0]
            dZ = dA * (entering[i] > 0)
    return grads


# 07_training, cell n07-024
def through_softmax(P, labels, dq):
    """Return dZ from dq, the derivative by the right class's probability in each row of P."""
    dP = np.zeros_like(P)
    dP[np.arange(len(P)), labels] = dq
    return P * (dP - (dP * P).sum(axis=1, keepdims=True))


# 07_training, cell n07-025
def naive_head(Z, labels):
    """-log q, with the naive softmax."""
    P = naive_softmax(Z)
    q = P[np.arange(len(P)), labels]
    return -np.log(q).mean(), through_softmax(P, labels, -1 / q / len(q))


# 07_training, cell n07-026
def shifted_head(Z, labels):
    """-log q, with the shifted softmax."""
    P = softmax(Z)
    q = P[np.arange(len(P)), labels]
    return -np.log(q).mean(), through_softmax(P, labels, -1 / q / len(q))


def eps_head(Z, labels, eps=1e-7):
    """-log(q + eps)."""
    P = softmax(Z)
    q = P[np.arange(len(P)), labels] + eps
    return -np.log(q).mean(), through_softmax(P, labels, -1 / q / len(q))


def clip_head(Z, labels, eps=1e-7):
    """-log(max(q, eps)), whose slope is 0 where q < eps."""
    P = softmax(Z)
    q = P[np.arange(len(P)), labels]
    dq = np.where(q > eps, -1 / np.maximum(q, eps), 0) / len(q)
    return -np.log(np.maximum(q, eps)).mean(), through_softmax(P, labels, dq)


# 07_training, cell n07-027
def fused_head(Z, labels):
    """-log_softmax at the labels; its gradient is p - y."""
    log_P = log_softmax(Z)
    log_q = log_P[np.arange(len(Z)), labels]
    dZ = np.exp(log_P)
    dZ[np.arange(len(Z)), labels] = np.expm1(log_q)
    return -log_q.mean(), dZ / len(Z)


# 07_training, cell n07-034
@np.errstate(all="ignore")
def train(X, labels, params, head, steps=200, lr=1e-4):
    """Return the trained params, and by step: loss, accuracy, gradient norm, largest |logit|."""
    history = []
    for step in range(steps + 1):
        entering, Z = forward_layers(X, params)
        loss, dZ = head(Z, labels)
        grads = backward(entering, dZ, params)
        length = np.sqrt(sum((d**2).sum() for pair in grads for d in pair))
        accuracy = (Z.argmax(axis=1) == labels).mean()
        history.append((loss, accuracy, length, np.abs(Z).max()))
        if step < steps:
            pairs = zip(params, grads)
            params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in pairs]
    return params, np.array(history).T


# 07_training, cell n07-121
def principal_features(train, test, n=10):
    """Return n features of both, shapes (m, n), with the mean and the directions of `train`."""
    mean = train.mean(axis=0)
    directions = np.linalg.svd(train - mean, full_matrices=False)[2][:n]
    # A direction may come out either way round: its largest entry shall be positive.
    signs = np.sign(directions[np.arange(n), np.abs(directions).argmax(axis=1)])
    turn = (directions * signs[:, None]).T
    return (train - mean) @ turn, (test - mean) @ turn


# 08_low_precision, cell n08-013
def to_bfloat16(x):
    """Return x rounded to the nearest bfloat16, held in float32."""
    x = np.asarray(x, dtype=float)
    step = np.ldexp(1.0, np.maximum(np.frexp(x)[1], -125) - 8)
    return (np.round(x / step) * step).astype(np.float32)


# 09_masks_and_attention, cell n09-025
def as_mask(allowed, shape):
    """Return a boolean mask of this shape; refuse numbers, and masks that do not fit."""
    mask = np.asarray(allowed)
    if mask.dtype != bool or isinstance(allowed, np.ma.MaskedArray):
        got = "is a masked array" if mask.dtype == bool else f"has dtype {mask.dtype}"
        raise TypeError(f"allowed {got}: pass an array of True, where an entry counts, and False")
    try:
        return np.broadcast_to(mask, shape)
    except ValueError:
        fits = f"pass one that broadcasts to {shape}, the shape of the scores"
        raise ValueError(f"allowed has shape {mask.shape}: {fits}") from None


# 09_masks_and_attention, cell n09-026
def masked_softmax(X, allowed, axis=-1):
    """Return the softmax of X along `axis` over what is allowed, in the shape of X; else 0."""
    X = as_floats(X)
    allowed = as_mask(allowed, X.shape)
    never, zero = X.dtype.type(-np.inf), X.dtype.type(0)
    P = softmax(np.where(allowed, X, never), axis)
    return np.where(allowed, P, zero)[()]


# 09_masks_and_attention, cell n09-045
def as_vectors(Q, K, V):
    """Return Q, K, V in float32 at least, and the type of the result; refuse unfit shapes."""
    arrays = [as_floats(A, name) for name, A in zip("QKV", (Q, K, V))]
    dtype = np.result_type(*(A.dtype for A in arrays))
    shapes = [A.shape for A in arrays]
    if min(map(len, shapes)) < 2 or shapes[0][-1] != shapes[1][-1] or not shapes[0][-1]:
        raise ValueError(f"Q {shapes[0]} and K {shapes[1]} must be rows of one length d, 1 or more")
    if shapes[1][-2] != shapes[2][-2]:
        raise ValueError(f"K {shapes[1]} and V {shapes[2]} must have as many rows: one per word")
    return *(A.astype(np.result_type(dtype, np.float32)) for A in arrays), dtype


def weighted_sum(P, V, allowed):
    """Return P V, shape (..., n, v), in which what is not allowed counts 0, whatever it holds."""
    if np.isfinite(V).all():
        return P @ V
    seen = as_mask(allowed, P.shape)[..., None]
    own = np.where(seen, V[..., None, :, :], 0)
    return (P[..., None, :] @ own)[..., 0, :]


# 09_masks_and_attention, cell n09-046
@np.errstate(all="ignore")
def attention(Q, K, V, allowed=True):
    """Return softmax(Q K^T / sqrt(d)) V, one row per query, over the keys that are allowed."""
    Q, K, V, dtype = as_vectors(Q, K, V)
    S = Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1])
    P = masked_softmax(S, allowed)
    return weighted_sum(P, V, allowed).astype(dtype)


# 10_many_machines, cell n10-013
def finish(a):
    """Return the log-sum-exp, shape (rows,), that belongs to the state a = (m, s)."""
    with np.errstate(divide="ignore"):
        return a[0] + np.log(a[1])


# 10_many_machines, cell n10-025
def finite(m):
    """Return m, and 0 where it is not finite: what may be subtracted."""
    return np.where(np.isfinite(m), m, 0)


def state(Z):
    """Return (m, s), each of shape (rows,), for a block Z of logits, shape (rows, width)."""
    m = Z.max(axis=1, initial=-np.inf)
    with np.errstate(all="ignore"):
        return m, np.exp(Z - finite(m)[:, None]).sum(axis=1)


# 10_many_machines, cell n10-026
def merge(a, b):
    """Return the state of two blocks together, from the states of each, in the same type."""
    m = np.maximum(a[0], b[0])
    with np.errstate(all="ignore"):
        return m, a[1] * np.exp(a[0] - finite(m)) + b[1] * np.exp(b[0] - finite(m))


# 10_many_machines, cell n10-033
def online(blocks):
    """Return the state of a stream of blocks, each of shape (rows, width) and seen once."""
    total = -np.inf, 0
    for block in blocks:
        total = merge(total, state(block))
    return total


# 10_many_machines, cell n10-043
def tree(states):
    """Return the state of all together: neighbours are merged, then neighbours of neighbours."""
    states = list(states) or [(-np.inf, 0)]
    while len(states) > 1:
        states += [(-np.inf, 0)] * (len(states) % 2)
        states = [merge(a, b) for a, b in zip(states[::2], states[1::2])]
    return states[0]


# 10_many_machines, cell n10-087
def softmax_in_blocks(X, rows):
    """Return the softmax of each row of X, a matrix of floats, taking `rows` rows at a time."""
    if rows < 1:
        raise ValueError(f"rows must be 1 or more, got {rows}")
    P = np.empty_like(X)
    for first in range(0, len(X), rows):
        block, part = P[first : first + rows], X[first : first + rows]
        with np.errstate(all="ignore"):
            np.subtract(part, part.max(axis=1, keepdims=True, initial=-np.inf), out=block)
            np.exp(block, out=block)
            block /= block.sum(axis=1, keepdims=True)
    return P
