"""Promise: every notebook runs in a web page, with nothing installed, and shows what is stored."""

import functools
import http.server
import os
import re
import threading
from collections import Counter
from contextlib import contextmanager

import pytest

from tests.helpers.compare_run import artefacts
from tests.helpers.exercise_runs import answers, tasks
from tests.helpers.js import js
from tests.helpers.lab_in_chromium import (
    JUPYTERLABS_OWN,
    VIEWPORT,
    judge_access,
    judge_figures,
    run_and_see,
)
from tests.helpers.stored_rules import counts
from tests.helpers.web import SITE, soup
from tools import handouts
from tools.notebook import NOTEBOOKS, code_cells, exercises, header, read, warned
from tools.web.chromium import listen, open_browser

ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
SECONDS = 40
FONTS = "Matplotlib is building the font cache; this may take a moment.\n"
WARNING = re.compile(r"^RuntimeWarning: .*\n", re.MULTILINE)
WATCH = """from ipywidgets.widgets.widget import _instances
sliders = [(w, w.state()) for w in _instances.values() if hasattr(w, "state")]"""
MOVED = "print(sum(slider.state() != state for slider, state in sliders))"
BACK = """for slider, state in sliders:
    for name, value in state.items():
        setattr(slider, name, value)"""
LIVE = ".plotnet-slider-live"


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site():
    """The address of the site, below the root of its server, as GitHub Pages has it."""
    if not (SITE / "lite").is_dir():
        pytest.fail("no browser edition: .venv/bin/nox -s lite builds it")
    serve = functools.partial(Handler, directory=SITE.parent)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{SITE.name}"
        server.shutdown()


@pytest.fixture(scope="module")
def alone():
    """A Chromium that reaches no other host."""
    with open_browser(ALONE) as started:
        yield started


def attach(page):
    page.wait_for_function("window.jupyterapp")
    page.add_style_tag(content="body { height: 100vh }")
    page.evaluate(js("lab.attach"))


@contextmanager
def followed(browser, site, path, **settings):
    """Follow the link of a page of the site: yield the tab, and what is heard; hear no one else."""
    context = browser.new_context(viewport=VIEWPORT, **settings)
    asked = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    heard = listen(page)
    page.goto(f"{site}/{path.stem}.html")
    page.get_by_role("link", name="Run this notebook here").click()
    attach(page)
    yield page, heard
    ours = (site.rpartition("/")[0], "data:", "blob:")
    assert [url for url in asked if not url.startswith(ours)] == []
    # Chromium itself asks for it, where a page names no icon.
    assert [what for what in heard if "/favicon.ico" not in what] == []
    context.close()


def outline(outputs):
    """Return outputs as far as they are compared: texts, names of errors, kinds, alt texts."""
    found = []
    for output in outputs:
        kind = output.output_type
        if kind == "stream" and found and found[-1][:2] == (kind, output.name):
            found[-1] = (kind, output.name, found[-1][2] + output.text)
        elif kind == "stream":
            found.append((kind, output.name, output.text))
        elif kind == "error":
            found.append((kind, output.ename, output.evalue))
        else:
            data = {k: v if k.startswith("text/") else "" for k, v in output.data.items()}
            data.pop("application/vnd.jupyter.widget-view+json", None)
            alt = output.metadata.get("image/png", {}).get("alt")
            found.append((kind, *sorted(data.items()), alt))
    return found


def as_elsewhere(cell, said):
    """Return the outline of a cell's outputs without what differs in a browser; count that."""
    kept = []
    for part in outline(cell.outputs):
        if part == ("stream", "stderr", FONTS):
            said["fonts"] += 1
        elif part == ("execute_result", None) and kept and "image/png" in str(kept[-1]):
            said["empty result after a figure"] += 1
        elif part[0] == "error" and (name := re.fullmatch(r"<class '(?:\w+\.)*(\w+)'>", part[1])):
            said["class"] += 1
            kept.append(("error", name[1], part[2]))
        else:
            kept.append(part)
    return kept


def without_warnings(outlined):
    """Return an outline without the warnings that need floating-point flags."""
    parts = [(*p[:2], WARNING.sub("", p[2])) if p[1] == "stderr" else p for p in outlined]
    return [part for part in parts if part[1:] != ("stderr", "")]


def leave_out_what_became_text(stored, fresh):
    """Remove the cells from `stored` that the browser's copy has as text, in words that say so."""
    text = {c.id for c in fresh.cells if c.source.startswith(handouts.IN_WORDS)}
    stored.cells = [cell for cell in stored.cells if cell.id not in text]


def judge_outputs(stored, fresh):
    """Yield each cell that does not show what is stored, but for an exact list of differences."""
    said, run = Counter(), {cell.id: cell for cell in code_cells(fresh)}
    for cell in code_cells(stored):
        expected = without_warnings(outline(cell.outputs))
        found = as_elsewhere(run[cell.id], said)
        if found != expected:
            yield f"{cell.id}: {found}, expected {expected}"
        said["warned"] += expected != outline(cell.outputs)
        said["errors"] += any(output.output_type == "error" for output in cell.outputs)
    counts = said["fonts"], said["class"], said["warned"]
    if counts != (1, said["errors"], warned(stored)):
        yield f"font lines, errors' classes, warnings: {counts}"


