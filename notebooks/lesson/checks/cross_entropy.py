"""Checks of notebook 06, Cross-entropy and the fused loss."""

import numpy as np

from lesson.checks import compare_words, exercise, expect, expect_each
from lesson.checks.naive_softmax import SQUARE, WIDE, log_softmax, softmax

FAR = np.array([[-10000.0, -1020.0, 100.0, -70220.0], [1000.0, 1000.0, 100.0, 0.0]])


def losses(Z, labels):
    return -np.take_along_axis(log_softmax(Z), labels[..., None], axis=-1)[..., 0]


def smoothed(n, labels, s):
    return (1 - s) * np.eye(n)[labels] + s / n


@exercise("A function of Z and labels")
def check_cross_entropy(function):
    Z, labels = WIDE, np.array([1, 3])
    right = losses(Z, labels)
    expect(
        function,
        {"Z": Z, "labels": labels},
        right,
        [
            (
                "The result has shape (2, 2): A[:, labels] picks columns, not one entry a row.",
                -log_softmax(Z)[:, labels],
            ),
            (
                "The result is one number: return one loss for each sample, without a mean.",
                right.mean(),
                right.sum(),
            ),
            ("The sign is turned round: a loss is at least 0.", -right),
            (
                "These are the probabilities of the right classes. Take minus their log.",
                np.exp(-right),
            ),
            ("These are minus the logits. Take log_softmax of Z first.", -Z[[0, 1], labels]),
            (
                "The softmax runs over the samples: classes are columns.",
                -np.log(softmax(Z, axis=0))[[0, 1], labels],
            ),
            (
                "These are the losses of the largest logits, not of the labels.",
                -log_softmax(Z).max(axis=1),
            ),
        ],
        lambda result: f"The first loss should be {right[0]:.8f}; yours is {result[0]:.8f}.",
    )
    expect_each(
        function,
        losses,
        [
            (
                {"Z": np.vstack([SQUARE, SQUARE + 1]), "labels": np.array([0, 0, 2, 1, 2, 1])},
                "It is right for two samples of four classes, and wrong for six of three.",
            ),
            (
                {"Z": FAR[1:], "labels": np.array([1])},
                "Logits of 1000 go wrong: use log_softmax.",
                "Logits of 1000 overflow in exp: use log_softmax.",
            ),
            (
                {"Z": FAR, "labels": np.array([0, 2])},
                lambda result: (
                    f"The article's logits with label 0 give {result[0]:g}, not 10100: no detour."
                ),
            ),
        ],
    )
    return "One entry of each row, from the logarithms and without a detour over probabilities."


@exercise("A function of Z, labels and s")
def check_smoothing(function):
    Z, labels, s = WIDE, np.array([1, 3]), 0.2
    p, y, target = softmax(Z), np.eye(4)[labels], smoothed(4, labels, s)
    expect(
        function,
        {"Z": Z, "labels": labels, "s": s},
        p - target,
        [
            ("The sign is turned round: the gradient is p minus the labels.", target - p),
            ("This is the gradient without smoothing: s is not used.", p - y),
            ("The labels sum to 1 - s: spread s over all classes, s / n to each.", p - (1 - s) * y),
            ("Each class gets s / n, not s: the labels must sum to 1.", p - (1 - s) * y - s),
            (
                "You spread s over the wrong classes only. Here every class gets s / n.",
                p - np.where(y == 1, 1 - s, s / 3),
            ),
            ("The share s / n of each class has a gradient, too.", (1 - s) * (p - y)),
            (
                "You divided by m. Each sample's own loss is meant, not the mean.",
                (p - target) / len(Z),
            ),
            ("These are logits minus labels: take the softmax first.", Z - target),
            ("These are log-probabilities minus labels: take p.", np.log(p) - target),
            (
                "s and 1 - s are exchanged: the right class keeps 1 - s.",
                p - smoothed(4, labels, 1 - s),
            ),
        ],
        "Some entries are wrong. The gradient is p minus the smoothed labels.",
    )
    expect_each(
        function,
        lambda Z, labels, s: softmax(Z) - smoothed(Z.shape[1], labels, s),
        [
            (
                {"Z": SQUARE, "labels": np.array([2, 0, 0]), "s": 0.2},
                "It is right for 4 classes and wrong for 3: n is Z.shape[1].",
            ),
            (
                {"Z": WIDE, "labels": np.array([0, 3]), "s": 0.1},
                "It is right for s = 0.2 and wrong for s = 0.1.",
            ),
            (
                {"Z": FAR, "labels": np.array([0, 2]), "s": 0.1},
                "Logits of 1000 go wrong: take the softmax of notebook 04.",
                "Logits of 1000 give nan: the softmax on the way is naive.",
            ),
        ],
    )
    return "The formula p - y needs labels that sum to 1, and nothing else."


