// Summaries of search results need requests that a page from file:// may not make.
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;

// Python in a page needs a server; a page from file:// has none.
if (location.protocol === "file:") {
  addEventListener("DOMContentLoaded", () => {
    for (const link of document.querySelectorAll(".browser")) (link.closest("li") ?? link).remove();
  });
}

// Nobody can open on paper what is folded.
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
});
