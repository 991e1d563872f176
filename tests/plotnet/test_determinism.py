"""Promise: the same call writes the same bytes; two drawings in one page share nothing."""

import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot as plt
from PIL import Image

from plotnet import DynamicShow, plot_net, plot_shapes

TYPES = ["svg", "png", "pdf", "jpg"]
ROOT = Path(__file__).parents[2]


def draw_all(folder, suffix):
    """Write one file with each function, and return their bytes."""
    values, weights = [[1, -2, np.nan], [np.inf, 0]], [[[1, -1, 0], [2, np.nan, 3]]]
    plot_net([3, 2], (5, 3), folder / f"net.{suffix}", values=values, weights=weights)
    plot_shapes([("$X$", ("m", 3)), "+", ("$b$", (3,))], (5, 3), folder / f"shapes.{suffix}")
    with DynamicShow((2, 2), folder / f"hand.{suffix}", dpi=50) as ds:
        ds.ax.plot([0, 1], [1, 0])
        ds.ax.text(0, 0, "x")
    return [(folder / f"{name}.{suffix}").read_bytes() for name in ("net", "shapes", "hand")]


@pytest.mark.parametrize("suffix", TYPES)
def test_twice(suffix, tmp_path):
    assert draw_all(tmp_path, suffix) == draw_all(tmp_path, suffix)


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_under_another_style(suffix, tmp_path):
    plain = draw_all(tmp_path, suffix)
    own = {
        "text.usetex": True,
        "font.size": 30,
        "hatch.linewidth": 5,
        "svg.hashsalt": "other",
        "svg.fonttype": "none",
        "savefig.bbox": "tight",
        "savefig.facecolor": "black",
        "savefig.transparent": True,
        "path.sketch": (1, 100, 2),
        "figure.autolayout": True,
        "lines.dashed_pattern": (1, 1),
    }
    with plt.style.context("dark_background"), matplotlib.rc_context(own):
        assert draw_all(tmp_path, suffix) == plain


def test_in_another_process(tmp_path):
    code = (
        "import sys, pathlib; from tests.plotnet import test_determinism as t;"
        "t.draw_all(pathlib.Path(sys.argv[1]), 'svg')"
    )
    runs = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", code, str(folder)]
        subprocess.run(command, env=environment, check=True, timeout=100)
        runs.append([file.read_bytes() for file in sorted(folder.iterdir())])
    assert runs[0] == runs[1]


@pytest.mark.parametrize("suffix", ["svg", "pdf"])
def test_no_date_and_no_machine(suffix, tmp_path):
    for data in draw_all(tmp_path, suffix):
        assert b"CreationDate" not in data
        assert b"dc:date" not in data
        assert str(tmp_path).encode() not in data


def test_a_new_file_has_the_usual_permissions(tmp_path):
    (tmp_path / "plain").touch()
    plot_net([2, 1], (5, 3), tmp_path / "net")
    assert (tmp_path / "net.svg").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_two_drawings_share_no_ids(tmp_path):
    """Where one is hidden, as in a closed <details>, the other must find its own hatches."""
    plot_net([4, 2], (4, 2), tmp_path / "one", values=[[1, 2, 3, np.nan], [1, 2]])
    plot_net([3, 2], (4, 2), tmp_path / "two", values=[[1, 2, np.nan], [1, np.nan]])
    plot_shapes([("$X$", ("m", 2))], (4, 2), tmp_path / "three")
    seen = []
    for name in ("one", "two", "three"):
        svg = (tmp_path / f"{name}.svg").read_text(encoding="utf-8")
        ids = re.findall(r'\bid="([^"]+)"', svg)
        assert {"pattern", "clipPath", "path"} <= set(re.findall(r"<(\w+)[^>]* id=", svg))
        assert len(ids) == len(set(ids))
        # What is referred to is there.
        assert set(re.findall(r'(?:url\(|href=")#([^")]+)', svg)) <= set(ids)
        seen += ids
    assert len(seen) == len(set(seen))


def test_the_canonical_call(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fig = plot_net([10, 7, 5], (15, 6), "net")
    assert [path.name for path in tmp_path.iterdir()] == ["net.svg"]
    assert fig.alt in (tmp_path / "net.svg").read_text(encoding="utf-8")


def test_a_png_has_its_size_and_alt_text_and_names_no_software(tmp_path):
    fig = plot_net([2, 1], (5, 3), tmp_path / "net.png")
    with Image.open(tmp_path / "net.png") as image:
        assert image.size == (1500, 900)
        assert {"Software", "Software?"} & set(image.info) == set()
        assert image.info["Title"] == fig.alt
