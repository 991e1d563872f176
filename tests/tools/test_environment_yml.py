"""Promise: conda, pip and uv install the same packages within the same bounds."""

import re

import tomli
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from tests.helpers.project import none_of
from tools.notebook import ROOT

# conda-forge's `dask` drags pandas and more along.
NAMES = {"dask-core": "dask"}


def test_same_names_and_bounds_and_every_package_has_a_lower_one():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    assert "--editable ." in pip
    specs = [*filter(lambda entry: isinstance(entry, str), listed), *pip]
    split = [re.fullmatch(r"([\w.-]+)\s*(.*)", spec) for spec in specs if spec[0] != "-"]
    named = ((NAMES.get(match[1], canonicalize_name(match[1])), match[2]) for match in split)
    conda = {name: SpecifierSet(bounds) for name, bounds in named}

    file = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    # These groups serve the maintainer's site and browser only.
    groups = file["dependency-groups"]
    groups = [group for name, group in groups.items() if name not in ("web", "lite")]
    needs = [need for group in groups for need in group if isinstance(need, str)]
    project = map(Requirement, [*file["project"]["dependencies"], *needs])
    ours = {need.name: need.specifier for need in project}
    ours["python"] = SpecifierSet(file["project"]["requires-python"])
    none_of(
        f"{name}: environment.yml says {conda.get(name)!s}, pyproject.toml {ours.get(name)!s}: "
        "write the same in both, then `make lock`"
        for name in sorted({*conda, *ours})
        if conda.get(name) != ours.get(name)
    )
    for name, bounds in conda.items():
        assert any(bound.operator == ">=" for bound in bounds), f"{name} has no lower bound"
