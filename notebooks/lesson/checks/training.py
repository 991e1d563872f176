"""Checks of notebook 07, Training with each version."""

from itertools import pairwise

import numpy as np

from lesson.checks import (
    NotYet,
    as_array,
    call,
    exercise,
    expect,
    expect_each,
    refuse_known,
    same,
    short,
)


@exercise("A function of dZ, A and W")
def check_backward_layer(function):
    for m, n_in, n_out in ((4, 5, 3), (2, 3, 6)):
        r = np.random.RandomState(m)
        dZ, A, W = r.randn(m, n_out), r.randn(m, n_in), r.randn(n_out, n_in)
        result = call(function, {"dZ": dZ, "A": A, "W": W})
        if not isinstance(result, (tuple, list)) or len(result) != 3:
            raise NotYet(f"Three results are expected: return dW, db, dA. Not {short(result)}.")
        dW, db, dA = dZ.T @ A, dZ.sum(axis=0), dZ @ W
        batch = "the mean over the batch is part of dZ already."
        right = {"dW": dW, "db": db, "dA": dA}
        wrong = [
            ("dW is transposed: it has a row for each node it leads to.", dW.T),
            (f"dW is divided by m: {batch}", dW / m),
            ("dW has the wrong sign: the step downhill comes later.", -dW),
            (f"db is a mean: {batch}", db / m),
            ("db is summed along the wrong axis: samples are rows.", dZ.sum(axis=1)),
            ("db is dZ itself: b serves every sample, so their shares are summed.", dZ),
            (f"db has shape (1, {n_out}); b has shape ({n_out},).", db[None]),
            ("dA is transposed: samples are rows.", dA.T),
            ("dA has gone through ReLU: that is the next step, not part of the map.", dA * (A > 0)),
        ]
        for (name, truth), got in zip(right.items(), result, strict=True):
            got = as_array(got, name)
            refuse_known(got, truth, [row for row in wrong if row[0].startswith(name)], name)
            if not same(got, truth):
                raise NotYet(f"{name} has the right shape and wrong entries.")
    return "The shapes leave no choice, and the sum over samples comes by itself."


def network(*sizes, seed=0):
    """Return a list of pairs (W, b) for layers of these sizes, without a 0 in them."""
    r = np.random.RandomState(seed)
    return [(1 + r.rand(n_out, n_in), 1 + r.rand(n_out)) for n_in, n_out in pairwise(sizes)]


@exercise("A function of params, grads and lr")
def check_repaired_step(function):
    changed = "The caller's {0} have changed: make new arrays, W - lr * dW."
    for sizes, lr in (((3, 2, 1), 0.1), ((2, 4, 3, 2), 0.5)):
        params, grads = network(*sizes), network(*sizes, seed=1)
        result = call(function, {"params": params, "grads": grads, "lr": lr}, changed)
        expected = f"A list of pairs (W, b) is expected, not {short(result)}"
        if not isinstance(result, (list, tuple)):
            raise NotYet(f"{expected}: the next step counts it, and walks through it again.")
        if not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in result):
            raise NotYet(f"{expected}.")
        pairs = [(as_array(W, "W"), as_array(b, "b")) for W, b in result]
        if [(W.shape, b.shape) for W, b in pairs] != [(W.shape, b.shape) for W, b in params]:
            raise NotYet("The shapes are not those of params: return one pair (W, b) for each map.")
        for i, name in enumerate("Wb"):
            still = (
                f"{name} does not move. `{name} = ...` only makes a new array under the old name: "
                "collect the pairs in a new list."
            )
            moved = [new[i] - old[i] for new, old in zip(pairs, params, strict=True)]
            for factor, message in (
                (lr, f"{name} moves along its gradient, uphill: subtract it."),
                (-1, f"{name} moves by the whole gradient: lr is missing."),
                (0, still),
            ):
                if all(same(step, factor * g[i]) for step, g in zip(moved, grads, strict=True)):
                    raise NotYet(message)
            if not all(same(step, -lr * g[i]) for step, g in zip(moved, grads, strict=True)):
                raise NotYet(f"{name} does not end at {name} - lr * d{name}.")
    return "Downhill in both, and the start is still there for the next run."


