"""Build one reveal.js deck for each notebook from its slideshow metadata; `make site` calls it.

python -m tools.web.slides                   all of them, and those of 50 minutes
python -m tools.web.slides 04 --minutes 90   what the plan of 90 minutes for 04 goes through

A deck of so many minutes shows the slides of the lecturer's plan, and all others behind its end.

Hints and solutions come one by one, an output that answers a prediction one click after its code,
and the prose after the first paragraph of what is said to an output stands in the speaker notes.
These begin with what the lecturer's page says of the slide: minutes, votes, what to say, wrong
answers. How large all is, and where a slide ends that is too full, docs/slides/layout.js decides in
the browser.
"""

import argparse
import ast
import html
import re
import sys
import textwrap
from copy import deepcopy
from functools import partial

import nbformat
from nbconvert.exporters import SlidesExporter
from nbformat.v4 import new_markdown_cell
from pygments.formatters import HtmlFormatter

from lesson.sliders import static_script
from tools import teaching
from tools.notebook import (
    CONTENTS,
    DETAILS,
    NOTEBOOK_LINK,
    NOTEBOOKS,
    ROOT,
    TITLE,
    NotebookError,
    choose,
    header,
    headings,
    predicted,
    read,
    sections,
    with_links,
)
from tools.web.assets import BUILD, authors, copy_mathjax, copy_reveal, has_sliders, repository

# How many lines of code a slide takes, and how many characters a line of output.
LINES, WIDTH = 22, 100
# Code of so many lines that ends in a figure or a table only prepares it.
PLUMBING = {"image/png": 3, "text/markdown": 6}
# Titles that answer the first prediction below them: the class reads them after it.
ANSWERS = {
    "A slip that raises nothing",
    "The trap in the table",
    "Sums that stick",
    "An offset is not free",
    "Updates that vanish",
    "Gradients that vanish, and loss scaling",
}
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
PYGMENTS = "a11y-high-contrast-light"


def slide_type(cell):
    return cell.metadata["slideshow"]["slide_type"]


def text_cell(source, kind):
    return new_markdown_cell(source, metadata={"slideshow": {"slide_type": kind}})


def deck_link(target, up=""):
    """Return where a link of a notebook leads from its deck; `up`: the way to the list of decks."""
    if target == CONTENTS:
        return f"{up}index.html"
    match = NOTEBOOK_LINK.fullmatch(target)
    return f"{match[1]}.html" if match else target


def unfold(cell):
    """Yield hints, one by one, on a slide after their exercise, and solutions on the next.

    The speaker sees the solution while the exercise is on the screen.
    """
    kind = "subslide"
    yield from (
        text_cell(f"{summary}.\n\n{body}", "notes")
        for summary, body in DETAILS.findall(cell.source)
        if summary == "Solution"
    )
    for summary, body in DETAILS.findall(cell.source):
        if summary.startswith("Hint"):
            yield text_cell(f"**{summary}.** {body}", kind)
            kind = "fragment"
        elif re.match(r"\d\. ", summary):
            yield text_cell(f'<h3 class="folded">{summary}</h3>', "subslide")
            yield text_cell(body, "fragment")
        else:
            yield text_cell(f'<h3 class="folded">{summary}</h3>\n\n{body}', "subslide")


def for_the_eye(paragraph):
    """Whether the class must see a paragraph.

    A question, a rule, a term in bold, what announces the next cell, what the class shall do
    itself, a formula, a list, a table.
    """
    return paragraph.startswith(("- ", "1. ", "|", "<p")) or bool(
        re.search(r"\*\*|\$|next cell|yourself|:$", paragraph)
    )


def with_notes(cell, leads=False):
    """Yield the first paragraph of a comment, and the rest of its prose as speaker notes.

    The last paragraph stays if it `leads` to code.
    """
    first, *rest = re.split(r"\n\s*\n", cell.source)
    kept = rest[-1:] if leads else []
    prose = [part for part in rest if not for_the_eye(part) and part not in kept]
    shown = [first, *(part for part in rest if part not in prose)]
    yield nbformat.from_dict({**cell, "source": "\n\n".join(shown)})
    if prose:
        yield text_cell("\n\n".join(prose), "notes")


