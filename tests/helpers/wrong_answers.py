"""What students really answer, and a part of the message that each answer gets."""


def function(head, body):
    return f"def {head}:\n    {body}"


def num_parameters(body):
    return function("num_parameters(num_node_list)", body)


def layer(body):
    return function("layer(X, W, b)", body)


def shapes(**changed):
    right = {
        "X": (32, 100),
        "W0": (50, 100),
        "b0": (50,),
        "Z1": (32, 50),
        "W1": (10, 50),
        "b1": (10,),
        "Z2": (32, 10),
    }
    return f"shapes = {right | changed}"


def row_softmax(body):
    return function("row_softmax(X)", body)


def outcomes(**changed):
    rows = [(800, 0), (-800, 0), (-800, -800), (709.6, 709.6), (700, 700)]
    words = ["nan", "right", "nan", "zeros", "right"]
    for position, word in changed.items():
        words[int(position[1:])] = word
    return f"outcomes = {dict(zip(rows, words, strict=True))}"


def batch_softmax(body):
    return function("batch_softmax(X)", body)


def shifted(maximum):
    """A batch softmax that subtracts `maximum` and is right otherwise."""
    return batch_softmax(f"E = np.exp(X - {maximum}); return E / E.sum(axis=1, keepdims=True)")


def masked_softmax(body):
    return function("masked_softmax(X, allowed)", body)


def repaired(first_line, maximum="X.max(axis=axis, keepdims=True)", axis="axis"):
    return (
        f"def repaired_softmax(X, axis=-1):\n    {first_line}\n    E = np.exp(X - {maximum})\n"
        f"    return E / E.sum(axis={axis}, keepdims=True)"
    )


def batch_logsumexp(body):
    return function("batch_logsumexp(X)", f"C = X.max(axis=1, keepdims=True); {body}")


def row_log_softmax(body):
    return function("row_log_softmax(X)", body)


def log_of_rest(body):
    return function("log_of_rest(log_p)", body)


def cross_entropy(body):
    return function("cross_entropy(Z, labels)", body)


def smoothed_gradient(body):
    return function("smoothed_gradient(Z, labels, s)", f"Y = np.eye(Z.shape[1])[labels]; {body}")


def wants(**changed):
    words = {
        "MXNet, SoftmaxCrossEntropyLoss()": "logits",
        "MXNet, SoftmaxCrossEntropyLoss(from_logits=True)": "log-probabilities",
        "PyTorch, F.cross_entropy": "logits",
        "PyTorch, F.nll_loss": "log-probabilities",
        "Keras, SparseCategoricalCrossentropy(from_logits=True)": "logits",
        "Keras, SparseCategoricalCrossentropy()": "probabilities",
        "scikit-learn, log_loss": "probabilities",
    }
    for position, word in changed.items():
        words[list(words)[int(position[1:])]] = word
    return f"wants = {words}"


def token_mean(body):
    return function("token_mean(Z, labels, weight)", f"W = weight[:, :, None]; {body}")


def backward_map(dW="dZ.T @ A", db="dZ.sum(axis=0)", dA="dZ @ W"):
    return function("backward_map(dZ, A, W)", f"return {dW}, {db}, {dA}")


def step(W="W - lr * dW", b="b - lr * db"):
    pairs = "for (W, b), (dW, db) in zip(params, grads)"
    return function("repaired_step(params, grads, lr)", f"return [({W}, {b}) {pairs}]")


def all_finite(body):
    return function("all_finite(params)", body)


def standardized(body):
    return function("standardized(X)", f"return {body}")


FLOAT = "X = np.asarray(X, dtype=float)"
MAX = "X.max(axis=1, keepdims=True)"
SUM = "np.log(np.exp(X - X.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True))"

