"""Promise: blocks, streams and shards of any kind give what the whole row gives.

mpmath says what is right; a scheduler and workers from the command line are the other cluster.
"""

import ast
import json
import logging
import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from unittest import mock

import numpy as np
import psutil
import pytest
import scipy.special
from mpmath import mp, mpf
from numpy.testing import assert_allclose, assert_array_equal

from lesson import taught
from lesson.figures import plot_block_times, plot_bytes, plot_chain_or_tree, plot_tree
from lesson.memory import peak
from lesson.taught import finish, merge, online, softmax_in_blocks, state, tree
from tests.helpers import figure_reader as drawing
from tests.helpers.oracle import exact, off
from tools import many_machines
from tools.notebook import FOLDER, code_cells, read

inf = np.inf
r = np.random.RandomState(0)
NAME = "10_many_machines"


# ---- states, merged one after another and as a tree


def cell_with(code):
    """Return the code cell of notebook 10 in which `code` stands."""
    (found,) = (cell for cell in code_cells(read(FOLDER / f"{NAME}.ipynb")) if code in cell.source)
    return found


def exact_state(row):
    """Return (m, s) of one row, s with 50 digits."""
    m = row.max(initial=-inf)
    return float(m), mp.fsum(mp.exp(exact(z) - exact(m)) for z in row if z > -inf)


def masked(rows, *places):
    rows = rows.copy()
    for place in places:
        rows[:, place] = -inf
    return rows


ROWS = 3 * r.randn(2, 60)
# The logits of two rows, and the ends of their blocks; two equal ends leave a block empty.
STREAMS = {
    "random": (ROWS, [7, 20, 21, 50]),
    "masked first": (masked(ROWS, slice(0, 20)), [7, 20, 21, 50]),
    "masked in the middle and last": (masked(ROWS, slice(20, 21), slice(50, 60)), [7, 20, 21, 50]),
    "one row masked": (np.vstack([ROWS[0], np.full(60, -inf)]), [30]),
    "all masked": (np.full((2, 6), -inf), [2, 4]),
    "all masked but one": (masked(ROWS, slice(0, 59)), range(1, 60)),
    "ascending": (np.sort(ROWS), range(3, 60, 3)),
    "descending, one at a time": (-np.sort(-ROWS), range(1, 60)),
    "empty blocks": (ROWS, [0, 0, 30, 30, 60]),
    "nothing": (np.empty((2, 0)), [0]),
    "large": (np.array([[1e300, -1e300, 1e300], [-1e300, -1e300, 0]]), [1, 2]),
    "the largest": (np.array([[-1.7e308, 1.7e308], [1.7e308, -inf]]), [1]),
    "far apart": (np.array([[-1000, 0, 1000, 1000], [800, 801, 0, -800]]) * 1.0, [1, 2]),
    "slowly ascending": (np.linspace(0, 1, 600)[None], range(1, 600)),
}


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_streams_and_trees_against_mpmath(name, dtype):
    """Two eps for each merge of a chain, for each round of a tree; and the type is kept."""
    rows, ends = STREAMS[name]
    with np.errstate(over="ignore"):
        rows = rows.astype(dtype)
    if np.isposinf(rows).any():
        pytest.skip("beyond this type")
    blocks, eps = np.split(rows, list(ends), axis=1), np.finfo(dtype).eps
    rounds = np.ceil(np.log2(len(blocks)))
    with np.errstate(all="raise"):
        chain, merged = online(iter(blocks)), tree([state(block) for block in blocks])
    for (m, s), room in ((chain, 2 * len(blocks) + 5), (merged, 2 * rounds + 5)):
        assert m.dtype == s.dtype == dtype and m.shape == s.shape == (len(rows),)
        with np.errstate(all="raise"):
            result = finish((m, s))
        assert result.dtype == dtype
        for row, *pair, lse in zip(rows, m, s, result, strict=True):
            top, total = exact_state(row)
            assert pair[0] == top
            # exp of a gap has the gap's own rounding, too.
            with np.errstate(all="ignore"):
                gaps = top - row.astype(float)
            gap = gaps[gaps < 700].max(initial=0)
            assert off(pair[1], total, eps) <= room + gap
            true = mpf("-inf") if not total else exact(top) + mp.log(total)
            unit = max(abs(float(top)), 1) if total else 1
            assert off(lse, true, eps * (room + gap), floor=unit) <= 1


def test_merging_is_exact_where_it_can_be():
    a, b, c = ((3 * r.randn(500), 1 + r.rand(500)) for _ in range(3))
    assert_array_equal(merge(a, b), merge(b, a))
    nothing = -inf, 0
    assert_array_equal(merge(nothing, a), a)
    assert_array_equal(merge(a, nothing), a)
    assert_array_equal(merge(merge(a, b), c)[0], merge(a, merge(b, c))[0])
    equal = [(np.full(1, 7.0), np.full(1, s)) for s in (2.0, 3.0, 0.5)]
    assert_array_equal(tree(equal), [[7.0], [5.5]])
    assert finish(online([])) == finish(tree([])) == -inf