def cut(source):
    """Return code in parts of at most `LINES` lines, cut at its empty lines."""
    parts = [""]
    for block in source.split("\n\n"):
        joined = f"{parts[-1]}\n\n{block}" if parts[-1] else block
        if parts[-1] and joined.count("\n") >= LINES:
            parts.append(block)
        else:
            parts[-1] = joined
    return parts


def is_plumbing(cell):
    """Whether the code of a cell only prepares what it shows: a figure, a table, a slider."""
    last = ast.parse(cell.source).body[-1]
    if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Call):
        return False
    if ast.unparse(last.value.func).endswith("Slider"):
        return True
    lines, kinds = cell.source.count("\n") + 1, {k for o in cell.outputs for k in o.get("data", {})}
    return any(kind in kinds and lines >= least for kind, least in PLUMBING.items())


def broken(text):
    """Return printed text, each line that is too long for a slide broken at a space."""
    return "\n".join(
        line if len(line) <= WIDTH else textwrap.fill(line, WIDTH, subsequent_indent=" ")
        for line in text.splitlines()
    )


def in_parts(cell, later):
    """Yield long code as several cells, and an output that comes later as another."""
    for output in cell.outputs:
        for holder, kind in ((output, "text"), (output.get("data", {}), "text/plain")):
            if kind in holder:
                holder[kind] = broken(holder[kind])
        if "traceback" in output:
            output.traceback = [broken(line) for line in output.traceback]
    kind = slide_type(cell)
    pieces = [(part, [], "subslide") for part in cut(cell.source)]
    pieces[0] = (pieces[0][0], [], kind)
    if is_plumbing(cell):
        pieces = [("", cell.outputs, "fragment" if later and kind == "-" else kind)]
    elif later and cell.outputs:
        pieces.append(("", cell.outputs, "fragment"))
    else:
        pieces[-1] = (pieces[-1][0], cell.outputs, pieces[-1][2])
    for i, (source, outputs, kind) in enumerate(pieces):
        piece = nbformat.from_dict({**cell, "source": source, "outputs": outputs})
        piece.metadata["slideshow"] = {"slide_type": kind}
        if i:
            piece.id = f"{cell.id}-{i}"
        yield piece


def to_cells(cell, later=False, ballot="", leads=False):
    """Yield the cells of a deck that stand for one of the notebook.

    `later`: its output waits; `ballot`: the options of its vote; `leads`: code follows at once.
    """
    if slide_type(cell) in ("skip", "notes"):
        yield cell
        return
    if cell.cell_type == "code":
        yield from in_parts(cell, later)
        return
    before, folded, after = cell.source, "", ""
    if "<details>" in cell.source:
        before, folded, after = re.split(r"(<details>.*</details>)", cell.source, flags=re.DOTALL)
    if shown := "\n\n".join(filter(None, (before.strip(), ballot))):
        piece = nbformat.from_dict({**cell, "source": shown})
        if folded or slide_type(cell) not in ("fragment", "-"):
            yield piece
        else:
            yield from with_notes(piece, leads)
    unfolded = list(unfold(cell))
    if unfolded and re.fullmatch(r"###? .+", before.strip()):
        unfolded[0].metadata["slideshow"] = {"slide_type": "-"}
    yield from unfolded
    if after.strip():
        yield text_cell(after.strip(), "-")


def with_page_notes(parts, page_notes):
    """Yield the cells, each part that begins a cell of the notebook after what the page says of it.

    `parts`: (id of the cell in the notebook, its cells in the deck). What is said of a cell that
    no slide shows is said at the next one; a note to code stands where its output is.
    """
    waiting = []
    for name, cells in parts:
        waiting += page_notes.get(name, [])
        shown = [cell for cell in cells if slide_type(cell) not in ("skip", "notes")]
        for cell in cells:
            yield cell
            at = shown and (shown[-1] if cell.cell_type == "code" else shown[0])
            if waiting and cell is at:
                yield text_cell("\n\n".join(waiting), "notes")
                waiting = []


