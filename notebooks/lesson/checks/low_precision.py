"""Checks of notebook 08, Low precision."""

from itertools import pairwise

import numpy as np

from lesson.checks import (
    NotYet,
    as_array,
    as_number,
    call,
    compare,
    exercise,
    expect,
    same,
    short,
)

MAX = {8: 3.3895313892515355e38, 11: 65504.0}


@exercise("A function of digits")
def check_last_count(function):
    for digits in (8, 11, 4, 3):
        right = 2**digits
        with_digits = f"With {digits} digits"
        wrong = [
            (f"{with_digits}, the next number exists, too: {right} needs only one.", right - 1),
            (f"{right + 1} needs {digits + 1} digits: it is the sum that is rounded.", right + 1),
            ("That is 1/eps, and numbers as large as that are still 1 apart.", right / 2),
            ("From there on even 2 is lost. 1 is lost earlier.", 2 * right),
            ("This is a logarithm: the number itself is asked for.", np.log(right), digits),
            ("These digits are binary, not decimal.", 10**digits),
            ("This is the largest number of the type. The count sticks before.", MAX.get(digits)),
        ]
        answer = as_number(call(function, {"digits": digits}))
        known = [(message, *values) for message, *values in wrong if None not in values]
        otherwise = f"{with_digits}, your function returns {{answer}}. Try digits = 3 by hand."
        compare(answer, right, known, otherwise)
    return "The sum of a long row belongs in float32: its count sticks at 16,777,216 only."


@exercise("A single number")
def check_threshold(answer):
    wrong = [
        ("This is eps, the gap above 1. Rates less than that move the weight.", 2.0**-7),
        ("1 minus this is the next bfloat16 below 1: it moves the weight.", 2.0**-8),
        ("These are float16's digits: it has 11, bfloat16 has 8.", 2.0**-11, 2.0**-12),
        ("This is the weight that is left, not the learning rate.", 1 - 2.0**-9, 1 - 2.0**-8),
        ("A learning rate that moves nothing is not 0 only.", 0),
        ("This is the exponent: the number itself is asked for.", -9, 9),
    ]
    number, right = as_number(answer), 2.0**-9
    if number < 0:
        otherwise = "A learning rate is positive, and yours is {answer}."
    elif number < right:
        otherwise = "{answer} moves nothing, but neither do somewhat larger rates. "
        otherwise += "The largest of them is a power of two: give it exactly."
    else:
        otherwise = (
            "{answer} moves the weight. Half the way from 1 to the next bfloat16 below is asked."
        )
    compare(answer, right, wrong, otherwise, near=1e-12)
    return "0.00195: a common learning rate is smaller, and then only a float32 copy moves."


def losses_of(Z, labels):
    """Return the losses of float64 logits, classes first."""
    gaps = Z - Z.max(axis=0)
    return np.log(np.exp(gaps).sum(axis=0)) - gaps[labels, np.arange(len(labels))]


@exercise("A function of Z and labels")
def check_class_first_loss(function):
    Z = np.array([[3, 1], [1, 4], [0.5, -2]], np.float16)
    labels = np.array([1, 0])
    wide = Z.astype(float)
    right, place = losses_of(wide, labels), (labels, np.arange(2))
    log_sum = np.log(np.exp(wide).sum(axis=0))
    wrong = [
        ("These are log-probabilities: the loss is minus the logarithm.", -right),
        ("The mean is taken: one loss for each pixel is asked for.", right.mean()),
        ("The losses are summed: one for each pixel is asked for.", right.sum()),
        ("These are probabilities, not losses.", np.exp(-right)),
        ("This is log-sum-exp alone: subtract the logit of the right class.", log_sum),
        ("The maximum must be added again, or the logit shifted.", right - wide.max(axis=0)),
        ("These are the losses of all classes: pick those of the labels.", log_sum - wide),
    ]
    picks = "Every label picks from every pixel: Z[labels, np.arange(m)] picks one each."
    wrong.append((picks, log_sum - wide[labels]))
    rows = np.log(np.exp(wide).sum(axis=1))
    wrong.append(("Sum over the classes: they are axis 0 here.", rows[labels] - wide[place]))
    told = f"For these logits the losses are {right.round(4)}."
    expect(function, {"Z": Z, "labels": labels}, right, wrong, told, rtol=4e-3, atol=4e-3)

    def stuck(result):
        if same(result, [np.log(2048)] * 2, rtol=1e-3):
            return "The loss of 5000 equal classes is log 2048: the sum stuck. Cast first."
        return "5000 equal classes have the loss log 5000, 8.5172."

    def sure(result):
        return "A class that trails by 1000 has the loss 1000: do not go over its probability."

    def rough(result):
        few = "It is right to few digits: something is rounded to float16 on the way"
        return f"{few}, or at the end."

    def large(result):
        if np.isfinite(result).all():
            return rough(result)
        over = "Logits of 1000 overflow: subtract the maximum of each pixel before exp."
        return "Subtract one maximum for each pixel." if np.isfinite(result[0]) else over

    equal, mixed, far = np.zeros((5000, 2)), [[1000, 1], [0, 2], [1000, -3]], [[1000, 0], [0, 1000]]
    many = np.random.RandomState(0).randn(5000, 2)
    # What float32 loses beside 1000 is not the point here.
    for logits, chosen, message, room in (
        (equal, [7, 4999], stuck, 4e-3),
        (mixed, [0, 1], large, 1e-3),
        (far, [1, 0], sure, 1e-3),
        (Z, [1, 0], rough, 3e-6),
        (many, [1, 4000], rough, 3e-6),
    ):
        given = {"Z": np.array(logits, np.float16), "labels": np.array(chosen)}
        right = losses_of(given["Z"].astype(float), given["labels"])
        expect(function, given, right, (), message, rtol=room, atol=room / 3)
    return "Sixteen bits outside, thirty-two inside: as the losses of the libraries do it."


