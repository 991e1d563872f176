"""Promise: a check praises what is right in any form, and says of the rest what to look at next.

The checks are those that the modules of lesson.checks define, the exercises those of the
notebooks: neither is listed here.
"""

import inspect
import warnings
from decimal import Decimal
from fractions import Fraction
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest
from mpmath import mpf

from lesson.checks import NotYet
from tests.helpers.exercise_runs import answers, checks, tasks
from tools.notebook import NOTEBOOKS
from tools.teaching import page_of, part, table


def pytest_generate_tests(metafunc):
    if "name" in metafunc.fixturenames:
        functions = [name for name, task in tasks().items() if task.solution.startswith("def ")]
        metafunc.parametrize("name", functions if "function" in metafunc.fixturenames else checks())
    if "row" in metafunc.fixturenames:
        rows = answers()
        metafunc.parametrize("row", rows, ids=[row.check for row in rows])


@pytest.fixture(scope="module")
def exercises():
    return tasks()


@pytest.fixture
def solution(name, exercises, namespace):
    """The worked solution of the exercise that `name` checks."""
    return exercises[name].names(namespace)["RIGHT"]


@pytest.fixture
def function(solution):
    """The worked solution, which is a function."""
    return solution


@pytest.fixture
def says(name, capsys):
    """A function that returns what the check says of an answer: one line, and nothing else."""

    def of(answer):
        with warnings.catch_warnings(record=True) as leaked, np.errstate(all="raise"):
            warnings.simplefilter("always")
            assert checks()[name](answer) is None
        out, err = capsys.readouterr()
        assert out.count("\n") == 1 and not err and not leaked
        return out

    capsys.readouterr()
    return of


# --- what students really write ---


def test_every_check_and_every_answer_belongs_to_an_exercise(exercises):
    """What an exercise lacks, tests/notebooks/test_frame.py says."""
    unused = {*checks(), *(row.check for row in answers())} - {*exercises}
    assert not unused, "no exercise ends in these checks: rename them, or remove their answers, too"


def test_as_shipped(name, exercises, namespace):
    task = exercises[name]
    names = task.names(namespace)
    exec(task.placeholder, names)
    assert task.verdict(names, f"= {task.name}").startswith("Not attempted yet: ")


def test_solution_is_praised(name, exercises, namespace):
    task = exercises[name]
    said = task.verdict(task.names(namespace), "= RIGHT")
    praised = said.startswith("✓ Right. ") and len(said) > 30 and "changed" not in said
    assert praised, f"{name} says to the worked solution: {said}"


def test_answer_gets_its_verdict(row, exercises, namespace):
    names = exercises[row.check].names(namespace)
    exec(row.setup, names)
    said = exercises[row.check].verdict(names, row.code)
    right = said.startswith("✓ Right. ")
    assert right == row.right, f"answers.txt: {row.code} gets {said}"
    assert row.message in said and said.count("\n") == 1, f"answers.txt: {row.code} gets {said}"
    plt.close("all")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_checks_say_what_the_lecturers_page_quotes(path, exercises, namespace):
    """Here, where the notebooks have run: running them all again takes long."""
    checks = [check for check, task in exercises.items() if task.notebook == path.stem]
    heard = {check: [] for check in checks}
    for row in answers():
        if row.check in checks:
            names = exercises[row.check].names(namespace)
            exec(row.setup, names)
            heard[row.check].append(exercises[row.check].verdict(names, row.code))
    for number, says, _ in table(part(page_of(path), "Wrong answers to expect")):
        quoted = says.strip('"')
        assert any(quoted in said for c in checks[int(number) - 1 :][:1] for said in heard[c]), (
            f"exercise {number} says this to no answer of tests/helpers/answers.txt: {quoted}"
        )
    plt.close("all")


# --- right in another form ---


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
    return thing if isinstance(thing, (bool, np.bool_)) else change(thing)


def entries_as(kind):
    convert = np.vectorize(lambda number: kind(float(number)), otypes=[object])
    return lambda result: convert(result)[()]


RESULTS = (lambda r: np.asarray(r).tolist(), entries_as(mpf), entries_as(Decimal), np.longdouble)
NUMBERS = (float, np.float64, np.array, Fraction, Decimal, mpf, lambda x: np.array([[x]]))


def test_right_answers_in_every_form(solution, says):
    forms = []
    if callable(solution):
        forms = [lambda *a: solution(*a), partial(solution), Callable(solution)]
        forms += [lambda *a, form=form: changed(solution(*a), form) for form in RESULTS]
    elif isinstance(solution, (int, float)):
        forms = [kind(solution) for kind in NUMBERS]
    for answer in forms:
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


def test_a_function_that_writes_into_its_arguments_is_refused(function, says):
    for place in range(len(inspect.signature(function).parameters)):
        wrote = []

        def answer(*arguments, place=place, wrote=wrote):
            result = function(*arguments)
            wrote.append(place < len(arguments) and write(arguments[place]))
            return result

        said = says(answer)
        assert ("change" in said and said.startswith("✗")) == any(wrote), said


