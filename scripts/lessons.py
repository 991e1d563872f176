"""What the site, the slides and the print edition read from the stored notebooks."""

import importlib.metadata
import re
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import nbformat

try:
    import tomllib
except ModuleNotFoundError:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
# The tests already know how to run a notebook's definitions, and where Chromium is.
sys.path += [str(ROOT / "tests"), str(ROOT / "tests" / "gate")]
from series import definitions  # noqa: E402, F401

NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
BUILD = ROOT / "build"
TITLE = "Softmax and its numerical stability"
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


class Lesson(NamedTuple):
    """One notebook: its file, its cells, and what its header says."""

    path: Path
    notebook: nbformat.NotebookNode
    title: str
    promise: str
    minutes: int
    needs: str
    goals: str

    @property
    def name(self):
        return self.path.stem


class Term(NamedTuple):
    """A term of the glossary: the sentence that defines it, and the section it stands in."""

    term: str
    sentence: str
    lesson: Lesson
    section: str


def read_lesson(path):
    notebook = nbformat.read(path, as_version=4)
    header = notebook.cells[0].source.splitlines()
    minutes, needs, goals = (part.strip() for part in header[-1].strip("|").split("|"))
    title, promise = header[0].removeprefix("# "), header[2]
    return Lesson(path, notebook, title, promise, int(minutes.split()[0]), needs, goals)


def read_lessons():
    return [read_lesson(path) for path in NOTEBOOKS]


def slug(heading):
    """Return the anchor of a heading, as MyST and GitHub write it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def texts(lesson):
    """Yield (section, text) of each Markdown cell, without its code blocks."""
    section = lesson.title
    for cell in lesson.notebook.cells:
        if cell.cell_type == "markdown":
            for part in re.split(r"^(?=#)", FENCE.sub("", cell.source), flags=re.MULTILINE):
                if part.startswith("#"):
                    section = part.splitlines()[0].lstrip("# ")
                if part.strip():
                    yield section, part


def notation_table(lessons):
    """Return the lines of the one notation table of the series."""
    (text,) = (
        text for lesson in lessons for section, text in texts(lesson) if section == "Notation"
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


def find_terms(lessons):
    """Return a Term for each term of the series, where it is bold first, in alphabetical order."""
    found = {}
    for lesson in lessons:
        for section, text in texts(lesson):
            for before, sentence in sentences(text):
                for term in TERM.findall(sentence):
                    if term not in NO_TERMS and term not in found:
                        words = f"{before} {sentence}" if POINTS_BACK.match(sentence) else sentence
                        found[term] = Term(term, words.strip(), lesson, section)
    return sorted(found.values(), key=lambda entry: entry.term.lower())


def repository():
    """Return the repository's address from pyproject.toml, "" where it is not known."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    address = settings["tool"]["series"]["repository"].rstrip("/")
    if address and not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", address):
        raise SystemExit(
            f"[tool.series] repository in pyproject.toml is {address!r}; "
            'accepted are "" and "https://github.com/OWNER/NAME"'
        )
    return address


def package_files(distribution, start, wanted):
    """Yield (file, its name after `start`) of an installed distribution where `wanted` matches."""
    for file in importlib.metadata.files(distribution):
        _, found, name = file.as_posix().partition(start)
        if found and re.fullmatch(wanted, name):
            yield file.locate(), name


def copy_package_files(distribution, start, wanted, folder):
    """Copy these files to `folder`; an empty match is an error, not an empty folder."""
    files = list(package_files(distribution, start, wanted))
    if not files:
        raise SystemExit(f"{distribution} holds no file {start}{wanted}")
    for source, name in files:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def has_sliders(lesson):
    return any(
        "plotnet-slider" in output.get("data", {}).get("text/html", "")
        for cell in lesson.notebook.cells
        for output in cell.get("outputs", [])
    )


def without_widgets(notebook):
    """Return a copy whose sliders are the HTML that needs no kernel and no widget manager."""
    copy = nbformat.from_dict(notebook)
    for cell in copy.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    return copy


def copy_mathjax(folder):
    wanted = r"tex-chtml\.js|output/chtml/fonts/woff-v2/.*\.woff"
    copy_package_files("sphinx-mathjax-offline", "/static/mathjax/", wanted, folder)


def copy_reveal(folder):
    wanted = r"dist/(reset|reveal)\.css|dist/reveal\.js|plugin/notes/notes\.js|LICENSE"
    copy_package_files("sphinx-revealjs", "/_static/revealjs/", wanted, folder)
