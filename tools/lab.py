"""Open the series in JupyterLab: this machine only, a free port, JupyterLab's own token.

python -m tools.lab         your own copy of the series, in my-notebooks: answers go there
python -m tools.lab edit    the series itself, to change it

What follows goes to JupyterLab as it is.
"""

import os
import signal
import sys

from tools.handouts import readers_copy
from tools.notebook import NOTEBOOKS, ROOT

OWN = ROOT / "my-notebooks"
FIRST = NOTEBOOKS[0].name
READ_ONLY = """
Your own copy of the series belongs into {folder}, which cannot be written to:
    {error}
Put the project into a folder of your own, then repeat.
"""


def own_copy():
    """Return the edition that opens, in a line of words if there is a newer one."""
    try:
        opens, newest = readers_copy(OWN)
    except OSError as error:
        sys.exit(READ_ONLY.format(folder=OWN, error=error).strip())
    words = f"Your copy of the series is {OWN.name}/{opens.name}."
    if opens != newest:
        words += f" A newer edition, without your answers, is {OWN.name}/{newest.name}."
    print(words)
    return opens


def options(folder, first):
    """Command-line options that make JupyterLab start anywhere without a question."""
    chosen = [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{first}",
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

    given = sys.argv[1:]
    goal = given.pop(0) if given and given[0] in ("lab", "edit") else "lab"
    if goal == "edit":
        chosen = options(ROOT, f"notebooks/{FIRST}")
    else:
        chosen = options(OWN, f"{own_copy().name}/{FIRST}")
    os.chdir(ROOT)
    # Jupyter looks into the user's folder first where the environment belongs to somebody else,
    # and a kernelspec there may name a Python that is gone.
    os.environ["JUPYTER_PREFER_ENV_PATH"] = "1"
    # A shell that starts us in the background lets us ignore Ctrl-C: undo that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["jupyter-lab", *chosen, *given]
    print("JupyterLab prints its address below. Press Ctrl-C here to stop it.", flush=True)
    sys.exit(jupyter_lab())


if __name__ == "__main__":
    main()
