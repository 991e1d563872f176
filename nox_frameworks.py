"""For noxfile.py: the session `frameworks` (merge, then delete this file)."""

import os
import shutil
import subprocess

import nox

# The versions that were tried. Plain pip, whose own settings name where a CPU build of PyTorch
# is found: elsewhere set PIP_EXTRA_INDEX_URL to the index of CPU builds, or take the larger one.
TRIED = {
    "torch": ["torch~=2.13.0"],
    "tensorflow": [
        "tensorflow-cpu~=2.21.0; sys_platform == 'linux'",
        "tensorflow~=2.21.0; sys_platform != 'linux'",
    ],
    "keras": ["keras~=3.15.1"],
    "jax": ["jax~=0.10.2"],
    "optax": ["optax~=0.2.8"],
    "scipy": ["scipy~=1.17.1"],
    "sklearn": ["scikit-learn~=1.9.1", "scipy~=1.17.1"],
    "numpy": [],
}
TRIED["keras-tensorflow"] = TRIED["keras"] + TRIED["tensorflow"]
TRIED["keras-torch"] = TRIED.pop("keras") + TRIED["torch"]
COMMON = ["numpy~=2.4.6", "mpmath>=1.3"]
# MXNet 1.9.1 asks for numpy < 2, but its import stops from 1.24 on.
MXNET = ["mxnet==1.9.1", "numpy==1.23.5"]


def old_python():
    """Return a Python that MXNet runs on, 3.8 to 3.11, or None."""
    for minor in (11, 10, 9, 8):
        for folder in os.environ["PATH"].split(os.pathsep):
            # A shim may be there and yet not run, so a later folder may have the one that does.
            python = shutil.which(f"python3.{minor}", path=folder)
            if python and subprocess.run([python, "-c", ""], capture_output=True).returncode == 0:
                return python
    return None


@nox.session(venv_backend="venv")
def frameworks(session):
    """Run PyTorch, TensorFlow, Keras, JAX, ...: as recorded? (-- [--write] [LIBRARY ...])"""
    named = [word for word in session.posargs if not word.startswith("-")]
    options = [word for word in session.posargs if word.startswith("-")]
    chosen = named or [*TRIED, "mxnet"]
    packages = sorted({package for name in chosen for package in TRIED.get(name, [])})
    session.run("python", "-m", "pip", "install", "--quiet", *COMMON, *packages)
    environment = {"PYTHONPATH": "notebooks"}
    if "mxnet" in chosen:
        inside = session.create_tmp() + "/mxnet/bin/python"
        if python := old_python():
            session.run(python, "-m", "venv", inside.removesuffix("/bin/python"), external=True)
            only_built = ["install", "--quiet", "--only-binary", ":all:"]
            session.run(inside, "-m", "pip", *only_built, *MXNET, external=True)
            environment["MXNET_PYTHON"] = inside
        elif not named:
            session.warn("MXNet is NOT run: the PATH has no Python 3.8 to 3.11")
            chosen.remove("mxnet")
    session.run("python", "-m", "tools.frameworks", *options, *chosen, env=environment)
