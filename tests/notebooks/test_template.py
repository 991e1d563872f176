"""Promise: a new notebook passes by convention alone, and no damage to a stored one goes unseen."""

import io
import re
import shutil
from base64 import b64decode, b64encode
from copy import deepcopy
from functools import reduce
from operator import getitem, setitem

import nbformat
import numpy as np
import pytest
from matplotlib.image import imsave

from tests.helpers import frame_rules, stored_rules
from tests.helpers.project import nbval
from tools.environment import copy_project
from tools.notebook import read
from tools.pictures import pictures_can_be_compared, pixels
from tools.record import README_PICTURE, TEMPLATE, TEMPLATE_CHECKS, cell_list

# The cells of the template by what they hold.
TITLE, VALUE, DEFINE, WARNING, ERROR = (f"template-{n:03}" for n in (1, 5, 8, 10, 12))
TABLE, FIGURE, EXERCISE, END = (f"template-{n:03}" for n in (14, 16, 21, 26))
WIDGET = "application/vnd.jupyter.widget-view+json"


def put(*keys, value):
    """Return a damage: `value` at these keys of a cell's outputs."""
    return lambda cell: setitem(reduce(getitem, keys[:-1], cell.outputs), keys[-1], value)


def paint(change):
    """Return a damage: the picture's colours, (height, width, 3), changed."""

    def damage(cell):
        file, png = io.BytesIO(), b64decode(cell.outputs[0].data["image/png"])
        imsave(file, np.ascontiguousarray(change(pixels(png))), format="png")
        cell.outputs[0].data["image/png"] = b64encode(file.getvalue()).decode()

    return damage


def say_of_both(cell):
    cell.metadata.mystnb.image.alt += " It is red."
    cell.outputs[0].metadata["image/png"].alt += " It is red."


