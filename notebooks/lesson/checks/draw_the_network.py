"""Checks of 01_draw_the_network."""

from lesson.checks import check_digits, check_inputs, check_num_parameters, check_redrawn  # noqa: F401
