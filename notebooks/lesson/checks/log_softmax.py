"""Checks of 05_log_softmax."""

from lesson.checks import check_batch_logsumexp, check_cap, check_log_loser, check_row_log_softmax  # noqa: F401