def test_infinity_and_nan_are_not_hidden():
    for first in ([inf, 1, -inf], [np.nan, 1, 2]):
        rows = np.array([[*first, 5.0], [0.0, 1, 2, 3]])
        expected = taught.logsumexp(rows)
        for ends in ([1, 2], [3]):
            assert_array_equal(finish(online(np.split(rows, ends, axis=1)))[0], expected[0])


def test_the_stream_that_is_said_to_lose_a_thousand_eps_and_the_tree_that_does_not():
    z = 15 / 2**20 * np.arange(2**14)
    true = mp.fsum(mp.exp(exact(x) - exact(z[-1])) for x in z)
    blocks = z[:, None, None]
    chain, rounds = online(blocks)[1][0], tree([state(block) for block in blocks])[1][0]
    eps = np.finfo(float).eps
    assert 1000 < off(chain, true, eps) < min(2 * len(z), 1e-12 / eps)
    assert off(rounds, true, eps) < 10


# ---- what the notebook says in numbers


def test_memory_and_means_as_the_notebook_says(namespace):
    names = namespace(NAME)
    H, W = r.randn(512, 64).astype("f4"), r.randn(32000, 64).astype("f4")
    much, little = (peak(names["log_sums"], H, W, width)[0] for width in (32000, 1000))
    assert round(much) in (187, 188) and round(little) == 6
    scores, values = names["scores"], names["values"]
    so_far = [taught.softmax(scores[:end]) @ values[:end] for end in (2, 4, 6)]
    assert_array_equal(np.round(so_far, 2), [11.19, 35.91, 52.38])


# ---- on Dask's threads, and its functions on their own


REDUCTIONS = [
    ((5, 7), 1, (2, 3)),
    ((5, 7), 0, (1, 7)),
    ((5, 7), None, (2, 2)),
    ((20,), 0, (1,)),
    ((3, 4, 6), (0, 2), (2, 1, 5)),
    ((3, 4, 6), -1, (3, 4, 1)),
    ((1, 1), 1, (1, 1)),
]


@pytest.mark.parametrize(("shape", "axis", "chunks"), REDUCTIONS)
def test_the_reduction_of_dask(namespace, shape, axis, chunks):
    da = pytest.importorskip("dask.array")
    names = namespace(NAME) | {"da": da}
    exec(cell_with("def dask_logsumexp").source, names)
    Z = 5 * r.randn(*shape)
    Z[r.rand(*shape) < 0.3] = -inf
    Z[0] = -inf
    for given in (Z + 1000, Z.astype("f4")):
        lazy = da.from_array(given, chunks=chunks)
        for options in ({"split_every": 2}, {"keepdims": True}):
            lazily = names["dask_logsumexp"](lazy, axis, **options)
            result = lazily.compute(scheduler="threads")
            assert lazily.compute(scheduler="threads").tobytes() == result.tobytes()
            with np.errstate(divide="ignore"):
                right = scipy.special.logsumexp(given, axis=axis, keepdims="keepdims" in options)
            assert lazily.shape == result.shape == np.shape(right)
            assert_allclose(result, right, rtol=1e-5 if given.dtype == "f4" else 1e-13, atol=1e-13)


@pytest.mark.parametrize("cuts", [[], [1], [4, 5, 11], [2, 2, 9]])
def test_loss_and_gradient_of_shards_are_those_of_the_whole(namespace, cuts):
    """Any widths, an empty shard among them; each row's right class by finite differences, too."""
    names = namespace(NAME)
    H, W, y = r.randn(6, 3), r.randn(12, 3), np.array([0, 3, 4, 5, 10, 11])
    shards, first = np.split(W, cuts), [0, *cuts]
    with np.errstate(all="raise"):
        parts = [
            names["shard_state"](part, k, H, y) if len(part) else (*state(H @ part.T), np.zeros(6))
            for part, k in zip(shards, first, strict=True)
        ]
    (m, s), right = tree([part[:2] for part in parts]), sum(part[2] for part in parts)
    loss = (m - right) + np.log(s)
    assert_allclose(loss, taught.cross_entropy(H @ W.T, y), rtol=1e-12)
    both = [names["shard_gradient"](p, k, H, y, m, s) for p, k in zip(shards, first, strict=True)]
    G = scipy.special.softmax(H @ W.T, axis=1) - np.eye(12)[y]
    assert_allclose(np.concatenate([dW for dW, _ in both]), G.T @ H, rtol=1e-12, atol=1e-14)
    assert_allclose(sum(dH for _, dH in both), G @ W, rtol=1e-12, atol=1e-14)
    step = 1e-6 * np.eye(3)[0]
    up, down = (taught.cross_entropy((H + d) @ W.T, y) for d in (step, -step))
    assert_allclose(sum(dH for _, dH in both)[:, 0], (up - down) / 2e-6, rtol=1e-6, atol=1e-8)


