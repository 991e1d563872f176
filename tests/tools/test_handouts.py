"""Promise: the student's copy holds no solution, the instructor's passes every check, both run."""

import ast
import re
import shutil
import sys

import nbformat
import pytest
from packaging.requirements import Requirement

from tools import handouts as copies
from tools.notebook import (
    LESSON,
    NOTEBOOKS,
    ROOT,
    anchors,
    code_cells,
    links,
    read,
    solutions,
    tags,
    text_cells,
    whole_text,
)
from tools.run import kernel_of_this_environment, run_cells

# Few of the seven run here; tests/gate/test_copies_all.py runs every notebook.
RUN_HERE = ["02", "03"]
NOT_ATTEMPTED = "Not attempted yet: replace the ... and run the cell again.\n"
by_name = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Return the folder with the student's, nbgrader's and (in part) the instructor's copy."""
    folder = tmp_path_factory.mktemp("copies for a class")
    copies.main(["student", "--output", str(folder / "student")])
    copies.main(["nbgrader", "--output", str(folder / "nbgrader")])
    copies.main(["instructor", *RUN_HERE, "--output", str(folder / "instructor")])
    return folder


def said(cell):
    return "".join(output.get("text", "") for output in cell.outputs)


def run_as_student(path):
    """Execute a student's notebook as it is handed out, and return it with its outputs."""
    notebook = read(path)
    with kernel_of_this_environment():
        run_cells(notebook, path.parent)
    return notebook


def assert_runs_unanswered(path):
    notebook = run_as_student(path)
    assert [said(cell) for cell in code_cells(notebook, "exercise")] == [NOT_ATTEMPTED] * 4
    for cell in code_cells(notebook):
        stopped = any(output.output_type == "error" for output in cell.outputs)
        assert stopped == ("raises-exception" in tags(cell)), cell.id


def assert_praised(path):
    notebook = read(path)
    exercises = code_cells(notebook, "exercise")
    assert len(exercises) == len(solutions(notebook)) == 4
    assert all(said(cell).startswith("✓ Right. ") for cell in exercises)
    assert [cell.execution_count for cell in code_cells(notebook)] == list(
        range(1, len(code_cells(notebook)) + 1)
    )


@by_name
def test_the_student_copy_holds_no_solution(path, made):
    original, notebook = read(path), read(made / "student" / path.name)
    everything = nbformat.writes(notebook)
    assert "<summary>Solution" not in everything
    sources = [cell.source for cell in notebook.cells]
    shown = "\n".join(cell.source for cell in code_cells(original))
    worked = [line.strip() for text in solutions(original) for line in text.splitlines()]
    secrets = [line for line in worked if len(line) > 3 and line not in shown]
    assert len(solutions(original)) == len(code_cells(original, "exercise")) >= 3
    assert len(secrets) >= 3
    for line in secrets:
        assert not any(line in source for source in sources), line


@by_name
def test_the_student_copy_keeps_the_rest(path, made):
    original, notebook = read(path), read(made / "student" / path.name)
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in original.cells]
    for cell, source in zip(code_cells(notebook), code_cells(original), strict=True):
        assert (cell.source, tags(cell)) == (source.source, tags(source))
    for summary in ("Hint 1", "Hint 2", "Answer"):
        before, after = (
            whole_text(nb).count(f"<summary>{summary}<") for nb in (original, notebook)
        )
        assert after == before
    text = whole_text(notebook)
    assert text.count("<details>") == text.count("</details>") == text.count("<summary>")


@by_name
def test_the_student_copy_answers_no_prediction(path, made):
    """Neither an output nor the alt text of a figure says what a cell will show."""
    for cell in code_cells(read(made / "student" / path.name)):
        assert cell.outputs == []
        assert cell.execution_count is None
        assert set(cell.metadata) <= {"tags", "slideshow", "jupyter"}


def test_the_student_copy_runs_unanswered(made):
    assert_runs_unanswered(made / "student" / NOTEBOOKS[2].name)


@pytest.mark.parametrize("number", RUN_HERE)
def test_the_instructor_copy_passes_every_check(number, made):
    (path,) = (made / "instructor").glob(f"{number}_*.ipynb")
    assert_praised(path)


@pytest.mark.parametrize("kind", ["student", "nbgrader"])
def test_links_stay_in_the_folder(kind, made):
    folder = made / kind
    pages = [*folder.glob("*.ipynb"), folder / "README.md"]
    assert len(pages) == len(NOTEBOOKS) + 1
    for page in pages:
        text = whole_text(read(page)) if page.suffix == ".ipynb" else page.read_text("utf-8")
        inner = [link for link in links(text) if not link.startswith("https://")]
        assert inner
        for link in inner:
            target, _, anchor = link.partition("#")
            file = (folder / target).resolve() if target else page
            assert file.parent == folder.resolve() and file.exists(), (page.name, link)
            assert not anchor or anchor in anchors(file), (page.name, link)


def test_the_folder_holds_what_the_notebooks_need(made):
    names = {path.name for path in (made / "student").iterdir()}
    assert names == {
        *(path.name for path in NOTEBOOKS),
        *("lesson", "plotnet", "requirements.txt"),
        *("README.md", "LICENSE", "LICENSE-TEXT"),
    }
    modules = (ROOT / "plotnet").glob("*.py")
    assert all((made / "student" / "plotnet" / module.name).exists() for module in modules)


