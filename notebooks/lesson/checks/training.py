"""Checks of notebook 07, Training with each version."""

import numpy as np

from lesson.checks import NotYet, call, exercise, short


@exercise
def check_backward_layer(function):
    r = np.random.RandomState(0)
    dZ, A, W = r.randn(4, 3), r.randn(4, 5), r.randn(3, 5)
    given = "dZ of shape (4, 3), A of shape (4, 5) and W of shape (3, 5)"
    result = call(function, dZ.copy(), A.copy(), W.copy(), given=given)
    if not isinstance(result, (tuple, list)) or len(result) != 3:
        raise NotYet("Three results are expected: return dW, db, dA")
    dW, db, dA = map(np.asarray, result)
    for name, got, right, wrong in [
        (
            "dW",
            dW,
            dZ.T @ A,
            [
                (A.T @ dZ, "is transposed: it has a row for each node it leads to."),
                (
                    dZ.T @ A / len(A),
                    "is divided by m: the mean over the batch is part of dZ already.",
                ),
                (-(dZ.T @ A), "has the wrong sign: the step downhill comes later."),
            ],
        ),
        (
            "db",
            db,
            dZ.sum(axis=0),
            [
                (dZ.mean(axis=0), "is a mean: the mean over the batch is part of dZ already."),
                (dZ.sum(axis=1), "is summed along the wrong axis: samples are rows."),
                (dZ, "is dZ itself: b serves every sample, so their shares are summed."),
                (dZ.sum(axis=0, keepdims=True), "has shape (1, 3); b has shape (3,)."),
            ],
        ),
        (
            "dA",
            dA,
            dZ @ W,
            [
                ((dZ @ W).T, "is transposed: samples are rows."),
                (
                    dZ @ W * (A > 0),
                    "has gone through ReLU: that is the next step, not part of the map.",
                ),
            ],
        ),
    ]:
        for value, message in wrong:
            if got.shape == value.shape and np.allclose(got, value):
                raise NotYet(f"{name} {message}")
        if got.shape != right.shape:
            raise NotYet(f"{name} has shape {got.shape}; it should be {right.shape}.")
        if not np.allclose(got, right):
            raise NotYet(f"{name} has the right shape and wrong entries.")
    return "The shapes leave no choice, and the sum over samples comes by itself."


@exercise
def check_repaired_step(function):
    params = [(np.ones((2, 3)), np.ones(2)), (np.full((1, 2), 2.0), np.zeros(1))]
    grads = [(np.full((2, 3), 0.5), np.full(2, 4.0)), (np.full((1, 2), -1.0), np.ones(1))]
    before = [(W.copy(), b.copy()) for W, b in params]
    result = call(function, params, grads, 0.1, given="two maps and lr = 0.1")
    for (W, b), (W_before, b_before) in zip(params, before, strict=True):
        if not (np.array_equal(W, W_before) and np.array_equal(b, b_before)):
            raise NotYet("The caller's params have changed: make new arrays, W - lr * dW.")
    try:
        pairs = [(np.asarray(W), np.asarray(b)) for W, b in result]
    except (TypeError, ValueError):
        raise NotYet("A list of pairs (W, b) is expected.") from None
    if [(W.shape, b.shape) for W, b in pairs] != [(W.shape, b.shape) for W, b in before]:
        raise NotYet("The shapes are not those of params: return one pair (W, b) for each map.")
    for i, name in enumerate(("W", "b")):
        moved = [pair[i] - old[i] for pair, old in zip(pairs, before, strict=True)]
        slopes = [pair[i] for pair in grads]
        if all(np.allclose(a, 0.1 * g) for a, g in zip(moved, slopes, strict=True)):
            raise NotYet(f"{name} moves along its gradient, uphill: subtract it.")
        if all(np.allclose(a, -g) for a, g in zip(moved, slopes, strict=True)):
            raise NotYet(f"{name} moves by the whole gradient: lr is missing.")
        if all(np.allclose(a, 0) for a in moved):
            raise NotYet(
                f"{name} does not move. `{name} = ...` only makes a new array under the old name: "
                "collect the pairs in a new list."
            )
        if not all(np.allclose(a, -0.1 * g) for a, g in zip(moved, slopes, strict=True)):
            raise NotYet(f"{name} does not end at {name} - lr * d{name}.")
    return "Downhill in both, and the start is still there for the next run."


@exercise
def check_finite(function):
    def network(spoil=None, place=(0, 0)):
        params = [(np.ones((2, 3)), np.ones(2)), (np.ones((1, 2)), np.ones(1))]
        if spoil is not None:
            params[place[0]][place[1]].flat[-1] = spoil
        return params

    def ask(params, given):
        answer = call(function, params, given=given)
        if not isinstance(answer, (bool, np.bool_)):
            raise NotYet(f"True or False is expected, not {short(answer)}.")
        return bool(answer)

    if not ask(network(), "ordinary parameters"):
        raise NotYet("It says False for a network without any nan or infinity.")
    for spoil, place, message in [
        (np.nan, (0, 0), "a nan in the first W"),
        (np.nan, (1, 0), "a nan in the last W: every map counts"),
        (np.nan, (0, 1), "a nan in a bias: b counts, too"),
        (np.inf, (0, 0), "an infinity: nan is not all that can go wrong"),
        (-np.inf, (1, 1), "minus infinity in a bias"),
    ]:
        if ask(network(spoil, place), message):
            raise NotYet(f"It says True for {message}.")
    return "One call after each step would have stopped the naive run at its first nan."


@exercise
def check_standardized(function):
    X = np.array([[1.0, 10, -5], [2, 30, 5], [4, 20, 6], [9, 80, 2]])
    given_away = X.copy()
    result = np.asarray(call(function, given_away, given="X of shape (4, 3)"))
    if not np.array_equal(given_away, X):
        raise NotYet("Your function changes the array that it is given.")
    if result.shape != X.shape:
        raise NotYet(f"The result has shape {result.shape}; it should be {X.shape}.")
    centred = X - X.mean(axis=0)
    for wrong, message in [
        (centred, "The means are 0. Divide by the standard deviations, too."),
        (X / X.std(axis=0), "The deviations are 1. Subtract the means first."),
        ((X - X.mean()) / X.std(), "The whole array is standardized: each column is asked for."),
        (
            (X - X.mean(axis=1, keepdims=True)) / X.std(axis=1, keepdims=True),
            "The rows are standardized: a feature is a column, axis=0.",
        ),
        (centred / X.var(axis=0), "You divided by the variance: take its square root."),
        (centred / np.abs(X).max(axis=0), "Divide by the standard deviation, not the maximum."),
    ]:
        if np.allclose(result, wrong):
            raise NotYet(message)
    if np.allclose(result, centred / X.std(axis=0, ddof=1)):
        raise NotYet(
            "The deviations are those of a sample, with m - 1: use X.std(axis=0) as it is."
        )
    if not np.allclose(result, centred / X.std(axis=0)):
        means, deviations = result.mean(axis=0).round(3), result.std(axis=0).round(3)
        raise NotYet(f"The columns have the means {means} and the deviations {deviations}.")
    return "With features of this size even the naive head trains."
