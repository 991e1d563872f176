"""Promise: to_bfloat16 is exact, and what notebook 08 says of small types holds from any start."""

import warnings

import ml_dtypes
import numpy as np
import pytest
from sklearn.datasets import load_digits

from lesson import taught
from lesson.taught import to_bfloat16

HEADS = {name: getattr(taught, f"{name}_head") for name in ("naive", "shifted", "eps", "clip")}
SEEDS = range(20)
TYPES = {"float16": np.float16, "bfloat16": to_bfloat16, "float32": np.float32}


# --- the rounding, against a library that has the type ---


def float32_of(bits):
    return np.asarray(bits, np.uint32).view(np.float32)


def upper_halves():
    """Every bfloat16, and what lies a hair, half a step and nearly a step above it."""
    upper = np.arange(65536, dtype=np.uint32) << 16
    return np.concatenate([upper + low for low in (0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF)])


def random_bits():
    return np.random.RandomState(0).randint(0, 2**32, 1_000_000, dtype=np.uint64)


@pytest.mark.parametrize("bits", [upper_halves, random_bits])
def test_to_bfloat16_is_exact_in_every_bit(bits):
    x = float32_of(bits())
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = x.astype(ml_dtypes.bfloat16).astype(np.float32)
        got = to_bfloat16(x)
    assert got.dtype == np.float32 and got.shape == x.shape
    there = ~np.isnan(x)
    np.testing.assert_array_equal(got[there].view(np.uint32), expected[there].view(np.uint32))
    assert np.isnan(got[~there]).all() and np.isnan(x).any()


def test_it_rounds_once_keeps_shapes_and_changes_nothing():
    """A float64 a hair above a tie is above it, though float32 would not see that."""
    assert to_bfloat16(1 + 2.0**-8 + 2.0**-40) == np.float32(1 + 2.0**-7)
    assert to_bfloat16(1 + 2.0**-8) == 1
    x = np.array([[1.001, -2.003, 7]])
    rounded = to_bfloat16(x)
    assert rounded.tolist() == [[1, -2, 7]] and x.tolist() == [[1.001, -2.003, 7]]
    np.testing.assert_array_equal(to_bfloat16(rounded), rounded)
    assert to_bfloat16(3).shape == () and to_bfloat16([]).shape == (0,)
    with pytest.warns(RuntimeWarning, match="overflow"):
        assert to_bfloat16(3.4e38) == np.inf


# --- what the types can hold: numbers of the page that follow from ml_dtypes alone ---


def kinds():
    return {
        "bfloat16": ml_dtypes.bfloat16,
        "float16": np.float16,
        "E5M2": ml_dtypes.float8_e5m2,
        "E4M3": ml_dtypes.float8_e4m3fn,
    }


@pytest.mark.parametrize(
    ("name", "sticks", "largest", "last", "beyond", "winner"),
    [
        ("bfloat16", 256, 3.3895313892515355e38, 88.5, 89, 6),
        ("float16", 2048, 65504, 11.0859375, 11.09375, 8),
        ("E5M2", 8, 57344, 10, 12, 2),
        ("E4M3", 16, 448, 6, 6.5, 3),
    ],
)
def test_limits(name, sticks, largest, last, beyond, winner):
    """exp is finite up to one number of the type, and not at the next one."""
    kind = kinds()[name]
    assert float(ml_dtypes.finfo(kind).max) == largest
    total = kind(0)
    for _ in range(3000):
        total = kind(float(total) + 1)
    assert float(total) == sticks
    with np.errstate(all="ignore"):
        assert float(np.nextafter(kind(last), kind(beyond))) == beyond
        assert np.isfinite(np.exp([last, beyond]).astype(kind).astype(float)).tolist() == [1, 0]
    exp = np.exp(-np.arange(12.0)).astype(kind).astype(float)
    total = (1 + exp).astype(kind).astype(float)
    assert np.argmax((1 / total).astype(kind).astype(float) == 1) == winner


@pytest.mark.parametrize(("kind", "winner"), [(ml_dtypes.bfloat16, 7), (np.float16, 9)])
def test_a_winner_that_is_rounded_once_is_1_from_a_larger_gap_on(kind, winner):
    p = (1 / (1 + np.exp(-np.arange(12.0)))).astype(kind).astype(float)
    assert np.argmax(p == 1) == winner


def test_two_equal_logits_in_bfloat16_are_right_then_zeros_then_nan():
    with np.errstate(all="ignore"):
        exp = np.exp([[88, 88], [88.5, 88.5], [89, 89]]).astype(ml_dtypes.bfloat16)
        p = (exp / (exp[:, :1] + exp[:, 1:])).astype(float)
    np.testing.assert_array_equal(p, [[0.5, 0.5], [0, 0], [np.nan, np.nan]])


def test_e4m3_has_no_infinity():
    kind = ml_dtypes.float8_e4m3fn
    with np.errstate(all="ignore"):
        assert float(kind(464)) == 448 and np.isnan(float(kind(465)))


def test_offset_and_price_of_the_z_loss():
    """float16 keeps 3, 1, 0 up to 1024, float32 up to 2**23; z-loss moves p by 0.004."""
    logits = np.array([3.0, 1, 0])
    for store, last in ((np.float16, 2**10), (to_bfloat16, 2**7), (np.float32, 2**23)):
        assert (store(logits + last) - store(last) == logits).all()
        assert (store(logits + 2 * last) - store(2 * last) != logits).any()
    y, c = taught.softmax(logits), 0.01
    z = logits + 256
    for _ in range(1000):
        p = taught.softmax(z)
        z = z - (p - y + 2 * c * taught.logsumexp(z) * p)
    assert taught.softmax(z).round(4).tolist() == [0.8399, 0.1158, 0.0444]

    def objective(z):
        return -(y * taught.log_softmax(z)).sum() + c * taught.logsumexp(z) ** 2

    z, h = np.array([2.0, -1, 0.5]), 1e-6
    p = taught.softmax(z)
    slopes = [(objective(z + h * e) - objective(z - h * e)) / (2 * h) for e in np.eye(3)]
    np.testing.assert_allclose(slopes, p - y + 2 * c * taught.logsumexp(z) * p, atol=1e-8)


