"""Promise: a changed operator, constant, keyword or line in what we teach or draw fails a test.

MUTANTS=all tries every change, and what is listed as harmless, too. Otherwise it is one change in
four to what is taught and one in thirty-two to plotnet, the same ones every time.
"""

import json
import os
import random
from collections import Counter

import pytest
from mutation import mutants
from parallel import in_parallel, score
from record import pictures_can_be_compared, why_not
from series import NOTEBOOKS, ROOT, code_cells, read
from suite import Suite

PACKAGE = sorted((ROOT / "plotnet").glob("*.py"))
ALL = os.environ.get("MUTANTS") == "all"
TAUGHT, DRAWN = (1, 1) if ALL else (1 / 4, 1 / 32)
# Killing almost all is what the tests are for; what lives on is listed, each with its reason.
LEAST = 0.95
LISTED = ROOT / "tests" / "gate" / "equivalent.txt"

# The tests that are about each notebook's functions; its own run is the last resort.
OF_NOTEBOOK = {
    "02": ["test_forward.py"],
    "03": ["test_softmax_contract.py"],
    "04": ["test_softmax_contract.py", "test_softmax_accuracy.py", "test_softmax_properties.py"],
    "05": ["test_softmax_contract.py", "test_softmax_accuracy.py", "test_softmax_properties.py"],
    "06": ["test_loss.py", "test_mxnet_recordings.py", "test_loss_elsewhere.py"],
    "07": ["test_training.py"],
}
# Without the tests that take seconds and repeat what the others see.
NET = [
    "test_pictures.py -k net",
    "test_plot_net.py -k 'not any_net and not 101_632 and not counts9'",
    "test_bad_input.py",
    "test_determinism.py -k 'not another_process'",
]
SHAPES = ["test_pictures.py -k shapes", "test_plot_shapes.py", "test_bad_input.py"]
SHOWING = [
    "test_dynamic_show.py",
    "test_show.py -k 'not syntax_warning'",
    "test_determinism.py -k 'not another_process'",
    "test_bad_input.py",
]
# The tests that are about each file, those that fail soonest first.
OF_MODULE = {
    "_viznet": ["test_show.py"],
    "alt": NET,
    "blocks": SHAPES,
    "captions": [*NET, "test_dynamic_show.py"],
    "checks": ["test_bad_input.py", "test_show.py", *NET, *SHAPES],
    "curves": ["test_pictures.py -k 'panel or exp'", "test_curves.py"],
    "display": [*SHOWING, "test_pictures.py", "test_grids.py"],
    "dynamic": ["test_dynamic_show.py", "test_pictures.py -k hand", *SHOWING],
    "edges": NET,
    "grids": ["test_pictures.py -k 'outcomes or confusion'", "test_grids.py"],
    "layout": NET,
    "legend": NET,
    "net": [*NET, "test_show.py"],
    "nodes": NET,
    "save": SHOWING,
    "shapes": [*SHAPES, "test_determinism.py", "test_show.py"],
    "sliders": ["test_sliders.py"],
    "style": [*NET, *SHAPES, "test_dynamic_show.py"],
    "text": [*NET, *SHAPES, "test_pictures.py"],
}


def listed():
    """Return the survivors that are known: equivalent.txt gives a reason for each."""
    lines = LISTED.read_text(encoding="utf-8").splitlines()
    return Counter(line for line in lines if line and not line.startswith("#"))


def is_listed(change):
    """A survivor takes longest, since it passes every test: known ones are tried on demand."""
    return not ALL and change in listed()


def sample(found, name, share):
    choice = random.Random(name)
    return [one for one in found if choice.random() < share]


def as_arguments(test):
    name, *words = test.split(" -k ")
    return [f"tests/{name}", *(part for word in words for part in ("-k", word.strip("'")))]


def survives(suite, tests):
    """Run tests until one fails; say whether none did."""
    return all(
        suite.run("-q", "-x", *as_arguments(test))[0] == pytest.ExitCode.OK
        for test in dict.fromkeys(tests)
    )


def judge_module(path, folder):
    name, found = f"plotnet/{path.name}", list(mutants(path.read_text(encoding="utf-8")))
    found = sample(found, path.name, DRAWN)
    alive = []
    with Suite(folder) as suite:
        for mutant in found:
            suite.write(name, mutant.source)
            change = f"{name} {mutant}"
            if is_listed(change) or survives(suite, OF_MODULE[path.stem]):
                alive.append(change)
    return len(found), alive


def replace_everywhere(suite, old, new):
    """Write the notebooks with a cell's source replaced, in recaps, too; return their names."""
    suite.restore()
    changed = []
    for path in NOTEBOOKS:
        # As JSON: validating each notebook each time would take longer than the tests.
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = [cell for cell in notebook["cells"] if "".join(cell["source"]) == old]
        for cell in cells:
            cell["source"] = new
        if cells:
            suite.write(f"notebooks/{path.name}", json.dumps(notebook))
            changed.append(f"notebooks/{path.name}")
    return changed


def judge_notebook(path, folder):
    count, alive = 0, []
    with Suite(folder) as suite:
        for cell in code_cells(read(path), "define"):
            for mutant in sample(mutants(cell.source), cell.id, TAUGHT):
                count += 1
                change = f"{path.stem} {mutant}"
                if is_listed(change):
                    alive.append(change)
                    continue
                changed = replace_everywhere(suite, cell.source, mutant.source)
                if survives(suite, OF_NOTEBOOK[path.name[:2]]):
                    outcome, report = suite.run("-q", "-x", "--nbval", *changed)
                    assert "ERROR notebooks/" not in report, report
                    if outcome == pytest.ExitCode.OK:
                        alive.append(change)
    return count, alive


def verdict(what, results):
    count, alive = sum(n for n, _ in results), [one for _, some in results for one in some]
    unknown = list((Counter(alive) - listed()).elements())
    score(what, count, alive)
    assert unknown == [], f"not in {LISTED.name}, which asks for a reason"
    assert len(alive) <= (1 - LEAST) * count


def test_a_change_to_what_is_taught_is_seen(tmp_path):
    taught = [path for path in NOTEBOOKS if code_cells(read(path), "define")]
    # The last ones have the most code: first, so that no core waits for the other at the end.
    tasks = [(path, tmp_path / path.stem) for path in reversed(taught)]
    verdict("taught functions", in_parallel(judge_notebook, tasks))


def test_a_change_to_plotnet_is_seen(tmp_path):
    if not pictures_can_be_compared():
        pytest.skip(f"most changes to a drawing are seen in a picture: {why_not()}")
    tasks = [(path, tmp_path / path.stem) for path in PACKAGE if path.stem in OF_MODULE]
    verdict("plotnet", in_parallel(judge_module, tasks))


def test_every_file_has_its_tests():
    assert set(OF_MODULE) == {path.stem for path in PACKAGE} - {"__init__"}


def judge_nothing(test, folder):
    with Suite(folder) as suite:
        return suite.run("-q", "-x", *as_arguments(test))


def test_without_a_change_nothing_fails(tmp_path):
    """The control: tests that always fail, or choose nothing, would kill every mutant, too."""
    groups = (*OF_NOTEBOOK.values(), *OF_MODULE.values())
    chosen = sorted({test for tests in groups for test in tests})
    tasks = [(test, tmp_path / f"control {number}") for number, test in enumerate(chosen)]
    for test, (outcome, report) in zip(chosen, in_parallel(judge_nothing, tasks), strict=True):
        assert outcome == pytest.ExitCode.OK, f"{test}\n{report}"
