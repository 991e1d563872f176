"""The figures of the lessons: curves and ranges, outcomes and confusion."""

from .curves import plot_exp_ranges, plot_panels
from .grids import plot_confusion, plot_outcomes
from .naive_softmax import plot_float16, plot_softmax

__all__ = [
    "plot_confusion",
    "plot_exp_ranges",
    "plot_float16",
    "plot_outcomes",
    "plot_panels",
    "plot_softmax",
]
