"""Draw neural networks, and the shapes of their matrices."""

from importlib.metadata import PackageNotFoundError, version

from .canvas import show
from .dynamic import DynamicShow
from .net import plot_net
from .shapes import plot_shapes

__all__ = ["DynamicShow", "plot_net", "plot_shapes", "show"]

try:
    __version__ = version("plotnet")
except PackageNotFoundError:
    # A folder that was copied, not installed.
    __version__ = "unknown"
