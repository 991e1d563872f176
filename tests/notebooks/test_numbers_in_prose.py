"""Promise: what the text says of a library, in numbers, is in the recording or printed above."""

import json
import re
from functools import cache

import pytest

from lesson import recorded
from tests.helpers.project import none_of
from tools.notebook import NOTEBOOKS, code_cells, named, read, sections

NAMES = re.compile(r"PyTorch|TensorFlow|Keras|JAX|Optax|SciPy|scikit-learn|MXNet")
NUMBER = re.compile(r"(?<![\w.])[-−]?(\d+\.\d+)(?:(?:[eE]| ?\\cdot 10\^\{?)([-−]?\d+))?(?!\w|\.\d)")


@cache
def recorded_numbers():
    """Return every number and version of the recording."""
    stored = recorded.load()
    text = json.dumps([stored["cases"], stored["mxnet_loss"]])
    versions = set(re.findall(r"\d+(?:\.\d+)+", json.dumps(stored)))
    return numbers(text), versions | {version.rpartition(".")[0] for version in versions}


def numbers(text):
    return {abs(float(n)) for n in re.findall(r"\d+\.?\d*(?:[eE][-+]?\d+)?", text)}


def printed(notebook):
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    shown = [output.get("text", "") for output in outputs]
    for output in outputs:
        shown += [
            v for k, v in output.get("data", {}).items() if k in ("text/plain", "text/markdown")
        ]
    return numbers("\n".join(shown).replace("−", "-"))


def stands(number, exponent, known):
    """Return whether a number of the prose is one of the known ones, to its own digits."""
    digits = len(number.replace(".", "").lstrip("0"))
    value = float(f"{number}e{(exponent or '0').replace('−', '-')}")
    return any(f"{k:.{digits}g}" == f"{value:.{digits}g}" for k in known)


def unfounded(notebook):
    """Yield (cell, number) for each number beside a library that nothing shows."""
    known, versions = recorded_numbers()
    known = known | printed(notebook)
    for heading, cell in sections(notebook):
        if cell.cell_type != "markdown" or heading == "References":
            continue
        for sentence in re.split(r"(?<=[.?!])\s+|\n\n|\n\|", cell.source):
            if NAMES.search(sentence):
                for number, exponent in NUMBER.findall(sentence):
                    if number not in versions and not stands(number, exponent, known):
                        yield f"{named(cell)}: nothing recorded or printed is {number}{exponent}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_numbers_beside_a_library_are_recorded_or_printed(path):
    none_of(f"{path.name}, {problem}" for problem in unfounded(read(path)))


def test_a_number_that_nothing_shows_is_seen():
    notebook = read(NOTEBOOKS[0])
    notebook.cells[0].source += "\n\nPyTorch gives 0.6931, and 5.4321."
    (problem,) = unfounded(notebook)
    assert problem.endswith("is 5.4321")
