"""The frame of a notebook, so that a reader always knows where things are.

Each rule takes a path and yields the problems it sees, each with its cell and what to do.
"""

import ast
import re
from itertools import pairwise

from tools.notebook import (
    CONTENTS,
    LESSON,
    NOTEBOOKS,
    NotebookError,
    anchors,
    code_cells,
    definitions,
    exercises,
    header,
    imported,
    lab_anchor,
    links,
    read,
    sections,
    text_cells,
    times,
    topic,
    whole_text,
)

CLOSING = ["Exercises", "Summary", "References"]
# Fifteen lines for a function, and one screen for a class, which cannot be cut in two.
LINES, LINES_OF_A_CLASS, COLUMNS = 15, 45, 100
MAY_IMPORT = {
    *("dataclasses", "itertools", "json", "pathlib", "warnings"),
    *("IPython", "lesson", "matplotlib", "mpmath", "numpy", "plotnet", "scipy", "sklearn"),
}
# Notebook 01 teaches its brushes.
MAY_IMPORT_TOO = {"01": {"viznet"}}


def first_cell(path):
    """A title with the number of the file, a promise, and a table."""
    try:
        says = header(read(path))
    except NotebookError as problem:
        yield str(problem)
        return
    if not re.fullmatch(rf"{path.name[:2]} · \S.+", says.title):
        yield f"the title is {says.title!r}; begin it with '{path.name[:2]} · '"
    reading, further, practice = times(read(path))
    if not 0 < reading <= 25:
        yield f"it takes {reading} minutes to read, at most 25: move something to Going further"
    claimed = says.reading, says.further, says.practice
    if any(abs(a - b) > 1 for a, b in zip(claimed, (reading, further, practice), strict=True)):
        yield (
            f"the header says {claimed} minutes of reading, further and practice; "
            f"the rule counts {reading}, {further}, {practice}"
        )


def last_sections(path):
    found = re.findall(r"^## (.+)$", whole_text(read(path)), re.MULTILINE)
    if found[-3:] != CLOSING:
        yield f"the last sections are {found[-3:]}; expected are {CLOSING}"
    for cell in text_cells(read(path)):
        if cell.source.startswith("## Summary") and len(re.findall(r"^- ", cell.source, re.M)) != 3:
            yield f"{cell.id}: the summary has three bullets"
        if cell.source.startswith("## References"):
            yield from _references(cell)


def _references(cell):
    dois = re.findall(r"\[doi:(\S+?)\]\(https://doi\.org/(\S+?)\)", cell.source)
    if not dois:
        yield f"{cell.id}: give a DOI, written [doi:10…](https://doi.org/10…)"
    for shown, target in dois:
        if shown != target or not re.match(r"10\.\d{4,}/\S+", shown):
            yield f"{cell.id}: the DOI {shown} links to {target}"


def neighbours(path):
    """Return the notebooks before and after a path, None at either end of the series."""
    around = sorted({*NOTEBOOKS, path}, key=lambda p: p.name)
    position = around.index(path)
    return (
        around[position - 1] if position else None,
        around[position + 1] if position + 1 < len(around) else None,
    )


def navigation(path):
    """The last cell leads back, to the contents, and on."""
    last = read(path).cells[-1]
    before, after = neighbours(path)
    steps = [f"[Contents]({CONTENTS})"]
    if before:
        steps.insert(0, f"[← {header(read(before)).title}]({before.name})")
    if after:
        steps.append(f"[{header(read(after)).title} →]({after.name})")
    expected = " · ".join(steps)
    # The last notebook may say more.
    if last.source != expected and (after or not last.source.startswith(expected)):
        yield f"{last.id}: the last cell is {last.source!r}; expected is {expected!r}"


def links_lead_somewhere(path):
    root = path.parent.parent
    for cell in text_cells(read(path)):
        for link in links(cell.source):
            target, _, anchor = link.partition("#")
            if link.startswith("https://"):
                continue
            file = (path.parent / target).resolve() if target else path
            if not file.is_relative_to(root.resolve()) or not file.exists():
                yield f"{cell.id}: the link {link} leads to no file"
            elif anchor and anchor not in anchors(file):
                yield f"{cell.id}: the link {link} leads to no heading of {file.name}"


def notation(path):
    """The one table of notation stands in notebook 01, and is linked from all others."""
    text = whole_text(read(path))
    if path.name.startswith("01"):
        if "## Notation" not in text:
            yield "the section 'Notation' is gone"
    elif f"({NOTEBOOKS[0].name}#Notation)" not in text:
        yield f"link to the notation: [notation table]({NOTEBOOKS[0].name}#Notation)"


