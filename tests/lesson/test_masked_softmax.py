"""Promise: masked_softmax keeps the contract of notebook 09, whatever its entries hold."""

import numpy as np
import pytest

from lesson.taught import masked_softmax
from tests.helpers.oracle import oracle

TYPES = (np.float16, np.float32, np.float64)
ODD = [np.inf, -np.inf, np.nan, 1e300, -1e300]


def random_batch(r, dtype):
    """Return scores, a mask that broadcasts to them, and an axis; one entry of three is odd."""
    shape = tuple(r.randint(1, 5, r.randint(1, 4)))
    X = r.choice([1, 10, 100]) * r.randn(*shape)
    X = np.where(r.rand(*shape) < r.choice([0, 0.3]), r.choice(ODD, shape), X)
    sizes = [n if r.rand() < 0.8 else 1 for n in shape]
    mask = r.rand(*sizes[r.randint(0, 2) :]) < r.choice([0.2, 0.7, 1])
    with np.errstate(over="ignore"):
        return X.astype(dtype), mask, r.randint(-len(shape), len(shape))


def assert_row(got, row, allowed):
    """A row is what mpmath makes of its allowed entries; the others are 0."""
    assert (got[~allowed] == 0).all()
    z, p = row[allowed], got[allowed]
    if not z.size:
        return
    if np.isnan(z).any() or z.max() in (np.inf, -np.inf):
        assert np.isnan(p).all()
        return
    info = np.finfo(row.dtype)
    true = np.array([float(v) for v in oracle(z)[0]])
    # A rounded gap costs half an eps of its size; beyond 2000 nothing is left of a share.
    gaps = np.minimum(z.max().astype(float) - z.astype(float), 2000)
    room = (4 + gaps) * float(info.eps) * true + float(info.smallest_subnormal)
    assert (np.abs(p.astype(float) - true) <= room).all(), (row, allowed, p, true)


@pytest.mark.parametrize("dtype", TYPES)
def test_a_thousand_batches_of_each_type_agree_with_mpmath_row_by_row(dtype):
    r, seen = np.random.RandomState(9), set()
    for _ in range(1000):
        X, mask, axis = random_batch(r, dtype)
        before = X.tobytes(), mask.tobytes()
        with np.errstate(all="raise"):
            P = masked_softmax(X, mask, axis)
        assert (P.shape, P.dtype) == (X.shape, dtype)
        assert (X.tobytes(), mask.tobytes()) == before
        full = np.broadcast_to(mask, X.shape)
        rows = (np.moveaxis(A, axis, -1).reshape(-1, X.shape[axis]) for A in (P, X, full))
        for got, row, allowed in zip(*rows, strict=True):
            assert_row(got, row, allowed)
            seen.add((bool(allowed.any()), bool(np.isnan(got).any()), bool(np.isnan(row).any())))
    # Nothing allowed or something, right or nan, with a nan in the row or without.
    assert len(seen) == 6


def test_large_batches_along_any_axis_agree_with_their_rows():
    r = np.random.RandomState(10)
    X, mask = 50 * r.randn(300, 40), r.rand(300, 40) < 0.5
    P = masked_softmax(X, mask, axis=0)
    for j in range(40):
        alone = np.zeros(300)
        alone[mask[:, j]] = masked_softmax(X[mask[:, j], j], True)
        np.testing.assert_allclose(P[:, j], alone, rtol=1e-13, atol=0)


@pytest.mark.parametrize(
    ("X", "allowed", "right"),
    [
        ([2, 1, 0], [False, True, True], [0, 1 / (1 + np.exp(-1)), 1 / (1 + np.e)]),
        (np.array([1, 255], np.uint8), [True, False], [1, 0]),
        (np.zeros((2, 0)), True, np.zeros((2, 0))),
        (5.0, True, 1.0),
        (np.nan, False, 0.0),
        (np.zeros((2, 3)), [[False], [True]], [[0, 0, 0], [1 / 3] * 3]),
        (np.array([1, 2], ">f4"), np.array([True, False]), [1, 0]),
    ],
)
def test_lists_numbers_and_empty_rows(X, allowed, right):
    P = masked_softmax(X, allowed)
    assert np.shape(P) == np.shape(right)
    np.testing.assert_allclose(P, right, rtol=1e-15)


@pytest.mark.parametrize(
    ("allowed", "error", "says"),
    [
        ([1, 1, 0], TypeError, "allowed has dtype int64: pass an array of True"),
        ([0, 0, -np.inf], TypeError, "allowed has dtype float64: pass an array of True"),
        (None, TypeError, "allowed has dtype object"),
        (np.ma.array([True] * 3, mask=[0, 0, 1]), TypeError, "allowed is a masked array"),
        ([True, False], ValueError, r"allowed has shape \(2,\): pass one .* to \(3,\)"),
        ([[True] * 3], ValueError, r"allowed has shape \(1, 3\)"),
    ],
)
def test_a_mask_of_numbers_or_of_another_shape_is_refused(allowed, error, says):
    with pytest.raises(error, match=says):
        masked_softmax([1.0, 2, 3], allowed)
