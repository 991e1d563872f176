"""The notebooks as the tests see them: files, cells, tags, and the functions they define."""

import re
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("[0-9][0-9]_*.ipynb"))
TAGS = {"define", "recap", "exercise", "raises-exception"}


def read(path):
    return nbformat.read(path, as_version=4)


def tags(cell):
    return cell.metadata.get("tags", [])


def code_cells(notebook, tag=None):
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell for cell in cells if tag is None or tag in tags(cell)]


def text_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def images(cell):
    """Yield (data, metadata) of each picture that the cell has stored."""
    for output in cell.outputs:
        if any(kind.startswith("image/") for kind in output.get("data", {})):
            yield output.data, output.metadata


def definitions(number):
    """Run the `define` and `recap` cells of notebook `number` in an empty namespace."""
    (path,) = FOLDER.glob(f"{number:02d}_*.ipynb")
    namespace = {"__name__": path.stem}
    for cell in code_cells(read(path)):
        if {"define", "recap"} & set(tags(cell)):
            exec(compile(cell.source, f"{path.name}:{cell.id}", "exec"), namespace)
    return namespace


def solutions(notebook):
    """Return the source of each worked solution, in order."""
    found = []
    for cell in text_cells(notebook):
        found += re.findall(
            r"<summary>Solution</summary>\n\n```python\n(.*?)```", cell.source, re.DOTALL
        )
    return found
