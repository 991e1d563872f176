"""Kernels to run notebooks in: this environment's, quiet, and tried again if one can't start."""

import asyncio
import functools
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
from ipykernel.kernelspec import write_kernel_spec
from nbclient import NotebookClient
from traitlets.config import Config

# The kernel warns on the terminal where its traffic is not encrypted.
QUIET = Config(KernelManager={"transport_encryption": "auto"})
TRIES = 3


@contextmanager
def kernel_of_this_environment():
    """Let the name `python3` mean this interpreter, whatever kernelspecs the user has."""
    before = os.environ.get("JUPYTER_PATH")
    with tempfile.TemporaryDirectory() as folder:
        write_kernel_spec(Path(folder) / "kernels" / "python3")
        os.environ["JUPYTER_PATH"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["JUPYTER_PATH"]
            else:
                os.environ["JUPYTER_PATH"] = before


def tried_again(start):
    """Return the function `start`, called again if the kernel dies before it answers.

    A kernel is told ports that were free a moment ago: another program may have taken one.
    """

    @functools.wraps(start)
    def start_until_it_lives(*args, **kwargs):
        for left in reversed(range(TRIES)):
            try:
                return start(*args, **kwargs)
            except RuntimeError as error:
                if not left or "died before replying" not in str(error):
                    raise

    return start_until_it_lives


def run_cells(notebook, folder, **settings):
    """Run the cells of `notebook` in `folder`, with python3; its outputs are stored in it.

    `settings` are nbclient's. Raises nbclient's CellExecutionError if a cell fails.
    Ctrl-C ends the kernel and stays a KeyboardInterrupt.
    """
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        config=QUIET,
        resources={"metadata": {"path": str(folder)}},
        **settings,
    )

    @tried_again
    def execute():
        # nbclient's own loop would stay open.
        asyncio.run(client.async_execute())

    # In the main thread, nbclient takes Ctrl-C for itself and ends in errors of its own.
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(execute)
        try:
            running.result()
        except KeyboardInterrupt:
            for kernel in psutil.Process().children():
                kernel.kill()
            raise
