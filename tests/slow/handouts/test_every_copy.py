"""Promise: every notebook of every copy runs, and nbgrader's grades are what the checks say."""

import csv
import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from tools import environment, handouts
from tools.notebook import NOTEBOOKS, ROOT, code_cells, read, solutions, tags
from tools.run import kernel_of_this_environment, run_cells

# The version that teaching/README.md names, its repairs, and the one before: 0.9.6 asks for
# Python 3.11.
NBGRADER = "nbgrader>=0.9.5,<0.10"
NAME = "02_forward_pass.ipynb"


def said(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


@pytest.fixture(scope="module", params=["student", "instructor", "reader"])
def copy(request, tmp_path_factory):
    """Return a copy's kind and its folder; making the instructor's runs every solution."""
    folder = tmp_path_factory.mktemp("copies for a class") / request.param
    handouts.main([request.param, "--output", str(folder)])
    return request.param, folder


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_runs_unanswered_or_praised(copy, path):
    kind, folder = copy
    notebook = read(folder / path.name)
    if kind != "instructor":
        with kernel_of_this_environment():
            run_cells(notebook, folder)
    verdict = "Right. " if kind == "instructor" else "Not attempted yet: "
    assert all(verdict in said(cell) for cell in code_cells(notebook, "exercise"))
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    for cell in cells:
        stopped = any(output.output_type == "error" for output in cell.outputs)
        assert stopped == ("raises-exception" in tags(cell)), cell.id


@pytest.mark.parametrize("copy", ["instructor"], indirect=True)
def test_the_instructor_copy_leaves_nothing_behind(copy):
    _, folder = copy
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert not [*folder.glob("*.svg"), *folder.glob(".*")]


@pytest.fixture
def nbgrader(tmp_path):
    """Return a function that calls nbgrader, from an environment of its own, in a course."""
    course, place = tmp_path / "course", tmp_path / "environment"
    source = course / "source" / "softmax"
    handouts.main(["nbgrader", "02", "--output", str(source)])
    uv = environment.program(environment.TOOLS, "uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, place], check=True)
    python = environment.program(place, "python")
    install = [uv, "pip", "install", "--quiet", "--link-mode", "copy", "--python", python]
    subprocess.run([*install, NBGRADER, "-r", source / "requirements.txt"], check=True)
    readme = (ROOT / "teaching" / "README.md").read_text(encoding="utf-8")
    config = readme.split("```text\n")[1].split("```")[0]
    (course / "nbgrader_config.py").write_text(config)
    # Nothing of the user's settings and kernels counts, and nothing is written to them.
    home = {name: str(tmp_path) for name in ("HOME", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")}
    programs = os.path.dirname(python)
    settings = dict(os.environ, **home, PATH=f"{programs}{os.pathsep}{os.environ['PATH']}")

    def call(*arguments):
        command = [environment.program(place, "nbgrader"), *arguments]
        result = subprocess.run(command, cwd=course, env=settings, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr[-3000:]
        return course

    return call


def hand_in(release, folder, answer):
    """Copy the released assignment to `folder`, with answer(grade_id) in its answer cells."""
    shutil.copytree(release, folder)
    notebook = read(folder / NAME)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if grade_id.endswith("-answer"):
            cell.source = answer(grade_id.removesuffix("-answer"), cell.source)
    nbformat.write(notebook, folder / NAME)


def test_grades(nbgrader):
    course = nbgrader("generate_assignment", "softmax", "--create")
    release, submitted = course / "release" / "softmax", course / "submitted"
    handed_out = (release / NAME).read_text(encoding="utf-8")
    assert "SOLUTION" not in handed_out and "__wrapped__" not in handed_out
    worked = {cell.id: cell.source for cell in read(course / "source" / "softmax" / NAME).cells}
    rebind = (
        "for name in dir():\n    if name.startswith('check_'):\n        globals()[name] = print"
    )
    hand_in(release, submitted / "blank" / "softmax", lambda name, given: given)
    hand_in(release, submitted / "right" / "softmax", lambda name, given: worked[name])
    forger = submitted / "forger" / "softmax"
    hand_in(release, forger, lambda name, given: f"{given}\n{rebind}")
    for module in (forger / "lesson" / "checks").glob("*.py"):
        module.write_text("def __getattr__(name):\n    return print\n")
    nbgrader("autograde", "softmax")
    nbgrader("export")
    with open(course / "grades.csv", encoding="utf-8", newline="") as file:
        grades = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    points = len(solutions(read(ROOT / "notebooks" / NAME)))
    assert grades == {"blank": 0, "right": points, "forger": 0}
