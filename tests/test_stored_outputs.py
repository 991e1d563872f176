"""Promise: every stored notebook was run, completely, and shows what it should."""

import base64

import pytest
from record import CELLS, README_PICTURE, cell_list
from series import NOTEBOOKS, code_cells, images, read
from stored import problems

by_name = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@by_name
def test_nothing_is_wrong(path):
    assert problems(read(path)) == []


def test_cells_are_where_and_what_they_were():
    assert cell_list() == CELLS.read_text(encoding="utf-8")


def test_the_readme_shows_the_first_figure():
    pictures = [data for cell in code_cells(read(NOTEBOOKS[0])) for data, _ in images(cell)]
    assert README_PICTURE.read_bytes() == base64.b64decode(pictures[0]["image/png"])
