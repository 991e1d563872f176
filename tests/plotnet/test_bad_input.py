"""Promise: bad input is refused in words that help, before anything is drawn or changed."""

import errno
import os
from functools import partial

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt

from plotnet import DynamicShow, arguments, plot_net, plot_shapes
from tests.helpers.refused import NAMES, refused

ONE = ("$X$", ("m", 2))
ROWS = [row for row in refused() if "Slider" not in row.call]


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


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.call)
def test_it_is_refused(row):
    row.check(lambda: eval(row.call, NAMES))


def test_dimensions_become_plain_numbers():
    (_, shape), *_ = arguments.check_terms([("$X$", ("m", np.int64(3)))])
    assert shape == ("m", 3)
    assert type(shape[1]) is int


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


def animate(size, filename):
    with DynamicShow(size, filename, dpi=50):
        pass


@pytest.mark.parametrize(
    ("draw", "suffix"),
    [
        *((partial(plot_net, [2, 1]), suffix) for suffix in ("svg", "png", "pdf", "jpg")),
        (partial(plot_shapes, [ONE]), "svg"),
        (animate, "svg"),
        (animate, "gif"),
    ],
)
def test_a_full_disk_keeps_the_old_file(draw, suffix, folder, monkeypatch):
    """The user sees which file could not be written and why, and still has the old one."""

    def fill_the_disk(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", fill_the_disk)
    target = folder / "folder" / f"net.{suffix}"
    target.write_text("old")
    with pytest.raises(OSError, match=rf"No space left on device: '.*net\.{suffix}'"):
        draw((1, 1), target)
    assert target.read_text() == "old"
    assert [path.name for path in target.parent.iterdir()] == [target.name]
