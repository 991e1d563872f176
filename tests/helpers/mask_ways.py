"""What the slider of masks must show, computed with the functions of the notebooks."""

import numpy as np

from lesson import taught


def taught_masks(score, sentinel, dtype, allowed):
    """Yield each way to mask the second of two scores, what softmax sees, and the shares."""
    kind, mask = np.dtype(dtype).type, np.array([allowed, False])
    names = {"-1e4": -1e4, "-1e9": -1e9, "least": np.finfo(dtype).min, "-inf": -np.inf}
    with np.errstate(all="ignore"):
        z, never = np.array([0, score], dtype), kind(names[sentinel])
        for way, seen in (("add", z + never), ("fill", np.full(2, never))):
            seen = np.where(mask, z, seen)
            yield way, seen, taught.softmax(seen)
        yield "multiply", z, taught.softmax(z) * mask
        yield "boolean", np.where(mask, z, kind(-np.inf)), taught.masked_softmax(z, mask)
