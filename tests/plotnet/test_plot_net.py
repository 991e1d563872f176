"""Promise: plot_net draws the network that it is given, with true numbers, and nothing overlaps."""

import itertools
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgb

from plotnet import plot_net, text
from plotnet.text import short_number
from tests.helpers import figure_reader as drawing

NAN, INF = np.nan, np.inf
KINDS = ["not finite", "zero", "negative", "positive"]
NETS = [
    ([1], (15, 6)), ([1, 1], (15, 6)), ([10, 7, 5], (15, 6)), ([10, 7, 5], (6, 3)),
    ([784, 128, 10], (15, 6)), ([3] * 8, (15, 6)), ([2, 30, 2], (15, 6)), ([50], (6, 3)),
    ([4, 4, 4], (4, 9)), ([5] * 15, (15, 6)), ([10, 7, 5], (1, 1)),
]  # fmt: skip


def assert_tidy(fig):
    assert drawing.untidy(fig) == {}


def labels(fig):
    return [text.get_text() for _, text in drawing.node_texts(fig)]


@pytest.fixture(scope="module")
def net():
    return plot_net([10, 7, 5], (15, 6))


def test_22_nodes_and_105_edges_behind_them(net):
    assert [len(layer) for layer in drawing.layers(net)] == [10, 7, 5]
    assert [len(lines) for lines in drawing.edges(net)] == [70, 35]
    behind = max(lines.get_zorder() for lines in drawing.edge_collections(net))
    assert behind < min(node.get_zorder() for node in drawing.nodes(net))


def test_labels_follow_the_notation_from_the_top(net):
    assert labels(net) == [
        *(f"$x_{{{j}}}$" for j in range(1, 11)),
        *(f"$a^{{(1)}}_{{{j}}}$" for j in range(1, 8)),
        *(f"$a^{{(2)}}_{{{j}}}$" for j in range(1, 6)),
    ]
    for layer in drawing.layers(net):
        heights = [node.center[1] for node in layer]
        assert heights == sorted(heights, reverse=True)


def test_captions_name_layers_and_maps_and_claim_no_function(net):
    maps = ["$W^{(0)}$: 7 × 10,  $b^{(0)}$: 7", "$W^{(1)}$: 5 × 7,  $b^{(1)}$: 5"]
    arrow = r"$\longrightarrow$"
    assert drawing.words(net)[22:] == [
        *("input layer, 10 nodes", "$X = Z^{(0)} = A^{(0)}$", "hidden layer, 7 nodes"),
        *("$A^{(1)}$", "output layer, 5 nodes", "$A^{(2)}$", arrow, maps[0], arrow, maps[1]),
    ]


def test_it_is_large(net):
    assert min(text.get_fontsize() for text in drawing.sheet(net).texts) >= 14
    column = [node.center[1] for node in drawing.layers(net)[0]]
    assert max(column) - min(column) > 0.75 * 6


@pytest.mark.parametrize(
    ("symbol", "label"),
    [
        ("$x$", "$x_{2}$"),
        ("Z", "Z₂"),
        ("logits $z^{(2)}$", "$z^{(2)}_{2}$"),
        (r"$a^{(1)} = \mathrm{ReLU}(z^{(1)})$", "$a^{(1)}_{2}$"),
        ("$z_{i=1}$", "${z_{i=1}}_{2}$"),
        (r"$\mathrm{softmax}(z^{(2)})$ of everything", "$2$"),
        ("a long description", "$2$"),
    ],
)
def test_a_symbol_names_caption_and_nodes(symbol, label):
    fig = plot_net([10, 4], (9, 6), symbols=[symbol, symbol])
    assert [name for name in labels(fig) if name == label] == [label] * 2
    assert drawing.words(fig).count(symbol) == 2
    assert_tidy(fig)


def test_captions_can_be_left_out():
    fig = plot_net([3, 2], captions=False)
    assert len(drawing.words(fig)) == 5
    with_captions = drawing.nodes(plot_net([3, 2]))[0].center[1]
    assert drawing.nodes(fig)[0].center[1] - drawing.nodes(fig)[2].center[1] > with_captions / 2


@pytest.mark.parametrize(("counts", "figsize"), NETS)
def test_nothing_overlaps_or_leaves_its_place(counts, figsize):
    assert_tidy(plot_net(counts, figsize))


@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    counts=st.lists(st.integers(1, 200), min_size=1, max_size=6),
    width=st.floats(2, 20),
    height=st.floats(2, 12),
    numbers=st.booleans(),
)
def test_nothing_overlaps_in_any_net(counts, width, height, numbers):
    shapes = list(zip(counts[1:], counts[:-1], strict=True))
    weights = [np.full(shape, -1.0) for shape in shapes] if numbers else None
    values = [np.linspace(-1.234, 20, n) for n in counts] if numbers else None
    assert_tidy(plot_net(counts, (width, height), weights=weights, values=values))