def network(kind, seed, sizes, size=1.0):
    """Return a pair (W, b) for each map between layers of these sizes, without a 0 in them."""
    r = np.random.RandomState(seed)
    shapes = [((n_out, n_in), (n_out,)) for n_in, n_out in pairwise(sizes)]
    return [tuple((size * (1 + r.rand(*shape))).astype(kind) for shape in pair) for pair in shapes]


def pairs_of(value, params):
    """Return a list of pairs (W, b) of arrays in the shapes of params; refuse anything else."""
    told = f"The first result should be a list of pairs (W, b), not {short(value)}."
    if not isinstance(value, (list, tuple)) or len(value) != len(params):
        raise NotYet(told)
    if not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in value):
        raise NotYet(told)
    pairs = [(as_array(W, "W"), as_array(b, "b")) for W, b in value]
    if [(W.shape, b.shape) for W, b in pairs] != [(W.shape, b.shape) for W, b in params]:
        raise NotYet("The shapes are not those of params: return one pair (W, b) for each map.")
    return pairs


def alike(new, expected, **room):
    pairs = zip(new, expected, strict=True)
    return all(same(a, b, **room) for pair in pairs for a, b in zip(*pair, strict=True))


def moved(params, grads, rate):
    """Return the parameters after a step of `rate`, in float64."""
    pairs = zip(params, grads, strict=True)
    return [(W - rate * np.float64(dW), b - rate * np.float64(db)) for (W, b), (dW, db) in pairs]


# What is put into the gradients, and where: map, W or b.
SPOILT = [
    (np.inf, 0, 0, "an inf in the first dW"),
    (np.inf, 0, 1, "an inf in the first db: b counts, too"),
    (np.inf, -1, 0, "an inf in the last dW: every map counts"),
    (-np.inf, -1, 1, "minus infinity in the last db"),
    (np.nan, -1, 0, "a nan in the last dW: inf is not all that can go wrong"),
]


@exercise("A function of params, grads, lr and scale")
def check_scaled_step(function):
    changed = "The caller's {0} have changed: make new arrays, W - lr * dW."

    def step(params, grads, lr, scale):
        arguments = {"params": params, "grads": grads, "lr": lr, "scale": scale}
        result = call(function, arguments, changed)
        if not isinstance(result, (list, tuple)) or len(result) != 2:
            raise NotYet(f"Two results are expected, (params, scale), not {short(result)}.")
        return pairs_of(result[0], params), as_number(result[1])

    for sizes, lr, scale in (((3, 2, 4, 2), 0.5, 64.0), ((2, 5), 0.25, 128.0)):
        params = network(np.float32, 0, sizes)
        grads = network(np.float16, 1, sizes, size=8.0)
        new, after = step(params, grads, lr, scale)
        for rate, message in (
            (lr, f"The gradients are {scale:g} times too large: divide them by the scale."),
            (-lr / scale, "The step goes uphill: subtract the gradient."),
            (lr * scale, "The gradients are multiplied by the scale. They were already: divide."),
            (1 / scale, "The whole gradient is subtracted: lr is missing."),
            (0, "All gradients are finite, and nothing moves."),
        ):
            if alike(new, moved(params, grads, rate), rtol=1e-6, atol=1e-6):
                raise NotYet(message)
        if not alike(new, moved(params, grads, lr / scale), rtol=1e-6, atol=1e-6):
            raise NotYet("A step should end at W - lr * dW / scale, and so for b.")
        if after != scale:
            grown = "grows" if after > scale else "shrinks"
            raise NotYet(f"The scale {grown} after a good step, to {after:g}: leave it.")
    zeros = [(0 * W, 0 * b) for W, b in params]
    for size, rate, lost in (
        (6e-8, 1000.0, "6e-8, divided by a scale of 4, is lost: float16 has no 1.5e-8"),
        (6e-5, 1e-4, "6e-5, times a learning rate of 1e-4, is lost in float16"),
    ):
        tiny = network(np.float16, 1, sizes, size=size)
        new, _ = step(zeros, tiny, rate, 4.0)
        if not alike(new, moved(zeros, tiny, rate / 4), rtol=1e-3, atol=0):
            raise NotYet(
                f"A gradient of {lost}. Begin with float32: dW.astype(np.float32) / scale."
            )
    for sizes in ((3, 2, 4, 2), (2, 4, 3)):
        for number, layer, which, what in SPOILT:
            params, grads = network(np.float32, 0, sizes), network(np.float16, 1, sizes)
            grads[layer][which].flat[-1] = number
            new, after = step(params, grads, 0.5, 64.0)
            if not alike(new, params):
                raise NotYet(f"The step is not skipped for {what}.")
            if after != 32:
                raise NotYet(f"A skipped step halves the scale, from 64 to 32; yours is {after:g}.")
    return "A few skipped steps at the beginning, and no gradient is lost after them."
