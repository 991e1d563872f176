"""DynamicShow: a canvas that is saved and cleaned up, whatever happens in its block."""

import matplotlib
import pytest
from matplotlib import pyplot as plt
from matplotlib.patches import Circle
from PIL import Image
from viznet import EdgeBrush, NodeBrush

from plotnet import DynamicShow, dynamic


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
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


def test_it_saves_shows_once_and_closes(tmp_path, alts):
    with DynamicShow((3, 2), "net") as ds:
        draw_two_nodes(ds)
    assert [path.name for path in tmp_path.iterdir()] == ["net.svg"]
    assert alts == ["Drawing of 2 circles, 1 other shape, 1 line, 1 label."]
    assert plt.get_fignums() == []


def test_the_canvas_is_tidied(alts):
    with DynamicShow((3, 2)) as ds:
        draw_two_nodes(ds)
    assert ds.ax.get_aspect() == 1
    assert not ds.ax.axison
    assert tuple(ds.fig.get_size_inches()) == (3, 2)


def test_given_alt_text_is_used(alts):
    with DynamicShow(alt="Two nodes."):
        pass
    assert alts == ["Two nodes."]


def test_attributes_are_those_of_viznet():
    ds = DynamicShow((3, 2), "net.png", fps=2)
    assert (ds.figsize, str(ds.filename), ds.fps, ds.steps) == ((3, 2), "net.png", 2, [])


def test_the_previous_figure_is_current_again():
    first, other = plt.figure(), plt.figure()
    with DynamicShow() as ds:
        assert plt.gcf() is ds.fig
        assert plt.gca() is ds.ax
        plt.figure(first.number)
    assert plt.gcf() is other
    assert len(plt.get_fignums()) == 2


def test_an_error_in_the_block_leaves_nothing_behind(tmp_path, alts):
    other, before = plt.figure(), dict(matplotlib.rcParams)
    with pytest.raises(ZeroDivisionError), DynamicShow(filename="net"):
        1 / 0  # noqa: B018
    assert list(tmp_path.iterdir()) == []
    assert alts == []
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


def test_before_the_block_there_is_no_figure():
    ds = DynamicShow()
    assert ds.fig is None
    assert ds.ax is None


def test_defaults(tmp_path):
    """Six by four inches at 300 dots per inch; one frame a second."""
    with DynamicShow(filename="still.png"):
        pass
    with Image.open("still.png") as still:
        assert still.size == (1800, 1200)
    with DynamicShow((1, 1), "moving.gif") as ds:
        ds.steps.append(lambda: add_circle(ds, 0))
    with Image.open("moving.gif") as moving:
        assert (moving.size, moving.info["duration"]) == ((300, 300), 1000)


def test_text_is_black_in_a_dark_style():
    with plt.style.context("dark_background"), DynamicShow() as ds:
        text = (NodeBrush("basic", ds.ax) >> (0, 0)).text("x")
    assert text.get_color() == "black"
    assert ds.fig.get_facecolor()[:3] == (1, 1, 1)


def add_circle(ds, x):
    ds.ax.add_patch(Circle((x, 0), 0.4, color="black"))
    ds.ax.set(xlim=(-1, 5), ylim=(-1, 1))


def test_steps_run_in_order():
    done = []
    with DynamicShow() as ds:
        ds.steps += [lambda: done.append(1), lambda: done.append(2)]
    assert done == [1, 2]


def test_a_gif_has_a_frame_before_the_first_step(tmp_path):
    with DynamicShow((2, 1), "steps.gif", dpi=50, fps=4) as ds:
        add_circle(ds, 0)
        ds.steps += [lambda: add_circle(ds, 2), lambda: add_circle(ds, 4)]
    with Image.open(tmp_path / "steps.gif") as gif:
        assert (gif.n_frames, gif.size, gif.info["duration"]) == (3, (100, 50), 250)
        assert [dark_pixels(gif, i) for i in range(3)] == pytest.approx([154, 308, 462], rel=0.15)
    assert [path.name for path in tmp_path.iterdir()] == ["steps.gif"]


def dark_pixels(gif, frame):
    gif.seek(frame)
    return sum(gif.convert("L").histogram()[:128])


def test_a_failing_step_leaves_no_gif(tmp_path):
    with pytest.raises(ZeroDivisionError), DynamicShow((2, 1), "steps.gif", dpi=50) as ds:
        ds.steps.append(lambda: 1 / 0)
    assert list(tmp_path.iterdir()) == []
    assert plt.get_fignums() == []
