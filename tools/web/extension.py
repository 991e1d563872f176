"""What Sphinx lacks for our readers: numbers in the search, descriptions, the foot of a page."""

import os
import re
from urllib.parse import quote

from docutils import nodes
from sphinx import addnodes
from sphinx.search.en import SearchEnglish

NUMBER = r"\d+\.\d+(?:e[-+]?\d+)?|\d+e[-+]?\d+"
LONGEST = 200


class WithNumbers(SearchEnglish):
    """English in which 16.118, 1e-7 and 1000 are words."""

    _word_re = re.compile(rf"{NUMBER}|\w+")
    js_splitter_code = f"splitQuery = text => text.match(/{NUMBER}|[\\p{{L}}\\p{{N}}_]+/gu) ?? [];"

    def word_filter(self, word):
        return super().word_filter(word) or bool(re.fullmatch(r"\d{3,}", word))


def lead_entries_to_headings(app, doctree):
    """Give each index entry the anchor of the heading that follows it."""
    waiting = []
    for node in list(doctree.findall(lambda n: isinstance(n, addnodes.index | nodes.section))):
        if isinstance(node, addnodes.index):
            if any(entry[0] == "single" for entry in node["entries"]):
                waiting.append(node)
            continue
        for index in waiting:
            index["entries"] = [
                (kind, word, node["ids"][0], main, key)
                for kind, word, _, main, key in index["entries"]
            ]
        waiting = []


def description(doctree):
    """Return the first paragraph of a page in plain words, cut between two of them."""
    for paragraph in doctree.findall(nodes.paragraph):
        text = " ".join(paragraph.astext().split())
        if text and isinstance(paragraph.parent, nodes.section):
            return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0] + " …"
    return ""


def source_of(page):
    if re.match(r"\d\d_", page):
        return f"notebooks/{page}.ipynb"
    return f"{page}.md" if page.startswith("teaching/") else f"docs/{page}.md"


def add_to_page(app, pagename, templatename, context, doctree):
    address = os.environ.get("SITE_REPOSITORY", "")
    known = doctree is not None
    context["description"] = description(doctree) if known else f"{app.config.project}: search"
    context["author"] = app.config.author
    context["repository"] = address
    context["html_baseurl_set"] = app.config.html_baseurl
    context["source"] = f"{address}/blob/HEAD/{source_of(pagename)}" if known else address
    title = quote(f"{pagename}: ")
    context["mistake"] = f"{address}/issues/new?template=1_sentence.yml&title={title}"


def setup(app):
    app.add_search_language(WithNumbers)
    app.connect("doctree-read", lead_entries_to_headings)
    app.connect("html-page-context", add_to_page)
    return {"parallel_read_safe": True}
