"""Promise: in JupyterLab, in a real browser, every notebook runs and looks as it should."""

import re
from copy import deepcopy
from functools import cache

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
    return cache(lambda name: look(browser, lab, name, folder / name.removesuffix(".ipynb")))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def recorded(request):
    return request.param


@pytest.fixture
def seen(run, recorded):
    return run(recorded.name)


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


def test_every_cell_runs_and_the_saved_file_holds_the_figures(recorded, seen):
    assert list(judge_run(read(recorded), seen.saved)) == []


def test_every_figure_is_in_the_page_at_its_full_width(recorded, seen):
    assert list(judge_figures(read(recorded), seen.images)) == []


def test_every_formula_is_set(seen):
    assert seen.formulas == []


def test_no_error_on_the_console_and_no_failed_request(seen):
    assert seen.heard == []


def test_axe_core_finds_nothing_grave_that_jupyterlab_does_not_bring(seen, baseline):
    assert list(judge_access(seen.violations, baseline.violations)) == []


def test_jupyterlab_brings_nothing_but_what_we_know(baseline):
    assert list(judge_run(baseline.saved, baseline.saved)) == []
    assert len(baseline.images["figure"]) == 1
    assert baseline.heard == []
    found = {
        (rule, re.search(r"jp-Rendered(Image|Markdown|Text)", path).group())
        for rule, path in baseline.violations
    }
    # IPython 8 shows a traceback without links.
    assert set(JUPYTERLABS_OWN) - found <= {("link-in-text-block", "jp-RenderedText")}
    assert found <= set(JUPYTERLABS_OWN)


def test_a_cell_that_raises_is_seen(broken, baseline):
    problems = list(judge_run(baseline.saved, broken.saved))
    assert "fails: stores an error that no tag announces" in problems


def test_a_cell_that_does_not_run_is_seen(baseline):
    saved = deepcopy(baseline.saved)
    saved.cells[-1].execution_count = None
    assert "fails: execution count None, expected 3" in list(judge_run(baseline.saved, saved))


def test_a_figure_that_is_not_shown_is_seen(broken, baseline):
    assert "figure: figures with alt texts [], recorded ['Fully connected" in "\n".join(
        judge_run(baseline.saved, broken.saved)
    )
    assert "figure: 0 figures in the page, 1 recorded" in list(
        judge_figures(baseline.saved, broken.images)
    )


@pytest.mark.parametrize(("measure", "factor"), [("width", 0.5), ("height", 0.5), ("natural", 0)])
def test_a_figure_that_is_shrunk_or_broken_is_seen(baseline, measure, factor):
    (figure,) = baseline.images["figure"]
    changed = {"figure": [figure | {measure: factor * figure[measure]}]}
    assert list(judge_figures(baseline.saved, baseline.images)) == []
    assert len(list(judge_figures(baseline.saved, changed))) == 1


def test_a_formula_that_cannot_be_set_is_seen(broken):
    assert len(broken.formulas) == 2
    assert re.match(r"text: \\frac\{1\}: Missing argument", broken.formulas[0])


def test_a_failed_request_and_an_error_on_the_console_are_heard(broken):
    heard = "\n".join(broken.heard)
    assert re.search(r"answer 404: GET http://\S+/missing\.png", heard)
    assert "console error: said by an output" in heard


def test_text_that_is_too_faint_is_seen(broken, baseline):
    (problem,) = judge_access(broken.violations, baseline.violations)
    assert problem.startswith("html: color-contrast (serious)")