WRONG_ANSWERS = {
    "01_draw_the_network": [
        [
            ("num_parameters_digits = 784 * 128 + 128 * 10", "Where are the biases?"),
            ("num_parameters_digits = 784 + 128 + 10", "counts the nodes"),
            (
                "num_parameters_digits = 784 + 784 * 128 + 128 + 128 * 10 + 10",
                "No edge leads to an input",
            ),
            ("num_parameters_digits = 784 * 128 + 784 + 128 * 10 + 128", "that edges lead to"),
            ("num_parameters_digits = 784 * 128 + 128", "stopped at the hidden layer"),
            ("num_parameters_digits = 784 * 128 * 10", "neighbouring layers only"),
            ("num_parameters_digits = 5", "5 is not it"),
            ("num_parameters_digits = '101770'", "A single number is expected, not '101770'"),
            ("num_parameters_digits = [101770]", "A single number is expected"),
            ("num_parameters_digits = float('nan')", "nan is not it"),
        ],
        [
            (num_parameters("return 117"), "For [4, 3] your function returns 117"),
            (
                num_parameters("return sum(i * o for i, o in pairwise(num_node_list))"),
                "leaves the biases out",
            ),
            (
                num_parameters("return sum(i * o + i for i, o in pairwise(num_node_list))"),
                "for each node that edges come from",
            ),
            (
                num_parameters(
                    "return sum(i * o for i, o in pairwise(num_node_list)) + sum(num_node_list)"
                ),
                "gives the inputs biases",
            ),
            (
                num_parameters("i, h, o = num_node_list; return i * h + h + h * o + o"),
                "With num_node_list = [4, 3], num_parameters raises ValueError",
            ),
            (
                num_parameters("sum(i * o + o for i, o in pairwise(num_node_list))"),
                "returns None: end it with a return statement",
            ),
            ("num_parameters = 117", "A function is expected, not 117"),
        ],
        [
            ("fig = plot_net([2, 3, 6, 4], (12, 5))", "run the wrong way"),
            ("fig = plot_net([4, 6, 2], (12, 5))", "has 3 layers"),
            ("fig = plot_net([4, 3, 6, 2], (12, 5))", "4, 6, 3 and 2 are asked for"),
            ("fig = plot_net([4, 6, 3, 2])", "The canvas is 15 by 6 inches"),
            ("fig = [4, 6, 3, 2]", "A figure is expected, not [4, 6, 3, 2]"),
            ("fig = None", "A figure is expected, not None"),
        ],
        [
            ("num_inputs = (131 - 24) / 8", "left all biases out"),
            ("num_inputs = (131 - 24 - 8) / 8", "biases of the 3 outputs"),
            ("num_inputs = (131 - 24 - 3) / 8", "biases of the 8 hidden nodes"),
            ("num_inputs = 96", "number of weights into the hidden layer"),
            ("num_inputs = 11", "With 11 inputs"),
        ],
    ],
    "02_forward_pass": [
        [
            ("second = W0[1] @ x", "adds its own bias"),
            ("second = W0[0] @ x + b0[0]", "This is the first node"),
            ("second = W0[2] @ x + b0[2]", "This is the third node"),
            ("second = W0[1] @ x + b0[0]", "the bias is that of the first node"),
            ("second = W0[:, 1] @ x[:7] + b0[1]", "a column of W0"),
            ("second = max(W0[1] @ x + b0[1], 0)", "value after ReLU"),
            ("second = W0[1] * x + b0[1]", "A single number is expected"),
            ("second = 1.5", "1.5 is not it"),
        ],
        [
            (layer("return X @ W.T + b"), "Apply ReLU"),
            (layer("return np.maximum(X @ W.T, 0)"), "biases are missing"),
            (layer("return np.maximum(X @ W.T, 0) + b"), "before ReLU"),
            (layer("return np.maximum(X @ W + b, 0)"), "only because it is square"),
            (layer("return np.maximum(W @ X + b, 0)"), "layer raises ValueError"),
            (layer("return np.maximum(W @ X.T + b, 0)"), "layer raises ValueError"),
            (layer("return np.maximum(X @ W.T - b, 0)"), "added, not subtracted"),
            (layer("return np.maximum((X @ W.T + b).T, 0)"), "shape (3, 2)"),
            (layer("return np.maximum(X @ W.T + b, 1)"), "Some entries are wrong"),
            (layer("np.maximum(X @ W.T + b, 0)"), "returns None"),
            (
                layer("return np.maximum(np.array([x @ W.T + b for x in X])[:, :3], 0)[:2]"),
                "It works for a square W only",
            ),
            ("layer = X @ W0.T", "A function is expected"),
        ],
        [
            (shapes(W0=(100, 50)), "W0 has a row for each node it leads to"),
            (shapes(b0=(50, 1)), "b0 is a vector"),
            (shapes(b1=10), "a tuple with one entry needs a comma, (10,)"),
            (shapes(X=(100, 32)), "samples are rows"),
            (shapes(Z2=(32, 50)), "Z2 is not (32, 50)"),
            (shapes(Z1="32 x 50"), "a shape is a tuple, not '32 x 50'"),
            ("shapes = {'X': (32, 100)}", "A dictionary with the keys X, W0"),
        ],
        [
            ("distance = np.mean((scores - targets) ** 2)", "mean of 16 numbers"),
            ("distance = np.sum((scores[:, 0] - targets) ** 2)", "sum of the four squares"),
            ("distance = np.mean(scores[:, 0] - targets)", "Square the differences"),
            ("distance = np.mean(scores[:, 0] - targets) ** 2", "Square each difference"),
            ("distance = np.sqrt(np.mean((scores[:, 0] - targets) ** 2))", "square root"),
            ("distance = (scores[:, 0] - targets) ** 2", "A single number is expected"),
            ("distance = 0", "0 is not it"),
        ],
    ],
    "03_naive_softmax": [
        [
            (row_softmax("return np.exp(X)"), "Divide each row by its sum"),
            (row_softmax("E = np.exp(X); return E / E.sum(axis=1)"), "use keepdims=True"),
            (
                row_softmax("E = np.exp(X); return E / E.sum(axis=0, keepdims=True)"),
                "The columns sum to 1",
            ),
            (row_softmax("E = np.exp(X); return E / E.sum()"), "The whole array sums to 1"),
            (row_softmax("return X / X.sum(axis=1, keepdims=True)"), "exponential is missing"),
            (
                row_softmax("E = 2.0**X; return E / E.sum(axis=1, keepdims=True)"),
                "The first row of [0. 1. 2.] should be",
            ),
            (row_softmax("E = np.exp(X); E / E.sum(axis=1, keepdims=True)"), "returns None"),
            (
                row_softmax("E = np.exp(X, out=X); return E / E.sum(axis=1, keepdims=True)"),
                "changes the array that it is given",
            ),
            (
                row_softmax("E = np.exp(X); return (E.T / E.sum(axis=1)).T.ravel()"),
                "the result has shape (9,)",
            ),
            (
                row_softmax("E = np.exp(X); return E / np.dot(E, np.ones(3))[:, None]"),
                "row_softmax raises ValueError",
            ),
        ],
        [
            (outcomes(_0="zeros"), '(800, 0) is not "zeros": e^800 overflows'),
            (outcomes(_0="right"), '(800, 0) is not "right"'),
            (outcomes(_1="nan"), "the other exponential is 1"),
            (outcomes(_2="right"), "both exponentials are 0"),
            (outcomes(_3="nan"), "their sum is not"),
            (outcomes(_4="zeros"), "still within the range"),
            (outcomes(_4="ok"), '"right", "nan" or "zeros" is expected, not \'ok\''),
            ("outcomes = 'nan'", "Keep the five rows"),
        ],
        [
            ("smallest = 89", "overflow together earlier"),
            ("smallest = 87", "3 e^87 still is a finite float32"),
            ("smallest = 709", "limit of float64"),
            ("smallest = 11", "limit of float16"),
            ("smallest = 30", "not e^(3 c)"),
            ("smallest = 104", "underflows"),
            ("smallest = 128", "The base of the exponential is e"),
            ("smallest = 87.62", "Which whole number comes next?"),
            ("smallest = np.log(np.finfo(np.float32).max)", "Which whole number comes next?"),
            ("smallest = 1000", "1000 is not it"),
        ],
        [
            ("limit = 709.78", "limit for one exponential"),
            ("limit = 709.09", "limit for two classes"),
            ("limit = 709.78 / 1000", "not e^(1000 c)"),
            ("limit = 709.7827 - 3", "exp has base e"),
            ("limit = 709.7827 + np.log(1000)", "overflow earlier, not later"),
            ("limit = 88.72", "88.72 is not it"),
        ],
    ],
    "04_max_shift": [
        [
            (shifted("0"), "[1000, 1000, 100] gives nan"),
            (shifted("X.max()"), "take one maximum for each row"),
            (shifted("X.mean(axis=1, keepdims=True)"), "[3000, 0, 0] goes wrong"),
            (shifted("X.max(axis=0)"), "the shifts differ within a row"),
            (shifted("X.max(axis=1)"), "The maxima have shape (3,)"),
            (shifted("X.min(axis=1, keepdims=True)"), "gives nan"),
            (shifted("np.abs(X).max(axis=1, keepdims=True)"), "subtract the maximum"),
            (
                batch_softmax(f"E = np.exp(X - {MAX}); return E / E.sum(axis=1)"),
                "use keepdims=True",
            ),
            (
                batch_softmax(
                    f"X -= {MAX}; E = np.exp(X); return E / E.sum(axis=1, keepdims=True)"
                ),
                "changes the array that it is given",
            ),
            (
                batch_softmax(f"E = np.exp(X - {MAX}); return E / E.sum(axis=0, keepdims=True)"),
                "Sum along axis=1",
            ),
            (
                batch_softmax("return np.exp(X - scipy.special.logsumexp(X))"),
                "The whole array sums to 1",
            ),
            (batch_softmax("return np.log(softmax(X))"), "These are log-probabilities"),
        ],
        [
            (masked_softmax("return softmax(X)"), "The mask is ignored"),
            (masked_softmax("return softmax(X) * allowed"), "rows do not sum to 1"),
            (masked_softmax("return softmax(X * allowed)"), "A logit of 0 is a score"),
            (masked_softmax("return softmax(np.where(allowed, -np.inf, X))"), "wrong way round"),
            (
                masked_softmax("return softmax(np.where(allowed, X, -1000))"),
                "no finite number is small enough",
            ),
            (masked_softmax("return softmax(np.where(allowed, X, -1e9))"), "no finite number"),
            (
                masked_softmax("P = softmax(X) * allowed; return P / P.sum(axis=1, keepdims=True)"),
                "take the masked class out before the maximum",
            ),
            (masked_softmax("return softmax(X - np.inf * (1 - allowed))"), "0 times infinity"),
            (masked_softmax("X[~allowed] = -np.inf; return softmax(X)"), "changes the logits"),
            (masked_softmax("return softmax(X[allowed])"), "The result has shape (4,)"),
            (masked_softmax("return softmax(X, allowed)"), "masked_softmax raises"),
        ],
        [
            ("gap = 37", "gap of float64"),
            ("gap = 17", "gap of float32"),
            ("gap = 8", "the base e, not 2"),
            ("gap = 5", "rounded up"),
            ("gap = 7", "a smaller whole number"),
            ("gap = 8 * np.log(2)", "Which whole number comes next?"),
            ("gap = 1", "1 is not it"),
        ],
        [
            ("repaired_softmax = broken_softmax", "comes out wrong: convert to float"),
            (repaired(FLOAT, maximum="X.max()"), "take one maximum for each row"),
            (repaired(FLOAT, axis="-1"), "the maximum and the sum both need axis"),
            (repaired(FLOAT, maximum="X.max(axis=-1, keepdims=True)"), "both need axis"),
            (repaired("X = np.asarray(X)"), "convert to float"),
            (repaired("X = np.asarray(X).astype(int)"), "X of shape (2, 4)"),
            (repaired(FLOAT, maximum="X.mean(axis=axis, keepdims=True)"), "[3000, 0, 0]"),
            (
                repaired("X = np.asarray(X, dtype=float); X -= X.max(axis=axis, keepdims=True)"),
                "changes the array that it is given",
            ),
            (repaired("X = np.asarray(X, dtype=np.float16)"), "comes out wrong"),
            (repaired(FLOAT, maximum="X.max(axis=axis)"), "use keepdims=True"),
        ],
    ],
    "05_log_softmax": [
        [
            (batch_logsumexp("return np.log(np.exp(X).sum(axis=1))"), "overflows"),
            (batch_logsumexp("return np.log(np.exp(X - C).sum(axis=1))"), "added again"),
            (batch_logsumexp("return np.exp(X).sum(axis=1)"), "Their logarithms are asked for"),
            (batch_logsumexp("return np.log(np.exp(X)).sum(axis=1)"), "comes after the sum"),
            (batch_logsumexp("return X.max(axis=1)"), "These are the maxima"),
            (batch_logsumexp("return C[:, 0] + np.log(np.exp(X).sum(axis=1))"), "before the exp"),
            (batch_logsumexp("return C[:, 0] + np.log1p(np.exp(X - C).sum(axis=1))"), "adds a 1"),
            (
                batch_logsumexp("c = C[:, 0]; return c + np.log(np.exp(X - c).sum(axis=1))"),
                "X - c[:, None]",
            ),
            (
                batch_logsumexp("return C + np.log(np.exp(X - C).sum(axis=1, keepdims=True))"),
                "a column of shape (m, 1)",
            ),
            (batch_logsumexp("return np.log(np.exp(X).sum())"), "The result has shape ()"),
            (batch_logsumexp("return np.log(np.exp(X).sum(axis=0))"), "samples are rows"),
            (
                batch_logsumexp("c = X.max(); return c + np.log(np.exp(X - c).sum(axis=1))"),
                "subtract the maximum of each row",
            ),
            (
                batch_logsumexp(
                    "M = X.mean(axis=1); return M + np.log(np.exp(X - M[:, None]).sum(axis=1))"
                ),
                "[3000, 0] overflows",
            ),
            (
                batch_logsumexp(
                    "c = abs(X).max(axis=1); return c + np.log(np.exp(X - c[:, None]).sum(axis=1))"
                ),
                "[-1000, -1000] underflows",
            ),
            (
                batch_logsumexp("X -= C; return C[:, 0] + np.log(np.exp(X).sum(axis=1))"),
                "changes the array",
            ),
            (batch_logsumexp("return C[:, 0] + 0.5"), "For the row [0. 1. 2.] your function"),
        ],
        [
            (row_log_softmax("return softmax(X)"), "These are probabilities"),
            (row_log_softmax("return np.log(softmax(X))"), "logits give -inf"),
            (row_log_softmax("return np.log(softmax(X) + 1e-7)"), "a small constant"),
            (row_log_softmax("return -np.log(softmax(X))"), "sign is turned round"),
            (row_log_softmax(f"return X - {MAX}"), "logarithm of the sum is missing"),
            (
                row_log_softmax(f"return X - {MAX} - np.log(np.exp(X).sum(axis=1)[:, None])"),
                "shifted exponentials",
            ),
            (row_log_softmax("return X - np.log(np.exp(X).sum(axis=1))"), "keepdims=True"),
            (
                row_log_softmax(f"return X - {MAX} - {SUM}[:, 0]"),
                "The sums are a row: use keepdims=True",
            ),
            (row_log_softmax(f"return X - {MAX} - np.log1p(np.exp({SUM}))"), "log1p adds a 1"),
            (row_log_softmax("return X - np.log(np.exp(X).sum(axis=0))"), "samples are rows"),
            (row_log_softmax("return X - np.log(np.exp(X).sum())"), "a sum of its own"),
            (
                row_log_softmax("return X - np.log(np.exp(X).sum(axis=1, keepdims=True))"),
                "Logits of 1000 overflow",
            ),
            (row_log_softmax(f"return X - ({MAX} + {SUM})"), "An offset of 1e15"),
            (row_log_softmax("return X - logsumexp(X)[:, None]"), "An offset of 1e15"),
            (
                row_log_softmax(
                    "G = X - X.max(); return G - np.log(np.exp(G).sum(axis=1, keepdims=True))"
                ),
                "one maximum for each row",
            ),
            (
                row_log_softmax(f"return (X - {MAX} - {SUM}).astype(np.float32)"),
                "float64 goes in and float32 comes out",
            ),
            (
                row_log_softmax(f"X -= {MAX}; return X - {SUM}"),
                "changes the array that it is given",
            ),
        ],
        [
            ("largest_loss = 16.118", "cap of 1e-7"),
            ("largest_loss = 12", "natural one"),
            ("largest_loss = np.log(1e-12)", "minus the logarithm"),
            ("largest_loss = np.inf", "never 0"),
            ("largest_loss = 745.13", "1e-12 is added to it"),
            ("largest_loss = 1e12", "Take the logarithm of it"),
            ("largest_loss = 10", "10 is not it"),
        ],
        [
            (log_of_rest("return np.log(1 - np.exp(log_p))"), "you form p"),
            (log_of_rest("return np.log1p(-np.exp(log_p))"), "you form p"),
            (log_of_rest("return 1 - np.exp(log_p)"), "Its logarithm is asked for"),
            (log_of_rest("return -np.expm1(log_p)"), "Its logarithm is asked for"),
            (log_of_rest("return np.log1p(-log_p)"), "the exponential is missing"),
            (log_of_rest("return np.log1p(np.exp(log_p))"), "mind the sign"),
            (log_of_rest("return -log_p"), "the loss of the winner"),
            (log_of_rest("return np.log(np.expm1(log_p))"), "returns nan"),
        ],
    ],
    "06_cross_entropy": [
        [
            (cross_entropy("return log_softmax(Z)[np.arange(len(Z)), labels]"), "sign is turned"),
            (cross_entropy("return -log_softmax(Z)[:, labels]"), "picks columns"),
            (cross_entropy("return loss(Z, labels).mean()"), "without a mean"),
            (cross_entropy("return softmax(Z)[np.arange(len(Z)), labels]"), "probabilities"),
            (cross_entropy("return -Z[np.arange(len(Z)), labels]"), "minus the logits"),
            (cross_entropy("return -log_softmax(Z)[labels, labels]"), "raises IndexError"),
            (
                cross_entropy("return np.log(np.exp(Z).sum(1)) - Z[np.arange(len(Z)), labels]"),
                "overflow in exp",
            ),
            (cross_entropy("return -log_softmax(Z).max(axis=1)"), "not of the labels"),
            (cross_entropy("return -np.log(softmax(Z)[np.arange(len(Z)), labels])"), "no detour"),
            (
                cross_entropy("return -np.log(softmax(Z)[np.arange(len(Z)), labels] + 1e-7)"),
                "The first loss should be",
            ),
            (
                cross_entropy("return -log_softmax(Z, axis=0)[np.arange(len(Z)), labels]"),
                "runs over the samples",
            ),
            (cross_entropy("log_softmax(Z)"), "returns None"),
        ],
        [
            (smoothed_gradient("return softmax(Z) - Y"), "without smoothing"),
            (smoothed_gradient("return (1 - s) * Y + s / Z.shape[1] - softmax(Z)"), "sign"),
            (smoothed_gradient("return softmax(Z) - (1 - s) * Y"), "sum to 1 - s"),
            (smoothed_gradient("return softmax(Z) - ((1 - s) * Y + s)"), "s / n, not s"),
            (
                smoothed_gradient(
                    "return softmax(Z) - np.where(Y == 1, 1 - s, s / (Z.shape[1] - 1))"
                ),
                "wrong classes only",
            ),
            (smoothed_gradient("return (1 - s) * (softmax(Z) - Y)"), "has a gradient, too"),
            (
                smoothed_gradient("return (softmax(Z) - ((1 - s) * Y + s / Z.shape[1])) / len(Z)"),
                "divided by m",
            ),
            (smoothed_gradient("return Z - ((1 - s) * Y + s / Z.shape[1])"), "softmax first"),
            (smoothed_gradient("return log_softmax(Z) - ((1 - s) * Y + s / 4)"), "take p"),
            (smoothed_gradient("return softmax(Z) - (s * Y + (1 - s) / 4)"), "are exchanged"),
            (smoothed_gradient("return softmax(Z)[0]"), "The result has shape (4,)"),
            (smoothed_gradient("return softmax(Z) * s"), "Some entries are wrong"),
        ],
        [
            (wants(_0="probabilities"), "softmax is part of the loss"),
            (wants(_1="logits"), "there, from_logits skips log_softmax"),
            (wants(_3="logits"), "picks an entry"),
            (wants(_4="log-probabilities"), "there, from_logits adds softmax"),
            (wants(_5="logits"), "takes the logarithm itself"),
            (wants(_6="scores"), "is expected, not 'scores'"),
            ("wants = {}", "Keep the seven calls"),
        ],
        [
            (token_mean("return loss(Z, labels, W)"), "the padding counts"),
            (token_mean("return loss(Z, labels)"), "The weights are not used"),
            (token_mean("return loss(Z, labels, W) * weight.shape[1]"), "These are sums"),
            (
                token_mean("return loss(Z, labels, W) * weight.shape[1] / weight.sum()"),
                "not by those of all",
            ),
            (token_mean("return loss(Z, labels, W) / weight.sum(axis=1)"), "multiply by 3 first"),
            (token_mean("return loss(Z, labels, weight)"), "sample_weight has shape (2, 3)"),
            (token_mean("return (loss(Z, labels, W)).mean()"), "one mean for each sentence"),
            (token_mean("return loss(Z, labels, W) * 2"), "The means should be"),
            (
                token_mean("return loss(Z, labels, W) * 3 / weight.sum(axis=1)"),
                "wrong for four",
            ),
        ],
    ],
    "07_training": [
        [
            (backward_map(dW="A.T @ dZ"), "dW is transposed"),
            (backward_map(db="dZ.mean(axis=0)"), "db is a mean"),
            (backward_map(db="dZ.sum(axis=1)"), "db is summed along the wrong axis"),
            (backward_map(db="dZ"), "db is dZ itself"),
            (backward_map(db="dZ.sum(axis=0, keepdims=True)"), "db has shape (1, 3)"),
            (backward_map(dA="dZ @ W.T"), "backward_map raises ValueError"),
            (backward_map(dA="(dZ @ W).T"), "dA is transposed"),
            (backward_map(dA="dZ @ W * (A > 0)"), "dA has gone through ReLU"),
            (backward_map(dW="dZ.T @ A / len(A)"), "dW is divided by m"),
            (backward_map(dW="-dZ.T @ A"), "dW has the wrong sign"),
            (backward_map(dW="dZ.T @ A * 2"), "dW has the right shape and wrong entries"),
            ("def backward_map(dZ, A, W):\n    return dZ.T @ A", "Three results are expected"),
        ],
        [
            ("repaired_step = broken_step", "The caller's params have changed"),
            (step(W="W + lr * dW"), "W moves along its gradient, uphill"),
            (step(W="W - dW", b="b - db"), "W moves by the whole gradient: lr is missing"),
            (step(b="b"), "b does not move"),
            (
                "def repaired_step(params, grads, lr):\n"
                "    for (W, b), (dW, db) in zip(params, grads):\n"
                "        W, b = W - lr * dW, b - lr * db\n    return params",
                "collect the pairs in a new list",
            ),
            (step(b="b + lr * db"), "b moves along its gradient"),
            (step(W="W - lr * dW / 2"), "W does not end at W - lr * dW"),
            (
                "def repaired_step(params, grads, lr):\n"
                "    for (W, b), (dW, db) in zip(params, grads):\n"
                "        W -= lr * dW\n        b -= lr * db\n    return params",
                "The caller's params have changed",
            ),
            (function("repaired_step(params, grads, lr)", "return lr"), "A list of pairs"),
            (
                "def repaired_step(params, grads, lr):\n"
                "    for (W, b), (dW, db) in zip(params, grads):\n"
                "        new = [(W - lr * dW, b - lr * db)]\n    return new",
                "return one pair (W, b) for each map",
            ),
        ],
        [
            (all_finite("return not np.isnan(params[0][0]).any()"), "the last W: every map counts"),
            (all_finite("return all(np.isfinite(W).all() for W, b in params)"), "b counts, too"),
            (
                all_finite("return not any(np.isnan(a).any() for pair in params for a in pair)"),
                "nan is not all that can go wrong",
            ),
            (all_finite("return True"), "It says True for a nan in the first W"),
            (all_finite("return False"), "It says False for a network without"),
            (all_finite("return np.isfinite(params[0][0])"), "True or False is expected"),
            (all_finite("return np.isfinite(params).all()"), "all_finite raises"),
        ],
        [
            (standardized("X - X.mean(axis=0)"), "Divide by the standard deviations"),
            (standardized("X / X.std(axis=0)"), "Subtract the means first"),
            (standardized("(X - X.mean()) / X.std()"), "The whole array is standardized"),
            (
                standardized("(X - X.mean(1, keepdims=True)) / X.std(1, keepdims=True)"),
                "The rows are standardized",
            ),
            (standardized("(X - X.mean(axis=0)) / X.var(axis=0)"), "divided by the variance"),
            (standardized("(X - X.mean(axis=0)) / abs(X).max(axis=0)"), "not the maximum"),
            (standardized("(X - X.mean(axis=0)) / X.std(axis=0, ddof=1)"), "with m - 1"),
            (
                standardized("(X - X.mean(axis=1)) / X.std(axis=1)"),
                "standardized raises ValueError",
            ),
            (standardized("X * 2"), "The columns have the means"),
            (standardized("(X - X.mean(axis=0)) / X.std()"), "and the deviations"),
        ],
    ],
}
