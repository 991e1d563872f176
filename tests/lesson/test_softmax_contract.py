"""Promise: the contract of softmax, log_softmax and logsumexp holds, row by row.

Warnings are errors: the three functions are silent where they promise to be.
"""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lesson import taught

try:
    from numpy.exceptions import AxisError
except ImportError:
    from numpy import AxisError

as_floats = taught.as_floats
log_softmax = taught.log_softmax
logsumexp = taught.logsumexp
naive_softmax = taught.naive_softmax
softmax = taught.softmax

pytestmark = pytest.mark.filterwarnings("error")
inf, nan = np.inf, np.nan
ROBUST = [softmax, log_softmax, logsumexp]
SHAPED = [softmax, log_softmax]
ARTICLE = [[2, 3, 4], [3, 5, 7]]
ROUNDED = [[0.09003057, 0.24472847, 0.66524096], [0.01587624, 0.11731043, 0.86681333]]


def of(f, X, **kw):
    return np.asarray(f(np.array(X, dtype=float), **kw))


@pytest.mark.parametrize(
    "f",
    [
        naive_softmax,
        softmax,
        lambda X: np.exp(log_softmax(X)),
        lambda X: np.exp(X - logsumexp(X)[:, None]),
    ],
)
def test_article_example(f):
    assert_allclose(f(np.array(ARTICLE)), ROUNDED, atol=5e-9)


@pytest.mark.parametrize(
    ("X", "p"),
    [
        ([1000, 1000, 100], [0.5, 0.5, 0]),
        ([-1000, -1000, -1100], [0.5, 0.5, 3.720075976020836e-44 / 2]),
        ([-10000, -1020, 100, -70220], [0, 0, 1, 0]),
    ],
)
def test_article_failures(X, p):
    assert_allclose(softmax(X), p, rtol=1e-13)


def test_article_log_probabilities():
    assert_array_equal(log_softmax([-10000, -1020, 100, -70220]), [-10100, -1120, 0, -70320])


# ---- dtypes


@pytest.mark.parametrize("f", ROBUST)
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g", ">f2", ">f4", ">f8"])
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4), (0, 3), (2, 0)])
def test_floats_keep_their_dtype(f, dtype, shape):
    assert f(np.ones(shape, dtype)).dtype == np.dtype(dtype).newbyteorder("=")


@pytest.mark.parametrize("f", ROBUST)
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g"])
def test_a_number_keeps_its_dtype(f, dtype):
    assert f(np.array(2, dtype)).dtype == dtype


@pytest.mark.parametrize("f", ROBUST)
@pytest.mark.parametrize(
    "X",
    [[1, 2, 3], [[1, 2], [3, 4]], (1, 2), 3, [1, 2.5], [True, False], True, []]
    + [np.array([1, 0, 1], t) for t in "?bBhHiIlLqQ"],
    ids=repr,
)
def test_everything_else_becomes_float64(f, X):
    Y = f(X)
    assert Y.dtype == np.float64
    assert_array_equal(Y, f(np.asarray(X).astype(float)))


def test_small_integers():
    assert_allclose(
        softmax(np.array([1, 2, 3], np.uint8)), [0.09003057, 0.24472847, 0.66524096], atol=5e-9
    )
    assert_allclose(
        softmax(np.array([-100, 100], np.int8)), [1.3838965267367376e-87, 1], rtol=1e-13
    )
    assert_array_equal(log_softmax(np.array([-128, 127], np.int8)), [-255, -np.exp(-255.0)])
    assert logsumexp(np.array([200, 200], np.uint8)) == 200 + np.log(2)


@pytest.mark.parametrize("n", [2049, 65520, 70000])
def test_float16_sums_do_not_stick_or_overflow(n):
    X = np.zeros(n, np.float16)
    assert_array_equal(softmax(X), np.full(n, 1 / n, np.float16))
    assert_array_equal(log_softmax(X), np.full(n, -np.log(n), np.float16))
    assert logsumexp(X) == np.float16(np.log(n))


def test_longdouble_is_more_than_double():
    if np.finfo(np.longdouble).eps == np.finfo(float).eps:
        pytest.skip("long double is double here")
    X = np.array([0, 1], np.longdouble)
    assert abs(log_softmax(X)[1] + np.log1p(np.exp(np.longdouble(-1)))) < 1e-18


@pytest.mark.parametrize("f", ROBUST)
@pytest.mark.parametrize(
    "X",
    [
        np.array([1j, 2]),
        np.array(["1", "2"]),
        np.array([b"1"]),
        np.array([1, None]),
        np.array([1, 2], object),
        np.array(["2020-01-01"], "M8[D]"),
        np.array([1], "m8[s]"),
        np.zeros(2, "i4,f4"),
    ],
    ids=lambda X: str(X.dtype),
)
def test_no_real_numbers(f, X):
    with pytest.raises(TypeError) as e:
        f(X)
    assert str(X.dtype) in str(e.value)


