"""Print the series as build/softmax.pdf, through Chromium; `make site` calls it.

The contents name pages, and the pages are known only after printing: the series is printed twice.
"""

import html
import re

import nbformat
from nbconvert.exporters import HTMLExporter
from pygments.formatters import HtmlFormatter

from tools.notebook import NOTEBOOKS, ROOT, TITLE, header, read
from tools.web import field_guide, landing_picture, slides
from tools.web.assets import BUILD, copy_mathjax
from tools.web.chromium import NoChromium, open_browser

PRINT = BUILD / "print"
PDF = BUILD / "softmax.pdf"
FOOTER = (
    '<div style="font: 8pt sans-serif; width: 100%; text-align: center">'
    '<span class="pageNumber"></span></div>'
)
LINK = re.compile(r'href="(?:(\d\d)_\w+\.ipynb(?:#([^"]+))?|\.\./README\.md#the-notebooks)"')
HEADING = re.compile(r'<(h\d) id="([^"]+)">')


def inner_link(match):
    return f'href="#{"-".join(filter(None, match.groups())) or "contents"}"'


def lesson_html(path):
    notebook = read(path)
    # The last cell leads to the neighbours, which the contents do here.
    notebook.cells.pop()
    return chapter_html(notebook, path.name[:2])


def guide_html():
    text = nbformat.v4.new_markdown_cell(field_guide.printed())
    return chapter_html(nbformat.v4.new_notebook(cells=[text]), "guide")


def chapter_html(notebook, number):
    """Return a notebook as a chapter: details open, its anchors and links within the book."""
    exporter = HTMLExporter(
        template_file=str(ROOT / "docs" / "print" / "lesson.html.j2"),
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    body, _ = exporter.from_notebook_node(notebook)
    body = HEADING.sub(rf'<\1 id="{number}-\2">', body).replace("<details>", "<details open>")
    return f'<section class="lesson" id="{number}">{LINK.sub(inner_link, body)}</section>'


def contents(headers, pages):
    yield (
        f'<li><a href="#guide"><span>{field_guide.TITLE}</span>'
        f'<span class="page">{pages.get(field_guide.TITLE, "")}</span></a>by symptom</li>'
    )
    for says in headers:
        page = pages.get(says.title, "")
        yield (
            f'<li><a href="#{says.title[:2]}"><span>{html.escape(says.title)}</span>'
            f'<span class="page">{page}</span></a>{says.reading} minutes</li>'
        )


def write_page(headers, chapters, picture, pages):
    folder = ROOT / "docs" / "print"
    style = HtmlFormatter(style=slides.PYGMENTS).get_style_defs(".highlight")
    page = (folder / "series.html").read_text(encoding="utf-8")
    for part, text in {
        "TITLE": TITLE,
        "STYLE": style + (folder / "print.css").read_text(encoding="utf-8"),
        "STORY": picture,
        "CONTENTS": "\n".join(contents(headers, pages)),
        "LESSONS": "\n".join(chapters),
    }.items():
        page = page.replace(f"@{part}@", text)
    (PRINT / "series.html").write_text(page, encoding="utf-8")


def print_page(browser):
    page = browser.new_page()
    page.goto((PRINT / "series.html").as_uri())
    page.evaluate("() => MathJax.startup.promise")
    page.pdf(
        path=PDF,
        prefer_css_page_size=True,
        print_background=True,
        display_header_footer=True,
        header_template="<span></span>",
        footer_template=FOOTER,
        outline=True,
        tagged=True,
    )
    page.close()


def chapter_pages():
    """Return {title: number of its page} of the chapters, the top of the PDF's outline."""
    from pypdf import PdfReader

    reader = PdfReader(PDF)
    chapters = (entry for entry in reader.outline if not isinstance(entry, list))
    return {e.title.strip(): reader.get_destination_page_number(e) + 1 for e in chapters}


def build():
    """Print the series; return whether there is a Chromium to print with."""
    headers = [header(read(path)) for path in NOTEBOOKS]
    copy_mathjax(PRINT / "mathjax")
    picture = landing_picture.draw(PRINT).replace("_static/", "")
    chapters = [guide_html(), *map(lesson_html, NOTEBOOKS)]
    PDF.unlink(missing_ok=True)
    try:
        with open_browser() as browser:
            write_page(headers, chapters, picture, {})
            print_page(browser)
            pages = chapter_pages()
            write_page(headers, chapters, picture, pages)
            print_page(browser)
    except NoChromium as problem:
        print(f"No print edition: {str(problem).strip()}")
        return False
    return True
