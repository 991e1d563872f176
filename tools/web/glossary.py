"""The glossary: every bold term, with the paragraph that defines it; and the notation."""

import re
from typing import NamedTuple

from tools.notebook import header, sections

# A bold word is a term, unless it opens a sentence ("**Predict.**"), names code, or is a number.
TERM = re.compile(r"\*\*([A-Za-z][\w–-]*(?: [\w–-]+)*)\*\*")
FENCE = re.compile(r"```.*?```", re.DOTALL)
# Names of versions in a list of notebook 07: what they mean stands in the notebooks before it.
NO_TERMS = {"naive", "clip"}


class Term(NamedTuple):
    """A term of the glossary: the paragraph that defines it, its notebook, and its section."""

    term: str
    says: str
    name: str
    title: str
    section: str


def notation_table(series):
    """Return the lines of the one notation table; `series` is {file name: notebook}."""
    (text,) = (
        cell.source
        for notebook in series.values()
        for heading, cell in sections(notebook)
        if heading == "Notation" and "\n|" in cell.source
    )
    return [line for line in text.splitlines() if line.startswith("|")]


def paragraphs(text):
    """Yield each paragraph and each point of a list, on one line; tables are left out.

    A formula after a colon belongs to its sentence, and is set in the line.
    """
    lines = [line for line in FENCE.sub("", text).splitlines() if not line.startswith(("|", "<"))]
    prose = re.sub(r":\n\n\$\$(.+?)\s*\.?\$\$", r": $\1$.", "\n".join(lines))
    for paragraph in re.split(r"\n\s*\n|\n(?=- )", prose):
        yield " ".join(paragraph.split()).removeprefix("- ")


def find_terms(series):
    """Return a Term for each term of {file name: notebook}, where it is bold first, sorted."""
    found = {}
    for name, notebook in series.items():
        title = section = header(notebook).title
        for cell in (cell for cell in notebook.cells if cell.cell_type == "markdown"):
            for paragraph in paragraphs(cell.source):
                if paragraph.startswith("#"):
                    section = paragraph.lstrip("# ")
                for term in set(TERM.findall(paragraph)) - NO_TERMS - set(found):
                    found[term] = Term(term, paragraph, name, title, section)
    return sorted(found.values(), key=lambda entry: entry.term.lower())
