"""Two workers for the mutation runs, and the score they print."""

import time
from concurrent.futures import ProcessPoolExecutor


def in_parallel(judge, tasks, workers=2):
    """Return judge(*task) for each task, in order; a line tells when each is done."""
    with ProcessPoolExecutor(workers) as pool:
        return list(pool.map(_timed, [judge] * len(tasks), tasks))


def _timed(judge, task):
    started = time.monotonic()
    result = judge(*task)
    print(f"  {getattr(task[0], 'stem', task[0])}: {time.monotonic() - started:.0f} s", flush=True)
    return result


def score(what, count, alive):
    """Print how many mutants were killed, and each one that was not."""
    print(f"mutation score, {what}: {count - len(alive)} of {count} killed", flush=True)
    for survivor in alive:
        print(f"  alive: {survivor}", flush=True)
