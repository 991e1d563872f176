"""Promise: SoftmaxCrossEntropyLoss and its gradient are right for every combination of arguments.

The oracle writes out every sum in Python; finite differences and mpmath confirm the gradient.
"""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp
from scipy.special import logsumexp
from scipy.special import softmax as scipy_softmax

from lesson.taught import SoftmaxCrossEntropyLoss
from tests.helpers.oracle import exact, oracle


@st.composite
def problems(draw, dtype="f8", scale=3):
    """A loss, its arguments, and the seed's random numbers in the right shapes."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    axis = draw(st.integers(-len(shape), len(shape) - 1))
    arguments = {
        "axis": axis,
        "sparse_label": draw(st.booleans()),
        "from_logits": draw(st.booleans()),
        "weight": draw(st.sampled_from([None, 0, 2.5, -1])),
        "batch_axis": draw(st.integers(-len(shape), len(shape) - 1)),
    }
    r = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pred = (scale * r.normal(size=shape)).astype(dtype)
    one_each = np.expand_dims(pred.max(axis), axis).shape
    if arguments["sparse_label"]:
        label = r.integers(0, shape[axis], one_each)
        label = label if draw(st.booleans()) else label.squeeze(axis)
        label = label.astype(draw(st.sampled_from(["f4", "i8", "i4", "f8"])))
    else:
        label = r.random(shape)
    keep = draw(st.lists(st.booleans(), min_size=len(shape), max_size=len(shape)))
    weight_shape = [size if kept else 1 for size, kept in zip(one_each, keep, strict=True)]
    weight = draw(st.sampled_from([None, "one", "many"]))
    sample_weight = {None: None, "one": 0.5, "many": r.random(weight_shape)}[weight]
    return arguments, pred, label, sample_weight


def losses_by_hand(arguments, pred, label, sample_weight):
    """Return the losses, one sum after another."""
    axis, batch = arguments["axis"] % pred.ndim, arguments["batch_axis"] % pred.ndim
    rows = np.moveaxis(pred, axis, -1)
    found = {}
    for place in np.ndindex(rows.shape[:-1]):
        log_p = [float(v) for v in rows[place]]
        if not arguments["from_logits"]:
            top = max(log_p)
            total = top + np.log(sum(np.exp(v - top) for v in log_p))
            log_p = [v - total for v in log_p]
        if arguments["sparse_label"]:
            labels = np.reshape(label, rows.shape[:-1])
            loss = -log_p[int(labels[place])]
        else:
            y = np.moveaxis(label, axis, -1)[place]
            loss = -sum(a * b for a, b in zip(log_p, y, strict=True))
        full = [*place[:axis], 0, *place[axis:]]
        if sample_weight is not None:
            one_each = np.expand_dims(pred.max(axis), axis).shape
            loss *= np.broadcast_to(sample_weight, one_each)[tuple(full)]
        if arguments["weight"] is not None:
            loss *= arguments["weight"]
        found.setdefault(full[batch], []).append(loss)
    return np.array([np.mean(found[i]) for i in sorted(found)])


@given(problems())
@settings(deadline=None, max_examples=200)
def test_losses(problem):
    arguments, pred, label, sample_weight = problem
    before = pred.copy(), label.copy()
    losses = SoftmaxCrossEntropyLoss(**arguments)(pred, label, sample_weight)
    by_hand = losses_by_hand(*problem)
    assert losses.shape == by_hand.shape
    np.testing.assert_allclose(losses, by_hand, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(pred, before[0])
    np.testing.assert_array_equal(label, before[1])


@given(problems())
@settings(deadline=None, max_examples=150)
def test_gradient_against_finite_differences(problem):
    arguments, pred, label, sample_weight = problem
    loss, step = SoftmaxCrossEntropyLoss(**arguments), 1e-5
    grad = loss.gradient(pred, label, sample_weight)
    assert grad.shape == pred.shape
    for place in np.ndindex(pred.shape):
        up, down = pred.copy(), pred.copy()
        up[place] += step
        down[place] -= step
        change = loss(up, label, sample_weight).sum() - loss(down, label, sample_weight).sum()
        assert abs(grad[place] - change / (2 * step)) < 1e-7


@pytest.mark.parametrize(
    "row",
    [[40.0, 0], [0.0, 40], [-10000.0, -1020, 100, -70220], [1000.0, 1000, 100], [800.0, 0, 1]],
    ids=str,
)
def test_extreme_logits_against_mpmath(row):
    """Relative, so that a loss of 4e-18 counts as much as one of 70,320."""
    row = np.array(row)
    p, log_p, _ = oracle(row)
    loss = SoftmaxCrossEntropyLoss()
    for right in range(len(row)):
        (value,) = loss(row[None], [right])
        assert abs(exact(value) + log_p[right]) <= 1e-15 * abs(log_p[right]) + mp.mpf(5e-324)
        grad = loss.gradient(row[None], [right])[0]
        for j, got in enumerate(grad):
            true = p[j] if j != right else -mp.fsum(p[:j] + p[j + 1 :])
            room = (4 + max(row) - row[j]) * 2.3e-16
            assert abs(exact(got) - true) <= room * abs(true) + mp.mpf(5e-324)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g"])
@pytest.mark.parametrize(("sparse", "from_logits"), [*itertools.product([True, False], repeat=2)])
def test_the_dtype_of_pred_is_kept(dtype, sparse, from_logits):
    pred = -np.ones((2, 3), dtype)
    label = [0, 1] if sparse else np.eye(3)[[0, 1]]
    loss = SoftmaxCrossEntropyLoss(sparse_label=sparse, from_logits=from_logits, weight=2)
    weight = np.ones((2, 1))
    assert loss(pred, label, weight).dtype == dtype
    assert loss.gradient(pred, label, weight).dtype == dtype


def test_an_empty_batch_has_no_losses():
    loss = SoftmaxCrossEntropyLoss()
    assert loss(np.empty((0, 3)), np.empty(0)).shape == (0,)
    assert loss.gradient(np.empty((0, 3)), np.empty(0)).shape == (0, 3)


Z = np.zeros((2, 3))
REFUSED = {
    "integer logits": ({}, Z.astype(int), [0, 1], None, "pred.astype(float)"),
    "label too big": ({}, Z, [0, 3], None, "from 0 to 2"),
    "label negative": ({}, Z, [-1, 0], None, "from 0 to 2"),
    "label fractional": ({}, Z, [0.5, 1], None, "whole numbers"),
    "label nan": ({}, Z, [np.nan, 1], None, "whole numbers"),
    "label text": ({}, Z, ["0", "1"], None, "whole numbers"),
    "labels too many": ({}, Z, [0, 1, 2], None, "shape (3,)"),
    "labels transposed": ({}, np.zeros((2, 4, 3)), np.zeros((4, 2)), None, "shape (4, 2)"),
    "labels in a row": ({}, Z, [[0, 1]], None, "shape (1, 2)"),
    "one label for all": ({}, Z, 0, None, "shape ()"),
    "dense for sparse": ({}, Z, np.eye(3)[:2], None, "shape (2, 3)"),
    "sparse for dense": ({"sparse_label": False}, Z, [0, 1], None, "pred's shape (2, 3)"),
    "dense transposed": ({"sparse_label": False}, Z, Z.T, None, "pred's shape (2, 3)"),
    "sample_weight (B,)": ({}, Z, [0, 1], [1.0, 2], "broadcasts to (2, 1)"),
    "sample_weight too long": ({}, Z, [0, 1], np.ones((3, 1)), "broadcasts to (2, 1)"),
    "sample_weight per class": ({}, Z, [0, 1], np.ones((2, 3)), "broadcasts to (2, 1)"),
    "weight (B,)": ({"weight": np.ones(2)}, Z, [0, 1], None, "sample_weight"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("method", ["__call__", "gradient"])
def test_mistakes_are_refused(name, method):
    arguments, pred, label, weight, advice = REFUSED[name]
    with pytest.raises(ValueError, match=r"pass|must hold") as error:
        getattr(SoftmaxCrossEntropyLoss(**arguments), method)(pred, label, weight)
    assert advice in str(error.value)


def test_defaults_are_gluons():
    loss = SoftmaxCrossEntropyLoss()
    assert (loss.axis, loss.sparse_label, loss.from_logits, loss.weight, loss.batch_axis) == (
        -1,
        True,
        False,
        None,
        0,
    )


def test_lists_are_as_good_as_arrays():
    loss, pred = SoftmaxCrossEntropyLoss(), [[1.0, 2.0, 4.0], [0.5, -1.0, 0.0]]
    expected = logsumexp(pred, axis=-1) - [4.0, 0.5]
    np.testing.assert_allclose(loss(pred, [2, 0]), expected, rtol=1e-14)
    gradient = scipy_softmax(pred, axis=-1) - [[0, 0, 1], [1, 0, 0]]
    np.testing.assert_allclose(loss.gradient(pred, [2, 0]), gradient, rtol=0, atol=1e-15)
