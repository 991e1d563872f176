// Sphinx finds an index entry only where its letters hold those of the query, in the same order.
// Here words count: "why is my loss nan in pytorch" holds both words of "loss nan".
(() => {
  const FILLERS = new Set(("a an the is are be my our i we it its of in on at to for from with and or why how what "
    + "when where does do did not get gets got give gives return returns after still always after only help using use "
    + "problem python numpy error").split(" "));
  const SAME = {
    infinity: "inf", infinite: "inf", "-infinity": "-inf", nans: "nan", "not-a-number": "nan", losses: "loss",
    logits: "logit", gradients: "gradient", grad: "gradient", grads: "gradient", zeros: "zero", zeroes: "zero",
    "1e-07": "1e-7", fp16: "float16", half: "float16", fp32: "float32", fp64: "float64", probability: "probabilities",
    masks: "mask", masking: "mask", weights: "weight", crossentropy: "cross-entropy", minus: "negative",
  };
  const words = text => [...new Set(text.toLowerCase().replaceAll("cross entropy", "cross-entropy")
    .split(/[\s:;,!?"'`()[\]=]+/).map(word => word.replace(/\.+$/, ""))
    .map(word => SAME[word] ?? word).filter(word => word))];
  const plain = text => {
    const all = words(text), kept = all.filter(word => !FILLERS.has(word));
    return kept.length ? kept : all;
  };

  // How well an entry fits, from 0 to 1: the share of words that both have.
  const fit = (entry, query) => {
    const both = entry.filter(word => query.includes(word)).length;
    const whole = both === entry.length || both === query.length;
    const share = 2 * both / (entry.length + query.length);
    return whole && both === entry.length ? 0.5 + share / 2 : share >= (whole ? 0.5 : 0.7) ? share / 2 : 0;
  };

  const search = Search._performSearch;
  Search._performSearch = (query, ...terms) => {
    const {indexentries, docnames, filenames, titles} = Search._index, asked = plain(query), best = new Map();
    for (const [entry, places] of Object.entries(indexentries)) {
      const score = entry === query.toLowerCase().trim() ? 2 : fit(plain(entry), asked);
      for (const [file, id, main] of places) {
        const place = `${docnames[file]}#${id}`;
        if (main && score > (best.get(place)?.[4] ?? 0))
          best.set(place, [docnames[file], `${titles[file]}: ${entry}`, `#${id}`, null, score, filenames[file], "index"]);
      }
    }
    const hits = [...best.values()].sort((a, b) => a[4] - b[4]);
    const others = search(query, ...terms).filter(result => result[6] !== "index");
    // The lecturer's pages repeat the notebooks', and stand behind them: the last is shown first.
    const [behind, before] = [true, false].map(
      teaching => others.filter(result => result[0].startsWith("teaching/") === teaching));
    return [...behind, ...before, ...hits];
  };

  // Sphinx drops terms of digits only; the index has those of three and more.
  const parse = Search._parseQuery;
  Search._parseQuery = query => {
    const [whole, wanted, unwanted, marked, names] = parse(query);
    for (const number of splitQuery(query).filter(term => /^\d{3,}$/.test(term))) {
      wanted.add(number);
      marked.add(number);
    }
    localStorage.setItem("sphinx_highlight_terms", [...marked].join(" "));
    return [whole, wanted, unwanted, marked, names];
  };
})();
