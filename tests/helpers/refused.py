"""The calls of refused.txt, and whether one is refused as it says."""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from matplotlib.figure import Figure

import plotnet
from lesson import figures, sliders

NAMES = {
    **{name: value for room in (plotnet, figures, sliders) for name, value in vars(room).items()},
    **{"np": np, "nan": np.nan, "inf": np.inf, "Figure": Figure},
    **{"ones": lambda *shape: np.ones(shape), "masked": lambda data: np.ma.array(data, mask=True)},
}


class Refused(NamedTuple):
    """A row of refused.txt."""

    call: str
    message: list

    def check(self, call):
        """Call a function: it raises a ValueError that begins and shows what the row says."""
        begins, *shows = map(re.escape, self.message)
        with pytest.raises(ValueError, match=rf"(?s)\A{begins} .*{'.*'.join(shows)}") as refusal:
            call()
        assert re.search("accepted|must", str(refusal.value))


def refused(function=""):
    """Return the rows whose function has this in its name."""
    lines = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    rows = [line.partition("  # ") for line in lines if line and line[0] != "#"]
    return [Refused(call, message.split(" … ")) for call, _, message in rows if function in call]
