"""Promise: each copy works by itself; the student's holds no solution, the instructor's all."""

import ast
import re
import shutil
import subprocess
import sys
from itertools import pairwise, takewhile

import nbformat
import pytest
from packaging.requirements import Requirement

from tools import handouts
from tools.notebook import (
    DETAILS,
    LESSON,
    NOTEBOOKS,
    ROOT,
    anchors,
    code_cells,
    links,
    predicted,
    read,
    solutions,
    tags,
    text_cells,
    whole_text,
)
from tools.teaching import CODE, page_of, part, prediction, table

NAME = NOTEBOOKS[1].name
by_name = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


COPIES = ["student", "nbgrader", "reader", "browser"]
WEEKS = ["instructor", "student 03", "instructor 07", "nbgrader 03 04"]


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Return the folder with all copies; here the instructor's are not run."""
    folder = tmp_path_factory.mktemp("copies for a class")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(handouts, "run", lambda path: None)
        for copy in COPIES + WEEKS:
            handouts.main([*copy.split(), "--output", str(folder / copy)])
    return folder


@by_name
def test_the_student_copy_is_the_source_without_solutions_and_outputs(path, made):
    original, notebook = read(path), read(made / "student" / path.name)
    shown = "\n".join(cell.source for cell in code_cells(original))
    worked = [line.strip() for text in solutions(original) for line in text.splitlines()]
    secrets = [line for line in worked if len(line) > 3 and line not in shown]
    assert len(secrets) >= 3
    assert not [line for line in secrets if any(line in cell.source for cell in notebook.cells)]
    assert [cell.id for cell in notebook.cells] == [cell.id for cell in original.cells]
    for cell, source in zip(code_cells(notebook), code_cells(original), strict=True):
        pieces = map(re.escape, cell.source.split('"Your title"'))
        assert re.fullmatch('"[^"]+ [^"]+"'.join(pieces), source.source)
        assert tags(cell) == tags(source)
        # Neither an output nor the alt text of a figure answers a prediction.
        assert (cell.outputs, cell.execution_count) == ([], None)
        assert set(cell.metadata) <= {"tags", "slideshow", "jupyter"}
    before, after = (re.findall("<summary>(.*?)<", whole_text(nb)) for nb in (original, notebook))
    after = [summary for summary in after if summary != "What to see"]
    assert after == [summary for summary in before if summary != "Solution"]
    reader = read(made / "reader" / path.name)
    assert solutions(reader) == solutions(original)
    assert not any(cell.outputs or "mystnb" in cell.metadata for cell in code_cells(reader))


@by_name
def test_nbgrader_gets_an_answer_cell_and_a_locked_one_that_grades(path, made):
    original, notebook = read(path), read(made / "nbgrader" / path.name)
    marked = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    assert len({cell.metadata.nbgrader.grade_id for cell in marked}) == len(marked)
    for answer, test, worked in zip(marked[::2], marked[1::2], solutions(original), strict=True):
        assert answer.metadata.nbgrader.solution and not answer.metadata.nbgrader.grade
        role = test.metadata.nbgrader
        assert (role.grade, role.locked, role.points) == (True, True, 1)
        given, _, own = answer.source.partition("### BEGIN SOLUTION\n")
        assert "..." in given and "check_" not in answer.source
        assert own == f"{worked}\n### END SOLUTION"
        assert re.match(r"check_\w+\(.*\)\n(report\(.*\)\n)?### BEGIN HIDDEN TESTS\n", test.source)
    assert "<summary>Solution" not in whole_text(notebook)


@by_name
def test_no_answer_stands_open_above_its_prediction_or_in_the_paragraph_below(path, made):
    """The right answers are those of the votes, where they are more than a digit or a word."""
    original, notebook = read(path), read(made / "student" / path.name)
    for cell, below in pairwise(notebook.cells):
        if cell.id in {cell.id for cell in predicted(original)} and below.cell_type != "code":
            assert below.source.startswith("<details><summary>What to see"), below.id
    opened = [DETAILS.sub("", cell.source) for cell in notebook.cells]
    for number, quoted, *options, _ in table(part(page_of(path), "Votes")):
        at = prediction(original, quoted)
        run = takewhile(lambda cell: cell.cell_type == "code", notebook.cells[at + 1 :])
        above = "\n".join([*opened[:at], *(cell.source for cell in run)])
        (right,) = (option for option in options if option.startswith("**"))
        for value in filter(lambda value: len(value) > 4, CODE.findall(right)):
            found = re.search(rf"(?<![\w.]){re.escape(value)}(?![\w.])", above)
            assert not found, f"vote {number}: {value} stands above the question"


