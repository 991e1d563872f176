"""Promise: GitHub and pre-commit run commands that exist, with tools that are pinned."""

import re

import pytest
import tomli
import yaml

from tools.notebook import ROOT

SETTINGS = [*sorted((ROOT / ".github").rglob("*.yml")), ROOT / ".pre-commit-config.yaml"]
WORKFLOWS = [path for path in SETTINGS if path.parent.name == "workflows"]
GUIDES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "teaching/README.md")]
GATE = ROOT / ".ci" / "run"


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def commands(path):
    """Return the make X, nox -s X and -m tools.X in a file: in Markdown, only in its code."""
    text = read(path)
    if path.suffix == ".md":
        text = "\n".join(re.findall(r"^```.*?^```|`[^`\n]+`", text, re.MULTILINE | re.DOTALL))
    text = re.sub(r"(^|\s)#.*", "", text)
    made = {("make", target) for target in re.findall(r"\bmake ([a-z]+)", text)}
    names = re.findall(r"\bnox (?:-s|--sessions?) ((?:[a-z]+ ?)+)", text)
    modules = {("python", name) for name in re.findall(r"-m (tools[.\w]+)", text)}
    return made | modules | {("nox", name) for several in names for name in several.split()}


@pytest.mark.parametrize("path", SETTINGS, ids=lambda path: path.name)
def test_settings_are_yaml(path):
    assert isinstance(yaml.safe_load(read(path)), dict)


def test_actions_are_pinned():
    """By a full commit, the same everywhere, with its version beside it for people."""
    uses = {use for path in WORKFLOWS for use in re.findall(r"uses: (.+)", read(path))}
    local = {use for use in uses if use.startswith("./")}
    pins = [re.fullmatch(r"([\w/.-]+)@[0-9a-f]{40} # v\d+\.\d+\.\d+", use) for use in uses - local]
    assert all(pins), uses
    assert len({pin[1] for pin in pins}) == len(pins) > 0
    assert all((ROOT / use).is_file() for use in local)


def test_commands_exist():
    targets = " ".join(re.findall(r"^([a-z ]+):(?!=)", read("Makefile"), re.MULTILINE)).split()
    sessions = re.findall(
        r"^@nox\.session.*\n(?:@.*\n)*def (\w+)", read("noxfile.py"), re.MULTILINE
    )
    known = {("make", target) for target in targets} | {("nox", name) for name in sessions}
    modules = (path.relative_to(ROOT).with_suffix("") for path in (ROOT / "tools").rglob("*.py"))
    known |= {("python", ".".join(m.parts).removesuffix(".__main__")) for m in modules}
    for path in [*WORKFLOWS, *GUIDES, GATE]:
        assert commands(path) <= known, (path.name, commands(path) - known)


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_files_that_a_guide_names_exist(path):
    rooms = "docs|notebooks|plotnet|teaching|tests|tools"
    named = set(re.findall(rf"`((?:{rooms})/[\w./-]+)", read(path)))
    assert not [name for name in named if not (ROOT / name).exists()], path.name


def test_github_runs_the_gate():
    on_github = set().union(*map(commands, WORKFLOWS))
    assert commands(GATE)
    assert commands(GATE) <= on_github, commands(GATE) - on_github


def test_versions_and_addresses_agree():
    settings = tomli.loads(read("pyproject.toml"))
    citation = yaml.safe_load(read("CITATION.cff"))
    version, date = re.search(
        r"^## \[(\d+\.\d+\.\d+)\] - (\S+)$", read("CHANGELOG.md"), re.M
    ).groups()
    assert settings["project"]["version"] == version == citation["version"]
    assert str(citation["date-released"]) == date
    address = settings["tool"]["series"]["repository"]
    assert settings["project"].get("urls", {}).get("Source", "") == address
    assert citation.get("repository-code", "") == address


def test_pre_commit_uses_the_locked_ruff():
    locked = next(p for p in tomli.loads(read("uv.lock"))["package"] if p["name"] == "ruff")
    found = set(re.findall(r"\bruff==([\d.]+)", read(".pre-commit-config.yaml")))
    assert found == {locked["version"]}
