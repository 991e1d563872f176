"""Checks of 07_training."""

from lesson.checks import (  # noqa: F401
    check_backward_layer,
    check_finite,
    check_repaired_step,
    check_standardized,
)