ATTACKS = {
    "names": "check_smallest = print",
    "attributes": "checks.check_smallest = print",
    "wrapped": "print_ = lambda *_: 1\nprint_.__wrapped__ = print_\nchecks.check_smallest = print_",
    "judge": "judge.compare = judge.same = lambda *_, **__: True",
    "decorator": "judge.exercise = lambda _: lambda check: print",
    "reload": "importlib.reload = lambda _: types.SimpleNamespace(check_smallest=print)",
    "modules": "sys.modules['lesson.checks'] = types.SimpleNamespace(NotYet=OSError)",
    "numpy": "np.allclose = np.array_equal = lambda *_, **__: True",
}
SET_UP = """import importlib, sys, types
import numpy as np
import lesson.checks as judge
import lesson.checks.naive_softmax as checks
from lesson.checks.naive_softmax import check_smallest
"""


def test_the_hidden_test_raises_whatever_the_answer_has_rebound(made):
    """nbgrader takes the point away where a cell raises."""
    notebook = read(made / "nbgrader" / NOTEBOOKS[2].name)
    (test,) = (c.source for c in code_cells(notebook) if c.source.startswith("check_smallest("))

    def stops(answer, attack=""):
        code = f"{SET_UP}smallest = {answer}\n{attack}\n{test}"
        run = subprocess.run([sys.executable, "-c", code], cwd=LESSON.parent, capture_output=True)
        return bool(run.returncode)

    assert not stops(88) and stops(87) and stops("...")
    assert [name for name, attack in ATTACKS.items() if not stops(87, attack)] == []


@pytest.mark.parametrize("copy", COPIES + WEEKS)
def test_the_folder_holds_all_that_its_pages_link_to(copy, made):
    folder = made / copy
    kind, *weeks = copy.split()
    names = {path.name for path in NOTEBOOKS if not weeks or path.name.startswith(tuple(weeks))}
    assert {path.name for path in folder.glob("*.ipynb")} == names
    neighbours = {"lesson", "plotnet", "requirements.txt", "README.md", "LICENSE", "LICENSE-TEXT"}
    neighbours |= {"teaching", "slides"} if kind == "instructor" else set()
    assert {path.name for path in folder.iterdir()} - names | {"slides"} == neighbours | {"slides"}
    for room in (ROOT / "plotnet", LESSON):
        for file in (path for path in room.rglob("*") if path.suffix in (".py", ".json", ".js")):
            assert (folder / room.name / file.relative_to(room)).exists()
    starts = f"jupyter lab {min(names)}" in (folder / "README.md").read_text("utf-8")
    assert starts == (kind != "browser")
    for page in [*folder.glob("*.ipynb"), *folder.glob("**/*.md")]:
        text = whole_text(read(page)) if page.suffix == ".ipynb" else page.read_text("utf-8")
        assert not re.search(r"<img|src=", text)
        for link in (link for link in links(text) if not link.startswith("https://")):
            target, _, anchor = link.partition("#")
            file = (page.parent / target).resolve() if target else page
            assert file.is_relative_to(folder.resolve()) and file.is_file(), (page.name, link)
            assert not anchor or anchor in anchors(file), (page.name, link)


def test_requirements_name_every_import(made):
    lines = (made / "student" / "requirements.txt").read_text("utf-8").splitlines()
    listed = {Requirement(line).name for line in lines if Requirement(line).specifier}
    assert len(listed) == len(lines)
    sources = [cell.source for path in NOTEBOOKS for cell in code_cells(read(path))]
    sources += [
        path.read_text("utf-8")
        for room in ("plotnet", "notebooks/lesson")
        for path in (ROOT / room).rglob("*.py")
    ]
    wanted = set()
    for node in (node for source in sources for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.Import):
            wanted |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            wanted.add(node.module.split(".")[0])
    wanted -= {*sys.stdlib_module_names, "lesson", "plotnet"}
    in_package = {"sklearn": "scikit-learn", "IPython": "ipykernel", "traitlets": "ipykernel"}
    in_package["PIL"] = "matplotlib"
    assert {in_package.get(name, name) for name in wanted} <= listed


@by_name
def test_the_browser_copy_is_the_readers_and_says_what_differs(path, made):
    notebook, reader = read(made / "browser" / path.name), read(made / "reader" / path.name)
    says = notebook.cells.pop(0).source
    count = sum("RuntimeWarning" in str(cell.outputs) for cell in code_cells(read(path)))
    assert ("RuntimeWarning" in says) == (f"the {count} cells" in says) == bool(count)
    assert "inf and nan" in says and "*Delete*" in says
    assert notebook.metadata.kernelspec.name == "python"
    pairs = zip(notebook.cells[:-1], reader.cells[:-1], strict=True)
    # What needs processes is tested below.
    pairs = [(here, there) for here, there in pairs if here.cell_type == there.cell_type]
    pairs = [pair for pair in pairs if not any(map(pair[1].source.count, handouts.PROCESSES))]
    assert [here.source for here, _ in pairs] == [there.source for _, there in pairs] != []
    assert "File ▸ Open" in notebook.cells[-1].source


