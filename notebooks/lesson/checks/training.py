"""Checks of notebook 07, Training with each version."""

from itertools import pairwise

import numpy as np

from lesson.checks import NotYet, as_array, call, exercise, expect, expect_each, same, short


@exercise("A function of dZ, A and W")
def check_backward_layer(function):
    for m, n_in, n_out in ((4, 5, 3), (2, 3, 6)):
        r = np.random.RandomState(m)
        dZ, A, W = r.randn(m, n_out), r.randn(m, n_in), r.randn(n_out, n_in)
        result = call(function, {"dZ": dZ, "A": A, "W": W})
        if not isinstance(result, (tuple, list)) or len(result) != 3:
            raise NotYet(f"Three results are expected: return dW, db, dA. Not {short(result)}")
        truth = {
            "dW": (
                dZ.T @ A,
                (A.T @ dZ, "is transposed: it has a row for each node it leads to."),
                (dZ.T @ A / m, "is divided by m: the mean over the batch is part of dZ already."),
                (-(dZ.T @ A), "has the wrong sign: the step downhill comes later."),
            ),
            "db": (
                dZ.sum(axis=0),
                (dZ.mean(axis=0), "is a mean: the mean over the batch is part of dZ already."),
                (dZ.sum(axis=1), "is summed along the wrong axis: samples are rows."),
                (dZ, "is dZ itself: b serves every sample, so their shares are summed."),
                (dZ.sum(axis=0, keepdims=True), f"has shape (1, {n_out}); b has shape ({n_out},)."),
            ),
            "dA": (
                dZ @ W,
                ((dZ @ W).T, "is transposed: samples are rows."),
                (
                    dZ @ W * (A > 0),
                    "has gone through ReLU: that is the next step, not part of the map.",
                ),
            ),
        }
        for (name, (right, *wrong)), got in zip(truth.items(), result, strict=True):
            got = as_array(got, name)
            for value, message in wrong:
                if same(got, value):
                    raise NotYet(f"{name} {message}")
            if got.shape != right.shape:
                raise NotYet(f"{name} has shape {got.shape}; it should be {right.shape}.")
            if not same(got, right):
                raise NotYet(f"{name} has the right shape and wrong entries.")
    return "The shapes leave no choice, and the sum over samples comes by itself."


def network(*sizes, seed=0):
    """Return a list of pairs (W, b) for layers of these sizes, without a 0 in them."""
    r = np.random.RandomState(seed)
    return [(1 + r.rand(n_out, n_in), 1 + r.rand(n_out)) for n_in, n_out in pairwise(sizes)]


@exercise("A function of params, grads and lr")
def check_repaired_step(function):
    for params, grads, lr in (
        (network(3, 2, 1), network(3, 2, 1, seed=1), 0.1),
        (network(2, 4, 3, 2), network(2, 4, 3, 2, seed=1), 0.5),
    ):
        result = call(
            function,
            {"params": params, "grads": grads, "lr": lr},
            changed="The caller's {0} have changed: make new arrays, W - lr * dW.",
        )
        if not isinstance(result, (list, tuple)):
            raise NotYet(
                f"A list of pairs (W, b) is expected, not {short(result)}: the next step must be "
                "able to count it and to walk through it again."
            )
        if not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in result):
            raise NotYet(f"A list of pairs (W, b) is expected, not {short(result)}.")
        pairs = [(as_array(W, "W"), as_array(b, "b")) for W, b in result]
        if [(W.shape, b.shape) for W, b in pairs] != [(W.shape, b.shape) for W, b in params]:
            raise NotYet("The shapes are not those of params: return one pair (W, b) for each map.")
        for i, name in enumerate("Wb"):
            moved = [new[i] - old[i] for new, old in zip(pairs, params, strict=True)]
            for factor, message in (
                (lr, "moves along its gradient, uphill: subtract it."),
                (-1, "moves by the whole gradient: lr is missing."),
                (
                    0,
                    f"does not move. `{name} = ...` only makes a new array under the old name: "
                    "collect the pairs in a new list.",
                ),
            ):
                if all(same(a, factor * g[i]) for a, g in zip(moved, grads, strict=True)):
                    raise NotYet(f"{name} {message}")
            if not all(same(a, -lr * g[i]) for a, g in zip(moved, grads, strict=True)):
                raise NotYet(f"{name} does not end at {name} - lr * d{name}.")
    return "Downhill in both, and the start is still there for the next run."


