"""Open the series in JupyterLab: this machine only, a free port, JupyterLab's own token."""

import os
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRST = "notebooks/01_draw_the_network.ipynb"


def options():
    """Command-line options that make JupyterLab start anywhere without a question."""
    chosen = [
        f"--ServerApp.root_dir={ROOT}",
        f"--LabApp.default_url=/lab/tree/{FIRST}",
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port_retries=100",
        # Warnings and the address only: the address must not drown in reports of extensions.
        "--Application.log_level=WARN",
        # One Ctrl-C stops the server: no confirmation that a closed terminal cannot give.
        "--ServerApp.answer_yes=True",
        # The kernels warn in the terminal where their traffic is not encrypted.
        "--KernelManager.transport_encryption=auto",
        # No questions about news, no look for updates: a class starts without either.
        f"--LabApp.app_settings_dir={ROOT / 'tools' / 'lab_settings'}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        chosen.append("--ServerApp.allow_root=True")
    on_a_screen = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    if not on_a_screen:
        chosen.append("--ServerApp.open_browser=False")
    return chosen


def main():
    from jupyterlab.labapp import main as jupyter_lab

    os.chdir(ROOT)
    # Jupyter looks into the user's folder first where the environment belongs to somebody else,
    # and a kernelspec there may name a Python that is gone.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    # A shell that starts us in the background lets us ignore Ctrl-C: undo that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["jupyter-lab", *options(), *sys.argv[1:]]
    print("JupyterLab prints its address below. Press Ctrl-C here to stop it.", flush=True)
    sys.exit(jupyter_lab())


if __name__ == "__main__":
    main()
