"""Checks of the exercises: each says at once what is right, or what to look at next.

A check prints one message and returns nothing. An answer that is still `...` is not judged.
"""

from functools import wraps
from numbers import Real

import numpy as np


class NotYet(Exception):
    """What is wrong with an answer, said so that the student can act on it."""


class NotAttempted(Exception):
    """The answer is still the placeholder."""


def exercise(check):
    """Turn `check`, which returns praise or raises NotYet, into one that prints its verdict."""

    @wraps(check)
    def judge(answer, *data):
        try:
            refuse_placeholder(answer)
            print(f"Right. {check(answer, *data)}")
        except NotAttempted:
            print("Not attempted yet: replace the ... and run the cell again.")
        except NotYet as message:
            print(f"Not yet. {message}")

    return judge


def _placeholder(): ...


def _placeholder_with_docstring():
    """Do nothing."""


PLACEHOLDERS = {f.__code__.co_code for f in (_placeholder, _placeholder_with_docstring)}


def is_placeholder(answer):
    code = getattr(answer, "__code__", None)
    if code is None:
        return answer is ...
    return code.co_code in PLACEHOLDERS and set(code.co_consts) <= {None, answer.__doc__}


def refuse_placeholder(answer):
    entries = answer.values() if isinstance(answer, dict) else [answer]
    if any(is_placeholder(entry) for entry in entries):
        raise NotAttempted


def short(answer):
    """Return `answer` as a student would recognise it, on one line."""
    text = " ".join(repr(answer).split())
    return text if len(text) <= 60 else f"{text[:56]} ..."


def call(function, *arguments, given):
    """Return function(*arguments); `given` describes the arguments in the messages."""
    if not callable(function):
        raise NotYet(f"A function is expected, not {short(function)}.")
    try:
        result = function(*arguments)
    except Exception as error:
        what = f"{type(error).__name__}: {error}"
        raise NotYet(f"With {given}, {function.__name__} raises {what}") from error
    if result is None:
        raise NotYet(f"{function.__name__} returns None: end it with a return statement.")
    return result


def as_number(answer):
    if isinstance(answer, np.ndarray) and answer.size == 1:
        answer = answer.item()
    if not isinstance(answer, Real) or isinstance(answer, bool):
        raise NotYet(f"A single number is expected, not {short(answer)}.")
    return float(answer)


def compare(answer, right, wrong, otherwise):
    """Accept `right`; explain the known `wrong` values, a list of (value, message)."""
    number = as_number(answer)
    if np.isclose(number, right, rtol=1e-6, atol=1e-9):
        return
    for value, message in wrong:
        if np.isclose(number, value, rtol=1e-6, atol=1e-9):
            raise NotYet(message)
    raise NotYet(otherwise.format(answer=f"{number:g}"))


# --- 01 · Draw the network ---


@exercise
def check_digits(answer):
    compare(
        answer,
        right=784 * 128 + 128 + 128 * 10 + 10,
        wrong=[
            (784 * 128 + 128 * 10, "These are the weights. Where are the biases?"),
            (
                784 * 128 + 784 + 128 * 10 + 128,
                "The biases belong to the nodes that edges lead to, not to those they come from.",
            ),
            (
                784 + 784 * 128 + 128 + 128 * 10 + 10,
                "You gave the inputs biases too. No edge leads to an input.",
            ),
            (784 * 128 + 128, "You stopped at the hidden layer: 128 nodes lead on to 10."),
            (784 + 128 + 10, "This counts the nodes. Parameters sit on the edges, too."),
            (784 * 128 * 10, "Edges join neighbouring layers only: add the pairs up."),
        ],
        otherwise="{answer} is not it. Count the weights of the two pairs of layers, "
        "then one bias for each node that edges lead to.",
    )
    return (
        "100,352 + 1,280 weights and 128 + 10 biases: nearly all parameters lie in the first map."
    )


