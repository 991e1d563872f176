"""Promise: `make lab` serves notebook 01, on this machine only, and Ctrl-C ends it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request

import pytest
from series import ROOT

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/lab/tree/(\S+)\?token=(\w+)")


@pytest.fixture
def lab(tmp_path):
    """A running JupyterLab: yield its process and the address it printed."""
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    settings = dict(os.environ, HOME=str(tmp_path), JUPYTER_RUNTIME_DIR=str(tmp_path / "runtime"))
    process = subprocess.Popen(
        [sys.executable, "scripts/lab.py", "--no-browser", f"--ServerApp.port={port}"],
        cwd=ROOT,
        env=settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watchdog = threading.Timer(60, process.kill)
    watchdog.start()
    lines = []
    for line in process.stdout:
        lines.append(line)
        if address := ADDRESS.search(line):
            break
    else:
        pytest.fail("no address was printed:\n" + "".join(lines))
    yield process, address, port
    process.kill()
    process.communicate()
    watchdog.cancel()
    taken.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to another process")
def test_make_lab_serves_notebook_01(lab):
    process, address, taken = lab
    port, path, token = address.groups()
    assert path == "notebooks/01_draw_the_network.ipynb"
    assert len(token) >= 32
    assert int(port) != taken
    url = f"http://127.0.0.1:{port}/api/contents/{path}?token={token}"
    with urllib.request.urlopen(url) as answer:
        served = json.load(answer)
    assert served["content"]["cells"][0]["source"].startswith("# 01 · Draw the network")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url.partition("?")[0])

    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "Traceback" not in said