# A number, where it is put (map, W or b), and what has been put there.
SPOILT = [
    (np.nan, 0, 0, "a nan in the first W"),
    (np.nan, -1, 0, "a nan in the last W: every map counts"),
    (np.nan, 0, 1, "a nan in a bias: b counts, too"),
    (np.nan, -1, 1, "a nan in the last b: every map counts"),
    (np.inf, 0, 0, "an infinity: nan is not all that can go wrong"),
    (-np.inf, -1, 0, "minus infinity in the last W"),
    (-np.inf, -1, 1, "minus infinity in a bias"),
]


@exercise("A function of params")
def check_finite(function):
    def says(wanted, params, what):
        answer = call(function, {"params": params})
        if isinstance(answer, np.ndarray) and answer.shape == ():
            answer = answer[()]
        if not isinstance(answer, (bool, np.bool_)):
            raise NotYet(f"True or False is expected, not {short(answer)}.")
        if answer != wanted:
            raise NotYet(f"It says {answer} for {what}.")

    says(True, network(3, 2, 1), "a network without any nan or infinity")
    for sizes in ((3, 2, 1), (2, 5), (4, 3, 2, 3)):
        for number, layer, which, what in SPOILT:
            for entry in (-1, 0):
                params = network(*sizes)
                params[layer][which].flat[entry] = number
                says(False, params, what)
    large = [(1e200 * W, -1e200 * b) for W, b in network(3, 2, 1)]
    says(True, large, "numbers of 1e200: they are finite, their squares are not")
    return "One call after each step would have stopped the naive run at its first nan."


@exercise("A function of X")
def check_standardized(function):
    def truth(X):
        centred = X - X.mean(axis=0)
        return centred / np.where(centred.any(axis=0), X.std(axis=0), 1)

    def moments(result):
        means, deviations = result.mean(axis=0).round(3), result.std(axis=0).round(3)
        return f"The columns have the means {means} and the deviations {deviations}."

    X = np.array([[1.0, 10, -5], [2, 30, 5], [4, 20, 6], [9, 80, 2]])
    centred, each = X - X.mean(axis=0), {"axis": 1, "keepdims": True}
    rows = (X - X.mean(**each)) / X.std(**each)
    sample = "The deviations are those of a sample, with m - 1: use X.std(axis=0) as it is."
    wrong = [
        ("The means are 0. Divide by the standard deviations, too.", centred),
        ("The deviations are 1. Subtract the means first.", X / X.std(axis=0)),
        ("The whole array is standardized: each column is asked for.", (X - X.mean()) / X.std()),
        ("The rows are standardized: a feature is a column, axis=0.", rows),
        ("You divided by the variance: take its square root.", centred / X.var(axis=0)),
        ("Divide by the standard deviation, not the maximum.", centred / np.abs(X).max(axis=0)),
        (sample, centred / X.std(axis=0, ddof=1)),
    ]
    # Whoever adds 1e-8 to the deviations is right to seven digits.
    expect(function, {"X": X}, truth(X), wrong, moments, rtol=1e-6)
    dark = np.array([[0.0, 1.0], [0.0, 3.0], [0.0, 8.0]])
    equal = "A column of equal numbers, a pixel that is always 0, has the deviation 0"
    nan = f"{equal}, and becomes 0/0 = nan. Divide by 1 there, and it stays 0."
    cases = [
        ({"X": X[:3, :2]}, "It is right for X of shape (4, 3) and wrong for (3, 2)."),
        ({"X": dark}, f"{equal}: it should become 0, and the others stay as they are.", nan),
        ({"X": dark + np.array([7.0, 0.0])}, f"{equal}: equal numbers should become 0, not 7."),
    ]
    expect_each(function, truth, cases, rtol=1e-6)
    return "With features of this size even the naive head trains, and no pixel divides 0 by 0."
