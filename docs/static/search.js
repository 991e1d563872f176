// Sphinx finds an index entry only where its letters hold those of the query, in the same order.
// Here words count: "why is my loss nan in pytorch" holds both words of "loss nan".
(() => {
  const FILLERS = new Set(("a an the is are be am my our i we it its me of in on at to for from with and or why how what "
    + "when where does do did not no get gets got give gives return returns after before still always after only just all "
    + "help using use need should can become becomes turn turns suddenly between difference vs problem bug fix fixed python "
    + "numpy runtimewarning encountered warning error exception trick keep keeps going neural").split(" "));
  const SAME = {
    infinity: "inf", infinite: "inf", "-infinity": "-inf", nans: "nan", "not-a-number": "nan", losses: "loss",
    grad: "gradient", zeroes: "zero", "1e-07": "1e-7", fp16: "float16", half: "float16", bf16: "bfloat16",
    fp32: "float32", fp64: "float64", probability: "probabilities", prob: "probabilities", probs: "probabilities",
    masking: "mask", crossentropy: "cross-entropy", crossentropyloss: "cross-entropy", celoss: "cross-entropy",
    minus: "negative", backward: "gradient", derivative: "gradient", jacobian: "gradient", clipping: "clip",
    updating: "update", updated: "update", changing: "change", explodes: "explode", exploding: "explode",
    diverges: "explode", decreasing: "decrease", learning: "learn", training: "train", big: "large", huge: "large",
    summing: "sum", "0": "zero", "0.0": "zero", clamp: "clip", clamped: "clip", clipped: "clip", dim: "axis",
    masked: "mask", backprop: "backpropagation", derivation: "gradient", network: "model", net: "model", "1e-08": "1e-8",
    dividing: "divide", division: "divide", epoch: "step", iteration: "step", batches: "batch",
    "log-softmax": "log_softmax", logsoftmax: "log_softmax", nllloss: "nll_loss", finfo: "least", distributed: "shard",
  };
  const LIBRARIES = /^(?:(?:torch|tf|np|jnp|jax|nn|f|keras|losses|numpy|scipy|special|functional|optax)\.)+(?=\w)/;
  const word = text => {
    const bare = text.replace(/\.+$/, "");
    const one = SAME[bare] ?? bare.replace(/([a-z]{2}[^siu])s$/, "$1");
    return SAME[one] ?? one;
  };
  const words = text => [...new Set(text.toLowerCase().replaceAll("−", "-").replace(/cross[ _]entropy/g, "cross-entropy")
    .replace(/log softmax/g, "log_softmax").split(/[\s:;,!?"'`()[\]=/]+/).map(word).filter(word => word))];
  const plain = text => {
    const all = words(text), kept = all.filter(word => !FILLERS.has(word));
    return kept.length ? kept : all;
  };

  // Of a number, a visitor types as many digits as there are to see: 16.12 and 709 are 16.118 and 709.78.
  const NUMBER = /^-?\d+\.\d+$|^-?\d{3,}$/;
  const rounds = (a, b) => Number(a).toFixed(b.split(".")[1]?.length ?? 0) === b;
  const same = (a, b) => a === b || NUMBER.test(a) && NUMBER.test(b) && a.length !== b.length && b.length > 2
    && (a.startsWith(b) || rounds(a, b) || rounds(b, a));

  // How well an entry fits, from 0 to 1: the share of words that both have. A word of many entries weighs little,
  // so that "softmax" alone does not answer every question about it.
  let known, counts;
  const STRANGE = 3;
  const weight = word => NUMBER.test(word) ? 2 * STRANGE : counts.has(word) ? Math.log(1 + 400 / counts.get(word)) : STRANGE;
  const total = list => list.reduce((sum, word) => sum + weight(word), 0);
  const fit = (entry, query) => {
    const both = entry.filter(word => query.some(other => same(word, other)));
    const share = 2 * total(both) / (total(entry) + total(query));
    return both.length === entry.length && both.length > 1 ? share + 0.05 : share;
  };
  const LEAST = 0.5, NEAR = 0.3;

  const search = Search._performSearch;
  Search._performSearch = (query, ...terms) => {
    const {indexentries, docnames, filenames, titles} = Search._index, best = new Map();
    if (!known) {
      known = Object.keys(indexentries).map(entry => [entry, plain(entry)]);
      counts = new Map();
      for (const word of known.flatMap(([, words]) => words)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    // A name of some library is asked for by its parts, where nothing is said of it as a whole.
    const named = query.toLowerCase().trim(), isKnown = name => words(name).every(each => counts.has(each));
    const asked = plain(named.replace(/[\w.]+/g, name => [name, name.replace(LIBRARIES, "")].find(isKnown)
      ?? name.replace(LIBRARIES, "").replaceAll("_", " ")));
    for (const [entry, words] of known) {
      const score = entry === named ? 2 : fit(words, asked);
      for (const [file, id, main] of indexentries[entry]) {
        const place = `${docnames[file]}#${id}`;
        // Where all else is equal, the field guide answers.
        const rank = score + (docnames[file] === "field_guide" ? 0.01 : 0);
        if (main && rank > (best.get(place)?.[4] ?? 0))
          best.set(place, [docnames[file], `${titles[file]}: ${entry}`, `#${id}`, null, rank, filenames[file], "index"]);
      }
    }
    const near = [...best.values()].sort((a, b) => a[4] - b[4]);
    const others = search(query, ...terms).filter(result => result[6] !== "index");
    // The lecturer's pages repeat the notebooks', and stand behind them: the last is shown first.
    const [behind, before] = [true, false].map(
      teaching => others.filter(result => result[0].startsWith("teaching/") === teaching));
    const hits = near.filter(hit => hit[4] >= LEAST);
    // A page that holds every word comes before an entry that holds some.
    const rest = hits.length ? [] : near.filter(hit => hit[4] >= NEAR).slice(-5);
    return [...rest, ...behind, ...before, ...hits];
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
