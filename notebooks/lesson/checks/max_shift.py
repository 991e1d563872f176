"""Checks of 04_max_shift."""

from lesson.checks import check_batch_softmax, check_gap, check_masked_softmax, check_repaired  # noqa: F401
