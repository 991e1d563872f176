// Names for what a screen reader meets, tables for narrow windows, contents that close, hits in sight.

const PHONE = matchMedia("(max-width: 30rem)");
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const scrolls = element => element.scrollWidth > element.clientWidth + 1;

function group(element, name) {
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", name);
}

// Code 7, Output 7, Warning 7, Error 7: one number for all parts of a cell.
function nameCells() {
  for (const [i, cell] of all(".cell").entries()) {
    const seen = {};
    for (const code of all(".cell_input pre", cell)) group(code, `Code ${i + 1}`);
    for (let part of all(".cell_output > *", cell)) {
      const kind = part.matches(".stderr") ? "Warning" : part.matches(".traceback") ? "Error" : "Output";
      seen[kind] = (seen[kind] ?? 0) + 1;
      if (part.matches("a")) {
        // A link stays a link.
        const figure = document.createElement("div");
        part.replaceWith(figure);
        figure.append(part);
        part = figure;
      }
      const text = part.matches(".text_html") ? null : part.querySelector("pre");
      group(text ?? part, `${kind} ${i + 1}${seen[kind] > 1 ? `, part ${seen[kind]}` : ""}`);
    }
  }
}

// What scrolls is reached by keyboard, and has a name of its own.
function markScrollers() {
  for (const [selector, name] of [[".table-wrapper", "Table"], ["pre", "Text"], [".math", "Formula"]]) {
    for (const [i, element] of all(selector).entries()) {
      // A part of a cell has its name, and what scrolls in it must not share it.
      const place = element.matches(".cell_output > .table-wrapper") ? null : `${name} ${i + 1}`;
      if (!scrolls(element)) {
        if (element.dataset.scrolls) element.removeAttribute("tabindex");
        continue;
      }
      element.tabIndex = 0;
      element.dataset.scrolls = true;
      if (place && !element.hasAttribute("role")) group(element, place);
    }
  }
}

// On a phone a table of sentences is a list of cards, one for each row; display takes its roles away.
const ROLES = {table: "table", thead: "rowgroup", tbody: "rowgroup", tr: "row", th: "columnheader", td: "cell"};
function fitTables() {
  for (const table of all("article table")) {
    const wrapper = table.closest(".table-wrapper") ?? table.parentElement;
    table.classList.remove("cards");
    if (!PHONE.matches || !scrolls(wrapper)) continue;
    const heads = all("thead th", table).map(head => head.textContent.trim());
    const longest = Math.max(...all("td", table).map(cell => cell.textContent.trim().length));
    if (!heads.length || longest < 25) continue;
    for (const [name, role] of Object.entries(ROLES)) {
      for (const part of all(name, table)) part.setAttribute("role", role);
    }
    table.setAttribute("role", "table");
    for (const row of all("tbody tr", table)) {
      for (const [i, cell] of [...row.cells].entries()) {
        cell.dataset.head = heads[i] ?? "";
        cell.classList.toggle("blank", !cell.textContent.trim());
      }
    }
    table.classList.add("cards");
  }
}

// A tap on the contents leads to the place, and uncovers it.
function closeContents() {
  document.querySelector(".toc-drawer")?.addEventListener("click", event => {
    const link = event.target.closest("a");
    if (!link) return;
    document.getElementById("__toc").checked = false;
    link.blur();
  });
}

// Show the place where most of the words searched for stand together; a link to a heading stays there.
function showHit() {
  if (location.hash) return;
  const words = new Map();
  for (const hit of all("article .highlighted")) {
    const block = hit.closest("p, li, tr, pre, h1, h2, h3, h4, summary") ?? hit;
    words.set(block, (words.get(block) ?? new Set()).add(hit.textContent.toLowerCase()));
  }
  const most = Math.max(...[...words.values()].map(found => found.size));
  const [best] = [...words].find(([, found]) => found.size === most) ?? [];
  if (!best) return;
  for (let folded = best.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
  best.querySelector(".highlighted").scrollIntoView({block: "center", behavior: "instant"});
}

function fit() {
  fitTables();
  markScrollers();
}
addEventListener("load", () => {
  nameCells();
  closeContents();
  fit();
  // Sphinx marks the words a moment after the page is there.
  setTimeout(showHit, 100);
  window.MathJax?.startup?.promise?.then(fit);
});
addEventListener("resize", fit);
document.addEventListener("toggle", fit, true);
