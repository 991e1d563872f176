"""Checks of notebook 09, Masks and attention."""

import numpy as np

from lesson.checks import exercise, expect, expect_each
from lesson.checks.naive_softmax import log_softmax, softmax

SCALE = "The scores are not divided by the root of d."
TOO_MUCH = "The scores are divided by d: divide by its root."
AXIS = "The softmax runs along the queries: each query shares itself out over the keys."
AFTER = "The mask comes after the softmax, so that the shares do not sum to 1: mask the scores."
SENTINEL = "the allowed scores are below -1e10, and a finite number wins. Use a boolean mask."


def shares(S, allowed, axis=-1):
    """Return the softmax of the scores over what is allowed; zeros where nothing is."""
    allowed = np.broadcast_to(allowed, S.shape)
    P = softmax(np.where(allowed, S, -np.inf), axis)
    return np.where(allowed, P, 0)


def attend(Q, K, V, allowed, scale=None, axis=-1):
    """Return the outputs for scores Q K^T / scale; a value that is not allowed counts 0."""
    S = Q @ np.swapaxes(K, -1, -2) / (np.sqrt(Q.shape[-1]) if scale is None else scale)
    seen = np.broadcast_to(allowed, S.shape)[..., None]
    return (shares(S, allowed, axis)[..., None] * np.where(seen, V[..., None, :, :], 0)).sum(-2)


def plain(Q, K):
    return softmax(Q @ np.swapaxes(K, -1, -2) / np.sqrt(Q.shape[-1]))


def first_wrong(right):
    """Return what to say of a result that is wrong: its first wrong row."""

    def told(result):
        bad = ~np.isclose(result, right, 1e-10, 1e-13).all(axis=-1)
        place = np.argwhere(bad)[0].tolist()
        yours, true = result[tuple(place)].round(3), right[tuple(place)].round(3)
        return f"Row {place} should be {true}; yours is {yours}. Which keys may that row use?"

    return told


def words_of(lengths, n):
    return np.arange(n) < lengths[:, None]


def padded(Q, K, V, lengths):
    words = words_of(lengths, Q.shape[1])
    return attend(Q, K, V, words[:, None, :] & words[:, :, None])


@exercise("A function of Q, K, V and lengths")
def check_padded_attention(function):
    r = np.random.RandomState(0)
    Q, K, V = r.randn(2, 4, 3), r.randn(2, 4, 3), r.randn(2, 4, 2)
    lengths = np.array([4, 2])
    words, right = words_of(lengths, 4), padded(Q, K, V, lengths)
    both = words[:, None, :] & words[:, :, None]
    wider, last = words_of(lengths + 1, 4), words_of(lengths, 4)[:, ::-1]
    zeroed = words[..., None] * K, words[..., None] * V
    wrong = [
        ("The padding is seen: nothing is masked.", attend(Q, K, V, True)),
        (
            "The keys are masked, and the rows of padding still have outputs: they should be 0.",
            attend(Q, K, V, words[:, None, :]),
        ),
        (
            "The rows of padding are 0, but words still see the padding: mask the keys, too.",
            attend(Q, K, V, words[:, :, None]),
        ),
        (
            "The mask is the wrong way round: True means that a key may be used.",
            attend(Q, K, V, ~words[:, None, :]),
            attend(Q, K, V, ~both),
            attend(Q, K, V, ~words[:, None, :] & ~words[:, :, None]),
        ),
        (
            "One place too many: positions count from 0, and a sentence of 2 words has 0 and 1.",
            attend(Q, K, V, wider[:, None, :] & wider[:, :, None]),
            attend(Q, K, V, wider[:, None, :]),
        ),
        (
            "Your words are the last ones of each row; here the padding comes at the end.",
            attend(Q, K, V, last[:, None, :] & last[:, :, None]),
            attend(Q, K, V, last[:, None, :]),
        ),
        ("The words of a sentence see all of it, also later ones.", causal_too(Q, K, V, both)),
        (
            "A key of 0 has the score 0, and e^0 is 1: zeros are no mask.",
            attend(Q, *zeroed, True),
            attend(Q, *zeroed, words[:, :, None]),
            attend(words[..., None] * Q, *zeroed, True),
        ),
        (
            "| asks for one word of the two, the query or the key. Both must be words: &.",
            attend(Q, K, V, words[:, None, :] | words[:, :, None]),
        ),
        (AFTER, (plain(Q, K) * both) @ V, (plain(Q, K) * words[:, None, :]) @ V),
        (SCALE, attend(Q, K, V, both, 1)),
        (TOO_MUCH, attend(Q, K, V, both, 3)),
        (AXIS, attend(Q, K, V, both, None, -2)),
    ]
    given = {"Q": Q, "K": K, "V": V, "lengths": lengths}
    expect(function, given, right, wrong, first_wrong(right))
    square = {"Q": r.randn(3, 3, 2), "K": r.randn(3, 3, 2), "V": r.randn(3, 3, 2)}
    square["lengths"] = np.array([1, 3, 2])
    low = given | {"Q": -1e12 * np.abs(Q), "K": np.abs(K)}
    lost = given | {"K": K.copy(), "V": V.copy()}
    lost["K"][1, 2:], lost["V"][1, 2:] = 1e200, np.nan
    nan = "A nan in the values of the padding reaches the words: 0 times nan is nan. Use attention."
    asks = given | {"Q": Q.copy()}
    asks["Q"][1, 2:] = np.nan
    spoilt = (
        "A nan in a query of the padding reaches its output, and 0 times nan is nan: mask queries."
    )
    cases = [
        (
            square,
            "It is right for 2 sentences of 4 words, and wrong for 3 of 3: a mask of shape (3, 3) "
            "is read as queries and keys. Give it the axis that it lacks.",
        ),
        (given | {"lengths": np.array([0, 1])}, "A sentence of no words goes wrong."),
        (low, f"A padding gets a share: {SENTINEL}"),
        (lost, "What the padding holds changes the outputs of the words.", nan),
        (asks, "What the queries of the padding hold changes the outputs.", spoilt),
    ]
    expect_each(function, padded, cases)
    return "Masks are joined by &: a pair counts if the key is a word and the query is one."


