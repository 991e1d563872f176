// Summaries of search results need requests that a page from file:// may not make.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// Python in a page needs a server; a page from file:// has none.
if (location.protocol === "file:") {
  addEventListener("DOMContentLoaded", () => {
    for (const link of document.querySelectorAll(".browser")) link.remove();
  });
}

// What scrolls must be reachable by keyboard, and say what it is.
const SCROLLERS = [[".table-wrapper", "Table"], ["pre", "Code or output"], [".math", "Formula"]];
const markScrollers = () => {
  for (const [selector, label] of SCROLLERS) {
    for (const element of document.querySelectorAll(selector)) {
      const scrolls = element.scrollWidth > element.clientWidth;
      if (scrolls && !element.hasAttribute("tabindex")) {
        element.tabIndex = 0;
        element.setAttribute("role", "region");
        element.setAttribute("aria-label", label);
      }
    }
  }
};
addEventListener("load", () => {
  markScrollers();
  window.MathJax?.startup?.promise?.then(markScrollers);
});
addEventListener("resize", markScrollers);
document.addEventListener("toggle", markScrollers, true);

// Nobody can open on paper what is folded.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
