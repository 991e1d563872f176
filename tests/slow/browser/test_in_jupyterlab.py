"""Promise: in JupyterLab, in a real browser, every notebook runs and looks as it should."""

import re
from copy import deepcopy
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests.helpers.lab_in_chromium import judge_access, judge_figures, judge_run, look
from tools.notebook import NOTEBOOKS, read
from tools.web.chromium import artefacts

KERNEL = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
FIGURE = "from plotnet import plot_net\n\nplot_net([3, 2], (6, 3))"
PLAIN = "Text with a [link](https://jupyter.org)."
# What JupyterLab 4.6 brings by itself, and why no notebook can help it.
JUPYTERLABS_OWN = {
    ("image-alt", "jp-RenderedImage"): "it leaves a figure's alt text in the file",
    ("link-in-text-block", "jp-RenderedMarkdown"): "it tells links from text by colour alone",
    ("link-in-text-block", "jp-RenderedText"): "it takes parts of a traceback for links",
    ("color-contrast", "jp-RenderedText"): "its colours of a traceback are faint on red",
}


def notebook(text, **code):
    cells = [new_code_cell(source, id=name) for name, source in code.items()]
    return new_notebook(cells=[new_markdown_cell(text, id="text"), *cells], metadata=KERNEL)


@pytest.fixture(scope="session")
def run(browser, lab):
    """Run a notebook, by name, once for all tests, whatever their order."""
    folder = artefacts("browser")
    return cache(lambda name: look(browser, lab, name, folder / f"{Path(name).stem}.png"))


@pytest.fixture(scope="session")
def baseline(run, lab):
    """What JupyterLab makes of the plainest notebook: a link, a number, a figure, an error."""
    plain = notebook(PLAIN, sum="1 + 1", figure=FIGURE, fails="1 / 0")
    plain.cells[-1].metadata["tags"] = ["raises-exception"]
    nbformat.write(plain, lab.folder / "baseline.ipynb")
    return run("baseline.ipynb")


@pytest.fixture(scope="session")
def broken(run, lab):
    """The plainest notebook with everything broken that the judges must see."""
    shown = """
<p style="color: #ccc">faint</p> <img src="missing.png" alt="missing">
<script>console.error("said by an output")</script>"""
    cells = notebook(
        r"A formula $\frac{1}$ and another $\nonsense$.",
        sum="1 + 1",
        figure="None",
        html=f"from IPython.display import HTML\n\nHTML('''{shown}''')",
        fails="1 / 0",
    )
    nbformat.write(cells, lab.folder / "broken.ipynb")
    return run("broken.ipynb")


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


def test_jupyterlab_brings_nothing_but_what_we_know(baseline):
    assert list(judge_run(baseline.saved, baseline.saved)) == []
    assert list(judge_figures(baseline.saved, baseline.images)) == []
    assert len(baseline.images["figure"]) == 1
    assert baseline.heard == []
    found = {(rule, renderer) for rule, _, renderer, _ in baseline.violations}
    # IPython 8 shows a traceback without links.
    assert set(JUPYTERLABS_OWN) - found <= {("link-in-text-block", "jp-RenderedText")}
    assert found <= set(JUPYTERLABS_OWN)


def test_the_judges_see_what_is_broken(broken, baseline):
    problems = "\n".join(judge_run(baseline.saved, broken.saved))
    assert "fails: an error is stored, and the tag" in problems
    assert "figure: figures with alt texts [], recorded ['Fully connected" in problems
    problems = list(judge_figures(baseline.saved, broken.images))
    assert problems == ["figure: 0 figures in the page, 1 recorded"]
    assert len(broken.formulas) == 2
    assert broken.formulas[0].startswith(r"text: \frac{1}: Missing argument")
    heard = "\n".join(broken.heard)
    assert re.search(r"answer 404: GET http://\S+/missing\.png", heard)
    assert "console error: said by an output" in heard
    (problem,) = judge_access(broken.violations, JUPYTERLABS_OWN)
    assert problem.startswith("html: color-contrast at ")


def test_the_judges_see_a_cell_that_did_not_run_and_a_figure_that_is_shrunk(baseline):
    saved = deepcopy(baseline.saved)
    saved.cells[-1].execution_count = None
    (problem,) = judge_run(baseline.saved, saved)
    assert problem.startswith("fails: counted None")
    (figure,) = baseline.images["figure"]
    for measure, factor in [("width", 0.5), ("height", 0.5), ("natural", 0)]:
        changed = {"figure": [figure | {measure: factor * figure[measure]}]}
        assert len(list(judge_figures(baseline.saved, changed))) == 1
