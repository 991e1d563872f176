"""Run a notebook without its exercises, and hear what a check says to an answer."""

import os
import shutil
import warnings
from contextlib import contextmanager, suppress

import numpy as np

from tools.notebook import FOLDER, LESSON, code_cells, read, tags


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


def verdict(names, answer, exercise, capsys):
    """Put `answer` where the exercise has its placeholder and return what the check prints."""
    exec(exercise.source, names)
    exec(answer, names)
    capsys.readouterr()
    exec(exercise.source.splitlines()[-1], names)
    return capsys.readouterr().out
