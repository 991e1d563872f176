// What tests do and see in JupyterLab's page; `window.panel` is the notebook that is open.

async function open(path) {
    const app = window.jupyterapp;
    await app.restored;
    const panel = await app.commands.execute('docmanager:open', {path, factory: 'Notebook'});
    await panel.context.ready;
    await panel.context.sessionContext.ready;
    app.shell.collapseLeft();
    window.panel = panel;
}

function idle() {
    return window.panel.context.sessionContext.session?.kernel?.status === 'idle';
}

// After an announced error JupyterLab calls the run done, and empties the prompts, while the kernel
// works on: the kernel answers in order, so an empty request is answered when all cells are.
async function run() {
    await window.jupyterapp.commands.execute('notebook:run-all-cells');
    const kernel = window.panel.context.sessionContext.session.kernel;
    await kernel.requestExecute({code: '', silent: true, stop_on_error: false}).done;
}

// The first cell of code, which is collapsed.
async function runImports() {
    const content = window.panel.content;
    content.activeCellIndex = content.widgets.findIndex(cell => cell.inputHidden);
    await window.jupyterapp.commands.execute('notebook:run-cell');
}

// What the kernel prints when it runs `code`.
async function ask(code) {
    const kernel = window.panel.context.sessionContext.session.kernel;
    const future = kernel.requestExecute({code});
    let text = '';
    future.onIOPub = message => { text += message.content.text ?? ''; };
    await future.done;
    return text;
}

async function theme(name) {
    const change = () => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name});
    // A busy server has once answered 404 when JupyterLab stored the choice.
    await change().catch(change);
}

// How many outputs hold something: JupyterLite adds an empty one to a figure.
function shown(outputs) {
    const all = Array.from({length: outputs.length}, (_, i) => outputs.get(i));
    return all.filter(output => Object.keys(output.data).length).length;
}

// Every output has its place in the page, every formula is set, every image is loaded or broken.
function drawn() {
    return window.panel.content.widgets.every(cell => {
        const texts = [...cell.node.querySelectorAll('.jp-RenderedMarkdown')].map(text => {
            const rest = text.cloneNode(true);
            rest.querySelectorAll('code, mjx-container').forEach(part => part.remove());
            return rest.textContent;
        });
        const outputs = cell.node.querySelectorAll('.jp-OutputArea-child').length;
        return (cell.model.type === 'code' ? outputs === shown(cell.model.outputs) : texts.length)
            && !texts.some(text => /\$[^$]+\$/.test(text))
            && [...cell.node.querySelectorAll('img')].every(image => image.complete);
    });
}

async function save() {
    await window.panel.context.save();
}

async function end() {
    await window.panel.context.sessionContext.shutdown();
}

// Scroll to the top, and say how high all of the notebook is.
function height() {
    const outer = document.querySelector('.jp-NotebookPanel-notebook .jp-WindowedPanel-outer');
    outer.scrollTop = 0;
    return outer.scrollHeight;
}

function images() {
    return Object.fromEntries(window.panel.content.widgets.map(cell => [cell.model.id,
        [...cell.node.querySelectorAll('.jp-OutputArea-output img')].map(image => {
            const area = image.closest('.jp-OutputArea-output'), style = getComputedStyle(area);
            const space = area.clientWidth - parseFloat(style.paddingLeft)
                - parseFloat(style.paddingRight);
            const box = image.getBoundingClientRect();
            return {natural: image.naturalWidth, width: box.width, height: box.height, space};
        })]));
}

// MathJax shows what it cannot set as an error, and an unknown command in red.
function formulas() {
    return window.panel.content.widgets.flatMap(cell =>
        [...cell.node.querySelectorAll('math merror, math mtext[mathcolor="red"]')].map(formula =>
            `${cell.model.id}: ${formula.textContent}: ${formula.dataset.mjxError ?? 'unknown'}`));
}

function collapsed() {
    return window.panel.content.widgets.filter(cell => cell.inputHidden).map(cell => cell.model.id);
}

// The cell of an element, and which of JupyterLab's renderers has drawn it.
function place(selector) {
    const element = document.querySelector(selector);
    const cell = window.panel.content.widgets.find(cell => cell.node.contains(element));
    const drawn = element.closest('[class*="jp-Rendered"]')?.className ?? '';
    return [cell?.model.id, /jp-Rendered(?!HTMLCommon)\w+/.exec(drawn)?.[0]];
}

// Note when the first output is there, in seconds since the page was asked for.
function watch() {
    const timer = setInterval(() => {
        if (window.panel.content.widgets.some(cell => cell.model.outputs?.length)) {
            window.first = performance.now() / 1000;
            clearInterval(timer);
        }
    }, 50);
}

// In JupyterLite, a page holds one notebook.
async function attach() {
    const app = window.jupyterapp;
    await app.restored;
    for (;;) {
        const panel = app.shell.currentWidget;
        if (panel?.context?.sessionContext) {
            await panel.context.ready;
            await panel.context.sessionContext.ready;
            window.panel = panel;
            return;
        }
        await new Promise(resolve => setTimeout(resolve, 50));
    }
}
