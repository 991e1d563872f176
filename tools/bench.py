"""Measure what we promise about speed: `make bench`.

Exits with 1 if a promise is broken. To add a bench, write a function that returns
(lines of its table, promise broken or not) and add it to BENCHES.
`python -m tools.bench --write` stores the times of blocks anew, which notebook 10 draws.
"""

import importlib
import json
import statistics
import sys
import timeit
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise, product

import matplotlib

matplotlib.use("agg")

import numpy as np
import scipy.special
from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg

from lesson import taught
from lesson.figures import many_machines
from plotnet import plot_net
from plotnet.brushes import NodeBrush
from tools.notebook import ROOT

LARGE = [784, 128, 10]


def edges(counts):
    """Return the number of edges of a fully connected network."""
    return sum(n * k for n, k in pairwise(counts))


def least_seconds(work, repeats):
    """Return the least time of `work()`, in seconds: a busy machine only adds to it."""
    return min(timeit.repeat(work, repeat=repeats, number=1))


def draw_with_plotnet(counts, figsize=(15, 6)):
    """Draw all edges, down to the pixels, at 100 dots per inch."""
    FigureCanvasAgg(plot_net(counts, figsize, max_nodes=None)).draw()


def draw_with_viznet(counts, figsize):
    """Draw the same network with two artists per edge, down to as many pixels."""
    from viznet import EdgeBrush, connecta2a, node_sequence

    fig = plt.figure(figsize=figsize, dpi=100)
    ax = fig.add_subplot()
    themes = ["nn.input", "nn.hidden", "nn.output"]
    layers = [
        node_sequence(NodeBrush(theme, ax, size=0.02), n, center=(x, 0), space=(0, 0.05))
        for x, (theme, n) in enumerate(zip(themes, counts, strict=True))
    ]
    for left, right in pairwise(layers):
        connecta2a(left, right, EdgeBrush("->", ax, lw=0.2))
    fig.canvas.draw()
    plt.close(fig)


def against_viznet():
    """All edges of 100-50-10 take less than a twentieth of viznet's time."""
    counts = [100, 50, 10]
    lines = [f"{'canvas':<10}{'edges':>9}{'viznet s':>10}{'plotnet s':>11}{'ratio':>8}"]
    ratios = []
    for figsize in [(6, 4), (15, 6)]:
        # viznet once, since it takes ten seconds; ours on either side, so that one busy second
        # does not spoil all of its turns.
        before = least_seconds(lambda size=figsize: draw_with_plotnet(counts, size), 5)
        theirs = least_seconds(lambda size=figsize: draw_with_viznet(counts, size), 1)
        after = least_seconds(lambda size=figsize: draw_with_plotnet(counts, size), 5)
        ours = min(before, after)
        ratios.append(theirs / ours)
        ratio = f"1/{ratios[-1]:.0f}"
        lines.append(f"{figsize!s:<10}{edges(counts):>9,}{theirs:>10.2f}{ours:>11.2f}{ratio:>8}")
    lines.append(f"at most 1/{min(ratios):.0f} (promised: less than 1/20)")
    return lines, min(ratios) < 20


def with_the_edges():
    """The time grows linearly with the edges, and 784-128-10 takes less than 10 s."""
    nets = [[40, 20, 10], [100, 50, 10], [250, 98, 5], LARGE]
    for_each = []
    lines = [f"{'network':<14}{'edges':>9}{'seconds':>10}{'ns/edge':>10}"]
    for counts in nets:
        seconds = least_seconds(lambda counts=counts: draw_with_plotnet(counts), 3)
        name, count = "-".join(map(str, counts)), edges(counts)
        for_each.append(1e9 * seconds / count)
        lines.append(f"{name:<14}{count:>9,}{seconds:>10.2f}{for_each[-1]:>10.0f}")
    ratio = for_each[-1] / for_each[0]
    lines.append(f"for each edge: {ratio:.2f} of the smallest one's time (promised: at most 1)")
    lines.append(f"{name}: {seconds:.1f} s (promised: less than 10 s)")
    return lines, ratio > 1 or seconds >= 10


def time_ratio(ours, theirs, budget=0.3):
    """Return the median of time(ours) / time(theirs), each pair measured in one breath."""
    once = least_seconds(ours, 3)
    inner = max(1, int(0.002 / once))
    ratios = []
    for turn in range(min(200, max(11, int(budget / (2 * inner * once))))):
        pair = (ours, theirs) if turn % 2 else (theirs, ours)
        times = {work: timeit.timeit(work, number=inner) for work in pair}
        ratios.append(times[ours] / times[theirs])
    return statistics.median(ratios)


# What ours may take of SciPy's time: along the last axis, and along any other. SciPy's
# log_softmax does not compute the winner's digits; its logsumexp does, more slowly.
LIMITS = {"softmax": (1.1, 1.1), "log_softmax": (1.3, 1.6), "logsumexp": (1.0, 1.0)}
SHAPES = [(5,), (256, 5), (1000, 1000), (64, 50000), (4, 8, 128, 128), (5, 100000)]


