"""What `pytest --nbval` checks here beyond nbval itself."""

import functools

import nbval.kernel
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from tests.helpers import compare_run
from tools.pictures import pictures_can_be_compared, why_not
from tools.run import traffic, tried_again

nbval.kernel.KernelManager = functools.partial(nbval.kernel.KernelManager, config=traffic())
IPyNbFile.setup = tried_again(IPyNbFile.setup)


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="run the tests of tests/slow, too")


def pytest_report_header():
    if pictures_can_be_compared():
        return "figures: compared with the stored ones"
    return f"figures: not compared with the stored ones ({why_not()})"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items):
    """Keep the cells of a notebook together and in order, whatever plugin shuffles the tests."""
    result = yield
    cells = {}
    for item in items:
        if isinstance(item, IPyNbCell):
            cells.setdefault(item.parent, []).append(item)
    ordered = []
    for item in items:
        if item in cells.get(item.parent, ()):
            ordered += sorted(cells.pop(item.parent), key=lambda cell: cell.cell_num)
        elif not isinstance(item, IPyNbCell):
            ordered.append(item)
    items[:] = ordered
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    """After nbval has compared the texts of a cell: pictures, alt texts, streams, order."""
    result = yield
    if isinstance(item, IPyNbCell):
        name = f"{item.path.stem}-{item.cell.id}"
        found = list(compare_run.differences(item.cell, item.test_outputs, name))
        if found:
            item.raise_cell_error("Stored and fresh outputs differ", "\n".join(found))
    return result
