"""Promise: SoftmaxCrossEntropyLoss and its gradient are right for every combination of arguments.

SciPy, finite differences and mpmath say what is right.
"""

import re

import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lesson.taught import SoftmaxCrossEntropyLoss, cross_entropy
from tests.helpers.oracle import loss_and_gradient, off

pytestmark = pytest.mark.filterwarnings("error")
inf, nan = np.inf, np.nan
DENSE = {"sparse_label": False}


def both(pred, label, sample_weight=None, **arguments):
    """Return losses and gradient, with NumPy's floating-point errors as errors."""
    loss = SoftmaxCrossEntropyLoss(**arguments)
    with np.errstate(all="raise"):
        return loss(pred, label, sample_weight), loss.gradient(pred, label, sample_weight)


# ---- any arguments, ordinary numbers


@st.composite
def problems(draw):
    """A loss, its arguments, and the seed's random numbers in the right shapes."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    an_axis = st.integers(-len(shape), len(shape) - 1)
    axis = draw(an_axis)
    arguments = {
        "axis": axis,
        "sparse_label": draw(st.booleans()),
        "from_logits": draw(st.booleans()),
        "weight": draw(st.sampled_from([None, 0, 2.5, -1])),
        "batch_axis": draw(an_axis),
    }
    r = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pred = 3 * r.normal(size=shape)
    one_each = pred.max(axis, keepdims=True).shape
    if arguments["sparse_label"]:
        label = r.integers(0, shape[axis], one_each)
        label = label if draw(st.booleans()) else label.squeeze(axis)
        label = label.astype(draw(st.sampled_from(["f4", "i8", "u1", "f8"])))
    else:
        label = r.random(shape) * r.integers(0, 2, shape)
    keep = draw(st.lists(st.booleans(), min_size=len(shape), max_size=len(shape)))
    many = r.random([size if kept else 1 for size, kept in zip(one_each, keep, strict=True)])
    return arguments, pred, label, draw(st.sampled_from([None, 0.5, many]))


def losses_by_definition(arguments, pred, label, sample_weight):
    """Return the losses from SciPy's log-softmax, by one sum over a full array of labels."""
    axis, batch = arguments["axis"] % pred.ndim, arguments["batch_axis"]
    log_p = pred if arguments["from_logits"] else scipy.special.log_softmax(pred, axis=axis)
    if arguments["sparse_label"]:
        one_each = pred.max(axis, keepdims=True).shape
        label = label.reshape(one_each) == np.indices(pred.shape)[axis]
    weight = 1 if arguments["weight"] is None else arguments["weight"]
    loss = -(log_p * label).sum(axis, keepdims=True) * weight
    loss = loss * (1 if sample_weight is None else sample_weight)
    return np.moveaxis(loss, batch, 0).reshape(loss.shape[batch], -1).mean(1)


@given(problems())
@settings(deadline=None, max_examples=200)
def test_losses_and_gradient(problem):
    arguments, pred, label, weight = problem
    before, loss, step = (pred.copy(), label.copy()), SoftmaxCrossEntropyLoss(**arguments), 1e-5
    losses, grad = loss(pred, label, weight), loss.gradient(pred, label, weight)
    assert_allclose(losses, losses_by_definition(*problem), rtol=1e-9, atol=1e-12)
    assert losses.ndim == 1 and grad.shape == pred.shape
    for place in np.ndindex(pred.shape):
        up, down = pred.copy(), pred.copy()
        up[place] += step
        down[place] -= step
        change = loss(up, label, weight).sum() - loss(down, label, weight).sum()
        assert abs(grad[place] - change / (2 * step)) < 1e-7
    assert_array_equal(pred, before[0])
    assert_array_equal(label, before[1])


# ---- extreme logits, masks and weights of 0

ROWS = [[40, 0], [0, 40], [1000, 1000, 100], [800, 0, 1], [1000, -1000], [-inf, 0, 0]]
ROWS += [[-10000, -1020, 100, -70220], [0, -inf, -800, 1], [1e15, 1e15 + 1, 1e15 + 2]]


@pytest.mark.parametrize("row", ROWS, ids=str)
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_extreme_logits_against_mpmath(row, dtype):
    """Relative, so that a loss of 4e-18 counts as much as one of 70,320; for numbers and rows."""
    with np.errstate(over="ignore"):
        row = np.array(row).astype(dtype)
    if not np.isfinite(row.max()):
        pytest.skip("beyond this type")
    info, n = np.finfo(dtype), len(row)
    gaps = np.where(np.isfinite(row), row.max().astype(float) - row.astype(float), 0)
    for right, y in enumerate(np.eye(n)):
        loss, gradient = loss_and_gradient(row, y)
        for label, arguments in (([right], {}), ([y], DENSE)):
            (value,), (grad,) = both(row[None], label, **arguments)
            if loss > float(info.max):
                assert value == inf
            else:
                assert off(value, loss, info.eps, floor=info.tiny) <= 4
            for got, true, gap in zip(grad, gradient, gaps, strict=True):
                assert off(got, true, info.eps, floor=info.tiny) <= 5 + gap


