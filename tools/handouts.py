"""Write copies of the series for a class or a reader: folders that work by themselves.

python -m tools.handouts student        without solutions and outputs: build/student/
python -m tools.handouts instructor     solutions filled in, run, stored: build/instructor/
python -m tools.handouts nbgrader       the source of an nbgrader assignment: build/nbgrader/
python -m tools.handouts reader         without outputs, solutions folded: what `make lab` opens
python -m tools.handouts browser        the reader's, for Python in a web page: tools/web/lite.py
python -m tools.handouts student 02 03  the notebooks whose names start so
"""

import argparse
import ast
import hashlib
import re
import shutil
import sys
import tempfile
from itertools import pairwise
from pathlib import Path

import nbformat
import tomli
from nbclient.exceptions import CellExecutionError
from packaging.requirements import Requirement

from tools.notebook import (
    CONTENTS,
    LESSON,
    NOTEBOOKS,
    ROOT,
    SOLUTION,
    NotebookError,
    bound_names,
    choose,
    code_cells,
    exercises,
    imported,
    predicted,
    read,
    split_exercise,
    warned,
    whole_text,
)
from tools.run import kernel_of_this_environment

# A folder with another README is not ours to replace.
MARK = "<!-- made by tools/handouts.py from the one source: changes here are lost -->"
# What the notebooks import beyond the dependencies of plotnet and the group `lab`.
ALSO_IMPORTED = {"mpmath", "psutil", "scipy"}
HOW = """
## How to work

1. At each **Predict.**, write your answer down, in a line of your own, before you run the cell
   below it. Then run, compare, and open *What to see*.
2. In an exercise, replace each `...` and run the cell: its check answers at once. Open the hints
   one by one.
"""
HAND_IN = """\
3. Where a figure is called "Your title", say in a sentence what it shows.
4. Hand in the notebook, with your predictions: *Kernel ▸ Restart Kernel and Run All Cells…*, look
   through it, save.
"""
START = """
## Start

The folder works by itself, with Python 3.10 or newer. In a terminal, in this folder:

```bash
python3 -m venv .venv
. .venv/bin/activate
python -m pip install -r requirements.txt
jupyter lab {first}
```

(On Windows, `py -m venv .venv` and `.venv\\Scripts\\activate` are the first two lines.) The next
time, the second and the last are enough.
"""
LICENCES = """
Code is under the [BSD 3-Clause licence](LICENSE), text and figures under [CC BY 4.0](LICENSE-TEXT).
"""
ABOUT = {
    "student": "Each exercise has hints and a check that answers at once.",
    "instructor": "With the worked solutions filled in, run and accepted by the checks: "
    "please keep this copy to yourself. [teaching/](teaching/README.md) has a page for the "
    "lecturer of each notebook, with exam answers; `slides` holds the decks, if they were built.",
    "reader": "Your own copy: write into it what you like. Each exercise has hints, a check that "
    "answers at once, and a solution to unfold.",
}
# nbgrader hands this page on to the students.
ABOUT["nbgrader"] = ABOUT["student"]
ABOUT["browser"] = ABOUT["reader"]
SEE = "<details><summary>What to see</summary>\n\n{}\n</details>"
TITLE_OF_YOURS = '"Your title"'
NOTATION = ("01_draw_the_network.ipynb#Notation", "README.md#Notation")
# Python in a web page is one process with one thread, without sockets.
PROCESSES = {"dask", "distributed", "concurrent", "psutil"}
IN_A_BROWSER = (
    "**This copy runs in your browser**, with nothing installed; Python starts while you read. "
    "Your answers stay in this browser, and hide later versions of the notebook. To get the "
    "original back: *File ▸ Open…*, choose the notebook, *Delete*, and open it again. Text and "
    "figures are under [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/), code under BSD "
    "3-Clause; who wrote it, how to cite it, its source and where to tell of a mistake stands at "
    "the foot of the page that led here.\n\n"
    "Numbers are as elsewhere, inf and nan included. But WebAssembly keeps no floating-point "
    "flags, from which NumPy learns of an overflow: "
)
SILENT = "the {} cells whose text announces a `RuntimeWarning` give none here, and "
ERRSTATE = '`np.errstate(all="raise")` raises nothing.'
IN_WORDS = (
    "**Python in a browser is one process, and this cell needs others, or threads.** It stands "
    "here as text, with what it prints elsewhere; `make lab` in a clone of the repository runs it."
)


class CopyError(Exception):
    """Why a copy cannot be made, said so that the maintainer can act on it."""


