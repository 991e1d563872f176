"""What the site holds beside the notebooks: words for the search, teaching pages, citation."""

import re
from copy import deepcopy

import yaml

from tools.notebook import NOTEBOOKS, ROOT, header, with_links
from tools.web import glossary, sheets

TEACHING = sorted((ROOT / "teaching").glob("[0-9][0-9]_*.md"))
TEACHERS = ["teach", "teaching", "lecture", "exam", "exam questions", "solutions of the exercises"]
# Where the guide says what to hand out, its page on the site has links.
SHEETS = "notation, summary, vote cards, broken functions"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


def entries(series):
    """Yield (file name, heading, words) of the index: docs/entries.txt, then the glossary."""
    names = {path.name[:2]: path.name for path in NOTEBOOKS} | {"guide": "field_guide.md"}
    for line in (ROOT / "docs" / "entries.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            number, heading, words = line.split(" | ")
            yield names[number], heading, words.split("; ")
    for entry in glossary.find_terms(series):
        yield entry.name, entry.section, [entry.term]


def start(series):
    """Return the link to the first notebook, and its minutes."""
    says = header(series[NOTEBOOKS[0].name])
    return f"[{says.title}]({NOTEBOOKS[0].name}), {says.reading} minutes."


def with_entries(texts, series, name):
    """Return the texts of the page `name` with its index entries above its headings."""
    texts = list(texts)
    for _, heading, words in (entry for entry in entries(series) if entry[0] == name):
        pattern = re.compile(rf"^#+ {re.escape(heading)}$", re.MULTILINE)
        holds = next((i for i, text in enumerate(texts) if pattern.search(text)), None)
        if holds is None:
            raise SystemExit(f"docs/entries.txt: {name} has no heading {heading}")
        at = pattern.search(texts[holds]).start()
        texts[holds] = f"{texts[holds][:at]}{indexed(words)}{texts[holds][at:]}"
    return texts


def indexed(words):
    return "".join(f"```{{index}} ! single: {word}\n```\n" for word in words)


def marked(series, name):
    """Return the notebook `name` with its index entries above its headings."""
    notebook = deepcopy(series[name])
    cells = [cell for cell in notebook.cells if cell.cell_type == "markdown"]
    texts = with_entries((cell.source for cell in cells), series, name)
    for cell, text in zip(cells, texts, strict=True):
        cell.source = text
    return notebook


def teaching_link(target, link):
    """Return where a link of a teaching page leads on the site."""
    if target.startswith("../notebooks/"):
        return "../" + link(target.removeprefix("../notebooks/"))
    if target == "../LICENSE-TEXT":
        return LICENCE
    return "../index.md#the-notebooks" if target.startswith("../README.md") else target


def write_teaching(folder, link):
    """Write the lecturer's pages to `folder`; the guide lists the others in the navigation."""
    folder.mkdir()
    for path in [ROOT / "teaching" / "README.md", *TEACHING]:
        text = with_links(path.read_text(encoding="utf-8"), lambda to: teaching_link(to, link))
        if path.name == "README.md":
            text = text.replace(SHEETS, sheets.links())
            listed = "\n".join(each.stem for each in TEACHING)
            text = f"{indexed(TEACHERS)}\n{text}\n```{{toctree}}\n:hidden:\n\n{listed}\n```\n"
        (folder / path.name).write_text(text, encoding="utf-8")


def citation():
    """Yield the lines of the page that says whose the series is, from CITATION.cff."""
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    authors = ", ".join(author["name"] for author in cff["authors"])
    year, title = str(cff["date-released"])[:4], cff["title"]
    yield f"The series is written by {authors}."
    yield f"Text and figures are under [CC BY 4.0]({LICENCE}): copy, change, teach and print them,"
    yield "and say where they come from. Code is under the"
    yield "[BSD 3-Clause licence](https://opensource.org/license/bsd-3-clause).\n"
    yield f"{cff['message']}\n"
    yield f"> {authors}. *{title}*. Version {cff['version']}, {year}.\n"
    yield "```bibtex"
    yield f"@misc{{softmax_series,\n  author = {{{{{authors}}}}},\n  title = {{{title}}},"
    yield f"  year = {{{year}}},\n  note = {{Version {cff['version']}}}\n}}\n```"


def mended(page):
    """Return the HTML of a page with its drawers as named places of navigation."""
    for name, says in (("sidebar-drawer", "Series"), ("toc-drawer", "On this page")):
        page = re.sub(
            rf'<aside class="{name}((?! no-toc)[^"]*)">(.*?)</aside>',
            rf'<nav class="{name}\1" aria-label="{says}">\2</nav>',
            page,
            flags=re.DOTALL,
        )
    # Sphinx adds a second one to Furo's.
    first, found, rest = page.partition('<meta name="viewport"')
    return first + found + re.sub(r'<meta name="viewport"[^>]*>', "", rest)
