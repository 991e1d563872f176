"""Promise: softmax, log_softmax and logsumexp are right to the last digits, against 50 digits.

Errors count in eps of the type. With d = max - x, exact for the floats given, along any axis:
    p                           within d / 2 + 2.5: the rounding of d, and of the sum
    p, one winner far ahead     within d / 2 + 8: many small terms round beside a 1
    log p of the winner         within 2 + half the smallest other d
    log p of every other class  within 2
    log-sum-exp                 within 2, in units of max(|max x|, |log p of the winner|)
Where exp is subnormal it has fewer digits: each class may add one smallest subnormal.
"""

import numpy as np
import pytest
from mpmath import mp

from lesson.taught import log_softmax, logsumexp, naive_softmax, softmax
from tests.helpers.oracle import exact, off, oracle

pytestmark = pytest.mark.filterwarnings("error")
EPS = np.finfo(float).eps
both_types = pytest.mark.parametrize("dtype", ["f4", "f8"])


def check(row, room=2.5):
    """Compare one row, as it is and as the second of two columns, with the oracle."""
    row = np.asarray(row)
    p, q, y = oracle(row)
    info = np.finfo(row.dtype)
    eps, tiny, least = (exact(v) for v in (info.eps, info.tiny, info.smallest_subnormal))
    k, x = int(row.argmax()), [exact(v) for v in row]
    d = [x[k] - v for v in x]
    nearest = min(d[:k] + d[k + 1 :], default=0)
    lost = sum(mp.exp(-v) < tiny for v in d) * least
    columns = np.column_stack([row[::-1], row])
    for X, axis, at in ((row, -1, ()), (columns, 0, (..., 1))):
        P, Q, Y = (f(X, axis=axis)[at] for f in (softmax, log_softmax, logsumexp))
        for i, gap in enumerate(d):
            slack = least if p[i] < tiny else 0
            assert abs(exact(P[i]) - p[i]) <= (room + gap / 2) * eps * p[i] + slack, ("p", i, gap)
            bound = 2 + nearest / 2 if i == k else 2
            assert abs(exact(Q[i]) - q[i]) <= bound * eps * -q[i] + lost, ("log p", i, gap)
        assert abs(exact(Y) - y) <= 2 * eps * max(abs(x[k]), -q[k]) + lost


