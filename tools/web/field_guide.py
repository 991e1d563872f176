"""The field guide, docs/field_guide.md: what its lines claim, and its page on the site."""

import re
from typing import NamedTuple

from tools.notebook import ROOT, slug, with_links

SOURCE = ROOT / "docs" / "field_guide.md"
TITLE = "My loss is nan"
LIST = "<!-- the list of symptoms -->"
CAUSE = re.compile(r"^\d+\. \*\*(.+?)\*\* Ask `(.+?)`")
SHOWN = re.compile(r"\]\(\.\./notebooks/(\w+\.ipynb)#(\S+)\) shows `([^`]+)`")


class Cause(NamedTuple):
    symptom: str
    says: str
    ask: str  # a line of code, true if this is the cause
    shown: list  # (notebook, heading as in its address, what its outputs hold)


def causes():
    """Return the causes in the order of the page."""
    found, symptom = [], None
    for line in SOURCE.read_text(encoding="utf-8").splitlines():
        if line.startswith("### "):
            symptom = line.removeprefix("### ")
        elif re.match(r"\d+\. ", line):
            says, ask = CAUSE.match(line).groups()
            found.append(Cause(symptom, says, ask, SHOWN.findall(line)))
    return found


def symptoms():
    """Yield a list of links: under each section, what one may see, also in other words."""
    text = SOURCE.read_text(encoding="utf-8")
    for section, body in re.findall(r"^## (.+)\n((?:(?!## ).*\n?)*)", text, re.MULTILINE):
        found = re.findall(r"^### (.+)\n(?:\nAlso: (.+)\.)?", body, re.MULTILINE)
        yield from [f"\n**{section}**\n"] * bool(found)
        yield from (f"- [{says}](#{slug(says)})" + f": {also}" * bool(also) for says, also in found)


def page(link):
    """Return the page; `link` turns the address of a notebook into that of its page."""
    text = SOURCE.read_text(encoding="utf-8").replace(LIST, "\n".join(symptoms()))
    return with_links(text, lambda target: link(target.removeprefix("../notebooks/")))


def printed():
    """Return the page as plain Markdown, without the list of links."""
    text = SOURCE.read_text(encoding="utf-8").replace(f"{LIST}\n", "")
    return text.replace("](../notebooks/", "](")
