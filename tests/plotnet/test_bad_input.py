"""Promise: bad input is refused in words that help, before anything is drawn or changed."""

import errno
import os
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt

from lesson.figures import plot_confusion
from plotnet import DynamicShow, arguments, plot_net, plot_shapes, show
from plotnet.save import whole_or_none

NAN, INF = float("nan"), float("inf")
MASKED = np.ma.array([1.0, 2.0, 3.0], mask=[0, 1, 0])
ONE = ("$X$", ("m", 2))

NETS = [
    # (argument, what the message shows, keywords)
    *(
        ("num_node_list", repr(given), {"num_node_list": given})
        for given in [
            [], None, 5, "10", [0], [-1], [2.5], [2.0], [True], [NAN], [[3, 2]], {3: 2}, ["3"],
            [3, None], np.array(3), np.array([3.0]),
        ]
    ),
    *(
        ("figsize", repr(given), {"figsize": given})
        for given in [
            3, (1,), (1, 2, 3), (0, 6), (-1, 2), (NAN, 2), (INF, 2), "ab", (1e6, 1e6), None,
            (True, 2), ("3", "2"),
        ]
    ),
    *(
        ("filename", repr(given), {"filename": given})
        for given in [
            "", " ", "net.xyz", "net.", "net.gif", "missing/net", "folder", "folder/", ".", 3,
            b"net", True, "a\0b",
        ]
    ),
    *(("max_nodes", repr(given), {"max_nodes": given}) for given in [2, 0, -1, 2.5, True, "12"]),
    *(("ax", repr(given), {"ax": given}) for given in [1, "ax", []]),
    *(("captions", repr(given), {"captions": given}) for given in [None, 1, "no"]),
    *(
        (name, "a masked array: fill it first", {name: given})
        for name, given in [
            ("num_node_list", np.ma.array([3, 2])), ("values", [MASKED, [1, 2]]),
            ("values", [[1, np.ma.masked, 3], [1, 2]]), ("weights", [np.ma.ones((2, 3))]),
            ("weights", [[MASKED, MASKED]]), ("weights", np.ma.ones((1, 2, 3))),
        ]
    ),
    *(
        ("symbols", repr(given), {"symbols": given})
        for given in [[], "Z", ["$x$"], ["$x$", 1], 3, ["$", "$y$"]]
    ),
    ("num_node_list", "item 1 is None", {"num_node_list": [3, None]}),
    ("values", "1 arrays", {"values": [[1, 2, 3]]}),
    ("values", "shape (2,) for layer 0", {"values": [[1, 2], [1, 2]]}),
    ("values", "'a'", {"values": [["a", "b", "c"], [1, 2]]}),
    ("values", "1j", {"values": [[1j, 2, 3], [1, 2]]}),
    ("values", "shape (1, 3)", {"values": [[[1, 2, 3]], [1, 2]]}),
    ("values", "None", {"values": [[None, 2, 3], [1, 2]]}),
    ("values", "[[1], [1, 2], 3]", {"values": [[[1], [1, 2], 3], [1, 2]]}),
    ("values", "5", {"values": 5}),
    ("weights", "0 arrays", {"weights": []}),
    ("weights", "of shapes [(2, 3)]", {"weights": []}),
    ("weights", "2 arrays", {"weights": [np.ones((2, 3))] * 2}),
    ("weights", "shape (3, 2) for weights[0]; did you mean its transpose, .T?",
     {"weights": [np.ones((3, 2))]}),
    ("weights", "shape (6,)", {"weights": [np.ones(6)]}),
    ("weights", "'a'", {"weights": [[["a"] * 3] * 2]}),
    ("weights", "'w'", {"weights": "w"}),
]  # fmt: skip

SHAPES = [
    ("terms", "[]", {"terms": []}),
    ("terms", "None", {"terms": None}),
    ("terms", "'X'", {"terms": "X"}),
    ("terms", "['+']", {"terms": ["+"]}),
    *(
        ("terms", repr(given), {"terms": [ONE, given]})
        for given in [
            3, "", ("$X$",), ("$X$", 3), ("$X$", ()), ("$X$", (1, 2, 3)), ("$X$", (0, 2)),
            ("$X$", (-1,)), ("$X$", (2.5,)), ("$X$", (True,)), ("$X$", ("", 2)), (3, (1, 2)),
            ("$X", "m"), (r"$\nonsense$", (1, 2)), ("$X$", (None,)), ("a\nb", (1,)),
        ]
    ),
    ("figsize", "(0, 1)", {"terms": [ONE], "figsize": (0, 1)}),
    ("filename", "'net.xyz'", {"terms": [ONE], "filename": "net.xyz"}),
]  # fmt: skip