@pytest.mark.parametrize("counts", [[10, 7, 5], [784, 128, 10], [1, 1]])
def test_edges_run_from_circle_to_circle(counts):
    fig = plot_net(counts)
    pairs = itertools.pairwise(drawing.layers(fig))
    for (left, right), lines in zip(pairs, drawing.edges(fig), strict=True):
        expected = [(start, end) for end in right for start in left]
        for (tail, head), (start, end) in zip(lines, expected, strict=True):
            gap = np.subtract(end.center, start.center)
            unit = gap / np.hypot(*gap)
            assert tail == pytest.approx(start.center + start.radius * unit)
            assert head == pytest.approx(end.center - end.radius * unit)


def test_an_ellipsis_keeps_true_indices_and_counts():
    fig = plot_net([784, 128, 10])
    first = [f"$x_{{{j}}}$" for j in [1, 2, 3, 4, 5, 6, 780, 781, 782, 783, 784]]
    assert labels(fig)[:11] == first
    assert [len(layer) for layer in drawing.layers(fig)] == [11, 11, 10]
    assert [len(lines) for lines in drawing.edges(fig)] == [121, 110]
    assert "input layer, 784 nodes" in drawing.words(fig)
    assert "11 of 784 nodes of the input layer" in fig.alt
    dots = [dot for line in drawing.sheet(fig).lines for dot in zip(*line.get_data(), strict=True)]
    assert len(dots) == 6
    for dot, node in itertools.product(dots, drawing.nodes(fig)):
        assert np.hypot(*np.subtract(dot, node.center)) > node.radius


@pytest.mark.parametrize(("max_nodes", "drawn"), [(3, 2), (4, 3), (12, 11), (20, 20), (None, 20)])
def test_max_nodes(max_nodes, drawn):
    assert len(drawing.nodes(plot_net([20], max_nodes=max_nodes))) == drawn


def test_all_101_632_edges():
    """And no label is measured for circles that are too small for one letter."""
    with mock.patch.object(text, "text_to_path", wraps=text.text_to_path) as measured:
        fig = plot_net([784, 128, 10], max_nodes=None)
    assert measured.get_text_width_height_descent.call_count < 20
    assert [len(lines.get_paths()) for lines in drawing.edge_collections(fig)] == [100_352, 1_280]
    assert labels(fig) == []
    assert drawing.untidy(fig) == {}


@pytest.mark.parametrize(
    ("value", "two", "one"),
    [
        (0.0, "0", "0"), (-0.0, "0", "0"), (1.0, "1", "1"), (-3.0, "−3", "−3"),
        (0.67, "0.67", "0.7"), (-0.31, "−0.31", "−0.3"), (-0.04, "−0.04", "−0.04"),
        (0.0051, "0.01", "0.01"), (0.004999, "5e−3", "5e−3"), (3.856, "3.86", "3.9"),
        (0.996, "1.00", "1.0"), (9.94, "9.94", "9.9"), (9.96, "9.96", "10"), (9.996, "10.0", "10"),
        (12.34, "12.3", "12"), (99.96, "100", "100"), (-123.4, "−123", "−123"),
        (9999.4, "9999", "9999"), (9999.6, "1e4", "1e4"), (-1000.0, "−1000", "−1000"),
        (4e-5, "4e−5", "4e−5"), (5e-324, "5e−324", "5e−324"), (1.7e308, "2e308", "2e308"),
        (NAN, "nan", "nan"), (INF, "∞", "∞"), (-INF, "−∞", "−∞"),
    ],
)  # fmt: skip
def test_numbers_are_short_and_honest(value, two, one):
    assert (short_number(value), short_number(value, 1)) == (two, one)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 2))
def test_only_zero_reads_as_zero(value, digits):
    read = float(short_number(value, digits).replace("−", "-"))
    assert (read == 0) == (value == 0)
    assert np.sign(read) == np.sign(value)


def value_pixels(height, scale=1.0, weights=None):
    """Return the height in pixels of the numbers of 10-7-5, and their texts, in JupyterLab."""
    values = [np.linspace(-2.34, 2.1, n) * scale for n in (10, 7, 5)]
    fig = plot_net([10, 7, 5], (15, height), values=values, weights=weights)
    assert_tidy(fig)
    (size,) = {text.get_fontsize() for _, text in drawing.node_texts(fig)}
    # 15 inches are shown in 930 pixels.
    return size / 72 * 930 / 15, labels(fig)


def test_digits_are_readable():
    weights = [np.ones((7, 10)), -np.ones((5, 7))]
    # Two decimals where they can be 11 pixels large, and four digits with a sign.
    pixels, texts = value_pixels(8, weights=weights)
    assert pixels >= 11
    assert texts[0] == "$−2.34$"
    assert value_pixels(8, 1000, weights)[0] >= 11
    # On less height, one decimal.
    pixels, texts = value_pixels(6)
    assert pixels >= 11
    assert texts[0] == "$−2.3$"
    assert value_pixels(6, weights=weights)[0] >= 10.5


def looks(fig):
    return {text.get_text(): (node, text) for node, text in drawing.node_texts(fig)}


