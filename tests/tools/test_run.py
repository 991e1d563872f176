"""Promise: a kernel starts without a port to lose, and Ctrl-C ends it and nothing else."""

import os
import subprocess
import sys

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from tests.helpers.project import nbval
from tools.notebook import ROOT
from tools.run import kernel_of_this_environment, run_cells, tried_again

unix = pytest.mark.skipif(os.name == "nt", reason="Windows has ports only, and no SIGINT to send")


STUCK = "import time\nwhile True: time.sleep(0.1)"


def run(*cells):
    notebook = new_notebook(cells=list(map(new_code_cell, cells)))
    with kernel_of_this_environment():
        run_cells(notebook, os.curdir)
    return notebook.cells


@unix
def test_a_kernel_needs_no_port_that_another_program_can_take():
    code = "import ipykernel.connect as c\nc.get_connection_info(unpack=True)['transport']"
    (cell,) = run(code)
    assert cell.outputs[0].data["text/plain"] == "'ipc'"


@unix
def test_ctrl_c_ends_the_kernel_and_nothing_else():
    before = {child.pid for child in psutil.Process().children()}
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        press = "import os, signal\nos.kill(os.getppid(), signal.SIGINT)\nwhile True: pass"
        with pytest.raises(KeyboardInterrupt):
            run(press)
        assert {child.pid for child in psutil.Process().children()} - before == {other.pid}
        other.communicate(b"\n")


@pytest.mark.parametrize(
    ("message", "calls"),
    [("Kernel died before replying to kernel_info", 2), ("Kernel didn't respond", 1)],
)
def test_a_kernel_that_dies_at_once_is_started_again(message, calls):
    called = []

    @tried_again
    def start():
        called.append(1)
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match=message):
        start()
    assert len(called) == calls


def test_one_stuck_cell_is_one_failure(tmp_path):
    cells = [new_code_cell(code, execution_count=1) for code in (STUCK, "a = 1", "a += 1")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "stuck.ipynb")
    options = ["-c", ROOT / "pyproject.toml", "--nbval-cell-timeout=1"]
    code, said = nbval(ROOT, *options, tmp_path / "stuck.ipynb")
    assert code == 1
    assert "1 failed, 2 xpassed" in said.splitlines()[-1], said


def test_pip_installs_where_the_kernel_looks():
    (cell,) = run("%pip --version")
    assert sys.prefix in cell.outputs[0].text
