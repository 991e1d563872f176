"""Checks of notebook 02, The forward pass."""

import numpy as np

from lesson.checks import NotYet, call, compare, exercise, short


@exercise
def check_pre_activation(answer, W, b, x):
    right = W[1] @ x + b[1]
    compare(
        answer,
        right,
        wrong=[
            (W[1] @ x, "These are the products. The node adds its own bias, too."),
            (W[0] @ x + b[0], "This is the first node. In Python the second row is W0[1]."),
            (W[2] @ x + b[2], "This is the third node. In Python the second row is W0[1]."),
            (W[1] @ x + b[0], "The weights are right; the bias is that of the first node."),
            (W[:, 1] @ x[:7] + b[1], "You took a column of W0. Row 2 leads to the second node."),
            (max(right, 0), "This is the value after ReLU; the pre-activation comes before it."),
        ],
        otherwise="{answer} is not it. Multiply row 2 of W0 with x, entry by entry, add the ten "
        "products up, and add the second bias.",
    )
    return f"{right:.2f} is below 0, so that ReLU cuts this node off: its activation is 0."


@exercise
def check_layer(function):
    X = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]])
    W = np.array([[2.0, 1.0, 0.0], [-1.0, 0.5, 2.0], [0.0, -1.0, 1.0]])
    b = np.array([0.5, -1.0, 2.0])
    Z = X @ W.T + b
    given = "X of shape (2, 3), W of shape (3, 3) and b of shape (3,)"
    result = np.asarray(call(function, X, W, b, given=given))
    if result.shape != Z.shape:
        raise NotYet(f"With {given}, the result has shape {result.shape}; it should be (2, 3).")
    for wrong, message in [
        (Z, "These are the pre-activations. Apply ReLU to them."),
        (np.maximum(X @ W.T, 0), "The biases are missing."),
        (np.maximum(X @ W.T, 0) + b, "The bias comes before ReLU, not after it."),
        (np.maximum(X @ W + b, 0), "W fits here without its transpose only because it is square."),
        (np.maximum(X @ W.T - b, 0), "The bias is added, not subtracted."),
    ]:
        if np.allclose(result, wrong):
            raise NotYet(message)
    if not np.allclose(result, np.maximum(Z, 0)):
        raise NotYet(
            "Some entries are wrong. Compute X Wᵀ + b first, then max(z, 0) of each entry."
        )
    wide = call(
        function,
        np.ones((4, 6)),
        np.ones((2, 6)),
        np.array([0.0, -10.0]),
        given="X of shape (4, 6), W of shape (2, 6) and b of shape (2,)",
    )
    if not np.array_equal(wide, np.tile([6.0, 0.0], (4, 1))):
        raise NotYet("It works for a square W only: try X of shape (4, 6) and W of shape (2, 6).")
    return "One matrix product serves every sample, and b is broadcast over the rows."


@exercise
def check_shapes(answer):
    right = {
        "X": (32, 100),
        "W0": (50, 100),
        "b0": (50,),
        "Z1": (32, 50),
        "W1": (10, 50),
        "b1": (10,),
        "Z2": (32, 10),
    }
    if not isinstance(answer, dict) or set(answer) != set(right):
        raise NotYet(f"A dictionary with the keys {', '.join(right)} is expected.")
    for name, shape in right.items():
        given = answer[name]
        if given == shape:
            continue
        if isinstance(given, int) and shape == (given,):
            raise NotYet(f"{name}: a tuple with one entry needs a comma, ({given},).")
        if not isinstance(given, tuple):
            raise NotYet(f"{name}: a shape is a tuple, not {short(given)}.")
        if name[0] == "W" and given == shape[::-1]:
            raise NotYet(f"{name} has a row for each node it leads to: {given} is its transpose.")
        if name[0] == "b" and len(given) == 2:
            raise NotYet(f"{name} is a vector, with one size only. {given} is a matrix.")
        if name[0] in "XZ" and given == shape[::-1]:
            raise NotYet(f"{name}: samples are rows, so the 32 comes first.")
        raise NotYet(f"{name} is not {given}. Which layer is it in, or between which two?")
    return "The inner sizes meet in each product: (32, 100)(100, 50) and (32, 50)(50, 10)."


@exercise
def check_distance(answer, scores, targets):
    differences = scores[:, 0] - targets
    compare(
        answer,
        right=np.mean(differences**2),
        wrong=[
            (
                np.mean((scores - targets) ** 2),
                "This is the mean of 16 numbers: (4, 1) and (4,) were broadcast to (4, 4).",
            ),
            (np.sum(differences**2), "This is the sum of the four squares: take their mean."),
            (np.mean(differences), "Square the differences before you take the mean."),
            (np.mean(differences) ** 2, "Square each difference first, then take the mean."),
            (np.sqrt(np.mean(differences**2)), "Leave the square root out."),
        ],
        otherwise="{answer} is not it. Bring both to the shape (4,), subtract, square, "
        "and take the mean.",
    )
    return "Equal shapes before the subtraction: four differences, one for each sample."
