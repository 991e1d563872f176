"""Alternative text: what a network's figure says, in words and numbers."""

import itertools

import numpy as np

from .text import layer_names, plural, short_number

# A layer is listed node by node if it has at most this many; with nan or infinity, this many.
_LISTED, _LISTED_LOST = 5, 10


def net_alt(layout, values, weights, digits=2):
    """Return one to a few sentences: a summary of the numbers, then all counts."""
    counts = layout.counts
    news = [] if values is None else [_values(counts, values, digits)]
    news += [] if weights is None else [_weights(weights)]
    return " ".join([*news, _structure(counts), *_left_out(counts, layout.layers)])


def _structure(counts):
    if len(counts) == 1:
        return f"One layer of {plural(counts[0], 'node')}."
    kinds = ["input"] + ["hidden"] * (len(counts) - 2) + ["output"]
    nodes = ", ".join(plural(n, f"{kind} node") for n, kind in zip(counts, kinds, strict=True))
    products = [n * k for n, k in itertools.pairwise(counts)]
    total = plural(sum(products), "edge")
    if len(products) > 1:
        total = " + ".join(f"{n:,}" for n in products) + f" = {total}"
    return f"Fully connected network drawn left to right: {nodes}, joined by {total}."


def _left_out(counts, layers):
    pairs = zip(layer_names(counts), counts, layers, strict=True)
    short = [
        f"{len(layer.index)} of {count:,} nodes of the {name}"
        for name, count, layer in pairs
        if len(layer.index) < count
    ]
    return [f"Drawn with an ellipsis: {', '.join(short)}."] if short else []


def _values(counts, values, digits):
    pairs = zip(layer_names(counts), values, strict=True)
    return f"Values shown: {'; '.join(f'{name} {_range(v, digits)}' for name, v in pairs)}."


def _range(numbers, digits):
    finite = numbers[np.isfinite(numbers)]
    if numbers.size <= (_LISTED if finite.size == numbers.size else _LISTED_LOST):
        texts = [short_number(number, digits) for number in numbers]
        same = len(set(texts)) == 1 < len(texts)
        return f"{len(texts)} times {texts[0]}" if same else ", ".join(texts)
    parts = []
    if finite.size:
        ends = (short_number(end, digits) for end in (finite.min(), finite.max()))
        parts.append(f"from {' to '.join(ends)}")
    counts = {
        "nan": np.isnan(numbers).sum(),
        "infinite": np.isinf(numbers).sum(),
    }
    parts += [f"{n} of {numbers.size} {name}" for name, n in counts.items() if n]
    return ", ".join(parts)


def _weights(weights):
    flat = np.concatenate([pair.ravel() for pair in weights] or [np.zeros(0)])
    finite = flat[np.isfinite(flat)]
    counts = {
        "positive": (finite > 0).sum(),
        "negative": (finite < 0).sum(),
        "zero": (finite == 0).sum(),
        "not finite": flat.size - finite.size,
    }
    parts = [f"{n:,} {name}" for name, n in counts.items() if n]
    return f"Weights shown by line width, dashed where negative: {', '.join(parts)}."