@exercise("A dictionary of words")
def check_call(answer):
    softmax_inside = ("logits", "softmax is part of the loss")
    right = {
        "MXNet, SoftmaxCrossEntropyLoss()": softmax_inside,
        "MXNet, SoftmaxCrossEntropyLoss(from_logits=True)": (
            "log-probabilities",
            "there, from_logits skips log_softmax",
        ),
        "PyTorch, F.cross_entropy": softmax_inside,
        "PyTorch, F.nll_loss": (
            "log-probabilities",
            "it picks an entry and turns the sign, nothing else",
        ),
        "Keras, SparseCategoricalCrossentropy(from_logits=True)": (
            "logits",
            "there, from_logits adds softmax",
        ),
        "Keras, SparseCategoricalCrossentropy()": (
            "probabilities",
            "by default it takes the logarithm itself",
        ),
        "scikit-learn, log_loss": ("probabilities", "it takes the logarithm itself"),
    }
    compare_words(answer, right, keep="the seven calls")
    return "from_logits is the word to look up in each library, every time."


@exercise("A function of Z, labels and weight")
def check_token_mean(function):
    Z = np.array([[[1.0, 0, 0], [0, 2, 0], [0, 0, 3]], [[0, 1, 0], [4, 0, 0], [9, 9, 0]]])
    labels = np.array([[0, 0, 2], [1, 2, 2]])
    weight = np.array([[1.0, 1, 1], [1, 1, 0]])
    counted = losses(Z, labels) * weight
    sums, words = counted.sum(axis=1), weight.sum(axis=1)
    expect(
        function,
        {"Z": Z, "labels": labels, "weight": weight},
        sums / words,
        [
            ("This divides by all three positions: the padding counts.", sums / 3),
            ("These are sums. Divide each by the number of words that count.", sums),
            ("The weights are not used: the padding counts.", losses(Z, labels).mean(axis=1)),
            ("Divide by the weights of each sentence, not by those of all.", sums / weight.sum()),
            ("loss has divided by 3 already: multiply by 3 first.", sums / 3 / words),
            (
                "This is one mean over the words of all sentences: one mean for each sentence is "
                "asked.",
                sums.sum() / words.sum(),
            ),
        ],
        f"The means should be {(sums / words).round(4)}.",
    )
    longer = np.array([[1.0, 1, 1, 0], [1, 0, 0, 0], [0, 1, 0, 1]])
    Z = 500 * np.random.RandomState(0).randn(3, 4, 5)
    expect_each(
        function,
        lambda Z, labels, weight: (losses(Z, labels) * weight).sum(axis=1) / weight.sum(axis=1),
        [
            (
                {"Z": Z / 500, "labels": np.argsort(Z[:, 0])[:, :4], "weight": longer},
                "It is right for sentences of three words and wrong for four.",
            ),
            (
                {"Z": Z, "labels": np.argsort(Z[:, 0])[:, :4], "weight": longer},
                "Large logits go wrong: use loss or log_softmax.",
            ),
        ],
    )
    return (
        "Each sentence now has the mean over its own words, however many. A sentence of padding "
        "alone has none: 0/0."
    )
