"""Build the site from the stored notebooks, into build/site; `make site` calls it.

Nothing is run, and nothing is written twice: the pages are the notebooks, and the lists between
them are read from the notebooks.
"""

import os
import re
import shutil
import subprocess
import sys

import build_slides
import lessons
import nbformat
import story
from lessons import BUILD, ROOT, TITLE

from plotnet.sliders import static_script

SOURCE = BUILD / "source"
SITE = BUILD / "site"
DOCTREES = BUILD / "doctrees"
PDF = BUILD / "softmax.pdf"
LINK = re.compile(r"\]\((\d\d_\w+\.ipynb)(?:#([^)\s]+))?\)")
CONTENTS = "](../README.md#the-notebooks)"


def anchored(match):
    name, heading = match.groups()
    return f"]({name}#{lessons.slug(heading.replace('-', ' '))})" if heading else f"]({name})"


def page_links(text):
    """Turn the links of a notebook into those of its page."""
    return LINK.sub(anchored, text).replace(CONTENTS, "](index.md#the-notebooks)")


def launch_links(lesson, repository):
    """Return (text, address) of the ways to run a notebook; none where nobody knows it."""
    if not repository:
        return []
    name = repository.removeprefix("https://github.com/")
    path = f"notebooks/{lesson.path.name}"
    return [
        ("Run on Binder", f"https://mybinder.org/v2/gh/{name}/HEAD?labpath={path}"),
        ("Run on Colab", f"https://colab.research.google.com/github/{name}/blob/HEAD/{path}"),
        ("Source", f"{repository}/blob/HEAD/{path}"),
    ]


def launch_bar(lesson, repository):
    links = [("Slides", f"slides/{lesson.name}.html"), *launch_links(lesson, repository)]
    bar = "".join(f'<a href="{address}">{text}</a>' for text, address in links)
    lines = [f'<p class="launch">{bar}</p>']
    if repository:
        # Colab opens the notebook alone: its packages and checks come from the repository.
        folder = repository.rpartition("/")[2]
        lines += [
            "<details><summary>On Colab, run this first</summary>",
            "",
            "```ipython3",
            f"!git clone --depth 1 {repository} && pip install --quiet ./{folder}",
            f"%cd {folder}/notebooks",
            "```",
            "</details>",
        ]
    return nbformat.v4.new_markdown_cell("\n".join(lines))


def write_page(lesson, repository):
    notebook = lessons.without_widgets(lesson.notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = page_links(cell.source)
        for output in cell.get("outputs", []):
            if width := output.get("metadata", {}).get("image/png", {}).get("width"):
                cell.metadata["mystnb"]["image"]["width"] = f"{width}px"
    notebook.cells.insert(1, launch_bar(lesson, repository))
    if lessons.has_sliders(lesson):
        script = '<script src="_static/sliders.js"></script>'
        notebook.cells.append(nbformat.v4.new_markdown_cell(script))
    notebook.metadata["language_info"]["pygments_lexer"] = "ipython3"
    nbformat.write(notebook, SOURCE / lesson.path.name)


def series_list(series):
    for lesson in series:
        number, _, title = lesson.title.partition(" · ")
        yield f"{int(number)}. [{title}]({lesson.path.name}), {lesson.minutes} minutes.\n"
        yield f"   {page_links(lesson.promise)}\n"


def ways(repository, with_pdf):
    yield "- **Read** here: the pages hold the stored outputs, and work offline, too."
    if with_pdf:
        yield '- **Print** the series: <a href="softmax.pdf">one PDF</a>.'
    yield "- **Teach** with the slides, one deck for each notebook; press <kbd>S</kbd> for the"
    yield "  speaker notes: " + ", ".join(slide_links()) + "."
    if repository:
        yield f"- **Run** the notebooks: `make lab` in a clone of [the repository]({repository}),"
        yield "  or the links to Binder and Colab at the top of each page."
    else:
        yield "- **Run** the notebooks: `make lab` in a clone of the repository."


def slide_links():
    return [f'<a href="slides/{p.stem}.html">{p.stem[:2]}</a>' for p in lessons.NOTEBOOKS]


def glossary(series):
    for entry in lessons.find_terms(series):
        section = f"{entry.lesson.path.name}#{lessons.slug(entry.section)}"
        yield f"{entry.term}\n: {entry.sentence} [{entry.lesson.title}]({section})\n"


def fill(name, **parts):
    """Write the page `name` of site/ with its @PARTS@ filled in."""
    page = (ROOT / "site" / name).read_text(encoding="utf-8")
    for part, lines in parts.items():
        page = page.replace(f"@{part.upper()}@", "\n".join(lines))
    (SOURCE / name).write_text(page, encoding="utf-8")


def pdf_is_current():
    """A PDF of other notebooks than these is worse than none."""
    newest = max(path.stat().st_mtime for path in lessons.NOTEBOOKS)
    return PDF.exists() and PDF.stat().st_mtime > newest


def write_sources(series, repository):
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.copytree(ROOT / "site", SOURCE, ignore=shutil.ignore_patterns("slides", "print"))
    lessons.copy_mathjax(SOURCE / "static" / "mathjax")
    (SOURCE / "static" / "sliders.js").write_text(static_script(), encoding="utf-8")
    for lesson in series:
        write_page(lesson, repository)
    fill(
        "index.md",
        story=[story.draw(SOURCE / "static")],
        series=series_list(series),
        ways=ways(repository, pdf_is_current()),
        pages=[lesson.name for lesson in series],
    )
    fill("notation.md", notation=lessons.notation_table(series), glossary=glossary(series))


def pages_address(repository):
    """Where GitHub Pages publishes a repository."""
    owner, _, name = repository.removeprefix("https://github.com/").partition("/")
    return f"https://{owner.lower()}.github.io/{name}/" if repository else ""


def write_sitemap(address):
    pages = sorted(path.relative_to(SITE).as_posix() for path in SITE.glob("*.html"))
    lines = "".join(f"<url><loc>{address}{page}</loc></url>\n" for page in pages)
    (SITE / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{lines}</urlset>\n',
        encoding="utf-8",
    )


def sphinx(address):
    """Run Sphinx; the first warning of any kind makes it fail, after all of them are shown."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E", "-b", "html"]
    command += ["-d", str(DOCTREES), str(SOURCE), str(SITE)]
    if subprocess.call(command, env=os.environ | {"SITE_ADDRESS": address}):
        sys.exit("the site was not built (see above)")


def mend_roles():
    """Give Sphinx's headings their level, and take a role from the list that has no items."""
    for path in SITE.glob("*.html"):
        page = path.read_text(encoding="utf-8")
        page = page.replace('role="heading">', 'role="heading" aria-level="2">')
        page = page.replace(
            '<div role="list" class="citation-list">', '<div class="citation-list">'
        )
        path.write_text(page, encoding="utf-8")


def build(repository):
    series = lessons.read_lessons()
    write_sources(series, repository)
    shutil.rmtree(SITE, ignore_errors=True)
    address = pages_address(repository)
    sphinx(address)
    mend_roles()
    build_slides.build(SITE / "slides")
    if pdf_is_current():
        shutil.copyfile(PDF, SITE / PDF.name)
    else:
        print(f"no {PDF.relative_to(ROOT)} of these notebooks: left out; `make pdf site` adds it")
    if address:
        write_sitemap(address)


if __name__ == "__main__":
    build(lessons.repository())
    print(f"{TITLE}: open {(SITE / 'index.html').relative_to(ROOT)}")
