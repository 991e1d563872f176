"""The figures of the lessons: curves and ranges, outcomes and confusion."""

from .curves import plot_exp_ranges, plot_panels
from .grids import plot_confusion, plot_outcomes
from .max_shift import plot_lost_ranges

__all__ = ["plot_confusion", "plot_exp_ranges", "plot_lost_ranges", "plot_outcomes", "plot_panels"]
