"""Run a notebook without its exercises, and hear what a check says to an answer."""

import functools
import io
import itertools
import math
import os
import re
import shutil
import textwrap
import warnings
from contextlib import contextmanager, redirect_stdout, suppress
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import NamedTuple

import matplotlib.pyplot as plt
import mpmath
import numpy as np
import scipy.special

import lesson.checks
from tools.handouts import processes_in_words
from tools.notebook import (
    FOLDER,
    LESSON,
    NOTEBOOKS,
    NotebookError,
    code_cells,
    exercises,
    read,
    split_exercise,
    tags,
)

MODULES = (functools, itertools, math, scipy)


@contextmanager
def running(folder):
    """Yield a function that runs a notebook, exercises left out, and returns its names.

    The notebooks draw and read in `folder`.
    """
    ran = {}
    before = os.getcwd()
    shown, printed = warnings.formatwarning, np.get_printoptions()
    shutil.copytree(LESSON / "data", folder / "lesson" / "data")
    os.chdir(folder)

    def run(name):
        """Leave out the cells that start processes: no exercise needs them, and they take long."""
        if name not in ran:
            ran[name] = {"__name__": "__main__"}  # as in a kernel
            notebook = read(FOLDER / f"{name}.ipynb")
            processes_in_words(notebook)
            for cell in code_cells(notebook):
                announced = Exception if "raises-exception" in tags(cell) else ()
                if "exercise" not in tags(cell):
                    with suppress(announced), warnings.catch_warnings():
                        warnings.simplefilter("ignore")
                        exec(cell.source, ran[name])
        return dict(ran[name])

    yield run
    os.chdir(before)
    warnings.formatwarning = shown
    np.set_printoptions(**printed)


@functools.cache
def checks():
    """Return {name: check} of every check_* in every module of lesson.checks."""
    found = {}
    for info in iter_modules(lesson.checks.__path__):
        module = import_module(f"lesson.checks.{info.name}")
        for name, value in vars(module).items():
            if name.startswith("check_") and value.__module__ == module.__name__:
                found[name] = value
    return found


class Task(NamedTuple):
    """An exercise of a notebook, in parts."""

    notebook: str
    before: str
    placeholder: str
    call: str
    solution: str

    @property
    def name(self):
        return re.match(r"(?:def )?(\w+)", self.placeholder)[1]

    def names(self, namespace):
        """Return the names of the notebook, those that answers use, and RIGHT, the solution."""
        names = {module.__name__: module for module in MODULES}
        names |= {"mp": mpmath.mp, "np": np, "plt": plt} | namespace(self.notebook)
        exec(f"{self.before}\n{self.solution}", names)
        return names | {"RIGHT": names[self.name]}

    def answered(self, answer):
        """Return the statement that puts `answer`, code, in the place of the placeholder."""
        head = self.placeholder.splitlines()[0]
        if head.startswith("def ") and not answer.startswith(("def ", "= ")):
            return f"{head}\n{textwrap.indent(answer, '    ')}"
        return answer if answer.startswith("def ") else f"{self.name} = {answer.removeprefix('= ')}"

    def verdict(self, names, answer):
        """Return what the check prints when `answer`, code, stands for the placeholder."""
        exec(self.answered(answer), names)
        with redirect_stdout(io.StringIO()) as said:
            exec(self.call, names)
        return said.getvalue()


@functools.cache
def tasks():
    """Return {name of its check: Task} for the exercises of all notebooks, in order."""
    found = {}
    for path in NOTEBOOKS:
        with suppress(NotebookError):  # tests/notebooks/test_frame.py says what is wrong
            for cell, solution, _ in exercises(read(path)):
                before, placeholder, call = split_exercise(cell.source, solution)
                found[call.partition("(")[0]] = Task(path.stem, before, placeholder, call, solution)
    return found


class Answer(NamedTuple):
    """A row of answers.txt."""

    check: str
    setup: str
    code: str
    message: str
    right: bool


@functools.cache
def answers():
    """Return the rows of answers.txt, a list of `Answer`."""
    rows, check, setup, code = [], None, [], []
    text = (Path(__file__).parent / "answers.txt").read_text(encoding="utf-8")
    for line in text.partition("\n\n")[2].splitlines():
        if line.startswith("== "):
            check, setup, code = line.removeprefix("== "), [], []
        elif line.startswith("> ") or (line.startswith("    ") and not code):
            setup.append(line.removeprefix("> "))
        else:
            answer, end, told = line.partition("  # ")
            code.append(answer)
            if end:
                right, message = told.startswith("✓"), told.removeprefix("✓").strip()
                rows.append(Answer(check, "\n".join(setup), "\n".join(code), message, right))
                code = []
    return rows