SHOWS = [
    ("figsize", "(0, 6)", {"figsize": (0, 6)}),
    ("filename", "'net.xyz'", {"filename": "net.xyz"}),
    ("filename", "'missing/net.gif'", {"filename": "missing/net.gif"}),
    ("dpi", "0", {"dpi": 0}),
    ("dpi", "'high'", {"dpi": "high"}),
    ("fps", "-1", {"fps": -1}),
    ("fps", "nan", {"fps": NAN}),
    ("alt", "''", {"alt": ""}),
    ("alt", "3", {"alt": 3}),
]

FIGURES = [
    ("fig", "3", {"fig": 3, "alt": "Three."}),
    *(("alt", repr(a), {"fig": matplotlib.figure.Figure(), "alt": a}) for a in ["", " ", None, 3]),
]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Work in a folder that holds one empty folder."""
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def untouched(folder):
    """Check that a test changes no file, figure or setting."""
    figure, settings = plt.figure(), dict(matplotlib.rcParams)
    yield
    assert [path.name for path in folder.iterdir()] == ["folder"]
    assert plt.get_fignums() == [figure.number]
    assert plt.gcf() is figure
    assert figure.axes == []
    assert dict(matplotlib.rcParams) == settings
    plt.close(figure)


CASES = [
    *((plot_net, argument, given, {"num_node_list": [3, 2], **k}) for argument, given, k in NETS),
    *((plot_shapes, *case) for case in SHAPES),
    *((DynamicShow, *case) for case in SHOWS),
    *((show, *case) for case in FIGURES),
    (plot_confusion, "counts", "masked", {"counts": np.ma.ones((2, 2), int), "title": "T"}),
]


@pytest.mark.parametrize(("function", "argument", "given", "keywords"), CASES)
def test_it_is_refused(function, argument, given, keywords):
    with pytest.raises(ValueError, match=r"accepted|must be") as refusal:
        function(**keywords)
    message = str(refusal.value)
    assert message.startswith(f"{argument} ")
    assert given in message


def test_dimensions_become_plain_numbers():
    (_, shape), *_ = arguments.check_terms([("$X$", ("m", np.int64(3)))])
    assert shape == ("m", 3)
    assert type(shape[1]) is int


def test_an_error_of_another_file_keeps_its_name(folder):
    other = FileNotFoundError(errno.ENOENT, "No such file", "other")
    with pytest.raises(OSError, match="other") as failed, whole_or_none(folder / "net.svg"):
        raise other
    assert failed.value is other


def test_an_ax_without_right_angles_or_figure():
    ax = matplotlib.figure.Figure().add_subplot()
    ax.remove()
    polar = matplotlib.figure.Figure().add_subplot(projection="polar")
    for given, problem in [(polar, "ax must be a rectangular"), (ax, "still in its figure")]:
        with pytest.raises(ValueError, match=problem):
            plot_net([2, 1], ax=given)


def test_a_folder_that_cannot_be_written(monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ValueError, match="filename is in a folder that cannot be written to"):
        plot_net([2, 1], filename="net")


def fill_disk(monkeypatch):
    """Make every save fail after its first bytes."""

    def write_bytes(path, data):
        with open(path, "wb") as file:
            file.write(data[:4])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_bytes)


@pytest.mark.parametrize("draw", [plot_net, plot_shapes, DynamicShow])
def test_a_full_disk_keeps_the_old_file(draw, folder, monkeypatch):
    target = folder / "folder" / "net.svg"
    target.write_text("old")
    fill_disk(monkeypatch)
    with pytest.raises(OSError, match=r"No space left on device: '.*net\.svg'"):
        save_with(draw, target)
    assert target.read_text() == "old"
    assert [path.name for path in target.parent.iterdir()] == ["net.svg"]


def save_with(draw, target):
    if draw is DynamicShow:
        with DynamicShow(filename=target):
            pass
    else:
        draw([2, 1] if draw is plot_net else [ONE], filename=target)
