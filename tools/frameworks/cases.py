"""The inputs, each once for all libraries, and what is right where a formula does not say it.

Old syntax only: MXNet runs under Python 3.8.
"""

from typing import NamedTuple

import numpy as np

from tools.frameworks.calls import LIBRARIES, OPERATIONS

INF, NAN = float("inf"), float("nan")


class Given(NamedTuple):
    """An array: its dtype's name, and its numbers, or one number and a shape to fill."""

    dtype: str
    data: object
    shape: tuple = None

    def array(self):
        """Return it as NumPy's array; bfloat16 is held in float32."""
        dtype = "float32" if self.dtype == "bfloat16" else self.dtype
        if self.shape is not None:
            return np.full(self.shape, self.data, dtype)
        return np.array(self.data, dtype)


class Case(NamedTuple):
    """One input of an operation. `right` is a text where the right answer is to refuse."""

    operation: str
    regime: str
    words: str
    inputs: dict
    right: str = None

    @property
    def id(self):
        return "%s: %s" % (self.operation, self.words)

    def libraries(self):
        """Return the libraries that have a call for it, and all its dtypes."""
        dtypes = {given.dtype for given in self.inputs.values()}
        return [
            name
            for name in LIBRARIES
            if name in OPERATIONS[self.operation].calls and not dtypes & set(LIBRARIES[name].lacks)
        ]


def f32(data, shape=None):
    return Given("float32", data, shape)


def ints(data):
    return Given("int64", data)


def logits(z, y, dtype="float32"):
    return {"z": Given(dtype, z), "y": ints(y)}


ARTICLE = [
    [2, 3, 4],
    [3, 5, 7],
    [1000, 1000, 100],
    [-10000, -1020, 100, -70220],
    [-1000, -1000, -1100],
]
SHAPES = {
    "no row, shape (0, 3)": f32(0, (0, 3)),
    "no class, shape (2, 0)": f32(0, (2, 0)),
    "nothing, shape (0,)": f32(0, (0,)),
    "one number, 5.0": f32(5),
    "one whole number, 5": ints(5),
}
SPECIAL = {
    "masked class, [1, 2, -inf]": f32([1, 2, -INF]),
    "nan in one row, [[1, nan], [1, 2]]": f32([[1, NAN], [1, 2]]),
    "+inf, [1, inf]": f32([1, INF]),
    "+inf first, [inf, 0, 0]": f32([INF, 0, 0]),
    "all masked, [-inf, -inf]": f32([-INF, -INF]),
}
TYPES = {
    "uint8, [1, 2, 3]": Given("uint8", [1, 2, 3]),
    "int8, [-100, 100]": Given("int8", [-100, 100]),
    "int64, [1, 2, 3]": ints([1, 2, 3]),
    "bool, [True, False]": Given("bool", [True, False]),
}
OFFSETS = {"0": 0, "1e4": 1e4, "1e6": 1e6, "1e8": 1e8}
FAR = {"float32": f32([0, -40]), "float64": Given("float64", [0, -40])}
NO_CLASS = "no class has this number"


def unary():
    """Yield the cases of softmax, log-softmax and log-sum-exp."""
    for operation in ("softmax", "log-softmax", "logsumexp"):
        for row in ARTICLE:
            yield Case(operation, "the article", str(row), {"x": f32(row)})
        for words, x in {**SHAPES, **SPECIAL, **TYPES}.items():
            yield Case(operation, "the contract", words, {"x": x})
        for dtype, x in FAR.items():
            yield Case(operation, "last digits", "[0, -40] in " + dtype, {"x": x})
    complex_ = Given("complex128", [1j, 2])
    no_order = "complex numbers have no order"
    yield Case("softmax", "the contract", "complex, [1j, 2]", {"x": complex_}, no_order)
    unsaid = "a mask that would be lost: fill with -inf first"
    yield Case("softmax of a masked array", "the contract", "[1, 2, masked]", {}, unsaid)
    square = {"x": f32([[1, 2], [1, 2]])}
    yield Case("softmax, axis left out", "the contract", "[[1, 2], [1, 2]]", square)
    yield Case("softmax, axis 5", "the contract", "[[1, 2], [1, 2]]", square, "no such axis")
    for operation in ("softmax", "log-softmax"):
        for words, offset in OFFSETS.items():
            x = {"x": f32([offset + 2, offset - 1])}
            yield Case(operation, "offset", "[2, -1] + %s in float32" % words, x)


