"""Write the sheets to hand out, a page each: notation, summary, vote cards, broken functions.

Nothing is written twice: all is read from the notebooks. Chromium prints them, where it is.
"""

import ast
import re

from nbconvert.filters import markdown2html

from tools.notebook import NOTEBOOKS, ROOT, TITLE, code_cells, header, read, sections
from tools.web.assets import authors
from tools.web.chromium import NoChromium, open_browser
from tools.web.glossary import notation_table

BROKEN = re.compile(r"broken_\w+")


def notation(series):
    return "\n".join(notation_table(series))


def summary(series):
    """Return the summaries of all notebooks."""
    texts = []
    for notebook in series.values():
        (text,) = (cell.source for name, cell in sections(notebook) if name == "Summary")
        texts.append(text.replace("## Summary", f"## {header(notebook).title}"))
    return "\n\n".join(texts)


def vote_cards(series):
    return "\n".join(f"<p>{letter}</p>" for letter in "ABCD")


def broken_functions(series):
    """Return the functions that an exercise asks to repair."""
    texts = []
    for notebook in series.values():
        for cell in code_cells(notebook):
            for node in ast.parse(cell.source).body:
                if isinstance(node, ast.FunctionDef) and BROKEN.match(node.name):
                    code = ast.get_source_segment(cell.source, node)
                    texts.append(f"## {header(notebook).title}\n\n```\n{code}\n```")
    asks = "Mark each bug, and write beside it an input that shows it, and what one sees."
    return "\n\n".join([asks, *texts])


SHEETS = {
    "Notation": notation,
    "Summary": summary,
    "Vote cards": vote_cards,
    "Broken functions": broken_functions,
}


def name_of(title):
    return title.lower().replace(" ", "_")


def links():
    """Return the links to the sheets from the lecturer's guide on the site."""
    found = (f'<a href="../sheets/{name_of(t)}.html">{t.lower()}</a>' for t in SHEETS)
    return ", ".join(found)


def write(folder):
    """Write each sheet to `folder`, as a page that any browser prints on one page of A4."""
    series = {path.name: read(path) for path in NOTEBOOKS}
    template = (ROOT / "docs" / "print" / "sheet.html").read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    for title, content in SHEETS.items():
        text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", content(series))
        page = template
        for part, value in {
            "TITLE": f"{title} · {TITLE}",
            "HEADING": "" if title == "Vote cards" else f"<h1>{title}</h1>",
            "NAME": name_of(title),
            "TEXT": text if text.startswith("<p>") else markdown2html(text),
            "FOOTER": f"{TITLE} · {authors()} · CC BY 4.0",
        }.items():
            page = page.replace(f"@{part}@", value)
        (folder / f"{name_of(title)}.html").write_text(page, encoding="utf-8")


def build(folder):
    """Write the sheets, and print them where there is a Chromium."""
    write(folder)
    try:
        with open_browser() as browser:
            for path in sorted(folder.glob("*.html")):
                page = browser.new_page()
                page.goto(path.as_uri())
                page.evaluate("() => MathJax.startup.promise")
                page.pdf(path=path.with_suffix(".pdf"), prefer_css_page_size=True)
                page.close()
    except NoChromium:
        print("The sheets are pages to print: without Chromium, there is no PDF of them.")
