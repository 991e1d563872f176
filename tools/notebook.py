"""The grammar of a notebook: its files, header, sections, tags, exercises, links and anchors.

Everything that reads a notebook reads it through this module; nothing else knows how one is
written. Nothing here runs a notebook.
"""

import ast
import re
from pathlib import Path
from typing import NamedTuple

import nbformat

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
LESSON = FOLDER / "lesson"
NOTEBOOKS = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))
TITLE = "Softmax and its numerical stability"
TAGS = {"define", "exercise", "raises-exception", "nbval-ignore-output"}
CONTENTS = "../README.md#the-notebooks"

# The target of a link, in Markdown.
TARGET = re.compile(r"(?<=\]\()[^)\s]+(?=\))")
NOTEBOOK_LINK = re.compile(r"(\d\d_\w+)\.ipynb(?:#(.+))?")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
DETAILS = re.compile(r"<details><summary>(.*?)</summary>\n\n(.*?)\n</details>\n?", re.DOTALL)
SOLUTION = re.compile(
    r"<details><summary>Solution</summary>\n\n```python\n(.*?)```\n</details>\n?", re.DOTALL
)


class NotebookError(Exception):
    """What is not written as the grammar asks, said so that an author can act on it."""


def read(path):
    """Return the notebook at `path`, a NotebookNode."""
    return nbformat.read(path, as_version=4)


def choose(names, folder=FOLDER):
    """Return the paths of the notebooks whose file names start with one of `names`; all for none.

    Raises
    ------
    NotebookError
        If a name fits no notebook.
    """
    paths = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if unknown := [name for name in names if not any(p.name.startswith(name) for p in paths)]:
        stems = ", ".join(path.stem for path in paths)
        raise NotebookError(f"no notebook's name starts with {unknown[0]}; there are: {stems}")
    return [path for path in paths if not names or path.name.startswith(tuple(names))]


def topic(path):
    """Return the name of a notebook without its number: its checks are lesson/checks/TOPIC.py."""
    return path.stem.partition("_")[2]


# --- cells ---


def tags(cell):
    return cell.metadata.get("tags", [])


def named(cell):
    """Return how a message names a cell: its id, and the line that a search finds."""
    first = next(filter(None, map(str.strip, cell.source.splitlines())), "empty")
    return f"cell {cell.get('id')} ({first[:60]})"


def unrecorded(notebook):
    """Return the one thing to do about cells that `make record` has not seen yet; "" without."""
    new = [
        named(cell)
        for cell in notebook.cells
        if "slideshow" not in cell.metadata or not cell.get("execution_count", True)
    ]
    return f"new, and not recorded: {'; '.join(new)}: run `make record` first" if new else ""


def code_cells(notebook, tag=None):
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell for cell in cells if tag is None or tag in tags(cell)]


def text_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def whole_text(notebook):
    return "\n\n".join(cell.source for cell in text_cells(notebook))


def predicted(notebook):
    """Return the code cells that follow a prediction at once: their outputs answer it."""
    found, asked = [], False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            asked = "**Predict.**" in cell.source
        elif asked:
            found.append(cell)
    return found


def warned(notebook):
    """Return how many cells have stored a RuntimeWarning."""
    streams = [cell.outputs for cell in code_cells(notebook)]
    return sum(any("RuntimeWarning" in o.get("text", "") for o in outputs) for outputs in streams)


def images(cell):
    """Yield (data, metadata) of each picture that the cell has stored."""
    for output in cell.outputs:
        if any(kind.startswith("image/") for kind in output.get("data", {})):
            yield output.data, output.metadata


