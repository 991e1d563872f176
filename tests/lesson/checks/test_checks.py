"""Promise: a check praises what is right in any form, and says of the rest what to look at next.

The checks are those that the modules of lesson.checks define, the exercises those of the
notebooks: neither is listed here.
"""

import inspect
import operator
import warnings
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
from mpmath import mpf

from lesson.checks import NotYet
from tests.helpers.exercise_runs import answers, checks, tasks


@pytest.fixture(scope="module")
def exercises():
    return tasks()


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", checks())
    if "row" in metafunc.fixturenames:
        rows, seen = answers(), Counter()
        ids = [f"{row.check}-{seen.update([row.check]) or seen[row.check]}" for row in rows]
        metafunc.parametrize("row", rows, ids=ids)


@pytest.fixture
def solution(name, exercises, namespace):
    """The worked solution of the exercise that `name` checks."""
    return exercises[name].names(namespace)["RIGHT"]


@pytest.fixture
def says(name, capsys):
    """A function that returns what the check says of an answer: one line, and nothing else."""

    def of(answer):
        capsys.readouterr()
        with warnings.catch_warnings(record=True) as leaked:
            warnings.simplefilter("always")
            assert checks()[name](answer) is None
        out, err = capsys.readouterr()
        assert out.count("\n") == 1 and not err and not leaked
        return out

    return of


# --- what students really write ---


def test_every_check_has_an_exercise_and_answers(exercises):
    wrong = Counter(row.check for row in answers() if not row.right)
    assert list(checks()) == list(wrong) and set(checks()) == set(exercises)
    assert min(wrong.values()) >= 5


def test_as_shipped(name, exercises, namespace):
    task = exercises[name]
    assert task.verdict(task.names(namespace)).startswith("Not attempted yet: ")


def test_solution_is_praised(name, exercises, namespace):
    task = exercises[name]
    said = task.verdict(task.names(namespace), task.solution)
    assert said.startswith("✓ Right. ") and len(said) > 30 and "changed" not in said


def test_answer_gets_its_verdict(row, exercises, namespace):
    names = exercises[row.check].names(namespace)
    exec(row.setup, names)
    said = exercises[row.check].verdict(names, row.code)
    assert said.startswith("✓ Right. " if row.right else "✗ Not yet. ")
    assert row.message in said and said.count("\n") == 1
    plt.close("all")


# --- right answers in other forms ---


class Callable:
    """A callable object: it has no __name__."""

    def __init__(self, function):
        self.function = function

    def __call__(self, *arguments):
        return self.function(*arguments)


def changed(thing, change):
    """Return `thing` with change(array) in the place of each array or number in it."""
    if isinstance(thing, (list, tuple)):
        return type(thing)(changed(entry, change) for entry in thing)
    return change(thing)


def entries_as(kind):
    return lambda result: (
        result
        if isinstance(result, (bool, np.bool_))
        else np.vectorize(lambda number: kind(float(number)), otypes=[object])(result)[()]
    )


RESULTS = {
    "lists": lambda result: getattr(result, "tolist", lambda: result)(),
    "mpmath": entries_as(mpf),
    "decimal": entries_as(Decimal),
    "longer": lambda r: r.astype(np.longdouble) if isinstance(r, np.ndarray) else r,
}


def right_forms(solution):
    if callable(solution):
        yield from (lambda *a: solution(*a), partial(solution), Callable(solution))
        for change in RESULTS.values():
            yield lambda *a, change=change: changed(solution(*a), change)
    elif isinstance(solution, (int, float)):
        kinds = (float, np.float64, np.array, Fraction, Decimal, mpf, lambda x: np.array([[x]]))
        yield from (kind(solution) for kind in kinds)


def test_right_answers_in_every_form(solution, says):
    for answer in right_forms(solution):
        assert says(answer).startswith("✓ Right. "), answer


# --- right at first sight ---


def write(argument):
    """Write into an array, or into what a list holds; return whether that was possible."""
    if isinstance(argument, np.ndarray):
        argument[...] = ~argument if argument.dtype == bool else argument + 1
    elif isinstance(argument, list) and isinstance(argument[0], tuple):
        write(argument[-1][-1])
    elif isinstance(argument, list):
        argument[-1] += 1
    else:
        return False
    return True


def test_a_function_that_writes_into_its_arguments_is_refused(solution, says):
    for place in range(len(inspect.signature(solution).parameters) if callable(solution) else 0):
        wrote = []

        def answer(*arguments, place=place, wrote=wrote):
            result = solution(*arguments)
            wrote.append(place < len(arguments) and write(arguments[place]))
            return result

        said = says(answer)
        assert ("change" in said and said.startswith("✗")) == any(wrote), said


def shapes(arguments):
    known = [changed(a, np.shape) for a in arguments if np.ndim(a) or isinstance(a, list)]
    return str(known) if known else None


def scalars(arguments):
    return [a for a in arguments if np.isscalar(a)] or None


@pytest.mark.parametrize("part", [shapes, scalars])
def test_a_function_made_for_one_size_or_number_is_refused(part, solution, says):
    if not callable(solution):
        return
    first = []

    def answer(*arguments):
        result, first[:] = solution(*arguments), first or [part(arguments)]
        spoil = operator.not_ if isinstance(result, (bool, np.bool_)) else lambda r: r + 1
        return result if part(arguments) == first[0] else changed(result, spoil)

    assert says(answer).startswith("✓" if first[0] is None else "✗")


def test_four_digits_are_not_enough(solution, says):
    rounded = []

    def answer(*arguments):
        def coarse(result):
            rounded.append(not np.array_equal(result, np.round(result, 4), equal_nan=True))
            return np.round(result, 4)

        return changed(solution(*arguments), coarse)

    if callable(solution) and not isinstance(solution(*[[3, 2]][:1]) if 0 else None, bool):
        said = says(answer)
        assert said.startswith("✗" if any(rounded) else "✓")