log2 = np.log(2)
MASKS = {
    "no label": (DENSE, [-inf, 0, 0], [0, 0, 0], 0, [0, 0, 0]),
    "no label, no answer": (DENSE, [-inf, -inf, -inf], [0, 0, 0], 0, [0, 0, 0]),
    "log-probabilities": ({**DENSE, "from_logits": True}, [-inf, 0], [0, 1], 0, [0, -1]),
    "weight 0": ({"weight": 0}, [-inf, 0, 0], 0, 0, [0, 0, 0]),
    "weight 0, no answer": ({"weight": 0}, [-inf, -inf, -inf], 0, 0, [0, 0, 0]),
    "weight 0, nan": ({"weight": 0}, [nan, 0, 0], 0, 0, [0, 0, 0]),
    "weight 0, rows": ({**DENSE, "weight": 0}, [inf, 0, 0], [0, 1, 0], 0, [0, 0, 0]),
}


@pytest.mark.parametrize("name", MASKS)
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_masks_and_zeros(name, dtype):
    arguments, row, label, loss, gradient = MASKS[name]
    losses, grad = both(np.array([row], dtype), [label], **arguments)
    assert_allclose(losses, [loss], rtol=1e-3 if dtype == "f2" else 1e-6)
    assert_allclose(grad, [gradient], rtol=1e-3 if dtype == "f2" else 1e-6)
    assert np.isnan(loss) or not np.signbit(losses).any()


def test_a_padded_position_does_not_spoil_its_sentence():
    words = np.zeros((2, 3, 4))
    words[1, 2] = [nan, inf, -inf, 0]
    weight = np.array([[1, 1, 1], [1, 1, 0]])[:, :, None]
    losses, grad = both(words, np.zeros((2, 3)), weight)
    assert_allclose(losses, np.log(4) * np.array([1, 2 / 3]))
    assert np.isfinite(grad).all() and (grad[1, 2] == 0).all()


FAR = {"f2": 4e4, "f4": 3e38, "f8": 1.7e308, "g": 1.7e308}


@pytest.mark.parametrize("dtype", FAR)
@pytest.mark.parametrize("form", ["class number", "row"])
def test_a_gap_beyond_the_range(dtype, form):
    pred = np.array([[-1, 1], [-1, 1]], dtype) * FAR[dtype]
    label, arguments = ([1, 1], {}) if form == "class number" else (np.eye(2)[[1, 1]], DENSE)
    losses, grad = both(pred, label, **arguments)
    assert_array_equal(losses, [0, 0])
    assert_array_equal(grad, np.zeros((2, 2)))


@pytest.mark.parametrize("shape", [(1, 5000, 2), (1, 2, 5000), (5000, 1, 2), (2, 60000)])
def test_float16_is_summed_in_float32(shape):
    """Along any axis; equal classes have the loss log n, whatever the label."""
    for axis, n in enumerate(shape):
        pred = np.zeros(shape, "f2")
        first = (np.cumsum(pred + 1, axis, dtype=int) == 1).astype("f2")
        cases = ((pred.max(axis), {}), (first, DENSE), (pred + np.float16(1 / n), DENSE))
        for label, arguments in cases:
            batch = (axis + 1) % len(shape)
            losses, grad = both(pred, label, axis=axis, batch_axis=batch, **arguments)
            assert losses.dtype == grad.dtype == np.float16
            assert_allclose(losses.astype(float), np.log(n), rtol=3e-3, atol=1e-6)


def test_many_positions_are_averaged_in_float64():
    losses, _ = both(np.zeros((2, 300_000, 3), "f4"), np.zeros((2, 300_000)))
    assert_allclose(losses, np.log(3), rtol=1e-7)


# ---- types and shapes


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g", ">f4"])
@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize("from_logits", [True, False])
def test_the_type_of_pred_is_kept(dtype, sparse, from_logits):
    label = [0, 1] if sparse else np.eye(3)[[0, 1]]
    arguments = {"sparse_label": sparse, "from_logits": from_logits, "weight": 2}
    for got in both(-np.ones((2, 3), dtype), label, np.ones((2, 1)), **arguments):
        assert got.dtype == np.dtype(dtype).newbyteorder("=")


def test_an_empty_batch_has_no_losses():
    losses, grad = both(np.empty((0, 3)), np.empty(0))
    assert losses.shape == (0,) and grad.shape == (0, 3)


