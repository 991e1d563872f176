"""Checks of 02_forward_pass."""

from lesson.checks import check_distance, check_layer, check_pre_activation, check_shapes  # noqa: F401
