"""Promise: attention is its definition, word by word; what a mask hides has no part in it."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lesson import recorded
from lesson.figures import mask_words, plot_attention, tabulate_masks
from lesson.taught import attention, masked_softmax
from tests.helpers import figure_reader as drawing

TYPES = (np.float16, np.float32, np.float64)


def loop(Q, K, V, allowed):
    """Return the outputs of one sentence, query by query and key by key, in float64."""
    out = np.zeros((len(Q), V.shape[1]))
    for i, q in enumerate(Q.astype(float)):
        keys = [j for j in range(len(K)) if allowed[i, j]]
        scores = [(q * K[j].astype(float)).sum() / np.sqrt(len(q)) for j in keys]
        exp = np.exp(np.array(scores) - max(scores, default=0))
        for j, share in zip(keys, exp / exp.sum() if keys else [], strict=True):
            out[i] += share * V[j].astype(float)
    return out


def random_sentences(r):
    """Return Q, K, V and a mask, each with batch axes that broadcast to one shape."""
    batch = tuple(r.randint(1, 4, r.randint(0, 3)))
    n, m, d, v = r.randint(1, 6, 4)

    def some(*sizes):
        kept = tuple(k if r.rand() < 0.8 else 1 for k in batch)
        return r.randn(*kept, *sizes)

    Q = r.randn(*batch, n, d)
    mask = some(n if r.rand() < 0.7 else 1, m) < r.choice([-0.5, 0.5, 9])
    return Q, some(m, d), some(m, v), mask


@pytest.mark.parametrize("dtype", TYPES)
def test_batches_with_masks_that_broadcast_agree_with_a_loop(dtype):
    r, spoilt = np.random.RandomState(3), 0
    for _ in range(200):
        Q, K, V, mask = random_sentences(r)
        Q, K, V = (A.astype(dtype) for A in (Q, K, V))
        batch, n, m = Q.shape[:-2], Q.shape[-2], K.shape[-2]
        full = np.broadcast_to(mask, (*batch, n, m))
        # What nobody may see is spoilt: whole keys, and single values of them.
        unseen = ~full.any(axis=(*range(len(batch)), -2))
        K[..., unseen, :] = np.nan
        V[..., unseen, :1] = np.inf
        spoilt += unseen.sum()
        with np.errstate(all="raise"):
            out = attention(Q, K, V, mask)
        assert (out.shape, out.dtype) == ((*batch, n, V.shape[-1]), dtype)
        k, v = (np.broadcast_to(A, batch + A.shape[-2:]) for A in (K, V))
        for place in np.ndindex(batch):
            right = loop(Q[place], k[place], v[place], full[place])
            np.testing.assert_allclose(out[place], right, 0, 40 * float(np.finfo(dtype).eps))
    assert spoilt > 50


@pytest.mark.parametrize("lost", [np.nan, np.inf, -np.inf])
def test_a_value_spoils_the_queries_that_may_see_it_and_no_other(lost):
    """Each query has a mask of its own, so that one's padding is another one's word."""
    r = np.random.RandomState(4)
    Q, K, V = r.randn(2, 5, 4), r.randn(2, 6, 4), r.randn(2, 6, 3)
    mask = r.rand(2, 5, 6) < 0.5
    V[0, 2, 1] = lost
    out = attention(Q, K, V, mask)
    clean = attention(Q, K, np.where(np.isfinite(V), V, 0), mask)
    sees = np.zeros(out.shape, bool)
    sees[0, :, 1] = mask[0, :, 2]
    assert 0 < sees.sum() < 5
    np.testing.assert_array_equal(out[sees], lost)
    np.testing.assert_allclose(out[~sees], clean[~sees], rtol=1e-13)


def test_the_future_can_change_and_earlier_outputs_keep_every_bit():
    r = np.random.RandomState(5)
    for n in (2, 5, 33):
        Q, K, V = r.randn(3, n, 16), r.randn(3, n, 16), r.randn(3, n, 16)
        causal = np.tril(np.ones((n, n), bool))
        now = attention(Q, K, V, causal)
        for j in range(1, n, 7):
            later_K, later_V = K.copy(), V.copy()
            later_K[:, j:], later_V[:, j:] = 1e6, -9
            later = attention(Q, later_K, later_V, causal)
            assert (now[:, :j] == later[:, :j]).all() and (now[:, j:] != later[:, j:]).any()


def test_a_query_alone_is_lost_with_its_own_nan_and_integers_do_not_wrap():
    Q = np.array([[np.nan, 0], [1, 0]])
    out = attention(Q, np.eye(2), np.eye(2))
    assert np.isnan(out[0]).all() and np.isfinite(out[1]).all()
    small = np.full((2, 4), 100, np.int8)
    assert attention(small, small, small).tolist() == [[100.0] * 4] * 2


@pytest.mark.parametrize(
    ("shapes", "says"),
    [
        (((2, 3), (4, 2), (4, 1)), r"Q \(2, 3\) and K \(4, 2\) must be rows of one length d"),
        (((3,), (4, 3), (4, 1)), r"Q \(3,\) and K \(4, 3\) must be rows"),
        (((2, 0), (4, 0), (4, 1)), "1 or more"),
        (((2, 3), (4, 3), (5, 1)), r"K \(4, 3\) and V \(5, 1\) must have as many rows"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(shapes, says):
    with pytest.raises(ValueError, match=says):
        attention(*map(np.ones, shapes))


RECORDED = [name for name in recorded.load()["cases"] if name.startswith("attention")]


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_cases_are_right_or_refused(name):
    case = recorded.load()["cases"][name]
    *vectors, mask = map(recorded.decode, case["inputs"].values())
    if mask.dtype != bool:
        with pytest.raises(TypeError, match="allowed has dtype"):
            attention(*vectors, mask)
        return
    np.testing.assert_allclose(attention(*vectors, mask), case["right"], rtol=1e-6)


# --- the figures ---

LEAK = np.array([[0.4, 0.6], [0, 1.0]])
MASK = np.tril(np.ones((2, 2), bool))


def test_a_map_shows_shares_masks_and_leaks_without_colour():
    own = masked_softmax(np.zeros((2, 2)), MASK)
    fig = plot_attention({"leaking": (LEAK, MASK), "masked": (own, MASK)}, ["in", "out"], "A title")
    words = drawing.words(fig)
    numbers = [word for word in words if word[-1].isdigit()]
    assert numbers == [".40", ".60", "0", "1", "1", ".50", ".50"]
    assert drawing.untidy(fig) == {}
    assert min(text.get_fontsize() for text in drawing.sheet(fig).texts) >= 14
    assert "thick frame" in " ".join(words)
    boxes = drawing.sheet(fig).patches
    frames = [box.get_linewidth() > 3 for box in boxes]
    assert frames == [False, True, False, False] + [False] * 4
    assert [box.get_hatch() for box in boxes] == [None, "///", None, None] * 2
    greys = [np.mean(box.get_facecolor()[:3]) for box in boxes[:4]]
    assert np.argsort(greys).tolist() == [3, 1, 0, 2]
    assert "leaking: .40 .60; 0 1. Not allowed: 1 shares." in fig.alt and len(fig.alt) <= 300
    FigureCanvasAgg(fig).draw()


@pytest.mark.parametrize(
    "panels", [{}, {"a": LEAK}, {"a": (LEAK, MASK.astype(int))}, {"a": (LEAK[:1], MASK)}]
)
def test_what_is_no_map_is_refused(panels):
    with pytest.raises(ValueError, match="must be"):
        plot_attention(panels, ["in", "out"], "A title")


def test_a_table_marks_what_is_not_right():
    results = {"one": [[0.5, 0.5], [np.nan, 1]], "two": [[0.5, 0.5], [0.2, 0.8]]}
    right = [[0.5, 0.5], [0, 1]]
    assert mask_words(results["one"], right) == ["right", "nan"]
    assert mask_words(results["two"], right) == ["right", "wrong"]
    lines = tabulate_masks(results, ["a", "b"], right).data.splitlines()
    assert lines[2:] == [
        "| one | 0.5, 0.5 | nan, 1 ✗ |",
        "| two | 0.5, 0.5 | 0.2, 0.8 ✗ |",
        "| right | 0.5, 0.5 | 0, 1 |",
    ]
