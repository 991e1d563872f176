"""Each figure is shown exactly once, in a real kernel and outside one."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from matplotlib import pyplot as plt
from nbclient import NotebookClient

from plotnet import DynamicShow, plot_net, plot_shapes, show
from tools.run import tried_again

ROOT = Path(__file__).parents[2]
ALT = "One layer of 2 nodes."

# (name, source, number of images)
CELLS = [
    ("setup", "from plotnet import *\nimport matplotlib.pyplot as plt\n%matplotlib inline", 0),
    ("bare", "plot_net([2], (3, 2))", 1),
    ("assigned", "fig = plot_net([2], (3, 2))", 1),
    ("assigned and named", "fig = plot_net([2], (3, 2))\nfig", 1),
    ("named in a later cell", "fig", 1),
    ("loop", "for n in (1, 2):\n    plot_net([n], (3, 2))", 2),
    ("shapes", "plot_shapes([('$X$', ('m', 2))], (3, 2))", 1),
    ("own ax", "_, ax = plt.subplots()\nplot_net([2], ax=ax)\nplt.show()", 1),
    ("own ax without show", "_, ax = plt.subplots()\nplot_net([2], ax=ax);", 1),
    ("by hand", "with DynamicShow((3, 2)) as ds:\n    ds.ax.plot([0, 1])", 1),
    ("pyplot figure", "fig, ax = plt.subplots()\nshow(fig, 'An empty plot.')", 1),
    ("other figure", "plt.plot([0, 1]);", 1),
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


def test_an_image_carries_its_size_and_alt_text(outputs):
    (image,) = images(outputs["bare"])
    assert image.metadata == {"image/png": {"width": 300, "height": 200, "alt": ALT}}
    assert image.data["text/plain"] == "<Figure size 300x200 with 1 Axes>"


@pytest.mark.parametrize("name", ["bare", "assigned", "named in a later cell", "by hand"])
def test_an_image_has_twice_its_size(outputs, name):
    (image,) = images(outputs[name])
    assert png_size(image.data["image/png"]) == (600, 400)


def png_size(encoded):
    header = base64.b64decode(encoded)[16:24]
    return int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")


def test_outside_a_kernel_nothing_is_shown(capsys):
    before = plt.get_fignums()
    plot_net([2], (3, 2))
    plot_shapes([("$X$", (2, 2))], (3, 2))
    with DynamicShow((3, 2)):
        pass
    assert show(plt.figure(), "Nothing.") is None
    assert plt.get_fignums() == before
    assert capsys.readouterr() == ("", "")


def test_import_gives_no_syntax_warning(tmp_path):
    # Without cached bytecode, viznet is compiled afresh, which is when it would warn: with a
    # SyntaxWarning since Python 3.12, with a DeprecationWarning before.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    others = "import warnings, matplotlib.pyplot, scipy.interpolate"
    code = f"{others}; warnings.simplefilter('error'); import plotnet"
    command = [sys.executable, "-B", "-W", "error::SyntaxWarning", "-c", code]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=100)
