"""Promise: the contract of softmax, log_softmax and logsumexp holds, row by row.

Warnings are errors, and so are NumPy's floating-point errors: what has an answer is silent.
"""

import threading

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from taught import as_floats, log_softmax, logsumexp, naive_softmax, softmax

try:
    from numpy.exceptions import AxisError
except ImportError:
    from numpy import AxisError

inf, nan = np.inf, np.nan
SHAPED = [softmax, log_softmax]
ALL = [*SHAPED, logsumexp]
each = pytest.mark.parametrize("f", ALL, ids=lambda f: f.__name__)
pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(autouse=True)
def _strict():
    with np.errstate(all="raise"):
        yield


def rounded(shape=(4, 6)):
    return np.random.RandomState(0).randn(*shape)


# ---- the article


@pytest.mark.parametrize(
    "f",
    [
        naive_softmax,
        softmax,
        lambda X: np.exp(log_softmax(X)),
        lambda X: np.exp(X - logsumexp(X)[:, None]),
    ],
)
def test_the_articles_example(f):
    p = [[0.09003057, 0.24472847, 0.66524096], [0.01587624, 0.11731043, 0.86681333]]
    assert_allclose(f(np.array([[2, 3, 4], [3, 5, 7]])), p, atol=5e-9)


@pytest.mark.parametrize(
    ("X", "p"),
    [
        ([1000, 1000, 100], [0.5, 0.5, 0]),
        ([-1000, -1000, -1100], [0.5, 0.5, 3.720075976020836e-44 / 2]),
        ([-10000, -1020, 100, -70220], [0, 0, 1, 0]),
        ([1e100, 1, 1], [1, 0, 0]),
    ],
)
def test_large_logits(X, p):
    assert_allclose(softmax(X), p, rtol=1e-13)


def test_the_articles_log_probabilities():
    assert_array_equal(log_softmax([-10000, -1020, 100, -70220]), [-10100, -1120, 0, -70320])


# ---- types


@each
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g", ">f2", ">f4", ">f8"])
@pytest.mark.parametrize("shape", [(), (3,), (1, 1), (2, 3), (2, 3, 4), (0, 3), (2, 0)])
def test_floats_keep_their_type(f, dtype, shape):
    for axis in (0, -1):
        assert f(np.ones(shape, dtype), axis).dtype == np.dtype(dtype).newbyteorder("=")


LISTS = [[1, 2, 3], [[1, 2], [3, 4]], (1, 2), 3, [1, 2.5], [True, False], True, [], range(3)]


@each
@pytest.mark.parametrize("X", LISTS + [np.array([1, 0, 1], t) for t in "?bBhHiIlLqQ"], ids=repr)
def test_all_else_becomes_float64(f, X):
    assert f(X).dtype == np.float64
    assert_array_equal(f(X), f(np.asarray(X).astype(float)))


def test_small_integers_do_not_wrap_around():
    p = [0.09003057, 0.24472847, 0.66524096]
    assert_allclose(softmax(np.array([1, 2, 3], np.uint8)), p, atol=5e-9)
    assert_allclose(
        softmax(np.array([-100, 100], np.int8)), [1.3838965267367376e-87, 1], rtol=1e-13
    )
    assert_array_equal(log_softmax(np.array([-128, 127], np.int8)), [-255, -np.exp(-255.0)])
    assert logsumexp(np.array([200, 200], np.uint8)) == 200 + np.log(2)


@each
@pytest.mark.parametrize(
    "X",
    [
        [10**18, 10**18 + 1, 10**18 + 2],
        np.array([0, 2**53 + 1]),
        np.array([[0, -(2**63)]]),
        np.array(2**64 - 1, np.uint64),
    ],
    ids=str,
)
def test_integers_that_floats_cannot_hold_are_refused(f, X):
    with pytest.raises(ValueError, match=r"-2\*\*53 to 2\*\*53"):
        f(X)


@each
def test_the_largest_integers(f):
    top = 2**53
    for X in ([top, top - 1, top - 2], [-top, -top + 1, -top + 2], np.array([top, 0], np.uint64)):
        assert_array_equal(f(X), f(np.array(X, float)))


NOT_REAL = {
    "complex": np.array([1j, 2]),
    "text": np.array(["1", "2"]),
    "bytes": np.array([b"1"]),
    "None": np.array([1, None]),
    "objects": np.array([1, 2], object),
    "huge": np.array([2**64, 1]),
    "dates": np.array(["2020-01-01"], "M8[D]"),
    "durations": np.array([1], "m8[s]"),
    "records": np.zeros(2, "i4,f4"),
}


