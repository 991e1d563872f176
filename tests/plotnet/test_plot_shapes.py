"""What plot_shapes draws, read back from the figure."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.patches import Rectangle

from plotnet import plot_shapes
from tests.helpers import figure_reader as drawing

FORWARD = [
    (r"$X$", ("m", 10)),
    "·",
    (r"$W^{(0)\top}$", (10, 7)),
    "+",
    (r"$b^{(0)}$", (7,)),
    "=",
    (r"$Z^{(1)}$", ("m", 7)),
]


def outlines(fig):
    """Return the rectangle of each block, from left to right."""
    patches = [p for p in drawing.sheet(fig).patches if isinstance(p, Rectangle) and not p.fill]
    return sorted(patches, key=Rectangle.get_x)


def shaded(fig):
    """Return the hatched rows."""
    return [patch for patch in drawing.sheet(fig).patches if patch.get_hatch()]


def assert_tidy(fig):
    assert drawing.untidy(fig) == {}
    width, height = fig.get_size_inches()
    blocks = outlines(fig)
    for block in blocks:
        assert block.get_x() >= 0
        assert block.get_x() + block.get_width() <= width
        assert block.get_y() >= 0
        assert block.get_y() + block.get_height() <= height
    for left, right in itertools.pairwise(blocks):
        assert left.get_x() + left.get_width() < right.get_x()


@pytest.fixture(scope="module")
def forward():
    return plot_shapes(FORWARD)


def test_blocks_are_in_proportion_and_fill_the_canvas(forward):
    sizes = np.array([(b.get_height(), b.get_width()) for b in outlines(forward)])
    assert sizes / sizes[2, 0] == pytest.approx(np.array([(6, 10), (10, 7), (1, 7), (6, 7)]))
    assert sizes[:, 1].sum() > 0.7 * 12
    assert sizes[:, 0].max() > 0.7 * 4


def test_labels_operators_and_shapes_are_written_large(forward):
    sizes = {text.get_text(): text.get_fontsize() for text in drawing.sheet(forward).texts}
    assert min(sizes.values()) >= 14
    for term in FORWARD:
        assert term in sizes if isinstance(term, str) else sizes[term[0]] >= 20
    for shape in ["($m$ × 10)", "(10 × 7)", "(7,)", "($m$ × 7)", "broadcast over $m$ rows"]:
        assert shape in sizes


def test_the_first_row_of_each_batch_is_shaded(forward):
    blocks = outlines(forward)
    assert [row.get_x() for row in shaded(forward)] == [blocks[0].get_x(), blocks[3].get_x()]
    for row, block in zip(shaded(forward), [blocks[0], blocks[3]], strict=True):
        assert row.get_y() + row.get_height() == pytest.approx(block.get_y() + block.get_height())


def test_a_vector_is_broadcast_only_over_symbolic_rows():
    assert "(7,)" in drawing.words(plot_shapes([("$b$", (7,))]))
    assert not any("broadcast" in word for word in drawing.words(plot_shapes([("$b$", (7,))])))


def test_alt_text(forward):
    assert forward.alt == (
        "Matrices drawn as blocks with their shapes: "
        "X (m × 10) · W(0) transposed (10 × 7) + b(0) (7,) = Z(1) (m × 7). "
        "Broadcast over the rows: b(0). "
        "One row is one sample in X, Z(1); the first is shaded."
    )


dimensions = st.one_of(st.integers(1, 1000), st.sampled_from(["m", "n"]))
pairs = st.tuples(
    st.sampled_from(["$X$", "$W^{(0)}$", "logits"]),
    st.lists(dimensions, min_size=1, max_size=2).map(tuple),
)


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.lists(pairs, min_size=1, max_size=5), st.floats(4, 15), st.floats(2, 8))
def test_nothing_overlaps(matrices, width, height):
    terms = [term for pair in matrices for term in (pair, "+")][:-1]
    assert_tidy(plot_shapes(terms, (width, height)))


@pytest.mark.parametrize("figsize", [(12, 4), (6, 2), (6, 6), (20, 3)])
def test_any_canvas(figsize):
    assert_tidy(plot_shapes(FORWARD, figsize))
