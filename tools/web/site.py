"""Build the site from the stored notebooks, into build/site; `make site` calls it.

python -m tools.web.site             with the browser edition if its files are there
python -m tools.web.site --browser   with it: fetches them, or fails

Nothing is run, and nothing is written twice: the pages are the notebooks, and the lists between
them are read from the notebooks.
"""

import argparse
import os
import shutil
import subprocess
import sys
from copy import deepcopy

import nbformat

from lesson import contract, recorded
from lesson.sliders import static_script
from tools.frameworks import page
from tools.notebook import (
    CONTENTS,
    NOTEBOOK_LINK,
    NOTEBOOKS,
    ROOT,
    TITLE,
    header,
    predicted,
    read,
    slug,
    warned,
    with_links,
)
from tools.web import field_guide, glossary, landing_picture, lite, pdf, reading, sheets, slides
from tools.web.assets import BUILD, copy_mathjax, has_sliders, repository

SOURCE = BUILD / "source"
SITE = BUILD / "site"
DOCTREES = BUILD / "doctrees"
LEFT_OUT = "Without the browser edition: python -m tools.web.site --browser fetches it, 60 MB."
COSTS = (
    "about 50 MB the first time, half a minute, nothing to install, your answers stay "
    "in this browser"
)
# Pages that the navigation lists elsewhere.
FIRST = ("index", "field_guide")


def page_link(target):
    """Return where a link of a notebook leads on the site."""
    if target == CONTENTS:
        return "index.md#the-notebooks"
    if match := NOTEBOOK_LINK.fullmatch(target):
        name, heading = match.groups()
        return f"{name}.ipynb#{slug(heading.replace('-', ' '))}" if heading else target
    return target


def page_links(text):
    """Turn the links of a notebook into those of its page."""
    return with_links(text, page_link)


def launch_links(path, repository):
    """Return (text, address) of the ways to run a notebook; none where nobody knows it."""
    if not repository:
        return []
    name = repository.removeprefix("https://github.com/")
    place = f"notebooks/{path.name}"
    return [
        ("Run on Binder", f"https://mybinder.org/v2/gh/{name}/HEAD?labpath={place}"),
        ("Run on Colab", f"https://colab.research.google.com/github/{name}/blob/HEAD/{place}"),
        ("Source", f"{repository}/blob/HEAD/{place}"),
    ]


def browser_address(path):
    return f"lite/notebooks/index.html?path={path.name}"


def no_warnings(where):
    return (
        f"NumPy's RuntimeWarnings {where} do not appear there, for Python in a browser has no "
        "floating-point flags; inf and nan are the same."
    )


def browser_link(path, notebook):
    """Return the line that leads to the browser's copy of a notebook."""
    link = f'<a href="{browser_address(path)}">Run this notebook here</a>'
    yield f'<p class="browser">{link}: {COSTS}.'
    if warned(notebook):
        yield no_warnings("of this page")
    yield "To get the original back, delete your copy in "
    yield '<a href="lite/tree/index.html">the list of files</a>.</p>'


def launch_bar(path, repository):
    links = [("Slides", f"slides/{path.stem}.html"), *launch_links(path, repository)]
    bar = "".join(f'<a href="{address}">{text}</a>' for text, address in links)
    lines = [f'<p class="launch">{bar}</p>']
    if repository:
        # Colab opens the notebook alone: its packages and checks come from the repository.
        folder = repository.rpartition("/")[2]
        lines += [
            "<details><summary>On Colab, run this first</summary>",
            "",
            "```ipython3",
            f"!git clone --depth 1 {repository} && pip install --quiet anywidget ./{folder}",
            f"%cd {folder}/notebooks",
            "```",
            "</details>",
        ]
    return nbformat.v4.new_markdown_cell("\n".join(lines))


def fold(cell, part, show, hide):
    """Let MyST-NB fold the "input" or the "output" of a cell, below a line that says `show`."""
    cell.metadata["tags"] = [*cell.metadata.get("tags", []), f"hide-{part}"]
    prompts = {"code_prompt_show": show, "code_prompt_hide": hide}
    cell.metadata["mystnb"] = {**cell.metadata.get("mystnb", {}), **prompts}