def test_without_dask_the_notebook_says_what_to_do_and_the_first_half_has_run():
    cells = code_cells(read(FOLDER / f"{NAME}.ipynb"))
    (place,) = (i for i, cell in enumerate(cells) if "import dask.array" in cell.source)
    words = {
        name.id
        for cell in cells[:place]
        for name in ast.walk(ast.parse(cell.source))
        if isinstance(name, ast.Name)
    }
    assert not words & {"da", "dask", "client", "cluster", "psutil", "Client"}
    assert {"online", "tree", "peak"} <= words
    with (
        mock.patch.dict(sys.modules, {"dask": None}),
        pytest.raises(ImportError, match=r'needs Dask: run %pip install "dask\[array\]" distrib'),
    ):
        exec(cells[place].source, {})


# ---- on a cluster that already runs


@contextmanager
def command_line_cluster(folder, workers=2):
    """Yield the address of a scheduler, and its workers' processes, all of them always killed."""
    file, started = folder / "scheduler.json", []
    dask = [sys.executable, "-m", "dask"]
    here = ["--host", "127.0.0.1", "--scheduler-file", str(file)]
    scheduler = ["scheduler", "--port", "0", "--dashboard-address", "127.0.0.1:0", *here]
    worker = ["worker", "--nthreads", "1", "--no-dashboard", *here]
    commands = [scheduler] + [[*worker, "--local-directory", str(folder)]] * workers
    with ExitStack() as closing:
        for command in commands:
            log = closing.enter_context(open(folder / f"{len(started)}.log", "w"))
            # In the folder: neither our modules nor our settings are at hand there.
            started.append(subprocess.Popen([*dask, *command], cwd=folder, stdout=log, stderr=log))
            closing.callback(kill_family, started[-1])
            until = time.monotonic() + 60
            while not file.exists():
                assert time.monotonic() < until and started[0].poll() is None
                time.sleep(0.05)
        yield json.loads(file.read_text())["address"], started[1:]


