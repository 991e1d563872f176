// Lay the slides out, before reveal.js counts them: code and figures become as large as their
// lines and the slide allow, and what is too much for a slide goes on to another one.
const CODE = {least: 19, most: 24}, FIGURE = 600, WORDS = 170;
// How many pixels an inch of a figure needs, so that its numbers can be read.
const INCH = {pixels: 200, least: 54};
const BLOCK = "h1, h2, h3, p, ul, ol, table, .input, .output_subarea, .plotnet-slider";

// What is seen of a slide, from top to bottom.
function blocksOf(element) {
    return [...element.children].flatMap(child => child.matches(".notes, .imprint, script, style") ? []
        : child.matches(BLOCK) && !child.querySelector("table") || child.matches("table, .plotnet-slider") ? [child]
        : blocksOf(child));
}

const bottomOf = (slide, e) => e.getBoundingClientRect().bottom - slide.getBoundingClientRect().top;
const roomOf = slide => slide.querySelector(".imprint") ? 670 : 704;
const wordsOf = elements => elements.flatMap(e => e.textContent.match(/\S*[a-z]{2}\S*/gi) ?? []).length;
const leads = e => /next cell|:$/.test(e.textContent.trim());

function fits(slide, blocks) {
    return !blocks.length
        || bottomOf(slide, blocks.at(-1)) <= roomOf(slide) && wordsOf(blocks) <= WORDS;
}

// The largest size in which no line is wrapped; a long piece of code is smaller, to stay whole.
function sizeCode(slide, most = CODE.most) {
    for (const kind of [".input pre", ".output pre"]) {
        const all = [...slide.querySelectorAll(kind)];
        for (let size = most; size >= CODE.least; size--) {
            all.forEach(pre => { pre.style.fontSize = `${size}px`; });
            if (all.every(pre => pre.scrollWidth <= pre.clientWidth && pre.offsetHeight < 600)) break;
        }
    }
}

// A figure, or a slider, is as large as what is beside it allows.
function sizeFigures(slide, blocks) {
    const images = [...slide.querySelectorAll("img")];
    for (let share = 1; share >= 0; share -= 0.05) {
        for (const image of images) {
            const least = Math.min(FIGURE, image.naturalHeight * INCH.least / INCH.pixels);
            image.style.maxHeight = `${least + share * (FIGURE - least)}px`;
        }
        slide.style.setProperty("--zoom", 0.9 + 0.2 * share);
        if (fits(slide, blocks)) break;
    }
}

const isTitle = e => e.matches("h1, h2, h3, .running")
    || e.firstChild?.localName === "strong" && e.firstChild.textContent === e.textContent.trim();
const isShown = e => e.matches(".output_subarea, table, .plotnet-slider");
const isQuestion = e => e.matches(".vote") || /^Predict\./.test(e.textContent.trim());

// How bad it is to turn the page before the block at `i`.
function cost(blocks, i) {
    const [before, after] = [blocks[i - 1], blocks[i]], isText = before.matches("p, ul, ol");
    if (isTitle(before) || after.matches(".vote")) return 9;
    if (leads(before)) return 6;
    // A question stays with what it asks about, and is repeated above its answer.
    if (isQuestion(after)) return isText && blocks.slice(0, i).some(isShown) ? 0 : 3;
    if (isQuestion(before)) return 2;
    if (after.matches(".input")) return isText || before.matches(".input") ? 2 : 0;
    const isPicture = e => e.matches(":has(img), .plotnet-slider");
    if (isShown(after)) return isText || isPicture(after) ? 3 : 4;
    if (leads(after)) return 0;
    return isText ? 2 : isPicture(before) ? 6 : 3;
}

// The block that begins the next slide: as late as possible, at the least harm.
function nextPage(slide, blocks) {
    let best = null, least = Infinity;
    for (let i = 1; i < blocks.length && fits(slide, blocks.slice(0, i)); i++) {
        const filled = bottomOf(slide, blocks[i - 1]) / roomOf(slide);
        // A line or two alone are no slide.
        const rest = bottomOf(slide, blocks.at(-1)) - bottomOf(slide, blocks[i - 1]);
        const harm = cost(blocks, i) + 3 * (1 - filled) + 2 * (rest < 150);
        if (harm <= least) [best, least] = [blocks[i], harm];
    }
    return best && least < 9 ? best : nextRow(slide, blocks);
}

