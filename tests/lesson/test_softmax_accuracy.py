"""Promise: the results are right to the last digits, against mpmath at 50 digits.

Errors are counted in eps of the dtype.

With d = max - x, exact for the floats given, up to 1000 classes, along any axis:
    p                            within 4 + d
    log p of the winner          within 4 + the smallest other d (its rounding moves e^-d)
    log p of every other class   within 4
    log-sum-exp                  within 4, in units of max(|max x|, log p of the winner) eps
Where e^-d is subnormal, each class may add one smallest subnormal: it has no more digits.
"""

import numpy as np
import pytest
from mpmath import mp, mpf

from lesson import taught
from tests.helpers.oracle import error, exact, oracle

log_softmax = taught.log_softmax
logsumexp = taught.logsumexp
naive_softmax = taught.naive_softmax
softmax = taught.softmax

pytestmark = pytest.mark.filterwarnings("error")


def check(row, axis=-1):
    row = np.asarray(row)
    X = row if axis == -1 else np.column_stack([row[::-1], row])
    P, Q, Y = (
        f(X, axis=axis) if axis == -1 else f(X, axis=axis)[..., 1]
        for f in (softmax, log_softmax, logsumexp)
    )
    p, q, y = oracle(row)
    info = np.finfo(row.dtype)
    eps, tiny, least = (exact(v) for v in (info.eps, info.tiny, info.smallest_subnormal))
    k = int(row.argmax())
    d = [exact(row[k]) - exact(v) for v in row]
    gap = min(d[:k] + d[k + 1 :], default=0)
    lost = sum(mp.exp(-v) < tiny for v in d) * least
    for i in range(len(row)):
        assert abs(exact(P[i]) - p[i]) <= (4 + d[i]) * eps * p[i] + (least if p[i] < tiny else 0), (
            "p",
            i,
            d[i],
        )
        bound = 4 + gap if i == k else 4
        assert abs(exact(Q[i]) - q[i]) <= bound * eps * -q[i] + lost, ("log p", i, d[i], k)
    assert abs(exact(Y) - y) <= 4 * eps * max(abs(exact(row[k])), -q[k]) + lost


dtypes = pytest.mark.parametrize("dtype", ["f4", "f8"])
axes = pytest.mark.parametrize("axis", [-1, 0])


@dtypes
@axes
@pytest.mark.parametrize("n", [1, 2, 5, 10, 100, 1000])
@pytest.mark.parametrize("scale", [0.1, 1, 10, 100])
def test_random(dtype, axis, n, scale):
    r = np.random.RandomState(n)
    for _ in range(2000 // (n + 100)):
        check((r.randn(n) * scale).astype(dtype), axis)


@dtypes
@axes
@pytest.mark.parametrize("offset", [1e4, -1e4, 1e15, -1e15])
def test_offset(dtype, axis, offset):
    r = np.random.RandomState(0)
    for n in (3, 100, 1000):
        check((offset + 3 * r.randn(n)).astype(dtype), axis)


def test_offset_by_hand():
    for c in (1e4, 1e15):
        np.testing.assert_array_equal(log_softmax(c + np.arange(3.0)), log_softmax(np.arange(3.0)))


@dtypes
@axes
@pytest.mark.parametrize(
    "gap", [0.1, 2.302585, 7.7, 15, 16, 16.7, 17, 20, 33.3, 36, 36.5, 36.7, 37, 40, 80, 100, 700]
)
def test_one_winner_999_equal_losers(dtype, axis, gap):
    """The sum of the losers must not be lost one by one against the winner's 1."""
    check(np.array([gap] + [0] * 999, dtype), axis)


@dtypes
@axes
@pytest.mark.parametrize("k", [2, 3, 10, 500, 999, 1000])
def test_ties(dtype, axis, k):
    check(
        np.random.RandomState(k).permutation(np.array([3.3] * k + [1.1] * (1000 - k), dtype)), axis
    )


@dtypes
@axes
@pytest.mark.parametrize("width", [1, 10, 40, 100, 700, 745])
def test_spread_evenly(dtype, axis, width):
    check(np.linspace(-width, 0, 1000).astype(dtype), axis)


@dtypes
def test_pairs(dtype):
    for g in np.random.RandomState(0).uniform(0, 90 if dtype == "f4" else 740, 300):
        check(np.array([0.1, 0.1 - g], dtype))


@dtypes
def test_subnormals(dtype):
    info = np.finfo(dtype)
    s = info.smallest_subnormal
    check(np.array([s, 0, -s, 3 * s, info.tiny], dtype))
    low = -88 if dtype == "f4" else -709
    for x in np.linspace(low, 1.2 * low, 60):
        check(np.array([0, x], dtype))


@dtypes
def test_extremes(dtype):
    big = np.finfo(dtype).max
    for row in (
        [big, big],
        [-big, -big],
        [big / 2, -big / 2],
        [big, 0, 1],
        [big, np.nextafter(big, big * 0)],
    ):
        check(np.array(row, dtype))


def test_the_winner_of_0_and_minus_40():
    true = -4.248354255291589e-18
    assert abs(log_softmax([0, -40])[0] / true - 1) <= 2 * np.finfo(float).eps
    assert abs(np.expm1(log_softmax([0, -40])[0]) / true - 1) <= 2 * np.finfo(float).eps


def test_logsumexp_near_zero():
    """The answer for [-c, -c] with c = log 2 is the rounding error of c."""
    c = np.log(2)
    true = oracle(np.array([-c, -c]))[2]
    assert 0 < abs(true) < mpf(1e-16)
    assert abs(logsumexp([-c, -c])) <= np.finfo(float).eps


def test_float16():
    r = np.random.RandomState(0)
    for n in (2, 5, 1000):
        x = (3 * r.randn(n)).astype(np.float16)
        p, q, y = oracle(x)
        eps = float(np.finfo(np.float16).eps)
        for got, true in zip((*log_softmax(x), logsumexp(x)), (*q, y), strict=True):
            assert error(got, true, eps) <= 0.51
        for got, true in zip(softmax(x), p, strict=True):
            assert abs(exact(got) - true) <= max(0.51 * eps * float(true), 0.51 * 2**-24)


def test_naive_is_right_where_it_survives():
    x = np.random.RandomState(0).uniform(-300, 300, 20)
    for got, true in zip(naive_softmax(x), oracle(x)[0], strict=True):
        assert error(got, true, 2**-52) <= 4