@pytest.mark.parametrize("f", ROBUST)
@pytest.mark.parametrize(
    "X", [np.ma.array([1.0, 2, 3], mask=[0, 1, 0]), np.ma.array([1, 2]), np.ma.masked]
)
def test_masked_array(f, X):
    with pytest.raises(TypeError, match=r"filled\(-np.inf\)"):
        f(X)


def test_the_advice_for_masked_arrays_works():
    X = np.ma.array([1, 2, 3], mask=[0, 1, 0])
    assert_array_equal(softmax(X.astype(float).filled(-np.inf))[[0, 2]], softmax([1, 3]))
    assert softmax(X.astype(float).filled(-np.inf))[1] == 0


# ---- shapes and axes


def test_a_number():
    assert (softmax(7.0), log_softmax(7.0), logsumexp(7.0)) == (1, 0, 7)
    for f in ROBUST:
        for X in (
            7,
            7.0,
            np.float32(7),
            np.array(7.0),
            np.array(inf),
            np.array(-inf),
            np.array(nan),
        ):
            assert isinstance(f(X), np.generic) and f(X, axis=0).shape == ()
            with pytest.raises(AxisError):
                f(X, axis=1)
    for f in SHAPED:
        assert np.isnan([f(inf), f(-inf), f(nan)]).all()
    assert logsumexp(inf) == inf and logsumexp(-inf) == -inf and np.isnan(logsumexp(nan))


def test_logsumexp_of_a_vector_is_a_scalar():
    assert isinstance(logsumexp([1.0, 2.0]), np.float64) and isinstance(
        logsumexp(np.float16([1, 2])), np.float16
    )


@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0,), (3, 0, 2), (0, 0)])
def test_empty(shape):
    for axis in range(-len(shape), len(shape)):
        X = np.empty(shape)
        for f in SHAPED:
            assert f(X, axis=axis).shape == shape
        Y = logsumexp(X, axis=axis)
        assert Y.shape == X.sum(axis=axis).shape and (-inf == Y).all()
        for f in ROBUST:
            with pytest.raises(AxisError):
                f(X, axis=len(shape))


@pytest.mark.parametrize("f", ROBUST)
@pytest.mark.parametrize("shape", [(3,), (1,), (2, 3), (1, 3), (3, 1), (2, 3, 4), (2, 1, 3, 2)])
def test_any_rank_any_axis(f, shape):
    X = np.random.RandomState(0).randn(*shape)
    for axis in range(-len(shape), len(shape)):
        Y, one = f(X, axis=axis), np.apply_along_axis(f, axis, X)
        assert Y.shape == one.shape == (shape if f is not logsumexp else X.sum(axis=axis).shape)
        assert_array_equal(Y, one)


@pytest.mark.parametrize("f", ROBUST)
@pytest.mark.parametrize("axis", [1, 5, -2])
def test_axis_that_is_not_there(f, axis):
    with pytest.raises(AxisError, match=f"axis {axis} is out of bounds"):
        f(np.ones(3), axis=axis)


@pytest.mark.parametrize("f", ROBUST)
@pytest.mark.parametrize("axis", [None, (0, 1), 1.0])
def test_the_axis_is_an_integer(f, axis):
    with pytest.raises(TypeError, match="integer"):
        f(np.ones((2, 3)), axis=axis)


def test_the_default_axis_is_the_last():
    X = np.random.RandomState(0).randn(2, 3, 4)
    for f in ROBUST:
        assert_array_equal(f(X), f(X, axis=2))


# ---- the caller's array


def layouts():
    X = np.random.RandomState(0).randn(4, 6)
    yield "read-only", np.broadcast_to(X[0], (4, 6))
    yield "strided", np.repeat(X, 2, axis=1)[:, ::2]
    yield "reversed", X[::-1, ::-1]
    yield "Fortran", np.asfortranarray(X)
    yield "transposed", X.T
    yield "swapped bytes", X.astype(">f8")
    yield "unaligned", np.frombuffer(b"\0" + X.tobytes(), np.uint8)[1:].view("f8").reshape(4, 6)
    yield "one column of a record", np.rec.fromarrays([X, X]).f0
    yield "matrix", np.asarray(X).view(type("Sub", (np.ndarray,), {}))


