"""The glossary: every bold term, with the sentence that defines it; and the notation."""

import re
from itertools import pairwise
from typing import NamedTuple

from tools.notebook import header

# A bold word is a term, unless it opens a sentence ("**Predict.**"), names code, or is a number.
TERM = re.compile(r"\*\*([A-Za-z][\w–-]*(?: [\w–-]+)*)\*\*")
FENCE = re.compile(r"```.*?```", re.DOTALL)
SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z`$*(])")
# Names of versions in a list of notebook 07: what they mean stands in the notebooks before it.
NO_TERMS = {"naive", "clip"}
# A sentence that opens so needs the one before it.
POINTS_BACK = re.compile(
    r"This |The (?:result|hidden|last|five|\*\*)|Ours |It |Its |On |Left |Seven "
)


class Term(NamedTuple):
    """A term of the glossary: the sentence that defines it, its notebook, and its section."""

    term: str
    sentence: str
    name: str
    title: str
    section: str


def texts(notebook):
    """Yield (section, text) of each Markdown cell, without its code blocks."""
    section = header(notebook).title
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for part in re.split(r"^(?=#)", FENCE.sub("", cell.source), flags=re.MULTILINE):
                if part.startswith("#"):
                    section = part.splitlines()[0].lstrip("# ")
                if part.strip():
                    yield section, part


def notation_table(series):
    """Return the lines of the one notation table; `series` is {file name: notebook}."""
    (text,) = (
        text
        for notebook in series.values()
        for section, text in texts(notebook)
        if section == "Notation"
    )
    return [line for line in text.splitlines() if line.startswith("|")]


def sentences(text):
    """Yield (previous sentence, sentence) of each paragraph, tables left out.

    A formula after a colon belongs to its sentence, and is set in the line.
    """
    lines = [line for line in text.splitlines() if not line.startswith(("|", "#", "<"))]
    prose = re.sub(r":\n\n\$\$(.+?)\s*\.?\$\$", r": $\1$.", "\n".join(lines))
    for paragraph in re.split(r"\n\s*\n|\n(?=- )", prose):
        parts = SENTENCE.split(" ".join(paragraph.split()).removeprefix("- "))
        yield from pairwise(["", *parts])


def find_terms(series):
    """Return a Term for each term of {file name: notebook}, where it is bold first, sorted."""
    found = {}
    for name, notebook in series.items():
        title = header(notebook).title
        for section, text in texts(notebook):
            for before, sentence in sentences(text):
                for term in TERM.findall(sentence):
                    if term not in NO_TERMS and term not in found:
                        words = f"{before} {sentence}" if POINTS_BACK.match(sentence) else sentence
                        found[term] = Term(term, words.strip(), name, title, section)
    return sorted(found.values(), key=lambda entry: entry.term.lower())
