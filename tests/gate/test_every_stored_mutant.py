"""Promise: whatever is damaged in a stored notebook, some test fails; a survivor is a failure."""

from parallel import in_parallel, score
from record import pictures_can_be_compared, why_not
from series import NOTEBOOKS, read
from stored_mutants import (
    AT_REST,
    IN_A_RUN,
    copy_of_the_project,
    damages,
    rounds,
    survivors_at_rest,
    survivors_of_a_run,
)


def judge(path, folder):
    notebook = read(path)
    found = list(damages(notebook))
    at_rest, in_a_run = ([d for d in found if d.seen == seen] for seen in (AT_REST, IN_A_RUN))
    alive = list(survivors_at_rest(path, at_rest))
    copy = copy_of_the_project(folder)
    for some in rounds(in_a_run):
        alive += survivors_of_a_run(path, some, copy)
    return len(found), [f"{path.stem}, {notebook.cells[d.index].id}: {d.name}" for d in alive]


def test_every_damage_to_a_stored_notebook_is_seen(tmp_path):
    if not pictures_can_be_compared():
        print(f"without changed pictures: {why_not()}")
    results = in_parallel(judge, [(path, tmp_path / path.stem) for path in NOTEBOOKS])
    alive = [survivor for _, some in results for survivor in some]
    score("stored notebooks", sum(count for count, _ in results), alive)
    assert alive == []
