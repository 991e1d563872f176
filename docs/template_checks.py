"""Checks of docs/template.ipynb; those of notebooks/NN_name.ipynb are lesson/checks/name.py."""

from lesson.checks import compare, exercise


@exercise("A number")
def check_total(answer):
    compare(
        answer,
        right=1,
        wrong=[("This is the number of entries. What do they sum to?", 2)],
        otherwise="{answer} is not it. Add the probabilities of one row.",
    )
    return "Every row of a softmax sums to 1."
