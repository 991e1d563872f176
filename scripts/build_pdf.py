"""Print the series as build/softmax.pdf, through Chromium; `make pdf` calls it.

The contents name pages, and the pages are known only after printing: the series is printed twice.
"""

import html
import re
import sys

import build_slides
import lessons
import story
from chromium import NoChromium, open_browser
from lessons import BUILD, ROOT, TITLE
from nbconvert.exporters import HTMLExporter
from pygments.formatters import HtmlFormatter
from pypdf import PdfReader

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


def lesson_html(lesson):
    """Return one notebook as a chapter: details open, its anchors and links within the book."""
    notebook = lessons.without_widgets(lesson.notebook)
    # The last cell leads to the neighbours, which the contents do here.
    notebook.cells.pop()
    exporter = HTMLExporter(
        template_file=str(ROOT / "site" / "print" / "lesson.html.j2"),
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    body, _ = exporter.from_notebook_node(notebook)
    number = lesson.name[:2]
    body = HEADING.sub(rf'<\1 id="{number}-\2">', body).replace("<details>", "<details open>")
    return f'<section class="lesson" id="{number}">{LINK.sub(inner_link, body)}</section>'


def contents(series, pages):
    for lesson in series:
        page = pages.get(lesson.title, "")
        yield (
            f'<li><a href="#{lesson.name[:2]}"><span>{html.escape(lesson.title)}</span>'
            f'<span class="page">{page}</span></a>{lesson.minutes} minutes</li>'
        )


def write_page(series, chapters, picture, pages):
    folder = ROOT / "site" / "print"
    style = HtmlFormatter(style=build_slides.PYGMENTS).get_style_defs(".highlight")
    page = (folder / "series.html").read_text(encoding="utf-8")
    for part, text in {
        "TITLE": TITLE,
        "STYLE": style + (folder / "print.css").read_text(encoding="utf-8"),
        "STORY": picture,
        "CONTENTS": "\n".join(contents(series, pages)),
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


def chapter_pages(series):
    """Return the page of each notebook's title, from the outline of the PDF."""
    reader = PdfReader(PDF)
    titles = {lesson.title for lesson in series}
    entries = [entry for entry in flat(reader.outline) if entry.title.strip() in titles]
    return {e.title.strip(): reader.get_destination_page_number(e) + 1 for e in entries}


def flat(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


def main():
    series = lessons.read_lessons()
    lessons.copy_mathjax(PRINT / "mathjax")
    picture = story.draw(PRINT).replace("_static/", "")
    chapters = [lesson_html(lesson) for lesson in series]
    try:
        with open_browser() as browser:
            write_page(series, chapters, picture, {})
            print_page(browser)
            pages = chapter_pages(series)
            write_page(series, chapters, picture, pages)
            print_page(browser)
    except NoChromium as problem:
        sys.exit(str(problem).replace("make browser", "make pdf"))
    if missing := [lesson.title for lesson in series if lesson.title not in pages]:
        sys.exit(f"the PDF's outline lacks {missing}")
    if chapter_pages(series) != pages:
        sys.exit("the page numbers in the contents are not those of the chapters")
    print(f"{PDF.relative_to(ROOT)}: {len(PdfReader(PDF).pages)} pages")


if __name__ == "__main__":
    main()
