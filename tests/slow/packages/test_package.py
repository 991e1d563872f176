"""Promise: plotnet builds, installs with its own packages alone, and draws anywhere."""

import re
import sys
import tarfile
import zipfile
from pathlib import PurePosixPath

import pytest
import tomli
from packaging.metadata import Metadata
from packaging.requirements import Requirement

from tests.helpers import project
from tools.environment import TOOLS, program
from tools.notebook import ROOT

UV = program(TOOLS, "uv")
PROJECT = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DRAW = """
import plotnet, sys
assert sys.prefix in plotnet.__file__, plotnet.__file__
print(plotnet.plot_net([10, 7, 5], (15, 6), "net").alt)
"""


def run(*command, cwd=ROOT):
    code, said = project.run(command, cwd)
    assert code == 0, said
    return said


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sdist, and the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    run(UV, "build", "--quiet", "--out-dir", folder)
    return next(folder.glob("*.tar.gz")), next(folder.glob("*.whl"))


def tracked(folder):
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder]
    return {name for name in run(*listed).split("\0") if name and (ROOT / name).is_file()}


def test_the_wheel_holds_plotnet_and_nothing_else(built, tmp_path):
    run(UV, "build", "--quiet", "--wheel", "--out-dir", tmp_path)
    for wheel in (built[1], *tmp_path.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            names = {name for name in archive.namelist() if ".dist-info/" not in name}
        assert names == tracked("plotnet")


def test_the_sdist_holds_nothing_that_git_ignores(built):
    with tarfile.open(built[0]) as archive:
        files = [PurePosixPath(member.name) for member in archive if member.isfile()]
    inside = {str(PurePosixPath(*path.parts[1:])) for path in files}
    assert tracked("plotnet") <= inside <= tracked(".") | {"PKG-INFO"}


def test_the_metadata_is_valid(built):
    """What an index refuses, `packaging` refuses."""
    with zipfile.ZipFile(built[1]) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("METADATA")]
        metadata = Metadata.from_email(archive.read(name), validate=True)
        assert any(name.endswith("licenses/LICENSE") for name in archive.namelist())
    assert (metadata.name, str(metadata.version)) == (PROJECT["name"], PROJECT["version"])
    plain = {str(need) for need in metadata.requires_dist if not need.marker}
    assert plain == {str(Requirement(spec)) for spec in PROJECT["dependencies"]}
    assert metadata.description.startswith("# ")


@pytest.mark.parametrize("kind", ["sdist", "wheel"])
def test_it_draws_far_from_the_checkout_with_its_own_packages_alone(kind, built, tmp_path):
    run(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "environment")
    python = program(tmp_path / "environment", "python")
    run(UV, "pip", "install", "--quiet", "--python", python, built[kind == "wheel"])
    assert "105 edges" in run(python, "-I", "-c", DRAW, cwd=tmp_path)
    drawing = (tmp_path / "net.svg").read_text(encoding="utf-8")
    assert "105 edges" in drawing
    listed = set(re.findall(r"^[\w-]+", run(UV, "pip", "freeze", "--python", python), re.MULTILINE))
    assert not listed & {"ipython", "ipykernel", "jupyterlab", "pytest", "anywidget"}
    rooms = "tests", "notebooks", "tools", "lesson"
    found = "import importlib.util as u, sys; print([n for n in sys.argv[1:] if u.find_spec(n)])"
    assert run(python, "-I", "-c", found, *rooms, cwd=tmp_path) == "[]\n"


def test_the_lock_is_that_of_pyproject():
    run(UV, "lock", "--check")