# What is done: the cell, or None for the notebook, and how.
AT_REST = {
    "clear a cell": (VALUE, lambda c: c.update(execution_count=None, outputs=[])),
    "null a count": (DEFINE, lambda c: c.update(execution_count=None)),
    "delete a cell": (None, lambda n: n.cells.pop(4)),
    "delete a text": (None, lambda n: n.cells.pop(6)),
    "repeat an id": (DEFINE, lambda c: c.update(id=TITLE)),
    "rename a cell": (TITLE, lambda c: c.update(id="another")),
    "empty a cell": (TITLE, lambda c: c.update(source="")),
    "hide a cell": (VALUE, lambda c: c.metadata.update(jupyter={"source_hidden": True})),
    "move in the slides": (TITLE, lambda c: c.metadata.slideshow.update(slide_type="notes")),
    "leave the slides": (TITLE, lambda c: c.metadata.pop("slideshow")),
    "say more to the site": (FIGURE, lambda c: c.metadata.mystnb.update(remove_output=True)),
    "define no more": (DEFINE, lambda c: c.metadata.pop("tags")),
    "exercise no more": (EXERCISE, lambda c: c.metadata.pop("tags")),
    "announce no error": (ERROR, lambda c: c.metadata.pop("tags")),
    "ignore an output": (VALUE, lambda c: c.metadata.update(tags=["nbval-ignore-output"])),
    "ignore it by a comment": (VALUE, lambda c: c.update(source="# NBVAL_SKIP\n" + c.source)),
    "attach a file": (TITLE, lambda c: c.update(attachments={"a": {"text/plain": "a"}})),
    "answer an exercise": (EXERCISE, put(0, "text", value="Right.\n")),
    "change a traceback": (ERROR, put(0, "traceback", value=["KeyError: 1"])),
    "drop the alt text": (FIGURE, lambda c: c.outputs[0].metadata.pop("image/png")),
    "change one alt text": (FIGURE, lambda c: c.metadata.mystnb.image.update(alt="a" * 50)),
    "drop the picture": (FIGURE, lambda c: c.outputs[0].data.pop("image/png")),
    "blank the picture": (FIGURE, paint(np.ones_like)),
    "see through it": (FIGURE, paint(lambda old: np.dstack([old, 0 * old[..., 0]]))),
    "spoil the picture": (FIGURE, put(0, "data", "image/png", value="iVBORw0KGgo=")),
    "add a drawing": (FIGURE, put(0, "data", "image/svg+xml", value="<svg/>")),
    "keep a widget": (VALUE, put(0, "data", WIDGET, value={"model_id": "0"})),
    "name this machine": (VALUE, put(0, "data", "text/html", value="/home/a/b.py")),
    "break a link": (END, lambda c: c.update(source=c.source.replace("](", "](x", 1))),
    "title the file": (None, lambda n: n.metadata.update(title="Softmax")),
    "name the version": (None, lambda n: n.metadata.language_info.update(version="3.11")),
    "change the format": (None, lambda n: n.update(nbformat_minor=4)),
}
IN_A_RUN = {
    "clear the cell": (VALUE, lambda c: c.update(execution_count=None, outputs=[])),
    "change a digit": (VALUE, put(0, "data", "text/plain", value="array([0.5, 0.6])")),
    "add a form": (VALUE, put(0, "data", "text/html", value="0.5")),
    "repeat the output": (VALUE, lambda c: c.outputs.append(c.outputs[0])),
    "drop an output": (WARNING, lambda c: c.outputs.pop()),
    "swap the outputs": (WARNING, lambda c: c.outputs.reverse()),
    "change the warning": (WARNING, put(0, "text", value="RuntimeWarning: no\n")),
    "say it on stdout": (WARNING, put(0, "name", value="stdout")),
    "change the table": (TABLE, put(0, "data", "text/markdown", value="| a |")),
    "rename the exception": (ERROR, put(0, "ename", value="KeyError")),
    "change its message": (ERROR, put(0, "evalue", value="no")),
    "invent an output": (DEFINE, lambda c: c.outputs.append(nbformat.v4.new_output("stream"))),
    "lose the picture": (FIGURE, lambda c: c.outputs[0].data.pop("image/png")),
    "change both alt texts": (FIGURE, say_of_both),
}
if pictures_can_be_compared():
    IN_A_RUN["mirror the picture"] = FIGURE, paint(lambda old: old[:, ::-1])
    IN_A_RUN["paint a stripe"] = FIGURE, paint(lambda old: np.vstack([old[:-9], 0 * old[-9:]]))
    IN_A_RUN["show another picture"] = (
        FIGURE,
        paint(lambda _: pixels(README_PICTURE.read_bytes())[:600, :1200]),
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return copy_project(tmp_path_factory.mktemp("project"))


@pytest.fixture
def path(project):
    """The template as notebook 99 of a copy of the project, its checks beside those of others."""
    shutil.copy(TEMPLATE_CHECKS, project / "notebooks" / "lesson" / "checks" / "template.py")
    return shutil.copy(TEMPLATE, project / "notebooks" / "99_template.ipynb")


def is_fine(path, cells):
    """Whether no test that runs no notebook sees anything; `cells` is the list that git keeps."""
    problems = stored_rules.problems(read(path)) or frame_rules.problems(path)
    return not problems and cell_list([path]) == cells


def test_a_new_notebook_passes_at_rest(path):
    assert is_fine(path, cell_list([path]))


@pytest.mark.filterwarnings("ignore::nbformat.warnings.DuplicateCellId")
@pytest.mark.parametrize("name", AT_REST)
def test_a_damage_is_seen_at_rest(name, path):
    (cell, change), notebook, cells = AT_REST[name], read(path), cell_list([path])
    change(next((c for c in notebook.cells if c.id == cell), notebook))
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    assert not is_fine(path, cells)


def test_a_damage_is_seen_in_a_run_in_its_cell_only(path, project):
    """A copy of its cell with each damage follows it; the cells themselves are the control."""
    notebook = read(path)
    cells = [(None, cell) for cell in notebook.cells if cell.cell_type == "code"]
    for name, (damaged, change) in IN_A_RUN.items():
        place = next(i for i, (_, cell) in enumerate(cells) if cell.id == damaged)
        cells.insert(place + 1, (name, deepcopy(cells[place][1])))
        cells[place + 1][1].id += f"-{len(cells)}"
        change(cells[place + 1][1])
    notebook.cells = [cell for _, cell in cells]
    nbformat.write(notebook, path)
    _, said = nbval(project, path, "--color=no")
    failed = [int(n) for n in re.findall(r"^FAILED \S+::Cell (\d+)", said, re.MULTILINE)]
    # A run that does not tell of each cell would see nothing.
    assert f"{len(cells) - len(IN_A_RUN)} passed" in said.splitlines()[-1], said
    assert [cells[n][0] for n in failed] == [name for name, _ in cells if name]
