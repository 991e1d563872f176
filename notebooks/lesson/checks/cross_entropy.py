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
def check_pixel_losses(function):
    def truth(Z, labels):
        return losses(np.moveaxis(Z, 1, -1), labels)

    r = np.random.RandomState(0)
    Z, labels = 2 * r.randn(2, 3, 4, 5), r.randint(0, 3, (2, 4, 5))
    right, at = truth(Z, labels), labels[:, None]

    def picked(A):
        return np.take_along_axis(A, at, axis=1)

    last = log_softmax(Z)
    wrong = [
        ("The axis of the classes is still there, of size 1: take its only entry.", right[:, None]),
        (
            "The softmax runs along the rows of pixels: the classes are on axis 1.",
            -picked(last)[:, 0],
        ),
        ("The sign is turned round: a loss is at least 0.", -right),
        ("These are probabilities of the right classes. Take minus their log.", np.exp(-right)),
        ("These are minus the logits. Take log_softmax of Z first.", -picked(Z)[:, 0]),
        (
            "These are the losses of the largest logits, not of the labels.",
            -log_softmax(np.moveaxis(Z, 1, -1)).max(axis=-1),
        ),
        (
            "This is one mean for each photograph: return a loss for each pixel.",
            right.mean(axis=(1, 2)),
        ),
        ("This is one number: return a loss for each pixel.", right.mean(), right.sum()),
    ]

    def first(result):
        place = np.unravel_index(np.abs(result - right).argmax(), right.shape)
        where = ", ".join(map(str, place))
        return f"Loss [{where}] should be {right[place]:.8f}; yours is {result[place]:.8f}."

    def detour(result):
        return f"The article's logits with label 0 give {result[0, 0, 0]:g}, not 10100: no detour."

    small = {"Z": r.randn(3, 5, 2, 1), "labels": r.randint(0, 5, (3, 2, 1))}
    far = {"Z": FAR.T[None, :, :, None], "labels": np.array([[[0], [2]]])}
    large = {"Z": far["Z"][:, :, 1:], "labels": np.array([[[1]]])}
    overflow = "Logits of 1000 overflow in exp: use log_softmax."
    cases = [
        (small, "It is right for three classes, and wrong for five."),
        (large, "Logits of 1000 go wrong: use log_softmax.", overflow),
        (far, detour),
    ]
    expect(function, {"Z": Z, "labels": labels}, right, wrong, first)
    expect_each(function, truth, cases)
    return "The softmax, and the entry that is picked, belong to the same axis."


@exercise("A function of Z, labels and s")
def check_smoothing(function):
    Z, labels, s = WIDE, np.array([1, 3]), 0.2
    p, y, target = softmax(Z), np.eye(4)[labels], smoothed(4, labels, s)
    spread = "You spread s over the wrong classes only. Here every class gets s / n."
    mean = "You divided by m. Each sample's own loss is meant, not the mean."
    swapped = "s and 1 - s are exchanged: the right class keeps 1 - s."
    less = "The labels sum to 1 - s: spread s over all classes, s / n to each."
    wrong = [
        ("The sign is turned round: the gradient is p minus the labels.", target - p),
        ("This is the gradient without smoothing: s is not used.", p - y),
        (less, p - (1 - s) * y),
        ("Each class gets s / n, not s: the labels must sum to 1.", p - (1 - s) * y - s),
        (spread, p - np.where(y == 1, 1 - s, s / 3)),
        ("The share s / n of each class has a gradient, too.", (1 - s) * (p - y)),
        (mean, (p - target) / len(Z)),
        ("These are logits minus labels: take the softmax first.", Z - target),
        ("These are log-probabilities minus labels: take p.", np.log(p) - target),
        (swapped, p - smoothed(4, labels, 1 - s)),
    ]
    otherwise = "Some entries are wrong. The gradient is p minus the smoothed labels."
    expect(function, {"Z": Z, "labels": labels, "s": s}, p - target, wrong, otherwise)
    naive = "Logits of 1000 give nan: the softmax on the way is naive."
    cases = [
        (SQUARE, [2, 0, 0], 0.2, "It is right for 4 classes and wrong for 3: n is Z.shape[1]."),
        (WIDE, [0, 3], 0.1, "It is right for s = 0.2 and wrong for s = 0.1."),
        (FAR, [0, 2], 0.1, "Logits of 1000 go wrong: take the softmax of notebook 04.", naive),
    ]
    expect_each(
        function,
        lambda Z, labels, s: softmax(Z) - smoothed(Z.shape[1], labels, s),
        [({"Z": Z, "labels": np.array(y), "s": s}, *told) for Z, y, s, *told in cases],
    )
    return "The formula p - y needs labels that sum to 1, and nothing else."


@exercise("A dictionary of words")
def check_call(answer):
    z, log_p, p = "logits", "log-probabilities", "probabilities"
    keras = "Keras, SparseCategoricalCrossentropy"
    right = {
        "MXNet, SoftmaxCrossEntropyLoss()": (z, "softmax is part of the loss"),
        "MXNet, SoftmaxCrossEntropyLoss(from_logits=True)": (
            log_p,
            "there, from_logits skips log_softmax",
        ),
        "PyTorch, F.cross_entropy": (z, "softmax is part of the loss"),
        "PyTorch, F.nll_loss": (log_p, "it picks an entry and turns the sign, nothing else"),
        f"{keras}(from_logits=True)": (z, "there, from_logits adds softmax"),
        f"{keras}()": (p, "by default it takes the logarithm itself"),
        "scikit-learn, log_loss": (p, "it takes the logarithm itself"),
    }
    compare_words(answer, right, keep="the seven calls")
    return "from_logits is the word to look up in each library, every time."


def means(Z, labels, weight):
    return (losses(Z, labels) * weight).sum(axis=1) / weight.sum(axis=1)


@exercise("A function of Z, labels and weight")
def check_token_mean(function):
    Z = np.array([[[1.0, 0, 0], [0, 2, 0], [0, 0, 3]], [[0, 1, 0], [4, 0, 0], [9, 9, 0]]])
    labels, weight = np.array([[0, 0, 2], [1, 2, 2]]), np.array([[1.0, 1, 1], [1, 1, 0]])
    right, words = means(Z, labels, weight), weight.sum(axis=1)
    sums, plain = right * words, losses(Z, labels).mean(axis=1)
    batch = "This is one mean over the words of all sentences: one for each sentence is asked."
    wrong = [
        ("This divides by all three positions: the padding counts.", sums / 3),
        ("These are sums. Divide each by the number of words that count.", sums),
        ("The weights are not used: the padding counts.", plain),
        ("Divide by the weights of each sentence, not by those of all.", sums / words.sum()),
        ("loss has divided by 3 already: multiply by 3 first.", right / 3),
        (batch, sums.sum() / words.sum()),
    ]
    given = {"Z": Z, "labels": labels, "weight": weight}
    expect(function, given, right, wrong, f"The means should be {right.round(4)}.")
    Z = np.random.RandomState(0).randn(3, 4, 5)
    weight = np.array([[1.0, 1, 1, 0], [1, 0, 0, 0], [0, 1, 0, 1]])
    given = {"Z": Z, "labels": np.argsort(Z[:, 0])[:, :4], "weight": weight}
    cases = [
        (given, "It is right for sentences of three words and wrong for four."),
        (given | {"Z": 500 * Z}, "Large logits go wrong: use loss or log_softmax."),
    ]
    expect_each(function, means, cases)
    return (
        "Each sentence now has the mean over its own words, however many. A sentence of padding "
        "alone has none: 0/0."
    )