@exercise("A function of params")
def check_finite(function):
    def says(wanted, params, what):
        answer = call(function, {"params": params})
        if not isinstance(answer, (bool, np.bool_)) and np.shape(answer) != ():
            raise NotYet(f"True or False is expected, not {short(answer)}.")
        answer = answer.item() if isinstance(answer, np.ndarray) else answer
        if not isinstance(answer, (bool, np.bool_)):
            raise NotYet(f"True or False is expected, not {short(answer)}.")
        if answer != wanted:
            raise NotYet(f"It says {answer} for {what}.")

    says(True, network(3, 2, 1), "a network without any nan or infinity")
    spoilt = [
        (np.nan, 0, 0, "a nan in the first W"),
        (np.nan, -1, 0, "a nan in the last W: every map counts"),
        (np.nan, 0, 1, "a nan in a bias: b counts, too"),
        (np.inf, 0, 0, "an infinity: nan is not all that can go wrong"),
        (-np.inf, 1, 1, "minus infinity in a bias"),
        (-np.inf, -1, 0, "minus infinity in the last W"),
        (np.nan, -1, 1, "a nan in the last b: every map counts"),
    ]
    for sizes in ((3, 2, 1), (2, 5), (4, 3, 2, 3)):
        for number, layer, which, what in spoilt:
            for entry in (-1, 0, 1):
                params = network(*sizes)
                array = params[min(layer, len(params) - 1)][which]
                array.flat[entry % array.size] = number
                says(False, params, what)
    large = [(1e200 * W, -1e200 * b) for W, b in network(3, 2, 1)]
    says(True, large, "numbers of 1e200: they are finite, their squares are not")
    return "One call after each step would have stopped the naive run at its first nan."


@exercise("A function of X")
def check_standardized(function):
    def truth(X):
        centred = X - X.mean(axis=0)
        return centred / np.where(centred.any(axis=0), X.std(axis=0), 1)

    X = np.array([[1.0, 10, -5], [2, 30, 5], [4, 20, 6], [9, 80, 2]])
    centred, each = X - X.mean(axis=0), {"axis": 1, "keepdims": True}
    expect(
        function,
        {"X": X},
        truth(X),
        [
            ("The means are 0. Divide by the standard deviations, too.", centred),
            ("The deviations are 1. Subtract the means first.", X / X.std(axis=0)),
            (
                "The whole array is standardized: each column is asked for.",
                (X - X.mean()) / X.std(),
            ),
            (
                "The rows are standardized: a feature is a column, axis=0.",
                (X - X.mean(**each)) / X.std(**each),
            ),
            ("You divided by the variance: take its square root.", centred / X.var(axis=0)),
            ("Divide by the standard deviation, not the maximum.", centred / np.abs(X).max(axis=0)),
            (
                "The deviations are those of a sample, with m - 1: use X.std(axis=0) as it is.",
                centred / X.std(axis=0, ddof=1),
            ),
        ],
        lambda result: (
            f"The columns have the means {result.mean(axis=0).round(3)} and the deviations "
            f"{result.std(axis=0).round(3)}."
        ),
        rtol=1e-6,
    )
    dark = np.array([[0.0, 1.0], [0.0, 3.0], [0.0, 8.0]])
    equal = "A column of equal numbers, a pixel that is always 0, has the deviation 0"
    expect_each(
        function,
        truth,
        [
            ({"X": X[:3, :2]}, "It is right for X of shape (4, 3) and wrong for (3, 2)."),
            (
                {"X": dark},
                f"{equal}: it should become 0 and leave the others as they are.",
                f"{equal}, and becomes 0/0 = nan. Divide by 1 there, and it stays 0.",
            ),
            ({"X": dark + np.array([7.0, 0.0])}, f"{equal}: equal numbers should become 0, not 7."),
        ],
        rtol=1e-6,
    )
    return "With features of this size even the naive head trains, and no pixel divides 0 by 0."
