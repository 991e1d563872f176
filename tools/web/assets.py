"""What the pages need beside the notebooks: scripts, fonts, the repository's address."""

import importlib.metadata
import re
import shutil

import tomli

from tools.notebook import ROOT

BUILD = ROOT / "build"


def settings():
    return tomli.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def repository():
    """Return the repository's address from pyproject.toml, "" where it is not known."""
    return settings()["tool"]["series"]["repository"].rstrip("/")


def authors():
    return ", ".join(author["name"] for author in settings()["project"]["authors"])


def copy_package_files(distribution, start, wanted, folder):
    """Copy the files of an installed distribution whose names after `start` match `wanted`."""
    copied = 0
    for file in importlib.metadata.files(distribution):
        _, found, name = file.as_posix().partition(start)
        if found and re.fullmatch(wanted, name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.locate(), folder / name)
            copied += 1
    if not copied:
        raise SystemExit(f"{distribution} holds no file {start}{wanted}")


def has_sliders(notebook):
    return any(
        "plotnet-slider" in output.get("data", {}).get("text/html", "")
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    )


def copy_mathjax(folder):
    wanted = r"tex-chtml\.js|output/chtml/fonts/woff-v2/.*\.woff"
    copy_package_files("sphinx-mathjax-offline", "/static/mathjax/", wanted, folder)


def copy_reveal(folder):
    wanted = r"dist/(reset|reveal)\.css|dist/reveal\.js|plugin/notes/notes\.js|LICENSE"
    copy_package_files("sphinx-revealjs", "/_static/revealjs/", wanted, folder)