def shapes(arguments):
    return str([changed(a, np.shape) for a in arguments if isinstance(a, list) or np.ndim(a)])


def scalars(arguments):
    return str([a for a in arguments if np.isscalar(a)])


@pytest.mark.parametrize("part", [shapes, scalars])
def test_a_function_made_for_one_size_or_number_is_refused(part, function, says):
    seen = []

    def answer(*arguments):
        seen.append(part(arguments))
        result = function(*arguments)
        if seen[-1] == seen[0]:
            return result
        return not result if isinstance(result, bool) else changed(result, lambda r: r + 1)

    said = says(answer)
    several = len(set(seen)) > 1
    assert several or seen[0] == "[]", f"let the check call it with other {part.__name__}, too"
    assert said.startswith("✗" if several else "✓"), said


def test_four_digits_are_not_enough(function, says):
    same = []

    def coarse(result):
        same.append(np.array_equal(result, np.round(result, 4), equal_nan=True))
        return np.round(result, 4)

    said = says(lambda *arguments: changed(function(*arguments), coarse))
    assert said.startswith("✓" if all(same) else "✗")


# --- what nobody expects ---


def raises(error):
    def method(*arguments):
        raise error

    return method


def object_with(**methods):
    """Return an object with these special methods."""
    return type("Odd", (), {f"__{name}__": method for name, method in methods.items()})()


@pytest.fixture(autouse=True, scope="module")
def figures_are_closed():
    """plt.figure is among the odd answers, and is called."""
    yield
    plt.close("all")


def odd_things():
    no = raises(RuntimeError("no\nline \ud800"))
    figure, ax = plt.subplots()
    ax.bar([1, 2], [3, 4])
    plt.close(figure)
    return [
        *(None, True, 5 + 0j, "text", b"bytes", "", 10**400, -(10**5000), float("nan"), -0.0),
        *([], (), {}, set(), [[1], [1, 2]], [...], [None], {"a": np.ones(2)}, range(3), object, np),
        *(Decimal("NaN"), Fraction(1, 3), mpf("inf"), np.ma.masked, np.bool_(True), slice(3)),
        *(np.array([]), np.array("text"), np.array([None]), np.array(5 + 1j), np.eye(3) > 0),
        *(np.ma.array([[1.0, 2.0]], mask=[[0, 1]]), np.array([(1, 2.0)], dtype="i,f")),
        *(np.full((3, 3), np.nan), np.zeros((2, 2)), np.array([[1, "a"]], dtype=object)),
        *(np.datetime64("2020"), np.array([10**400, 1]), figure, ax, plt.figure, iter("ab")),
        *((number for number in [1.0]), map(abs, [1]), NotYet("me"), object_with(eq=no)),
        object_with(repr=raises(SystemExit(3)), str=no),
        object_with(getattribute=no),
        object_with(len=no, iter=no, bool=no),
        object_with(array=no, float=no),
        object_with(array=lambda *_: "no array", float=lambda _: "no float"),
        object_with(eq=lambda *_: np.ones(2), hash=lambda _: 0),
        object_with(call=lambda *_: None, name=3),
    ]


def odd_functions():
    def endless(*arguments):
        return endless(*arguments)

    def vandal(*arguments):
        for argument in arguments:
            if isinstance(argument, list):
                argument[:] = [np.ones(2), None]
            elif isinstance(argument, np.ndarray) and argument.ndim:
                argument.resize(0, refcheck=False)
        return 1.0

    def warner(*arguments):
        warnings.warn("odd", stacklevel=1)
        return np.log(np.zeros(2)) * np.float64(0)

    errors = SystemExit(1), GeneratorExit(), KeyError(), NotYet("{0}"), ValueError("two\nlines")
    return [*map(raises, errors), endless, vandal, warner, abs, type, lambda *_: None, lambda *a: a]


def test_odd_answers_get_a_sentence(name, solution, says):
    odd = odd_things() + odd_functions()
    for thing in odd_things():
        odd += [
            lambda *_, r=thing: r,
            lambda *_, r=thing: (r,) * 3,
            lambda *_, r=thing: [(r, r)] * 2,
        ]
        if isinstance(solution, dict):
            odd.append(dict.fromkeys(solution, thing))
    for answer in odd:
        said = says(answer)
        fair = said.startswith("✗ Not yet. ") and len(said) > 40 and "Traceback" not in said
        assert fair, f"{name} tells {answer!r} too little, no sentence of 30 letters: {said}"


def test_a_student_can_still_stop_a_check(name):
    with pytest.raises(KeyboardInterrupt):
        checks()[name](object_with(getattribute=raises(KeyboardInterrupt())))


def test_what_grades_is_what_speaks(name, solution):
    """nbgrader takes the point away where a cell raises: under its decorator a check raises."""
    check = checks()[name].__wrapped__
    assert len(check(solution)) > 20
    for wrong in (..., None, lambda *_: 1 / 0, object_with(getattribute=raises(SystemExit()))):
        with pytest.raises(NotYet, match=" "):
            check(wrong)
