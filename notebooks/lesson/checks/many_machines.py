"""Checks of notebook 10, Blocks, streams and many machines."""

import numpy as np

from lesson.checks import exercise, expect, expect_each

INF = np.inf
ROW = np.array([[3.0, 1, 0, 2, 5, 4]])
SCORES, VALUES = np.array([2.0, 0, 1, 4, 3, 5]), np.arange(10.0, 70, 10)


def lse(Z):
    """Return log(sum(exp(z))) of each row, -inf of a row that is masked."""
    top = Z.max(axis=1)
    return top + np.log(np.exp(Z - np.where(top == -INF, 0, top)[:, None]).sum(axis=1))


def states(*blocks):
    """Return M and S, each of shape (shards, rows)."""
    tops = [block.max(axis=1) for block in blocks]
    sums = [
        np.exp(b - np.where(m == -INF, 0, m)[:, None]).sum(axis=1)
        for b, m in zip(blocks, tops, strict=True)
    ]
    return np.array(tops), np.array(sums)


@exercise("A function of M and S")
def check_shards(function):
    def truth(M, S):
        top = M.max(axis=0)
        return top + np.log((S * np.exp(M - np.where(top == -INF, 0, top))).sum(axis=0))

    def case(*blocks):
        return dict(zip(("M", "S"), states(*blocks), strict=True))

    Z = np.vstack([ROW, 2 * ROW[:, ::-1] - 3])
    two = case(Z[:, :3], Z[:, 3:])
    M, S = two.values()
    top, each = M.max(axis=0), M + np.log(S)
    units = "The sums count in different units, each in its own exp(M): rescale them, then add."
    far = "exp overflows, or all of it is lost: subtract the largest of a row's maxima from each M."
    wrong = [
        (units, top + np.log(S.sum(axis=0))),
        (
            "This is the mean of the shards' log-sum-exps. Sums add up, logarithms do not.",
            each.mean(0),
        ),
        (
            "This is the sum of the shards' log-sum-exps. Sums add up, logarithms do not.",
            each.sum(0),
        ),
        ("This is the largest shard's log-sum-exp: the others count, too.", each.max(0)),
        ("m is missing: finish with m + log(s).", np.log((S * np.exp(M - top)).sum(0))),
        (
            "The factor is turned round: it is exp(M - m), at most 1.",
            top + np.log((S * np.exp(top - M)).sum(0)),
        ),
        ("This is s. Finish with m + log(s).", (S * np.exp(M - top)).sum(0)),
        ("The logarithm is missing: finish with m + log(s).", top + (S * np.exp(M - top)).sum(0)),
        (
            "log(s) is added to m, not subtracted: one class alone has m.",
            top - np.log((S * np.exp(M - top)).sum(0)),
        ),
        ("The rescaled sums are averaged: add them.", top + np.log((S * np.exp(M - top)).mean(0))),
        (
            "This is the state: finish it with m + log(s).",
            np.array([top, (S * np.exp(M - top)).sum(0)]),
        ),
        (
            "S is not used: it holds how much each shard counts.",
            top + np.log(np.exp(M - top).sum(0)),
        ),
        (
            "You have merged along the rows: the shards are on axis 0.",
            M.max(1) + np.log((S * np.exp(M - M.max(1, keepdims=True))).sum(1)),
        ),
    ]
    expect(function, two, truth(M, S), wrong, "The first row should give 5.45619332.")
    three = case(Z[:, :1], Z[:, 1:3], Z[:, 3:])
    large = {
        "M": np.array([[1000.0, -900], [7, 5], [-900, 8]]),
        "S": np.array([[1.0, 2], [2, 1.5], [1, 1]]),
    }
    low = {"M": large["M"] - 5000, "S": large["S"]}
    expect_each(
        function,
        truth,
        [
            (three, "It is right for two shards, and wrong for three."),
            (large, far, far),
            (low, far, far),
        ],
    )
    masked = {
        "M": np.array([[-INF, -INF, 2], [-INF, 1, -INF]]),
        "S": np.array([[0.0, 0, 1], [0, 1, 0]]),
    }
    guard = (
        "A row that is masked in every shard has the log-sum-exp -inf; -inf - (-inf) makes it nan."
    )
    right = truth(**masked)
    known = [(guard, np.where(right == -INF, np.nan, right))]
    expect(function, masked, right, known, guard, guard)
    return "Any number of shards, in any order, and a masked one changes nothing."


def mean_of(blocks):
    z, v = (np.concatenate([block[i] for block in blocks]) for i in (0, 1))
    p = np.exp(z - z.max())
    return np.array(p @ v / p.sum())