@exercise
def check_num_parameters(function):
    weights_only = "Your function counts the weights and leaves the biases out."
    source_biases = (
        "Your function adds a bias for each node that edges come from. The biases belong to "
        "the nodes that edges lead to."
    )
    input_biases = "Your function gives the inputs biases. No edge leads to an input."
    for layers, right, wrong in [
        ([10, 7, 5], 117, [(105, weights_only), (122, source_biases), (127, input_biases)]),
        ([4, 3], 15, [(12, weights_only), (16, source_biases), (19, input_biases)]),
        ([3, 4, 5, 6], 77, []),
        ([8], 0, [(8, input_biases)]),
    ]:
        result = call(function, list(layers), given=f"num_node_list = {layers}")
        compare(
            result,
            right,
            wrong,
            f"For {layers} your function returns {{answer}}; the network has {right} parameters.",
        )
    return "Your function knows nothing of 10-7-5 and counts any list, even one layer with no edge."


def drawn_layers(fig):
    """Return the number of nodes in each column of a drawn network, left to right."""
    columns = [round(patch.center[0], 3) for patch in fig.axes[0].patches]
    return [columns.count(x) for x in sorted(set(columns))]


@exercise
def check_redrawn(fig):
    if not hasattr(fig, "axes") or not fig.axes:
        raise NotYet(f"A figure is expected, not {short(fig)}: keep what plot_net returns.")
    layers = drawn_layers(fig)
    if layers == [2, 3, 6, 4]:
        raise NotYet("The layers run the wrong way: the 4 inputs stand on the left.")
    if len(layers) != 4:
        raise NotYet(f"Your network has {len(layers)} layers; 4, 6, 3 and 2 nodes make four.")
    if layers != [4, 6, 3, 2]:
        raise NotYet(f"Your layers have {layers} nodes; 4, 6, 3 and 2 are asked for.")
    if tuple(fig.get_size_inches()) != (12, 5):
        width, height = fig.get_size_inches()
        raise NotYet(f"The canvas is {width:g} by {height:g} inches; 12 by 5 is asked for.")
    return "Four layers take three maps, with 24 + 18 + 6 = 48 edges between them."


@exercise
def check_inputs(answer):
    compare(
        answer,
        right=12,
        wrong=[
            (
                (131 - 24) / 8,
                "You left all biases out: 8 hidden nodes and 3 outputs have one each.",
            ),
            ((131 - 24 - 8) / 8, "You left the biases of the 3 outputs out."),
            ((131 - 24 - 3) / 8, "You left the biases of the 8 hidden nodes out."),
            (12 * 8, "This is the number of weights into the hidden layer: divide by its 8 nodes."),
        ],
        otherwise="With {answer} inputs the network would not have 131 parameters. "
        "Write 131 as a sum in which only the number of inputs is unknown.",
    )
    return "12 · 8 + 8 + 8 · 3 + 3 = 131."


# --- 02 · The forward pass ---


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


# --- 03 · Naive softmax, and how it breaks ---


def textbook_softmax(X):
    exp = np.exp(X - X.max(axis=1, keepdims=True))
    return exp / exp.sum(axis=1, keepdims=True)


def textbook_sums(X):
    return np.exp(X - X.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)


def rows_of(function, X, given):
    """Return function(X) as an array of X's shape, called on a copy that must stay as it is."""
    given_away = X.copy()
    with np.errstate(all="ignore"):
        result = np.asarray(call(function, given_away, given=given))
    if not np.array_equal(given_away, X, equal_nan=True):
        raise NotYet("Your function changes the array that it is given: X -= ... writes into it.")
    if result.shape != X.shape:
        raise NotYet(f"With {given}, the result has shape {result.shape}; it should be {X.shape}.")
    return result


SQUARE = np.array([[0.0, 1.0, 2.0], [2.0, 0.0, 1.0], [1.0, 3.0, 0.0]])
WIDE = np.array([[2.0, 3.25, 4.5, -0.5], [3.0, 5.0, 7.75, 1.0]])


