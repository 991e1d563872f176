"""Promise: the site's list of references is what the notebooks cite, no more and no less."""

import re

from tools.notebook import NOTEBOOKS, ROOT, read, whole_text

ENTRY = re.compile(r"^@.+?^\}", re.MULTILINE | re.DOTALL)


def test_the_list_of_references_is_that_of_the_notebooks():
    text = "\n".join(whole_text(read(path)) for path in NOTEBOOKS)
    lines = dict(re.findall(r"^(?=- .*\(https://doi\.org/(\S+?)\))(.+)$", text, re.MULTILINE))
    entries = ENTRY.findall((ROOT / "docs" / "references.bib").read_text(encoding="utf-8"))
    found = set()
    for entry in entries:
        fields = dict(re.findall(r"\b(\w+) = \{(.+?)\},?(?= \w+ = |$)", entry, re.MULTILINE))
        line, words = lines[fields["doi"]], re.sub(r"[{}]", "", fields["title"])
        assert f"({fields['year']})" in line
        assert re.search(r"[^,{}]+", fields["author"])[0].strip() in line
        assert re.split("[:,]", words)[0].lower() in line.lower()
        found.add(fields["doi"])
    assert found == set(lines)
    assert len(found) == len(entries)