def fill(source, solution):
    """Return the exercise with its placeholder replaced by the solution."""
    before, _, check = split_exercise(source, solution)
    gap = "\n\n\n" if "def " in solution else "\n\n"
    return gap.join(filter(None, [before, solution, check]))


def fold_answers(notebook):
    """Fold the paragraph below a prediction's cells, with what its colon or comma leads to."""
    asked = {cell.id for cell in predicted(notebook)}
    for cell, below in pairwise(notebook.cells):
        # Once: the browser's copy folds them before it turns cells into text.
        told = below.cell_type == "markdown" and not below.source.startswith("<details>")
        if cell.id in asked and told:
            answer, *rest = below.source.split("\n\n")
            while rest and answer.endswith((":", ",")):
                answer += f"\n\n{rest.pop(0)}"
            below.source = "\n\n".join([SEE.format(answer), *rest])


def leave_titles(notebook):
    """Leave the title of a figure that answers a prediction to the student."""
    for cell in predicted(notebook):
        for call in ast.walk(ast.parse(cell.source)):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "").startswith("plot_"):
                named = [word.value for word in call.keywords if word.arg == "title"]
                for title in filter(lambda node: isinstance(node, ast.Constant), call.args + named):
                    if " " in str(title.value):
                        quoted = ast.get_source_segment(cell.source, title)
                        cell.source = cell.source.replace(quoted, TITLE_OF_YOURS)


def without_outputs(notebook):
    """Remove everything stored that would answer a prediction, and fold what is said of it."""
    fold_answers(notebook)
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None
        # The alt text of a figure gives its message away.
        cell.metadata.pop("mystnb", None)


def without_solutions(notebook):
    """Remove solutions and outputs, and titles that answer."""
    without_outputs(notebook)
    leave_titles(notebook)
    for exercise in exercises(notebook):
        exercise.answer.source = SOLUTION.sub("", exercise.answer.source).rstrip("\n")


def with_solutions(notebook):
    """Fill each exercise with its worked solution."""
    for cell, solution, _ in exercises(notebook):
        cell.source = fill(cell.source, solution)


def graded(grade_id, **role):
    roles = {"grade": False, "solution": False, "locked": False, "task": False}
    return {"nbgrader": {"schema_version": 3, "grade_id": grade_id, **roles, **role}}


HIDDEN = """### BEGIN HIDDEN TESTS
def grade(answer):
    import sys

    for name in [name for name in sys.modules if name.partition(".")[0] == "lesson"]:
        del sys.modules[name]
    import lesson.checks as judge
    from {module} import {name} as check

    verdict = check.__wrapped__
    for wrong in (..., object()):
        try:
            verdict(wrong)
        except judge.NotYet:
            continue
        raise RuntimeError("the judge has been changed: it accepts anything")
    if judge.same(1.0, 2.0) or judge.unchanged([1], [2]):
        raise RuntimeError("the judge has been changed: 1 is 2")
    verdict(answer)


grade({answer})
### END HIDDEN TESTS"""


def hidden_test(check, module):
    """Return the lines that grade: a check loaded afresh, and tried on what it must refuse.

    Under its decorator a check raises what it otherwise prints.
    """
    name, answer = re.match(r"(check_\w+)\((\w+)\)$", check, re.MULTILINE).groups()
    return HIDDEN.format(module=module, name=name, answer=answer)


def for_nbgrader(notebook):
    """Split each exercise into an answer cell and a locked test cell, as nbgrader wants them."""
    found = exercises(notebook)
    modules = {name: module for _, module, names in imported(notebook) for name in names}
    without_solutions(notebook)
    for cell, solution, _ in found:
        before, placeholder, check = split_exercise(cell.source, solution)
        own = f"### BEGIN SOLUTION\n{solution}\n### END SOLUTION"
        cell.source = "\n\n".join(filter(None, [before, placeholder, own]))
        cell.metadata.update(graded(f"{cell.id}-answer", solution=True))
        hidden = hidden_test(check, modules[check.partition("(")[0]])
        test = nbformat.v4.new_code_cell(f"{check}\n{hidden}", id=f"{cell.id}-test")
        test.metadata.update(graded(f"{cell.id}-check", grade=True, locked=True, points=1))
        test.metadata["slideshow"] = dict(cell.metadata["slideshow"])
        notebook.cells.insert(notebook.cells.index(cell) + 1, test)


def process_names(statement):
    """Return the names that a statement imports from PROCESSES, inside a function, too."""
    found = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                module = getattr(node, "module", None) or alias.name
                if module.partition(".")[0] in PROCESSES:
                    found.add(alias.asname or alias.name.partition(".")[0])
    return found


