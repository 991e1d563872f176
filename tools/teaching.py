"""Read the lecturer's pages of teaching/: plans, votes, what to run, what to say, wrong answers.

The speaker notes and the short decks are made from them (`tools.web.slides`).
"""

import html
import re
from collections import defaultdict

from tools.notebook import ROOT, NotebookError, code_cells, headings, sections, whole_text

TEACHING = ROOT / "teaching"
CODE = re.compile(r"`([^`]+)`")
ITALIC = re.compile(r"(?<![*\w])\*([^*\n]+)\*(?![*\w])")
LENGTHS = (50, 90)  # minutes of the two plans


def page_of(path):
    """Return the lecturer's page of the notebook at `path`."""
    return TEACHING / f"{path.stem}.md"


def part(page, name):
    """Return the text under the heading `name`; raise a NotebookError without it."""
    text = page.read_text(encoding="utf-8")
    found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if not found:
        raise NotebookError(f"{page.name} has no part ## {name}")
    return found[1]


def table(text):
    """Return the rows of the table in `text`, as lists of cells, without its head."""
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows[1:]]


def numbers(text):
    return [int(number) for number in re.findall(r"\d+", text)]


def plan(page, minutes):
    return part(page, f"Plan for {minutes} minutes")


def counted(text):
    """Return {kind: numbers} of what a plan counts: {"vote": [2, 3], "exercise": [4]}."""
    found = {item.split()[0]: numbers(item) for item in text.split(", ") if " " in item}
    return defaultdict(list, found)


def in_plan(path, minutes):
    """Return {kind: numbers} of all that a plan counts: its votes, exercises, questions asked."""
    found = defaultdict(list)
    for _, _, listed, _ in table(plan(page_of(path), minutes)):
        for kind, which in counted(listed).items():
            found[kind] += which
    return found


def prediction(notebook, quoted):
    """Return the position of the cell whose prediction contains `quoted`.

    Raises
    ------
    NotebookError
        If no prediction contains it, or several do.
    """
    found = [
        i
        for i, cell in enumerate(notebook.cells)
        if quoted in re.sub(r"\s+", " ", cell.source.partition("**Predict.**")[2])
    ]
    if len(found) != 1:
        raise NotebookError(
            f"{quoted}: the vote must quote one **Predict.** word for word; found in {len(found)}"
        )
    return found[0]


def shown(cell):
    """Return all text that a cell has stored, on one line."""
    texts = []
    for output in cell.outputs:
        data = output.get("data", {})
        texts += [output.get("text", ""), output.get("evalue", "")]
        texts += [data.get(kind, "") for kind in ("text/plain", "text/markdown")]
    return "\n".join(texts)


def quoted_cell(notebook, run, shows):
    """Return the code cell that holds `run`, and has stored all that `shows` quotes.

    Raises
    ------
    NotebookError
        If there is none.
    """
    source, quoted = CODE.fullmatch(run)[1], CODE.findall(shows)
    for cell in code_cells(notebook):
        if source in cell.source and all(value in shown(cell) for value in quoted):
            return cell
    raise NotebookError(f"no cell holds {source} and shows {shows}")


def planned(path, notebook, minutes):
    """Return the ids of the cells that the plan of so many minutes goes through.

    These are the first cell, the sections that the plan names, and the exercises that it counts.
    """
    listed = in_plan(path, minutes)
    done = listed["exercise"] + listed["begun"]
    names = {headings(notebook.cells[0].source)[0]}
    for _, where, *_ in table(plan(page_of(path), minutes)):
        names |= set(ITALIC.findall(where))
    return {
        cell.id
        for heading, cell in sections(notebook)
        if heading in names
        or ((match := re.match(r"Exercise (\d):", heading)) and int(match[1]) in done)
    }


# --- what stands in the speaker notes, and on the slides ---


def sentence(text):
    return text if text.endswith(("?", "!", ".", '"')) else f"{text}."


def clock(page, minutes):
    """Yield (first section, other sections, note) for each row of a plan; "" for the opening."""
    now = 0
    for taken, where, _, happens in table(plan(page, minutes)):
        first, *others = ITALIC.findall(where) or [""]
        if where == "Free":
            yield "", [], f"**{minutes} minutes:** {taken} are free: {sentence(happens)}"
            continue
        end = now + int(taken)
        along = f" (With {', '.join(f'*{name}*' for name in others)}.)" if others else ""
        yield first, others, f"**{minutes} minutes, {now} to {end}:** {sentence(happens)}{along}"
        now = end


