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
from tools.notebook import (
    FOLDER,
    LESSON,
    NOTEBOOKS,
    code_cells,
    exercises,
    read,
    split_exercise,
    tags,
    topic,
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
        if name not in ran:
            ran[name] = {}
            for cell in code_cells(read(FOLDER / f"{name}.ipynb")):
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
    """An exercise of a notebook, with its place in it."""

    notebook: str
    before: str
    placeholder: str
    call: str
    solution: str

    def names(self, namespace):
        """Return the names of the notebook, those that answers use, and RIGHT, the solution."""
        names = {module.__name__: module for module in MODULES} | {
            "mp": mpmath.mp,
            "plt": plt,
            "np": np,
        }
        names |= namespace(self.notebook)
        exec(f"{self.before}\n{self.placeholder}\n{self.solution}", names)
        names["RIGHT"] = names[self.name]
        return names

    @property
    def name(self):
        return re.match(r"(?:def )?(\w+)", self.placeholder)[1]

    def filled(self, answer):
        """Return the code that puts `answer` in the place of the placeholder."""
        if answer.startswith("def "):
            return answer
        head = self.placeholder.splitlines()[0]
        if head.startswith("def ") and not answer.startswith("= "):
            return f"{head}\n{textwrap.indent(answer, '    ')}"
        return f"{self.name} = {answer.removeprefix('= ')}"

    def verdict(self, names, answer=None):
        """Return what the check prints about `answer`, code; about the placeholder for None."""
        exec(self.placeholder if answer is None else self.filled(answer), names)
        with redirect_stdout(io.StringIO()) as said:
            exec(self.call, names)
        return said.getvalue()


def tasks():
    """Return {name of its check: Task} for the exercises of all notebooks, in order."""
    found = {}
    for path in NOTEBOOKS:
        for cell, solution, _ in exercises(read(path)):
            before, placeholder, call = split_exercise(cell.source, solution)
            check = call.partition("(")[0]
            assert check in vars(import_module(f"lesson.checks.{topic(path)}"))
            found[check] = Task(path.stem, before, placeholder, call, solution)
    return found


class Answer(NamedTuple):
    """A row of answers.txt."""

    check: str
    setup: str
    code: str
    message: str
    right: bool


def answers():
    """Return the rows of answers.txt, a list of `Answer`."""
    rows, check, setup, code = [], None, [], []
    text = (Path(__file__).parent / "answers.txt").read_text(encoding="utf-8")
    for line in text.partition("\n== ")[2].splitlines():
        if check is None or line.startswith("== "):
            check, setup, code = line.removeprefix("== "), [], []
        elif line.startswith("> ") or (line.startswith("    ") and not code):
            setup.append(line.removeprefix("> "))
        elif line:
            answer, end, message = line.partition("  # ")
            code.append(answer)
            if end:
                told = message.removeprefix("✓").strip()
                row = check, "\n".join(setup), "\n".join(code), told, message[0] == "✓"
                rows.append(Answer(*row))
                code = []
    return rows
