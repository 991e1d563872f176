"""Promise: DynamicShow saves, shows and cleans up its canvas, whatever happens in its block."""

import itertools

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.patches import Circle
from PIL import Image, ImageSequence

from plotnet import DynamicShow, dynamic
from plotnet.brushes import EdgeBrush, NodeBrush, connecta2a, node_sequence


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plt.close("all")  # whatever other tests left
    yield
    plt.close("all")


@pytest.fixture
def alts(monkeypatch):
    """Collect what is shown."""
    shown = []
    monkeypatch.setattr(dynamic, "show", lambda fig, alt: shown.append(alt))
    return shown


def draw_two_nodes(ds):
    brush = NodeBrush("nn.input", ds.ax)
    left, right = brush >> (0, 0), brush >> (2, 0)
    EdgeBrush("->", ds.ax) >> (left, right)
    left.text("$x_1$")


def test_it_tidies_saves_shows_once_and_closes(tmp_path, alts):
    ds = DynamicShow((3, 2), "net", fps=2)
    assert (ds.figsize, str(ds.filename), ds.fps, ds.steps) == ((3, 2), "net.svg", 2, [])
    assert ds.fig is ds.ax is None
    with ds:
        draw_two_nodes(ds)
    assert [path.name for path in tmp_path.iterdir()] == ["net.svg"]
    assert alts == ["Drawing of 2 circles, 1 other shape, 1 line, 1 label."] == [ds.fig.alt]
    assert plt.get_fignums() == []
    assert ds.ax.get_aspect() == 1
    assert not ds.ax.axison
    assert tuple(ds.fig.get_size_inches()) == (3, 2)


def test_given_alt_text_is_used(alts):
    with DynamicShow(alt="Two nodes."):
        pass
    assert alts == ["Two nodes."]


def test_the_previous_figure_is_current_again():
    first, other = plt.figure(), plt.figure()
    with DynamicShow() as ds:
        assert plt.gcf() is ds.fig
        assert plt.gca() is ds.ax
        plt.figure(first.number)
    assert plt.gcf() is other
    assert len(plt.get_fignums()) == 2


def test_an_error_in_the_block_or_a_step_leaves_nothing_behind(tmp_path, alts):
    other, before = plt.figure(), dict(matplotlib.rcParams)
    with pytest.raises(ZeroDivisionError), DynamicShow(filename="net"):
        1 / 0  # noqa: B018
    with pytest.raises(ZeroDivisionError), DynamicShow((2, 1), "steps.gif", dpi=50) as ds:
        ds.steps.append(lambda: 1 / 0)
    assert list(tmp_path.iterdir()) == alts == []
    assert plt.get_fignums() == [other.number]
    assert plt.gcf() is other
    assert dict(matplotlib.rcParams) == before


def test_settings_are_untouched():
    with matplotlib.rc_context({"svg.hashsalt": "the reader's", "figure.dpi": 61}):
        before, interactive = dict(matplotlib.rcParams), matplotlib.is_interactive()
        with DynamicShow() as ds:
            draw_two_nodes(ds)
        assert dict(matplotlib.rcParams) == before
        assert matplotlib.is_interactive() == interactive


def test_a_figure_that_the_block_closes_stays_closed():
    plt.figure()
    with DynamicShow():
        plt.close(plt.get_fignums()[0])
    assert plt.get_fignums() == []


def test_defaults():
    """Six by four inches at 300 dots per inch; one frame a second."""
    for name in ("still.png", "moving.gif"):
        with DynamicShow(filename=name):
            pass
        with Image.open(name) as image:
            assert image.size == (1800, 1200)
    with DynamicShow((1, 1), "moving.gif") as ds:
        ds.steps.append(lambda: None)
    with Image.open("moving.gif") as image:
        assert image.info["duration"] == 1000


def test_text_is_black_in_a_dark_style():
    with plt.style.context("dark_background"), DynamicShow() as ds:
        text = (NodeBrush("basic", ds.ax) >> (0, 0)).text("x")
    assert text.get_color() == "black"
    assert ds.fig.get_facecolor()[:3] == (1, 1, 1)


def column(ds, theme, count, x):
    return node_sequence(NodeBrush(theme, ds.ax, size=0.4), count, center=(x, 0), space=(0, 1))


def nothing(ds):
    """Two steps that draw nothing."""
    column(ds, "nn.input", 2, 0)
    return [lambda: None] * 2


def nodes_that_move_the_view(ds):
    return [lambda x=x: NodeBrush("nn.input", ds.ax, size=0.4) >> (x, 0) for x in range(3)]


def a_layer_and_then_its_edges(ds):
    first, later = column(ds, "nn.input", 3, 0), []
    join = lambda: connecta2a(first, later[0], EdgeBrush("-", ds.ax))  # noqa: E731
    return [lambda: later.append(column(ds, "nn.output", 2, 4)), join]


def a_node_that_changes_and_goes(ds):
    circle = ds.ax.add_patch(Circle((0, 0), 1, color="black"))
    text = ds.ax.text(4, 0, "before")
    return [lambda: circle.set_color("red"), lambda: text.set_text("after"), circle.remove]


STEPS = [
    nothing,
    nodes_that_move_the_view,
    a_layer_and_then_its_edges,
    a_node_that_changes_and_goes,
]


def frames(name):
    with Image.open(name) as image:
        return [
            np.asarray(frame.convert("RGB")).astype(int) for frame in ImageSequence.Iterator(image)
        ]


@pytest.mark.parametrize("draw", STEPS)
def test_a_gif_follows_the_steps(draw):
    """A frame before the first and one after each, all seen as the last, which is the PNG's."""
    for name in ("steps.gif", "steps.png"):
        with DynamicShow((3, 2), name, dpi=60, fps=4) as ds:
            ds.steps += draw(ds)
    seen, (still,) = frames("steps.gif"), frames("steps.png")
    assert len(seen) == len(ds.steps) + 1
    assert Image.open("steps.gif").info["duration"] == 250
    assert np.abs(seen[-1] - still).max() <= 16
    changed = [np.abs(a - b).max() > 50 for a, b in itertools.pairwise(seen)]
    assert changed == [draw is not nothing] * len(ds.steps)


def test_what_stays_does_not_move():
    with DynamicShow((3, 2), "steps.gif", dpi=60) as ds:
        ds.steps += a_layer_and_then_its_edges(ds)
    before, after, joined = frames("steps.gif")
    yellow = [np.abs(frame - [255, 255, 119]).sum(axis=-1) < 60 for frame in (before, after)]
    assert yellow[0].sum() > 100
    np.testing.assert_array_equal(*yellow)
    assert np.abs(joined - after).max() > 50
