"""Draw neural networks, the shapes of their matrices, and the curves of the series."""

from importlib.metadata import PackageNotFoundError, version

from .canvas import show
from .curves import plot_exp_ranges, plot_panels
from .dynamic import DynamicShow
from .grids import plot_confusion, plot_outcomes
from .net import plot_net
from .shapes import plot_shapes

__all__ = [
    "DynamicShow",
    "plot_confusion",
    "plot_exp_ranges",
    "plot_net",
    "plot_outcomes",
    "plot_panels",
    "plot_shapes",
    "show",
]

try:
    __version__ = version("plotnet")
except PackageNotFoundError:
    # A folder that was copied, not installed.
    __version__ = "unknown"
