"""Kernels to run notebooks in: this environment's, quiet, and without a port to lose."""

import asyncio
import atexit
import functools
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from ipykernel.kernelspec import write_kernel_spec
from nbclient import NotebookClient
from traitlets.config import Config


@contextmanager
def kernel_of_this_environment():
    """Let the name `python3` mean this interpreter, whatever kernelspecs the user has."""
    with TemporaryDirectory() as folder, mock.patch.dict(os.environ, JUPYTER_PATH=folder):
        write_kernel_spec(Path(folder) / "kernels" / "python3")
        yield


@functools.cache
def traffic():
    """Return the settings by which kernels talk: through files where the system can, not ports."""
    # Without it, the kernel warns on the terminal that its traffic is not encrypted.
    chosen = {"transport_encryption": "auto"}
    if os.name != "nt":
        # A folder with a short name: a socket's path may have no more than 103 letters.
        folder = tempfile.mkdtemp(prefix="kernels-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        chosen |= {"transport": "ipc", "ip": f"{folder}/kernel"}
    return Config(KernelManager=chosen)


def tried_again(start):
    """Return `start`, called again if its kernel dies at once: it may have lost a port."""

    @functools.wraps(start)
    def once_or_twice(*args, **kwargs):
        try:
            return start(*args, **kwargs)
        except RuntimeError as error:
            if "died before replying" not in str(error):
                raise
            return start(*args, **kwargs)

    return once_or_twice


@tried_again
def run_cells(notebook, folder, **settings):
    """Run the cells of `notebook` in `folder`, with python3; its outputs are stored in it.

    `settings` are nbclient's. Raises nbclient's CellExecutionError if a cell fails.
    Ctrl-C ends the kernel and stays a KeyboardInterrupt.
    """
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        config=traffic(),
        resources={"metadata": {"path": str(folder)}},
        **settings,
    )
    tasks = []

    async def execute():
        tasks.append(asyncio.current_task())
        await client.async_execute()

    # In the main thread, nbclient takes Ctrl-C for itself and ends in errors of its own.
    with ThreadPoolExecutor(1) as pool:
        try:
            pool.submit(asyncio.run, execute()).result()
        except KeyboardInterrupt:
            client.shutdown_kernel = "immediate"
            for task in tasks:
                task.get_loop().call_soon_threadsafe(task.cancel)
            raise