def check_rows_are_softmax(function, X=SQUARE):
    """Refuse what is not the softmax of each row of X, a square batch without large numbers."""
    exp, right = np.exp(X), textbook_softmax(X)
    shifted = np.exp(X - X.max(axis=1, keepdims=True))
    result = rows_of(function, X, given="X of shape (3, 3)")
    for wrong, message in [
        (exp, "These are the exponentials. Divide each row by its sum."),
        (
            exp / exp.sum(axis=1),
            "The sums have shape (3,), and are broadcast along the rows: use keepdims=True.",
        ),
        (
            np.exp(X - X.max(axis=1)) / np.exp(X - X.max(axis=1)).sum(axis=1, keepdims=True),
            "The maxima have shape (3,), and are broadcast along the rows: use keepdims=True.",
        ),
        (
            shifted / shifted.sum(axis=1),
            "The sums have shape (3,), and are broadcast along the rows: use keepdims=True.",
        ),
        (exp / exp.sum(axis=0), "The columns sum to 1. Sum along axis=1: samples are rows."),
        (
            shifted / shifted.sum(axis=0),
            "The columns sum to 1. Sum along axis=1: samples are rows.",
        ),
        (exp / exp.sum(), "The whole array sums to 1. Each row needs a sum of its own."),
        (X / X.sum(axis=1, keepdims=True), "The exponential is missing."),
        (
            np.exp(X - X.max(axis=0)) / np.exp(X - X.max(axis=0)).sum(axis=1, keepdims=True),
            "The maximum is taken along axis=0, so that the shifts differ within a row.",
        ),
        (np.log(right), "These are log-probabilities. The probabilities are asked for."),
    ]:
        if np.allclose(result, wrong):
            raise NotYet(message)
    if not np.allclose(result.sum(axis=1), 1):
        raise NotYet(f"The rows sum to {np.round(result.sum(axis=1), 3)}, not to 1.")
    if not np.allclose(result, right):
        raise NotYet(f"The first row of {X[0]} should be {np.round(right[0], 4)}.")
    wide = rows_of(function, WIDE, given="X of shape (2, 4)")
    if not np.allclose(wide, textbook_softmax(WIDE)):
        raise NotYet("It is right for three rows of three, and wrong for X of shape (2, 4).")


@exercise
def check_row_softmax(function):
    check_rows_are_softmax(function)
    return "Each row is divided by its own sum, which keepdims holds in a column."


@exercise
def check_outcomes(answer):
    right = {
        (800, 0): ("nan", "e^800 overflows, and its quotient is inf/inf."),
        (-800, 0): ("right", "e^-800 is 0, but the other exponential is 1: the sum is not 0."),
        (-800, -800): ("nan", "both exponentials are 0, and so is their sum: 0/0."),
        (709.6, 709.6): ("zeros", "each exponential is finite, their sum is not."),
        (700, 700): ("right", "two times e^700 is still within the range of float64."),
    }
    if not isinstance(answer, dict) or set(answer) != set(right):
        raise NotYet("Keep the five rows as they are, and replace each ... by a word.")
    for row, (word, reason) in right.items():
        if answer[row] not in ("right", "nan", "zeros"):
            raise NotYet(f'{row}: "right", "nan" or "zeros" is expected, not {short(answer[row])}.')
        if answer[row] != word:
            raise NotYet(f'{row} is not "{answer[row]}": {reason}')
    return "You can tell all three failures from an input that only looks dangerous."


@exercise
def check_smallest(answer):
    log_max = float(np.log(np.finfo(np.float32).max))
    if 87.5 < as_number(answer) < 89 and as_number(answer) != 88:
        raise NotYet("This is the limit. Which whole number comes next?")
    compare(
        answer,
        right=88,
        wrong=[
            (89, "At 89 each exponential overflows. Three of them overflow together earlier."),
            (87, "3 e^87 still is a finite float32."),
            (709, "This is about the limit of float64. The question is about float32."),
            (710, "This is about the limit of float64. The question is about float32."),
            (11, "This is about the limit of float16. The question is about float32."),
            (30, "The sum is 3 e^c, not e^(3 c)."),
            (104, "At -104 the exponential underflows; overflow comes earlier."),
            (128, "2^128 overflows. The base of the exponential is e."),
        ],
        otherwise="{answer} is not it. For which c does 3 e^c exceed the largest float32?",
    )
    return f"e^88 is finite and 3 e^88 is not: the limit is {log_max - np.log(3):.2f}."


@exercise
def check_many_classes(answer):
    log_max = np.log(np.finfo(np.float64).max)
    limit = log_max - np.log(1000)
    near = abs(as_number(answer) - limit) <= 0.006
    compare(
        limit if near else round(as_number(answer), 2),
        right=limit,
        wrong=[
            (round(log_max, 2), "This is the limit for one exponential; a thousand are added up."),
            (round(log_max - np.log(2), 2), "This is the limit for two classes."),
            (round(log_max / 1000, 2), "The sum is 1000 times e^c, not e^(1000 c)."),
            (round(log_max - 3, 2), "The logarithm of 1000 is 3 to the base 10; exp has base e."),
            (round(log_max - 1000, 2), "Subtract the logarithm of 1000, not 1000."),
            (round(log_max + np.log(1000), 2), "More classes overflow earlier, not later."),
        ],
        otherwise="{answer} is not it. Solve 1000 e^c = max for c.",
    )
    return "Every class more lowers the limit a little: by log(n) for n classes."


