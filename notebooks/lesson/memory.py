"""How much memory a piece of work needs."""

import tracemalloc


def peak(work, *arguments):
    """Return how much more memory than before work(*arguments) needs at most, and its result.

    Returns
    -------
    float, object
        MiB that Python and NumPy have allocated at the same time, and what `work` returns.
    """
    tracemalloc.start()
    try:
        result = work(*arguments)
        return tracemalloc.get_traced_memory()[1] / 2**20, result
    finally:
        tracemalloc.stop()
