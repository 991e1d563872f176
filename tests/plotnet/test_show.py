"""Promise: each figure is shown exactly once, in a real kernel; outside one, none is."""

import base64
import io
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from matplotlib import pyplot as plt
from nbclient import NotebookClient
from PIL import Image

from plotnet import DynamicShow, canvas, plot_net, plot_shapes, show
from tools.run import tried_again

ROOT = Path(__file__).parents[2]
ALT = "One layer of 2 nodes."
HAND = "with DynamicShow((3, 2)) as ds:\n    ds.ax.plot([0, 1])\n"
AXES = "fig, ax = plt.subplots()\nplot_net([2], ax=ax)"

# (name, source, number of images)
CELLS = [
    ("setup", "from plotnet import *\nimport matplotlib\nimport matplotlib.pyplot as plt", 0),
    # First of all, so that pyplot's first figure, which chooses the backend, is ours.
    ("by hand", HAND, 1),
    ("interactive", "matplotlib.is_interactive()", 0),
    ("own plot", "plt.plot([0, 1]);", 1),
    ("by hand and named", f"{HAND}ds.fig", 1),
    ("by hand in a later cell", "ds.fig", 1),
    ("bare", "plot_net([2], (3, 2))", 1),
    ("assigned", "fig = plot_net([2], (3, 2))", 1),
    ("assigned and named", "fig = plot_net([2], (3, 2))\nfig", 1),
    ("named in a later cell", "fig", 1),
    ("loop", "for n in (1, 2):\n    plot_net([n], (3, 2))", 2),
    ("shapes", "plot_shapes([('$X$', ('m', 2))], (3, 2))", 1),
    ("own ax", f"{AXES}", 1),
    ("own ax, silent", f"{AXES};", 1),
    ("own ax, shown", f"{AXES}\nplt.show()", 1),
    ("own ax, named", f"{AXES}\nfig", 1),
    ("own ax, named later", "fig", 1),
    ("own ax, with alt text", f"{AXES}\nshow(fig, ax.alt)\nfig", 1),
    ("pyplot figure", "fig, ax = plt.subplots()\nshow(fig, 'An empty plot.')", 1),
    ("pyplot figure, named", "fig, ax = plt.subplots()\nshow(fig, 'An empty plot.')\nfig", 1),
    ("pyplot figure, named later", "fig", 1),
    (
        "error by hand",
        "try:\n    with DynamicShow():\n        1 / 0\nexcept Exception:\n    pass",
        0,
    ),
    ("nothing left", "plt.get_fignums()", 0),
]


@pytest.fixture(scope="module")
def outputs():
    """Run all cells in one kernel, and return the outputs of each by name."""
    cells = [nbformat.v4.new_code_cell(source) for _, source, _ in CELLS]
    notebook = nbformat.v4.new_notebook(cells=cells)
    environment = {**os.environ, "MPLBACKEND": "module://matplotlib_inline.backend_inline"}
    client = NotebookClient(notebook, timeout=100, resources={"metadata": {"path": str(ROOT)}})
    tried_again(client.execute)(env=environment)
    names = [name for name, _, _ in CELLS]
    return dict(zip(names, (cell.outputs for cell in notebook.cells), strict=True))


def images(outputs):
    return [output for output in outputs if "image/png" in output.get("data", {})]


@pytest.mark.parametrize(("name", "count"), [(name, count) for name, _, count in CELLS])
def test_number_of_images(outputs, name, count):
    assert len(images(outputs[name])) == count
    assert not any(output.output_type in ("stream", "error") for output in outputs[name])


def test_the_backend_stays_interactive(outputs):
    assert outputs["interactive"][0].data["text/plain"] == "True"


@pytest.mark.parametrize("name", ["bare", "assigned", "named in a later cell", "by hand"])
def test_an_image_has_twice_its_size_and_alt_text(outputs, name):
    (image,) = images(outputs[name])
    alt = "Drawing of 1 line." if name == "by hand" else ALT
    assert image.metadata == {"image/png": {"width": 300, "height": 200, "alt": alt}}
    assert image.data["text/plain"] == "<Figure size 300x200 with 1 Axes>"
    with Image.open(io.BytesIO(base64.b64decode(image.data["image/png"]))) as png:
        assert png.size == (600, 400)


def test_a_kernel_is_given_text(monkeypatch):
    """Not every kernel turns bytes into text on their way to the page: a browser's does not."""
    given = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: given.append(data))
    canvas._publish(canvas.new_figure((3, 2))[0], ALT)
    assert {type(value) for value in given[0].values()} == {str}


def test_outside_a_kernel_nothing_is_shown(capsys):
    before = plt.get_fignums()
    plot_net([2], (3, 2))
    plot_shapes([("$X$", (2, 2))], (3, 2))
    with DynamicShow((3, 2)):
        pass
    assert show(plt.figure(), "Nothing.") is None
    assert plt.get_fignums() == before
    assert capsys.readouterr() == ("", "")


RAMP = np.arange(1200.0).reshape(30, 40)


@pytest.mark.parametrize(
    ("draw", "whole"),
    [
        (lambda ax: ax.imshow(RAMP, aspect="auto"), True),
        (lambda ax: ax.pcolormesh(RAMP), True),
        (lambda ax: ax.contourf(RAMP, levels=300), True),
        (lambda ax: ax.bar(range(300), 1, color=plt.cm.viridis(np.linspace(0, 1, 300))), True),
        (lambda ax: ax.plot([0, 1]), False),
    ],
)
def test_colours_are_kept_where_a_palette_would_show(draw, whole):
    fig, ax = canvas.new_figure((3, 2))
    draw(ax)
    with Image.open(io.BytesIO(canvas._png(fig))) as png:
        assert (png.mode != "P") == whole


VIZNET = """
import sys, warnings
sys.modules["viznet"] = sys.modules["scipy"] = None
from plotnet import *
plot_net([2, 1], (3, 2), values=[[1, 2], [3]])
assert len([n for n in sys.modules if n.split(".")[0] in ("viznet", "scipy")]) == 2
del sys.modules["viznet"], sys.modules["scipy"]
import scipy.interpolate
sys.pycache_prefix = sys.argv[1]
warnings.simplefilter("error")
from plotnet.brushes import EdgeBrush, NodeBrush, connecta2a, node_sequence
"""


def test_viznet_is_imported_with_the_brushes_alone_and_in_silence(tmp_path):
    # Without cached bytecode, viznet is compiled afresh, which is when it would warn: with a
    # SyntaxWarning since Python 3.12, with a DeprecationWarning before.
    command = [sys.executable, "-B", "-W", "error::SyntaxWarning", "-c", VIZNET, tmp_path]
    subprocess.run(command, cwd=ROOT, check=True, timeout=100)
