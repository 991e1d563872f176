"""Promise: conda, pip and uv install the same packages within the same bounds."""

import re

import tomli
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from tools.notebook import ROOT


def split(spec):
    name, bounds = re.fullmatch(r"([\w.-]+)\s*(.*)", spec).groups()
    return name, SpecifierSet(bounds)


def from_conda():
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    pip = next(entry["pip"] for entry in listed if isinstance(entry, dict))
    assert "--editable ." in pip
    specs = [entry for entry in listed if isinstance(entry, str) and entry != "pip"]
    return dict(split(spec) for spec in specs + [spec for spec in pip if not spec.startswith("--")])


def from_pyproject():
    """What a reader installs: the group `web` serves the maintainer's site and browser only."""
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    specs = list(project["project"]["dependencies"])
    specs += [
        spec
        for name, group in groups.items()
        if name != "web"
        for spec in group
        if isinstance(spec, str)
    ]
    found = {requirement.name: requirement.specifier for requirement in map(Requirement, specs)}
    found["python"] = SpecifierSet(project["project"]["requires-python"])
    return found


def test_same_names_and_bounds():
    assert from_conda() == from_pyproject()


def test_every_package_has_a_lower_bound():
    for name, bounds in from_pyproject().items():
        assert any(bound.operator == ">=" for bound in bounds), name
