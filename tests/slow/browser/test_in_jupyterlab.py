"""Promise: in JupyterLab, in a real browser, every notebook runs and looks as it should."""

import re
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.helpers.compare_run import artefacts
from tests.helpers.lab_in_chromium import (
    JUPYTERLABS_OWN,
    judge_access,
    judge_figures,
    judge_run,
    look,
)
from tools.notebook import NOTEBOOKS, read

KERNEL = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
# A link, a figure and an announced error; formulas, an image, a text and a script that are broken.
TEXT = r"A [link](https://jupyter.org), a formula $\frac{1}$ and another $\nonsense$."
FIGURE = "from plotnet import plot_net\n\nplot_net([3, 2], (6, 3))"
SHOWN = """from IPython.display import HTML

HTML('''<p style="color: #ccc">faint</p> <img src="missing.png" alt="missing">
<script>console.error("said by an output")</script>''')"""


@pytest.fixture(scope="session")
def run(browser, lab):
    """Run a notebook, by name, once for all tests, whatever their order."""
    folder = artefacts("browser")
    return cache(lambda name: look(browser, lab, name, folder / f"{Path(name).stem}.png"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_notebook_runs_and_looks_as_it_should(run, path):
    """In the reader's own copy: every cell, every figure in its full width, every formula."""
    recorded, seen = read(path), run(path.name)
    found = [
        *judge_run(recorded, seen.saved),
        *judge_figures(recorded, seen.images),
        *(f"formula: {formula}" for formula in seen.formulas),
        *(f"heard: {what}" for what in seen.heard),
        *judge_access(seen.violations, JUPYTERLABS_OWN),
    ]
    assert not found, "\n".join(found)
    hidden = [c.id for c in recorded.cells if c.metadata.get("jupyter", {}).get("source_hidden")]
    assert seen.collapsed == hidden != []


def test_jupyterlab_brings_nothing_but_what_we_know_and_we_see_what_is_broken(run, lab):
    code = {"figure": FIGURE, "html": SHOWN, "fails": "1 / 0"}
    cells = [new_code_cell(source, id=name) for name, source in code.items()]
    cells[-1].metadata["tags"] = ["raises-exception"]
    plain = new_notebook(cells=[new_markdown_cell(TEXT, id="text"), *cells], metadata=KERNEL)
    nbformat.write(plain, lab.folder / "plain.ipynb")
    seen = run("plain.ipynb")
    assert list(judge_run(seen.saved, seen.saved)) == []
    (problem,) = judge_figures(seen.saved, seen.images)
    assert problem == "html: 1 figures in the page, 0 recorded"
    assert len(seen.formulas) == 2
    assert seen.formulas[0].startswith(r"text: \frac{1}: Missing argument")
    heard = "\n".join(seen.heard)
    assert re.search(r"answer 404: GET http://\S+/missing\.png", heard)
    assert "console error: said by an output" in heard
    assert all(re.search("missing.png|said by an output", what) for what in seen.heard)
    found = {(rule, renderer) for rule, _, renderer, _ in seen.violations}
    # IPython 8 shows a traceback without links.
    assert set(JUPYTERLABS_OWN) - found <= {("link-in-text-block", "jp-RenderedText")}
    (problem,) = judge_access(seen.violations, JUPYTERLABS_OWN)
    assert problem.startswith("html: color-contrast at ")
