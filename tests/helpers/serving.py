"""A JupyterLab that runs for a test: start it, read its address, ask it."""

import re
import subprocess
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import psutil
import pytest

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/lab/tree/(\S+)\?token=(\w+)")


@contextmanager
def started(command, cwd, env, timeout=120):
    """Start `command` in a group of its own, as a terminal does; in the end all of it is gone."""
    process = subprocess.Popen(
        list(map(str, command)),
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    watchdog = threading.Timer(timeout, process.kill)
    watchdog.start()
    process.watchdog = watchdog
    try:
        yield process
    finally:
        watchdog.cancel()
        for left in family(process):
            left.kill()
        process.communicate()


def read_up_to(pattern, process):
    """Read what a process says up to a line that holds `pattern`: return the match, the lines."""
    lines = []
    for line in process.stdout:
        lines.append(line)
        if found := re.search(pattern, line):
            return found, lines
    pytest.fail(f"{pattern} was never said:\n{''.join(lines)}")


@contextmanager
def serving(command, cwd, env, timeout=60):
    """Start `command`; yield the process, the address it prints, and the lines up to there."""
    with started(command, cwd, env, timeout) as process:
        found = read_up_to(ADDRESS, process)
        process.watchdog.cancel()
        yield process, *found


def family(process):
    """Return a process and all that it started and that still runs."""
    try:
        parent = psutil.Process(process.pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def ask(url, process, data=None):
    """Open a page: JupyterLab prints its address a moment before it listens there."""
    while process.poll() is None:
        try:
            return urllib.request.urlopen(url, data)
        except urllib.error.HTTPError:
            raise
        except urllib.error.URLError:
            time.sleep(0.1)
    pytest.fail("JupyterLab ended before it answered")
