"""Promise: every notebook has the same frame, and a new one needs nothing but itself."""

import pytest

from tests.helpers.frame_rules import problems
from tools.notebook import FOLDER, NOTEBOOKS, ROOT, anchors, links

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "teaching").glob("*.md"))]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_nothing_is_wrong(path):
    assert problems(path) == []


def test_the_series_is_numbered_without_a_gap_and_nothing_else_lies_in_its_folder():
    """A stray notebook would be taught, or at least tested."""
    assert sorted(FOLDER.glob("*.ipynb")) == NOTEBOOKS
    assert [int(path.name[:2]) for path in NOTEBOOKS] == list(range(1, len(NOTEBOOKS) + 1)) != []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path):
    inner = [link for link in links(path.read_text("utf-8")) if not link.startswith("https://")]
    assert inner
    for link in inner:
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        assert file.is_relative_to(ROOT) and file.exists(), link
        assert not anchor or anchor in anchors(file), link