def streamed(blocks, rescale_s, rescale_o):
    """Return the weighted mean of a stream that forgets to rescale something."""
    m, s, o = -INF, 0.0, 0.0
    for z, v in blocks:
        new = max(m, z.max())
        p, factor = np.exp(z - new), np.exp(m - new)
        s = p.sum() + s * (factor if rescale_s else 1)
        o = p @ v + o * (factor if rescale_o else 1)
        m = new
    return np.array(o / s)


def each_step(blocks):
    """Return the mean of a stream that divides o by s after each block, not at the end."""
    m, s, o = -INF, 0.0, 0.0
    for z, v in blocks:
        new = max(m, z.max())
        p, factor = np.exp(z - new), np.exp(m - new)
        m, s = new, s * factor + p.sum()
        o = (o * factor + p @ v) / s
    return np.array(o)


@exercise("A function of blocks")
def check_stream_mean(function):
    def case(scores, values, *cuts):
        return {"blocks": list(zip(np.split(scores, cuts), np.split(values, cuts), strict=True))}

    three = case(SCORES, VALUES, 2, 4)
    blocks, right = three["blocks"], mean_of(three["blocks"])
    means = [mean_of([block]) for block in blocks]
    first = np.exp(SCORES - SCORES[:2].max())
    wrong = [
        (
            "o is not rescaled when the maximum rises: it counts in units of exp(m), too.",
            streamed(blocks, True, False),
        ),
        (
            "s is not rescaled when the maximum rises, o is: both count in units of exp(m).",
            streamed(blocks, False, True),
        ),
        ("Neither s nor o is rescaled when the maximum rises.", streamed(blocks, False, False)),
        (
            "This is the mean of the blocks' means: a block with larger scores counts more.",
            np.mean(means),
        ),
        (
            "You divide by the number of values: divide by the sum of the weights.",
            (np.exp(SCORES - 5) @ VALUES) / 6,
        ),
        ("This is the plain mean of the values: the scores give the weights.", VALUES.mean()),
        ("This is the mean of the last block alone.", means[-1]),
        (
            "The weights are the scores themselves: the softmax of the scores is meant.",
            SCORES @ VALUES / SCORES.sum(),
        ),
        (
            "This is the sum of the weighted values. Divide it by the sum of the weights.",
            np.exp(SCORES - 5) @ VALUES,
            first @ VALUES,
            np.exp(SCORES) @ VALUES,
        ),
    ]
    turned = "The result is nan: is the factor turned round? It is exp(m - new), 0 while m is -inf."
    wrong.append(("o is divided by s in each step: divide once, at the end.", each_step(blocks)))
    expect(function, three, right, wrong, f"The mean should be {right:.6f}.", turned)
    far = "Scores of 1000 overflow in exp: subtract the maximum so far."
    low = "Scores of -1000 go wrong: the weights of all values are 0. Begin with m = -inf, not 0."
    apart = np.array([-1000.0, 700, -3, 800, 801, 802])
    falls = "A block far below the one before goes wrong: the maximum so far never falls."
    expect_each(
        function,
        lambda blocks: mean_of(blocks),
        [
            (
                case(SCORES, VALUES, 1, 2, 3, 4, 5),
                "It is right for blocks of two, and wrong for blocks of one.",
            ),
            (
                case(SCORES[:5], VALUES[:5], 3),
                "It is right for three equal blocks, and wrong for two unequal ones.",
            ),
            (case(SCORES + 1000, VALUES, 2, 4), far, far),
            (case(SCORES - 1000, VALUES, 2, 4), low, low),
            (case(apart, VALUES, 2, 4), far, far),
            (case(np.array([1000.0, 999, -1000, -1001, 3, 4]), VALUES, 2, 4), falls, falls),
        ],
    )
    first, middle = SCORES.copy(), SCORES.copy()
    first[:2], middle[2:4] = -INF, -INF
    guard = "The first block is masked whole, and -inf - (-inf) is nan: subtract 0 while m is -inf."
    stays = (
        "Scores of -1000 after a masked block go wrong: m stays -inf, only what you subtract is 0."
    )
    later = "A masked block in the middle goes wrong: its maximum, -inf, is not the maximum so far."
    expect_each(
        function,
        lambda blocks: mean_of(blocks),
        [
            (case(first, VALUES, 2, 4), guard, guard),
            (case(first - 1000, VALUES, 2, 4), stays, stays),
            (case(middle, VALUES, 2, 4), later, later),
        ],
    )
    return "One pass and three numbers are enough: so attention kernels never hold a row of scores."


def cut(Z, *cuts):
    """Return pairs of the first class and the logits of each shard."""
    return list(zip([0, *cuts], np.split(Z, cuts, axis=1), strict=True))


def whole(shards):
    return np.concatenate([Z for _, Z in shards], axis=1)


def right_logits(shards, labels):
    return whole(shards)[np.arange(len(labels)), labels]


def losses(shards, labels):
    Z = whole(shards).astype(float)
    return lse(Z) - Z[np.arange(len(labels)), labels]


