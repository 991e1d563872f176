// The sliders of the series. No imports: a notebook loads this file as a module through anywidget,
// a page without a kernel as a script (see static_script in __init__.py).

const DTYPES = ["float16", "float32", "float64"];
const EPSILON = 1e-7;
const MINUS = "−";
// How far the offset and the gap go: past both ends of exp in each type.
const REACH = { float16: 24, float32: 120, float64: 800 };
const STEP = { float16: 0.25, float32: 0.5, float64: 0.5 };

// --- Floating-point types -----------------------------------------------------------------------

const bits = new DataView(new ArrayBuffer(8));

// The gap between the numbers of a type at x, whose normal numbers begin at 2^least.
function spacing(x, digits, least) {
  bits.setFloat64(0, x);
  const exponent = ((bits.getUint16(0) >> 4) & 0x7ff) - 1023;
  return 2 ** (Math.max(exponent, least) + 1 - digits);
}

function roundTo(x, digits, least, largest) {
  if (x === 0 || !Number.isFinite(x)) return x;
  // Adding 1.5 · 2^52 units rounds a float64 to whole units, ties to even.
  const big = 1.5 * 2 ** 52 * spacing(x, digits, least);
  const rounded = x + big - big;
  if (Math.abs(rounded) > largest) return Math.sign(x) * Infinity;
  return rounded === 0 ? 0 * x : rounded;
}

// Binary digits, the first normal power of two, and the largest number.
const STORED = {
  float16: [11, -14, 65504],
  bfloat16: [8, -126, (2 - 2 ** -7) * 2 ** 127],
  float32: [24, -126, (2 - 2 ** -23) * 2 ** 127],
};
const FAR = 26;

const toFloat16 = (x) => roundTo(x, ...STORED.float16);
const toBfloat16 = (x) => roundTo(x, ...STORED.bfloat16);

const ROUND = {
  // NumPy computes float16 in float32 and rounds the result.
  float16: (x) => toFloat16(Math.fround(x)),
  float32: Math.fround,
  float64: (x) => x,
};

// The type in which the versions we keep compute.
const wide = (dtype) => (dtype === "float16" ? "float32" : dtype);

function add(values, dtype) {
  const round = ROUND[wide(dtype)];
  return ROUND[dtype](values.reduce((total, value) => round(total + value), 0));
}

function argmax(z) {
  const nan = z.findIndex(Number.isNaN);
  return nan >= 0 ? nan : z.indexOf(Math.max(...z));
}

// --- The functions of the notebooks, one row of logits at a time --------------------------------

function naiveSoftmax(logits, dtype = "float64") {
  const round = ROUND[dtype];
  const exp = logits.map((z) => round(Math.exp(round(z))));
  const sum = add(exp, dtype);
  return exp.map((value) => round(value / sum));
}

// The maximum's place, the gaps to it, their exponentials, and the sum without the winner's 1.
function shiftRow(logits, dtype) {
  const round = ROUND[wide(dtype)];
  const row = logits.map(ROUND[dtype]);
  const winner = argmax(row);
  const gaps = row.map((z) => round(z - row[winner]));
  const exp = gaps.map((gap) => round(Math.exp(gap)));
  const rest = add(
    exp.map((value, j) => (j === winner ? gaps[winner] : value)),
    wide(dtype),
  );
  return { winner, gaps, exp, rest };
}

function softmax(logits, dtype = "float64") {
  const round = ROUND[wide(dtype)];
  const { winner, exp, rest } = shiftRow(logits, dtype);
  const sum = round(1 + rest);
  return exp.map((value, j) => ROUND[dtype](round((j === winner ? 1 : value) / sum)));
}

function logSoftmax(logits, dtype = "float64") {
  const round = ROUND[wide(dtype)];
  const { gaps, rest } = shiftRow(logits, dtype);
  const logSum = round(Math.log1p(rest));
  return gaps.map((gap) => ROUND[dtype](round(gap - logSum)));
}

// −log(p + epsilon) and its derivative by the right class's logit, as the chain rule computes it.
function lossOfProbability(p, epsilon, dtype) {
  const round = ROUND[dtype];
  const padded = round(p + round(epsilon));
  return {
    loss: -round(Math.log(padded)),
    gradient: round(round(p - 1) * round(p / padded)),
  };
}

