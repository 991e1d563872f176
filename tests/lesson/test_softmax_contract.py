"""Promise: softmax, log_softmax and logsumexp keep their contract in silence, for any array.

What they return, case by case, is in test_contract.py. Here warnings are errors, and so are NumPy's
floating-point errors: what has an answer is silent.
"""

import threading

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from lesson.taught import as_floats, log_softmax, logsumexp, softmax

try:
    from numpy.exceptions import AxisError
except ImportError:
    from numpy import AxisError

inf, nan = np.inf, np.nan
ALL = [softmax, log_softmax, logsumexp]
each = pytest.mark.parametrize("f", ALL, ids=lambda f: f.__name__)
each_dtype = pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(autouse=True)
def _strict():
    with np.errstate(all="raise"):
        yield


def random(*shape):
    return np.random.RandomState(0).randn(*shape)


# ---- values


@each
@pytest.mark.parametrize("n", [1, 2, 3, 300])
@each_dtype
def test_a_row_without_an_answer_is_nan_and_alone(f, n, dtype):
    rows = [
        [inf] * n,
        [-inf] * n,
        [nan] * n,
        *(([a] + [b] * n)[:n] for a in (inf, nan) for b in (0, 1000, -inf, inf, nan)),
    ]
    for row in (*rows, *(row[::-1] for row in rows)):
        X = np.array([[0.0] * n, row, [1.0] * n], dtype)
        lost = np.max(row) if f is logsumexp else nan
        for Y in (f(X), f(np.asfortranarray(X)), np.asarray(f(X.T, axis=0)).T):
            assert_array_equal(Y[1], np.full_like(Y[1], lost))
            assert_array_equal(Y[[0, 2]], f(X[[0, 2]]))


@each
@pytest.mark.parametrize("row", [[0, -inf, 1], [-inf, 0], [-1000, -inf, -1001]])
@each_dtype
def test_a_mask_is_exact(f, row, dtype):
    row = np.array(row, dtype)
    keep = np.isfinite(row)
    if f is logsumexp:
        assert f(row[keep]) == f(row)
    else:
        assert (f(row)[~keep] == (0 if f is softmax else -inf)).all()
        assert_array_equal(f(row)[keep], f(row[keep]))


@each
@pytest.mark.parametrize(
    "row", [[0, -800, -740], [-6e4, 0], [1e-45, 0, -1e-45], [0, -16, -30]], ids=str
)
@each_dtype
def test_a_gap_of_any_size_is_silent(f, row, dtype):
    with np.errstate(under="ignore"):
        row = np.array(row).astype(dtype)
    assert np.isfinite(f(row)).all()


@pytest.mark.parametrize("x", [1.7e308, np.float32(3e38), np.float16(6e4)])
def test_a_log_probability_out_of_range_is_an_overflow(x):
    X = np.array([x, -x])
    assert_array_equal(softmax(X), [1, 0])
    assert logsumexp(X) == x
    with pytest.raises(FloatingPointError, match="overflow"):
        log_softmax(X)
    with np.errstate(over="ignore"):
        assert_array_equal(log_softmax(X), [0, -inf])


# ---- types


@each
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g", ">f2", ">f4", ">f8", *"?bBhHiIlLqQ"])
@pytest.mark.parametrize("shape", [(), (3,), (1, 1), (2, 3), (2, 3, 4), (0, 3), (2, 0)])
def test_floats_keep_their_type_and_all_else_becomes_float64(f, dtype, shape):
    X = np.ones(shape, dtype)
    for axis in (0, -1):
        Y = f(X, axis)
        assert Y.dtype == (X.dtype.newbyteorder("=") if X.dtype.kind == "f" else float)
        assert_array_equal(Y, f(X.astype(Y.dtype), axis))


TOO_BIG = [[10**18, 10**18 + 1], np.array([0, 2**53 + 1]), [[-(2**63)]], np.uint64(2**64 - 1)]


@each
def test_whole_numbers_that_floats_cannot_hold_are_refused(f):
    for X in TOO_BIG:
        with pytest.raises(ValueError, match=r"X must hold integers from -2\*\*53 to 2\*\*53"):
            f(X)
    for X in ([2**53, 2**53 - 1], [-(2**53), 1 - 2**53], np.array([2**53, 0], np.uint64)):
        assert_array_equal(f(X), f(np.array(X, float)))


DAY, SECOND, RECORD = np.datetime64("2020-01-01"), np.timedelta64(1, "s"), np.zeros(2, "i4,f4")
NOT_REAL = [1j, "text", b"bytes", None, 2**64, np.array(1, object), {}, DAY, SECOND, RECORD]