@both_types
@pytest.mark.parametrize("n", [1, 2, 5, 16, 17, 100, 1000])
@pytest.mark.parametrize("scale", [0.1, 1, 10, 100])
@pytest.mark.parametrize("offset", [0, 1e4, -1e15])
def test_random(dtype, n, scale, offset):
    r = np.random.RandomState(n)
    for _ in range(700 // (n + 100) + 1):
        check((offset + r.randn(n) * scale).astype(dtype))


TIES = {"pair": [1, 1], "below": [-1, -1, -1], "one ahead": [1, -1, -1]}
r = np.random.RandomState(0)
REGIMES = {
    **{f"{k} ties": [3.3] * k + [1.1] * (1000 - k) for k in (2, 10, 500, 1000)},
    **{f"spread over {w}": np.linspace(-w, 0, 1000) for w in (1, 10, 100, 745)},
    **{f"pair {g:.1f}": [0.1, 0.1 - g] for g in r.uniform(0, 87, 40)},
    **{f"subnormal {x:.1f}": [0, x] for x in (*np.linspace(-87, -105, 19), -709, -730, -744.9)},
    **{
        f"{what} of 1e{e}": [c * 10.0**e for c in row]
        for e in (8, 36)
        for what, row in TIES.items()
    },
    "27 close": 1 + 0.1 * r.randn(27),
    "smallest": [1e-45, 0, -1e-45],
    "a mask": [0, -np.inf, -1, -np.inf],
}


@both_types
@pytest.mark.parametrize("row", [pytest.param(np.array(v), id=k) for k, v in REGIMES.items()])
def test_regimes(dtype, row):
    check(row.astype(dtype)[np.isfinite(row)])
    np.testing.assert_array_equal(softmax(row[row > -np.inf]), softmax(row)[row > -np.inf])


@both_types
def test_the_ends_of_the_range(dtype):
    big = np.finfo(dtype).max
    for row in (
        [big] * 2,
        [-big] * 2,
        [big / 2, -big / 2],
        [big, 0, 1],
        [big, np.nextafter(big, 0)],
    ):
        check(np.array(row, dtype))


@both_types
@pytest.mark.parametrize("gap", [0.1, 2.3, 7.7, 15, 16.7, 17, 20, 33.3, 36.5, 37, 40, 80])
def test_one_winner_and_999_equal_losers(dtype, gap):
    """In the sum the losers round beside a 1, again and again; the logarithm leaves it out."""
    check(np.array([gap] + [0] * 999, dtype), room=8)


@pytest.mark.parametrize("shape", [(10**6,), (10**6, 2), (2, 10**6), (10**6, 1), (300, 300, 3)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_long_axes_in_float32(shape, order):
    """All logits but the first are equal, so that each sum is known; added singly they drift."""
    for axis, n in enumerate(shape):
        X = np.full(shape, 0.1, np.float32, order)
        X.swapaxes(0, axis)[0] += np.float32(1)
        total = 1 + (n - 1) * mp.exp(exact(X.min()) - exact(X.max()))
        true = 1 / total, -mp.log(total), exact(X.max()) + mp.log(total)
        for f, value in zip((softmax, log_softmax, logsumexp), true, strict=True):
            got = f(X, axis=axis)
            first = got if f is logsumexp else got.swapaxes(0, axis)[0]
            for one in (first.max(), first.min()):
                assert off(one, value, 2.0**-23) <= 8, (f.__name__, axis)


def test_a_logarithm_next_to_0():
    assert abs(logsumexp([-np.log(2)] * 2)) <= EPS
    true = -4.248354255291589e-18
    for got in (log_softmax([0, -40])[0], -logsumexp([0, -40]), np.expm1(log_softmax([0, -40])[0])):
        assert abs(got / true - 1) <= 2 * EPS
    for gap in (16.7, 80, 87.3365):
        x = np.array([gap, 0], "f4")
        assert off(log_softmax(x)[0], oracle(x)[1][0], 2.0**-23) <= 1


def test_a_common_offset_that_is_exact_changes_nothing():
    for c in (1e4, -1e4, 1e15, -1e15, 2.0**52):
        for f in (softmax, log_softmax):
            np.testing.assert_array_equal(f(c + np.arange(3.0)), f(np.arange(3.0)))


@pytest.mark.parametrize("n", [2, 5, 1000])
def test_float16_is_rounded_once(n):
    x = (3 * np.random.RandomState(0).randn(n)).astype(np.float16)
    p, q, y = oracle(x)
    for got, true in zip((*log_softmax(x), logsumexp(x), *softmax(x)), (*q, y, *p), strict=True):
        assert off(got, true, 2.0**-10, floor=2.0**-14) <= 0.51


@pytest.mark.parametrize("n", [2049, 65520, 70000])
def test_float16_sums_neither_stick_nor_overflow(n):
    for shape in ((n,), (n, 1), (1, n), (n, 2)):
        X, axis = np.zeros(shape, np.float16), shape.index(n)
        assert (softmax(X, axis) == np.float16(1 / n)).all()
        assert (log_softmax(X, axis) == np.float16(-np.log(n))).all()
        assert (logsumexp(X, axis) == np.float16(np.log(n))).all()


def test_longdouble_is_more_than_double():
    if np.finfo(np.longdouble).eps == EPS:
        pytest.skip("long double is double here")
    X = np.array([0, 1], np.longdouble)
    assert abs(log_softmax(X)[1] + np.log1p(np.exp(np.longdouble(-1)))) < 1e-18


def test_naive_is_right_where_it_survives():
    x = np.random.RandomState(0).uniform(-300, 300, 20)
    assert max(map(off, naive_softmax(x), oracle(x)[0], [EPS] * 20)) <= 4