@pytest.mark.parametrize("f", ROBUST)
@pytest.mark.parametrize("X", [pytest.param(X, id=name) for name, X in layouts()])
@pytest.mark.parametrize("axis", [0, 1])
def test_layouts(f, X, axis):
    before = X.copy()
    Y = f(X, axis=axis)
    assert_array_equal(Y, f(np.array(X, dtype="f8", order="C", subok=False), axis=axis))
    assert_array_equal(X, before)
    assert not np.shares_memory(X, Y) and Y.flags.writeable and type(Y) is np.ndarray


@pytest.mark.parametrize("f", ROBUST)
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g", "i8", "u1", "?"])
@pytest.mark.parametrize("shape", [(), (3,), (1, 1), (2, 3), (0, 3), (2, 0)])
@pytest.mark.parametrize("axis", [0, -1])
def test_input_is_neither_changed_nor_returned(f, dtype, shape, axis):
    X = (np.arange(np.prod(shape, dtype=int)).reshape(shape) % 3).astype(dtype)
    before = X.copy()
    Y = f(X, axis=axis)
    assert_array_equal(X, before)
    assert not np.shares_memory(X, Y)


def test_lists_are_left_alone():
    X = [[1000, 1000, 100]]
    for f in ROBUST:
        f(X)
    assert X == [[1000, 1000, 100]]


# ---- infinities and nan


@pytest.mark.parametrize("n", [1, 2, 3, 1000])
def test_all_minus_inf(n):
    X = np.full((2, n), -inf)
    X[1] = 0
    for f in SHAPED:
        assert np.isnan(f(X)[0]).all() and np.isfinite(f(X)[1]).all()
    assert_allclose(logsumexp(X), [-inf, np.log(n)], rtol=1e-15)


@pytest.mark.parametrize(
    "row",
    [
        [inf],
        [inf, 0, 1],
        [0, inf, 1],
        [inf, inf, 0],
        [inf, -inf, -inf],
        [inf, inf],
        [1e308, inf],
        [-inf, inf],
    ],
)
def test_plus_inf(row):
    X = np.array([row, [0.0] * len(row)])
    for f in SHAPED:
        assert np.isnan(f(X)[0]).all() and np.isfinite(f(X)[1]).all()
    assert_allclose(logsumexp(X), [inf, np.log(len(row))], rtol=1e-15)


@pytest.mark.parametrize(
    "row",
    [[nan], [nan, 0, 1], [0, 1, nan], [nan, 1000], [nan, inf], [inf, nan], [nan, -inf], [nan, nan]],
)
def test_nan_stays_in_its_row(row):
    X = np.array([[0.0] * len(row), row, [1.0] * len(row)])
    for f in ROBUST:
        Y = f(X)
        assert np.isnan(Y[1]).all() and np.isfinite(Y[[0, 2]]).all()


@pytest.mark.parametrize("f", ROBUST)
@pytest.mark.parametrize("row", [[0, -inf, 1], [-inf, 0], [-1000, -inf, -1001]])
def test_a_mask_is_exact(f, row):
    keep = np.isfinite(row)
    Y = of(f, row)
    if f is logsumexp:
        assert of(f, np.array(row)[keep]) == Y
    else:
        assert (Y[~keep] == (0 if f is softmax else -inf)).all()
        assert_array_equal(Y[keep], of(f, np.array(row)[keep]))


# ---- silence

FINITE = [
    [0.0, -inf, 1],
    [0, -800, -740],
    [1000, 1000, 100],
    [-1e38, 0, 1e38],
    [1e-45, 0, -1e-45],
    [-745, -744, -746],
]


@pytest.mark.parametrize("f", ROBUST)
@pytest.mark.parametrize("X", FINITE, ids=str)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_silent_whatever_the_caller_chose(f, X, dtype):
    X = np.array(X, dtype)
    with np.errstate(all="raise"):
        f(X)


def test_float16_underflow_is_silent():
    with np.errstate(all="raise"):
        assert softmax(np.float16([0, -16, -30]))[2] == 0
        log_softmax(np.float16([0, -16, -30])), logsumexp(np.float16([0, -16, -30]))


def test_a_difference_out_of_range():
    X = np.array([1.7e308, -1.7e308])
    assert_array_equal(softmax(X), [1, 0])
    assert logsumexp(X) == 1.7e308
    for Z in (X, np.float16([60000, -60000])):
        with pytest.warns(RuntimeWarning, match="overflow"):
            assert_array_equal(log_softmax(Z), [0, -inf])


def test_the_callers_errstate_survives():
    before = np.geterr()
    for f in ROBUST:
        f([0, inf]), f([])
        with pytest.raises(TypeError):
            f(["a"])
    assert np.geterr() == before


def test_as_floats():
    X = np.ones(3, np.float32)
    assert as_floats(X) is X
    assert as_floats([1, 2]).dtype == float
    assert type(as_floats(np.ones((2, 2)).view(type("Sub", (np.ndarray,), {})))) is np.ndarray