def losses():
    """Yield the cases of the cross-entropy and its gradient."""
    for operation in ("loss", "gradient"):
        rows = {"[[2, 3, 4], [3, 5, 7]], labels 2, 0": logits(ARTICLE[:2], [2, 0])}
        for row in ARTICLE[2:]:
            n = len(row)
            rows["%s, each label" % row] = logits([row] * n, list(range(n)))
        for words, inputs in rows.items():
            yield Case(operation, "the article", words, inputs)
        for words, offset in OFFSETS.items():
            inputs = logits([[offset + 2, offset - 1]], [0])
            yield Case(operation, "offset", "[2, -1] + %s in float32, label 0" % words, inputs)
        for dtype in FAR:
            inputs = logits([[0, -40]], [0], dtype)
            yield Case(operation, "last digits", "[0, -40] in %s, label 0" % dtype, inputs)
        inputs = logits([[-INF, 0, 1]], [1])
        yield Case(operation, "masked class", "[-inf, 0, 1], label 1", inputs)
    yield Case("loss", "masked class", "[-inf, 0, 1], label 0", logits([[-INF, 0, 1]], [0]))
    far = logits([[0, 200]], [1])
    yield Case("gradient through log(softmax)", "last digits", "[0, 200], label 1", far)

    for operation in ("loss, rows of labels", "gradient, rows of labels"):
        for words, z, t in (
            ("[2, 3, 4], label row [0, 0, 1]", [2, 3, 4], [0, 0, 1]),
            ("[-inf, 0, 1], label row [0, 1, 0]", [-INF, 0, 1], [0, 1, 0]),
            ("[-inf, 0, 1], label row [0.1, 0.8, 0.1]", [-INF, 0, 1], [0.1, 0.8, 0.1]),
        ):
            regime = "masked class" if "inf" in words else "the article"
            yield Case(operation, regime, words, {"z": f32([z]), "t": f32([t])})

    five = [1, 2, 3, 4, 5]
    for label in (5, 99, -1, -100):
        inputs = logits([five], [label])
        yield Case("loss", "labels", "5 classes, label %d" % label, inputs, NO_CLASS)
    whole = {"z": ints([[2, 3, 4]]), "y": ints([2])}
    yield Case("loss", "the contract", "logits in int64, [2, 3, 4], label 2", whole)
    fraction = {"z": f32([five]), "y": f32([1.7])}
    yield Case("loss", "labels", "5 classes, label 1.7", fraction, NO_CLASS)
    for labels in ([0, 4], [0, -100], [-100, -100]):
        words, inputs = "labels %d and %d" % tuple(labels), logits([five, five], labels)
        wrong = NO_CLASS if -100 in labels else None
        yield Case("mean loss", "labels", words, inputs, wrong)
        yield Case("mean loss, -100 ignored", "labels", words, inputs)

    for words, z, y, w in (
        ("weights 1, 2, 0; labels 0 and 1", ARTICLE[:2], [0, 1], [1, 2, 0]),
        ("weights 1, 2, 0; labels 0 and 2", ARTICLE[:2], [0, 2], [1, 2, 0]),
        ("weights 1, 2, 0; labels 2 and 2", ARTICLE[:2], [2, 2], [1, 2, 0]),
        ("weight 0 for an infinite loss", [[-INF, 0, 0], [0, 0, 0]], [0, 1], [0, 1, 1]),
    ):
        inputs = dict(logits(z, y), w=f32(w))
        yield Case("weighted mean loss", "class weights", words, inputs)

    for words, z in (("[2, 3, 4], label 2", [2, 3, 4]), ("[-inf, 0, 1], label 2", [-INF, 0, 1])):
        inputs = dict(logits([z], [2]), t=f32([[0, 0, 1]]))
        yield Case("smoothed loss", "smoothing", words, inputs)


