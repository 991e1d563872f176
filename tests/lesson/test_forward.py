"""Promise: `forward` and `forward_batch` are the network, for any batch and any layers."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesson import taught
from lesson.figures import plot_edges_into

forward, forward_batch = taught.forward, taught.forward_batch

layer_lists = st.lists(st.integers(1, 9), min_size=1, max_size=5)


def random_network(layers, m, seed):
    r = np.random.default_rng(seed)
    pairs = pairwise(layers)
    params = [(r.normal(size=(n_out, n_in)), r.normal(size=n_out)) for n_in, n_out in pairs]
    return r.normal(size=(m, layers[0])), params


def oracle(X, params):
    """The sums of the definition with every index written out."""
    Z = X
    for i, (W, b) in enumerate(params):
        A = np.where(Z > 0, Z, 0.0) if i else Z
        Z = np.einsum("mk,jk->mj", A, W) + np.einsum("m,j->mj", np.ones(len(X)), b)
    return Z


@given(layer_lists, st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_batch_agrees_with_einsum(layers, m, seed):
    X, params = random_network(layers, m, seed)
    Z = forward_batch(X, params)
    assert Z.shape == (m, layers[-1])
    np.testing.assert_allclose(Z, oracle(X, params), rtol=1e-10, atol=1e-10)


@given(layer_lists, st.integers(0, 2**32 - 1))
def test_one_sample_agrees_with_einsum(layers, seed):
    X, params = random_network(layers, 1, seed)
    z = forward(X[0], params)
    assert z.shape == (layers[-1],)
    np.testing.assert_allclose(z, oracle(X, params)[0], rtol=1e-10, atol=1e-10)


@given(layer_lists, st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_inputs_are_untouched(layers, m, seed):
    X, params = random_network(layers, m, seed)
    before = X.copy(), [(W.copy(), b.copy()) for W, b in params]
    forward_batch(X, params)
    forward(X[0], params)
    np.testing.assert_array_equal(X, before[0])
    for (W, b), (W_before, b_before) in zip(params, before[1], strict=True):
        np.testing.assert_array_equal(W, W_before)
        np.testing.assert_array_equal(b, b_before)


@pytest.mark.parametrize("shape", [(7, 1), (1, 7), (1,), (10,), ()])
def test_a_bias_of_another_shape_is_refused(shape):
    """(7, 1) with seven samples is the slip that NumPy itself lets pass."""
    X, params = np.ones((7, 10)), [(np.ones((7, 10)), np.ones(shape))]
    with pytest.raises(AssertionError, match="b0 has shape"):
        forward_batch(X, params)


def test_the_edges_into_one_node_stand_out_with_their_weights():
    values, weights = [[1.0, -2.0], [0.0, 3.5], [4.0]], [0.5, -1.25]
    fig = plot_edges_into(1, values, weights, "Two products")
    ax = fig.axes[0]
    node = ax.patches[3].center
    assert len(ax.lines) == 2
    for line, start, dashed in zip(ax.lines, ax.patches[:2], (False, True), strict=True):
        ends = line.get_xydata()
        along = np.array(node) - start.center
        # Both ends lie on the way from the input to the node.
        x, y = (ends - start.center).T
        assert np.allclose(x * along[1] - y * along[0], 0)
        assert (line.get_linestyle() == "--") == dashed
    assert ax.lines[1].get_linewidth() > ax.lines[0].get_linewidth()
    assert {"· 0.50", "· −1.25"} <= {text.get_text() for text in ax.texts}
    assert fig.alt.startswith("Two products. ") and "hidden node 2" in fig.alt


@pytest.mark.parametrize(("node", "weights"), [(2, [1, 2]), (-1, [1, 2]), (0, [1, 2, 3])])
def test_edges_that_are_not_there_are_refused(node, weights):
    with pytest.raises(ValueError, match=r"node must be|weights must have"):
        plot_edges_into(node, [[1, 2], [0, 3], [4]], weights, "Two products")
