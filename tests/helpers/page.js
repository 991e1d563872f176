// What tests see in the pages of the site, the slides and the sliders.

// Dollars outside code that MathJax has left, and what it could not read.
function rawMath() {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const left = [...document.querySelectorAll('mjx-merror')].map(e => e.textContent);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        if (text.parentElement.closest('pre, code, script, style, mjx-container, .notes')) continue;
        if (/\$[^$]+\$|\\[([]/.test(text.data)) left.push(text.data.trim());
    }
    return left;
}

function width() {
    return document.documentElement.scrollWidth;
}

// Whether each figure is loaded, and the colour of its paper.
function papers() {
    return [...document.querySelectorAll('.cell_output img, img.story')].map(image =>
        [image.complete && image.naturalWidth > 0, getComputedStyle(image).backgroundColor]);
}

function unfold() {
    document.querySelectorAll('details').forEach(details => { details.open = true; });
}

// The sections of a very long page are alike: ten stand for all, or axe-core takes minutes.
function shorten() {
    if (document.querySelectorAll('*').length < 10000) return;
    const sections = [...document.querySelectorAll('article section section')];
    sections.slice(10).forEach(section => section.remove());
}

// --- slides ---

// Each state of each slide, from the first to the last fragment: what lies outside the slide, what
// would have to scroll, which text is too small to be read from the last row, which click shows
// nothing, and what is too much for a slide.
function states() {
    document.querySelectorAll('mjx-assistive-mml').forEach(e => e.remove());
    const problems = [], seen = e => {
        const box = e.getBoundingClientRect(), style = getComputedStyle(e);
        const shown = style.visibility !== 'hidden' && style.opacity > 0;
        return box.width && box.height && shown ? box : null;
    };
    let states = 0;
    for (const [i, slide] of Reveal.getSlides().entries()) {
        const {h, v} = Reveal.getIndices(slide);
        const say = text => problems.push(`slide ${i + 1}: ${text}`);
        const fragments = slide.querySelectorAll('.fragment').length;
        const imprint = slide.querySelector('.imprint');
        let before = -1;
        for (let f = -1; f < fragments; f++) {
            Reveal.slide(h, v, f);
            states++;
            const now = [...slide.querySelectorAll(':not(.notes, .notes *)')].filter(seen).length;
            if (now <= before + 1) say(`click ${f + 1} shows nothing`);
            before = now;
            for (const e of slide.querySelectorAll('*:not(.notes):not(.notes *)')) {
                if (e.closest('mjx-assistive-mml')) continue;
                const box = seen(e), what = `${e.localName} "${e.textContent.slice(0, 40)}"`;
                if (!box) continue;
                if (box.bottom > 720 || box.right > 1280 || box.top < 0 || box.left < 0)
                    say(`${what} lies outside: right ${box.right}, bottom ${box.bottom}`);
                if (imprint && !imprint.contains(e) && !e.contains(imprint)
                    && box.bottom > imprint.getBoundingClientRect().top) say(`${what} is over the imprint`);
                if (e.matches('pre, table, p, section') && e.scrollWidth > e.clientWidth + 1)
                    say(`${what} is cut off`);
            }
        }
        const code = [...slide.querySelectorAll('.input pre')], lines = code.flatMap(pre => pre.textContent.split('\n'));
        const size = Math.min(...code.map(pre => parseFloat(getComputedStyle(pre).fontSize)));
        if (size < 22 && lines.every(line => line.length < 80)) say(`code could be larger than ${size} px`);
        const words = [...slide.querySelectorAll('p, li, td, th, h1, h2, h3')].filter(e => seen(e))
            .flatMap(e => e.textContent.match(/\S*[a-z]{2}\S*/gi) ?? []);
        if (words.length > 170) say(`${words.length} words`);
        const texts = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            const e = texts.currentNode.parentElement, text = texts.currentNode.data.trim();
            if (!text || e.closest('.notes, mjx-container, .plotnet-slider')) continue;
            const size = parseFloat(getComputedStyle(e).fontSize);
            const least = e.closest('pre') ? 19 : e.closest('code') ? 17 : 20;
            if (size < least) say(`"${text}" has ${size} px`);
        }
    }
    return [states, problems];
}

// Where the cells of a deck stand.
function places() {
    return Object.fromEntries([...document.querySelectorAll('.cell')].map(cell => [
        cell.id.replace('cell-id=', ''),
        cell.closest('.notes') ? 'notes' : cell.closest('section') ? 'slide' : 'nowhere']));
}

// Which of the cells that answer a prediction are seen no later than the question, or their code.
function spoiled(asked) {
    const step = e => e.closest('.fragment') ?? e.closest('section');
    return asked.filter(id => {
        const cells = [...document.querySelectorAll(`[id="cell-id=${id}"], [id^="cell-id=${id}-"]`)];
        const outputs = cells.flatMap(cell => [...cell.querySelectorAll('.output')]);
        const questions = [...document.querySelectorAll('.slides p:not(.running)')].filter(p =>
            !p.closest('.notes') && p.textContent.includes('Predict.')
            && p.compareDocumentPosition(cells[0]) & Node.DOCUMENT_POSITION_FOLLOWING);
        const earlier = [questions.at(-1), ...cells.flatMap(cell => [...cell.querySelectorAll('.input')])];
        return !outputs.length || outputs.some(output => earlier.some(e => step(output) === step(e)
            || !(e.compareDocumentPosition(output) & Node.DOCUMENT_POSITION_FOLLOWING)));
    });
}

// What the speaker's window would not show, or not as a formula: it shows the notes of a slide, and
// instead of them the first one of a fragment.
function notes() {
    const all = [...document.querySelectorAll('aside.notes')];
    const wrong = all.filter(note => note.closest('.fragment') || note.querySelector('mjx-container, merror'));
    const prose = note => {
        const copy = note.cloneNode(true);
        copy.querySelectorAll('code, pre, annotation').forEach(code => code.remove());
        return copy.textContent;
    };
    const raw = all.filter(note => /[$\\]/.test(prose(note)));
    return all.length ? [...wrong, ...raw].map(note => note.textContent) : ['no notes'];
}

// Go to the slide of an element, with all of its fragments.
function goTo(element) {
    const {h, v} = Reveal.getIndices(element.closest('section'));
    Reveal.slide(h, v, 99);
}

function here() {
    return JSON.stringify(Reveal.getIndices());
}

// --- sliders ---

// Each cell of a slider's table: its text, how long its bar is, and how it is marked.
function table(slider) {
    return [...slider.querySelectorAll('tr')].map(row => [...row.cells].map(cell => {
        const bar = cell.querySelector('.plotnet-bar');
        const number = cell.querySelector('.plotnet-number') ?? cell;
        return {text: number.textContent.replaceAll('−', '-'),
            share: bar && parseFloat(bar.style.width),
            right: bar?.classList.contains('plotnet-right'),
            pattern: Boolean(cell.querySelector('.plotnet-lost'))};
    }));
}

function colour(slider, name) {
    return getComputedStyle(slider).getPropertyValue(name).trim();
}
