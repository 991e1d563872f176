"""Promise: every notebook has the same frame, so that a reader always knows where things are."""

import ast
import re
from itertools import pairwise

import pytest
from series import (
    FOLDER,
    NOTEBOOKS,
    ROOT,
    code_cells,
    definitions,
    read,
    solutions,
    tags,
    text_cells,
)

by_name = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def whole_text(notebook):
    return "\n\n".join(cell.source for cell in text_cells(notebook))


def title(notebook):
    return notebook.cells[0].source.splitlines()[0].removeprefix("# ")


def test_the_series_is_numbered_without_a_gap():
    numbers = [int(path.name[:2]) for path in NOTEBOOKS]
    assert numbers == list(range(1, len(numbers) + 1))
    assert numbers


@by_name
def test_header(path):
    first = read(path).cells[0].source
    assert re.match(rf"# {path.name[:2]} · .+\n\n\S.+\n\n\| Time \| You need \|", first)
    assert "You will be able to" in first
    minutes = int(re.search(r"\| (\d+) minutes \|", first)[1])
    assert minutes <= 25


@by_name
def test_sections_close_the_notebook(path):
    headings = re.findall(r"^## (.+)$", whole_text(read(path)), re.MULTILINE)
    assert headings[-3:] == ["Exercises", "Summary", "References"]


@by_name
def test_summary_has_three_bullets(path):
    summary = next(c.source for c in text_cells(read(path)) if c.source.startswith("## Summary"))
    assert len(re.findall(r"^- ", summary, re.MULTILINE)) == 3


@by_name
def test_references_have_a_doi(path):
    source = next(c.source for c in text_cells(read(path)) if c.source.startswith("## References"))
    dois = re.findall(r"\[doi:(\S+?)\]\(https://doi\.org/(\S+?)\)", source)
    assert dois
    assert all(shown == target and re.match(r"10\.\d{4,}/\S+", shown) for shown, target in dois)


def neighbours(path):
    """The previous and the next notebook, None at either end."""
    around = [None, *NOTEBOOKS, None]
    position = around.index(path)
    return around[position - 1], around[position + 1]


@by_name
def test_navigation(path):
    last = read(path).cells[-1].source
    before, after = neighbours(path)
    assert "[Contents](../README.md#the-notebooks)" in last
    if before:
        assert last.startswith(f"[← {title(read(before))}]({before.name})")
    if after:
        assert last.endswith(f"[{title(read(after))} →]({after.name})")
    assert set(LINK.findall(last)) == {
        "../README.md#the-notebooks",
        *(neighbour.name for neighbour in (before, after) if neighbour),
    }


def anchors(path):
    """The headings of a notebook or a Markdown file, as a browser addresses them."""
    text = whole_text(read(path)) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    names = [heading.replace(" ", "-") for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
    return {*names, *(re.sub(r"[^\w-]", "", name.lower()) for name in names)}


@pytest.mark.parametrize(
    "path", [*NOTEBOOKS, ROOT / "README.md", ROOT / "CONTRIBUTING.md"], ids=lambda path: path.name
)
def test_links_lead_somewhere(path):
    text = whole_text(read(path)) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    for link in LINK.findall(text):
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        file = (path.parent / target).resolve() if target else path
        assert file.is_relative_to(ROOT), link
        assert file.exists(), link
        if anchor:
            assert anchor in anchors(file), link


@by_name
def test_notation_table_is_linked(path):
    if path.name.startswith("01"):
        assert "## Notation" in whole_text(read(path))
    else:
        assert "(01_draw_the_network.ipynb#Notation)" in whole_text(read(path))


@by_name
def test_cells_fit_a_screen(path):
    """Fifteen lines for a function, and one screen for a class, which cannot be cut in two."""
    for cell in code_cells(read(path)):
        lines = 45 if "\nclass " in cell.source else 15
        assert cell.source.count("\n") < lines, cell.id
        assert max(map(len, cell.source.splitlines())) <= 100, cell.id


@by_name
def test_every_output_is_followed_by_words(path):
    """After an output, and before the next code that shows something, comes a sentence."""
    cells = read(path).cells
    for cell, following in pairwise(cells):
        if cell.cell_type == "code" and cell.outputs:
            assert following.cell_type == "markdown", cell.id
    assert cells[-1].cell_type == "markdown"


@by_name
def test_errors_are_announced(path):
    for before, cell in pairwise(read(path).cells):
        if "raises-exception" in tags(cell):
            name = next(output.ename for output in cell.outputs if output.output_type == "error")
            assert f"**`{name}`**" in before.source, cell.id


@by_name
def test_warnings_are_announced(path):
    """A warning on the page has its class named in the text before it."""
    for before, cell in pairwise(read(path).cells):
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                kind = output.text.split(":")[0]
                assert f"`{kind}`" in before.source, cell.id


@by_name
def test_exercises_have_hints_and_a_solution(path):
    notebook = read(path)
    exercises = code_cells(notebook, "exercise")
    assert len(exercises) >= 3
    assert len(solutions(notebook)) == len(exercises)
    for cell, following in pairwise(notebook.cells):
        if "exercise" in tags(cell):
            assert following.source.count("<summary>Hint") >= 2, cell.id
            assert following.source.index("Hint 1") < following.source.index("Solution"), cell.id
            assert "..." in cell.source, cell.id


@by_name
def test_no_cell_is_empty(path):
    assert all(cell.source.strip() for cell in read(path).cells)


@by_name
def test_details_are_closed(path):
    text = whole_text(read(path))
    assert text.count("<details>") == text.count("</details>") == text.count("<summary>")


@by_name
def test_definitions_stand_alone(path):
    assert definitions(int(path.name[:2]))


@by_name
def test_definitions_say_what_they_are(path):
    """A function or class that the series keeps says in a sentence what it is."""
    for cell in code_cells(read(path), "define"):
        for node in ast.parse(cell.source).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                assert re.match(r"[A-Z-].{10,}\.", ast.get_docstring(node) or ""), node.name


@by_name
def test_recaps_repeat_a_definition(path):
    earlier = [
        cell.source
        for other in NOTEBOOKS
        if other < path
        for cell in code_cells(read(other), "define")
    ]
    for cell in code_cells(read(path), "recap"):
        assert cell.source in earlier, cell.id


@by_name
def test_no_notebook_imports_another_or_the_network(path):
    allowed = {
        "IPython",
        "mpmath",
        "dataclasses",
        "json",
        "numpy",
        "pathlib",
        "matplotlib",
        "viznet",
        "plotnet",
        "checks",
        "scipy",
        "sklearn",
        "itertools",
        "warnings",
    }
    for cell in code_cells(read(path)):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module]
            else:
                continue
            assert {name.split(".")[0] for name in names} <= allowed, cell.id


def test_the_notebooks_have_the_recordings_that_the_tests_use():
    name = "mxnet_cases.json"
    assert (FOLDER / name).read_bytes() == (ROOT / "tests" / "data" / name).read_bytes()


def test_nothing_else_lies_in_the_folder():
    """A stray notebook would be taught, or at least tested."""
    assert {path.name for path in FOLDER.glob("*.ipynb")} == {path.name for path in NOTEBOOKS}
