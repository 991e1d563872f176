"""Promise: every stored notebook was run, completely, and shows what it should."""

from difflib import ndiff

import nbformat
import pytest

from tests.helpers.project import none_of
from tests.helpers.stored_rules import problems
from tools.notebook import NOTEBOOKS, read
from tools.pictures import SAME_PICTURE, distance, pictures_can_be_compared
from tools.record import CELLS, README_PICTURE, STORY, TEMPLATE, cell_list, first_picture
from tools.web import landing_picture

by_name = pytest.mark.parametrize("path", [*NOTEBOOKS, TEMPLATE], ids=lambda path: path.stem)


@by_name
def test_nothing_is_wrong(path):
    none_of(f"{path.name}, {problem}" for problem in problems(read(path)))


@by_name
def test_the_file_is_written_as_recording_writes_it(path):
    same = path.read_text(encoding="utf-8") == nbformat.writes(read(path)) + "\n"
    assert same, f"{path.name}: run `make record`, which writes it as all others are written"


def test_cells_are_where_and_what_they_were():
    stored = CELLS.read_text(encoding="utf-8").splitlines()
    changed = [line for line in ndiff(stored, cell_list().splitlines()) if line[0] in "+-"]
    assert not changed, "run `make record`, and read what git says of tests/notebooks/cells.txt"


def test_the_readme_shows_the_first_figure_and_the_story():
    assert README_PICTURE.read_bytes() == first_picture()
    if pictures_can_be_compared():
        assert distance(STORY.read_bytes(), landing_picture.png()) <= SAME_PICTURE


def drop_the_place(data):
    del data["text/html"]


def keep_the_view(data):
    data["application/vnd.jupyter.widget-view+json"] = {"model_id": "0" * 32}


@pytest.mark.parametrize("damage", [keep_the_view, drop_the_place])
@pytest.mark.parametrize("path", [p for p in NOTEBOOKS if "Slider(" in p.read_text("utf-8")])
def test_a_slider_is_stored_as_its_place_on_a_page(path, damage):
    notebook = read(path)
    data = [o.data for cell in notebook.cells for o in cell.get("outputs", []) if "data" in o]
    damage(next(each for each in data if "data-slider=" in each.get("text/html", "")))
    assert problems(notebook)