def causal_too(Q, K, V, allowed):
    n = Q.shape[-2]
    return attend(Q, K, V, allowed & np.tril(np.ones((n, n), bool)))


def triangle(Q, K, shift=0):
    """Return the mask for queries that are the last ones of the keys, moved by `shift`."""
    n, m = Q.shape[-2], K.shape[-2]
    return np.tril(np.ones((n, m), bool), m - n + shift)


def causal(Q, K, V):
    return attend(Q, K, V, triangle(Q, K))


@exercise("A function of Q, K and V")
def check_causal_attention(function):
    r = np.random.RandomState(0)
    Q, K, V = r.randn(3, 16), r.randn(3, 16), np.array([[1.0], [10], [100]])
    right, mask = causal(Q, K, V), triangle(Q, K)
    wrong = [
        ("Nothing is masked: the first word sees the last.", attend(Q, K, V, True)),
        (SCALE, attend(Q, K, V, mask, 1)),
        (TOO_MUCH, attend(Q, K, V, mask, 16)),
        (
            "The scores are divided by the root of the number of words: d is Q.shape[-1].",
            attend(Q, K, V, mask, np.sqrt(3)),
        ),
        ("The triangle is upside down: each word sees the future.", attend(Q, K, V, mask.T)),
        ("Each word sees the future, and not itself.", attend(Q, K, V, ~mask)),
        (
            "A word sees itself, too: the first one has nobody else.",
            attend(Q, K, V, triangle(Q, K, -1)),
        ),
        ("Each word sees one word too far.", attend(Q, K, V, triangle(Q, K, 1))),
        (AXIS, attend(Q, K, V, mask, None, -2)),
        (AFTER, (plain(Q, K) * mask) @ V),
        ("Queries and keys are exchanged: a row of scores belongs to a query.", causal(K, Q, V)),
        (
            "A score of 0 is a score like any other: e^0 is 1.",
            softmax(Q @ K.T / 4 * mask) @ V,
        ),
        ("These are the shares. Weigh the values with them.", shares(Q @ K.T / 4, mask)),
    ]
    expect(function, {"Q": Q, "K": K, "V": V}, right, wrong, first_wrong(right))
    K, V = r.randn(5, 16), r.randn(5, 2)
    last = {"Q": Q[:2], "K": K, "V": V}
    first = np.tril(np.ones((2, 5), bool))
    both = "Your two queries are the last two of five words, not the first two: the fourth word"
    wrong = [
        (f"{both} sees four keys. Move the triangle.", attend(Q[:2], K, V, first)),
        (f"{both} does not see the fifth.", attend(Q[:2], K, V, True)),
        ("Of five words, the triangle is one place off.", attend(Q[:2], K, V, ~first[::-1, ::-1])),
        ("Your queries see nothing: the triangle has moved to the left.", np.zeros((2, 2))),
        (
            "The last two words see each other only. They see all words before them, too.",
            causal(Q[:2], K[-2:], V[-2:]),
        ),
    ]
    right = causal(**last)
    expect(function, last, right, wrong, first_wrong(right))
    low = {"Q": -1e12 * np.abs(Q), "K": np.abs(K[:3]), "V": V[:3]}
    expect_each(function, causal, [(low, f"The future gets a share: {SENTINEL}")])
    return "The last query sees all keys; the triangle hangs on the lower right corner."


