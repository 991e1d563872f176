"""Draw neural networks, and the shapes of their matrices."""

from .display import show
from .dynamic import DynamicShow
from .net import plot_net
from .shapes import plot_shapes

__all__ = ["DynamicShow", "plot_net", "plot_shapes", "show"]