def against_scipy():
    """Our softmax and its siblings keep within a limit of SciPy's time, along every axis."""
    lines = [f"{'ours / SciPy':<18}{'axis':<5}{'dtype':<8}" + "".join(f"{n:>13}" for n in LIMITS)]
    missed = []
    axes = [(shape, axis) for shape in SHAPES for axis in range(len(shape))]
    for (shape, axis), dtype in product(axes, ("float32", "float64")):
        X = (5 * np.random.RandomState(0).randn(*shape)).astype(dtype)
        line = f"{shape!s:<18}{axis:<5}{dtype:<8}"
        for name, limits in LIMITS.items():
            ours, theirs = (
                partial(getattr(package, name), X, axis=axis) for package in (taught, scipy.special)
            )
            limit = limits[axis < len(shape) - 1]
            ratio = time_ratio(ours, theirs)
            for _ in range(3):
                # A busy machine can spoil a measurement, hardly four.
                if ratio > limit:
                    ratio = min(ratio, time_ratio(ours, theirs, budget=1.5))
            missed += [f"{name} {shape} axis {axis} {dtype}"] * (ratio > limit)
            line += f"{ratio:>12.2f}{'!' if ratio > limit else ' '}"
        lines.append(line)
    promised = ", ".join(f"{n} {last} (other axes {any_})" for n, (last, any_) in LIMITS.items())
    lines += [f"promised: at most {promised}", f"missed: {', '.join(missed) or 'none'}"]
    return lines, bool(missed)


def plain_softmax(X):
    """Return the softmax of each row, as the textbook writes it with the maximum subtracted."""
    E = np.exp(X - X.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def in_two_threads(X, rows):
    """Return the softmax of each row, two threads at work on pieces of `rows` rows."""
    pieces = [X[k : k + rows] for k in range(0, len(X), rows)]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(partial(taught.softmax_in_blocks, rows=64), pieces))


def torch_softmax(X):
    """Return a function that computes PyTorch's softmax of X on one thread; None without it."""
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        return None
    torch.set_num_threads(1)
    return partial(torch.softmax, torch.from_numpy(X), 1)


ROWS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 8192]


def softmax_by_blocks():
    """Blocks of 64 rows take at most 0.75 of plain NumPy's time, 1.3 of PyTorch's on one thread."""
    lines = [f"{'(8192, 1024)':<14}{'rows':>6}{'kB':>8}{'/ plain':>9}"]
    ratios, recorded = {}, {}
    for dtype in ("float32", "float64"):
        X = (5 * np.random.RandomState(0).randn(8192, 1024)).astype(dtype)
        plain, ours = partial(plain_softmax, X), partial(taught.softmax_in_blocks, X, 64)
        times = recorded[dtype] = {}
        for rows in ROWS:
            times[rows] = time_ratio(partial(taught.softmax_in_blocks, X, rows), plain, 1)
            size = rows * X.strides[0] / 1024
            lines.append(f"{dtype:<14}{rows:>6}{size:>8.0f}{times[rows]:>9.2f}")
        for rows in (32, 512):
            ratio = time_ratio(partial(in_two_threads, X, rows), ours, 1)
            lines.append(
                f"{dtype}, two threads, pieces of {rows} rows: {ratio:.2f} of one thread's"
            )
        ratios[f"{dtype} / plain"] = best_of_some(ours, plain, 0.75), 0.75
        if theirs := torch_softmax(X):
            ratios[f"{dtype} / PyTorch"] = best_of_some(ours, theirs, 1.3), 1.3
        else:
            lines.append("PyTorch is not installed: not compared")
    draw_block_times(recorded)
    lines += [f"{what}: {ratio:.2f} (promised: {most})" for what, (ratio, most) in ratios.items()]
    return lines, any(ratio > most for ratio, most in ratios.values())


def best_of_some(ours, theirs, limit):
    """Return the ratio of two times; a busy machine can spoil a measurement, hardly four."""
    ratio = time_ratio(ours, theirs, 1)
    for _ in range(3):
        if ratio > limit:
            ratio = min(ratio, time_ratio(ours, theirs, 1))
    return ratio


def draw_block_times(recorded):
    """Draw the times into artefacts/bench/; with --write, store them for notebook 10, too."""
    folder = ROOT / "artefacts" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    many_machines.plot_block_times(recorded).savefig(folder / "blocks.png")
    if "--write" in sys.argv:
        text = json.dumps({"row": 1024, "times": recorded}, indent=1)
        many_machines.BLOCK_TIMES.write_text(text + "\n", encoding="utf-8")


BENCHES = [against_viznet, with_the_edges, against_scipy, softmax_by_blocks]


def main():
    """Run all benches, and return 1 if a promise is broken."""
    # The first figure pays for fonts and imports.
    draw_with_plotnet([2, 1])
    broken = False
    # Only what is stored is measured anew.
    for bench in [softmax_by_blocks] if "--write" in sys.argv else BENCHES:
        lines, failed = bench()
        print(bench.__doc__, *lines, "", sep="\n", flush=True)
        broken |= failed
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
