"""Promise: recording writes what differs, whole or not at all, and only what is true."""

from base64 import b64encode

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from tools import record


def test_what_differs_is_written_whole_and_what_does_not_is_not_touched(tmp_path, monkeypatch):
    """Another program that reads the file meanwhile, as `git status`, sees no change."""
    path = tmp_path / "a.txt"
    assert record.store(path, "α\n")
    assert path.read_bytes() == "α\n".encode()
    monkeypatch.delattr(record, "whole_or_none")
    assert not record.store(path, "α\n")
    with pytest.raises(NameError, match="whole_or_none"):
        record.store(path, "β\n")
    assert path.read_bytes() == "α\n".encode()


def figure(png, alt):
    data, metadata = {"image/png": b64encode(png).decode()}, {"image/png": {"alt": alt}}
    return new_output("display_data", data=data, metadata=metadata)


@pytest.mark.parametrize(
    ("before", "true"),
    [([figure(b"old", "A net.")], True), ([figure(b"old", "No net.")], False), ([], False)],
)
def test_another_matplotlib_records_no_figure_that_has_changed(before, true, monkeypatch):
    """It draws other pixels: an old picture beside new words, or its own, would be untrue."""
    monkeypatch.setattr(record, "pictures_can_be_compared", lambda: False)
    cell = new_code_cell("plot()", outputs=[figure(b"new", "A net.")])
    if true:
        record.keep_unchanged_pictures(cell, before)
        assert cell.outputs == before
    else:
        with pytest.raises(record.Untrue, match=rf"{cell.id}: the figure has changed, and cannot"):
            record.keep_unchanged_pictures(cell, before)


@pytest.mark.parametrize(
    ("cell", "place", "also"),
    [
        (new_code_cell("x = ...\n\ncheck_x(x)"), "-", {"tags": ["exercise"]}),
        (new_code_cell("from lesson import x"), "-", {"jupyter": {"source_hidden": True}}),
        (
            new_code_cell("x", metadata={"slideshow": {"slide_type": "notes"}, "tags": []}),
            "notes",
            {},
        ),
        (new_code_cell("x", metadata={"editable": True, "slideshow": {"slide_type": ""}}), "-", {}),
        (new_markdown_cell("## Exercises"), "slide", {}),
        (new_markdown_cell("### Exercise 5: a sum"), "subslide", {}),
        (new_markdown_cell("It is 5."), "fragment", {}),
        (new_markdown_cell("<details>"), "-", {}),
    ],
)
def test_a_cell_as_jupyterlab_inserts_it_becomes_one_of_the_series(cell, place, also):
    record.tidy(cell)
    assert cell.metadata == {"slideshow": {"slide_type": place}, **also}
