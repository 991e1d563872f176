"""Run every notebook and store its outputs, normalised: recording twice changes no byte.

python scripts/record.py         the whole series
python scripts/record.py 02 03   the notebooks whose names start so
"""

import argparse
import io
import shutil
import sys
from base64 import b64decode
from pathlib import Path

import matplotlib.image
import nbformat
import numpy as np
import tomli
from kernels import kernel_of_this_environment, run_cells
from nbclient.exceptions import CellExecutionError
from packaging.version import Version

from plotnet.save import whole_or_none

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "notebooks"
README_PICTURE = ROOT / "docs" / "net.png"
CELLS = ROOT / "tests" / "data" / "cells.txt"
MXNET = "mxnet_cases.json"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
# It names a model that lived in the kernel; what is stored beside it stands alone.
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# Root mean square difference of two renderings of one figure, on a scale of 0 to 1: another
# processor or image library moves the last bits, a changed figure moves far more.
SAME_PICTURE = 1e-3


def pixels(png):
    """Return the colours of a PNG file's pixels, shape (height, width, 3), from 0 to 1."""
    return matplotlib.image.imread(io.BytesIO(png), format="png")[..., :3]


def distance(png, other):
    """Return the root mean square difference of two PNG files, infinite if their sizes differ."""
    a, b = pixels(png), pixels(other)
    return np.sqrt(np.mean((a - b) ** 2)) if a.shape == b.shape else np.inf


def recorded_with():
    """Return the version of matplotlib that draws the stored pictures: the newest in the lock."""
    packages = tomli.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    return max(Version(p["version"]) for p in packages if p["name"] == "matplotlib")


def pictures_can_be_compared():
    """Another version of matplotlib moves letters and lines by a pixel."""
    return Version(matplotlib.__version__) == recorded_with()


def why_not():
    """Say why pictures are not compared, for whoever reads the report."""
    return f"recorded with matplotlib {recorded_with()}, this is {matplotlib.__version__}"


def is_still(old_png, new_png):
    """Return whether a stored PNG stays: it shows what the new one shows, as far as can be told."""
    return not pictures_can_be_compared() or distance(old_png, new_png) <= SAME_PICTURE


def keep_unchanged_pictures(cell, before):
    """Put a stored PNG back where the new one shows the same picture."""
    for output, old in zip(cell.outputs, before, strict=False):
        new_png = output.get("data", {}).get("image/png")
        old_png = old.get("data", {}).get("image/png")
        if new_png and old_png and is_still(b64decode(old_png), b64decode(new_png)):
            output["data"]["image/png"] = old_png


def shorten_tracebacks(cell):
    """Keep what an error says: the frames name places on this machine and differ by version."""
    for output in cell.outputs:
        if output.output_type == "error":
            output.traceback = [f"{output.ename}: {output.evalue}"]


def drop_widget_views(cell):
    """Keep a slider's text and its place on the page, not the view of a model that is gone."""
    for output in cell.outputs:
        output.get("data", {}).pop(WIDGET_VIEW, None)


def copy_alt_text(cell):
    """The site reads a figure's alt text from the cell, nbconvert from the output."""
    cell.metadata.pop("mystnb", None)
    for output in cell.outputs:
        alt = output.get("metadata", {}).get("image/png", {}).get("alt")
        if alt:
            cell.metadata["mystnb"] = {"image": {"alt": alt}}


def record(path):
    """Execute the notebook at `path` and write it back; nothing is written if a cell fails."""
    notebook = nbformat.read(path, as_version=4)
    before = [cell.get("outputs", []) for cell in notebook.cells]
    run_cells(notebook, path.parent, record_timing=False, coalesce_streams=True)
    for cell, old in zip(notebook.cells, before, strict=True):
        if cell.cell_type == "code":
            keep_unchanged_pictures(cell, old)
            shorten_tracebacks(cell)
            drop_widget_views(cell)
            copy_alt_text(cell)
    notebook.metadata = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    text = nbformat.writes(notebook) + "\n"
    changed = text != path.read_text(encoding="utf-8")
    if changed:
        with whole_or_none(path) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="\n")
    return changed


def cell_list():
    """Return a line for each cell: notebook, id, kind, place in the slides, tags.

    Kept beside the tests, it makes a lost tag or a moved cell a change that somebody reads.
    """
    lines = []
    for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            place = cell.metadata.get("slideshow", {}).get("slide_type", "")
            tags = " ".join(cell.metadata.get("tags", []))
            lines.append(f"{path.name[:2]} {cell.id} {cell.cell_type} {place} {tags}".rstrip())
    return "\n".join(lines) + "\n"


def picture_for_readme():
    """Write the first figure of the series to docs/."""
    first = nbformat.read(min(NOTEBOOKS.glob("01_*.ipynb")), as_version=4)
    outputs = [output for cell in first.cells for output in cell.get("outputs", [])]
    png = next(
        output.data["image/png"] for output in outputs if "image/png" in output.get("data", {})
    )
    README_PICTURE.write_bytes(b64decode(png))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="how the names of the notebooks start")
    names = parser.parse_args().names
    paths = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
    if unknown := [name for name in names if not any(p.name.startswith(name) for p in paths)]:
        sys.exit(
            f"no notebook's name starts with {unknown[0]}; "
            f"there are: {', '.join(path.stem for path in paths)}"
        )
    if names:
        paths = [path for path in paths if path.name.startswith(tuple(names))]
    # The notebooks must run wherever their folder is copied to, without tests/ beside it.
    shutil.copyfile(ROOT / "tests" / "data" / MXNET, NOTEBOOKS / MXNET)
    if not pictures_can_be_compared():
        print(f"Stored pictures stay as they are: {why_not()}.")
    with kernel_of_this_environment():
        for number, path in enumerate(paths, 1):
            print(f"[{number}/{len(paths)}] {path.stem} ... ", end="", flush=True)
            try:
                print("recorded" if record(path) else "unchanged", flush=True)
            except KeyboardInterrupt:
                sys.exit("stopped; the file is as it was")
            except CellExecutionError as error:
                sys.exit(f"failed; the file is as it was\n{error}")
    picture_for_readme()
    CELLS.write_text(cell_list(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
