"""Promise: a slider computes what the notebooks define, and everyone can move it."""

import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
import numpy as np
import pytest
from chromium import PATIENCE, listen, violations
from plotnet.sliders import _MODULE, GapSlider, PrecisionSlider, SoftmaxSlider, static_script
from series import ROOT, definitions

DTYPES = [np.float16, np.float32, np.float64]
by_dtype = pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
# In units of eps: exp of two libraries, and a sum in another order.
CLOSE = 8

ASK = """async ([source, name, inputs, dtype]) => {
    const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
    const answers = (await import(url))[name];
    const plain = (x) => typeof x === "number" ? String(x) :
        Array.isArray(x) ? x.map(plain) :
        Object.fromEntries(Object.entries(x).map(([key, value]) => [key, plain(value)]));
    return inputs.map((input) => plain(answers(input, dtype)));
}"""


@pytest.fixture(scope="module")
def ask(browser):
    """A function that sends inputs through one of the functions of sliders.js."""
    page = browser.new_page()
    heard = listen(page)

    def call(name, inputs, dtype):
        return page.evaluate(ASK, [_MODULE, name, inputs, np.dtype(dtype).name])

    yield call
    assert heard == []
    page.close()


def random_rows(dtype, count=600):
    """Rows of 2 to 8 logits around both ends of exp in `dtype`, and far beyond."""
    r = np.random.RandomState(11)
    reach = {np.float16: 24, np.float32: 120, np.float64: 800}[dtype]
    rows = []
    for i in range(count):
        center = r.uniform(-reach, reach) * (20 if i % 7 == 0 else 1)
        spread = r.choice([0, 0.5, 3, reach])
        rows.append((center + spread * r.randn(r.randint(2, 9))).astype(dtype))
    # Where only the sum overflows is too small a place to be met by chance.
    limit = np.log(np.finfo(dtype).max)
    pairs = [np.array([z, z], dtype) for z in limit - r.uniform(0.1, 0.6, 20).astype(dtype)]
    return [*rows, *pairs, np.array([1000, 1000, 100], dtype)]


def assert_same(got, expected, dtype, what):
    """nan, inf and 0 in the same places, the other numbers equal up to rounding."""
    got, expected = np.array(got, dtype=float), np.asarray(expected, dtype=float)
    assert got.shape == expected.shape, what
    assert (np.isnan(got) == np.isnan(expected)).all(), what
    assert (np.isinf(got) == np.isinf(expected)).all(), what
    assert ((got == 0) == (expected == 0)).all(), what
    there = np.isfinite(expected)
    info = np.finfo(dtype)
    allowed = CLOSE * float(info.eps) * np.abs(expected) + 2 * float(info.smallest_subnormal)
    with np.errstate(invalid="ignore"):
        assert (np.abs(got - expected) <= allowed)[there].all(), (what, got, expected)
    assert (got[np.isinf(got)] == expected[np.isinf(got)]).all(), what


@by_dtype
@pytest.mark.parametrize(
    ("name", "number", "taught"),
    [
        ("naiveSoftmax", 3, "naive_softmax"),
        ("softmax", 4, "softmax"),
        ("logSoftmax", 5, "log_softmax"),
    ],
)
def test_rows(ask, dtype, name, number, taught):
    rows = random_rows(dtype)
    answers = ask(name, [row.tolist() for row in rows], dtype)
    define = definitions(number)[taught]
    kinds = set()
    for row, answer in zip(rows, answers, strict=True):
        with np.errstate(all="ignore"):
            expected = define(row)
        assert expected.dtype == dtype
        assert_same(answer, expected, dtype, (name, row))
        kinds.add("nan" if np.isnan(expected).any() else "zeros" if not expected.any() else "right")
    assert kinds == ({"nan", "zeros", "right"} if name == "naiveSoftmax" else {"right"})


def taught_losses(gap, dtype):
    """Loss and gradient of the four versions, from the definitions and formulas of notebook 05."""
    define = definitions(5)
    z = np.array([0, gap], dtype)
    with np.errstate(all="ignore"):
        naive, p = define["naive_softmax"](z)[0], define["softmax"](z)[0]
        log_p = define["log_softmax"](z)[0]

        def of_probability(p, eps):
            return p, -np.log(p + eps), (p - 1) * (p / (p + eps))

        return {
            "naive": of_probability(naive, dtype(0)),
            "shifted": of_probability(p, dtype(0)),
            "epsilon": of_probability(p, dtype(1e-7)),
            "logsumexp": (dtype(0), -log_p, np.expm1(log_p)),
        }


@by_dtype
def test_losses(ask, dtype):
    reach = {np.float16: 24, np.float32: 120, np.float64: 800}[dtype]
    r = np.random.RandomState(12)
    gaps = np.concatenate([r.uniform(-20, reach, 300), [0, 16.118, reach]]).astype(dtype)
    answers = ask("losses", gaps.tolist(), dtype)
    eps, smallest = float(np.finfo(dtype).eps), float(np.finfo(dtype).smallest_subnormal)
    seen = set()
    for gap, answer in zip(gaps, answers, strict=True):
        for version, (p, loss, gradient) in taught_losses(gap, dtype).items():
            got, p = answer[version], float(p)
            # How far rounding may move p: in relative terms for log, in absolute ones for p - 1.
            off = eps + smallest / p if p else 0
            assert_near(got["loss"], loss, CLOSE * (eps * abs(loss) + off), (version, gap))
            room = CLOSE * ((eps + off) * abs(gradient) + eps * p + smallest)
            assert_near(got["gradient"], gradient, room, (version, gap))
            seen.add((version, bool(np.isfinite(loss)), bool(np.isfinite(gradient))))
    assert {("naive", False, False), ("shifted", False, False)} <= seen
    assert ("logsumexp", True, True) in seen
    assert ("logsumexp", False, False) not in seen


def assert_near(got, expected, room, what):
    """The same nan, the same infinity, or a number at most `room` away."""
    got, expected = float(got), float(expected)
    if np.isfinite(expected):
        assert abs(got - expected) <= room, (what, got, expected)
    else:
        assert str(got) == str(expected), (what, got, expected)


def test_float16_rounds_as_numpy_does(ask):
    r = np.random.RandomState(13)
    x = np.concatenate([r.randn(2000) * 10.0 ** r.randint(-9, 6, 2000), [65519.9, 65520, -3e-8, 0]])
    x = np.concatenate([x, np.arange(65536, dtype=np.uint16).view(np.float16).astype(float)[::37]])
    x = x[np.isfinite(x)].astype(np.float32).astype(float)
    got = np.array([float(value) for value in ask("toFloat16", x.tolist(), np.float16)])
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(got, x.astype(np.float16).astype(float))