def test_the_recording_holds_what_the_text_says_of_article_and_libraries():
    from lesson.recorded import result

    assert result("sum of softmax: 5000 in float16", "mxnet") == "2.441 ✗"
    assert result("sum of softmax: 5000 in float16", "torch") == "1"
    assert float(to_bfloat16(5000)) == 4992


# --- the runs, from twenty starts ---


@pytest.fixture(scope="module")
def digits():
    pixels, labels = load_digits(n_class=5, return_X_y=True)
    test = np.arange(len(labels)) % 5 == 4
    return taught.principal_features(pixels[~test], pixels[test])[0], labels[~test]


def cast(params, store):
    return [(store(W), store(b)) for W, b in params]


def nan_parameters(params):
    return sum(int(np.isnan(array).sum()) for pair in params for array in pair)


@pytest.mark.parametrize("seed", SEEDS)
def test_in_float16_four_heads_die_at_once_and_the_fused_one_learns(digits, seed):
    X, labels = digits
    start = cast(taught.init_params([10, 7, 5], seed), np.float16)
    for name, head in HEADS.items():
        params, (loss, *_) = taught.train(X.astype(np.float16), labels, start, head, 2, 0.1)
        assert nan_parameters(params) == 117, name
        assert np.isfinite(loss[0]) == (name in ("eps", "clip"))
        assert np.isnan(loss[1])
    head = taught.fused_head
    params, (loss, *_) = taught.train(X.astype(np.float16), labels, start, head, 12, 0.1)
    assert nan_parameters(params) == 0 and loss[-1] < loss[0] / 3


def final(digits, seed, keep, steps=100):
    """Return the last loss of a run whose weights are kept by `keep`."""
    X, labels = digits
    params, X = cast(taught.init_params([10, 7, 5], seed), np.float32), to_bfloat16(X)
    for _ in range(steps):
        used = cast(params, to_bfloat16)
        entering, Z = taught.forward_layers(X, used)
        loss, dZ = taught.fused_head(Z, labels)
        pairs = zip(params, taught.backward(entering, dZ, used), strict=True)
        params = [(keep(W - 3e-4 * dW), keep(b - 3e-4 * db)) for (W, b), (dW, db) in pairs]
    return loss


@pytest.mark.parametrize("seed", SEEDS)
def test_master_weights_win_from_every_start(digits, seed):
    assert final(digits, seed, np.float32) < 0.9 * final(digits, seed, to_bfloat16)


@pytest.mark.parametrize("seed", range(6))
def test_without_a_scale_small_gradients_are_lost(seed):
    losses = []
    for scale in (1, 1024):
        X, labels = taught.make_data(seed, scale=1)
        params = taught.init_params([10, 7, 5], seed + 1)
        for _ in range(200):
            entering, Z = taught.forward_layers(X, params)
            loss, dZ = taught.fused_head(Z, labels)
            stored = np.float16(scale * dZ / 65536).astype(float)
            pairs = zip(params, taught.backward(entering, stored, params), strict=True)
            lr = 0.1 * 65536 / scale
            params = [(W - lr * dW, b - lr * db) for (W, b), (dW, db) in pairs]
        losses.append(loss)
    assert losses[0] > 4 * losses[1]


# --- the one experiment, in other types ---


def experiment(store, version):
    """Return the outcomes of the five inputs, each step rounded."""
    found = []
    for z in taught.INPUTS:
        right, z = taught.log_softmax(np.array(z, float)), store(np.array(z, float))
        gaps = z if version == "naive" else store(z - z.max())
        exp = store(np.exp(gaps))
        total = store(exp.sum(dtype=float))
        p = store(exp / total)
        logs = {
            "direct": lambda gaps=gaps, total=total: store(gaps - store(np.log(total))),
            "+ 1e-7": lambda p=p: store(np.log(store(p + store(1e-7)))),
        }.get(version, lambda p=p: store(np.log(p)))().astype(float)
        kind = "nan" if np.isnan(logs).any() else "-inf" if np.isinf(logs).any() else "wrong"
        found.append("right" if np.allclose(logs, right, rtol=0.01, atol=0.01) else kind)
    return found


@pytest.mark.parametrize(
    ("version", "name", "last_three"),
    [
        *(("naive", name, ["nan", "nan", "nan"]) for name in TYPES),
        *(("+ 1e-7", name, ["wrong", "wrong", "wrong"]) for name in TYPES),
        ("detour", "float16", ["-inf", "-inf", "-inf"]),
        ("detour", "bfloat16", ["-inf", "-inf", "-inf"]),
        ("detour", "float32", ["-inf", "-inf", "right"]),
        ("direct", "float16", ["right", "-inf", "right"]),
        ("direct", "bfloat16", ["right", "right", "wrong"]),
        ("direct", "float32", ["right", "right", "right"]),
    ],
)
@np.errstate(all="ignore")
def test_the_one_experiment_in_each_type(version, name, last_three):
    assert experiment(TYPES[name], version) == ["right", "right", *last_three]