IGNORED = -100


def token_mean(Z, labels):
    keep = labels != IGNORED
    if not keep.any():
        return np.array(0.0)
    log_p = log_softmax(Z[keep])
    return -np.take_along_axis(log_p, labels[keep][:, None], axis=1).mean()


@exercise("A function of Z and labels")
def check_token_loss(function):
    Z = np.array([[[1.0, 0, 3], [-np.inf, 1, 0], [2, 2, 0]], [[0, 1, 4], [3, 0, 0], [0, 0, 1]]])
    labels = np.array([[1, IGNORED, 2], [0, IGNORED, IGNORED]])
    keep, right = labels != IGNORED, token_mean(Z, labels)

    def losses(with_labels):
        return -np.take_along_axis(log_softmax(Z), with_labels[..., None], axis=-1)[..., 0]

    clipped, wrapped = losses(np.maximum(labels, 0)), losses(labels % 3)
    kept = np.where(keep, clipped, 0)
    wrong = [
        ("This divides by all six words: only three count.", right / 2),
        ("This is the sum. Divide by the number of words that count.", 3 * right),
        ("This divides by the number of sentences: divide by that of words.", 1.5 * right),
        (
            "The ignored words count with logits of 0, and lose log(3) each: leave them out.",
            (right + np.log(3)) / 2,
        ),
        (
            "The ignored words count as class 0: clip the labels to read, but do not average them.",
            clipped.mean(),
        ),
        (
            "The ignored words count as the last class: -1 is the last, and so is -100 % 3.",
            wrapped.mean(),
        ),
        (
            "This is the mean of the sentences' means: a word of a short sentence weighs more.",
            (kept.sum(axis=1) / keep.sum(axis=1)).mean(),
        ),
        ("This is a mean of means over three words each: the padding counts.", kept.mean()),
        ("The loss is minus the log-probability: the sign is turned round.", -right),
        (
            "[labels] picks whole rows. Pick one entry of each row, or use cross_entropy.",
            -log_softmax(Z[keep])[labels[keep]].mean(),
        ),
    ]
    given = {"Z": Z, "labels": labels}
    zero = (
        "The result is nan or infinite: the class 0 of an ignored word is masked, and 0 times "
        "infinity is nan. Leave the word out instead of multiplying by 0."
    )
    otherwise = f"The loss should be {right:.4f}. Which words count?"
    expect(function, given, right, wrong, otherwise, zero)
    none = np.full((2, 3), IGNORED)
    labels = np.array([[0, 2, IGNORED], [IGNORED] * 3])
    cases = [
        (
            given | {"labels": none},
            "Without a word that counts, the loss should be 0.",
            "Without a word that counts, 0/0 is nan: the loss should be 0.",
        ),
        (given | {"labels": labels}, "A sentence of padding alone goes wrong."),
        (
            {"Z": 500 * np.abs(Z[1:]), "labels": np.array([[1, 1, IGNORED]])},
            "Large logits go wrong: use cross_entropy or log_softmax.",
        ),
    ]
    expect_each(function, token_mean, cases)
    return "What is ignored is left out, and the sum is divided once, by what is left."