# --- 04 · Subtract the maximum ---


def check_is_stable(function):
    """Refuse a softmax of rows that fails for large, very negative or mixed rows."""
    given = "logits of 1000"
    if np.isnan(rows_of(function, np.array([[1000.0, 1000.0, 100.0]] * 2), given)).any():
        raise NotYet("[1000, 1000, 100] gives nan: the exponentials overflow without a shift.")
    if np.isnan(rows_of(function, np.array([[-1000.0, -1000.0, -1100.0]] * 2), given)).any():
        raise NotYet("[-1000, -1000, -1100] gives nan: subtract the maximum, not something else.")
    apart = np.array([[3000.0, 0.0, 0.0], [0.0, 0.0, 3000.0]])
    if not np.array_equal(rows_of(function, apart, given), apart / 3000):
        raise NotYet("[3000, 0, 0] goes wrong: subtract the maximum, not something else.")
    batch = np.array([[0.0, 1.0, 2.0], [1000.0, 1001.0, 1002.0]])
    if np.isnan(rows_of(function, batch, given)).any():
        raise NotYet(
            "A row near 0 beside a row near 1000 gives nan: take one maximum for each row."
        )
    if not np.allclose(rows_of(function, batch, given), textbook_softmax(batch)):
        raise NotYet("A row near 0 beside a row near 1000 gives wrong numbers.")


@exercise
def check_batch_softmax(function):
    check_rows_are_softmax(function)
    check_is_stable(function)
    return "It survives large, very negative and mixed rows, and leaves its input as it was."


@exercise
def check_masked_softmax(function):
    X = np.array([[1.0, 2.0, 3.0], [0.0, 5.0, -1.0]])
    allowed = np.array([[True, True, False], [False, True, True]])
    right = textbook_softmax(np.where(allowed, X, -np.inf))
    before = X.copy()
    with np.errstate(all="ignore"):
        result = np.asarray(call(function, X, allowed, given="X and allowed of shape (2, 3)"))
    if not np.array_equal(X, before):
        raise NotYet("Your function changes the logits that it is given: make a new array.")
    if result.shape != X.shape:
        raise NotYet(f"The result has shape {result.shape}; it should be {X.shape}.")
    for wrong, message in [
        (textbook_softmax(X), "The mask is ignored: the result is the softmax of all classes."),
        (
            textbook_softmax(X) * allowed,
            "The rows do not sum to 1: mask the logits before the softmax, not the result.",
        ),
        (textbook_softmax(X * allowed), "A logit of 0 is a score like any other: e^0 is 1."),
        (
            X * np.nan,
            "The result is nan: 0 times infinity has no value. np.where(allowed, X, ...) has none "
            "of this trouble.",
        ),
        (
            textbook_softmax(np.where(allowed, -np.inf, X)),
            "The mask is the wrong way round: True means allowed.",
        ),
    ]:
        if np.allclose(result, wrong, equal_nan=True):
            raise NotYet(message)
    if not np.allclose(result, right):
        raise NotYet("Some probabilities are wrong. Give the masked classes a logit of -inf.")
    low = np.array([[-1e300, -1e300, 0.0]])
    with np.errstate(all="ignore"):
        result = call(function, low, np.array([[True, True, False]]), given="logits of -1e300")
    if np.isnan(result).any():
        raise NotYet(
            "With logits of -1e300 all allowed classes underflow: take the masked class out before "
            "the maximum."
        )
    if not np.allclose(result, [[0.5, 0.5, 0.0]]):
        raise NotYet(
            "With logits of -1e300 the masked class wins: no finite number is small enough, "
            "-np.inf is."
        )
    return "e^(-inf) is exactly 0, whatever the other logits are."


