"""Run every notebook and store its outputs, normalised: recording twice changes no byte.

python -m tools.record         the whole series
python -m tools.record 02 03   the notebooks whose names start so
"""

import argparse
import shutil
import sys
from base64 import b64decode
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient.exceptions import CellExecutionError

from plotnet.save import whole_or_none
from tools import contract, sample_figures
from tools.notebook import (
    CHECK,
    IMPORTS,
    LESSON,
    NOTEBOOKS,
    ROOT,
    NotebookError,
    choose,
    code_cells,
    images,
    navigation,
    read,
    tags,
    taught,
)
from tools.pictures import SAME_PICTURE, distance, pictures_can_be_compared, why_not
from tools.run import kernel_of_this_environment, run_cells
from tools.web import landing_picture

README_PICTURE, STORY = ROOT / "docs" / "net.png", ROOT / "docs" / "story.png"
CELLS = ROOT / "tests" / "notebooks" / "cells.txt"
TAUGHT = LESSON / "taught.py"
CONTRACT = LESSON / "data" / "contract.json"
# What an author copies to notebooks/, and its checks.
TEMPLATE, TEMPLATE_CHECKS = ROOT / "docs" / "template.ipynb", ROOT / "docs" / "template_checks.py"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# It names a model that lived in the kernel; what is stored beside it stands alone.
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


NO_IDS = "an editor took the cells' ids away: take the file back from git, and use `make edit`"


class Untrue(Exception):
    """What would be stored is not what the locked environment gives."""


def store(path, data):
    """Write bytes or text to `path` if they differ; return whether they did.

    A whole file or none, and no touch without a change: a reader or `git status` beside us must
    never see half of it.
    """
    data = data.encode() if isinstance(data, str) else data
    if path.exists() and path.read_bytes() == data:
        return False
    with whole_or_none(path) as temporary:
        temporary.write_bytes(data)
    return True


def keep_unchanged_pictures(cell, before):
    """Put a stored PNG back where the new one shows the same picture.

    With another matplotlib the old picture stays, as long as its words do: a new figure can be
    recorded in the locked environment only.
    """
    for output, old in zip_longest(cell.outputs, before, fillvalue={}):
        new_png = output.get("data", {}).get("image/png")
        old_png = old.get("data", {}).get("image/png")
        if not new_png or new_png == old_png:
            continue
        if not pictures_can_be_compared():
            if not old_png or output.metadata != old.metadata:
                raise Untrue(f"{cell.id}: the figure has changed, and cannot be drawn: {why_not()}")
            output["data"]["image/png"] = old_png
        elif old_png and distance(b64decode(old_png), b64decode(new_png)) <= SAME_PICTURE:
            output["data"]["image/png"] = old_png


def shorten_tracebacks(cell):
    """Keep what an error says: the frames name places on this machine and differ by version."""
    for output in cell.outputs:
        if output.output_type == "error":
            output.traceback = [f"{output.ename}: {output.evalue}"]


def drop_widget_views(cell):
    """Keep a slider's text and its place on the page, not the view of a model that is gone."""
    for output in cell.outputs:
        output.get("data", {}).pop(WIDGET_VIEW, None)


def copy_alt_text(cell):
    """The site reads a figure's alt text from the cell, nbconvert from the output."""
    for output in cell.outputs:
        alt = output.get("metadata", {}).get("image/png", {}).get("alt")
        if alt:
            cell.metadata["mystnb"] = {"image": {"alt": alt}}


def usual_place(cell):
    """Return the place in the slides that cells of this kind usually have."""
    if cell.cell_type == "code" or cell.source.startswith("<details>"):
        return "-"
    return {"##": "slide", "###": "subslide"}.get(cell.source.partition(" ")[0], "fragment")


def tidy(cell):
    """Keep of a cell's metadata what somebody reads, and add what follows from the source.

    JupyterLab gives a new cell none, and one whose slide type is chosen more than that.
    """
    old, found, source = cell.metadata, tags(cell), cell.source if cell.cell_type == "code" else ""
    place = old.get("slideshow", {}).get("slide_type") or usual_place(cell)
    cell.metadata = nbformat.from_dict({"slideshow": {"slide_type": place}})
    if CHECK.search(source) and "exercise" not in found:
        found = [*found, "exercise"]
    if found:
        cell.metadata["tags"] = found
    if IMPORTS.search(source) or old.get("jupyter", {}).get("source_hidden"):
        cell.metadata["jupyter"] = nbformat.from_dict({"source_hidden": True})