PROCESSES = [
    (
        "import dask.array as da\nimport numpy as np\n\nx = np.ones(3)",
        "import numpy as np\n\nx = np.ones(3)",
    ),
    ("def start():\n    from dask.distributed import Client\n    return Client()", None),
    ("y = da.from_array(x)\nprint(y)", None),
    ("z = y.sum()", None),
    ("from distributed import wait", None),
    ("k = 3\ntry:\n    import dask, psutil\nexcept ImportError:\n    pass", "k = 3"),
    ("psutil.Process()", None),
    ("client = start()", None),
    ("y = x + 1\nprint(y)", "y = x + 1\nprint(y)"),
    ("y.sum()", "y.sum()"),
]


def test_what_needs_processes_stops_in_words_and_all_else_runs():
    cells = [nbformat.v4.new_code_cell(source) for source, _ in PROCESSES]
    cells[2].outputs = [nbformat.v4.new_output("stream", text="dask.array<…>\n")]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# 99"), *cells])
    handouts.for_browser(notebook)
    nbformat.validate(notebook)
    for cell, (source, runs) in zip(notebook.cells[2:], PROCESSES, strict=True):
        if runs:
            assert (cell.cell_type, cell.source) == ("code", runs)
        else:
            assert cell.cell_type == "markdown" and f"```python\n{source}\n```" in cell.source
            assert "one process" in cell.source
    assert "```text\ndask.array<…>\n```" in notebook.cells[4].source


# --- what goes wrong ---


def spoil(old, new, cell_alone=True):
    """Return a change to the first answer of a notebook, which then ends there."""

    def change(notebook):
        cell = next(cell for cell in text_cells(notebook) if "<summary>Solution" in cell.source)
        cell.source = re.sub(old, new, cell.source, flags=re.DOTALL)
        if cell_alone:
            notebook.cells = notebook.cells[: notebook.cells.index(cell) + 1]

    return change


HINT = "<details><summary>Hint 1</summary>\n\nThink.\n</details>"
STRAY = "\n\n<details><summary>Solution, too</summary>\n\n42\n</details>"


@pytest.mark.parametrize(
    ("kind", "change", "message"),
    [
        ("student", spoil("^.*$", HINT), "one solution belongs in the cell below it"),
        ("student", spoil("$", STRAY), "found: 2, so written: 1"),
        ("instructor", spoil("birch = ", "oak = "), "the solution binds oak"),
        ("instructor", spoil(r" \+ b1\[2\]", ""), "refuses the worked solution: "),
        ("instructor", spoil(r"b1\[2\]", "b1[70]"), "IndexError"),
    ],
)
def test_a_failing_copy_changes_nothing(kind, change, message, tmp_path, monkeypatch):
    folder, output = tmp_path / "notebooks", tmp_path / "copy"
    shutil.copytree(LESSON, folder / "lesson")
    notebook = read(NOTEBOOKS[1])
    change(notebook)
    nbformat.write(notebook, folder / NAME)
    monkeypatch.setattr(handouts, "choose", lambda names: [folder / NAME])
    output.mkdir()
    (output / "README.md").write_text(handouts.MARK)
    with pytest.raises(SystemExit) as stop:
        handouts.main([kind, "--output", str(output)])
    assert message in str(stop.value)
    assert f"{output} is as it was\n02_forward_pass: " in str(stop.value)
    assert [path.name for path in output.iterdir()] == ["README.md"]
    assert {path.name for path in tmp_path.iterdir()} == {"notebooks", "copy"}


def test_only_an_earlier_copy_is_replaced(tmp_path):
    output = tmp_path / "student"
    for number in ("01", "02"):
        handouts.main(["student", number, "--output", str(output)])
    assert [path.name for path in output.glob("*.ipynb")] == [NAME]
    (output / "README.md").write_text("years of work")
    with pytest.raises(SystemExit, match="accepted are a new folder, an empty one, or an earlier"):
        handouts.main(["student", "--output", str(output)])
    assert (output / "README.md").read_text() == "years of work"
    with pytest.raises(SystemExit, match="no notebook's name starts with 99; there are: 01_draw"):
        handouts.main(["student", "99"])
