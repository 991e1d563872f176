"""Promise: when the machine or the user interrupts, the user sees why, or sees no difference."""

import multiprocessing
import os
import re
import signal
import subprocess
import sys

import nbformat
import psutil
import pytest

from tests.helpers.serving import ask, family, read_up_to, serving, started
from tools.environment import STAMP, TOOLS, copy_project, program
from tools.notebook import NOTEBOOKS, code_cells, read
from tools.record import drop_widget_views
from tools.run import kernel_of_this_environment, run_cells

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture
def copy(tmp_path):
    """A copy of the project in a folder with spaces and Chinese characters."""
    return copy_project(tmp_path / "soft max 数值")


@each_notebook
def test_a_notebook_run_twice_in_one_kernel_says_the_same(path, copy):
    """The user sees the same outputs after a second Run All: no cell spoils a name for good."""
    once = code_cells(read(path))
    again = [nbformat.v4.new_code_cell(cell.source, metadata=cell.metadata) for cell in once]
    both = nbformat.v4.new_notebook(cells=[*once, *again])
    with kernel_of_this_environment():
        run_cells(both, copy / "notebooks", coalesce_streams=True)
    for cell, second in zip(once, again, strict=True):
        assert shown(cell) == shown(second), cell.source


def shown(cell):
    """Return a cell's outputs without what counts its runs or names a model in the kernel."""
    drop_widget_views(cell)
    left_out = ("execution_count", "traceback")
    return [{k: v for k, v in output.items() if k not in left_out} for output in cell.outputs]


@each_notebook
def test_cells_run_from_the_middle_name_what_is_missing(path, copy):
    """After a restart the user sees a NameError for a name that a cell above defines, and no
    number that the recorded notebook does not show."""
    notebook = read(path)
    cells, missing = code_cells(notebook), set()
    for start in starts(notebook):
        # A process of its own is a kernel just restarted, without the seconds that one takes.
        with multiprocessing.get_context("fork").Pool(1) as pool:
            here = pool.apply_async(run_from_here, (copy / "notebooks", cells[start:]))
            said, error, name = here.get(timeout=60)
        assert error in ("NameError", None), name
        above = "\n".join(cell.source for cell in cells[:start])
        assert error is None or re.search(rf"\b{name}\b", above)
        missing.add(name)
        for cell, text in zip(cells[start:], said, strict=False):
            assert text.rstrip().endswith(stored_text(cell).rstrip()), cell.source
    assert missing - {None}


def starts(notebook):
    """Yield the number of the first code cell of each section after the first."""
    before = 0
    for cell in notebook.cells:
        before += cell.cell_type == "code"
        if cell.source.startswith("## ") and 0 < before < len(code_cells(notebook)):
            yield before


def run_from_here(folder, cells):
    """Run cells in a new IPython up to the first error: return what they print, and that error."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    os.chdir(folder)
    os.environ["IPYTHONDIR"] = str(folder)
    shell, said = InteractiveShell.instance(), []
    for cell in cells:
        with capture_output() as captured:
            result = shell.run_cell(cell.source)
        error = result.error_before_exec or result.error_in_exec
        if error and type(error).__name__ not in [o.get("ename") for o in cell.outputs]:
            return said, type(error).__name__, getattr(error, "name", str(error))
        said.append(stored_text(cell) if error else captured.stdout)
    return said, None, None


def stored_text(cell):
    return "".join(o.get("text", o.get("data", {}).get("text/plain", "")) for o in cell.outputs)


def interrupt(process):
    """Press Ctrl-C: the terminal tells every process of the group. Return what is said then."""
    before = family(process)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert psutil.wait_procs(before, timeout=10)[1] == []
    assert "Traceback" not in said, said
    return said


def test_ctrl_c_ends_make_lab_at_any_time(copy, tmp_path):
    """The user presses Ctrl-C during the installation and is told to repeat the command; the
    second `make lab` completes it, serves from a path in Chinese, and ends with Ctrl-C, too."""
    uv = [program(TOOLS, "uv"), "cache", "dir"]
    cache = subprocess.run(uv, capture_output=True, text=True, check=True).stdout.strip()
    env = {**os.environ, "HOME": str(tmp_path), "UV_CACHE_DIR": cache}
    with started(["make", "lab"], copy, env) as making:
        read_up_to("Creating virtual environment", making)
        assert "Stopped" in interrupt(making)
        assert making.returncode != 0
    assert not (copy / ".venv" / STAMP).exists()

    with serving(["make", "lab"], copy, env, timeout=300) as (process, address, _):
        assert (copy / ".venv" / STAMP).exists()
        port, _, token = address.groups()
        kernels = f"http://127.0.0.1:{port}/api/kernels?token={token}"
        ask(kernels, process, b'{"name": "python3"}')
        # The kernel of the project's environment, whatever kernelspecs the user has.
        (kernel,) = (each for each in family(process) if "ipykernel_launcher" in each.cmdline())
        assert kernel.cmdline()[0].startswith(str(copy / ".venv"))
        interrupt(process)


def test_ctrl_c_keeps_the_notebook_that_is_recorded(copy):
    """The user sees that recording stopped, and the notebook is as it was."""
    path = copy / "notebooks" / NOTEBOOKS[0].name
    notebook = read(path)
    notebook.cells.insert(
        1, nbformat.v4.new_code_cell("while True: print(1, file=open('ran', 'w'))")
    )
    nbformat.write(notebook, path)
    before, files = path.read_bytes(), {*path.parent.rglob("*")}
    env = {
        **os.environ,
        "PYTHONPATH": f"{copy}:{copy / 'notebooks'}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with started([sys.executable, "-m", "tools.record", path.name[:2]], copy, env) as recording:
        while not (path.parent / "ran").exists():
            assert recording.poll() is None, recording.stdout.read()
        assert "stopped; the file is as it was" in interrupt(recording)
        assert recording.returncode != 0
    assert path.read_bytes() == before
    assert {*path.parent.rglob("*")} - files == {path.parent / "ran"}
