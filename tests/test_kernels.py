"""Promise: a kernel that loses its port before it listens gets another, and nobody notices."""

import os
import subprocess
import sys

import nbformat
import pytest
from kernels import TRIES, tried_again
from series import ROOT

# As another program would: it takes a port of the first kernel before that kernel listens.
THIEF = """
import socket
from jupyter_client.provisioning import LocalProvisioner

choose_ports, taken = LocalProvisioner.pre_launch, []

async def choose_ports_and_lose_one(self, **kwargs):
    chosen = await choose_ports(self, **kwargs)
    if not taken:
        taken.append(socket.create_server(("127.0.0.1", self.parent.shell_port)))
        print("took a port")
    return chosen

LocalProvisioner.pre_launch = choose_ports_and_lose_one
"""


@pytest.fixture
def notebook():
    cell = nbformat.v4.new_code_cell("print(1 + 1)")
    cell.outputs = [nbformat.v4.new_output("stream", text="2\n")]
    cell.execution_count = 1
    return nbformat.v4.new_notebook(cells=[cell])


def run_here(arguments, folder):
    (folder / "thief.py").write_text(THIEF, encoding="utf-8")
    places = [str(folder), str(ROOT), str(ROOT / "scripts"), str(ROOT / "tests")]
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
        capture_output=True,
        text=True,
    )


def test_nbval_starts_another_kernel(notebook, tmp_path):
    path = tmp_path / "one.ipynb"
    nbformat.write(notebook, path)
    plugins = ["-p", "thief", "-p", "conftest", "-p", "no:cacheprovider"]
    options = ["-c", str(ROOT / "pyproject.toml"), "--nbval", "-s", "-q"]
    done = run_here(["-m", "pytest", *plugins, *options, str(path)], tmp_path)
    assert "took a port" in done.stdout
    assert "1 passed" in done.stdout, done.stdout + done.stderr


RECORD = """
import sys, nbformat
from kernels import kernel_of_this_environment, run_cells
notebook = nbformat.read(sys.argv[1], as_version=4)
notebook.cells[0].outputs = []
with kernel_of_this_environment():
    run_cells(notebook, ".")
print(notebook.cells[0].outputs[0].text)
"""


def test_nbclient_starts_another_kernel(notebook, tmp_path):
    path = tmp_path / "one.ipynb"
    nbformat.write(notebook, path)
    done = run_here(["-c", "import thief" + RECORD, str(path)], tmp_path)
    assert done.stdout == "took a port\n2\n\n", done.stdout + done.stderr


@pytest.mark.parametrize(
    ("message", "tries"),
    [
        ("Kernel died before replying to kernel_info", TRIES),
        ("Kernel didn't respond in 60 seconds", 1),
    ],
)
def test_what_another_kernel_does_not_cure_is_an_error(message, tries):
    calls = []

    @tried_again
    def start():
        calls.append(1)
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match=message):
        start()
    assert len(calls) == tries


def test_nothing_is_left_open(notebook, tmp_path):
    """A loop or a socket left to the garbage collector warns in whatever test runs next."""
    path = tmp_path / "one.ipynb"
    nbformat.write(notebook, path)
    code = RECORD + "import gc; gc.collect()"
    done = run_here(["-W", "always::ResourceWarning", "-c", code, str(path)], tmp_path)
    assert done.stdout == "2\n\n"
    assert "unclosed" not in done.stderr
