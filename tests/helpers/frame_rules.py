"""The frame of a notebook, so that a reader always knows where things are.

Each rule takes the path of a notebook and its content, and yields the problems it sees.
"""

import ast
import re
from itertools import pairwise

from tools.notebook import (
    NOTEBOOKS,
    NotebookError,
    anchors,
    definitions,
    exercises,
    header,
    imported,
    lab_anchor,
    links,
    named,
    navigation,
    read,
    sections,
    tags,
    text_cells,
    times,
    topic,
    unrecorded,
    whole_text,
)

CLOSING = ["Exercises", "Test yourself", "Summary", "References"]
# Fifteen lines, or one screen for a collapsed cell: imports, or a class that cannot be cut in two.
LINES, LINES_COLLAPSED, COLUMNS = 15, 48, 100
MAY_IMPORT = {
    *("dataclasses", "itertools", "json", "pathlib", "warnings"),
    *("IPython", "lesson", "matplotlib", "mpmath", "numpy", "plotnet", "scipy", "sklearn"),
}
# Notebook 01 teaches its brushes, 10 kills processes of its cluster.
OF_MANY_MACHINES = {"concurrent", "dask", "logging", "math", "os", "psutil"}
MAY_IMPORT_TOO = {"01": {"viznet"}, "10": OF_MANY_MACHINES}


def first_cell(path, notebook):
    """A title with the number of the file, a promise, and a table with honest times."""
    says, counted = header(notebook), times(notebook)
    if not re.fullmatch(rf"{path.name[:2]} · \S.+", says.title):
        yield f"the title is {says.title!r}; begin it with '{path.name[:2]} · '"
    if not 0 < counted[0] <= 25:
        yield f"it takes {counted[0]} minutes to read, at most 25: move something to Going further"
    claimed = says.reading, says.further, says.practice
    if any(abs(a - b) > 1 for a, b in zip(claimed, counted, strict=True)):
        yield (
            f"{named(notebook.cells[0])}: the minutes to read, of Going further and to practise "
            f"are {claimed}; by the rule they are {counted}: write these"
        )


def last_sections(path, notebook):
    found = re.findall(r"^## (.+)$", whole_text(notebook), re.MULTILINE)
    if found[-len(CLOSING) :] != CLOSING:
        yield f"the last sections are {found[-4:]}; expected are {CLOSING}"
    for cell in text_cells(notebook):
        if cell.source.startswith("## Test") and cell.source.count("<details>") != 5:
            yield f"{named(cell)}: five questions, each with its answer folded"
        if cell.source.startswith("## Summary") and len(re.findall(r"^- ", cell.source, re.M)) != 3:
            yield f"{named(cell)}: the summary has three bullets"
        if cell.source.startswith("## References"):
            dois = re.findall(r"\[doi:(10\.\d{4,}/\S+?)\]\(https://doi\.org/(\S+?)\)", cell.source)
            if not dois or len(dois) != cell.source.count("doi:"):
                yield f"{named(cell)}: write a DOI as [doi:10…](https://doi.org/10…)"
            yield from (f"{named(cell)}: the DOI {a} links to {b}" for a, b in dois if a != b)


def last_cell(path, notebook):
    """It leads back, to the contents, and on; the last one of the series may say more."""
    last, expected = notebook.cells[-1], navigation(path)
    if last.source != expected and ("→" in expected or not last.source.startswith(expected)):
        yield f"{named(last)}: the last cell is {last.source!r}; expected is {expected!r}"


def lost(path, link, root):
    """Return why a link in the file at `path` leads nowhere in the project; "" if it does not."""
    target, _, anchor = link.partition("#")
    if link.startswith("https://"):
        return ""
    file = (path.parent / target).resolve() if target else path
    if not file.is_relative_to(root) or not file.exists():
        return f"the link {link} leads to no file"
    if anchor and anchor not in anchors(file):
        return f"the link {link} leads to no heading of {file.name}: was it renamed?"
    return ""


def links_lead_somewhere(path, notebook):
    for cell in text_cells(notebook):
        for link in links(cell.source):
            if link.startswith("#"):
                # A deck and the book have no such place: the file's name says where to look.
                yield f"{named(cell)}: write the link {link} as {path.name}{link}"
            elif problem := lost(path, link, path.parent.parent.resolve()):
                yield f"{named(cell)}: {problem}"


def notation(path, notebook):
    """The one table of notation stands in notebook 01, and is linked from all others."""
    wanted = f"({NOTEBOOKS[0].name}#Notation)" if path != NOTEBOOKS[0] else "## Notation"
    if wanted not in whole_text(notebook):
        yield f"the notation is missing: {wanted}"