@each
@pytest.mark.parametrize("X", NOT_REAL.values(), ids=NOT_REAL)
def test_what_is_not_real_is_refused(f, X):
    with pytest.raises(TypeError, match="X must hold real numbers") as error:
        f(X)
    assert str(X.dtype) in str(error.value)


@each
def test_masked_arrays_are_refused_with_advice_that_works(f):
    masked = np.ma.array([1, 2, 3], mask=[0, 1, 0])
    for X in (masked, np.ma.array([1.0, 2]), np.ma.masked):
        with pytest.raises(TypeError, match=r"X\.astype\(float\)\.filled\(-np\.inf\)"):
            f(X)
    assert_array_equal(
        softmax(masked.astype(float).filled(-np.inf)), np.insert(softmax([1, 3]), 1, 0)
    )


# ---- shapes and axes


@each
@pytest.mark.parametrize("x", [7, 7.0, np.float32(7), np.array(7.0), inf, -inf, nan])
def test_a_number_is_a_row_of_one_class(f, x):
    for got in (f(x), f(x, axis=0)):
        assert isinstance(got, np.generic)
        assert_array_equal(got, f([x])[0] if f in SHAPED else f([x]))
    assert_array_equal(
        f(x),
        {softmax: x * 0 + 1, log_softmax: x * 0, logsumexp: x}[f]
        if np.isfinite(x)
        else [nan, x][f is logsumexp],
    )
    for axis in (1, -2):
        with pytest.raises(AxisError):
            f(x, axis=axis)


@each
@pytest.mark.parametrize("shape", [(0, 3), (2, 0), (0,), (3, 0, 2), (0, 0)])
def test_empty(f, shape):
    X = np.empty(shape)
    for axis in range(-len(shape), len(shape)):
        Y = f(X, axis=axis)
        assert Y.shape == (shape if f in SHAPED else X.sum(axis).shape)
        assert (Y == -inf).all()
    with pytest.raises(AxisError):
        f(X, axis=len(shape))


@each
@pytest.mark.parametrize(
    "shape", [(3,), (1,), (1, 3), (3, 1), (40, 3), (3, 40), (2, 33, 4), (2, 1, 3, 2)]
)
def test_any_rank_any_axis(f, shape):
    X = rounded(shape)
    for axis in range(-len(shape), len(shape)):
        one = np.apply_along_axis(f, axis, X)
        assert_allclose(
            f(X, axis=axis), one, rtol=1e-14, strict=True
        ) if np.__version__ >= "2" else (assert_allclose(f(X, axis=axis), one, rtol=1e-14))
    assert_array_equal(f(X), f(X, axis=len(shape) - 1))
    assert isinstance(logsumexp(X[(0,) * (X.ndim - 1)]), np.float64)


@each
@pytest.mark.parametrize("axis", [1, 5, -2])
def test_an_axis_that_is_not_there(f, axis):
    with pytest.raises(AxisError, match=f"axis {axis} is out of bounds"):
        f(np.ones(3), axis=axis)


@each
@pytest.mark.parametrize("axis", [None, (0, 1), 1.0, "0"])
def test_the_axis_is_one_integer(f, axis):
    with pytest.raises(TypeError, match="integer"):
        f(np.ones((2, 3)), axis=axis)


# ---- the caller's array


def layouts():
    X = rounded()
    yield "read-only", np.broadcast_to(X[0], (4, 6))
    yield "strided", np.repeat(X, 2, axis=1)[:, ::2]
    yield "reversed", X[::-1, ::-1]
    yield "Fortran", np.asfortranarray(X)
    yield "swapped bytes", X.astype(">f8")
    yield "unaligned", np.frombuffer(b"\0" + X.tobytes(), np.uint8)[1:].view("f8").reshape(4, 6)
    yield "one column of a record", np.rec.fromarrays([X, X]).f0
    yield "subclass", X.view(type("Sub", (np.ndarray,), {}))
    yield "long, reversed", rounded((2, 500))[::-1, ::-1].T
    for dtype in ("f2", "f4", "g", "i8", "u1", "?"):
        yield dtype, np.array([[1, 0, 2], [0, 1, 1]]).astype(dtype)