def used_names(statement):
    """Return the names that a statement reads from outside: neither locals nor loop variables."""
    own, used = set(), set()
    for node in ast.walk(statement):
        if isinstance(node, ast.arg):
            own.add(node.arg)
        elif isinstance(node, ast.FunctionDef):
            own |= set().union(*map(bound_names, node.body))
        elif isinstance(node, ast.For | ast.comprehension):
            own |= bound_names(node.target)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            used.add(node.id)
    return used - own


def needs_processes(body, lost):
    """Whether one of the statements needs processes, or a name that is lost with them."""
    for statement in body:
        if used_names(statement) & lost or process_names(statement):
            return True
        lost = lost - bound_names(statement)
    return False


def processes_in_words(notebook):
    """Turn each cell that needs processes, or a name that such a cell binds, into text."""
    lost = set()
    for cell in code_cells(notebook):
        body = ast.parse(cell.source).body
        # `try: import …` says in words what is missing.
        imports = [s for s in body if isinstance(s, ast.Import | ast.ImportFrom | ast.Try)]
        imports = [statement for statement in imports if process_names(statement)]
        rest = [statement for statement in body if statement not in imports]
        lost = lost.union(*map(process_names, imports))
        bound = set().union(*map(bound_names, rest))
        if (imports and not rest) or needs_processes(rest, lost):
            shown = "".join(output.get("text", "") for output in cell.outputs)
            code = f"{IN_WORDS}\n\n```python\n{cell.source}\n```"
            cell.source = f"{code}\n\n```text\n{shown}```" if shown else code
            cell.cell_type = "markdown"
            del cell["outputs"], cell["execution_count"]
            lost |= bound
        else:
            lines = cell.source.splitlines()
            for statement in reversed(imports):
                del lines[statement.lineno - 1 : statement.end_lineno]
            cell.source = "\n".join(lines)
            lost -= bound


def for_browser(notebook):
    """Say what differs in a browser, and leave out what cannot run there."""
    silent = SILENT.format(count) if (count := warned(notebook)) else ""
    fold_answers(notebook)
    processes_in_words(notebook)
    without_outputs(notebook)
    for cell in notebook.cells:
        cell.source = cell.source.replace(f"[Contents]({CONTENTS})", "Contents: *File ▸ Open…*")
    kernel = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    notebook.metadata.kernelspec = kernel
    says = nbformat.v4.new_markdown_cell(f"{IN_A_BROWSER}{silent}{ERRSTATE}", id="in-a-browser")
    notebook.cells.insert(0, says)


def run(path):
    """Execute the filled notebook, store its outputs, and insist on praise from every check."""
    # The other kinds run nothing, and `make lab` should not wait for what draws.
    from tools.record import record

    try:
        record(path)
    except CellExecutionError as error:
        raise CopyError(f"a cell fails\n{error}") from None
    for cell in code_cells(read(path), "exercise"):
        said = "".join(output.get("text", "") for output in cell.outputs)
        if "Right. " not in said:
            raise CopyError(f"{cell.id}: its check refuses the worked solution: {said}")


EDIT = {
    "student": without_solutions,
    "instructor": with_solutions,
    "nbgrader": for_nbgrader,
    "reader": without_outputs,
    "browser": for_browser,
}


def requirements():
    """Return what the notebooks import, with the bounds of pyproject.toml."""
    project = tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    also = [spec for spec in groups["test"] if Requirement(spec).name in ALSO_IMPORTED]
    return "\n".join(sorted(project["project"]["dependencies"] + groups["lab"] + also)) + "\n"


