"""Promise: plotnet builds, installs with its three packages alone, and draws anywhere."""

import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import PurePosixPath
from xml.etree import ElementTree

import pytest
import tomli
from packaging.metadata import Metadata
from packaging.requirements import Requirement

from tools.environment import TOOLS, program
from tools.notebook import ROOT

UV = program(TOOLS, "uv")
SVG = "{http://www.w3.org/2000/svg}"
PROJECT = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DRAW = """
import sys
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle
import plotnet

assert sys.prefix in plotnet.__file__, plotnet.__file__
(ax,) = plotnet.plot_net([10, 7, 5], (15, 6), "net").axes
lines = [item for item in ax.collections if isinstance(item, LineCollection)]
print(sum(isinstance(patch, Circle) for patch in ax.patches), end=" ")
print(sum(len(item.get_segments()) for item in lines))
"""


def run(*command, cwd=ROOT):
    ended = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, encoding="utf-8"
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with the sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(UV, "build", "--quiet", "--out-dir", folder)
    return folder


@pytest.fixture(scope="module")
def wheel(built):
    (path,) = built.glob("*.whl")
    return path


def names(wheel):
    """Return the files of a wheel, without what describes it."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def tracked(folder):
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder]
    found = run(*listed).split("\0")
    return {name for name in found if name and (ROOT / name).is_file()}


def test_the_wheel_holds_plotnet_and_nothing_else(wheel):
    assert names(wheel) == tracked("plotnet")


def test_the_wheel_of_the_checkout_is_that_of_the_sdist(wheel, tmp_path):
    run(UV, "build", "--quiet", "--wheel", "--out-dir", tmp_path)
    (direct,) = tmp_path.glob("*.whl")
    assert names(direct) == names(wheel)


def test_the_sdist_holds_nothing_that_git_ignores(built):
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        files = [PurePosixPath(member.name) for member in archive if member.isfile()]
    inside = {str(PurePosixPath(*path.parts[1:])) for path in files}
    assert tracked("plotnet") <= inside
    assert inside <= tracked(".") | {"PKG-INFO"}


def test_the_metadata_is_valid(wheel):
    """What an index refuses, `packaging` refuses."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("METADATA")]
        metadata = Metadata.from_email(archive.read(name), validate=True)
        assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())
    assert (metadata.name, str(metadata.version)) == (PROJECT["name"], PROJECT["version"])
    assert metadata.license_expression == PROJECT["license"]
    assert metadata.requires_python == PROJECT["requires-python"]
    plain = {str(need) for need in metadata.requires_dist if not need.marker}
    assert plain == {str(Requirement(spec)) for spec in PROJECT["dependencies"]}
    assert metadata.description.startswith("# ")


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The Python of an environment with the wheel and what it asks for, far from the checkout."""
    folder = tmp_path_factory.mktemp("elsewhere")
    run(UV, "venv", "--quiet", "--python", sys.executable, folder / "environment")
    python = program(folder / "environment", "python")
    run(UV, "pip", "install", "--quiet", "--python", python, wheel)
    return python, folder


def test_the_wheel_draws_the_network_elsewhere(installed):
    python, folder = installed
    assert run(python, "-I", "-c", DRAW, cwd=folder).split() == ["22", "105"]
    drawing = ElementTree.parse(folder / "net.svg").getroot()
    edges = [
        path
        for group in drawing.iter(f"{SVG}g")
        if group.get("id", "").startswith("LineCollection")
        for path in group.iter(f"{SVG}path")
        if group.find(f"{SVG}defs") is None or path not in group.find(f"{SVG}defs")
    ]
    # A circle is written as curves; the canvas and the axes are written as straight lines.
    nodes = [
        path
        for group in drawing.iter(f"{SVG}g")
        if re.match(r"patch_\d", group.get("id", ""))
        for path in group.iter(f"{SVG}path")
        if "C" in path.get("d")
    ]
    assert (len(nodes), len(edges)) == (22, 105)


def test_nothing_but_plotnet_is_installed(installed):
    python, folder = installed
    listed = run(UV, "pip", "freeze", "--python", python).lower()
    wanted = {Requirement(spec).name for spec in PROJECT["dependencies"]}
    found = set(re.findall(r"^[\w-]+", listed, re.MULTILINE))
    assert wanted <= found
    assert not found & {"ipython", "ipykernel", "jupyterlab", "pytest"}
    code = "import importlib.util as u, sys; print([n for n in sys.argv[1:] if u.find_spec(n)])"
    ours = [
        path.stem
        for place in ("tests", "notebooks", "scripts")
        for path in (ROOT / place).glob("*.py")
    ]
    assert len(ours) > 20
    places = ["tests", "notebooks", "scripts"]
    assert run(python, "-I", "-c", code, *places, *ours, cwd=folder).strip() == "[]"


def test_the_lock_is_that_of_pyproject():
    run(UV, "lock", "--check")