def write_page(path, notebook, repository, in_browser):
    notebook = deepcopy(notebook)
    for cell in predicted(notebook):
        if cell.outputs:
            fold(cell, "output", "See what happens", "What happens")
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = page_links(cell.source)
        if cell.metadata.get("jupyter", {}).get("source_hidden"):
            fold(cell, "input", "Show the imports", "The imports")
        for output in cell.get("outputs", []):
            if width := output.get("metadata", {}).get("image/png", {}).get("width"):
                cell.metadata["mystnb"]["image"]["width"] = f"{width}px"
    bar = launch_bar(path, repository)
    if in_browser:
        bar.source = "\n".join([*browser_link(path, notebook), bar.source])
    notebook.cells.insert(1, bar)
    if has_sliders(notebook):
        script = '<script src="_static/sliders.js"></script>'
        notebook.cells.append(nbformat.v4.new_markdown_cell(script))
    notebook.metadata["language_info"]["pygments_lexer"] = "ipython3"
    nbformat.write(notebook, SOURCE / path.name)


def series_list(series):
    for name, notebook in series.items():
        says = header(notebook)
        number, _, title = says.title.partition(" · ")
        yield f"{int(number)}. [{title}]({name}), {says.reading} minutes, "
        yield f"and {says.practice} for the exercises.\n"
        yield f"   {page_links(says.promise)}\n"


def in_the_browser():
    links = [f'<a href="{browser_address(p)}">{p.stem[:2]}</a>' for p in NOTEBOOKS]
    yield f'- <span class="browser">**Run it** in your browser: {", ".join(links)}.</span>'


def ways(series, repository, with_pdf, in_browser):
    yield "- **Read** here: the pages hold the stored outputs, and work offline, too."
    if in_browser:
        silent = ", ".join(name[:2] for name, notebook in series.items() if warned(notebook))
        yield f'- <span class="browser">**Run** them in this browser: that takes {COSTS}.'
        yield f"  {no_warnings(f'of {silent}')}"
        yield '  <a href="lite/NOTICES.txt">What is shipped, and its licences</a>.</span>'
    if with_pdf:
        yield '- **Print** the series: <a href="softmax.pdf">one PDF</a>.'
    yield "- **Teach** with the slides, one deck for each notebook; press <kbd>S</kbd> for the"
    yield (
        "  speaker notes: "
        + ", ".join(slide_links())
        + ". On a slider, arrow keys move its handle;"
    )
    yield "  PageDown, the space bar and a presenter's remote go to the next slide."
    if repository:
        yield "- **Run** them on your machine: `make lab` in a clone of"
        yield f"  [the repository]({repository}); where there is no make, as on Windows,"
        yield "  `uv run python -m tools.lab`; or by the links to Binder and Colab at the top of"
        (binder, address), *_ = launch_links(NOTEBOOKS[2], repository)
        yield f"  each page: [{binder}, from 03 on]({address})."
    else:
        yield "- **Run** them on your machine: `make lab` in a clone of the repository; where there"
        yield "  is no make, as on Windows, `uv run python -m tools.lab`."


def slide_links():
    return [f'<a href="slides/{p.stem}.html">{p.stem[:2]}</a>' for p in NOTEBOOKS]


def glossary_entries(series):
    for entry in glossary.find_terms(series):
        section = f"{entry.name}#{slug(entry.section)}"
        yield f"{entry.term}\n: {entry.says} [{entry.title}]({section})\n"


def fill(name, **parts):
    """Write the page `name` of docs/ with its @PARTS@ filled in."""
    page = (ROOT / "docs" / name).read_text(encoding="utf-8")
    for part, lines in parts.items():
        page = page.replace(f"@{part.upper()}@", "\n".join(lines))
    (SOURCE / name).write_text(page, encoding="utf-8")