def test_the_instructor_copy_leaves_nothing_behind(made):
    """No drawing, no cache, no half-written folder."""
    assert not list((made / "instructor").rglob("*.svg"))
    assert not list((made / "instructor").rglob("__pycache__"))
    assert {path.name for path in made.iterdir()} == {"student", "nbgrader", "instructor"}


def test_requirements_name_every_import(made):
    lines = (made / "student" / "requirements.txt").read_text("utf-8").splitlines()
    listed = {Requirement(line).name for line in lines}
    assert all(Requirement(line).specifier for line in lines)
    in_package = {"sklearn": "scikit-learn", "IPython": "ipykernel"}
    for path in NOTEBOOKS:
        for cell in code_cells(read(path)):
            for node in ast.walk(ast.parse(cell.source)):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module] if isinstance(node, ast.ImportFrom) else []
                for name in {name.split(".")[0] for name in names}:
                    here = name in sys.stdlib_module_names or name in {"lesson", "plotnet"}
                    assert here or in_package.get(name, name) in listed, name


@by_name
def test_nbgrader_cells(path, made):
    """An answer cell with its solution, then a locked cell that grades, for each exercise."""
    original, notebook = read(path), read(made / "nbgrader" / path.name)
    marked = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    answers, tests = marked[::2], marked[1::2]
    assert len(answers) == len(tests) == len(solutions(original))
    assert len({cell.metadata.nbgrader.grade_id for cell in marked}) == len(marked)
    for answer, test, worked in zip(answers, tests, solutions(original), strict=True):
        assert answer.metadata.nbgrader.solution and not answer.metadata.nbgrader.grade
        assert test.metadata.nbgrader.grade and test.metadata.nbgrader.locked
        assert test.metadata.nbgrader.points == 1
        hidden = answer.source.index("### BEGIN SOLUTION"), answer.source.index("### END SOLUTION")
        assert worked.strip() in answer.source[slice(*hidden)]
        assert "..." in answer.source[: hidden[0]]
        assert "check_" not in answer.source
        assert re.match(
            r"check_(\w+)\((.*)\)\n### BEGIN HIDDEN TESTS\ncheck_\1\.__wrapped__\(\2\)\n",
            test.source,
        )
    assert "<summary>Solution" not in whole_text(notebook)


# --- what goes wrong ---


def copy_of(tmp_path, monkeypatch, change):
    """Let the script read a folder with notebook 02 alone, changed by `change`."""
    folder = tmp_path / "notebooks"
    folder.mkdir()
    shutil.copytree(LESSON, folder / "lesson")
    notebook = read(NOTEBOOKS[1])
    change(notebook)
    nbformat.write(notebook, folder / NOTEBOOKS[1].name)
    monkeypatch.setattr(copies, "choose", lambda names: [folder / NOTEBOOKS[1].name])


def answer_cells(notebook):
    return [cell for cell in text_cells(notebook) if "<summary>Solution" in cell.source]


def lose_a_solution(notebook):
    answer_cells(notebook)[0].source = "<details><summary>Hint 1</summary>\n\nThink.\n</details>"


def write_a_solution_otherwise(notebook):
    notebook.cells[-1].source += "\n\n<details><summary>Solution, too</summary>\n\n42\n</details>"


def rename_what_is_solved(notebook):
    cell = answer_cells(notebook)[0]
    cell.source = cell.source.replace("second = ", "third = ")


def spoil_a_solution(notebook):
    cell = answer_cells(notebook)[0]
    cell.source = cell.source.replace(" + b0[1]", "")
    notebook.cells = notebook.cells[: notebook.cells.index(cell) + 1]


def break_a_solution(notebook):
    cell = answer_cells(notebook)[0]
    cell.source = cell.source.replace("b0[1]", "b0[70]")
    notebook.cells = notebook.cells[: notebook.cells.index(cell) + 1]


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("student", lose_a_solution, "n02-056: 0 solutions in the cell below it, not 1"),
        ("student", write_a_solution_otherwise, "1 solutions belong to no exercise"),
        ("instructor", rename_what_is_solved, "the solution binds ['third']"),
        ("instructor", spoil_a_solution, "refuses the worked solution: ✗ Not yet. These are the"),
        ("instructor", break_a_solution, "IndexError"),
    ],
)
def test_a_failing_copy_changes_nothing(kind, change, message, tmp_path, monkeypatch):
    copy_of(tmp_path, monkeypatch, change)
    output = tmp_path / "copy"
    output.mkdir()
    (output / "README.md").write_text(copies.MARK)
    with pytest.raises(SystemExit) as stop:
        copies.main([kind, "--output", str(output)])
    assert message in str(stop.value)
    assert f"{output} is as it was\n02_forward_pass: " in str(stop.value)
    assert [path.name for path in output.iterdir()] == ["README.md"]
    assert {path.name for path in tmp_path.iterdir()} == {"notebooks", "copy"}


def test_a_foreign_folder_is_not_replaced(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(SystemExit, match="accepted are a new folder, an empty one, or an earlier"):
        copies.main(["student", "--output", str(tmp_path)])
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_an_earlier_copy_is_replaced(tmp_path):
    output = tmp_path / "student"
    copies.main(["student", "01", "--output", str(output)])
    copies.main(["student", "02", "--output", str(output)])
    assert [path.name for path in output.glob("*.ipynb")] == ["02_forward_pass.ipynb"]


def test_an_unknown_notebook_is_named():
    with pytest.raises(SystemExit, match="no notebook's name starts with 99; there are: 01_draw"):
        copies.main(["student", "99"])