def imported(notebook):
    """Yield (cell, module, names) of each import; `import a` has no names."""
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Import):
                yield from ((cell, alias.name, []) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield cell, node.module, [alias.name for alias in node.names]


def bound_names(statement):
    """Return the names that a statement at the top of a cell binds."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


# --- header, sections, links ---


class Header(NamedTuple):
    """What the first cell says: title, promise, minutes of three kinds, needs, goals."""

    title: str
    promise: str
    reading: int
    further: int
    practice: int
    needs: str
    goals: str


def header(notebook):
    """Return the `Header` of a notebook.

    Raises
    ------
    NotebookError
        If the first cell is not a title, a promise and a table of four columns.
    """
    try:
        lines = notebook.cells[0].source.splitlines()
        reading, practice, needs, goals = (p.strip() for p in lines[-1].strip("|").split("|"))
        minutes = [int(number) for number in re.findall(r"\d+", f"{reading} 0")][:2]
        title = lines[0].removeprefix("# ")
        return Header(title, lines[2], *minutes, int(practice.split()[0]), needs, goals)
    except (IndexError, ValueError):
        raise NotebookError(
            "the first cell is a title, a sentence, and a table of one row: "
            "Reading | Practice | You need | You will be able to. It is:\n"
            f"{notebook.cells[0].source}"
        ) from None


WORDS_A_MINUTE, LINES_A_MINUTE, MINUTES_AN_EXERCISE = 180, 12, 5
FURTHER = "Going further"
# What nobody reads from end to end.
NOT_READ = {"Exercises", "Test yourself", "References"}


def times(notebook):
    """Return the minutes (reading, further, practice) that a notebook takes, by one rule.

    180 words and 12 lines of new code a minute; 5 minutes an exercise. Collapsed imports, folded
    answers and references are not counted.
    """
    minutes = {False: 0.0, True: 0.0}
    section = ""
    for cell in notebook.cells:
        if found := re.findall(r"^## (.+)$", cell.source, re.MULTILINE):
            section = found[-1]
        if section in NOT_READ or "jupyter" in cell.metadata:
            continue
        if cell.cell_type == "markdown":
            words = len(re.findall(r"\w+", DETAILS.sub("", cell.source)))
            minutes[section == FURTHER] += words / WORDS_A_MINUTE
        else:
            lines = sum(bool(line.strip()) for line in cell.source.splitlines())
            minutes[section == FURTHER] += lines / LINES_A_MINUTE
    practice = MINUTES_AN_EXERCISE * len(code_cells(notebook, "exercise"))
    return round(minutes[False]), round(minutes[True]), practice


def headings(text):
    return HEADING.findall(text)


def sections(notebook):
    """Yield (heading, cell) for each cell: the heading that it stands under, or opens with."""
    heading = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and (found := headings(cell.source)):
            yield found[0], cell
            heading = found[-1]
        else:
            yield heading, cell


def lab_anchor(heading):
    """Return a heading's anchor in JupyterLab."""
    return heading.replace(" ", "-")


def slug(heading):
    """Return a heading's anchor as MyST and GitHub write it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(path):
    """Return the anchors of a notebook or a Markdown file, in either way."""
    text = whole_text(read(path)) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    return {anchor(heading) for heading in headings(text) for anchor in (lab_anchor, slug)}


def links(text):
    """Return the targets of the links in a Markdown text."""
    return TARGET.findall(text)


def with_links(text, change):
    """Return the text with change(target) in the place of each link's target."""
    return TARGET.sub(lambda match: change(match[0]), text)


def navigation(path):
    """Return the links that end a notebook: to the one before, to the contents, to the next."""
    around = sorted({*NOTEBOOKS, path}, key=lambda each: each.name)
    here = around.index(path)
    steps = [f"[← {header(read(each)).title}]({each.name})" for each in around[:here][-1:]]
    steps.append(f"[Contents]({CONTENTS})")
    steps += [f"[{header(read(each)).title} →]({each.name})" for each in around[here + 1 :][:1]]
    return " · ".join(steps)


# --- exercises ---


WRITTEN = "<details><summary>Solution</summary>, an empty line, a block of Python"
NOTHING = nbformat.v4.new_markdown_cell()
# What makes a cell of code an exercise.
CHECK = re.compile(r"^check_\w+\(", re.MULTILINE)
# What makes it the collapsed cell of imports.
IMPORTS = re.compile(r"^from lesson", re.MULTILINE)


class Exercise(NamedTuple):
    """An exercise: its cell, its worked solution, and the text cell that holds it."""

    cell: nbformat.NotebookNode
    solution: str
    answer: nbformat.NotebookNode


def exercises(notebook):
    """Return the exercises of a notebook, in order.

    Raises
    ------
    NotebookError
        For each exercise that has not exactly one worked solution, in the cell below it, or has
        no placeholder for it, or no check at its end.
    """
    cells, listed, wrong = notebook.cells, [], []
    for cell, answer in zip(cells, [*cells[1:], NOTHING], strict=True):
        solved = answer.source.count("<summary>Solution")
        if "exercise" not in tags(cell):
            if solved:
                wrong.append(
                    f"{named(answer)}: a solution, and no exercise in the cell above it: that is "
                    "code that ends in its check; `make record` tags it"
                )
            continue
        found = SOLUTION.findall(answer.source) if answer.cell_type == "markdown" else []
        if len(found) != 1 or solved != 1:
            wrong.append(
                f"{named(cell)}: one solution belongs in the cell below it, written as {WRITTEN}; "
                f"found: {solved}, so written: {len(found)}"
            )
            continue
        listed.append(Exercise(cell, found[0].rstrip("\n"), answer))
        try:
            *_, end = split_exercise(cell.source, listed[-1].solution)
            if not CHECK.match(end):
                wrong.append(f"{named(cell)}: after the placeholder comes its check, check_NAME(…)")
        except NotebookError as problem:
            wrong.append(f"{named(cell)}: {problem}")
    if wrong:
        raise NotebookError("\n".join(wrong))
    return listed


def solutions(notebook):
    """Return the source of each worked solution, in order."""
    return [exercise.solution for exercise in exercises(notebook)]


def split_exercise(source, solution):
    """Return what stands before the placeholder of `solution`, the placeholder, and the check."""
    try:
        names = set().union(*map(bound_names, ast.parse(solution).body))
    except SyntaxError as error:
        raise NotebookError(f"the solution is no Python: {error}") from None
    lines = source.splitlines()
    for statement in ast.parse(source).body:
        if bound_names(statement) == names:
            first, last = statement.lineno - 1, statement.end_lineno
            parts = lines[:first], lines[first:last], lines[last:]
            return ["\n".join(part).strip("\n") for part in parts]
    bound = " and ".join(sorted(names)) or "nothing"
    raise NotebookError(
        f"the solution binds {bound}, and no statement of the cell binds the same: its placeholder "
        "is NAME = ... or a function of the same name"
    )


# --- what the series keeps ---


def definitions(notebook):
    """Return {name: cell} for each name that the `define` cells bind."""
    return {
        name: cell
        for cell in code_cells(notebook, "define")
        for statement in ast.parse(cell.source).body
        for name in bound_names(statement)
    }


TAUGHT = '''"""What the series keeps, in the order in which it is derived.

Written by `make record` from the cells of the notebooks that are tagged `define`; changes here
are lost.
"""

import numpy as np
'''


def taught(paths):
    """Return the text of lesson/taught.py: the `define` cells, each with where it stands."""
    parts = [TAUGHT]
    for path in paths:
        notebook = read(path)
        for cell in code_cells(notebook, "define"):
            parts.append(f"# {path.stem}, cell {cell.get('id')}\n{cell.source}\n")
    return "\n\n".join(parts)
