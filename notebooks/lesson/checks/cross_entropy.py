"""Checks of notebook 06, Cross-entropy and the fused loss."""

import numpy as np

from lesson.checks import NotYet, call, exercise, short
from lesson.checks.naive_softmax import WIDE, textbook_softmax


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
