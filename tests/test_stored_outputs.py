"""Promise: every stored notebook was run, completely, and shows what it should."""

import base64
import copy
import io
import subprocess
import sys

import matplotlib.image
import nbformat
import numpy as np
import pytest
from record import CELLS, README_PICTURE, cell_list
from series import NOTEBOOKS, ROOT, code_cells, images, read, tags
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


def clear(notebook):
    for cell in code_cells(notebook):
        cell.outputs, cell.execution_count = [], None


def clear_one_cell(notebook):
    cell = next(cell for cell in code_cells(notebook) if cell.outputs)
    cell.outputs, cell.execution_count = [], None


def null_a_count(notebook):
    code_cells(notebook)[-1].execution_count = None


def figure_cell(notebook):
    return next(cell for cell in code_cells(notebook) if list(images(cell)))


def drop_a_picture(notebook):
    data, _ = next(images(figure_cell(notebook)))
    del data["image/png"]


def blank_a_picture(notebook):
    data, _ = next(images(figure_cell(notebook)))
    pixels = matplotlib.image.imread(io.BytesIO(base64.b64decode(data["image/png"])), format="png")
    blank = io.BytesIO()
    matplotlib.image.imsave(blank, np.ones_like(pixels), format="png")
    data["image/png"] = base64.b64encode(blank.getvalue()).decode()


def spoil_a_picture(notebook):
    data, _ = next(images(figure_cell(notebook)))
    data["image/png"] = data["image/png"][: len(data["image/png"]) // 8 * 4]


def drop_alt_text(notebook):
    _, metadata = next(images(figure_cell(notebook)))
    del metadata["image/png"]["alt"]


def change_alt_text(notebook):
    figure_cell(notebook).metadata["mystnb"]["image"]["alt"] += " It is red."


def remove_slideshow(notebook):
    notebook.cells[0].metadata.pop("slideshow")


def misspell_a_tag(notebook):
    next(cell for cell in notebook.cells if tags(cell)).metadata["tags"] = ["exercize"]


def leak_a_path(notebook):
    code_cells(notebook)[0].source += "\n# /home/someone/notes"


def announce_an_error(notebook):
    code_cells(notebook)[0].metadata["tags"] = ["raises-exception"]


def store_an_error(notebook):
    error = nbformat.v4.new_output("error", ename="ValueError", evalue="", traceback=[])
    code_cells(notebook)[0].outputs = [error]


def answer_an_exercise(notebook):
    code_cells(notebook, "exercise")[0].outputs[0]["text"] = "Right.\n"


def name_the_language_version(notebook):
    notebook.metadata["language_info"]["version"] = "3.11.7"


@by_name
@pytest.mark.parametrize(
    "damage",
    [
        clear,
        clear_one_cell,
        null_a_count,
        drop_a_picture,
        blank_a_picture,
        spoil_a_picture,
        drop_alt_text,
        change_alt_text,
        remove_slideshow,
        misspell_a_tag,
        leak_a_path,
        announce_an_error,
        store_an_error,
        answer_an_exercise,
        name_the_language_version,
    ],
    ids=lambda damage: damage.__name__,
)
def test_damage_is_seen(path, damage):
    notebook = copy.deepcopy(read(path))
    damage(notebook)
    assert problems(notebook)


def test_a_changed_digit_fails_and_names_its_cell(tmp_path):
    notebook = read(NOTEBOOKS[0])
    cell = next(
        c
        for c in code_cells(notebook)
        if c.outputs and c.outputs[-1].get("data", {}).get("text/plain") == "117"
    )
    cell.outputs[-1].data["text/plain"] = "118"
    nbformat.write(notebook, tmp_path / "broken.ipynb")
    (tmp_path / "checks.py").write_bytes((ROOT / "notebooks" / "checks.py").read_bytes())
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--nbval",
            "--nbval-current-env",
            "-p",
            "no:cacheprovider",
            "broken.ipynb",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    number = code_cells(notebook).index(cell)
    assert run.returncode == 1, run.stdout
    assert f"FAILED broken.ipynb::Cell {number}" in run.stdout
    assert run.stdout.count("FAILED broken.ipynb") == 1