@exercise
def check_gap(answer):
    if 5 < as_number(answer) < 6:
        raise NotYet("This is the limit. Which whole number comes next?")
    compare(
        answer,
        right=6,
        wrong=[
            (5, "e^-5 = 0.0067 is more than half of eps, and 1 + e^-5 is rounded up."),
            (7, "7 is enough, but a smaller whole number is, too."),
            (8, "2^-8 is half of eps; the exponential has the base e, not 2."),
            (9, "This is the gap of float16. The question is about bfloat16."),
            (17, "This is the gap of float32. The question is about bfloat16."),
            (37, "This is the gap of float64. The question is about bfloat16."),
        ],
        otherwise="{answer} is not it. When is 1 + e^(-gap) rounded to 1?",
    )
    return "e^-6 = 0.0025 is less than half of eps, 0.0039, so that 1 + e^-6 is rounded to 1."


@exercise
def check_repaired(function):
    pixels = np.array([[1, 2, 3]], dtype=np.uint8)
    given = "integers of 8 bits"
    with np.errstate(all="ignore"):
        result = np.asarray(call(function, pixels.copy(), given=given))
    if not np.allclose(result, textbook_softmax(pixels.astype(float)), rtol=1e-6):
        raise NotYet("uint8 [1, 2, 3] comes out wrong: convert to float before you subtract.")
    check_rows_are_softmax(function)
    check_is_stable(function)
    given = "axis=0"
    with np.errstate(all="ignore"):
        result = np.asarray(call(function, WIDE.T.copy(), 0, given=given))
    if result.shape != WIDE.T.shape or not np.allclose(result.T, textbook_softmax(WIDE)):
        raise NotYet("With axis=0 the result is wrong: the maximum and the sum both need axis.")
    return "Converted first, one maximum for each row, the same axis twice, nothing overwritten."


# --- 05 · The logarithm of softmax ---


@exercise
def check_batch_logsumexp(function):
    def of(X, given):
        given_away = X.copy()
        with np.errstate(all="ignore"):
            result = np.asarray(call(function, given_away, given=given))
        if not np.array_equal(given_away, X):
            raise NotYet("Your function changes the array that it is given.")
        if result.shape == (len(X), 1):
            raise NotYet("The result is a column of shape (m, 1): a vector of shape (m,) is asked.")
        if result.shape != (len(X),):
            raise NotYet(f"The result has shape {result.shape}; one number for each row is asked.")
        return result

    X = SQUARE
    top, exp = X.max(axis=1), np.exp(X)
    shifted = np.exp(X - top[:, None])
    result = of(X, "X of shape (3, 3)")
    for wrong, message in [
        (np.log(shifted.sum(axis=1)), "The maximum must be added again at the end."),
        (exp.sum(axis=1), "These are the sums. Their logarithms are asked for."),
        (X.sum(axis=1), "These are logarithms added up. The logarithm comes after the sum."),
        (top, "These are the maxima. The other terms count, too."),
        (top + np.log(exp.sum(axis=1)), "Subtract the maximum before the exponential."),
        (top + np.log1p(shifted.sum(axis=1)), "log1p adds a 1: leave the maximum's own term out."),
        (
            top + np.log(np.exp(X - top).sum(axis=1)),
            "The maxima have shape (3,), and are broadcast along the rows: X - c[:, None].",
        ),
        (np.log(exp.sum(axis=0)), "Sum along axis=1: samples are rows."),
    ]:
        if np.allclose(result, wrong):
            raise NotYet(message)
    if not np.allclose(result, top + np.log(shifted.sum(axis=1))):
        raise NotYet(
            f"For the row {X[0]} your function returns {result[0]:.4f}; "
            f"log(e^0 + e^1 + e^2) is 2.4076."
        )
    large = np.array([[1000.0, 1000.0], [3000.0, 0.0], [0.0, 3000.0], [0.0, 0.0]])
    if not np.allclose(of(large, "logits of 1000"), [1000 + np.log(2), 3000, 3000, np.log(2)]):
        raise NotYet("[1000, 1000] or [3000, 0] overflows: subtract the maximum of each row.")
    if not np.allclose(of(-large[:1], "logits of -1000"), -1000 + np.log(2)):
        raise NotYet("[-1000, -1000] underflows: the shift must be the maximum itself.")
    return "The sum lies between 1 and n, so that its logarithm is always an ordinary number."


