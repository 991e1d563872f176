"""Promise: the README stays short, and its numbers are those of the notebooks."""

import re

import numpy as np
import pytest

from lesson.taught import log_softmax, naive_softmax, softmax
from tests.helpers.project import none_of
from tools.notebook import NOTEBOOKS, ROOT, header, read

README = (ROOT / "README.md").read_text(encoding="utf-8")


def log_softmax_with_epsilon(logits):
    return np.log(softmax(logits) + 1e-7)


# What each row of the table claims to be.
VERSIONS = {
    "naive softmax": naive_softmax,
    "subtract the maximum first": softmax,
    "then take the logarithm": lambda z: np.log(softmax(z)),
    "add 1e-7 before it": log_softmax_with_epsilon,
    "log-softmax, the fused form": log_softmax,
}


def rows():
    """Return {version: its numbers as the README writes them}."""
    found = re.findall(r"^\| ([^|]+) \| ([^|]+) \| [^|]+ \|$", README, flags=re.MULTILINE)
    return {name: result.split(", ") for name, result in found if name in VERSIONS}


def shown(text):
    return float(text.replace("−", "-").replace("∞", "inf"))


def test_the_two_minute_tour_is_true():
    logits = np.array([1000.0, 1000, 100])
    assert "Give it the logits 1000, 1000 and 100" in README
    assert rows().keys() == VERSIONS.keys()
    for name, texts in rows().items():
        with np.errstate(all="ignore"):
            result = VERSIONS[name](logits)
        for text, value in zip(texts, result, strict=True):
            decimals = len(text.partition(".")[2])
            assert np.array_equal(shown(text), np.round(value, decimals), equal_nan=True), name
    limit = float(re.search(r"e\^\{(\d+\.\d+)\}", README)[1])
    assert limit == round(float(np.log(np.finfo(float).max)), 2)


@pytest.mark.parametrize("page", ["README.md", "teaching/README.md"])
def test_the_table_has_a_row_for_each_notebook_with_its_title(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(.+?)\]\(\S*notebooks/(\w+\.ipynb)\)", text, re.MULTILINE)
    expected = [(header(read(path)).title, path.name) for path in NOTEBOOKS]
    missing = [each for each in expected if each not in rows]
    none_of(f"{page}: its table needs a row for {title}, {name}" for title, name in missing)
    assert len(rows) == len(expected), f"{page}: a row too many"


def test_the_readme_is_short_and_shows_the_network():
    assert len(README.splitlines()) < 115
    for place in ("docs/net.png", "docs/story.png", "docs/field_guide.md"):
        assert f"]({place})" in README
    for goal in ("lab", "test", "site"):
        assert f"make {goal}" in README
