"""Promise: workers die at any moment and clusters stand side by side, and no bit of 10 changes."""

import logging
import os
import random
import subprocess
import sys
import threading
import uuid

import psutil
import pytest

from tools import many_machines
from tools.notebook import FOLDER, ROOT

distributed = pytest.importorskip("dask.distributed")
NOTEBOOK = FOLDER / "10_many_machines.ipynb"
SIZES = many_machines.parsed(["--classes", "64000", "--tokens", "256", "--shards", "12"])


@pytest.fixture
def cluster():
    """A cluster of two workers, which uses the ports that most clusters use."""
    settings = {"n_workers": 2, "threads_per_worker": 1, "silence_logs": logging.CRITICAL}
    with distributed.LocalCluster(**settings, host="127.0.0.1") as running:
        yield running


@pytest.mark.parametrize("seed", range(10))
def test_a_worker_killed_at_a_random_moment_changes_no_bit_or_is_named(cluster, seed):
    """Nothing hangs: a kill comes within the time that a run takes, or just after it."""
    many_machines.by_value()
    moment = random.Random(seed)
    with distributed.Client(cluster) as client:
        expected = many_machines.losses_of(client, SIZES)[0].tobytes()
        pids = sorted(client.run(os.getpid).values())
        victim = psutil.Process(moment.choice(pids))
        timer = threading.Timer(moment.uniform(0, 1.5), victim.kill)
        timer.start()
        got = []

        def work():
            try:
                got.append(many_machines.losses_of(client, SIZES)[0].tobytes())
            except many_machines.Problem as problem:
                got.append(str(problem))

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(60)
        timer.join()
        assert not thread.is_alive(), "it hangs"
        (result,) = got
        assert result == expected or "a shard failed" in result


def test_the_notebook_passes_twenty_times_two_at_a_time_beside_another_cluster(cluster):
    """Strictly compared; and of none of the runs is a process left."""
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "-p", "no:cacheprovider"]
    for _ in range(10):
        mark = uuid.uuid4().hex
        environment = {**os.environ, "MARK_OF_THIS_RUN": mark}
        pair = [
            subprocess.Popen(
                [*command, str(NOTEBOOK)],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for _ in range(2)
        ]
        for process in pair:
            said, _ = process.communicate(timeout=300)
            assert process.returncode == 0, said
        assert left_with(mark) == []


def left_with(mark):
    """Return the command of each process that was started with this mark."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("MARK_OF_THIS_RUN") == mark:
                found.append(" ".join(process.cmdline()))
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found