@exercise
def check_row_log_softmax(function):
    X = SQUARE
    right = np.log(textbook_softmax(X))
    result = rows_of(function, X, given="X of shape (3, 3)")
    for wrong, message in [
        (textbook_softmax(X), "These are probabilities. Their logarithms are asked for."),
        (-right, "The sign is turned round: logarithms of probabilities are at most 0."),
        (X - X.max(axis=1, keepdims=True), "The logarithm of the sum is missing."),
        (
            X - X.max(axis=1, keepdims=True) - np.log(np.exp(X).sum(axis=1, keepdims=True)),
            "The sum must be that of the shifted exponentials.",
        ),
        (X - np.log(np.exp(X).sum(axis=1)), "The sums are a row: use keepdims=True."),
        (
            X - X.max(axis=1, keepdims=True) - np.log(textbook_sums(X)[:, 0]),
            "The sums are a row: use keepdims=True.",
        ),
        (
            X - X.max(axis=1, keepdims=True) - np.log1p(textbook_sums(X)),
            "log1p adds a 1: leave the maximum's own term out of the sum.",
        ),
        (X - np.log(np.exp(X).sum(axis=0)), "Sum along axis=1: samples are rows."),
        (X - np.log(np.exp(X).sum()), "Each row needs a sum of its own."),
    ]:
        if np.allclose(result, wrong, rtol=1e-12):
            raise NotYet(message)
    if result.dtype != np.float64:
        raise NotYet(f"float64 goes in and {result.dtype} comes out: half of the digits are lost.")
    if not np.allclose(result, right, rtol=1e-12):
        if np.allclose(result, right, atol=1e-3):
            raise NotYet("It is right to a few digits only: is a small constant added somewhere?")
        raise NotYet("The exponentials of your rows do not sum to 1.")
    article = np.array([[-10000.0, -1020.0, 100.0, -70220.0]])
    result = rows_of(function, article, given="the article's logits")
    if np.isneginf(result).any():
        raise NotYet("The article's logits give -inf: do not take the logarithm of a probability.")
    if not np.allclose(result, [[-10100, -1120, 0, -70320]], atol=1e-6):
        raise NotYet(
            f"The article's logits give {np.round(result[0], 2)}, not -10100, -1120, 0, ..."
        )
    result = rows_of(function, np.array([[1000.0, 1000.0]]), given="logits of 1000")
    if not np.isfinite(result).all():
        raise NotYet("Logits of 1000 overflow: subtract the maximum of each row first.")
    mixed = np.array([[0.0, 1.0, 2.0], [1000.0, 1001.0, 1002.0]])
    if not np.allclose(rows_of(function, mixed, given="mixed rows"), right[0], rtol=1e-9):
        raise NotYet("A row near 0 beside a row near 1000 is wrong: one maximum for each row.")
    offset = rows_of(function, X + 1e15, given="an offset of 1e15")
    if not np.allclose(offset, right, rtol=1e-9):
        raise NotYet(
            "An offset of 1e15 changes the result: subtract the maximum from X first, "
            "and the logarithm afterwards, instead of their sum."
        )
    return "No probability on the way, and the brackets in the right place."


@exercise
def check_cap(answer):
    compare(
        round(as_number(answer), 2),
        right=round(12 * np.log(10), 2),
        wrong=[
            (16.12, "This is the cap of 1e-7. The constant here is 1e-12."),
            (12, "The logarithm to the base 10 is 12; the loss takes the natural one."),
            (-27.63, "The loss is minus the logarithm."),
            (np.inf, "p + 1e-12 is never 0, so that the loss stays finite."),
            (745.13, "Softmax can return exactly 0, and 1e-12 is added to it."),
            (1e12, "This is 1 divided by the constant. Take the logarithm of it."),
        ],
        otherwise="{answer} is not it. Put p = 0 into the formula.",
    )
    return "The true loss exceeds 27.63 as soon as the right class trails by 28."