@each
@pytest.mark.parametrize("X", [pytest.param(X, id=name) for name, X in layouts()])
def test_layouts(f, X):
    before = X.copy()
    for axis in (0, 1):
        Y = f(X, axis=axis)
        plain = np.array(X, X.dtype.newbyteorder("="), order="C", subok=False)
        assert_allclose(Y, f(plain, axis=axis), rtol=1e-14)
        assert_array_equal(X, before)
        assert not np.shares_memory(X, Y) and Y.flags.writeable and type(Y) is np.ndarray


@each
def test_lists_are_left_alone(f):
    X = [[1000, 1000, 100]]
    f(X)
    assert X == [[1000, 1000, 100]]


# ---- infinities and nan

inf_rows = [
    [inf],
    [inf, 0, 1],
    [0, inf, 1],
    [inf, inf, 0],
    [inf, -inf, -inf],
    [1e308, inf],
    [-inf, inf],
]
nan_rows = [
    [nan],
    [nan, 0, 1],
    [0, 1, nan],
    [nan, 1000],
    [nan, inf],
    [inf, nan],
    [nan, -inf],
    [nan] * 2,
]
mask_rows = [[-inf] * n for n in (1, 2, 3, 300)]


@each
@pytest.mark.parametrize("row", [*inf_rows, *nan_rows, *mask_rows], ids=lambda row: str(row[:3]))
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_a_row_without_an_answer_is_nan_and_alone(f, row, dtype):
    with np.errstate(over="ignore"):
        X = np.array([[0.0] * len(row), row, [1.0] * len(row)]).astype(dtype)
    n = np.log(len(row))
    others, mine = {
        softmax: ([np.exp(-n)] * 2, nan),
        log_softmax: ([-n] * 2, nan),
        logsumexp: ([n, 1 + n], np.max(row)),
    }[f]
    for Y in (
        f(X),
        f(np.asfortranarray(X)),
        np.swapaxes(np.atleast_2d(f(X.T, axis=0)), 0, -1).reshape(f(X).shape),
    ):
        assert_array_equal(Y[1], np.full_like(Y[1], mine))
        assert_allclose(
            Y[[0, 2]].T, np.broadcast_to(others, Y[[0, 2]].T.shape), rtol=2e-3, atol=1e-3
        )


@each
@pytest.mark.parametrize("row", [[0, -inf, 1], [-inf, 0], [-1000, -inf, -1001]])
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_a_mask_is_exact(f, row, dtype):
    row = np.array(row, dtype)
    keep = np.isfinite(row)
    if f is logsumexp:
        assert f(row[keep]) == f(row)
    else:
        assert (f(row)[~keep] == (0 if f is softmax else -inf)).all()
        assert_array_equal(f(row)[keep], f(row[keep]))


# ---- silence


@each
@pytest.mark.parametrize(
    "X",
    [
        [0, -800, -740],
        [1000, 1000, 100],
        [-6e4, 0],
        [1e-45, 0, -1e-45],
        [-745, -744, -746],
        [0, -16, -30],
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_a_gap_of_any_size_is_silent(f, X, dtype):
    with np.errstate(under="ignore"):
        X = np.array(X).astype(dtype)
    assert not np.isnan(f(X)).any()


@pytest.mark.parametrize(
    "X", [[1.7e308, -1.7e308], np.float32([3e38, -3e38]), np.float16([6e4, -6e4])]
)
def test_a_log_probability_out_of_range_is_an_overflow(X):
    assert_array_equal(softmax(X), [1, 0])
    assert logsumexp(X) == X[0]
    with pytest.raises(FloatingPointError, match="overflow"):
        log_softmax(X)
    with np.errstate(over="ignore"):
        assert_array_equal(log_softmax(X), [0, -inf])


@each
def test_the_callers_settings_survive(f):
    """Also beside other threads, and where a call goes through another one."""
    before = np.geterr()
    f(5), f([0, inf]), f([])
    with pytest.raises(TypeError):
        f(["a"])
    assert np.geterr() == before
    X, found = np.zeros((200, 200)), []
    work = [threading.Thread(target=lambda: (f(X), found.append(np.geterr()))) for _ in range(8)]
    for thread in work:
        thread.start()
    for thread in work:
        thread.join()
    assert found == [found[0]] * 8 and found[0]["over"] == "warn"


def test_as_floats():
    X = np.ones(3, np.float32)
    assert as_floats(X) is X
    assert as_floats([1, 2]).dtype == float
    with pytest.raises(TypeError, match="weight must hold"):
        as_floats("1", "weight")