def smoothed(Z, labels, allowed, s, mass=None):
    """Return the losses; `mass` is what each allowed class gets of s, its share if not given."""
    log_p = log_softmax(np.where(allowed, Z, -np.inf))
    each = s / allowed.sum(axis=1, keepdims=True) if mass is None else mass
    y = (1 - s) * np.eye(Z.shape[1])[labels] + each
    return -np.where(allowed, y * np.where(allowed, log_p, 0), 0).sum(axis=1)


@exercise("A function of Z, labels, allowed and s")
def check_smoothed_loss(function):
    Z = np.array([[9.0, 0, 1, 2], [1, 3, 0, 0.5]])
    labels, s = np.array([1, 3]), 0.1
    allowed = np.array([[False, True, True, False], [True, True, False, True]])
    right, count = smoothed(Z, labels, allowed, s), allowed.sum(axis=1, keepdims=True)
    everyone = np.ones_like(allowed)
    y, zeroed = np.eye(4)[labels], log_softmax(np.where(allowed, Z, 0))
    others = s / (count - 1) * (1 - y)
    spread = (1 - s) * y + s / count * allowed
    wrong = [
        (
            "s is spread over all four classes, and the share of the masked ones is lost: the "
            "labels must sum to 1 over the allowed classes.",
            smoothed(Z, labels, allowed, s, s / 4),
        ),
        (
            "The mask is not used: a class that is not allowed has no probability.",
            smoothed(Z, labels, everyone, s),
            smoothed(Z, labels, everyone, s, s / count),
            -(spread * log_softmax(Z)).sum(axis=1),
        ),
        ("A logit of 0 is a score like any other: e^0 is 1.", -(spread * zeroed).sum(axis=1)),
        (
            "The right class has 1 - s and a share of s besides: the label sums to 1.",
            smoothed(Z, labels, allowed, s, s / count * (1 - y)),
        ),
        (
            "Your label sums to 1 + s: the right class has 1 - s and its share of s, not 1 and it.",
            smoothed(Z, labels, allowed, s, s / count + s * y),
        ),
        ("The labels are not smoothed: s is not used.", smoothed(Z, labels, allowed, 0.0)),
        (
            "You spread s over the wrong classes only. Here the right one gets its share, too.",
            smoothed(Z, labels, allowed, s, others),
        ),
        (
            "s is divided by the allowed classes of the whole batch: count each row's own.",
            smoothed(Z, labels, allowed, s, s / 5),
            smoothed(Z, labels, allowed, s, s / 2.5),
        ),
        ("Each allowed class gets s, not its share of s.", smoothed(Z, labels, allowed, s, s)),
        ("s and 1 - s are exchanged.", smoothed(Z, labels, allowed, 1 - s)),
        ("The sign is turned round: a loss is at least 0.", -right),
        ("This is one number: return one loss for each row.", right.mean(), right.sum()),
        (
            "The mask is the wrong way round: True means allowed.",
            smoothed(Z, labels, ~allowed, s),
        ),
    ]
    given = {"Z": Z, "labels": labels, "allowed": allowed, "s": s}
    spoilt = (
        "The loss is infinite or nan: a class that is not allowed has the log-probability "
        "-infinity. Give it no share of s, and let 0 times infinity be 0."
    )
    expect(function, given, right, wrong, f"The losses should be {right.round(4)}.", spoilt)
    large = {"Z": np.array([[0.0, 1000, 5, 2000]]), "labels": np.array([0])}
    odd = given | {"Z": np.where(allowed, Z, np.nan)}
    cases = [
        (given | {"s": 0.3}, "It is right for s = 0.1 and wrong for s = 0.3."),
        (
            large | {"allowed": np.array([[True, True, True, False]]), "s": 0.2},
            "Logits of 1000 go wrong: use log_softmax, not the logarithm of masked_softmax.",
            "Logits of 1000 give nan or infinity: use log_softmax, not the log of a probability.",
        ),
        (odd, "What a masked logit holds matters.", "A nan in a masked logit reaches the loss."),
    ]
    expect_each(function, smoothed, cases)
    return "The labels sum to 1 over the classes that exist; the others have no part in the loss."
