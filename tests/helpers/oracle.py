"""Softmax, its logarithm, log-sum-exp and the loss of one row of floats at 50 digits, by mpmath."""

import numpy as np
from mpmath import mp, mpf

mp.dps = 50


def exact(x):
    """Return a float of any NumPy type as an mpf, its value to the last bit."""
    x = np.asarray(x)[()]
    if float(x) == x:
        return mpf(float(x))
    n, d = x.as_integer_ratio()
    return mpf(int(n)) / int(d)


def oracle(row):
    """Return (p, log p, log-sum-exp), free of cancellation: the winner by log1p; -inf is a mask."""
    x = [exact(v) if np.isfinite(v) else mpf("-inf") for v in row]
    k = max(range(len(x)), key=x.__getitem__)
    e = [mp.exp(v - x[k]) for v in x]
    rest = mp.fsum(e[:k] + e[k + 1 :])
    log_sum = mp.log1p(rest)
    return [v / (1 + rest) for v in e], [(v - x[k]) - log_sum for v in x], x[k] + log_sum


def loss_and_gradient(row, y):
    """Return -sum(y log p) and (p sum(y) - y); a label of 0 leaves its class out."""
    p, log_p, _ = oracle(row)
    y = [exact(v) for v in y]
    loss = -mp.fsum(b * a for a, b in zip(log_p, y, strict=True) if b)
    rest = [mp.fsum(p[:j] + p[j + 1 :]) for j in range(len(p))]
    total = mp.fsum(y)
    return loss, [
        -total * r if b == total else total * a - b for a, b, r in zip(p, y, rest, strict=True)
    ]


def off(got, true, eps, floor=0):
    """Return |got - true| in units of eps times the larger of |true| and `floor`."""
    if np.isinf(got) or mp.isinf(true):
        return 0.0 if got == float(true) else np.inf
    unit = mpf(float(eps)) * max(abs(true), mpf(float(floor)))
    if not unit:
        return 0.0 if got == 0 else np.inf
    return float(abs(exact(got) - true) / unit)
