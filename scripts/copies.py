"""Write the student's or the instructor's copy of the series: folders that work by themselves.

python scripts/copies.py student        without solutions and outputs: build/student/
python scripts/copies.py instructor     solutions filled in, run, stored: build/instructor/
python scripts/copies.py nbgrader       the source of an nbgrader assignment: build/nbgrader/
python scripts/copies.py student 02 03  the notebooks whose names start so
"""

import argparse
import ast
import re
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
import tomli
from kernels import kernel_of_this_environment
from nbclient.exceptions import CellExecutionError
from packaging.requirements import Requirement
from record import MXNET, NOTEBOOKS, ROOT, record

SOLUTION = re.compile(
    r"<details><summary>Solution</summary>\n\n```python\n(.*?)```\n</details>\n?", re.DOTALL
)
# A folder with another README is not ours to replace.
MARK = "<!-- made by scripts/copies.py from the one source: changes here are lost -->"
# What the notebooks import beyond the dependencies of plotnet and the group `lab`.
ALSO_IMPORTED = {"mpmath", "scipy"}
START = """
## Start

The folder works by itself, with Python 3.10 or newer:

```bash
python -m pip install -r requirements.txt
jupyter lab 01_draw_the_network.ipynb
```

Code is under the [BSD 3-Clause licence](LICENSE), text and figures under [CC BY 4.0](LICENSE-TEXT).
"""
ABOUT = {
    "student": "Each exercise has hints and a check that answers at once.",
    "instructor": "With the worked solutions filled in, run and accepted by the checks: "
    "please keep this copy to yourself.",
}
# nbgrader hands this page on to the students.
ABOUT["nbgrader"] = ABOUT["student"]


class CopyError(Exception):
    """Why a copy cannot be made, said so that the maintainer can act on it."""


def exercises(notebook):
    """Return a list of (exercise cell, its worked solution, the text cell that holds it)."""
    cells, listed = notebook.cells, []
    for i, cell in enumerate(cells):
        if "exercise" in cell.metadata.get("tags", []):
            answer = cells[i + 1] if i + 1 < len(cells) else cell
            found = SOLUTION.findall(answer.source) if answer.cell_type == "markdown" else []
            if len(found) != 1:
                raise CopyError(f"{cell.id}: {len(found)} solutions in the cell below it, not 1")
            listed.append((cell, found[0].rstrip("\n"), answer))
    if stray := sum(cell.source.count("<summary>Solution") for cell in cells) - len(listed):
        raise CopyError(f"{stray} solutions belong to no exercise, or are not written like others")
    return listed


def bound_names(statement):
    """Return the names that a statement at the top of a cell binds."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def split_exercise(source, solution):
    """Return what stands before the placeholder of `solution`, the placeholder, and the check."""
    names = set().union(*map(bound_names, ast.parse(solution).body))
    lines = source.splitlines()
    for statement in ast.parse(source).body:
        if bound_names(statement) == names:
            first, last = statement.lineno - 1, statement.end_lineno
            parts = lines[:first], lines[first:last], lines[last:]
            return ["\n".join(part).strip("\n") for part in parts]
    raise CopyError(f"the solution binds {sorted(names)}; the exercise has no such placeholder")


def fill(source, solution):
    """Return the exercise with its placeholder replaced by the solution."""
    before, _, check = split_exercise(source, solution)
    gap = "\n\n\n" if "def " in solution else "\n\n"
    return gap.join(filter(None, [before, solution, check]))


def without_solutions(notebook):
    """Remove solutions, and everything stored that would answer a prediction."""
    for _, _, answer in exercises(notebook):
        answer.source = SOLUTION.sub("", answer.source).rstrip("\n")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
            # The alt text of a figure gives its message away.
            cell.metadata.pop("mystnb", None)


def with_solutions(notebook):
    """Fill each exercise with its worked solution."""
    for cell, solution, _ in exercises(notebook):
        cell.source = fill(cell.source, solution)


def graded(grade_id, **role):
    roles = {"grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": {"schema_version": 3, "grade_id": grade_id, **roles, **role}}


def for_nbgrader(notebook):
    """Split each exercise into an answer cell and a locked test cell, as nbgrader wants them."""
    found = exercises(notebook)
    without_solutions(notebook)
    for cell, solution, _ in found:
        before, placeholder, check = split_exercise(cell.source, solution)
        # The same check grades: under its decorator it raises what it otherwise prints.
        name, arguments = re.fullmatch(r"(check_\w+)(\(.*\))", check).groups()
        hidden = f"### BEGIN HIDDEN TESTS\n{name}.__wrapped__{arguments}\n### END HIDDEN TESTS"
        own = f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
        cell.source = "\n\n".join(filter(None, [before, placeholder, own]))
        cell.metadata.update(graded(f"{cell.id}-answer", solution=True))
        test = nbformat.v4.new_code_cell(f"{check}\n{hidden}", id=f"{cell.id}-test")
        test.metadata.update(graded(f"{cell.id}-check", grade=True, locked=True, points=1))
        test.metadata["slideshow"] = dict(cell.metadata["slideshow"])
        notebook.cells.insert(notebook.cells.index(cell) + 1, test)


def run(path):
    """Execute the filled notebook, store its outputs, and insist on praise from every check."""
    try:
        record(path)
    except CellExecutionError as error:
        raise CopyError(f"a cell fails\n{error}") from None
    for cell in nbformat.read(path, as_version=4).cells:
        if "exercise" in cell.metadata.get("tags", []):
            said = "".join(output.get("text", "") for output in cell.outputs)
            if not said.startswith("Right. "):
                raise CopyError(f"{cell.id}: its check refuses the worked solution: {said}")


EDIT = {"student": without_solutions, "instructor": with_solutions, "nbgrader": for_nbgrader}


def requirements():
    """Return what the notebooks import, with the bounds of pyproject.toml."""
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    also = [spec for spec in groups["test"] if Requirement(spec).name in ALSO_IMPORTED]
    return "\n".join(sorted(project["project"]["dependencies"] + groups["lab"] + also)) + "\n"


def readme(kind):
    """Return the copy's own front page, with the table of contents of the project's README."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    contents = re.search(r"^## The notebooks\n.*?(?=^## )", text, re.MULTILINE | re.DOTALL)[0]
    contents = contents.replace("](notebooks/", "](").rstrip("\n")
    return f"{text.splitlines()[0]}\n{MARK}\n\n{ABOUT[kind]}\n\n{contents}\n{START}"


