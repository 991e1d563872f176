"""Promise: what is true of softmax on paper is true for every input, by hypothesis."""

import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.testing import assert_allclose, assert_array_equal

from lesson.taught import log_softmax, logsumexp, pairwise_sum, softmax

pytestmark = pytest.mark.filterwarnings("error")
SHAPED = [softmax, log_softmax]
ALL = [*SHAPED, logsumexp]
settings.register_profile("series", deadline=None, derandomize=True, max_examples=150)
settings.load_profile("series")


@st.composite
def arrays(draw, bound=None, dtypes=("f4", "f8"), **shape):
    """Arrays of finite floats, at most `bound` in size, with up to three axes of up to 7."""
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    limit = bound or float(np.finfo(dtype).max) / 4
    shape = hnp.array_shapes(**{"min_dims": 1, "max_dims": 3, "max_side": 7, **shape})
    numbers = st.floats(-limit, limit, width=8 * dtype.itemsize)
    return draw(hnp.arrays(dtype, shape, elements=numbers))


anything = hnp.arrays(
    st.sampled_from(["f2", "f4", "f8"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)


@given(arrays())
def test_probabilities(X):
    P, Q, eps = softmax(X), log_softmax(X), np.finfo(X.dtype).eps
    assert (P >= 0).all() and (P <= 1).all() and (Q <= 0).all()
    assert_allclose(P.sum(-1), 1, atol=8 * eps)
    assert_array_equal(P.max(-1), P[(*np.indices(X.shape[:-1]), X.argmax(-1))])


@given(arrays(500, ["f8"]), st.integers(-1000, 1000))
def test_shift(X, c):
    """Rounding x + c moves a logit by at most ulp(1500)/2; twice that moves log p."""
    room = 2 * np.spacing(2000.0)
    assert_allclose(softmax(X + c), softmax(X), rtol=2 * room, atol=1e-300)
    assert_allclose(log_softmax(X + c), log_softmax(X), rtol=8e-16, atol=2 * room)
    assert_allclose(logsumexp(X + c), logsumexp(X) + c, rtol=8e-16, atol=2 * room)
    for f in SHAPED:
        assert_array_equal(f(np.rint(X) + c), f(np.rint(X)))


@given(arrays(100, max_dims=1, max_side=40), st.randoms(use_true_random=False))
def test_permutation(X, random):
    order = random.sample(range(len(X)), len(X))
    eps = np.finfo(X.dtype).eps
    assert_allclose(softmax(X[order]), softmax(X)[order], rtol=4 * eps, atol=1e-44)
    assert_allclose(log_softmax(X[order]), log_softmax(X)[order], rtol=4 * eps, atol=1e-44)
    assert_allclose(logsumexp(X[order]), logsumexp(X), rtol=4 * eps, atol=4 * eps)


@given(arrays())
def test_order_is_kept(X):
    order = X.argsort(-1)
    for f in SHAPED:
        with np.errstate(over="ignore"):
            Y = np.take_along_axis(f(X), order, -1)
        assert (np.sort(Y, -1) == Y).all()


@given(anything)
def test_contract_for_any_floats(X):
    """nan, infinities, empty and 0-d arrays included."""
    before = X.copy()
    for f in ALL:
        with np.errstate(over="ignore"):
            Y = f(X)
        assert_array_equal(X, before)
        assert Y.dtype == X.dtype and not np.shares_memory(X, Y)
        assert Y.shape == (X.shape[:-1] if f is logsumexp else X.shape)
        if X.ndim and X.shape[-1]:
            top = X.max(-1)
            lost = np.isnan(top) if f is logsumexp else ~np.isfinite(top)
            assert_array_equal(np.isnan(Y) if f is logsumexp else np.isnan(Y).all(-1), lost)
            assert not np.isnan(Y[~lost]).any()


@given(arrays(700, ["f8"]))
def test_the_three_agree(X):
    Y, Q = logsumexp(X), log_softmax(X)
    assert_allclose(np.exp(Q), softmax(X), rtol=1e-12, atol=1e-300)
    assert_allclose(X - Y[..., None], Q, rtol=1e-15, atol=1e-12)
    assert_allclose(logsumexp(Q), 0, atol=1e-14)


@given(arrays(), st.data())
def test_scipy_along_any_axis(X, data):
    axis = data.draw(st.integers(-X.ndim, X.ndim - 1))
    eps = np.finfo(X.dtype).eps
    with np.errstate(all="ignore"):
        P, Q, Y = (getattr(scipy.special, f.__name__)(X, axis=axis) for f in ALL)
    assert_allclose(softmax(X, axis=axis), P, rtol=8 * eps, atol=1e-44)
    assert_allclose(log_softmax(X, axis=axis), Q, rtol=8 * eps, atol=8 * eps)
    assert_allclose(logsumexp(X, axis=axis), Y, rtol=8 * eps, atol=8 * eps)


@given(st.lists(st.integers(0, 70), min_size=1, max_size=3), st.data())
def test_the_sum_of_whole_numbers_is_exact(shape, data):
    """Each entry is added once, for an odd number of rows as well."""
    E = np.random.RandomState(sum(shape)).randint(0, 9, shape).astype("f4", order="F")
    axis = data.draw(st.integers(-E.ndim, E.ndim - 1))
    for A in (E, np.ascontiguousarray(E), E[::-1]):
        assert_array_equal(pairwise_sum(A, axis), A.sum(axis, keepdims=True))
