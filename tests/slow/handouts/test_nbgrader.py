"""Promise: nbgrader makes an assignment of our copy, and its grades are what the checks say."""

import csv
import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from tools import environment
from tools import handouts as copies
from tools.notebook import ROOT

# The version that teaching/README.md names, its repairs, and the one before: 0.9.6 asks for
# Python 3.11.
NBGRADER = "nbgrader>=0.9.5,<0.10"
NAME = "02_forward_pass.ipynb"


@pytest.fixture(scope="module")
def nbgrader(tmp_path_factory):
    """Return a function that calls nbgrader, from an environment of its own, in a course."""
    folder = tmp_path_factory.mktemp("nbgrader")
    course, place = folder / "course", folder / "environment"
    source = course / "source" / "softmax"
    copies.main(["nbgrader", "02", "--output", str(source)])
    uv = environment.program(environment.TOOLS, "uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, place], check=True)
    python = environment.program(place, "python")
    install = [uv, "pip", "install", "--quiet", "--link-mode", "copy", "--python", python]
    subprocess.run([*install, NBGRADER, "-r", source / "requirements.txt"], check=True)
    readme = (ROOT / "teaching" / "README.md").read_text(encoding="utf-8")
    config = readme.split("```text\n")[1].split("```")[0]
    (course / "nbgrader_config.py").write_text(config)
    # Nothing of the user's settings and kernels counts, and nothing is written to them.
    home = {name: str(folder / "home") for name in ("HOME", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")}
    settings = dict(os.environ, **home, PATH=f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}")

    def call(*arguments):
        command = [environment.program(place, "nbgrader"), *arguments]
        result = subprocess.run(command, cwd=course, env=settings, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr[-3000:]
        return course

    return call


def answer(notebook, source):
    """Put the worked solutions of `source` into the answer cells of `notebook`."""
    worked = {cell.id: cell.source for cell in source.cells}
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if grade_id.endswith("-answer"):
            cell.source = worked[grade_id.removesuffix("-answer")]


def test_grades(nbgrader):
    course = nbgrader("generate_assignment", "softmax", "--create")
    release = course / "release" / "softmax"
    handed_out = (release / NAME).read_text(encoding="utf-8")
    assert "SOLUTION" not in handed_out
    assert "__wrapped__" not in handed_out
    for student in ("blank", "right", "forger"):
        shutil.copytree(release, course / "submitted" / student / "softmax")
    solved = nbformat.read(release / NAME, as_version=4)
    answer(solved, nbformat.read(course / "source" / "softmax" / NAME, as_version=4))
    nbformat.write(solved, course / "submitted" / "right" / "softmax" / NAME)
    forged = course / "submitted" / "forger" / "softmax" / "lesson" / "checks" / "__init__.py"
    text = forged.read_text(encoding="utf-8")
    head = "def judge(answer, *data):"
    assert head in text
    forged.write_text(text.replace(head, f"{head}\n            return print('Right.')"), "utf-8")
    nbgrader("autograde", "softmax")
    nbgrader("export")
    with open(course / "grades.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    grades = {row["student_id"]: (row["score"], row["max_score"]) for row in rows}
    assert grades == {"blank": ("0.0", "4.0"), "right": ("4.0", "4.0"), "forger": ("0.0", "4.0")}