def add_neighbours(folder, kind):
    """Put beside the notebooks what they import, read and link to."""
    # plotnet travels along: a class needs no access to this repository.
    shutil.copytree(
        ROOT / "plotnet", folder / "plotnet", ignore=shutil.ignore_patterns("__pycache__")
    )
    for source in (NOTEBOOKS / "checks.py", NOTEBOOKS / MXNET, ROOT / "LICENSE"):
        shutil.copy(source, folder)
    shutil.copy(ROOT / "LICENSE-TEXT", folder)
    (folder / "requirements.txt").write_text(requirements(), encoding="utf-8", newline="\n")
    (folder / "README.md").write_text(readme(kind), encoding="utf-8", newline="\n")


def write(kind, paths, folder):
    """Fill the empty `folder` with the copy of the notebooks at `paths`."""
    add_neighbours(folder, kind)
    for number, path in enumerate(paths, 1):
        print(f"[{number}/{len(paths)}] {path.stem} ... ", end="", flush=True)
        notebook = nbformat.read(path, as_version=4)
        try:
            EDIT[kind](notebook)
            for cell in notebook.cells:
                cell.source = cell.source.replace("](../README.md", "](README.md")
            copy = folder / path.name
            copy.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
            if kind == "instructor":
                run(copy)
        except CopyError as error:
            raise CopyError(f"{path.stem}: {error}") from None
        print("run, every check passed" if kind == "instructor" else "written", flush=True)
    # What the notebooks draw when they run belongs to no copy.
    for drawn in [*folder.glob("*.svg"), *folder.rglob("__pycache__")]:
        shutil.rmtree(drawn) if drawn.is_dir() else drawn.unlink()


def refuse_foreign(output):
    """Stop before anything is replaced that this script has not made."""
    ours = output / "README.md"
    if output.is_dir() and any(output.iterdir()):
        if not ours.is_file() or MARK not in ours.read_text(encoding="utf-8", errors="replace"):
            raise CopyError(
                f"--output {output}: this folder holds something else; "
                "accepted are a new folder, an empty one, or an earlier copy"
            )
    elif output.exists() and not output.is_dir():
        raise CopyError(f"--output {output}: this is a file; a folder is accepted")


def make_copy(kind, paths, output):
    """Write the copy beside `output` and put it in place when it is complete."""
    refuse_foreign(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=f".{output.name}-") as workplace:
        new, old = Path(workplace, "new"), Path(workplace, "old")
        new.mkdir()
        write(kind, paths, new)
        if output.exists():
            output.rename(old)
        new.rename(output)


def choose(names):
    """Return the notebooks whose names start with one of `names`; all, if there is none."""
    paths = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
    if unknown := [name for name in names if not any(p.name.startswith(name) for p in paths)]:
        raise CopyError(
            f"no notebook's name starts with {unknown[0]}; "
            f"there are: {', '.join(path.stem for path in paths)}"
        )
    return [path for path in paths if not names or path.name.startswith(tuple(names))]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=EDIT, help="whose copy")
    parser.add_argument("names", nargs="*", help="how the names of the notebooks start")
    parser.add_argument("--output", type=Path, help="the folder; without it build/KIND")
    options = parser.parse_args(arguments)
    output = (options.output or ROOT / "build" / options.kind).resolve()
    try:
        with kernel_of_this_environment():
            make_copy(options.kind, choose(options.names), output)
    except CopyError as error:
        sys.exit(f"failed; {output} is as it was\n{error}")
    print(f"The {options.kind}'s copy is in {output}")


if __name__ == "__main__":
    main()