@exercise
def check_log_loser(function):
    def at(log_p):
        given = f"log_p = {log_p:g}"
        with np.errstate(all="ignore"):
            return as_number(call(function, np.float64(log_p), given=given))

    compare(
        at(np.log(0.75)),
        right=np.log(0.25),
        wrong=[
            (0.25, "This is 1 - p. Its logarithm is asked for."),
            (np.log1p(-np.log(0.75)), "This is log(1 - log p): the exponential is missing."),
            (-np.log(0.75), "This is -log p, the loss of the winner."),
            (np.log(1.75), "This is log(1 + p): mind the sign."),
        ],
        otherwise="For p = 0.75 your function returns {answer}; log(0.25) is -1.3863.",
    )
    if np.isnan(at(-4.248354255291589e-18)):
        raise NotYet("For the logits 0 and -40 it returns nan: mind the sign inside the logarithm.")
    if not np.isclose(at(-4.248354255291589e-18), -40, rtol=1e-9):
        raise NotYet(
            "For the logits 0 and -40 the answer is -40. On the way you form p, which is rounded "
            "to 1: use expm1."
        )
    return "expm1 keeps the digits that 1 - p loses."


# --- 06 · Cross-entropy and the fused loss ---


def one_hot(labels, n):
    return np.eye(n)[labels]


@exercise
def check_cross_entropy(function):
    Z, labels = WIDE, np.array([1, 3])
    log_p = np.log(textbook_softmax(Z))
    right = -log_p[np.arange(2), labels]
    with np.errstate(all="ignore"):
        result = np.asarray(call(function, Z.copy(), labels.copy(), given="Z of shape (2, 4)"))
    if result.shape == (2, 2):
        raise NotYet(
            "The result has shape (2, 2): A[:, labels] picks columns, not one entry a row."
        )
    if result.shape == ():
        raise NotYet("The result is one number: return one loss for each sample, without a mean.")
    if result.shape != (2,):
        raise NotYet(f"The result has shape {result.shape}; one loss for each sample is asked for.")
    columns = np.log(textbook_softmax(Z.T)).T
    for wrong, message in [
        (-right, "The sign is turned round: a loss is at least 0."),
        (np.exp(-right), "These are the probabilities of the right classes. Take minus their log."),
        (-Z[np.arange(2), labels], "These are minus the logits. Take log_softmax of Z first."),
        (-columns[np.arange(2), labels], "The softmax runs over the samples: classes are columns."),
        (-log_p.max(axis=1), "These are the losses of the largest logits, not of the labels."),
    ]:
        if np.allclose(result, wrong, rtol=1e-9):
            raise NotYet(message)
    if not np.allclose(result, right, rtol=1e-9):
        raise NotYet(f"The first loss should be {right[0]:.8f}; yours is {result[0]:.8f}.")
    far = np.array([[-10000.0, -1020.0, 100.0, -70220.0], [1000.0, 1000.0, 100.0, 0.0]])
    with np.errstate(all="ignore"):
        result = call(function, far, np.array([0, 2]), given="large logits")
    if not np.isclose(result[0], 10100):
        raise NotYet(f"The article's logits with label 0 give {result[0]:g}, not 10100: no detour.")
    if not np.isclose(result[1], 900 + np.log(2)):
        raise NotYet("Logits of 1000 overflow in exp: use log_softmax.")
    return "One entry of each row, from the logarithms and without a detour over probabilities."


@exercise
def check_smoothing(function):
    Z, labels, s = WIDE, np.array([1, 3]), 0.2
    p, y = textbook_softmax(WIDE), one_hot(labels, 4)
    given = "Z of shape (2, 4), labels of shape (2,) and s = 0.2"
    result = np.asarray(call(function, Z.copy(), labels.copy(), s, given=given))
    if result.shape != Z.shape:
        raise NotYet(f"The result has shape {result.shape}; the gradient has Z's shape (2, 4).")
    right = p - ((1 - s) * y + s / 4)
    for wrong, message in [
        (-right, "The sign is turned round: the gradient is p minus the labels."),
        (p - y, "This is the gradient without smoothing: s is not used."),
        (p - (1 - s) * y, "The labels sum to 1 - s: spread s over all classes, s / n to each."),
        (p - ((1 - s) * y + s), "Each class gets s / n, not s: the labels must sum to 1."),
        (
            p - np.where(y == 1, 1 - s, s / 3),
            "You spread s over the wrong classes only. Here every class gets s / n.",
        ),
        ((1 - s) * (p - y), "The share s / n of each class has a gradient, too."),
        (right / len(Z), "You divided by m. Each sample's own loss is meant, not the mean."),
        (Z - ((1 - s) * y + s / 4), "These are logits minus labels: take the softmax first."),
        (np.log(p) - ((1 - s) * y + s / 4), "These are log-probabilities minus labels: take p."),
        (p - (s * y + (1 - s) / 4), "s and 1 - s are exchanged: the right class keeps 1 - s."),
    ]:
        if np.allclose(result, wrong):
            raise NotYet(message)
    if not np.allclose(result, right):
        raise NotYet("Some entries are wrong. The gradient is p minus the smoothed labels.")
    return "The formula p - y needs labels that sum to 1, and nothing else."


