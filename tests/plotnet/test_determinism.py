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
NAMES = ["net", "shapes", "hand"]
ROOT = Path(__file__).parents[2]


def draw_all(folder, suffix):
    """Write one file with each function, and return their bytes."""
    values, weights = [[1, -2, np.nan], [np.inf, 0]], [[[1, -1, 0], [2, np.nan, 3]]]
    plot_net([3, 2], (5, 3), folder / f"net.{suffix}", values=values, weights=weights)
    plot_shapes([("$X$", ("m", 3)), "+", ("$b$", (3,))], (5, 3), folder / f"shapes.{suffix}")
    with DynamicShow((2, 2), folder / f"hand.{suffix}", dpi=50) as ds:
        ds.ax.plot([0, 1], [1, 0])
        ds.ax.text(0, 0, "x")
    return [(folder / f"{name}.{suffix}").read_bytes() for name in NAMES]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """What another process draws, whose sets have another order."""
    code = (
        "import sys, pathlib; from tests.plotnet import test_determinism as t\n"
        "for suffix in t.TYPES: t.draw_all(pathlib.Path(sys.argv[1]), suffix)"
    )
    folder = tmp_path_factory.mktemp("elsewhere")
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code, str(folder)]
    subprocess.run(command, env=environment, check=True, timeout=100)
    return folder


@pytest.mark.parametrize("suffix", TYPES)
def test_the_same_bytes_in_another_process_and_under_another_style(suffix, tmp_path, elsewhere):
    plain = draw_all(tmp_path, suffix)
    assert plain == [(elsewhere / f"{name}.{suffix}").read_bytes() for name in NAMES]
    for data in plain:
        assert b"CreationDate" not in data
        assert b"dc:date" not in data
        assert str(tmp_path).encode() not in data
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


def test_the_canonical_call_writes_one_file_with_the_usual_permissions(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("plain").touch()
    fig = plot_net([10, 7, 5], (15, 6), "net")
    assert {path.name for path in tmp_path.iterdir()} == {"net.svg", "plain"}
    # Not those of a temporary file.
    assert Path("net.svg").stat().st_mode == Path("plain").stat().st_mode
    assert fig.alt in (tmp_path / "net.svg").read_text(encoding="utf-8")


def test_a_png_has_its_size_and_alt_text_and_names_no_software(tmp_path):
    fig = plot_net([2, 1], (5, 3), tmp_path / "net.png")
    with Image.open(tmp_path / "net.png") as image:
        assert image.size == (1500, 900)
        assert {"Software", "Software?"} & set(image.info) == set()
        assert image.info["Title"] == fig.alt
