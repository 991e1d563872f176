"""Ways to damage a stored notebook, one at a time, and whether the suite notices."""

import base64
import copy
import inspect
import io
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import matplotlib.image
import nbformat
import numpy as np
import pytest
import test_frame
import test_stored_outputs
from record import pictures_can_be_compared
from series import ROOT, images, read, tags

PARTS = (
    *("notebooks", "plotnet", "tests", "scripts", "docs"),
    *("conftest.py", "pyproject.toml", "uv.lock", "environment.yml"),
    *("README.md", "CONTRIBUTING.md", "Makefile"),
)
# Whether a mutant is seen without running the notebook, or in a run of it.
AT_REST, IN_A_RUN = "at rest", "in a run"
DELETE = object()


@dataclass(frozen=True)
class Damage:
    """One change to one cell: what it is, where, what it does, and how it is to be seen."""

    name: str
    index: int
    change: Callable
    seen: str = AT_REST

    def apply(self, notebook):
        """Return a copy of the notebook with this damage."""
        damaged = copy.copy(notebook)
        damaged.cells = list(notebook.cells)
        cell = copy.deepcopy(notebook.cells[self.index])
        deleted = self.change(cell) is DELETE
        damaged.cells[self.index : self.index + 1] = [] if deleted else [cell]
        return damaged


def damages(notebook):
    """Yield every Damage to `notebook`."""
    pictures = [data["image/png"] for cell in notebook.cells for data, _ in _images(cell)]
    for index, cell in enumerate(notebook.cells):
        for name, change in _at_rest(cell):
            yield Damage(name, index, change)
        if index == len(notebook.cells) - 1:
            for link in re.findall(r"\]\((.+?)\)", cell.source):
                broken = cell.source.replace(f"]({link}", f"](x{link}", 1)
                yield Damage(f"break the link {link}", index, _set("source", broken))
        if cell.cell_type == "code":
            for name, change in _in_a_run(cell, pictures):
                yield Damage(name, index, change, IN_A_RUN)


def _images(cell):
    return images(cell) if cell.cell_type == "code" else []


def _set(name, value):
    return lambda cell: cell.update({name: value})


