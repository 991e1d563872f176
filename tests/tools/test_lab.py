"""Promise: `make lab` serves notebook 01, on this machine only, and Ctrl-C ends it."""

import json
import os
import signal
import socket
import sys
import urllib.error
import urllib.request

import pytest

from tests.helpers.serving import ask, serving
from tools.notebook import ROOT


@pytest.fixture
def lab(tmp_path):
    """A running JupyterLab: yield its process, the address it printed, and a port that is taken."""
    settings = dict(os.environ, HOME=str(tmp_path), JUPYTER_RUNTIME_DIR=str(tmp_path / "runtime"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "tools.lab", "--no-browser", f"--ServerApp.port={port}"]
        with serving(command, ROOT, settings) as (process, address, _):
            yield process, address, port


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send to another process")
def test_make_lab_serves_notebook_01(lab):
    process, address, taken = lab
    port, path, token = address.groups()
    assert path == "notebooks/01_draw_the_network.ipynb"
    assert len(token) >= 32
    assert int(port) != taken
    url = f"http://127.0.0.1:{port}/api/contents/{path}?token={token}"
    with ask(url, process) as answer:
        served = json.load(answer)
    assert served["content"]["cells"][0]["source"].startswith("# 01 · Draw the network")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(url.partition("?")[0])

    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert "Traceback" not in said