// −log of p, or of epsilon where p is smaller: there it has no slope.
function lossOfClipped(p, epsilon, dtype) {
  const round = ROUND[dtype];
  const least = round(epsilon);
  return { loss: -round(Math.log(Math.max(p, least))), gradient: p > least ? round(p - 1) : 0 };
}

// The five versions for the logits [0, gap], where the first class is the right one.
function losses(gap, dtype = "float64") {
  const logits = [0, gap];
  const p = softmax(logits, dtype)[0];
  const logP = logSoftmax(logits, dtype)[0];
  return {
    naive: lossOfProbability(naiveSoftmax(logits, dtype)[0], 0, dtype),
    shifted: lossOfProbability(p, 0, dtype),
    epsilon: lossOfProbability(p, EPSILON, dtype),
    clip: lossOfClipped(p, EPSILON, dtype),
    logsumexp: { loss: -logP, gradient: ROUND[dtype](Math.expm1(logP)) },
  };
}

// --- What came out, in words --------------------------------------------------------------------

// Three kinds of failure of notebook 03, and the quiet one before the zeros.
function verdict(result, right) {
  if (result.some(Number.isNaN)) return "nan";
  if (result.every((p) => p === 0)) return "zeros";
  const close = result.every((p, j) => Math.abs(p - right[j]) <= 0.002);
  return close ? "right" : "inaccurate";
}

function reason(logits, dtype) {
  const round = ROUND[dtype];
  const exp = logits.map((z) => round(Math.exp(round(z))));
  if (exp.includes(Infinity)) return "nan: exp overflows, ∞/∞";
  const sum = add(exp, dtype);
  if (sum === Infinity) return "all zero: the sum overflows";
  if (sum === 0) return "nan: all exp are 0, 0/0";
  return "";
}

function describe(logits, dtype) {
  const naive = naiveSoftmax(logits, dtype);
  const stable = softmax(logits, dtype);
  const words = {
    right: "right",
    inaccurate: "wrong digits: exp has lost them",
    nan: reason(logits, dtype) || "nan",
    zeros: reason(logits, dtype) || "all zero",
  };
  const exact = softmax(logits.map(ROUND[dtype]));
  return {
    naive,
    stable,
    naiveSays: words[verdict(naive, exact)],
    stableSays: verdict(stable, exact) === "right" ? "right" : "no answer",
  };
}

function format(x, digits = 4) {
  const size = Math.abs(x);
  let text;
  if (Number.isNaN(x)) text = "nan";
  else if (size === Infinity) text = x > 0 ? "inf" : "-inf";
  else if (x === 0) text = "0";
  else if (size < 0.5 * 10 ** -digits) text = x.toExponential(1);
  else if (size >= 1000) text = String(Number(x.toPrecision(7)));
  else text = x.toFixed(digits);
  return text.replaceAll("-", MINUS);
}

const plain = (x) => String(Number(x.toPrecision(7))).replaceAll("-", MINUS);
const whole = (x) =>
  Number.isFinite(x) ? String(Number(x.toPrecision(9))).replaceAll("-", MINUS) : format(x);

// --- Parts of a page ----------------------------------------------------------------------------

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// A control below its label. Each slider of a notebook loads this file anew: a counter would repeat.
function labelled(label, input, ...beside) {
  input.id = `plotnet-${Math.random().toString(36).slice(2)}`;
  // Otherwise JupyterLab takes the arrow keys to move between its cells.
  input.setAttribute("data-lm-suppress-shortcuts", "true");
  const text = element("label", { for: input.id }, label);
  return element("div", { class: "plotnet-control" }, text, input, ...beside);
}

