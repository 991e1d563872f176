"""Run notebook 10's loss over a vocabulary in shards, on a cluster of Dask.

python -m tools.many_machines                               starts two workers on this machine
python -m tools.many_machines tcp://127.0.0.1:8786          uses the scheduler at that address
python -m tools.many_machines ADDRESS --classes 256000 --tokens 8192 --shards 64

Workers need NumPy and Dask, nothing of this project. They make their shards and tokens from random
numbers; what they send are three numbers for each token and shard.
"""

import argparse
import asyncio
import logging
import sys
import time
from contextlib import ExitStack

import numpy as np

from lesson import taught
from lesson.taught import cross_entropy, online, tree

WIDTH = 1000  # of the blocks in which a worker streams the logits of its shard
CHECKED = 8  # tokens whose loss is computed here once more, from all logits
PATIENCE = 10  # seconds for a scheduler to answer, and for a first worker
GIGA, MEGA = 1e9, 1e6


class Problem(Exception):
    """Why the loss cannot be computed, said so that the user can act on it."""


# --- what the workers do ---


def make_tokens(tokens, features, classes):
    """Return the tokens' rows H, shape (tokens, features), and their labels."""
    r = np.random.RandomState(0)
    return r.randn(tokens, features).astype(np.float32), r.randint(0, classes, tokens)


def make_shard(k, width, features):
    """Return the rows of W that shard k owns, shape (width, features)."""
    return np.random.RandomState(100 + k).randn(width, features).astype(np.float32)


def shard_state(W, first, tokens):
    """Return (m, s, right) of a shard, each of shape (tokens,), holding one block at a time."""
    H, labels = tokens
    blocks = (H @ W[k : k + WIDTH].T for k in range(0, len(W), WIDTH))
    own = (first <= labels) & (labels < first + len(W))
    right = np.zeros(len(H), H.dtype)
    right[own] = (H[own] * W[labels[own] - first]).sum(axis=1)
    return *online(blocks), right


def most_memory():
    """Return the most memory that this process has held, in bytes."""
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        return psutil.Process().memory_info().peak_wset
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


# --- what runs here ---


def connected(address, workers, closing):
    """Return a client of the scheduler at `address`, or of a new cluster on this machine."""
    try:
        import dask
        from dask.distributed import Client, LocalCluster
    except ImportError:
        raise Problem('Dask is missing: pip install "dask[array]" distributed') from None
    if address is None:
        dask.config.set({"distributed.nanny.pre-spawn-environ.PYTHONWARNINGS": "ignore"})
        settings = {"dashboard_address": ":0", "silence_logs": logging.CRITICAL}
        cluster = LocalCluster(workers, threads_per_worker=1, host="127.0.0.1", **settings)
        return closing.enter_context(Client(closing.enter_context(cluster)))
    try:
        client = Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        what = f"no scheduler answers at {address!r}, which must be like tcp://127.0.0.1:8786"
        raise Problem(f"{what}: {str(error).splitlines()[0]}") from None
    closing.enter_context(client)
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except (TimeoutError, asyncio.TimeoutError):  # one class from Python 3.11 on
        raise Problem(f"the scheduler at {address} has no workers: start some first") from None
    return client


def by_value():
    """Let workers get our functions themselves: they need not have this project."""
    import cloudpickle

    for module in (taught, sys.modules[__name__]):
        if module.__name__ != "__main__":
            cloudpickle.register_pickle_by_value(module)


def shown(futures, stream):
    """Wait for all futures, with a bar that grows on a terminal's line."""
    from dask.distributed import as_completed

    for done, _ in enumerate(as_completed(futures), 1):
        filled = 40 * done // len(futures)
        print(f"\r[{'#' * filled:.<40}] {done}/{len(futures)} shards", end="", file=stream)
        stream.flush()
    print(file=stream)


def widths(classes, shards):
    """Return the first class and the number of classes of each shard; they differ by at most 1."""
    ends = [classes * k // shards for k in range(shards + 1)]
    return ends[:-1], np.diff(ends).tolist()


def losses_of(client, sizes):
    """Return the loss of each token, and the bytes that the shards sent."""
    first, width = widths(sizes.classes, sizes.shards)
    tokens = client.submit(make_tokens, sizes.tokens, sizes.features, sizes.classes)
    parts = client.map(make_shard, range(sizes.shards), width, [sizes.features] * sizes.shards)
    states = client.map(shard_state, parts, first, [tokens] * sizes.shards, pure=False)
    del parts
    shown(states, sys.stderr)
    try:
        states = client.gather(states)
    except Exception as error:
        raise Problem(f"a shard failed, {type(error).__name__}: {error}") from error
    m, s = tree([part[:2] for part in states])
    right = sum(part[2] for part in states)
    return (m - right) + np.log(s), sum(array.nbytes for part in states for array in part)


def losses_here(sizes):
    """Return the loss of the first tokens, from all their logits, in float64."""
    H, labels = (array[:CHECKED] for array in make_tokens(*vars(sizes)["shape"]))
    shards = zip(range(sizes.shards), widths(sizes.classes, sizes.shards)[1], strict=True)
    Z = [H.astype(float) @ make_shard(k, width, sizes.features).T for k, width in shards]
    return cross_entropy(np.concatenate(Z, axis=1), labels)


def parsed(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m tools.many_machines", description=__doc__.splitlines()[0]
    )
    parser.add_argument("address", nargs="?", help="a scheduler's, like tcp://127.0.0.1:8786")
    defaults = {"tokens": 512, "classes": 32000, "features": 64, "shards": 8, "workers": 2}
    for name, default in defaults.items():
        told = f"default: {default}" + ", on this machine" * (name == "workers")
        parser.add_argument(f"--{name}", type=int, default=default, metavar="N", help=told)
    sizes = parser.parse_args(arguments)
    for name in defaults:
        if getattr(sizes, name) < 1:
            parser.error(f"--{name} must be 1 or more, got {getattr(sizes, name)}")
    if sizes.shards > sizes.classes:
        parser.error(f"--shards must be at most --classes, {sizes.classes}, got {sizes.shards}")
    sizes.shape = sizes.tokens, sizes.features, sizes.classes
    return sizes


def run(sizes):
    by_value()
    with ExitStack() as closing:
        client = connected(sizes.address, sizes.workers, closing)
        logits = 4 * sizes.tokens * sizes.classes
        workers = len(client.ncores())
        what = f"{sizes.tokens:,} tokens, {sizes.classes:,} classes, {sizes.shards:,} shards"
        print(f"{what}, {workers} worker{'s' * (workers > 1)}")
        start = time.perf_counter()
        losses, sent = losses_of(client, sizes)
        seconds = time.perf_counter() - start
        memory = client.run(most_memory)
        here = losses_here(sizes)
        off = float(np.abs(losses[:CHECKED] - here).max() / np.abs(here).max())
        print(f"loss {losses.mean():.4f}, in {seconds:.1f} s")
        print(f"checked: {len(here)} tokens, from all logits, differ by {off:.0e} of the loss")
        print(f"sent {sent / MEGA:.3f} MB; the logits are {logits / GIGA:.3f} GB")
        print(f"most memory of a worker: {max(memory.values()) / MEGA:.0f} MB")
    if not off < 1e-4:
        raise Problem("the loss is wrong")


def main(arguments=None):
    sizes = parsed(arguments)
    try:
        run(sizes)
    except Problem as problem:
        sys.exit(f"many_machines: {problem}")
    except KeyboardInterrupt:
        sys.exit("\nmany_machines: stopped")


if __name__ == "__main__":
    main()