@exercise
def check_call(answer):
    logits = "logits"
    right = {
        "MXNet, SoftmaxCrossEntropyLoss()": logits,
        "MXNet, SoftmaxCrossEntropyLoss(from_logits=True)": "log-probabilities",
        "PyTorch, F.cross_entropy": logits,
        "PyTorch, F.nll_loss": "log-probabilities",
        "Keras, SparseCategoricalCrossentropy(from_logits=True)": logits,
        "Keras, SparseCategoricalCrossentropy()": "probabilities",
        "scikit-learn, log_loss": "probabilities",
    }
    reasons = {
        "MXNet, SoftmaxCrossEntropyLoss()": "softmax is part of the loss",
        "MXNet, SoftmaxCrossEntropyLoss(from_logits=True)": "there, from_logits skips log_softmax",
        "PyTorch, F.cross_entropy": "softmax is part of the loss",
        "PyTorch, F.nll_loss": "it picks an entry and turns the sign, nothing else",
        "Keras, SparseCategoricalCrossentropy(from_logits=True)": "there, from_logits adds softmax",
        "Keras, SparseCategoricalCrossentropy()": "by default it takes the logarithm itself",
        "scikit-learn, log_loss": "it takes the logarithm itself",
    }
    if not isinstance(answer, dict) or set(answer) != set(right):
        raise NotYet("Keep the seven calls as they are, and replace each ... by a word.")
    for name, word in right.items():
        if answer[name] not in list(right.values()):
            words = '"logits", "log-probabilities" or "probabilities"'
            raise NotYet(f"{name}: {words} is expected, not {short(answer[name])}.")
        if answer[name] != word:
            raise NotYet(f"{name} does not want {answer[name]}: {reasons[name]}.")
    return "from_logits is the word to look up in each library, every time."


@exercise
def check_token_mean(function):
    Z = np.array([[[1.0, 0, 0], [0, 2, 0], [0, 0, 3]], [[0, 1, 0], [4, 0, 0], [9, 9, 0]]])
    labels = np.array([[0, 0, 2], [1, 2, 2]])
    weight = np.array([[1.0, 1, 1], [1, 1, 0]])
    rows = textbook_softmax(Z.reshape(-1, 3))[np.arange(6), labels.ravel()]
    losses = -np.log(rows).reshape(2, 3)
    given = "Z of shape (2, 3, 3)"
    result = np.asarray(call(function, Z.copy(), labels.copy(), weight.copy(), given=given))
    if result.shape != (2,):
        raise NotYet(f"The result has shape {result.shape}; one mean for each sentence is asked.")
    weighted = (losses * weight).sum(axis=1)
    for wrong, message in [
        (weighted / 3, "This divides by all three positions: the padding counts."),
        (weighted, "These are sums. Divide each by the number of words that count."),
        (losses.mean(axis=1), "The weights are not used: the padding counts."),
        (weighted / weight.sum(), "Divide by the weights of each sentence, not by those of all."),
        (weighted / 3 / weight.sum(axis=1), "loss has divided by 3 already: multiply by 3 first."),
    ]:
        if np.allclose(result, wrong):
            raise NotYet(message)
    if not np.allclose(result, weighted / weight.sum(axis=1)):
        raise NotYet(f"The means should be {np.round(weighted / weight.sum(axis=1), 4)}.")
    longer = np.array([[1.0, 1, 1, 0], [1, 0, 0, 0]])
    equal = call(function, np.zeros((2, 4, 5)), np.zeros((2, 4), int), longer, given="four words")
    if not np.allclose(equal, np.log(5)):
        raise NotYet("It is right for sentences of three words and wrong for four.")
    return "Each sentence now has the mean over its own words, however many."


# --- 07 · Training with each version ---


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