def picked(shards, labels, place):
    """Return the sum over all shards of one logit each, whoever owns the label."""
    rows = np.arange(len(labels))
    return sum(Z[rows, place(labels - first, Z.shape[1])] for first, Z in shards)


def owner(shards, labels, of):
    """Return of(Z), one number for each row, from the shard that owns the row's label."""
    rows = np.arange(len(labels))
    which = np.searchsorted([first for first, _ in shards], labels, side="right") - 1
    return np.array([of(Z) for _, Z in shards])[which, rows]


def sharded_data():
    """Return three rows of eight logits in two shards of unequal width, and their labels."""
    Z = 2 * np.random.RandomState(3).randn(3, 8)
    return cut(Z, 3), np.array([1, 6, 3])


@exercise("A function of shards and labels")
def check_sharded_loss(function):
    shards, labels = sharded_data()
    right, total = losses(shards, labels), lse(whole(shards))
    M, S = states(*(Z for _, Z in shards))
    added = M.max(0) + np.log(S.sum(0))
    z = right_logits(shards, labels)
    owners = "A shard that does not own the label must give 0 for its logit"
    local = picked(shards, labels, lambda at, width: np.clip(at, 0, width - 1))
    modulo = picked(shards, labels, lambda at, width: at % width)
    plain = picked(shards, labels, lambda at, width: (at + 3 * (width == 5)) % width)
    rows = np.arange(3)
    even = np.array([shards[min(y // 3, 1)][1][i, y % 3] for i, y in enumerate(labels)])
    remainder = owner(shards, labels, lambda Z: Z[rows, labels % Z.shape[1]])
    each = np.array([lse(Z) for _, Z in shards])
    logs = "of the shards' log-sum-exps is not that of the row. Sums add up, logarithms do not."
    wraps = z + np.where(labels < 3, shards[1][1][rows, labels - 3], 0)
    wrong = [
        (f"{owners}, not the logit of a remainder, label % width.", total - modulo, total - plain),
        (f"{owners}, not that of the nearest class that it has.", total - local),
        (
            f"{owners}: a negative place, label - first, counts from the end and finds another.",
            total - wraps,
        ),
        (
            "The sum runs over the classes of one shard: merge the states of all.",
            owner(shards, labels, lse) - z,
        ),
        ("The sums are added in different units: merge the states.", added - z),
        (
            "The sum was added once for each shard: the loss is too large by log(2).",
            right + np.log(2),
        ),
        ("m is missing: the loss is (m - right) + log(s).", total - M.max(0) - z),
        ("The shards are not equally wide: the owner is not label // width.", total - even),
        ("A label's place in its shard is label - first, not label % width.", total - remainder),
        ("The labels' logits are added up, not averaged: only the owner has one.", total - z / 2),
        (
            "The last shard has overwritten the labels' logits of the others: add them up.",
            total - np.where(labels < 3, 0, z),
        ),
        (f"The mean {logs}", each.mean(0) - z),
        (f"The sum {logs}", each.sum(0) - z),
        ("The sign is turned round: a loss is at least 0.", -right),
        ("The logits of the labels are missing: this is the log-sum-exp.", total),
        ("This is one number: return the loss of each row.", right.mean(), right.sum()),
    ]

    def first(result):
        k = np.abs(result - right).argmax()
        return f"Loss [{k}] should be {right[k]:.8f}; yours is {result[k]:.8f}."

    given = {"shards": shards, "labels": labels}
    expect(function, given, right, wrong, first)
    r = np.random.RandomState(4)
    Z, far = r.randn(2, 7), np.array([[1000.0, 999, -1000, 5], [-2000, -1999, -1998, -2000]])
    large = "Logits of 1000 go wrong: merge the states, m and s, of the shards."
    masked = np.where(np.arange(8) < 3, -INF, whole(shards))
    guard = (
        "A shard that is masked whole makes nan, by -inf - (-inf), where you must subtract 0, "
        "or by 0 * (-inf), where you must pick, not multiply."
    )
    expect_each(
        function,
        losses,
        [
            (
                {"shards": cut(Z, 2, 3), "labels": np.array([2, 6])},
                "It is right for two shards, and wrong for three.",
            ),
            (
                {"shards": cut(Z, 5), "labels": np.array([4, 5])},
                "It is right where the first shard is narrow, wrong where it is wide.",
            ),
            ({"shards": cut(far, 2), "labels": np.array([3, 0])}, large, large),
            ({"shards": cut(masked, 3), "labels": np.array([4, 6, 3])}, guard, guard),
        ],
    )
    coarse = cut(np.array([[2.0, -1], [-1, 2]], np.float32) + np.float32(1e4), 1)
    bracket = "In float32, logits of 10,000 lose the loss: bracket it as (m - right) + log(s)."
    given = {"shards": coarse, "labels": np.array([0, 1])}
    expect(function, given, losses(coarse, given["labels"]), (), bracket, rtol=1e-5)
    return "Three numbers from each shard and row are enough: no logit has to travel."


@exercise("A function of shards, labels and s")
def check_sharded_smoothing(function):
    def truth(shards, labels, s):
        mean = whole(shards).mean(axis=1)
        return lse(whole(shards)) - (1 - s) * right_logits(shards, labels) - s * mean

    shards, labels = sharded_data()
    s, Z, plain = 0.1, whole(shards), losses(shards, labels)
    given = {"shards": shards, "labels": labels, "s": s}
    log_p = Z - lse(Z)[:, None]

    def smoothed(mean):
        return (1 - s) * plain - s * mean

    parts = np.split(log_p, [3], axis=1)
    pairs = list(zip((0, 3), parts, strict=True))
    own = owner(pairs, labels, lambda part: part.mean(axis=1))
    share = owner(pairs, labels, lambda part: log_p.sum(axis=1) / part.shape[1])
    logits, z = Z.sum(axis=1), right_logits(shards, labels)
    apart = sum((part - lse(part)[:, None]).sum(axis=1) for _, part in shards) / 8
    m = Z.max(axis=1)
    S = np.exp(lse(Z) - m)
    local = "This mean runs over one shard's classes: send the sum of its logits, too."
    wrong = [
        (local, smoothed(own), *(smoothed(part.mean(axis=1)) for part in parts)),
        (
            "n is the width of one shard here: all shards together have 8 classes.",
            smoothed(share),
            *(smoothed(log_p.sum(axis=1) / part.shape[1]) for part in parts),
        ),
        (
            "The sum of all logits is divided by n, the number of classes of all shards.",
            *(lse(Z) - (1 - s) * z - s * logits / k for k in (1, 2)),
        ),
        (
            "The log-sum-exp counts whole, not 1 - s times: only the label's logit is multiplied.",
            (1 - s) * plain - s * logits / 8,
        ),
        ("The label keeps 1 - s: this factor is missing.", plain - s * log_p.mean(axis=1)),
        (
            "Each shard has subtracted its own log-sum-exp: take that of all shards.",
            smoothed(apart),
        ),
        (
            "The last shard has overwritten the sums of the others: add them up.",
            lse(Z) - (1 - s) * z - s * shards[1][1].sum(axis=1) / 8,
        ),
        (
            "s has been overwritten: the smoothing and the sum of a state need two names.",
            m - (1 - S) * z - S * logits / 8 + np.log(S),
        ),
        ("The smoothing was added once for each shard.", smoothed(2 * log_p.mean(axis=1))),
        (
            "This is the mean of the shards' means: their widths differ. Add sums, divide once.",
            smoothed(np.mean([part.mean(axis=1) for part in parts], axis=0)),
        ),
        ("This is the loss without smoothing: s is not used.", plain),
        (
            "s and 1 - s are exchanged: the label keeps 1 - s.",
            s * plain - (1 - s) * log_p.mean(axis=1),
        ),
        (
            "Each class gets s / n: s was multiplied with the sum over the classes.",
            smoothed(log_p.sum(axis=1)),
        ),
        ("The other classes are missing: each class gets s / n.", (1 - s) * plain),
        (
            "s is spread over the wrong classes only. Here every class gets s / n.",
            (1 - s) * plain - s * (log_p.sum(axis=1) + plain) / 7,
        ),
        ("The sign of the smoothing is turned round.", smoothed(-log_p.mean(axis=1))),
        (
            "This is one number: return the loss of each row.",
            truth(**given).mean(),
            truth(**given).sum(),
        ),
    ]
    right = truth(**given)

    def first(result):
        k = np.abs(result - right).argmax()
        return f"Loss [{k}] should be {right[k]:.8f}; yours is {result[k]:.8f}."

    expect(function, given, right, wrong, first)
    far = np.array([[1000.0, 0, -1000, 5], [-2000, -1999, -1200, -2000]])
    lost = (
        "Where a probability is 0, its logarithm is -inf, and no small constant brings it back: "
        "take log p = z - m - log(s) instead."
    )
    three = cut(np.random.RandomState(5).randn(2, 7), 2, 3)
    expect_each(
        function,
        truth,
        [
            ({**given, "s": 0.25}, "It is right for s = 0.1, and wrong for s = 0.25."),
            (
                {"shards": three, "labels": np.array([2, 6]), "s": 0.2},
                "It is right for two shards of 3 and 5 classes, and wrong for other ones.",
            ),
            ({"shards": cut(far, 1), "labels": np.array([3, 2]), "s": 0.1}, lost, lost),
        ],
    )
    return "A fourth number from each shard and row, the sum of its logits, makes the mean."
