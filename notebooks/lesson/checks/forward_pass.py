"""Checks of notebook 02, The forward pass."""

from numbers import Real

import numpy as np

from lesson.checks import NotYet, compare, exercise, expect, expect_each, short, unchanged


def drawn():
    """Return W0, b0, W1, b1, x and X as the notebook draws them."""
    r = np.random.RandomState(1)
    shapes = [(7, 10), (7,), (5, 7), (5,), (10,)]
    W0, b0, W1, b1, x = (r.randn(*shape).round(1) for shape in shapes)
    return W0, b0, W1, b1, x, np.vstack([x, r.randn(3, 10).round(1)])


@exercise("A single number")
def check_pre_activation(answer, *given):
    W, b, _, _, x, _ = drawn()
    note = ""
    for name, own, value in zip(("W0", "b0", "x"), (W, b, x), given, strict=False):
        if not note and not unchanged(own, value):
            note = (
                f"But {name} has changed: {name} -= ... or += ... writes into it, and z = {name} "
                f"is no copy. Run the cell that makes {name} again."
            )
    right = W[1] @ x + b[1]
    wrong = [
        ("These are the products. The node adds its own bias, too.", W[1] @ x),
        ("This is the first node. In Python the second row is W0[1].", W[0] @ x + b[0]),
        ("This is the third node. In Python the second row is W0[1].", W[2] @ x + b[2]),
        ("The weights are right; the bias is that of the first node.", W[1] @ x + b[0]),
        ("You took a column of W0. Row 2 leads to the second node.", W[:, 1] @ x[:7] + b[1]),
        ("This is the value after ReLU; the pre-activation comes before it.", max(right, 0)),
    ]
    steps = (
        "Multiply row 2 of W0 with x, entry by entry, add the ten products up, and add the second "
        "bias."
    )
    compare(answer, right, wrong, f"{{answer}} is not it. {note or steps}")
    return f"{right:.2f} is below 0, so that ReLU cuts this node off: its activation is 0. {note}"


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
def check_distance(answer, *given):
    W0, b0, W1, b1, _, X = drawn()
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
