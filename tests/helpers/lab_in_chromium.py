"""JupyterLab in Chromium: serve a fresh reader's copy, run a notebook as a reader does, judge it.

`look` runs a notebook in the page and keeps what a person would see; each judge takes that and
yields the problems it finds.
"""

import json
import os
import sys
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import nbformat

from tests.helpers.js import js
from tests.helpers.serving import serving
from tests.helpers.stored_rules import counts, errors
from tools.environment import copy_project
from tools.notebook import code_cells, images, read
from tools.record import shorten_tracebacks
from tools.web.chromium import PATIENCE, listen, violations

VIEWPORT = {"width": 1500, "height": 1100}
# A long notebook is drawn as a whole: axe-core and the screenshot see each of its cells.
WHOLE = {"@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"}}
# Where our text, and what our code shows, stands in the page: the rest is JupyterLab's own.
OURS = ".jp-Notebook .jp-RenderedMarkdown, .jp-Notebook .jp-OutputArea-output"

# What JupyterLab brings by itself, and why no notebook can help it.
JUPYTERLABS_OWN = {
    ("image-alt", "jp-RenderedImage"): "it leaves a figure's alt text in the file",
    ("link-in-text-block", "jp-RenderedMarkdown"): "it tells links from text by colour alone",
    ("link-in-text-block", "jp-RenderedText"): "it takes parts of a traceback for links",
    ("color-contrast", "jp-RenderedText"): "its colours of a traceback are faint on red",
}


class Lab(NamedTuple):
    """A running JupyterLab: its address, its token, and the folder whose notebooks it serves."""

    address: str
    token: str
    folder: Path


def _environment(home):
    """A machine where nobody has used Jupyter: no settings, no kernelspecs, no caches."""
    foreign = ("JUPYTER", "IPYTHON", "XDG_", "MPL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | {"HOME": str(home), "USERPROFILE": str(home)}


@contextmanager
def serve():
    """Yield a `Lab` that serves the reader's own copy, made and opened by `make lab`'s command."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        home, root = Path(place, "home"), Path(place, "a course 课程")
        home.mkdir()
        copy_project(root)
        overrides = root / "tools" / "lab_settings" / "overrides.json"
        overrides.write_text(json.dumps(json.loads(overrides.read_text()) | WHOLE))
        command = [sys.executable, "-m", "tools.lab", "--no-browser"]
        command.append("--LabApp.expose_app_in_browser=True")
        with serving(command, root, _environment(home), PATIENCE / 1000) as (_, address, _):
            port, path, token = address.groups()
            folder = root / "my-notebooks" / Path(path).parent
            yield Lab(f"http://127.0.0.1:{port}", token, folder)


class Seen(NamedTuple):
    """What a run in the page leaves: the saved file, and what was seen and heard meanwhile."""

    saved: nbformat.NotebookNode
    images: dict
    formulas: list
    collapsed: list
    heard: list
    violations: list


def open_notebook(page, lab, name):
    """Open `name` in JupyterLab and wait for its kernel; it is `window.panel` from then on."""
    page.goto(f"{lab.address}/lab?token={lab.token}&reset")
    page.wait_for_function("window.jupyterapp")
    # JupyterLab's body has no height and hides what overflows: axe-core takes all text for hidden.
    page.add_style_tag(content="body { height: 100vh }")
    page.evaluate(js("lab.open"), f"{lab.folder.name}/{name}")
    page.wait_for_function(js("lab.idle"))


def run_and_see(page, heard, shot):
    """Run all cells of the open notebook, save it; return what was `Seen`."""
    # Imported here: the main environment collects the tests without Playwright.
    from playwright.sync_api import TimeoutError

    page.evaluate(js("lab.run"))
    # What is not drawn by then is for the judges to report.
    with suppress(TimeoutError):
        page.wait_for_function(js("lab.drawn"))
    page.evaluate(js("lab.save"))
    saved = nbformat.from_dict(page.evaluate("panel.content.model.toJSON()"))
    seen = [page.evaluate(js(f"lab.{what}")) for what in ("images", "formulas", "collapsed")]
    # All of it in the window: what is scrolled out is hidden to axe-core and to the screenshot.
    page.set_viewport_size(VIEWPORT | {"height": page.evaluate(js("lab.height"))})
    page.screenshot(path=shot)
    found = [
        (rule, *page.evaluate(js("lab.place"), selector), says)
        for rule, selector, says in violations(page, OURS)
    ]
    return Seen(saved, *seen, heard, found)


def look(browser, lab, name, shot):
    """Open `name`, which holds no outputs, run all cells, save; return what was `Seen`."""
    page = browser.new_page(viewport=VIEWPORT)
    try:
        heard = listen(page)
        open_notebook(page, lab, name)
        seen = run_and_see(page, heard, shot)
        page.evaluate(js("lab.end"))
        return seen._replace(saved=read(lab.folder / name))
    finally:
        page.close()


def judge_run(recorded, saved):
    """Every cell ran, in order; errors where they are announced; the recorded figures, and alt."""
    for cell in code_cells(saved):
        shorten_tracebacks(cell)
    yield from counts(saved)
    yield from errors(saved)
    run = {cell.id: cell for cell in code_cells(saved)}
    for cell in code_cells(recorded):
        expected, found = (
            [metadata.get("image/png", {}).get("alt") for _, metadata in images(one)]
            for one in (cell, run[cell.id])
        )
        if found != expected:
            yield f"{cell.id}: figures with alt texts {found}, recorded {expected}"


def judge_figures(recorded, shown):
    """Every figure is in the page, as wide as it says, or as wide as the page has space for."""
    for cell in code_cells(recorded):
        expected = [metadata["image/png"] for _, metadata in images(cell)]
        found = shown.get(cell.id, [])
        if len(found) != len(expected):
            yield f"{cell.id}: {len(found)} figures in the page, {len(expected)} recorded"
        for image, size in zip(found, expected, strict=False):
            width = min(size["width"], image["space"])
            wanted = {"natural": 2 * size["width"], "width": width}
            wanted["height"] = width * size["height"] / size["width"]
            if any(abs(image[name] - wanted[name]) > 1 for name in wanted):
                yield f"{cell.id}: a figure is {image}, and should be {wanted}"


def judge_access(found, known):
    """axe-core finds nothing grave in our part but the (rule, renderer) pairs that are `known`."""
    for rule, cell, renderer, why in found:
        if (rule, renderer) not in known:
            yield f"{cell}: {why}"