@contextmanager
def folder_for_the_template():
    """Yield a folder like notebooks/, in which the template's checks have their place."""
    with TemporaryDirectory() as name:
        shutil.copytree(LESSON, Path(name, "lesson"))
        shutil.copyfile(TEMPLATE_CHECKS, Path(name, "lesson", "checks", f"{TEMPLATE.stem}.py"))
        yield name


def record_template():
    """Record the template as the last notebook of the series."""
    notebook = read(TEMPLATE)
    says = notebook.cells[-1].source.partition("\n\n")
    notebook.cells[-1].source = "".join([navigation(TEMPLATE), *says[1:]])
    with folder_for_the_template() as folder:
        return record(TEMPLATE, notebook, folder)


def record(path, notebook=None, folder=None):
    """Execute the notebook at `path` and write it back; nothing is written if a cell fails."""
    notebook = notebook or read(path)
    before = [cell.get("outputs", []) for cell in notebook.cells]
    run_cells(notebook, folder or path.parent, record_timing=False, coalesce_streams=True)
    for cell, old in zip(notebook.cells, before, strict=True):
        tidy(cell)
        if cell.cell_type == "code":
            keep_unchanged_pictures(cell, old)
            shorten_tracebacks(cell)
            drop_widget_views(cell)
            copy_alt_text(cell)
    notebook.nbformat_minor = 5
    notebook.metadata = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    return store(path, nbformat.writes(notebook) + "\n")


def cell_list(paths=NOTEBOOKS):
    """Return a line for each cell: notebook, id, kind, place in the slides, tags, collapsed.

    Kept beside the tests, it makes a lost tag or a moved cell a change that somebody reads.
    """
    lines = []
    for path in paths:
        for cell in read(path).cells:
            place = cell.metadata.get("slideshow", {}).get("slide_type", "")
            marks = " ".join(cell.metadata.get("tags", []))
            name = cell.get("id")
            marks += " collapsed" * ("jupyter" in cell.metadata)
            lines.append(f"{path.name[:2]} {name} {cell.cell_type} {place} {marks}".rstrip())
    return "\n".join(lines) + "\n"


def first_picture():
    """Return the first figure of the series, a PNG: the README shows it."""
    pictures = [data for cell in code_cells(read(NOTEBOOKS[0])) for data, _ in images(cell)]
    return b64decode(pictures[0]["image/png"])


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="how the names of the notebooks start")
    try:
        paths = choose(parser.parse_args(arguments).names)
    except NotebookError as problem:
        sys.exit(str(problem))
    if not pictures_can_be_compared():
        print(f"Stored pictures stay as they are: {why_not()}.")
    for path in paths:
        if not all("id" in cell for cell in read(path).cells):
            sys.exit(f"{path.name}: {NO_IDS}")
    # The notebooks import them, so that they are written first.
    store(TAUGHT, taught(NOTEBOOKS))
    store(CONTRACT, contract.text())
    if paths == NOTEBOOKS:
        paths = [*paths, TEMPLATE]
    with kernel_of_this_environment():
        for number, path in enumerate(paths, 1):
            print(f"[{number}/{len(paths)}] {path.stem} ... ", end="", flush=True)
            try:
                changed = record_template() if path == TEMPLATE else record(path)
                print("recorded" if changed else "unchanged", flush=True)
            except KeyboardInterrupt:
                sys.exit("stopped; the file is as it was")
            except (CellExecutionError, Untrue) as error:
                sys.exit(f"failed; the file is as it was\n{error}")
    store(README_PICTURE, first_picture())
    if pictures_can_be_compared():
        store(STORY, landing_picture.png())
    store(CELLS, cell_list())
    for path, data in sample_figures.drawn():
        store(path, data)


if __name__ == "__main__":
    main()