def section(text, heading):
    """Return the section of a Markdown text, with its heading."""
    return re.search(rf"^## {heading}\n.*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)[0].rstrip()


def readme(kind, paths):
    """Return the copy's own front page: how to start, how to work, contents, notation."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    # What follows the table is a program that no copy holds.
    contents = section(text, "The notebooks").rpartition("|\n")[0] + "|"
    parts = [f"{text.splitlines()[0]}\n{MARK}\n\n{ABOUT[kind]}\n\n{contents}\n"]
    if kind != "browser":
        notation = section(whole_text(read(NOTEBOOKS[0])), "Notation")
        working = {"instructor": "", "reader": HOW}.get(kind, HOW + HAND_IN)
        parts += [START.format(first=paths[0].name), working, f"\n{notation}\n", LICENCES]
    return "".join(parts)


def with_present(text, place):
    """Return a Markdown text for the folder `place`: a link to what is not there is its words."""

    def link(match):
        words, target = match.groups()
        inside = target.replace("notebooks/", "", 1)
        for there in (inside, inside.removeprefix("../")):
            if "://" in there or (place / there.partition("#")[0]).exists():
                return f"[{words}]({there})"
        absent, instead = NOTATION
        return f"[{words}]({instead})" if target == absent else words

    return re.sub(r"(?<!!)\[([^][]*)\]\(([^)\s]+)\)", link, text)


def teaching_pages(paths, folder):
    """Put the lecturer's pages of these notebooks into the folder, and the decks, if built."""
    there = folder / "teaching"
    there.mkdir()
    for name in ["README.md", *(f"{path.stem}.md" for path in paths)]:
        shutil.copy(ROOT / "teaching" / name, there)
    decks = ROOT / "build" / "site" / "slides"
    if decks.is_dir():
        # All of them: they link to each other.
        shutil.copytree(decks, folder / "slides")


def add_neighbours(folder, kind, paths):
    """Put beside the notebooks what they import, read and link to."""
    # plotnet travels along: a class needs no access to this repository.
    hidden = shutil.ignore_patterns("__pycache__", ".*")
    for room in (ROOT / "plotnet", LESSON):
        shutil.copytree(room, folder / room.name, ignore=hidden)
    for name in ("LICENSE", "LICENSE-TEXT"):
        shutil.copy(ROOT / name, folder)
    (folder / "requirements.txt").write_text(requirements(), encoding="utf-8", newline="\n")
    (folder / "README.md").write_text(readme(kind, paths), encoding="utf-8", newline="\n")
    if kind == "instructor":
        teaching_pages(paths, folder)


def write(kind, paths, folder):
    """Fill the empty `folder` with the copy of the notebooks at `paths`."""
    add_neighbours(folder, kind, paths)
    for path in paths:
        (folder / path.name).touch()
    for page in [folder / "README.md", *folder.glob("teaching/*.md")]:
        text = with_present(page.read_text(encoding="utf-8"), page.parent)
        page.write_text(text, encoding="utf-8", newline="\n")
    for path in paths:
        notebook = read(path)
        try:
            EDIT[kind](notebook)
            for cell in notebook.cells:
                if cell.cell_type == "markdown":
                    cell.source = with_present(cell.source, folder)
            copy = folder / path.name
            copy.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8", newline="\n")
            if kind == "instructor":
                print(f"{path.stem} ... ", end="", flush=True)
                run(copy)
                print("run, every check passed", flush=True)
        except (CopyError, NotebookError) as error:
            raise CopyError(f"{path.stem}: {error}") from None
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


# --- the reader's own copy: editions side by side, none of them ever replaced ---

EDITION = "edition-"
STAMP = ".edition"


def fingerprint(folder):
    """Return a hash of the names and bytes of all files in a folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def editions(home):
    """Return the reader's editions, oldest first."""
    numbers = (path.name.removeprefix(EDITION) for path in home.glob(f"{EDITION}*"))
    return [home / f"{EDITION}{n}" for n in sorted(filter(str.isdecimal, numbers), key=int)]


def stamp(edition):
    """Return the hash that this edition was made with, "" for a folder that is not ours."""
    path = edition / STAMP
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def written_in(edition):
    """Whether the reader has saved a notebook in this edition."""
    made = (edition / STAMP).stat().st_mtime if stamp(edition) else 0
    return any(path.stat().st_mtime > made for path in edition.glob("*.ipynb"))


def readers_copy(home):
    """Return the edition to open and the newest one, which is made if the source is newer.

    What the reader has written is never touched: an edition is only ever added. The one to open is
    the newest that the reader has written in, else the newest.
    """
    home.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home, prefix=".new-") as workplace:
        new = Path(workplace, "copy")
        new.mkdir()
        write("reader", choose([]), new)
        mark = fingerprint(new)
        there = editions(home)
        if not there or stamp(there[-1]) != mark:
            number = int(there[-1].name.removeprefix(EDITION)) + 1 if there else 1
            # Written last: younger than every notebook beside it.
            (new / STAMP).write_text(mark, encoding="utf-8")
            there.append(new.rename(home / f"{EDITION}{number}"))
    return next(filter(written_in, reversed(there)), there[-1]), there[-1]


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
    except (CopyError, NotebookError) as error:
        sys.exit(f"failed; {output} is as it was\n{error}")
    print(f"The {options.kind}'s copy is in {output}")


if __name__ == "__main__":
    main()