def section_notes(page, notebook, lengths):
    """Yield (cell, note): the minutes of each section and what happens, in these plans."""
    starts = {}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            starts |= {name: cell for name in headings(cell.source) if name not in starts}
    for minutes in lengths:
        taken = set()
        for first, others, note in clock(page, minutes):
            for name in filter(None, (first, *others)):
                if name not in starts:
                    raise NotebookError(f"{page.name}: the notebook has no section {name}")
            yield starts[first] if first else notebook.cells[0], note
            for name in others:
                yield starts[name], f"**{minutes} minutes:** with *{first}*."
            taken |= {first, *others}
        for name, cell in starts.items():
            if f"## {name}" in cell.source.splitlines() and name not in taken:
                yield cell, f"**{minutes} minutes:** not in the plan."


def votes(page, notebook):
    """Yield (cell, number, options, wrong) of each vote; the right one of the options is bold."""
    for number, quoted, *options, wrong in table(part(page, "Votes")):
        yield notebook.cells[prediction(notebook, quoted)], number, options, wrong


def vote_note(number, options, wrong):
    listed = [f"- {letter}: {text}" for letter, text in zip("ABCD", options, strict=True)]
    return "\n".join(
        [f"**Vote {number}**", "", *listed, "", f"Who votes so thinks: {sentence(wrong)}"]
    )


def ballot(options):
    """Return the options of a vote as a paragraph of HTML that does not say which is right.

    On the page, the right one is bold, and its numbers are code: here nothing is.
    """
    plain = [re.sub(r"^\*\*|\*\*$|`", "", text) for text in options]
    spans = (
        f"<span><b>{letter}</b> {html.escape(text, quote=False)}</span>"
        for letter, text in zip("ABCD", plain, strict=True)
    )
    return f'<p class="vote">{" ".join(spans)}</p>'


def in_class(path):
    """Return {(minutes, number): "in class" or "begun in class"} of the exercises in a plan."""
    says = {"exercise": "in class", "begun": "begun in class"}
    return {
        (minutes, number): says[kind]
        for minutes in LENGTHS
        for kind in says
        for number in in_plan(path, minutes)[kind]
    }


def exercise_list(path, notebook, lengths):
    """Return a table of the exercises, and when each is done in plans of these minutes."""
    done = in_class(path)
    titles = re.findall(r"^### Exercise (\d): (.+)$", whole_text(notebook), re.MULTILINE)
    rows = [
        ["Exercise", *(f"{minutes} minutes" for minutes in lengths)],
        ["---"] * (1 + len(lengths)),
    ]
    for number, title in titles:
        when = [done.get((minutes, int(number)), "homework") for minutes in lengths]
        rows.append([f"{number}. {title}", *when])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def exercise_notes(path, notebook, lengths):
    """Yield (cell, note): when an exercise is done, and the wrong answers to expect."""
    done = in_class(path)
    rows = table(part(page_of(path), "Wrong answers to expect"))
    for i, cell in enumerate(code_cells(notebook, "exercise"), start=1):
        when = [f"{minutes} minutes: {done.get((minutes, i), 'homework')}" for minutes in lengths]
        answers = [
            f"- {says} {sentence(reveals)}" for number, says, reveals in rows if number == str(i)
        ]
        yield cell, "\n".join([f"**Exercise {i}.** {'; '.join(when)}.", "", *answers])


def left_out(path, notebook, minutes):
    """Return the ids of the cells that a plan goes through without their vote, and its number."""
    chosen = planned(path, notebook, minutes) if minutes else []
    return {
        cell.id: number
        for cell, number, *_ in votes(page_of(path), notebook)
        if cell.id in chosen and int(number) not in in_plan(path, minutes)["vote"]
    }


def notes(path, notebook, minutes=None):
    """Return {id of a cell: [notes]}: all that the lecturer's page says of a cell, as Markdown.

    `minutes`: of this plan only.
    """
    page, found, lengths = page_of(path), {}, [minutes] if minutes else LENGTHS
    out = left_out(path, notebook, minutes)
    pairs = list(section_notes(page, notebook, lengths))
    pairs += [
        (cell, f"**No vote** in {minutes} minutes: ask, and go on." if cell.id in out else note)
        for cell, *rest in votes(page, notebook)
        for note in [vote_note(*rest)]
    ]
    for run, shows, say in table(part(page, "Project and run live")):
        pairs.append((quoted_cell(notebook, run, shows), f"**Say** ({run}): {sentence(say)}"))
    pairs += exercise_notes(path, notebook, lengths)
    for cell, note in pairs:
        found.setdefault(cell.id, []).append(note)
    return found


def ballots(path, notebook, minutes=None):
    """Return {id of a cell: options} for the predictions that are voted on, in this plan."""
    out = left_out(path, notebook, minutes)
    return {
        cell.id: ballot(options)
        for cell, _, options, _ in votes(page_of(path), notebook)
        if cell.id not in out
    }
