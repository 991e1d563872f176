"""Checks of notebook 02, The forward pass."""

from numbers import Real

import numpy as np

from lesson.checks import NotYet, compare, exercise, expect, expect_each, short


def chosen():
    """Return W0, b0, W1, b1, X and X7 as the notebook chooses them."""
    r = np.random.RandomState(1)
    shapes = [(7, 10), (7,), (5, 7), (5,), (10,)]
    W0, b0, W1, b1, x = (r.randn(*shape).round(1) for shape in shapes)
    X = np.vstack([x, r.randn(3, 10).round(1)])
    return W0, b0, W1, b1, X, r.randn(7, 10).round(1)


@exercise("A single number")
def check_logit(answer):
    W0, b0, W1, b1, X, X7 = chosen()
    Z1 = X7 @ W0.T + b0
    A1 = np.maximum(Z1, 0)
    Z2 = A1 @ W1.T + b1
    a = A1[1]
    twice = np.maximum(Z1[1] + W0 @ X7[1], 0)
    no_copy = "z = {0} is no copy, so z += ... has written into {0}. Run the cell that makes {0}."
    wrong = [
        ("The bias of the output node is missing.", W1[2] @ a),
        (
            "The biases of the hidden nodes are missing.",
            W1[2] @ np.maximum(X7 @ W0.T, 0)[1] + b1[2],
        ),
        ("ReLU comes between the two layers: negative sums become 0.", W1[2] @ Z1[1] + b1[2]),
        ("This is the first output node, oak. The third one has the index 2.", Z2[1, 0]),
        ("This is the second output node. Birch, the third one, has the index 2.", Z2[1, 1]),
        ("This is the fourth output node. Birch, the third one, has the index 2.", Z2[1, 3]),
        ("This is the third hidden node. Birch is an output node.", Z1[1, 2], A1[1, 2]),
        ("This is the second output node of the third leaf: rows are leaves.", Z2[2, 1]),
        ("This is the first leaf of X7. The second one is X7[1].", Z2[0, 2]),
        ("This is the third leaf of X7. The second one is X7[1].", Z2[2, 2]),
        (
            "This is the second leaf of X. X7 is asked for.",
            (np.maximum(X @ W0.T + b0, 0) @ W1.T + b1)[1, 2],
        ),
        (no_copy.format("b0"), W1[2] @ twice + b1[2]),
        (no_copy.format("b1"), 2 * (W1[2] @ a) + b1[2]),
    ]
    otherwise = (
        "{answer} is not it. From the ten numbers in X7[1], compute the seven activations. "
        "Multiply them by row 3 of W1, entry by entry, add up, and add the third bias."
    )
    compare(answer, Z2[1, 2], wrong, otherwise)
    return f"{Z2[1, 2]:.3f}, but maple's logit is the largest: the network says maple."


@exercise("A function of X, W and b")
def check_layer(function):
    X = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])
    W = np.array([[2.0, 1.0, 0.0], [-1.0, 0.5, 2.0], [0.0, -1.0, 1.0]])
    b = np.array([0.5, -1.0, 2.0])
    Z, square = X @ W.T + b, "W fits here without its transpose only because it is square."
    wrong = [
        ("These are the pre-activations. Apply ReLU to them.", Z),
        ("The biases are missing.", np.maximum(X @ W.T, 0)),
        ("The bias comes before ReLU, not after it.", np.maximum(X @ W.T, 0) + b),
        (square, np.maximum(X @ W + b, 0)),
        ("The bias is added, not subtracted.", np.maximum(X @ W.T - b, 0)),
    ]
    otherwise = "Some entries are wrong. Compute X Wᵀ + b first, then max(z, 0) of each entry."
    expect(function, {"X": X, "W": W, "b": b}, np.maximum(Z, 0), wrong, otherwise)
    wide = {"X": np.ones((4, 6)), "W": np.ones((2, 6)), "b": np.array([0.0, -10.0])}
    otherwise = "It works for a square W only: try X of shape (4, 6) and W of shape (2, 6)."
    expect_each(function, lambda X, W, b: np.maximum(X @ W.T + b, 0), [(wide, otherwise)])
    return "One matrix product serves every sample, and b is broadcast over the rows."


@exercise("A dictionary of shapes")
def check_shapes(answer):
    right = {"X": (32, 100), "W0": (50, 100), "b0": (50,), "Z1": (32, 50)}
    right |= {"W1": (10, 50), "b1": (10,), "Z2": (32, 10)}
    if not isinstance(answer, dict) or set(answer) != set(right):
        raise NotYet(f"A dictionary with the keys {', '.join(right)} is expected.")
    for name, shape in right.items():
        given = answer[name]
        if isinstance(given, Real) and shape == (given,):
            raise NotYet(f"{name}: a tuple with one entry needs a comma, ({given},).")
        if isinstance(given, np.ndarray):
            raise NotYet(f"{name}: this is an array. Its shape is asked for, a tuple of numbers.")
        if not isinstance(given, tuple) or not all(isinstance(size, Real) for size in given):
            raise NotYet(f"{name}: a shape is a tuple of whole numbers, not {short(given)}.")
        if given == shape:
            continue
        if name[0] == "W" and given == shape[::-1]:
            raise NotYet(f"{name} has a row for each node it leads to: {given} is its transpose.")
        if name[0] == "b" and len(given) == 2:
            raise NotYet(f"{name} is a vector, with one size only. {given} is a matrix.")
        if name[0] in "XZ" and given == shape[::-1]:
            raise NotYet(f"{name}: samples are rows, so the 32 comes first.")
        raise NotYet(f"{name} is not {short(given)}. Which layer is it in, or between which two?")
    return "The inner sizes meet in each product: (32, 100)(100, 50) and (32, 50)(50, 10)."


@exercise("A single number")
def check_distance(answer):
    W0, b0, W1, b1, X, _ = chosen()
    scores = (np.maximum(X @ W0.T + b0, 0) @ W1.T + b1)[:, [0]]
    targets = np.array([1.0, 0.0, 0.0, 1.0])
    squares, differences = (scores - targets) ** 2, scores[:, 0] - targets
    broadcast = "This is the mean of 16 numbers: (4, 1) and (4,) were broadcast to (4, 4)."
    wrong = [
        (broadcast, np.mean(squares)),
        ("This is the sum of the four squares: take their mean.", np.sum(differences**2)),
        ("Square the differences before you take the mean.", np.mean(differences)),
        ("Square each difference first, then take the mean.", np.mean(differences) ** 2),
        ("Leave the square root out.", np.sqrt(np.mean(differences**2))),
    ]
    otherwise = "{answer} is not it. Bring both to shape (4,), subtract, square, take the mean."
    compare(answer, np.mean(differences**2), wrong, otherwise)
    return "Equal shapes before the subtraction: four differences, one for each sample."