// Of a table that is too much for a slide, the row that begins the next one.
function nextRow(slide, blocks) {
    const table = blocks.find(block => block.matches("table")), rows = [...table?.tBodies[0].rows ?? []];
    const shown = blocks.slice(0, blocks.indexOf(table));
    const inside = rows.filter((row, i) => bottomOf(slide, row) <= roomOf(slide)
        && wordsOf([...shown, ...rows.slice(0, i + 1)]) <= WORDS).length;
    return inside && rows[Math.min(inside, Math.ceil(rows.length / 2))];
}

// Move all from `start` on to a slide of its own, which it begins.
function turn(slide, start) {
    const head = start.closest("table") !== start && start.closest("table")?.tHead.cloneNode(true);
    while (start.parentElement !== slide && !start.previousElementSibling) start = start.parentElement;
    const range = document.createRange(), rest = slide.cloneNode();
    range.setStartBefore(start);
    range.setEndAfter(slide.lastChild);
    rest.append(range.extractContents());
    slide.after(rest);
    for (const e of rest.querySelectorAll("[id]")) if (slide.querySelector(`[id="${e.id}"]`)) e.id += "-on";
    if (head) rest.querySelector("table").prepend(head);
    blocksOf(rest)[0].closest(".fragment")?.classList.remove("fragment");
    return rest;
}

// The long name of an error may be broken before "Error".
function breakNames(cell) {
    cell.innerHTML = cell.innerHTML.replace(/(?=Error\b)/g, "<wbr>");
}

// A slide without a heading says what it continues: the question that it answers, or the section,
// but not above a question, which that could answer.
function entitle(slide, column, name) {
    const first = blocksOf(slide)[0], last = slide.previousElementSibling && blocksOf(slide.previousElementSibling).at(-1);
    if (!first || first.matches("h1, h2, h3")) return;
    const titles = [...column.querySelectorAll("h2, h3:not(.folded)")].filter(e =>
        !e.closest(".notes") && e.compareDocumentPosition(slide) & Node.DOCUMENT_POSITION_FOLLOWING);
    const running = document.createElement("p");
    running.className = "running";
    if (last && isQuestion(last)) {
        const question = last.matches(".vote") ? last.previousElementSibling : last;
        running.append(...question.cloneNode(true).childNodes);
    } else {
        running.textContent = titles.length && !isQuestion(first) ? titles.at(-1).firstChild.textContent : name;
    }
    slide.prepend(running);
}

// A slide without notes shows when its section ends.
function repeatClock(column) {
    const clocks = [...column.querySelectorAll(".notes p")].filter(p => /^\d+ minutes, \d+ to/.test(p.textContent));
    for (const slide of clocks.length ? column.children : []) {
        if (slide.querySelector(".notes")) continue;
        const earlier = clocks.filter(p => p.compareDocumentPosition(slide) & Node.DOCUMENT_POSITION_FOLLOWING);
        const nearest = (earlier.at(-1) ?? clocks[0]).closest(".notes"), note = document.createElement("aside");
        note.className = "notes";
        note.append(...clocks.filter(p => nearest.contains(p)).map(p => p.cloneNode(true)));
        slide.append(note);
    }
}

function layOut() {
    document.body.classList.add("laying-out");
    const name = document.querySelector("h1").firstChild.textContent;
    for (const column of document.querySelectorAll(".slides > section")) {
        for (let slide = column.firstElementChild; slide; slide = slide.nextElementSibling) {
            entitle(slide, column, name);
            slide.querySelectorAll(".rendered_html > table td:not(:has(*))").forEach(breakNames);
            sizeCode(slide);
            sizeFigures(slide, blocksOf(slide));
            const blocks = blocksOf(slide), start = !fits(slide, blocks) && nextPage(slide, blocks);
            if (start) {
                turn(slide, start);
                const left = blocksOf(slide);
                for (let most = CODE.most; sizeCode(slide, most), !fits(slide, left) && most > CODE.least;) most--;
                sizeFigures(slide, left);
            }
            // The speaker's window shows the notes of a fragment instead of those of the slide.
            slide.append(...slide.querySelectorAll("aside.notes"));
        }
        repeatClock(column);
    }
    document.body.classList.remove("laying-out");
}
