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
    """Return the logits of one sample x, for a list of (W, b) from layer to layer."""
    z = x
    for i, (W, b) in enumerate(params):
        a = z if i == 0 else relu(z)
        z = W @ a + b
    return z


# 02_forward_pass, cell n02-045
def forward_batch(X, params):
    """Return the logits, shape (m, n_last), of the m samples in the rows of X."""
    Z = X
    for i, (W, b) in enumerate(params):
        assert b.shape == (len(W),), f"b{i} has shape {b.shape}, expected {(len(W),)}"
        A = Z if i == 0 else relu(Z)
        Z = A @ W.T + b
    return Z


# 03_naive_softmax, cell n03-019
def naive_softmax(X, axis=-1):
    """Return exp(x) / sum(exp(x)) along `axis`."""
    exp = np.exp(X)
    return exp / exp.sum(axis=axis, keepdims=True)


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


# 04_max_shift, cell n04-060
def as_floats(X):
    """Return X in floating point: floats keep their type, all else becomes float64."""
    if isinstance(X, np.ma.MaskedArray):
        raise TypeError("masked array: mask with -inf instead, X.astype(float).filled(-np.inf)")
    X = np.asarray(X)
    if X.dtype.kind not in "fiub":
        raise TypeError(f"expected real numbers, got dtype {X.dtype}")
    return X.astype(X.dtype.newbyteorder("=") if X.dtype.kind == "f" else float, copy=False)


# 04_max_shift, cell n04-062
def as_rows(X, axis):
    """Return X as a matrix of rows along `axis`, at least float32, and X's shape, axis last."""
    X = np.atleast_1d(X).swapaxes(axis, -1)
    rows = X.reshape(-1, max(X.shape[-1], 1))
    return rows.astype(np.result_type(X.dtype, np.float32), order="C", copy=False), X.shape


# 04_max_shift, cell n04-064
@np.errstate(all="ignore")
def softmax(X, axis=-1):
    """Return exp(x) / sum(exp(x)) along `axis`, of X's shape; rows without an answer are nan."""
    X = as_floats(X)
    rows, shape = as_rows(X, axis)
    i, winner = np.arange(len(rows)), rows.argmax(-1)
    top = rows[i, winner]
    exp = rows - top[:, None]
    np.exp(exp, out=exp)
    exp[i, winner] = top - top
    rest = exp.sum(-1, keepdims=True)
    exp[i, winner] = 1
    exp /= 1 + rest
    return exp.astype(X.dtype, copy=False).reshape(shape).swapaxes(axis, -1).reshape(X.shape)[()]


# 05_log_softmax, cell n05-054
def shift_rows(rows):
    """Return each row's maximum, the gaps to it, and log(sum(exp(gaps))), by log1p."""
    i, winner = np.arange(len(rows)), rows.argmax(-1)
    top = rows[i, winner]
    gaps = rows - top[:, None]
    exp = np.exp(gaps)
    exp[i, winner] = top - top
    return top[:, None], gaps, np.log1p(exp.sum(-1, keepdims=True))


# 05_log_softmax, cell n05-055
@np.errstate(all="ignore")
def logsumexp(X, axis=-1):
    """Return log(sum(exp(x))) along `axis`, in the shape of X without that axis."""
    X = as_floats(X)
    if X.size == 0:
        return X.max(axis, initial=-np.inf)
    rows, shape = as_rows(X, axis)
    top, _, log_sum = shift_rows(rows)
    result = np.where(np.isinf(top), top, top + log_sum).astype(X.dtype, copy=False)
    return result.reshape((*shape[:-1], 1)).swapaxes(axis, -1).squeeze(axis)[()]


# 05_log_softmax, cell n05-056
@np.errstate(under="ignore", invalid="ignore")
def log_softmax(X, axis=-1):
    """Return the log-probabilities of the logits X along `axis`, in the shape of X."""
    X = as_floats(X)
    rows, shape = as_rows(X, axis)
    _, gaps, log_sum = shift_rows(rows)
    gaps -= log_sum
    return gaps.astype(X.dtype, copy=False).reshape(shape).swapaxes(axis, -1).reshape(X.shape)[()]


# 06_cross_entropy, cell n06-003
from dataclasses import dataclass


