"""Checks of 06_cross_entropy."""

from lesson.checks import check_call, check_cross_entropy, check_smoothing, check_token_mean  # noqa: F401