def write_sources(series, repository, with_pdf, in_browser):
    shutil.rmtree(SOURCE, ignore_errors=True)
    unused = shutil.ignore_patterns("slides", "print", "template.ipynb", "net.png", "story.png")
    shutil.copytree(ROOT / "docs", SOURCE, ignore=unused)
    copy_mathjax(SOURCE / "static" / "mathjax")
    shutil.copy(ROOT / "docs" / "story.png", SOURCE / "static")
    (SOURCE / "static" / "sliders.js").write_text(static_script(), encoding="utf-8")
    for path in NOTEBOOKS:
        marked = reading.marked(series, path.name)
        write_page(path, marked, repository, in_browser)
    reading.write_teaching(SOURCE / "teaching", page_link)
    (guide,) = reading.with_entries([field_guide.page(page_link)], series, "field_guide.md")
    (SOURCE / "field_guide.md").write_text(guide, encoding="utf-8")
    fill("cite.md", cite=reading.citation())
    fill(
        "index.md",
        start=[reading.start(series)],
        story=[landing_picture.draw(SOURCE / "static")],
        series=series_list(series),
        ways=ways(series, repository, with_pdf, in_browser),
        browser=in_the_browser() if in_browser else [],
        pages=[path.stem for path in NOTEBOOKS],
        others=sorted(path.stem for path in SOURCE.glob("*.md") if path.stem not in FIRST),
    )
    fill("libraries.md", summary=page.summary(), libraries=page.libraries())
    shared = contract.load().keys() & recorded.load()["cases"].keys()
    sizes = {"count": [str(len(contract.load()))], "recorded": [str(len(shared))]}
    fill("contract.md", **sizes, guards=page.guards())
    fill(
        "notation.md",
        notation=glossary.notation_table(series),
        glossary=glossary_entries(series),
    )


def pages_address(repository):
    """Where GitHub Pages publishes a repository."""
    owner, _, name = repository.removeprefix("https://github.com/").partition("/")
    return f"https://{owner.lower()}.github.io/{name}/" if repository else ""


def write_sitemap(address):
    pages = sorted(path.relative_to(SITE).as_posix() for path in SITE.rglob("*.html"))
    lines = "".join(f"<url><loc>{address}{page}</loc></url>\n" for page in pages)
    (SITE / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{lines}</urlset>\n',
        encoding="utf-8",
    )


def sphinx(address, repository):
    """Run Sphinx; the first warning of any kind makes it fail, after all of them are shown."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "-b", "html"]
    command += ["-d", str(DOCTREES), str(SOURCE), str(SITE)]
    settings = {"SITE_ADDRESS": address, "SITE_REPOSITORY": repository}
    if subprocess.call(command, env=os.environ | settings):
        sys.exit("the site was not built (see above)")


def mend_roles():
    """Give Sphinx's headings their level, and take a role from the list that has no items."""
    for path in SITE.rglob("*.html"):
        page = reading.mended(path.read_text(encoding="utf-8"))
        page = page.replace('role="heading">', 'role="heading" aria-level="2">')
        page = page.replace(
            '<div role="list" class="citation-list">', '<div class="citation-list">'
        )
        path.write_text(page, encoding="utf-8")


def build(repository, pyodide=None):
    """Build the site, slides and sheets, with the print edition where there is a Chromium.

    `pyodide` is the folder of its files: with them comes the browser edition.
    """
    series = {path.name: read(path) for path in NOTEBOOKS}
    if pyodide:
        lite.build(BUILD / "lite", pyodide)
    with_pdf = pdf.build()
    write_sources(series, repository, with_pdf, bool(pyodide))
    shutil.rmtree(SITE, ignore_errors=True)
    address = pages_address(repository)
    sphinx(address, repository)
    mend_roles()
    slides.build(SITE / "slides")
    sheets.build(SITE / "sheets")
    if with_pdf:
        shutil.copyfile(pdf.PDF, SITE / pdf.PDF.name)
    if address:
        write_sitemap(address)
    if pyodide:
        (BUILD / "lite").rename(SITE / "lite")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--browser", action="store_true", help="with the browser edition, or fail")
    try:
        pyodide = lite.pyodide(parser.parse_args().browser)
        build(repository(), pyodide)
    except lite.BrowserError as error:
        sys.exit(f"failed: {error}")
    if not pyodide:
        print(LEFT_OUT)
    print(f"{TITLE}: open {(SITE / 'index.html').relative_to(ROOT)}")


if __name__ == "__main__":
    main()