# 06_cross_entropy, cell n06-028
def class_numbers(label, pred, axis):
    """Return labels as class numbers, with size 1 along `axis`; refuse what is not a class."""
    label, one_each, n = np.asarray(label), pred.take([0], axis).shape, pred.shape[axis]
    if label.shape not in (one_each, pred.take(0, axis).shape):
        raise ValueError(f"label has shape {label.shape}: pass one class number for each softmax")
    if not np.isin(label, np.arange(n)).all():
        raise ValueError(f"label must hold whole numbers from 0 to {n - 1}, got {label}")
    return label.astype(int).reshape(one_each)


# 06_cross_entropy, cell n06-029
def total_weight(sample_weight, weight, one_each):
    """Return the product of both weights, in the shape `one_each`; refuse what does not fit."""
    if np.ndim(weight) > 0:
        raise ValueError("weight is one number: pass one weight per sample as sample_weight")
    factor = np.asarray(1.0 if sample_weight is None else sample_weight)
    fits = all(size in (1, full) for size, full in zip(factor.shape, one_each))
    if factor.ndim not in (0, len(one_each)) or not fits:
        advice = f"pass one that broadcasts to {one_each}, with 1 for the axis of the classes"
        raise ValueError(f"sample_weight has shape {factor.shape}: {advice}")
    return np.broadcast_to(factor * (1.0 if weight is None else weight), one_each)


# 06_cross_entropy, cell n06-031
@dataclass
class SoftmaxCrossEntropyLoss:
    """Cross-entropy of softmax(pred), one loss for each sample; MXNet Gluon's semantics."""

    axis: int = -1
    sparse_label: bool = True
    from_logits: bool = False
    weight: float | None = None
    batch_axis: int = 0

    @np.errstate(invalid="ignore")
    def __call__(self, pred, label, sample_weight=None):
        log_p, label, factor = self._read(pred, label, sample_weight)
        if self.sparse_label:
            loss = -np.take_along_axis(log_p, label, self.axis)
        else:
            loss = -(log_p * label).sum(self.axis, keepdims=True)
        averaged = tuple(np.delete(np.arange(log_p.ndim), self.batch_axis))
        return (loss * factor).mean(averaged).astype(log_p.dtype)

    def gradient(self, pred, label, sample_weight=None):
        """Return the derivative of the sum of all losses by each entry of pred."""
        log_p, label, factor = self._read(pred, label, sample_weight)
        grad = np.zeros_like(log_p) if self.from_logits else np.exp(log_p)
        if self.sparse_label:
            log_right = np.take_along_axis(log_p, label, self.axis)
            at_right = -1 if self.from_logits else np.expm1(log_right)
            np.put_along_axis(grad, label, at_right, self.axis)
        else:
            grad = grad * label.sum(self.axis, keepdims=True) - label
        positions = np.prod(np.delete(factor.shape, self.batch_axis))
        return (grad * factor / positions).astype(log_p.dtype)

    def _read(self, pred, label, sample_weight):
        pred = np.asarray(pred)
        if pred.dtype.kind != "f":
            raise ValueError(f"pred has dtype {pred.dtype}: pass logits as pred.astype(float)")
        if self.sparse_label:
            label = class_numbers(label, pred, self.axis)
        elif np.shape(label) != pred.shape:
            raise ValueError(f"label has shape {np.shape(label)}: pass pred's shape {pred.shape}")
        one_each = pred.take([0], self.axis).shape
        factor = total_weight(sample_weight, self.weight, one_each)
        log_p = pred if self.from_logits else log_softmax(pred, self.axis)
        return log_p, np.asarray(label), factor


# 07_training, cell n07-013
def make_data(seed=0, scale=1000, m=300):
    """Return X, shape (m, 10), and the labels, shape (m,), of five clouds of samples."""
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


def shifted_head(Z, labels):
    """-log q, with the shifted softmax."""
    P = softmax(Z)
    q = P[np.arange(len(P)), labels]
    return -np.log(q).mean(), through_softmax(P, labels, -1 / q / len(q))


# 07_training, cell n07-026
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


# 07_training, cell n07-033
def bar(steps, width=30):
    """Yield the steps, and show on one line how many are done."""
    for done, step in enumerate(steps, 1):
        yield step
        full = width * done // len(steps)
        print(f"\r|{'#' * full}{'.' * (width - full)}| {done}/{len(steps)}", end="")
    print()


# 07_training, cell n07-034
@np.errstate(all="ignore")
def train(X, labels, params, head, steps=200, lr=1e-4, progress=iter):
    """Return the trained params, and by step: loss, accuracy, gradient norm, largest |logit|."""
    history = []
    for step in progress(range(steps + 1)):
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