// A button for a finger, which cannot hit a step on a narrow range; the keyboard has its arrows.
function stepper(input, text, label, method) {
  const button = element("button", { type: "button", tabindex: -1, "aria-label": label }, text);
  button.addEventListener("click", () => {
    input[method]();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return button;
}

// A labelled range whose value stands beside it in words.
function range(label, { min, max, step }) {
  const input = element("input", { type: "range", min, max, step });
  const output = element("output", { "aria-live": "off" });
  const row = labelled(label, input, stepper(input, "+", `More: ${label}`, "stepUp"), output);
  row.classList.add("plotnet-range");
  input.before(stepper(input, MINUS, `Less: ${label}`, "stepDown"));
  const set = (value, words = plain(value)) => {
    input.value = value;
    output.textContent = words;
    input.setAttribute("aria-valuetext", words);
  };
  // A swipe that begins on the track and scrolls the page has moved the handle to where it began.
  let before;
  input.addEventListener("pointerdown", () => { before = input.value; });
  input.addEventListener("pointercancel", () => {
    input.value = before;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
  return { row, input, set };
}

function select(label, options) {
  const input = element("select");
  const set = (texts) => {
    if (texts.join() === [...input.options].map((option) => option.text).join()) return;
    input.replaceChildren(...texts.map((text, i) => element("option", { value: i }, text)));
  };
  set(options);
  return { row: labelled(label, input), input, set };
}

// A number over its bar, orange and hatched where the result is not right; nan, inf and 0 are told
// apart by word and by pattern.
function barCell(x, share, right, text = format(x)) {
  const lost = !Number.isFinite(x);
  const track = element("span", { class: `plotnet-track${lost ? " plotnet-lost" : ""}` });
  track.setAttribute("aria-hidden", "true");
  const bar = element("span", { class: `plotnet-bar plotnet-${right ? "right" : "wrong"}` });
  bar.style.width = `${lost ? 0 : 100 * Math.min(Math.max(share, 0), 1)}%`;
  track.append(bar);
  return element("td", {}, element("span", { class: "plotnet-number" }, text), track);
}

function header(...names) {
  const cells = names.map((name) => element("th", { scope: "col" }, name));
  return element("thead", {}, element("tr", {}, ...cells));
}

function row(name, ...cells) {
  return element("tr", {}, element("th", { scope: "row" }, name), ...cells);
}

// A bar that stands on the line of 0, or hangs from it; of what is lost, a pattern and a word.
function standingBar(x, share, text) {
  const lost = !Number.isFinite(x);
  const track = element("span", { class: `plotnet-column${lost ? " plotnet-lost" : ""}` });
  track.setAttribute("aria-hidden", "true");
  const bar = element("span", { class: "plotnet-bar plotnet-right" });
  bar.style.height = `${lost ? 0 : 100 * Math.min(Math.abs(share), 1)}%`;
  if (share < 0) track.classList.add("plotnet-below");
  track.append(bar);
  return element("td", {}, track, element("span", { class: "plotnet-number" }, text));
}

const words = (text, ok) =>
  element("td", { class: ok ? "plotnet-words" : "plotnet-words plotnet-bad" }, text);

function probabilityTable(caption, logits, dtype) {
  const { naive, stable, naiveSays, stableSays } = describe(logits, dtype);
  const body = element("tbody");
  logits.forEach((z, j) => {
    const logit = element("td", {}, element("span", { class: "plotnet-number" }, plain(z)));
    const says = [naiveSays, stableSays];
    const bars = [naive[j], stable[j]].map((p, i) => barCell(p, p, says[i] === "right"));
    body.append(row(String(j), logit, ...bars));
  });
  const sums = [naive, stable].map((p) => element("td", {}, format(p.reduce((a, b) => a + b, 0))));
  const foot = element(
    "tfoot",
    {},
    row("sum", element("td"), ...sums),
    row(
      "result",
      element("td"),
      words(naiveSays, naiveSays === "right"),
      words(stableSays, stableSays === "right"),
    ),
  );
  const head = header("class", "logit", "naive", "stable");
  const look = { class: "plotnet-probabilities" };
  return element("table", look, element("caption", {}, caption), head, body, foot);
}

// --- The sliders ---------------------------------------------------------------------------------

// A number of any size in few characters: powers of ten beyond five digits.
function short(x) {
  const size = Math.abs(x);
  if (!Number.isFinite(x) || size === 0 || (size >= 5e-4 && size < 99999.5))
    return size >= 1000 && Number.isFinite(x) ? plain(Math.round(x)) : format(x, size < 10 ? 3 : 1);
  return x.toExponential(1).replace("e+", "e").replaceAll("-", MINUS);
}

// The three rows of bars, and what came out in words.
function bars({ logits, offset, subtract }) {
  const z = Object.values(logits).map((logit) => logit + offset);
  const top = Math.max(...z);
  const gaps = subtract ? z.map((logit) => logit - top) : z;
  const exp = gaps.map(Math.exp);
  const p = naiveSoftmax(gaps);
  const says = describe(gaps, "float64").naiveSays;
  return { z, gaps, exp, p, sum: add(exp, "float64"), says };
}

function barsSlider(change) {
  const chosen = select("Class", []);
  const logit = range("Its logit", { min: -10, max: 10, step: 0.1 });
  const offset = range("Offset, added to every logit", { min: -800, max: 800, step: 0.5 });
  const subtract = element("input", { type: "checkbox" });
  const toggle = labelled("Subtract the maximum", subtract);
  toggle.classList.add("plotnet-toggle");
  let state;
  const pick = () => change({ chosen: Object.keys(state.logits)[chosen.input.value] });
  const move = () =>
    change({ logits: { ...state.logits, [state.chosen]: Number(logit.input.value) } });
  chosen.input.addEventListener("change", pick);
  logit.input.addEventListener("input", move);
  offset.input.addEventListener("input", () => change({ offset: Number(offset.input.value) }));
  subtract.addEventListener("change", () => change({ subtract: subtract.checked }));
  const show = (shown) => {
    state = shown;
    const names = Object.keys(state.logits);
    chosen.set(names);
    chosen.input.value = names.indexOf(state.chosen);
    logit.set(state.logits[state.chosen]);
    offset.set(state.offset);
    subtract.checked = state.subtract;
    const { gaps, exp, p, sum, says } = bars(state);
    const tallest = Math.max(...gaps.map(Math.abs), 10);
    const most = Math.max(...exp.filter(Number.isFinite), Number.MIN_VALUE);
    const [first, second] = state.subtract ? ["z − max", "exp(z − max)"] : ["logit z", "exp(z)"];
    const cells = (values, share, text) => values.map((x) => standingBar(x, share(x), text(x)));
    const total = (x) => element("td", {}, element("span", { class: "plotnet-number" }, x));
    const body = element(
      "tbody",
      {},
      row(first, ...cells(gaps, (x) => x / tallest, (x) => plain(Number(x.toFixed(2)))), total("")),
      row(second, ...cells(exp, (x) => x / most, short), total(short(sum))),
      row("softmax", ...cells(p, (x) => x, (x) => format(x, 3)), total(short(add(p, "float64")))),
    );
    const caption = `Three rows of bars${state.subtract ? ", the maximum subtracted" : ""}`;
    const head = header("class", ...names, "sum");
    const look = { class: "plotnet-bars" };
    const table = element("table", look, element("caption", {}, caption), head, body);
    return [table, `Sum of exp: ${short(sum)}. Softmax: ${says}.`];
  };
  const controls = [chosen.row, logit.row, offset.row, toggle];
  return { title: "From logits to probabilities", controls, show };
}

// Each maker gets `change`, to be called with a changed part of the state, and returns its
// controls and a function that shows a state and returns the table and the summary.

function softmaxSlider(change) {
  const shift = range("Shift c, added to every logit", { min: -1000, max: 1000, step: 0.5 });
  const temperature = range("Temperature T, divides the logits", { min: -4, max: 4, step: 0.25 });
  shift.input.addEventListener("input", () => change({ shift: Number(shift.input.value) }));
  temperature.input.addEventListener("input", () =>
    change({ temperature: 2 ** Number(temperature.input.value) }),
  );
  const show = (state) => {
    shift.set(state.shift);
    temperature.set(Math.log2(state.temperature), plain(Number(state.temperature.toPrecision(3))));
    const logits = state.logits.map((z) => (z + state.shift) / state.temperature);
    const { stable, naiveSays } = describe(logits, "float64");
    const summary = `Stable: ${stable.map((p) => format(p)).join(", ")}. Naive: ${naiveSays}.`;
    return [probabilityTable("Probabilities of (z + c) / T in float64", logits, "float64"), summary];
  };
  return { title: "Shift and temperature", controls: [shift.row, temperature.row], show };
}

function precisionSlider(change) {
  const logits = select("Logits", []);
  const dtype = select("Type", DTYPES);
  const offset = range("Offset, added to every logit", { min: -800, max: 800, step: 0.5 });
  logits.input.addEventListener("change", () => change({ row: Number(logits.input.value) }));
  dtype.input.addEventListener("change", () => change({ dtype: DTYPES[dtype.input.value] }));
  offset.input.addEventListener("input", () => change({ offset: Number(offset.input.value) }));
  const show = (state) => {
    const { rows } = state;
    const [min, max] = ends(state);
    Object.assign(offset.input, { min, max, step: STEP[state.dtype] });
    logits.set(rows.map((z) => z.map(plain).join(", ")));
    logits.input.value = state.row;
    dtype.input.value = DTYPES.indexOf(state.dtype);
    offset.set(state.offset);
    const moved = rows[state.row].map((z) => ROUND[state.dtype](z + state.offset));
    const { naiveSays, stableSays } = describe(moved, state.dtype);
    const summary = `${state.dtype}. Naive: ${naiveSays}. Stable: ${stableSays}.`;
    return [probabilityTable(`Probabilities in ${state.dtype}`, moved, state.dtype), summary];
  };
  return { title: "Naive and stable", controls: [logits.row, dtype.row, offset.row], show };
}

const VERSIONS = {
  naive: "log of naive softmax",
  shifted: "log of stable softmax",
  epsilon: "log of stable softmax + 1e−7",
  clip: "log of stable softmax, at least 1e−7",
  logsumexp: "log-softmax, by log-sum-exp",
};

function lossVerdict({ loss, gradient }, truth) {
  if (Number.isNaN(gradient)) return "gradient nan: 0/0";
  if (!Number.isFinite(loss)) return "loss infinite";
  if (loss < 0) return "loss below 0";
  if (truth.gradient < -0.01 && gradient > 0.5 * truth.gradient)
    return gradient < 0 ? "hardly learns" : "learns nothing";
  return Math.abs(loss - truth.loss) > 0.01 * Math.max(1, truth.loss) ? "wrong loss" : "right";
}

function gapSlider(change) {
  const gap = range("Gap by which the right class trails", { min: -20, max: 800, step: 0.5 });
  const dtype = select("Type", DTYPES);
  gap.input.addEventListener("input", () => change({ gap: Number(gap.input.value) }));
  dtype.input.addEventListener("change", () => change({ dtype: DTYPES[dtype.input.value] }));
  const show = (state) => {
    Object.assign(gap.input, { max: REACH[state.dtype], step: STEP[state.dtype] });
    gap.set(state.gap);
    dtype.input.value = DTYPES.indexOf(state.dtype);
    const truth = losses(state.gap).logsumexp;
    const body = element("tbody");
    const summary = [];
    for (const [name, value] of Object.entries(losses(state.gap, state.dtype))) {
      const says = lossVerdict(value, truth);
      const right = says === "right";
      const cells = [
        barCell(value.loss, value.loss / Math.max(truth.loss, 1), right),
        barCell(value.gradient, -value.gradient, right),
        words(says, right),
      ];
      body.append(row(VERSIONS[name], ...cells));
      summary.push(`${VERSIONS[name]}: ${says}.`);
    }
    const caption = `Loss and gradient of the logits 0 (right class) and ${plain(state.gap)}`;
    const head = header("version", "loss", "gradient", "result");
    const table = element("table", {}, element("caption", {}, caption), head, body);
    return [table, summary.join(" ")];
  };
  return { title: "Loss and gradient against the gap", controls: [gap.row, dtype.row], show };
}

// What a type keeps of logits under an offset, and the softmax of what it keeps.
function digits({ logits, dtype, offset }) {
  const stored = logits.map((z) => roundTo(z + offset, ...STORED[dtype]));
  const [kept, least] = STORED[dtype];
  const step = spacing(Math.max(...stored.map(Math.abs)), kept, least);
  const p = softmax(stored);
  const right = softmax(logits);
  const close = p.every((value, j) => Math.abs(value - right[j]) <= 0.002);
  const says = p.some(Number.isNaN)
    ? "nan: the offset is beyond the largest number"
    : close
      ? "right"
      : stored.every((z) => z === stored[0])
        ? "all equal: no digit is left"
        : "wrong digits: the logits have lost them";
  return { stored, left: stored.map((z) => z - offset), step, p, right, says };
}

function digitsSlider(change) {
  const dtype = select("Type", Object.keys(STORED));
  const offset = range("Offset, added to every logit", { min: 0, max: FAR, step: 1 });
  const names = Object.keys(STORED);
  dtype.input.addEventListener("change", () => change({ dtype: names[dtype.input.value] }));
  offset.input.addEventListener("input", () => {
    const power = Number(offset.input.value);
    change({ offset: power === 0 ? 0 : 2 ** power });
  });
  const show = (state) => {
    dtype.input.value = names.indexOf(state.dtype);
    offset.set(state.offset < 2 ? 0 : Math.round(Math.log2(state.offset)), whole(state.offset));
    const { stored, left, step, p, right, says } = digits(state);
    const ok = says === "right";
    const number = (text) => element("td", {}, element("span", { class: "plotnet-number" }, text));
    const body = element("tbody");
    state.logits.forEach((z, j) => {
      const texts = [stored[j], left[j]].map((x) => number(whole(x)));
      const cells = [barCell(p[j], p[j], ok), barCell(right[j], right[j], true)];
      body.append(row(plain(z), ...texts, ...cells));
    });
    const head = header("logit", "stored", "less offset", "softmax", "should be");
    const caption = `Logits stored in ${state.dtype}, with an offset of ${whole(state.offset)}`;
    const table = element("table", {}, element("caption", {}, caption), head, body);
    const apart = Number.isFinite(step) && !p.some(Number.isNaN);
    const gaps = apart ? `Numbers of this size are ${plain(step)} apart. ` : "";
    return [table, `${state.dtype}. ${gaps}Softmax: ${says}.`];
  };
  return { title: "Digits kept under an offset", controls: [dtype.row, offset.row], show };
}

const LEAST = { float16: -65504, float32: -(2 - 2 ** -23) * 2 ** 127, float64: -Number.MAX_VALUE };
const SENTINELS = ["-1e4", "-1e9", "least", "-inf"];
const WAYS = {
  add: "add it",
  fill: "fill it in",
  multiply: "multiply",
  boolean: "boolean",
};

// Two scores, 0 and the masked one, as softmax sees them and with their shares, each way.
function masks({ score, sentinel, dtype, allowed }) {
  const round = ROUND[dtype];
  const number = sentinel === "least" ? LEAST[dtype] : sentinel === "-inf" ? -Infinity : Number(sentinel);
  const least = round(number);
  const z = [0, score].map(round);
  const free = [allowed, false];
  const seen = {
    add: z.map((x, j) => (free[j] ? x : round(x + least))),
    fill: z.map((x, j) => (free[j] ? x : least)),
    multiply: z,
    boolean: z.map((x, j) => (free[j] ? x : -Infinity)),
  };
  const found = {};
  for (const [way, scores] of Object.entries(seen)) {
    const exact = way === "multiply" || way === "boolean";
    const p = softmax(scores, dtype).map((value, j) => (exact && !free[j] ? 0 : value));
    found[way] = { scores, p, says: maskVerdict(p, allowed) };
  }
  return found;
}

function maskVerdict(p, allowed) {
  if (p.some(Number.isNaN)) return "nan";
  if (p[1] > 0.002 || (!allowed && p[0] > 0.002)) return "leaks";
  return allowed && p[0] < 0.998 ? "share lost" : "right";
}

function maskSlider(change) {
  const score = range("Score of the masked entry", { min: -16, max: 16, step: 1 });
  const sentinel = select("Sentinel", SENTINELS.map((text) => text.replace("-", MINUS)));
  const dtype = select("Type", DTYPES);
  const allowed = element("input", { type: "checkbox" });
  const toggle = labelled("The other entry, of score 0, is allowed", allowed);
  toggle.classList.add("plotnet-toggle");
  // The slider goes in powers of two, so that a score of 1 and one of 32768 are both in reach.
  const power = (t) => (t === 0 ? 0 : Math.sign(t) * 2 ** (Math.abs(t) - 1));
  const place = (x) => (Math.abs(x) < 1 ? 0 : Math.sign(x) * (Math.log2(Math.abs(x)) + 1));
  score.input.addEventListener("input", () => change({ score: power(Number(score.input.value)) }));
  sentinel.input.addEventListener("change", () =>
    change({ sentinel: SENTINELS[sentinel.input.value] }),
  );
  dtype.input.addEventListener("change", () => change({ dtype: DTYPES[dtype.input.value] }));
  allowed.addEventListener("change", () => change({ allowed: allowed.checked }));
  const show = (state) => {
    score.set(place(state.score), plain(state.score));
    sentinel.input.value = SENTINELS.indexOf(state.sentinel);
    dtype.input.value = DTYPES.indexOf(state.dtype);
    allowed.checked = state.allowed;
    const body = element("tbody");
    const summary = [];
    for (const [way, { scores, p, says }] of Object.entries(masks(state))) {
      const right = says === "right";
      const sees = element("td", {}, element("span", { class: "plotnet-number" }, short(scores[1])));
      const bars = p.map((share) => barCell(share, share, right));
      body.append(row(WAYS[way], sees, ...bars, words(says, right)));
      summary.push(`${WAYS[way]}: ${says}.`);
    }
    const caption = `Shares in ${state.dtype} of the scores 0 and ${plain(state.score)}`;
    const head = header("way", "masked score", "other entry", "masked entry", "result");
    const table = element("table", {}, element("caption", {}, caption), head, body);
    return [table, summary.join(" ")];
  };
  const pair = element("div", { class: "plotnet-pair" }, sentinel.row, dtype.row);
  const controls = [score.row, pair, toggle];
  return { title: "Four ways to mask", controls, show };
}

// The chunks of a row, their own states, and the state of all so far, as a kernel updates it.
function blocks({ logits, width, masked, guard }) {
  const least = (m) => (guard && m === -Infinity ? 0 : m);
  const sum = (z, m) => z.reduce((total, x) => total + Math.exp(x - least(m)), 0);
  const chunks = [];
  let top = -Infinity;
  let total = 0;
  for (let first = 0; first < logits.length; first += width) {
    const hidden = chunks.length + 1 === masked;
    const z = logits.slice(first, first + width).map((x) => (hidden ? -Infinity : x));
    const m = Math.max(...z);
    const next = Math.max(top, m);
    total = total * Math.exp(top - least(next)) + sum(z, next);
    top = next;
    chunks.push({ z, m, s: sum(z, m), top, total, result: top + Math.log(total) });
  }
  const seen = chunks.flatMap(({ z }) => z).filter((x) => x !== -Infinity);
  const most = Math.max(...seen);
  const right = seen.length ? most + Math.log(seen.reduce((t, x) => t + Math.exp(x - most), 0)) : most;
  const added = top + Math.log(chunks.reduce((t, { s }) => t + s, 0));
  return { chunks, right, added };
}

function blocksSlider(change) {
  const width = range("Logits in a chunk", { min: 1, max: 8, step: 1 });
  const masked = select("Masked", []);
  const guard = element("input", { type: "checkbox" });
  const toggle = labelled("Subtract 0 while the maximum is −∞", guard);
  toggle.classList.add("plotnet-toggle");
  width.input.addEventListener("input", () => change({ width: Number(width.input.value) }));
  masked.input.addEventListener("change", () => change({ masked: Number(masked.input.value) }));
  guard.addEventListener("change", () => change({ guard: guard.checked }));
  const show = (state) => {
    const { chunks, right, added } = blocks(state);
    Object.assign(width.input, { max: state.logits.length });
    width.set(state.width);
    masked.set(["no chunk", ...chunks.map((_, k) => `chunk ${k + 1}`)]);
    masked.input.value = state.masked;
    guard.checked = state.guard;
    const isRight = (x) => x === right || Math.abs(x - right) < 5e-4;
    const pairOf = (m, s) => `${format(m, 3)}; ${format(s, 3)}`;
    const number = (text) => element("td", {}, element("span", { class: "plotnet-number" }, text));
    const body = element("tbody");
    chunks.forEach(({ z, m, s, top, total, result }, k) => {
      const cells = [z.map(plainOrMask).join(", "), pairOf(m, s), pairOf(top, total)];
      body.append(row(String(k + 1), ...cells.map(number), number(format(result))));
    });
    const { result } = chunks.at(-1);
    const says = (x) =>
      Number.isNaN(x) ? "nan: −∞ − (−∞)" : `${format(x)}, ${isRight(x) ? "right" : "wrong"}`;
    const summary = `Merged: ${says(result)}. Own maxima, sums added: ${says(added)}.`;
    const caption = `Chunks of ${state.width}: own and merged pairs m; s`;
    const head = header("chunk", "logits", "own m; s", "so far m; s", "log-sum-exp");
    const look = { class: "plotnet-chunks" };
    return [element("table", look, element("caption", {}, caption), head, body), summary];
  };
  return { title: "Chunks, masks and the result", controls: [width.row, masked.row, toggle], show };
}

const plainOrMask = (x) => (x === -Infinity ? `${MINUS}∞` : plain(x));

const SLIDERS = {
  bars: barsSlider,
  softmax: softmaxSlider,
  precision: precisionSlider,
  gap: gapSlider,
  digits: digitsSlider,
  mask: maskSlider,
  blocks: blocksSlider,
};
const STATE = {
  bars: ["logits", "chosen", "offset", "subtract"],
  softmax: ["logits", "shift", "temperature"],
  precision: ["rows", "row", "dtype", "offset"],
  gap: ["gap", "dtype"],
  digits: ["logits", "dtype", "offset"],
  mask: ["score", "sentinel", "dtype", "allowed"],
  blocks: ["logits", "width", "masked", "guard"],
};

// The least and the largest offset: a row whose largest logit lies beyond the reach needs as much
// more on the side that brings it back.
function ends({ rows, row, dtype }) {
  const reach = REACH[dtype];
  const top = Math.max(...rows[row]);
  const back = Math.abs(top) > reach ? -top : 0;
  return [Math.min(0, back) - reach, Math.max(0, back) + reach];
}

const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

// Another row or type pulls what lies beyond to its nearest end.
function within(state) {
  if ("chosen" in state)
    return state.chosen in state.logits
      ? state
      : { ...state, chosen: Object.keys(state.logits)[0] };
  if ("width" in state) {
    const width = Math.min(state.width, state.logits.length);
    const most = Math.ceil(state.logits.length / width);
    return { ...state, width, masked: Math.min(state.masked, most) };
  }
  if ("gap" in state) return { ...state, gap: Math.min(state.gap, REACH[state.dtype]) };
  if (!("row" in state)) return state;
  const there = { ...state, row: Math.min(state.row, state.rows.length - 1) };
  return { ...there, offset: clamp(state.offset, ...ends(there)) };
}

function render({ model, el }) {
  const kind = model.get("kind");
  const read = () =>
    within(Object.fromEntries(STATE[kind].map((name) => [name, model.get(name)])));
  const change = (part) => {
    const state = within({ ...read(), ...part });
    for (const [name, value] of Object.entries(state)) {
      if (value !== model.get(name)) model.set(name, value);
    }
    model.save_changes();
  };
  const { title, controls, show } = SLIDERS[kind](change);
  const place = element("div", { class: "plotnet-result" });
  const live = element("p", { class: "plotnet-summary", "aria-live": "polite" });
  const update = () => {
    const [table, summary] = show(read());
    place.replaceChildren(table);
    live.textContent = summary;
  };
  for (const name of STATE[kind]) model.on(`change:${name}`, update);
  update();
  const legend = element("legend", {}, title);
  el.classList.add("plotnet-slider-live");
  el.replaceChildren(element("fieldset", {}, legend, ...controls, live, place));
}

// --- A page without a kernel --------------------------------------------------------------------

// As much of an anywidget model as `render` needs.
function staticModel(state) {
  const listeners = [];
  return {
    get: (name) => state[name],
    set: (name, value) => {
      state[name] = value;
      listeners.filter(([event]) => event === `change:${name}`).forEach(([, listen]) => listen());
    },
    on: (event, listen) => listeners.push([event, listen]),
    save_changes: () => {},
  };
}

function mountAll(root = document) {
  for (const el of root.querySelectorAll(".plotnet-slider")) {
    try {
      const state = { kind: el.dataset.slider, ...JSON.parse(el.dataset.state) };
      render({ model: staticModel(state), el });
    } catch (error) {
      // The other sliders of the page still start.
      el.textContent = `This slider cannot be shown: ${error.message}`;
    }
  }
}

export {
  bars,
  blocks,
  describe,
  digits,
  ends,
  logSoftmax,
  losses,
  masks,
  naiveSoftmax,
  softmax,
  toBfloat16,
  toFloat16,
  within,
};
export default { render };
