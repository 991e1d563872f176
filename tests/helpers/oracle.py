"""Softmax, its logarithm and log-sum-exp of one row of floats at 50 digits, by mpmath."""

import numpy as np
from mpmath import mp, mpf

mp.dps = 50


def exact(x):
    """x is a float of any numpy dtype; the mpf is its value to the last bit."""
    n, d = np.asarray(x)[()].as_integer_ratio()
    return mpf(int(n)) / int(d)


def oracle(row):
    """(p, log p, log-sum-exp) as mpf, free of cancellation: the winner by log1p."""
    x = [exact(v) for v in row]
    k = max(range(len(x)), key=x.__getitem__)
    e = [mp.exp(v - x[k]) for v in x]
    rest = mp.fsum(e[:k] + e[k + 1 :])
    L = mp.log1p(rest)
    return [v / (1 + rest) for v in e], [(v - x[k]) - L for v in x], x[k] + L


def error(got, true, eps):
    """|got - true| / |true| in eps, 0 where both are 0."""
    got = exact(got)
    return (
        0.0
        if got == true
        else float(abs(got - true) / abs(true) / mpf(eps))
        if true
        else float("inf")
    )
