"""Promise: a room imports the rooms below it and no other, and taught.py is what is taught."""

import ast
import sys
from itertools import chain
from pathlib import Path

from tools.notebook import NOTEBOOKS, ROOT, bound_names, taught
from tools.record import TAUGHT

# What a room imports beside the standard library; the first that fits a file holds.
MAY = {
    "notebooks/lesson/taught.py": {"numpy", "IPython"},
    "notebooks/lesson/sliders": {"numpy", "lesson", "plotnet", "anywidget", "traitlets"},
    "notebooks/lesson": {"numpy", "matplotlib", "lesson", "plotnet", "IPython"},
    "plotnet": {"numpy", "matplotlib", "PIL", "IPython", "viznet", "plotnet"},
}
# Of the rooms of plotnet, the lesson uses these.
OPEN = {"", "canvas", "text", "arguments"}
WEB = {"sphinx", "playwright", "nbconvert", "pygments"}


def problems(path):
    """Yield each import that the room of a file forbids."""
    room = path.as_posix()
    may = next((names for start, names in MAY.items() if room.startswith(start)), None)
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            modules = [node.module]
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "sys.path":
            yield f"{path}: sys.path"
        for top, _, rest in (module.partition(".") for module in modules):
            closed = room.startswith("notebooks") and top == "plotnet" and rest not in OPEN
            own_test = top == "tests" and not rest.startswith("helpers")
            foreign = top == "tests" and not room.startswith(("tests", "conftest.py"))
            web = top in WEB and room.startswith("tools") and not room.startswith("tools/web")
            unlisted = may and top not in may and top not in sys.stdlib_module_names
            if closed or own_test or foreign or web or unlisted:
                yield f"{path}: {top}.{rest}"


def test_each_room_imports_what_it_may():
    rooms = ("notebooks/lesson", "plotnet", "tools", "tests", "docs")
    paths = [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]
    paths = [path.relative_to(ROOT) for path in [*paths, *ROOT.glob("*.py")]]
    assert Path("conftest.py") in paths
    assert list(chain.from_iterable(map(problems, paths))) == []


def test_what_is_taught_is_what_the_notebooks_define_each_name_once():
    text = TAUGHT.read_text(encoding="utf-8")
    same = text == taught(NOTEBOOKS)
    assert same, (
        "a cell with the tag `define` has changed: run `make record`, which writes taught.py"
    )
    names = [name for statement in ast.parse(text).body for name in bound_names(statement)]
    assert len(names) == len(set(names)) > 0
