"""Whether a cell shows again what is stored, in what nbval leaves out.

nbval compares texts. It opens no picture, and reads no metadata (so no alt text), no name of a
stream, and not the order between kinds of output.
"""

import os
import tempfile
from base64 import b64decode
from pathlib import Path

import matplotlib.image
import numpy as np

from tools.notebook import ROOT
from tools.pictures import SAME_PICTURE, distance, pictures_can_be_compared, pixels


def artefacts(name):
    """Return the folder `name` for what a person should look at, in the clone if possible."""
    folder = Path(os.environ.get("ARTEFACTS") or ROOT / "artefacts", name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="artefacts-"))
    return folder


def check_picture(expected, actual, name):
    """Compare two PNG files: return None, or what is wrong and where a person sees it.

    Both and their difference are then in artefacts/figures/, under `name`.
    """
    apart = distance(expected, actual)
    if apart <= SAME_PICTURE:
        return None
    folder = artefacts("figures")
    shown = {"expected": pixels(expected), "actual": pixels(actual)}
    if np.isfinite(apart):
        # Ten times as strong, on white, so that a person sees it.
        difference = 10 * np.abs(shown["expected"] - shown["actual"])
        shown["difference"] = 1 - np.clip(difference, 0, 1)
    for kind, colours in shown.items():
        matplotlib.image.imsave(folder / f"{name}-{kind}.png", colours)
    far = f"the picture is {apart:.4f} from the expected one (accepted: {SAME_PICTURE})"
    return f"{far}; compare {folder / name}-*.png"


def differences(cell, fresh, name):
    """Yield how the outputs `fresh` of a cell differ from those it stores, where nbval is blind.

    `name` is what saved pictures are called.
    """
    if cell.execution_count is None:
        yield "the cell was never run, or its outputs were cleared"
    stored, new = [_outline(o) for o in cell.outputs], [_outline(o) for o in fresh]
    if stored != new:
        yield f"stored is {stored}, the run gives {new}"
        return
    for number, (old, output) in enumerate(zip(cell.outputs, fresh, strict=True)):
        png = output.get("data", {}).get("image/png")
        if png and pictures_can_be_compared():
            stored_png = b64decode(old.data["image/png"])
            if problem := check_picture(stored_png, b64decode(png), f"{name}-{number}"):
                yield problem


def _outline(output):
    """Return an output without what nbval compares: its kind, place and metadata."""
    kind = output.output_type
    if kind == "stream":
        return kind, output.name
    if kind == "error":
        # As recorded: frames name places on a machine.
        return kind, output.ename, output.evalue
    shown = sorted(set(output.data) - {"application/vnd.jupyter.widget-view+json"})
    return kind, shown, {key: value for key, value in output.metadata.items() if value}