def imprint():
    """Return the line of the first and the last slide: author, licence, the address if known."""
    parts = [TITLE, authors(), f'<a href="{LICENCE}">CC BY 4.0</a>']
    if address := repository():
        parts.append(f'<a href="{address}">{address.removeprefix("https://")}</a>')
    return f'<p class="imprint">{" · ".join(parts)}</p>'


def with_imprint(cells):
    """Return the cells, with the imprint behind the first one of the first and the last slide."""
    starts = [i for i, cell in enumerate(cells) if slide_type(cell) in ("slide", "subslide")]
    for i in (starts[-1], starts[0]):
        cells.insert(i + 1, text_cell(imprint(), "-"))
    return cells


def with_titles_behind_answers(cells):
    """Yield the cells; each of the `ANSWERS` stands above what is said after its prediction."""
    waiting, asked = "", False
    for cell in cells:
        if cell.cell_type == "markdown":
            heading, _, rest = cell.source.partition("\n\n")
            if heading.lstrip("# ") in ANSWERS:
                cell.source, waiting, asked = rest, heading, False
            elif waiting and asked:
                cell.source, waiting = f"{waiting}\n\n{cell.source}", ""
            asked = asked or "**Predict.**" in cell.source
        yield cell


def with_full_slides(cells, exercises):
    """Yield the cells; a heading alone stands on the slide that follows, or above the exercises."""
    alone = False
    for cell in cells:
        if alone and slide_type(cell) == "subslide":
            cell.metadata["slideshow"] = {"slide_type": "-"}
        alone = re.fullmatch(r"## .+", cell.source) and cell.source != "## Exercises"
        if cell.source == "## Exercises":
            cell.source = f"{cell.source}\n\n{exercises}"
        yield cell


def flowing(cells):
    """Yield the cells; a part of a section is a click, and the page is turned where it must be."""
    for cell in cells:
        if slide_type(cell) == "subslide" and not re.match(r"#|<h3|\*\*Hint", cell.source):
            cell.metadata["slideshow"] = {"slide_type": "fragment"}
        yield cell


def leading(notebook):
    """Return the ids of the cells that are followed by code of the same section."""
    pairs = zip(notebook.cells, notebook.cells[1:], strict=False)
    return {
        cell.id
        for cell, after in pairs
        if after.cell_type == "code" and slide_type(after) not in ("slide", "skip")
    }


def by_plan(cells, chosen, minutes):
    """Return the cells in the plan, a slide that says where it ends, and the other ones."""
    inside = [cell for cell in cells if cell.id in chosen]
    outside = [cell for cell in cells if cell.id not in chosen]
    before = dict(zip((cell.id for cell in cells[1:]), (cell.id for cell in cells), strict=False))
    for group in (inside, outside):
        for i, cell in enumerate(group):
            # What follows a gap stood on a slide that is elsewhere now.
            if i == 0 or before[cell.id] != group[i - 1].id:
                begin(group[i:])
    end = f"## The end of the plan\n\nThe slides behind this one are not in the {minutes} minutes."
    return [*inside, text_cell(f"{end}\n\n{imprint()}", "slide"), *outside]


def with_rest_behind(notebook, listed):
    """Yield the cells; in cells of their own what a plan leaves folded of those that it shows.

    These are questions of *Test yourself* that are not asked, and solutions of what is begun.
    `listed`: what the plan counts.
    """
    for heading, cell in list(sections(notebook)):
        exercise = re.match(r"Exercise (\d):", heading)
        begun = bool(exercise) and int(exercise[1]) in listed["begun"]
        quiz, rest, kept = heading == "Test yourself" and listed["asked"], "", cell.source
        for number, match in enumerate(DETAILS.finditer(cell.source), start=1):
            if (quiz and number not in quiz) or (begun and match[1] == "Solution"):
                kept, rest = kept.replace(match[0], ""), rest + match[0]
        yield nbformat.from_dict({**cell, "source": kept})
        if rest:
            title = f"## {heading}" if quiz else f"### {heading}"
            yield text_cell(f"{title}\n\n{rest}", "slide")


def begin(cells):
    """Let a slide begin with the first of the cells that is shown."""
    for cell in cells:
        if slide_type(cell) not in ("skip", "notes"):
            cell.metadata["slideshow"] = {"slide_type": "slide"}
            return


