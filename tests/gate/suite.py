"""The test suite on a copy of the project, again and again, a fraction of a second each time."""

import json
import os
import shutil
import subprocess
import sys

from series import ROOT
from stored_mutants import copy_of_the_project

# Started once: it imports what every test needs, and forks for each run. What belongs to the
# project is imported after the fork, from the copy.
SERVER = """
import json, os, sys
import hypothesis, IPython, jupyter_client, matplotlib.pyplot, mpmath, nbformat, nbval.plugin
import numpy, PIL.Image, pytest, scipy.special, tomli, viznet, yaml

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        report = os.open("report.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(report, 1)
        os.dup2(report, 2)
        os.setpgid(0, 0)
        code = pytest.main(["-p", "no:cacheprovider", *json.loads(line)])
        sys.stdout.flush()
        os._exit(int(code))
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Suite:
    """A copy of the project in `folder`, and a process that runs its tests.

    Use as a context manager. `write` changes a file of the copy until `restore`.
    """

    def __init__(self, folder):
        self.root = copy_of_the_project(folder)
        self._changed = set()
        self._writes = 0

    def __enter__(self):
        # Bytecode makes each run start faster; `write` sees to it that none is stale.
        settings = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        settings.update(
            PYTHONPATH=str(self.root),
            # The two workers have a core each.
            OMP_NUM_THREADS="1",
            ARTEFACTS=str(self.root / "artefacts"),
        )
        self._server = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", SERVER],
            cwd=self.root,
            env=settings,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    def __exit__(self, *_):
        self._server.stdin.close()
        self._server.wait()

    def write(self, name, text):
        """Replace the text of the file `name`."""
        self._changed.add(name)
        (self.root / name).write_text(text, encoding="utf-8")
        self._make_new(name)

    def restore(self):
        """Put every changed file back."""
        for name in self._changed:
            shutil.copy(ROOT / name, self.root / name)
            self._make_new(name)
        self._changed.clear()

    def _make_new(self, name):
        """Give the file a time that it never had: Python compares times in whole seconds."""
        self._writes += 1
        os.utime(self.root / name, (self._writes, self._writes))

    def run(self, *arguments, seconds=150):
        """Run pytest; return its exit code (negative if it hung and was killed) and its report."""
        self._server.stdin.write(json.dumps(arguments) + "\n")
        self._server.stdin.flush()
        child = int(self._server.stdout.readline())
        # The watchdog is a process of its own, so that the answer can be awaited by reading.
        watchdog = subprocess.Popen(
            ["sh", "-c", f"sleep {seconds}; kill -9 -{child} {child}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        code = int(self._server.stdout.readline())
        os.killpg(watchdog.pid, 9)
        watchdog.wait()
        return code, (self.root / "report.txt").read_text(encoding="utf-8", errors="replace")