def kill_family(process):
    """Kill a process and its children, and wait until they are gone."""
    family = [process]
    try:
        parent = psutil.Process(process.pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        pass
    for one in family:
        try:
            one.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait(30)
    psutil.wait_procs([one for one in family if isinstance(one, psutil.Process)], 30)


SMALL = ["--tokens", "64", "--classes", "3001", "--features", "8", "--shards", "5"]


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    pytest.importorskip("dask.distributed")
    from dask.distributed import Client

    with command_line_cluster(tmp_path_factory.mktemp("cluster")) as (address, workers):
        with Client(address) as client:
            client.wait_for_workers(2, timeout=60)
        yield address, workers


def test_the_tool_runs_on_a_scheduler_that_is_there_already(elsewhere, capsys):
    many_machines.main([elsewhere[0], *SMALL])
    out, err = capsys.readouterr()
    assert "64 tokens, 3,001 classes, 5 shards, 2 workers" in out
    assert "sent 0.004 MB; the logits are 0.001 GB" in out and "most memory of a worker" in out
    assert err.rstrip().endswith("[########################################] 5/5 shards")
    H, y = many_machines.make_tokens(64, 8, 3001)
    widths = many_machines.widths(3001, 5)[1]
    W = np.concatenate([many_machines.make_shard(k, n, 8) for k, n in enumerate(widths)])
    Z = (H @ W.T).astype(float)
    true = (scipy.special.logsumexp(Z, axis=1) - Z[np.arange(64), y]).mean()
    assert f"loss {true:.3f}" in out


def test_the_notebooks_cells_run_there_with_one_line_changed(elsewhere):
    """From the start of the cluster on, in a process that has run the first half's definitions."""
    from dask.distributed import Client

    address, workers = elsewhere
    cells = [cell.source for cell in code_cells(read(FOLDER / f"{NAME}.ipynb"))]
    start = next(i for i, source in enumerate(cells) if "client = Client(cluster)" in source)
    stop = next(i for i, source in enumerate(cells) if source.startswith("client.close()"))
    names = {"logging": logging, "os": os}
    names |= {"np": np, "Client": Client} | {name: vars(taught)[name] for name in dir(taught)}
    kept = "def finite", "def merge", "def finish"
    definitions = [source for source in cells[:start] if source.startswith(kept)]
    exec("\n\n".join(definitions), names)
    exec(cells[start - 1], names)
    exec(f"client = Client({address!r})", names)
    said = []
    names["print"] = lambda *words: said.append(" ".join(map(str, words)))
    for source in cells[start + 1 : stop]:
        exec(source, names)
    names["client"].close()
    assert "shards 11.9342   one machine 11.9342" in said
    assert "65,536,000 bytes of logits, 49,152 sent" in said
    assert said[-1] == "gone: True   same bits: True"
    assert all(worker.poll() is None for worker in workers)


BAD = {
    ("nonsense",): "no scheduler answers at 'nonsense', which must be like tcp://",
    ("tcp://127.0.0.1:1",): "no scheduler answers at 'tcp://127.0.0.1:1'",
    ("--tokens", "0"): "--tokens must be 1 or more, got 0",
    ("--shards", "9", "--classes", "8"): "--shards must be at most --classes, 8, got 9",
    ("--classes", "many"): "argument --classes: invalid int value: 'many'",
}


@pytest.mark.parametrize("arguments", BAD)
def test_the_tool_says_what_is_wrong(arguments, capsys):
    with mock.patch.object(many_machines, "PATIENCE", 0.2), pytest.raises(SystemExit) as ended:
        many_machines.main(list(arguments))
    assert BAD[arguments] in f"{ended.value} {capsys.readouterr().err}"


def test_the_tool_without_dask_says_what_to_install():
    with (
        mock.patch.dict(sys.modules, {"dask": None}),
        pytest.raises(SystemExit, match="Dask is missing: pip install"),
    ):
        many_machines.main([])


# ---- blocks in the cache


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("rows", [1, 3, 10, 64])
def test_softmax_in_blocks_has_the_bits_of_the_plain_one(dtype, rows):
    X = (100 * r.randn(10, 33)).astype(dtype)
    X[2, :5], X[3] = -inf, -inf
    before = X.copy()
    with np.errstate(all="raise"):
        P = softmax_in_blocks(X, rows)
    with np.errstate(all="ignore"):
        E = np.exp(X - X.max(axis=1, keepdims=True))
        assert_array_equal(P, E / E.sum(axis=1, keepdims=True))
    assert P.dtype == dtype and np.isnan(P[3]).all()
    assert_array_equal(X, before)


def test_softmax_in_blocks_of_nothing_and_of_no_rows():
    assert softmax_in_blocks(np.empty((0, 3)), 2).shape == (0, 3)
    assert softmax_in_blocks(np.empty((2, 0)), 2).shape == (2, 0)
    for rows in (0, -4):
        with pytest.raises(ValueError, match=f"rows must be 1 or more, got {rows}"):
            softmax_in_blocks(np.zeros((2, 2)), rows)


# ---- figures


def test_the_tree_shows_every_state_and_ends_in_the_whole():
    states = [state(3 * r.randn(1, 5)) for _ in range(7)] + [state(np.full((1, 5), -inf))]
    fig = plot_tree(states)
    boxes = [word for word in drawing.words(fig) if word[0] == "("]
    (m,), (s,) = tree(states)
    assert len(boxes) == 8 + 4 + 2 + 1 and f"({m:.1f}, {s:.2f})" == boxes[-1]
    assert "(−inf, 0.00)" in boxes
    assert drawing.untidy(fig) == {}
    assert all(box in fig.alt for box in boxes) and len(fig.alt) <= 300


def test_chain_and_tree_stay_below_their_bounds_as_the_alternative_text_says():
    fig = plot_chain_or_tree([2**k for k in range(1, 16)], 15 / 2**20)
    bounds, measured = fig.axes[0].lines[::2], fig.axes[0].lines[1::2]
    for bound, found in zip(bounds, measured, strict=True):
        there = np.isfinite(found.get_ydata())
        assert (found.get_ydata()[there] <= bound.get_ydata()[there]).all()
    chain, rounds = (line.get_ydata()[-1] for line in measured)
    assert chain > 1000 and rounds < 10 and len(fig.alt) <= 300


def test_curves_of_bytes_and_of_times_show_what_they_are_given():
    sent = {"all": [8e9, 8e9], "one place": [98304, 196608]}
    fig = plot_bytes([1, 2], sent)
    for line, values in zip(fig.axes[0].lines, sent.values(), strict=True):
        assert_array_equal(line.get_xydata(), np.transpose([[1, 2], values]))
    assert "all from 8 GB to 8 GB; one place from 98.3 kB to 197 kB" in fig.alt
    fig = plot_block_times({"float32": {1: 2.5, 64: 0.6, 8192: 0.7}})
    assert "2.50 with one row, 0.60 at best with 256 kB, 0.70 with all rows" in fig.alt
    assert len(plot_block_times().alt) <= 300
