"""What a stored notebook must be, where nbval does not look: each rule yields the problems it sees.

nbval passes a cell without an execution count whatever has become of its outputs, never opens a
picture, and does not read metadata or Markdown.
"""

import io
import re
from base64 import b64decode
from collections import Counter
from functools import lru_cache

import matplotlib.image
from nbformat.validator import iter_validate

from tools.notebook import IMPORTS, TAGS, code_cells, images, named, tags, unrecorded
from tools.record import KERNELSPEC, NO_IDS

FORMAT = (4, 5)
METADATA = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
SLIDES = {"slide", "subslide", "fragment", "notes", "skip", "-"}
UNANSWERED = ["Not attempted yet: replace the ... and run the cell again.\n"]
FIGURE = re.compile(r"<Figure size (\d+)x(\d+) with \d+ Axes>")
MACHINE_PATH = re.compile(
    r"/(?:tmp|home|root|Users|private|var)/|[A-Z]:\\\\|site-packages|ipykernel_\d"
)
# In a comment, nbval obeys these.
NBVAL_ORDERS = re.compile(r"#.*(?:NBVAL|PYTEST_VALIDATE)_", re.IGNORECASE)


def of_code(rule):
    """Make a rule of a notebook from one of a code cell and its number."""

    def in_each_cell(notebook):
        for number, cell in enumerate(code_cells(notebook), 1):
            yield from (f"{named(cell)}: {said}" for said in rule(cell, number))

    return in_each_cell


def counts(notebook):
    """Cells are counted 1…n: the notebook was run from top to bottom, once, and kept."""
    for expected, cell in enumerate(code_cells(notebook), 1):
        results = {o.execution_count for o in cell.outputs if o.output_type == "execute_result"}
        if wrong := {cell.execution_count, *results} - {expected}:
            yield f"{named(cell)}: run as number {wrong}, not {expected}: make record"
            return


@of_code
def errors(cell, _):
    """An error is stored exactly where a tag announces one, as its name and value."""
    stored = [output for output in cell.outputs if output.output_type == "error"]
    if bool(stored) != ("raises-exception" in tags(cell)):
        yield "give it the tag raises-exception if it stores an error, and only then; make record"
    for output in stored:
        if output.traceback != [says := f"{output.ename}: {output.evalue}"]:
            yield f"the error shows {output.traceback}, not {says}: make record"


@of_code
def answers(cell, _):
    if "exercise" in tags(cell) and [o.get("text") for o in cell.outputs] != UNANSWERED:
        yield f"put the ... back, then make record: it is shipped with {UNANSWERED}"


@of_code
def pictures(cell, _):
    """Every figure is a PNG at twice its size that shows something, and has alt text."""
    for output in cell.outputs:
        data = output.get("data", {})
        size = FIGURE.search(data.get("text/plain", ""))
        kinds = {kind for kind in data if kind.startswith("image/")}
        if not size and not kinds:
            continue
        if kinds != {"image/png"}:
            yield f"{sorted(kinds)} stored, not a PNG: end the cell with show(fig, alt)"
            continue
        try:
            (height, width), contrast, opaque = _look(data["image/png"])
        except Exception as error:
            yield f"the PNG cannot be read ({error})"
            continue
        if not size or (width, height) != (2 * int(size[1]), 2 * int(size[2])):
            yield f"{width} by {height} pixels, not twice the figure: end with show(fig, alt)"
        if contrast < 0.01 or not opaque:
            yield "the PNG is blank, or transparent"
        shown = output.metadata.get("image/png", {})
        if not 40 <= len(alt := shown.get("alt", "")) <= 300 or "|" in alt:
            yield (
                f"the alt text has {len(alt)} letters, not 40 to 300, or a bar: say what is where, "
                "and end the cell with show(fig, alt)"
            )
        if (shown.get("width"), shown.get("height")) != (width // 2, height // 2):
            yield "the figure is not shown at half its pixels: end the cell with show(fig, alt)"


@lru_cache
def _look(png):
    """Return a picture's size in pixels, how much they differ, and whether all are opaque."""
    pixels = matplotlib.image.imread(io.BytesIO(b64decode(png)), format="png")
    return pixels.shape[:2], pixels[..., :3].std(), pixels[..., 3:].min(initial=1) == 1


@of_code
def sliders(cell, _):
    """A slider is stored as its place on a page, without a model of a kernel that is gone."""
    for data in (output.get("data", {}) for output in cell.outputs):
        if kinds := [kind for kind in data if kind.startswith("application/")]:
            yield f"{kinds} stored, which needs the kernel that made it"
        is_slider = re.match(r"\w+Slider\b", data.get("text/plain", ""))
        if is_slider and "data-slider=" not in data.get("text/html", ""):
            yield "the slider has no place on the page"


def cell_metadata(cell):
    """Nothing of the machine or the time, and nothing that nobody reads."""
    place = cell.metadata.get("slideshow", {}).get("slide_type")
    expected = {"slideshow": {"slide_type": place}}
    if tags(cell):
        expected["tags"] = tags(cell)
    # Imports are collapsed, and what is kept may be; for the rest, a reader must see what runs.
    imports = cell.cell_type == "code" and IMPORTS.search(cell.source)
    if imports or ("define" in tags(cell) and "jupyter" in cell.metadata):
        expected["jupyter"] = {"source_hidden": True}
    for _, shown in images(cell) if cell.cell_type == "code" else ():
        # The site reads the alt text here, nbconvert with the output.
        if alt := shown.get("image/png", {}).get("alt"):
            expected["mystnb"] = {"image": {"alt": alt}}
    if cell.metadata != expected:
        yield f"metadata {dict(cell.metadata)}, not {expected}: make record"
    if place not in SLIDES:
        yield "no place in the slides: make record gives it the usual one"
    if unknown := set(tags(cell)) - TAGS:
        yield f"unknown tag {sorted(unknown)}; there are {sorted(TAGS)}"
    if cell.cell_type == "raw" or "attachments" in cell:
        yield "make it Markdown or code, without an attached file"


def words(cell):
    """No path of the machine that recorded, and no order to nbval, in sources or in outputs."""
    outputs = [
        {kind: text for kind, text in output.get("data", output).items() if kind != "image/png"}
        for output in cell.get("outputs", [])
    ]
    for forbidden in (
        MACHINE_PATH.search(f"{cell.source} {outputs}"),
        NBVAL_ORDERS.search(cell.source),
    ):
        if forbidden:
            yield f"remove {forbidden.group()}"


def problems(notebook):
    """Return everything that is wrong with a stored notebook."""
    if not all("id" in cell for cell in notebook.cells):
        return [NO_IDS]
    if new := unrecorded(notebook):
        return [new]
    found = [f"not valid: {error.message}" for error in iter_validate(notebook)]
    if (notebook.nbformat, notebook.nbformat_minor) != FORMAT or notebook.metadata != METADATA:
        found.append(f"not format {FORMAT} with the metadata {METADATA}: make record")
    for name, times in Counter(cell.id for cell in notebook.cells).items():
        if times > 1:
            found.append(f"{times} cells have the id {name}: give each its own")
    for cell in notebook.cells:
        found += [
            f"{named(cell)}: {said}" for rule in (cell_metadata, words) for said in rule(cell)
        ]
    for rule in (counts, errors, answers, pictures, sliders):
        found += rule(notebook)
    return found