@each
@pytest.mark.parametrize("value", NOT_REAL, ids=repr)
def test_what_is_not_real_is_refused(f, value):
    for X in (value, [value], [[value, value]]):
        with pytest.raises(TypeError, match="X must hold real numbers") as error:
            f(X)
        assert str(np.asarray(X).dtype) in str(error.value)


@each
def test_masked_arrays_are_refused_with_advice_that_works(f):
    masked = np.ma.array([1, 2, 3], mask=[0, 1, 0])
    for X in (masked, np.ma.array([1.0, 2]), np.ma.masked):
        with pytest.raises(TypeError, match=r"X\.astype\(float\)\.filled\(-np\.inf\)"):
            f(X)
    filled = masked.astype(float).filled(-np.inf)
    assert_array_equal(softmax(filled), np.insert(softmax([1, 3]), 1, 0))


# ---- shapes and axes

SHAPES = [(3,), (1,), (1, 3), (3, 1), (40, 3), (3, 40), (2, 33, 4), (2, 1, 3, 2)]
EMPTY = [(0, 3), (2, 0), (0,), (3, 0, 2), (0, 0)]


@each
@pytest.mark.parametrize("shape", SHAPES + EMPTY)
def test_any_rank_any_axis(f, shape):
    X = random(*shape)
    for axis in range(-len(shape), len(shape)):
        Y = f(X, axis=axis)
        assert Y.shape == (X.sum(axis).shape if f is logsumexp else shape)
        if X.size:
            assert_allclose(Y, np.apply_along_axis(f, axis, X), rtol=1e-14)
        assert X.size or np.isneginf(Y).all()
    assert_array_equal(f(X), f(X, axis=len(shape) - 1))


@each
@pytest.mark.parametrize("axis", [1, 5, -2])
@pytest.mark.parametrize("X", [[1.0, 2], [], 5])
def test_an_axis_that_is_not_there(f, axis, X):
    with pytest.raises(AxisError, match=f"axis {axis} is out of bounds"):
        f(X, axis=axis)


@each
@pytest.mark.parametrize("axis", [None, (0, 1), 1.0, "0"])
def test_the_axis_is_one_integer(f, axis):
    with pytest.raises(TypeError, match="integer"):
        f(np.ones((2, 3)), axis=axis)


# ---- the caller's array and settings

X = random(4, 6)
LAYOUTS = {
    "a list": X.tolist(),
    "read-only": np.broadcast_to(X[0], (4, 6)),
    "strided": np.repeat(X, 2, axis=1)[:, ::2],
    "reversed": X[::-1, ::-1],
    "Fortran": np.asfortranarray(X),
    "swapped bytes": X.astype(">f8"),
    "unaligned": np.frombuffer(b"\0" + X.tobytes(), np.uint8)[1:].view("f8").reshape(4, 6),
    "one column of a record": np.rec.fromarrays([X, X]).f0,
    "subclass": X.view(type("Sub", (np.ndarray,), {})),
    "long, reversed": random(2, 500)[::-1, ::-1].T,
    **{dtype: np.array([[1, 0, 2], [0, 1, 1]]).astype(dtype) for dtype in ("f4", "g", "i8", "?")},
}


@each
@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts(f, name):
    X = LAYOUTS[name]
    before = np.array(X, order="C", subok=False)
    for axis in (0, 1):
        Y = f(X, axis=axis)
        assert_allclose(Y, f(before, axis=axis), rtol=1e-14)
        assert_array_equal(X, before)
        assert not np.shares_memory(X, Y) and Y.flags.writeable and type(Y) is np.ndarray


@each
def test_the_callers_settings_survive(f):
    """Also beside other threads, and where a call goes through another one."""
    before, found = np.geterr(), []
    for X in (5, [0, inf], [], np.zeros((2, 300))):
        f(X)
    with pytest.raises(TypeError):
        f(["a"])
    assert np.geterr() == before
    X = np.zeros((200, 200))
    work = [threading.Thread(target=lambda: (f(X), found.append(np.geterr()))) for _ in range(8)]
    for step in (threading.Thread.start, threading.Thread.join):
        for thread in work:
            step(thread)
    assert [settings["over"] for settings in found] == ["warn"] * 8


def test_as_floats():
    X = np.ones(3, np.float32)
    assert as_floats(X) is X
    with pytest.raises(TypeError, match="weight must hold"):
        as_floats("1", "weight")
