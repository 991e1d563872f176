"""Promise: the site's list of references is what the notebooks cite, no more and no less."""

import re

from tests.helpers.project import none_of
from tools.notebook import NOTEBOOKS, ROOT, read, whole_text

ENTRY = re.compile(r"^@.+?^\}", re.MULTILINE | re.DOTALL)


def test_the_list_of_references_is_that_of_the_notebooks():
    lines = {
        doi: (path.name, line)
        for path in NOTEBOOKS
        for doi, line in re.findall(
            r"^(?=- .*\(https://doi\.org/(\S+?)\))(.+)$", whole_text(read(path)), re.MULTILINE
        )
    }
    problems = []
    for entry in ENTRY.findall((ROOT / "docs" / "references.bib").read_text(encoding="utf-8")):
        fields = dict(re.findall(r"\b(\w+) = \{(.+?)\},?(?= \w+ = |$)", entry, re.MULTILINE))
        name, line = lines.pop(fields["doi"], ("no notebook", ""))
        title, author = (
            re.sub(r"[{}]", "", fields["title"]),
            re.search(r"[^,{}]+", fields["author"]),
        )
        for part in (f"({fields['year']})", author[0].strip(), re.split("[:,]", title)[0]):
            if part.lower() not in line.lower():
                problems.append(f"references.bib: {fields['doi']} has {part}; in {name}: {line}")
    missing = [f"{name}: add to docs/references.bib: {line}" for name, line in lines.values()]
    none_of(problems + missing)