def judge_verdicts(page, path):
    """Yield each worked solution that is not right, and each wrong answer without its message."""
    imports = "import functools, itertools, math\nimport matplotlib.pyplot as plt, numpy as np\n"
    page.evaluate(js("lab.ask"), f"{imports}from mpmath import mp")
    for check, task in tasks().items():
        if task.notebook != path.stem:
            continue
        wrong = [row for row in answers() if row.check == check and not row.right]
        wrong = [row for row in wrong if "scipy" not in row.setup + row.code][:3]
        assert len(wrong) == 3
        tries = [("", "= RIGHT", "✓ Right. ")]
        tries += [(row.setup, row.code, row.message) for row in wrong]
        for setup, answer, message in tries:
            parts = (task.before, task.solution, f"RIGHT = {task.name}", setup)
            code = "\n".join([*parts, task.answered(answer), task.call])
            said = page.evaluate(js("lab.ask"), f"exec({code!r}, dict(globals()))")
            if message not in said or said[0] != ("✓" if answer == "= RIGHT" else "✗"):
                yield f"{check}: {answer!r} gets {said!r}, expected {message!r}"


def judge_sliders(page, path):
    """Yield what does not move: Python by the slider of the page, and the page by Python."""
    sliders = page.locator(LIVE).all()
    if bool(sliders) != ("plotnet-slider" in path.read_text(encoding="utf-8")):
        yield f"{len(sliders)} sliders are in the page"
    page.evaluate(js("lab.ask"), WATCH if sliders else "")
    for slider in sliders:
        handle = slider.locator("input[type=range]").first
        before = handle.input_value()
        handle.press("ArrowRight")
        if not wait(page, lambda: int(page.evaluate(js("lab.ask"), MOVED))):
            yield "Python does not hear of a slider that moves"
        page.evaluate(js("lab.ask"), BACK)
        if not wait(page, lambda handle=handle, before=before: handle.input_value() == before):
            yield "a slider does not hear Python"


def wait(page, condition):
    """Return whether the condition comes true within ten seconds."""
    for _ in range(50):
        if condition():
            return True
        page.wait_for_timeout(200)
    return False


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_as_it_is_stored(alone, site, path):
    stored = read(path)
    with followed(alone, site, path) as (page, heard):
        # Readable before Python is there.
        page.get_by_role("heading", name=header(stored).title).wait_for()
        assert page.locator(".jp-Cell", has_text="This copy runs in your browser").count() == 1
        page.evaluate(js("lab.watch"))
        seen = run_and_see(page, heard, artefacts("lite") / f"{path.stem}.png")
        first = page.evaluate("window.first")
        leave_out_what_became_text(stored, seen.saved)
        found = [
            *judge_outputs(stored, seen.saved),
            *judge_figures(stored, seen.images),
            *counts(seen.saved),
            *(f"formula: {formula}" for formula in seen.formulas),
            *judge_access(seen.violations, JUPYTERLABS_OWN),
            *judge_verdicts(page, path),
            *judge_sliders(page, path),
        ]
    assert not found, "\n".join(found)
    # A machine on which others work, too, is slow by as much.
    assert first < SECONDS * max(1, os.getloadavg()[0] / os.cpu_count())


DESCRIBED = ["Description", "og:title", "og:description"]


def test_the_landing_page_says_it_first():
    first, costs = soup(SITE / "index.html").select("article li .browser")
    links = [link["href"].partition("path=")[2] for link in first.select("a")]
    assert links == [path.name for path in NOTEBOOKS]
    preview = soup(SITE / "lite" / "notebooks" / "index.html").select("meta[content^=Softmax]")
    assert [meta.get("name", meta.get("property")) for meta in preview] == DESCRIBED
    assert "50 MB" in costs.get_text() and "RuntimeWarnings of 03, 04" in costs.get_text()


def test_a_reader_answers_leaves_and_returns(alone, site):
    """Without a service worker, as in a private window; and the original comes back."""
    path = NOTEBOOKS[2]
    exercise = exercises(read(path))[0]
    name = handouts.split_exercise(exercise.cell.source, exercise.solution)[2]
    wrong = next(row for row in answers() if row.check == name.partition("(")[0] and not row.right)
    task = tasks()[wrong.check]
    with followed(alone, site, path, service_workers="block") as (page, heard):

        def cell():
            return page.locator(".jp-CodeCell", has_text=name).first

        def answer(source):
            cell().locator(".cm-content").click()
            page.keyboard.press("Control+a")
            page.keyboard.insert_text(source)
            page.keyboard.press("Shift+Enter")

        page.evaluate(js("lab.runImports"))
        answer("\n".join([task.before, task.answered(wrong.code), task.call]))
        cell().locator(".jp-OutputArea-output", has_text=wrong.message).wait_for()
        answer(handouts.fill(exercise.cell.source, exercise.solution))
        cell().locator(".jp-OutputArea-output", has_text="✓ Right. ").wait_for()
        page.evaluate(js("lab.save"))
        line = exercise.solution.splitlines()[-1].strip()
        page.reload()
        attach(page)
        assert line in cell().inner_text()
        page.goto(f"{site}/lite/tree/index.html")
        page.locator(".jp-DirListing-item", has_text=path.name).click()
        page.get_by_role("button", name="Delete").click()
        page.locator(".jp-Dialog .jp-mod-accept").click()
        page.wait_for_timeout(1000)
        page.goto(f"{site}/{path.stem}.html")
        page.get_by_role("link", name="Run this notebook here").click()
        attach(page)
        assert line not in cell().inner_text() and "..." in cell().inner_text()
        # A page that is left stops what it fetches; files are asked of a worker that is not there.
        heard.clear()