def test_colour_shows_magnitude_and_dashes_show_the_sign():
    shown = looks(plot_net([3], values=[[0, -1.5, 3]]))
    zero, half, full = (shown[key][0] for key in ["$0$", "$−1.50$", "$3$"])
    brightness = [sum(node.get_facecolor()[:3]) for node in (zero, half, full)]
    assert brightness[0] == 3 > brightness[1] > brightness[2]
    assert half.get_linestyle() not in ("-", "solid")
    assert full.get_linestyle() in ("-", "solid")


def test_nan_and_inf_are_hatched_bold_and_boxed():
    fig = plot_net([4], values=[[NAN, INF, -INF, 1]])
    shown = looks(fig)
    hatches = {key: node.get_hatch() or None for key, (node, _) in shown.items()}
    assert hatches == {
        r"$\mathbf{nan}$": "////",
        r"$\mathbf{∞}$": "xx",
        r"$\mathbf{−∞}$": "xx",
        "$1$": None,
    }
    for key in hatches.keys() - {"$1$"}:
        node, text = shown[key]
        assert node.get_linewidth() > 2 * shown["$1$"][0].get_linewidth()
        assert text.get_bbox_patch().get_facecolor() == (1, 1, 1, 1)
    assert_tidy(fig)
    assert "Values shown: input layer nan, ∞, −∞, 1." in fig.alt


def test_black_text_stands_out_on_every_fill():
    for fig in (plot_net([1, 1, 1]), plot_net([2, 2, 2], values=[[1, 0.5]] * 3)):
        for node in drawing.nodes(fig):
            assert drawing.contrast((0, 0, 0), to_rgb(node.get_facecolor())) >= 4.5


@pytest.mark.parametrize("values", [[[0, 0, 0], [NAN, NAN]], [[1.7e308, 5e-324, -1.7e308], [1, 2]]])
def test_extreme_values_do_not_overflow(values):
    with np.errstate(all="raise"):
        assert_tidy(plot_net([3, 2], values=values))


def test_weights_show_as_width_and_dash():
    fig = plot_net([3, 2], weights=[[[1, -2, 4], [0, NAN, -INF]]])
    (lines,) = drawing.edge_collections(fig)
    widths, dashes = lines.get_linewidths(), [dash for _, dash in lines.get_linestyles()]
    assert widths[1] == pytest.approx(2 * widths[0])
    assert widths[2] == pytest.approx(4 * widths[0])
    assert widths[3] < widths[0]
    assert widths[4] == widths[5] == widths[2]
    assert dashes[0] is dashes[2] is dashes[3] is None
    assert dashes[1] is not None
    assert dashes[4] == dashes[5] != dashes[1]
    assert "1 negative" in fig.alt
    assert "2 not finite" in fig.alt


@pytest.mark.parametrize("width", [15, 4, 2])
def test_the_legend_names_the_kinds_that_occur(width):
    for weights in ([1, -1, 0, NAN], [1, -1, 1, -1]):
        fig = plot_net([4, 1], (width, 3), weights=[[weights]])
        named = [word for word in drawing.words(fig) if word in KINDS]
        assert named == KINDS[-len(set(weights)) :]
        assert_tidy(fig)


def test_weights_of_the_drawn_nodes_are_picked():
    weights = np.zeros((30, 20))
    weights[29, 19] = 1
    (lines,) = drawing.edge_collections(plot_net([20, 30], weights=[weights]))
    widths = lines.get_linewidths()
    assert np.flatnonzero(widths == max(widths)) == [len(widths) - 1]


def test_inputs_stay_as_they_were():
    values, weights = [np.array([1, 2]), np.array([3])], [np.array([[1, 2]])]
    plot_net([2, 1], values=values, weights=weights)
    assert [v.tolist() for v in values] == [[1, 2], [3]]
    assert weights[0].tolist() == [[1, 2]]


@pytest.mark.parametrize("counts", [(3, 2), np.array([3, 2]), range(3, 1, -1), [np.int8(3), 2]])
def test_any_sequence_of_integers(counts):
    assert len(drawing.nodes(plot_net(counts))) == 5


def test_a_given_ax_keeps_its_figure_and_gets_the_alt_text():
    fig, axes = plt.subplots(1, 2, figsize=(12, 4))
    try:
        assert plot_net([3, 2], ax=axes[1]) is fig
        assert plt.gcf() is fig
        assert [len(ax.patches) for ax in axes] == [0, 5]
        assert axes[1].alt == plot_net([3, 2]).alt
    finally:
        plt.close(fig)


def test_alt_text_states_the_numbers(net):
    assert net.alt == (
        "Fully connected network drawn left to right: 10 input nodes, 7 hidden nodes, "
        "5 output nodes, joined by 70 + 35 = 105 edges."
    )
    assert plot_net([1]).alt == "One layer of 1 node."
    assert "1 input node, 1 output node, joined by 1 edge." in plot_net([1, 1]).alt
