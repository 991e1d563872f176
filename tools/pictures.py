"""Compare two pictures, and say whether this matplotlib draws like the one that recorded."""

import io

import matplotlib.image
import numpy as np
import tomli
from packaging.version import Version

from tools.notebook import ROOT

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
