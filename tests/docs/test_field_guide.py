"""Promise: each line of the field guide tells its cause, and its quoted outputs are stored."""

import numpy as np
import pytest

from lesson.taught import cross_entropy, log_softmax, softmax
from tools.notebook import FOLDER, NOTEBOOKS, lab_anchor, read, sections
from tools.web.field_guide import SOURCE, causes
from tools.web.reading import marked

TAUGHT = {"softmax": softmax, "log_softmax": log_softmax, "cross_entropy": cross_entropy}
r = np.random.RandomState(0)
FINE = {"Z": r.randn(6, 5), "X": r.randn(6, 10), "V": r.randn(5, 3), "S": r.randn(6, 5)}
FINE |= {"W": r.randn(5, 10), "dW": r.randn(5, 10), "lr": 0.1, "T": 0.5, "k": 3, "width": 2}
FINE |= {"norms": [1.0, 0.5], "counts": [3, 3], "devices": 4, "eps": 1e-3, "f": softmax, "np": np}
FINE |= {"constants": np.array([1e-7, 1e-6, np.finfo(np.float32).eps, np.finfo(float).eps])}
FINE |= {"allowed": np.ones((6, 5), bool), "mask": np.zeros((6, 5)), "weight": np.ones(6)}
# The other names follow from these, unless an illness sets them itself.
FOLLOWS = """
p, log_p, labels = softmax(Z), log_softmax(Z), np.arange(len(Z)) % Z.shape[1]
Y, loss = np.eye(Z.shape[1])[labels], cross_entropy(Z, labels)
branch, given, before, alone = np.log(p), Z, Z.copy(), loss.mean()
words = changed = Z
"""
# What makes each line true, by its place in the guide.
ILL = """
Z = Z + 1000
Z = Z - 800
X[3, 2] = np.nan
norms = [1.0, 50.0]
Z = 900 * Z
p[0] = [0, 1, 0, 0, 0]
p[1] = [1, 0, 0, 0, 0]
branch[0] = -np.inf
Z = 20 * Z
eps = 1e-7
mask[0] = -np.inf
allowed[2] = False
V[4, 0] = np.nan
Z[:, :2] = -np.inf
Z[0, 4] = -np.inf
labels[:] = -100
loss[0], weight[0] = np.inf, 0
T = np.float64(0)
Z[0, 4], Y = -np.inf, np.full((6, 5), 0.2)
p[0] = [0, 1, 0, 0, 0]
loss = -np.log(softmax(900 * Z) + 1e-7)[:, 0]
given = p
norms, loss = [1.0, 1e-8], loss + 5
Z = p
loss = -np.log(np.ones(6) + 1e-7)
log_p = p
Z = np.float32(Z + 1e8)
labels[0] = -100
Z[:, 0] += 50; p = softmax(Z)
Z = 100 * Z; loss = cross_entropy(Z, labels)
p = np.float16(3 * p)
counts = [2, 300]
loss = loss + np.log(4)
loss = np.float16(loss)
given = p
p = np.zeros_like(p)
allowed[0] = False
p = 3.9 * p
p = softmax(Z, axis=0)
Z[0] += 1000
Z = np.arange(10, dtype=np.uint8).reshape(2, 5)
before, Z = Z, Z - Z.max()
Z = Z + 4096
allowed[0] = False
allowed[0, 4] = False
f, changed = lambda Z: softmax(Z, axis=0), Z + np.eye(6, 5, -3)
Z = np.full((6, 5), np.nan)
W, dW = np.ones(3, np.float16), np.full(3, 1e-3)
dW = 1e-9 * dW
dW[0] = np.nan
S = 8 * S
f = lambda Z: Z + np.random.rand()
""".strip().splitlines()


def outputs_below(name, heading):
    """Return the outputs of the cells under a heading, up to the next one."""
    text, found = [], False
    for title, cell in sections(read(FOLDER / name)):
        if lab_anchor(title) == heading:
            found = True
            for output in cell.get("outputs", []):
                data = output.get("data", {})
                text += [output.get("text", ""), output.get("evalue", "")]
                text += [data.get("text/plain", ""), data.get("text/markdown", "")]
    assert found, f"docs/field_guide.md: {name} has no heading {heading}"
    return "\n".join(text)


@pytest.mark.parametrize("cause", causes(), ids=lambda cause: cause.says)
def test_the_cell_that_is_linked_shows_what_is_quoted(cause):
    assert cause.shown
    for name, heading, quoted in cause.shown:
        shown = outputs_below(name, heading)
        assert quoted in shown, f"docs/field_guide.md: {name}#{heading} shows no {quoted}"


@pytest.mark.parametrize(
    ("cause", "illness"), list(zip(causes(), ILL, strict=True)), ids=lambda x: x[0]
)
def test_a_line_of_code_is_true_for_its_cause_and_false_otherwise(cause, illness):
    with np.errstate(all="ignore"):
        for setup, expected in (("", False), (illness, True)):
            names = {n: v.copy() if isinstance(v, np.ndarray) else v for n, v in FINE.items()}
            names |= {
                "softmax": softmax,
                "log_softmax": log_softmax,
                "cross_entropy": cross_entropy,
            }
            exec(FOLLOWS, names)
            exec(setup, names)
            assert bool(eval(cause.ask, names)) is expected, (cause.ask, setup)


def test_the_words_of_the_index_stand_above_headings_that_exist():
    series = {path.name: read(path) for path in NOTEBOOKS}
    for name in series:
        marked(series, name)


def test_there_are_enough_symptoms_and_the_numbers_of_the_constants_are_true():
    text = SOURCE.read_text(encoding="utf-8")
    assert len({cause.symptom for cause in causes()}) >= 25
    for constant in ("1e-7", "1e-6", "1e-8", "1e-12"):
        assert f"{-np.log(float(constant)):.3f} is {constant}" in text
    for dtype in (np.float32, float):
        assert f"{-np.log(np.finfo(dtype).eps):.3f}" in text