def arrange(path, minutes=None):
    """Return the notebook at `path` as a deck shows it, with what its lecturer's page says.

    `minutes`: the slides of this plan first.
    """
    notebook = read(path)
    page_notes = teaching.notes(path, notebook, minutes)
    ballots = teaching.ballots(path, notebook, minutes)
    deck = deepcopy(notebook)
    for cell in deck.cells:
        if slide_type(cell) == "slide" and not headings(cell.source):
            cell.metadata["slideshow"] = {"slide_type": "subslide"}
        if cell.cell_type == "markdown":
            cell.source = with_links(cell.source, partial(deck_link, up="../" if minutes else ""))
        if "exercise" in cell.metadata.get("tags", []):
            cell.outputs = []
    if minutes:
        deck.cells = list(with_rest_behind(deck, teaching.in_plan(path, minutes)))
        deck.cells = by_plan(deck.cells, teaching.planned(path, notebook, minutes), minutes)
    asked = {cell.id for cell in predicted(notebook)}
    leads = leading(notebook)
    listed = teaching.exercise_list(path, notebook, [minutes] if minutes else teaching.LENGTHS)
    cells = with_full_slides(with_titles_behind_answers(deck.cells), listed)
    parts = [
        (i, list(to_cells(cell, i in asked, ballots.get(i, ""), i in leads)))
        for i, cell in ((cell.id, cell) for cell in cells)
    ]
    cells = with_page_notes(parts, page_notes)
    deck.cells = with_imprint(list(flowing(cells)))
    return deck


def write_deck(path, folder, minutes=None):
    """Write the deck of a notebook to `folder`, or to the folder of a plan in it."""
    notebook = read(path)
    exporter = SlidesExporter(
        template_file=str(ROOT / "docs" / "slides" / "deck.html.j2"),
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    title = header(notebook).title + (f", {minutes} minutes" if minutes else "")
    resources = {
        "deck": {
            "title": title,
            "sliders": has_sliders(notebook),
            "assets": "../assets" if minutes else "assets",
        }
    }
    body, _ = exporter.from_notebook_node(arrange(path, minutes), resources)
    file = folder / (str(minutes) if minutes else "") / f"{path.stem}.html"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(body, encoding="utf-8")
    return file


def write_assets(folder):
    copy_reveal(folder)
    copy_mathjax(folder / "mathjax")
    style = HtmlFormatter(style=PYGMENTS).get_style_defs(".highlight")
    (folder / "pygments.css").write_text(style + "\n", encoding="utf-8")
    (folder / "sliders.js").write_text(static_script(), encoding="utf-8")
    for name in ("static/favicon.svg", "slides/slides.css", "slides/layout.js"):
        source = ROOT / "docs" / name
        (folder / source.name).write_bytes(source.read_bytes())


def write_index(folder):
    items = "\n".join(
        f'<li><a href="{path.stem}.html">{html.escape(header(read(path)).title)}</a>, '
        f'<a href="50/{path.stem}.html">{path.stem[:2]} in 50 minutes</a></li>'
        for path in NOTEBOOKS
    )
    page = (ROOT / "docs" / "slides" / "contents.html").read_text(encoding="utf-8")
    page = page.replace("@TITLE@", TITLE).replace("@DECKS@", items)
    (folder / "index.html").write_text(page, encoding="utf-8")


def build(folder):
    """Write each notebook's deck and that of its 50 minutes, and the list of them, to `folder`."""
    write_assets(folder / "assets")
    for path in NOTEBOOKS:
        write_deck(path, folder)
        write_deck(path, folder, 50)
    write_index(folder)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", help="how their names start: 04; all for none")
    parser.add_argument("--minutes", type=int, choices=teaching.LENGTHS, help="by this plan")
    options = parser.parse_args(arguments)
    folder = BUILD / "site" / "slides"
    if not options.notebooks and not options.minutes:
        build(folder)
        return print((folder / "index.html").relative_to(ROOT))
    try:
        paths = choose(options.notebooks)
    except NotebookError as error:
        sys.exit(f"failed: {error}")
    write_assets(folder / "assets")
    for path in paths:
        print(write_deck(path, folder, options.minutes).relative_to(ROOT))


if __name__ == "__main__":
    main()