def _at_rest(cell):
    """Yield (name, change): the notebook need not run for these to be seen."""
    place = cell.metadata.slideshow.slide_type
    yield "delete the cell", lambda c: DELETE
    yield "rename the cell", _set("id", cell.id + "x")
    yield "hide the cell", lambda c: c.metadata.update(jupyter={"source_hidden": True})
    other = "-" if place != "-" else "fragment"
    yield "move in the slides", lambda c: c.metadata.slideshow.update(slide_type=other)
    yield "leave the slides", lambda c: c.metadata.pop("slideshow")
    yield "say more of the slide", lambda c: c.metadata.slideshow.update(hidden=True)
    yield "say more to the site", _say_more_to_the_site
    for tag in tags(cell):
        yield f"remove the tag {tag}", lambda c, tag=tag: c.metadata.tags.remove(tag)
    if cell.cell_type != "code":
        yield "attach a file", _set("attachments", {"a.txt": {"text/plain": "a"}})
        return
    for k, output in enumerate(cell.outputs):
        if output.output_type == "error":
            yield "change what the error shows", _put(k, "traceback", ["KeyError: 1"])
    yield "add a tag", lambda c: c.metadata.update(tags=[*tags(c), "skip-test"])
    if "recap" in tags(cell):
        yield "edit the recap", _set("source", cell.source + "\nextra = 1")
    yield "null the count", _set("execution_count", None)
    yield "clear the cell", lambda c: c.update(execution_count=None, outputs=[])
    if list(images(cell)):
        yield "drop the alt text", _alt(lambda text: "")
        yield "change one alt text", _alt(lambda text: text + " It is red.", of_cell=False)
        yield "drop the picture", lambda c: next(images(c))[0].pop("image/png")
        yield "blank the picture", _picture(lambda old: _png(np.ones_like(_pixels(old))))
        yield "spoil the picture", _picture(lambda old: old[: len(old) // 8 * 4])


def _say_more_to_the_site(cell):
    cell.metadata.setdefault("mystnb", nbformat.from_dict({}))["remove_output"] = True


def _alt(change, of_cell=True):
    def damage(cell):
        metadata = next(images(cell))[1]["image/png"]
        metadata["alt"] = change(metadata["alt"])
        if of_cell:
            cell.metadata.mystnb.image.alt = metadata["alt"]

    return damage


def _picture(change):
    def damage(cell):
        data = next(images(cell))[0]
        data["image/png"] = change(data["image/png"])

    return damage


def _pixels(png):
    return matplotlib.image.imread(io.BytesIO(base64.b64decode(png)), format="png")[..., :3]


def _png(pixels):
    file = io.BytesIO()
    matplotlib.image.imsave(file, np.ascontiguousarray(pixels), format="png")
    return base64.b64encode(file.getvalue()).decode()


def _in_a_run(cell, pictures):
    """Yield (name, change): these are seen by running the cell once more."""
    old = cell.outputs
    for k, output in enumerate(old):
        yield f"drop output {k}", _set("outputs", old[:k] + old[k + 1 :])
        yield f"repeat output {k}", _set("outputs", [*old[: k + 1], *old[k:]])
        if k and output != old[k - 1]:
            swapped = [*old[: k - 1], output, old[k - 1], *old[k + 1 :]]
            yield f"swap outputs {k - 1} and {k}", _set("outputs", swapped)
        for place, text in _texts(output):
            for name, new in _other_texts(text):
                yield f"{name} in {place}", _put(k, place, new)
        if output.output_type == "stream":
            other = "stderr" if output.name == "stdout" else "stdout"
            yield f"say it on {other}", _put(k, "name", other)
        if output.output_type == "error":
            yield "rename the exception", _put(k, "ename", "KeyError")
        if "image/png" in output.get("data", {}):
            if pictures_can_be_compared():
                yield from _other_pictures(k, output.data["image/png"], pictures)
            yield "change both alt texts", _alt(lambda text: text + " It is red.")
    if not old:
        invented = nbformat.v4.new_output("stream", name="stdout", text="1\n")
        yield "invent an output", _set("outputs", [invented])


def _other_pictures(k, png, pictures):
    yield "mirror the picture", _picture(lambda old: _png(_pixels(old)[:, ::-1]))
    yield "paint a spot on the picture", _picture(_spot)
    for other in [p for p in pictures if p != png and _size(p) == _size(png)][:1]:
        yield "show another picture", _put(k, "image/png", other)


def _size(png):
    """Return width and height as bytes: they stand in a PNG's first block."""
    return base64.b64decode(png[:64])[16:24]


def _spot(png):
    pixels = _pixels(png).copy()
    height, width = (side // 2 for side in pixels.shape[:2])
    pixels[height : height + 20, width : width + 20] *= 0.5
    return _png(pixels)


def _texts(output):
    """Yield (place, text) for every text of an output that a reader sees."""
    for place in ("text", "evalue"):
        if output.get(place):
            yield place, output[place]
    for kind, text in output.get("data", {}).items():
        if isinstance(text, str) and kind != "image/png":
            yield kind, text


def _other_texts(text):
    digits = [match.start() for match in re.finditer(r"\d", text)]
    for name, position in {"the first digit": digits[:1], "the last digit": digits[-1:]}.items():
        for p in position:
            yield f"change {name}", text[:p] + str((int(text[p]) + 1) % 10) + text[p + 1 :]
    words = re.findall(r"[A-Za-z]{3,}", text)
    if words:
        word = max(words, key=len)
        yield f"change the word {word}", text.replace(word, word[::-1] + "x", 1)


def _put(k, place, new):
    def damage(cell):
        output = cell.outputs[k]
        (output if place in output else output.data)[place] = new

    return damage


def tests_at_rest(path):
    """Return the tests that read a notebook without running it, those that see most first."""
    found = []
    for module in (test_stored_outputs, test_frame):
        for name, test in vars(module).items():
            if name.startswith("test_") and list(inspect.signature(test).parameters) == ["path"]:
                found.append(partial(test, path))
    return [found[0], test_stored_outputs.test_cells_are_where_and_what_they_were, *found[1:]]


def survivors_at_rest(path, found):
    """Yield the damages to the notebook at `path` that no test at rest notices."""
    real, notebook = cache(nbformat.read), read(path)
    for damage in found:
        damaged = damage.apply(notebook)

        def reading(file, *args, damaged=damaged, **kwargs):
            return copy.deepcopy(damaged) if file == path else real(file, *args, **kwargs)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(nbformat, "read", reading)
            if not any(map(_fails, tests_at_rest(path))):
                yield damage


def _fails(test):
    try:
        test()
    except Exception:
        return True
    return False


def rounds(found):
    """Sort damages into rounds with at most one damage to a cell: each cell fails by itself."""
    by_cell = {}
    for damage in found:
        by_cell.setdefault(damage.index, []).append(damage)
    for turn in range(max(map(len, by_cell.values()), default=0)):
        yield [some[turn] for some in by_cell.values() if turn < len(some)]


def survivors_of_a_run(path, found, folder):
    """Run the notebook with these damages, at most one to a cell; return those not noticed.

    `folder` is a copy of the project. A cell that fails without damage is an error, and so is a
    run that does not tell what became of each cell.
    """
    damaged = read(path)
    code = [index for index, cell in enumerate(damaged.cells) if cell.cell_type == "code"]
    for damage in found:
        damaged = damage.apply(damaged)
    nbformat.write(damaged, folder / "notebooks" / path.name)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--nbval", f"notebooks/{path.name}"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    failed = {int(n) for n in re.findall(r"^FAILED notebooks/.*::Cell (\d+)", run.stdout, re.M)}
    # The closing line alone: a notebook may print such words, too.
    closing = run.stdout.splitlines()[-1]
    told = sum(int(n) for n in re.findall(r"(\d+) (?:passed|failed)\b", closing))
    expected = {code.index(damage.index): damage for damage in found}
    assert failed <= set(expected) and told == len(code), run.stdout
    return [damage for cell, damage in expected.items() if cell not in failed]


def copy_of_the_project(folder):
    """Copy what the tests of the notebooks need to `folder`, and return it."""
    folder.mkdir(exist_ok=True)
    for part in PARTS:
        if (ROOT / part).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        else:
            shutil.copy(ROOT / part, folder / part)
    return folder
