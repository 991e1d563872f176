"""Promise: the site's list of references is what the notebooks cite, no more and no less."""

import re

from tools.notebook import NOTEBOOKS, ROOT, read, text_cells

BIBLIOGRAPHY = ROOT / "docs" / "references.bib"


def entries():
    """Return the text of each entry of the BibTeX file."""
    return re.split(r"^(?=@)", BIBLIOGRAPHY.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]


def field(entry, name):
    return re.search(rf"\b{name} = \{{(.+?)\}},?", entry)[1]


def cited():
    """Return {DOI: the line of a notebook that cites it}."""
    return {
        doi: line
        for path in NOTEBOOKS
        for cell in text_cells(read(path))
        if cell.source.startswith("## References")
        for line in cell.source.splitlines()
        for doi in re.findall(r"\(https://doi\.org/(\S+?)\)", line)
    }


def test_the_dois_are_those_of_the_notebooks():
    dois = [field(entry, "doi") for entry in entries()]
    assert len(set(dois)) == len(dois)
    assert set(dois) == set(cited())


def test_names_years_and_titles_agree():
    lines = cited()
    for entry in entries():
        line = lines[field(entry, "doi")]
        assert f"({field(entry, 'year')})" in line
        first = re.search(r"author = \{+([^,{}]+)", entry)[1]
        assert first.strip() in line
        words = re.sub(r"[{}]", "", re.search(r"\btitle = \{(.+)\},", entry)[1])
        assert words.split(":")[0].split(",")[0].lower() in line.lower()
