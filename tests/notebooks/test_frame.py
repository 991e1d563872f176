"""Promise: every notebook has the same frame, and a new one needs nothing but itself."""

import pytest

from tests.helpers.frame_rules import problems
from tools.notebook import FOLDER, NOTEBOOKS, ROOT, anchors, links


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_nothing_is_wrong(path):
    assert problems(path) == []


def test_the_series_is_numbered_without_a_gap_and_nothing_else_lies_in_its_folder():
    """A stray notebook would be taught, or at least tested."""
    assert sorted(FOLDER.glob("*.ipynb")) == NOTEBOOKS
    assert [int(path.name[:2]) for path in NOTEBOOKS] == list(range(1, len(NOTEBOOKS) + 1)) != []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_lead_somewhere(name):
    for link in links((ROOT / name).read_text(encoding="utf-8")):
        target, _, anchor = link.partition("#")
        if not link.startswith("https://"):
            assert (ROOT / target).exists(), link
            assert not anchor or anchor in anchors(ROOT / target), link