def test_lists_are_as_good_as_arrays():
    pred = [[1.0, 2.0, 4.0], [0.5, -1.0, 0.0]]
    expected = scipy.special.logsumexp(pred, axis=-1) - [4.0, 0.5]
    gradient = scipy.special.softmax(pred, axis=-1) - [[0, 0, 1], [1, 0, 0]]
    for label, arguments in (([2, 0], {}), ([[0, 0, 1], [1, 0, 0]], DENSE)):
        losses, grad = both(pred, label, **arguments)
        assert_allclose(losses, expected, rtol=1e-14)
        assert_allclose(grad, gradient, rtol=0, atol=1e-15)
    assert_allclose(cross_entropy(np.array(pred), np.array([2, 0])), expected, rtol=1e-14)


def test_defaults_are_gluons():
    shown = "axis=-1, sparse_label=True, from_logits=False, weight=None, batch_axis=0"
    assert repr(SoftmaxCrossEntropyLoss()) == f"SoftmaxCrossEntropyLoss({shown})"


# ---- what is refused

Z, R = np.zeros((2, 3)), np.eye(3)[:2]
NOT_REAL = {
    "text": np.array(["0", "1"]),
    "bytes": np.array([b"0", b"1"]),
    "complex": np.array([0j, 1]),
    "dates": np.array([0, 1], "M8[D]"),
    "objects": np.array([0, 1], object),
    "masked": np.ma.array([0, 1], mask=[0, 1]),
}


@pytest.mark.parametrize("name", NOT_REAL)
@pytest.mark.parametrize("argument", ["pred", "label", "rows", "sample_weight", "weight"])
@pytest.mark.parametrize("n", [1, 2, 12, 30])
def test_what_is_not_real_is_refused(name, argument, n):
    """For any number n of classes, and a batch of 2 n."""
    bad = np.ma.concatenate([NOT_REAL[name]] * n)
    bad = bad if name == "masked" else bad.data
    given = {"pred": np.zeros((2 * n, n)), "label": [0] * 2 * n, "sample_weight": None}
    arguments = {"weight": bad} if argument == "weight" else DENSE if argument == "rows" else {}
    named = argument.replace("rows", "label")
    if argument != "weight":
        given[named] = bad if argument == "label" else bad[:, None]
    for method in ("__call__", "gradient"):
        with pytest.raises(TypeError, match=f"^{named} (must hold real|is a masked)"):
            getattr(SoftmaxCrossEntropyLoss(**arguments), method)(**given)


REFUSED = {
    "integer logits": ({}, Z.astype(int), [0, 1], None, "pred.astype(float)"),
    "label None": ({}, Z, None, None, "label must hold real numbers"),
    "label too big": ({}, Z, [0, 3], None, "from 0 to 2, got [0. 3.]"),
    "label negative": ({}, Z, [-100, 0], None, "from 0 to 2"),
    "label fractional": ({}, Z, [0.5, 1], None, "whole numbers"),
    "label nan": ({}, Z, [nan, 1], None, "whole numbers"),
    "label huge": ({}, Z, [1e300, inf], None, "whole numbers"),
    "labels too many": ({}, Z, [0, 1, 2], None, "shape (3,)"),
    "labels transposed": ({}, np.zeros((2, 4, 3)), np.zeros((4, 2)), None, "shape (4, 2)"),
    "labels in a row": ({}, Z, [[0, 1]], None, "shape (1, 2)"),
    "one label for all": ({}, Z, 0, None, "shape ()"),
    "dense for sparse": ({}, Z, R, None, "shape (2, 3)"),
    "sparse for dense": (DENSE, Z, [0, 1], None, "pred's shape (2, 3)"),
    "dense transposed": (DENSE, Z, R.T, None, "pred's shape (2, 3)"),
    "sample_weight (B,)": ({}, Z, [0, 1], [1.0, 2], "broadcasts to (2, 1)"),
    "sample_weight too long": ({}, Z, [0, 1], np.ones((3, 1)), "broadcasts to (2, 1)"),
    "sample_weight per class": ({}, Z, [0, 1], np.ones((2, 3)), "broadcasts to (2, 1)"),
    "weight (B,)": ({"weight": np.ones(2)}, Z, [0, 1], None, "pass sample_weight"),
    "axis": ({"axis": 2}, Z, [0, 1], None, "axis 2 is out of bounds"),
    "axis, log p": ({"axis": 2, "from_logits": True}, Z, [0, 1], None, "axis 2 is out of bounds"),
    "batch_axis": ({"batch_axis": 2}, Z, [0, 1], None, "axis 2 is out of bounds"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("method", ["__call__", "gradient"])
def test_mistakes_are_refused(name, method):
    arguments, pred, label, weight, advice = REFUSED[name]
    with pytest.raises((TypeError, ValueError), match=re.escape(advice)):
        getattr(SoftmaxCrossEntropyLoss(**arguments), method)(pred, label, weight)
