"""Checks of 03_naive_softmax."""

from lesson.checks import check_many_classes, check_outcomes, check_row_softmax, check_smallest  # noqa: F401
