"""Promise: every stored notebook was run, completely, and shows what it should."""

import base64
import copy

import pytest

from tests.helpers.stored_rules import problems
from tools.notebook import NOTEBOOKS, code_cells, images, read
from tools.record import CELLS, README_PICTURE, cell_list

by_name = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@by_name
def test_nothing_is_wrong(path):
    assert problems(read(path)) == []


def test_cells_are_where_and_what_they_were():
    assert cell_list() == CELLS.read_text(encoding="utf-8")


def test_the_readme_shows_the_first_figure():
    pictures = [data for cell in code_cells(read(NOTEBOOKS[0])) for data, _ in images(cell)]
    assert README_PICTURE.read_bytes() == base64.b64decode(pictures[0]["image/png"])


@pytest.mark.parametrize(
    "damage",
    [
        lambda notebook: notebook.update(nbformat_minor=4),
        lambda notebook: notebook.metadata.update(title="Softmax"),
        lambda notebook: notebook.metadata.language_info.update(version="3.11.7"),
        lambda notebook: notebook.cells[0].update(collapsed=True),
        lambda notebook: notebook.cells.append(notebook.cells[0]),
    ],
    ids=["format", "title", "version", "unknown", "repeated"],
)
def test_a_damaged_frame_is_seen(damage):
    notebook = copy.deepcopy(read(NOTEBOOKS[0]))
    damage(notebook)
    assert problems(notebook)


def keep_the_view(data):
    data["application/vnd.jupyter.widget-view+json"] = {"model_id": "0" * 32}


def drop_the_place(data):
    del data["text/html"]


@pytest.mark.parametrize("damage", [keep_the_view, drop_the_place])
@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if "Slider(" in p.read_text("utf-8")])
def test_a_slider_is_stored_as_its_place_on_a_page(path, damage):
    notebook = copy.deepcopy(read(path))
    stored = [o.data for cell in code_cells(notebook) for o in cell.outputs if "data" in o]
    damage(next(data for data in stored if "data-slider=" in data.get("text/html", "")))
    assert problems(notebook)