def cells_fit_a_screen(path):
    for cell in read(path).cells:
        if not cell.source.strip():
            yield f"{cell.id}: the cell is empty"
    for cell in code_cells(read(path)):
        if "jupyter" in cell.metadata:
            # The imports, collapsed.
            continue
        lines = LINES_OF_A_CLASS if re.search("^class ", cell.source, re.MULTILINE) else LINES
        if cell.source.count("\n") >= lines:
            yield f"{cell.id}: {cell.source.count(chr(10)) + 1} lines of code; at most {lines}"
        if max(map(len, cell.source.splitlines()), default=0) > COLUMNS:
            yield f"{cell.id}: a line of code is longer than {COLUMNS} letters"


def outputs_are_read(path):
    """After an output, and before the next code that shows something, comes a sentence."""
    cells = read(path).cells
    for cell, following in pairwise(cells):
        if cell.cell_type == "code" and cell.outputs and following.cell_type != "markdown":
            yield f"{cell.id}: no sentence follows its output: say what to see in it"
    if cells[-1].cell_type != "markdown":
        yield f"{cells[-1].id}: the last cell leads to the neighbours"


def errors_and_warnings_are_announced(path):
    for before, cell in pairwise(read(path).cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error" and f"**`{output.ename}`**" not in before.source:
                yield f"{cell.id}: name **`{output.ename}`** in the text before it"
            if output.get("name") == "stderr":
                kind = output.text.split(":")[0]
                if f"`{kind}`" not in before.source:
                    yield f"{cell.id}: name `{kind}` in the text before it"


def exercises_are_complete(path):
    notebook = read(path)
    try:
        found = exercises(notebook)
    except NotebookError as problem:
        yield str(problem)
        return
    for exercise in found:
        cell, text = exercise.cell, exercise.answer.source
        if text.count("<summary>Hint") < 2 or text.index("Hint 1") > text.index("Solution"):
            yield f"{cell.id}: an exercise has two hints or more, then its solution"
        if "..." not in cell.source:
            yield f"{cell.id}: an exercise has the placeholder ..."
    text = whole_text(notebook)
    if not text.count("<details>") == text.count("</details>") == text.count("<summary>"):
        yield "a <details> is not closed, or has no <summary>"
    if not (LESSON.parent / "lesson" / "checks" / f"{topic(path)}.py").exists() and found:
        yield f"the checks are missing: lesson/checks/{topic(path)}.py"


def definitions_say_what_they_are(path):
    """What the series keeps says in one sentence what it is, and is kept under one name."""
    for name, cell in definitions(read(path)).items():
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                doc = ast.get_docstring(node) or ""
                if not re.fullmatch(r"[A-Z-].{10,}\.", doc):
                    yield f"{cell.id}: the docstring of {node.name} is one sentence, not {doc!r}"
        for other in NOTEBOOKS:
            if other.name != path.name and name in definitions(read(other)):
                yield f"{cell.id}: {name} is defined in {other.name}, too"


def imports(path):
    """What a notebook imports is in its environment; what is taught, an earlier one derives."""
    notebook = read(path)
    allowed = MAY_IMPORT | MAY_IMPORT_TOO.get(path.name[:2], set())
    for cell, module, names in imported(notebook):
        if module.split(".")[0] not in allowed:
            yield f"{cell.id}: imports {module}; a notebook imports {', '.join(sorted(allowed))}"
        if module == "lesson.taught":
            for name in names:
                yield from _derived_earlier(path, cell, name)


def _derived_earlier(path, cell, name):
    """The name is defined in an earlier notebook, and a link leads to the section of that cell."""
    for earlier in NOTEBOOKS:
        notebook = read(earlier)
        if earlier.name < path.name and name in definitions(notebook):
            defining = definitions(notebook)[name]
            section = next(heading for heading, c in sections(notebook) if c is defining)
            link = f"[`{name}`]({earlier.name}#{lab_anchor(section)})"
            if link not in whole_text(read(path)):
                yield f"{cell.id}: say where {name} comes from: {link}"
            return
    yield f"{cell.id}: imports {name}, which no earlier notebook defines"


RULES = [
    first_cell,
    last_sections,
    navigation,
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
    return [f"{path.name}: {problem}" for rule in RULES for problem in rule(path)]