def cells_fit_a_screen(path, notebook):
    for cell in notebook.cells:
        if not cell.source.strip():
            yield f"{named(cell)}: the cell is empty"
        if cell.cell_type == "markdown":
            continue
        found = cell.source.splitlines()
        # What is collapsed is opened by those who want to read it whole.
        lines = LINES_COLLAPSED if "jupyter" in cell.metadata else LINES
        if len(found) > lines or max(map(len, found), default=0) > COLUMNS:
            yield f"{named(cell)}: at most {lines} lines of code, of at most {COLUMNS} letters"


def outputs_are_read(path, notebook):
    """After an output, and before the next code, comes a sentence."""
    for cell, following in pairwise(notebook.cells):
        if cell.cell_type == "code" and cell.outputs and following.cell_type != "markdown":
            yield f"{named(cell)}: no sentence follows its output: say what to see in it"


def errors_and_warnings_are_announced(path, notebook):
    for before, cell in pairwise(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error" and f"**`{output.ename}`**" not in before.source:
                yield f"{named(cell)}: name **`{output.ename}`** in the text before it"
            if output.get("name") == "stderr":
                kind = output.text.split(":")[0]
                if f"`{kind}`" not in before.source:
                    yield f"{named(cell)}: name `{kind}` in the text before it"


def exercises_are_complete(path, notebook):
    for cell, following in pairwise(notebook.cells):
        if "exercise" in tags(cell):
            if len(re.findall("<summary>Hint", following.source.partition(">Solution")[0])) < 2:
                yield f"{named(cell)}: write two hints or more below it, then the solution"
            if "..." not in cell.source:
                yield f"{named(cell)}: an exercise has the placeholder ..."
    text, count = whole_text(notebook), sum("exercise" in tags(cell) for cell in notebook.cells)
    numbered = re.findall(r"^### Exercise (\d+): \S", text, re.MULTILINE)
    if numbered != [str(i + 1) for i in range(count)]:
        yield f"{count} exercises have the headings {numbered}: write '### Exercise 1: …' and so on"
    if not text.count("<details>") == text.count("</details>") == text.count("<summary>"):
        yield "a <details> is not closed, or has no <summary>"
    if exercises(notebook):
        module = path.parent / "lesson" / "checks" / f"{topic(path)}.py"
        if not module.exists():
            yield f"the checks are missing: lesson/checks/{module.name}"


def definitions_say_what_they_are(path, notebook):
    """What the series keeps says in one sentence what it is, and is kept under one name."""
    for name, cell in definitions(notebook).items():
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                doc = ast.get_docstring(node) or ""
                if not re.fullmatch(r"[A-Z-].{10,}\.", doc):
                    yield f"{named(cell)}: {node.name} needs one sentence as docstring, not {doc!r}"
        for other in NOTEBOOKS:
            if other.name != path.name and name in definitions(read(other)):
                yield f"{named(cell)}: {name} is defined in {other.name}, too"


def imports(path, notebook):
    """What a notebook imports is in its environment; what is taught, an earlier one derives."""
    allowed = MAY_IMPORT | MAY_IMPORT_TOO.get(path.name[:2], set())
    for cell, module, names in imported(notebook):
        if module.split(".")[0] not in allowed:
            listed = ", ".join(sorted(allowed))
            yield f"{named(cell)}: imports {module}; a notebook imports {listed}"
        for name in names if module == "lesson.taught" else ():
            links = [
                link
                for earlier in NOTEBOOKS
                if earlier.name < path.name
                for link in _links_to(name, earlier)
            ]
            if not links:
                yield f"{named(cell)}: imports {name}, which no earlier notebook defines"
            elif links[0] not in whole_text(notebook):
                yield f"{named(cell)}: say where {name} comes from: {links[0]}"


def _links_to(name, earlier):
    """Yield the link to the section in which a notebook defines a name, if it does."""
    notebook = read(earlier)
    if defining := definitions(notebook).get(name):
        section = next(heading for heading, cell in sections(notebook) if cell is defining)
        yield f"[`{name}`]({earlier.name}#{lab_anchor(section)})"


RULES = [
    first_cell,
    last_sections,
    last_cell,
    links_lead_somewhere,
    notation,
    cells_fit_a_screen,
    outputs_are_read,
    errors_and_warnings_are_announced,
    exercises_are_complete,
    definitions_say_what_they_are,
    imports,
]


def problems(path):
    """Return everything that is wrong with the frame of the notebook at `path`."""
    notebook, found = read(path), {}
    if new := unrecorded(notebook):
        return [f"{path.name}: {new}"]
    for rule in RULES:
        try:
            for problem in rule(path, notebook):
                found[problem] = None
        except NotebookError as problem:
            found |= dict.fromkeys(str(problem).splitlines())
    return [f"{path.name}: {problem}" for problem in found]