def probabilities():
    """Yield the cases in which a loss is made from probabilities, on purpose or by mistake."""
    for dtype in ("float32", "float64"):
        for p, label in (([0.25, 0.75], 0), ([0, 1], 0), ([0, 1], 1)):
            inputs = {"p": Given(dtype, [p]), "y": ints([label])}
            words = "%s in %s, label %d" % (p, dtype, label)
            yield Case("loss of probabilities", "probabilities", words, inputs)
    for operation in (
        "loss of softmax",
        "loss of softmax, another spelling",
        "loss of softmax, in a tf.function",
        "loss of a model that ends in softmax",
    ):
        for high in (50, 100, 1000):
            words = "logits [0, %d], label 0" % high
            yield Case(operation, "probabilities", words, logits([[0, high]], [0]))
    mistake = "logits are no probabilities"
    for z in ([2, -1], [2, 3, 4]):
        operation, words = "logits taken for probabilities", "%s, label 0" % z
        yield Case(operation, "probabilities", words, logits([z], [0]), mistake)
    inputs = {"p": f32([[0.25, 0.75]]), "y": ints([0])}
    mistake = "probabilities are no logits"
    operation, words = "probabilities taken for logits", "[0.25, 0.75], label 0"
    yield Case(operation, "probabilities", words, inputs, mistake)


def sixteen_bits():
    """Yield the cases of many equal classes."""
    for dtype in ("float16", "bfloat16"):
        for n in (300, 1000, 5000) + ((65520,) if dtype == "float16" else ()):
            words = "%d in %s" % (n, dtype)
            classes = {"z": Given(dtype, 0, (1, n)), "y": ints([0])}
            yield Case("sum of softmax", "16 bits", words, {"x": Given(dtype, 0, (n,))})
            equal = "%d equal classes in %s, label 0" % (n, dtype)
            yield Case("loss", "16 bits", equal, classes)
            if n <= 5000:
                for operation in ("sum", "running sum"):
                    yield Case(operation, "16 bits", words, {"x": Given(dtype, 1, (n,))})


def masks():
    """Yield the cases of masked softmax and of attention."""
    last, none, first = [True, True, False], [False] * 3, [True, False, False]
    three = [1, 2, 3]
    for words, x, mask in (
        ("[1, 2, 3], last masked", three, last),
        ("[1, 2, 3], all masked", three, none),
        ("[-20, -30, -40], all masked", [-20, -30, -40], none),
        ("[-20000, 1, 2], only the first allowed", [-20000, 1, 2], first),
        ("[1, 2, nan], the nan masked", [1, 2, NAN], last),
        ("[1, 2, inf], the inf masked", [1, 2, INF], last),
    ):
        regime = "all masked" if mask == none else "masked class"
        inputs = {"x": f32(x), "mask": Given("bool", mask)}
        yield Case("masked softmax", regime, words, inputs)
    half = {"x": Given("float16", three), "mask": Given("bool", last)}
    yield Case("masked softmax", "masked class", "[1, 2, 3] in float16, last masked", half)
    for words, mask in (
        ("mask of the whole numbers 1, 1, 0", ints([1, 1, 0])),
        ("mask of the floats 1, 1, 0", f32([1, 1, 0])),
        ("mask of the floats 0, 0, -inf", f32([0, 0, -INF])),
    ):
        inputs = {"x": f32(three), "mask": mask}
        yield Case("masked softmax", "mask types", words, inputs)

    def attention(mask, k=(1, 2, 3), v=(1, 10, 100)):
        column = [f32([[value] for value in values]) for values in ([1, 1], k, v)]
        return {"q": column[0], "k": column[1], "v": column[2], "mask": mask}

    rows = Given("bool", [last, none])
    yield Case("attention", "all masked", "second query may see nothing", attention(rows))
    rows = Given("bool", [last, first])
    yield Case(
        "attention", "masked class", "nan in a masked value", attention(rows, v=(1, 10, NAN))
    )
    yield Case("attention", "masked class", "nan in a masked key", attention(rows, k=(1, 2, NAN)))
    for words, mask in (
        ("mask of the whole numbers 1, 1, 0", ints([[1, 1, 0], [1, 0, 0]])),
        ("mask of the floats 1, 1, 0", f32([[1, 1, 0], [1, 0, 0]])),
    ):
        yield Case("attention", "mask types", words, attention(mask))
    operation = "attention, float mask"
    for words, low in (("-inf", -INF), ("-1e9", -1e9), ("the least float32", -3.4028235e38)):
        added = [[0, 0, low], [low] * 3]
        yield Case(
            operation, "all masked", "second query masked by " + words, attention(f32(added))
        )


CASES = [*unary(), *losses(), *probabilities(), *sixteen_bits(), *masks()]
