"""Promise: a damaged notebook fails. A sample: tests/gate/test_every_stored_mutant.py has all."""

import pytest
from series import NOTEBOOKS, code_cells, read
from stored_mutants import (
    AT_REST,
    IN_A_RUN,
    Damage,
    copy_of_the_project,
    damages,
    rounds,
    survivors_at_rest,
    survivors_of_a_run,
)


def one_of_each_kind():
    """Return one damage of each kind that is seen at rest, from notebooks in turn."""
    chosen = {}
    for turn in range(len(NOTEBOOKS)):
        path = NOTEBOOKS[turn]
        for damage in damages(read(path)):
            kind = damage.name.split(" notebooks/")[0]
            if damage.seen == AT_REST and (kind not in chosen or len(chosen) % 7 == turn):
                chosen[kind] = (path, damage)
    return chosen


@pytest.mark.parametrize("kind", (kinds := one_of_each_kind()))
def test_damage_is_seen_at_rest(kind):
    path, damage = kinds[kind]
    assert list(survivors_at_rest(path, [damage])) == []


def test_no_damage_is_seen_where_there_is_none():
    """The control: a suite that always fails would see every damage, too."""
    path = NOTEBOOKS[2]
    nothing = Damage("nothing", 0, lambda cell: None)
    assert list(survivors_at_rest(path, [nothing])) == [nothing]


def test_damage_is_seen_in_a_run_in_its_cell_only(tmp_path):
    """The last round of notebook 03 damages a warning, a table and a picture at once."""
    path = NOTEBOOKS[2]
    found = [damage for damage in damages(read(path)) if damage.seen == IN_A_RUN]
    some = next(some for some in rounds(found[::2]) if len(some) > 5)
    assert len(some) < len(code_cells(read(path)))
    assert survivors_of_a_run(path, some, copy_of_the_project(tmp_path)) == []


def test_a_run_that_tells_nothing_is_an_error(tmp_path):
    """Without a kernel no cell fails, and every damage would look like one that nobody saw."""
    copy = copy_of_the_project(tmp_path)
    with (copy / "conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write("\n\nIPyNbFile.setup = lambda self: 1 / 0\n")
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        survivors_of_a_run(NOTEBOOKS[0], [], copy)
