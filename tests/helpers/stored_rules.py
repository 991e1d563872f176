"""What a stored notebook must be, where nbval does not look: each rule yields the problems it sees.

nbval passes a cell without an execution count whatever has become of its outputs, never opens a
picture, and does not read metadata or Markdown.
"""

import io
import re
from base64 import b64decode
from functools import lru_cache

import matplotlib.image
from nbformat.validator import iter_validate

from tools.notebook import TAGS, code_cells, images, tags

FORMAT = (4, 5)
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SLIDES = {"slide", "subslide", "fragment", "notes", "skip", "-"}
FIGURE = re.compile(r"<Figure size (\d+)x(\d+) with \d+ Axes>")
MACHINE_PATH = re.compile(
    r"/(?:tmp|home|root|Users|private|var)/|[A-Z]:\\\\|site-packages|ipykernel_\d"
)


def counts(notebook):
    """Cells are counted 1…n: the notebook was run from top to bottom, once, and kept."""
    for expected, cell in enumerate(code_cells(notebook), 1):
        if cell.execution_count != expected:
            yield f"{cell.id}: execution count {cell.execution_count}, expected {expected}"
        for output in cell.outputs:
            if output.output_type == "execute_result" and output.execution_count != expected:
                yield f"{cell.id}: its result is counted {output.execution_count}"


def errors(notebook):
    """An error is stored exactly where the tag announces one."""
    for cell in code_cells(notebook):
        stored = any(output.output_type == "error" for output in cell.outputs)
        if stored and "raises-exception" not in tags(cell):
            yield f"{cell.id}: stores an error that no tag announces"
        if not stored and "raises-exception" in tags(cell):
            yield f"{cell.id}: is tagged raises-exception and stores no error"


def tracebacks(notebook):
    """An error shows its name and value, which nbval compares; the reader sees the traceback."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "error":
                says = f"{output.ename}: {output.evalue}"
                if output.traceback != [says]:
                    yield f"{cell.id}: the error shows {output.traceback}, expected {says}"


def shown(notebook):
    """Exercises are shipped unanswered, and the notebook shows something at all."""
    for cell in code_cells(notebook, "exercise"):
        if [output.get("text") for output in cell.outputs] != [
            "Not attempted yet: replace the ... and run the cell again.\n"
        ]:
            yield f"{cell.id}: an exercise is shipped with 'Not attempted yet' and nothing else"
    if not any(cell.outputs for cell in code_cells(notebook)):
        yield "no cell has an output"


def pictures(notebook):
    """Every figure is a PNG at twice its size that shows something, and has alt text."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            text = output.get("data", {}).get("text/plain", "")
            if FIGURE.search(text) and "image/png" not in output.data:
                yield f"{cell.id}: the figure's picture is gone"
        for data, metadata in images(cell):
            yield from _picture(cell, data, metadata)


def _picture(cell, data, metadata):
    kinds = {kind for kind in data if kind.startswith("image/")}
    if kinds != {"image/png"}:
        yield f"{cell.id}: {sorted(kinds)} stored, a PNG expected"
        return
    try:
        (height, width), contrast = _look(data["image/png"])
    except Exception as error:
        yield f"{cell.id}: the PNG cannot be read ({error})"
        return
    size = FIGURE.search(data.get("text/plain", ""))
    if not size or (width, height) != (2 * int(size[1]), 2 * int(size[2])):
        yield f"{cell.id}: the PNG has {width} by {height} pixels, not twice the figure's size"
    if contrast < 0.01:
        yield f"{cell.id}: the PNG is blank"
    shown = metadata.get("image/png", {})
    alt = shown.get("alt", "")
    if len(alt) < 40:
        yield f"{cell.id}: the figure has no alt text that says what it shows"
    if (shown.get("width"), shown.get("height")) != (width // 2, height // 2):
        yield f"{cell.id}: the figure is not shown at half its pixels"


@lru_cache
def _look(png):
    """Return the size of a picture in pixels, and how much its pixels differ."""
    pixels = matplotlib.image.imread(io.BytesIO(b64decode(png)), format="png")
    return pixels.shape[:2], pixels[..., :3].std()


def sliders(notebook):
    """A slider is stored as its place on a page, without a model of a kernel that is gone."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            for kind in sorted(data):
                if kind.startswith("application/"):
                    yield f"{cell.id}: {kind} stored, which needs the kernel that made it"
            shown = data.get("text/plain", "")
            if re.match(r"\w+Slider\b", shown) and "data-slider=" not in data.get("text/html", ""):
                yield f"{cell.id}: the slider has no place on the page"


def metadata(notebook):
    """Nothing of the machine, the time or the language version; nothing that nobody reads."""
    if (notebook.nbformat, notebook.nbformat_minor) != FORMAT:
        yield f"format {notebook.nbformat}.{notebook.nbformat_minor}, expected {FORMAT}"
    yield from (f"not valid: {error.message}" for error in iter_validate(notebook))
    if notebook.metadata != METADATA:
        yield f"notebook metadata is {dict(notebook.metadata)}"
    ids = [cell.id for cell in notebook.cells]
    if len(set(ids)) != len(ids):
        yield "two cells have one id"
    for cell in notebook.cells:
        yield from _cell_metadata(cell)


def _cell_metadata(cell):
    expected = {"slideshow": {"slide_type": cell.metadata.get("slideshow", {}).get("slide_type")}}
    if tags(cell):
        expected["tags"] = tags(cell)
    # Imports are collapsed, and nothing else: a reader must see what runs.
    if cell.cell_type == "code" and re.search("^from lesson", cell.source, re.MULTILINE):
        expected["jupyter"] = {"source_hidden": True}
    for _, shown in images(cell) if cell.cell_type == "code" else ():
        # The site reads the alt text here, nbconvert with the output.
        expected["mystnb"] = {"image": {"alt": shown.get("image/png", {}).get("alt", "")}}
    if cell.metadata != expected:
        yield f"{cell.id}: cell metadata {dict(cell.metadata)}, expected {expected}"
    if "attachments" in cell:
        yield f"{cell.id}: holds files: {sorted(cell.attachments)}"
    if unknown := set(tags(cell)) - TAGS:
        yield f"{cell.id}: unknown tag {sorted(unknown)}"
    if expected["slideshow"]["slide_type"] not in SLIDES:
        yield f"{cell.id}: no place in the slides"


def paths(notebook):
    """No path of the machine that recorded, in sources or in outputs."""
    for cell in notebook.cells:
        outputs = [
            {kind: text for kind, text in output.get("data", output).items() if kind != "image/png"}
            for output in cell.get("outputs", [])
        ]
        if match := MACHINE_PATH.search(f"{cell.source} {outputs}"):
            yield f"{cell.id}: names a place on a machine: {match.group()}"


RULES = [counts, errors, tracebacks, shown, pictures, sliders, metadata, paths]


def problems(notebook):
    """Return everything that is wrong with a stored notebook."""
    return [problem for rule in RULES for problem in rule(notebook)]
