"""Promise: each check praises its solution and tells a student what a wrong answer misses."""

import pytest

from tests.helpers.exercise_runs import verdict
from tests.helpers.wrong_answers import WRONG_ANSWERS
from tools.notebook import FOLDER, code_cells, read, solutions

EXERCISES = [(name, number) for name in WRONG_ANSWERS for number in range(len(WRONG_ANSWERS[name]))]


def test_every_exercise_has_wrong_answers():
    for path in FOLDER.glob("[0-9]*.ipynb"):
        assert len(WRONG_ANSWERS[path.stem]) == len(code_cells(read(path), "exercise"))
        assert all(len(answers) >= 3 for answers in WRONG_ANSWERS[path.stem])


@pytest.mark.parametrize(("name", "number"), EXERCISES)
def test_as_shipped(name, number, namespace, capsys):
    exercise = code_cells(read(FOLDER / f"{name}.ipynb"), "exercise")[number]
    names = namespace(name)
    capsys.readouterr()
    exec(exercise.source, names)
    assert capsys.readouterr().out.startswith("Not attempted yet: ")


@pytest.mark.parametrize(("name", "number"), EXERCISES)
def test_solution_is_praised(name, number, namespace, capsys):
    notebook = read(FOLDER / f"{name}.ipynb")
    exercise = code_cells(notebook, "exercise")[number]
    said = verdict(namespace(name), solutions(notebook)[number], exercise, capsys)
    assert said.startswith("Right. ")
    assert len(said) > 30


@pytest.mark.parametrize(
    ("name", "number", "answer", "message"),
    [
        pytest.param(name, number, answer, message, id=f"{name[:2]}.{number + 1}-{i}")
        for name, number in EXERCISES
        for i, (answer, message) in enumerate(WRONG_ANSWERS[name][number])
    ],
)
def test_wrong_answer_is_explained(name, number, answer, message, namespace, capsys):
    exercise = code_cells(read(FOLDER / f"{name}.ipynb"), "exercise")[number]
    said = verdict(namespace(name), answer, exercise, capsys)
    assert said.startswith("Not yet. ")
    assert message in said
    assert said.count("\n") == 1
