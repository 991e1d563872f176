"""The figures of the lessons: curves and ranges, outcomes and confusion."""

from .curves import plot_exp_ranges, plot_panels
from .forward_pass import plot_edges_into
from .grids import plot_confusion, plot_outcomes
from .log_softmax import plot_repairs
from .many_machines import plot_block_times, plot_bytes, plot_chain_or_tree, plot_tree
from .masks_and_attention import mask_words, plot_attention, tabulate_masks
from .max_shift import plot_lost_ranges
from .naive_softmax import plot_float16, plot_softmax
from .training import plot_before_after, plot_runs

__all__ = [
    "mask_words",
    "plot_attention",
    "plot_before_after",
    "plot_block_times",
    "plot_bytes",
    "plot_chain_or_tree",
    "plot_confusion",
    "plot_edges_into",
    "plot_exp_ranges",
    "plot_float16",
    "plot_lost_ranges",
    "plot_outcomes",
    "plot_panels",
    "plot_repairs",
    "plot_runs",
    "plot_softmax",
    "plot_tree",
    "tabulate_masks",
]
