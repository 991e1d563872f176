"""Promise: what plotnet draws looks as it looked when a person last approved of it."""

import json

import matplotlib
import numpy as np
import pytest

from tests.helpers.compare_run import check_picture
from tools.pictures import pictures_can_be_compared, why_not
from tools.sample_figures import ALTS, FIGURES, PICTURES, png


@pytest.mark.parametrize("name", FIGURES)
def test_it_looks_and_reads_as_before(name):
    matplotlib.rcdefaults()
    fig = FIGURES[name]()
    assert getattr(fig, "alt", None) == json.loads(ALTS.read_text(encoding="utf-8"))[name]
    if not pictures_can_be_compared():
        pytest.skip(why_not())
    assert check_picture((PICTURES / f"{name}.png").read_bytes(), png(fig), name) is None


def test_a_moved_letter_is_seen_and_shown(monkeypatch, tmp_path):
    monkeypatch.setenv("ARTEFACTS", str(tmp_path))
    fig = FIGURES["net"]()
    before = png(fig)
    text = fig.axes[0].texts[0]
    text.set_position(np.add(text.get_position(), (0.05, 0)))
    problem = check_picture(before, png(fig), "moved")
    assert problem.endswith(f"compare {tmp_path / 'figures' / 'moved'}-*.png")
    assert len([*(tmp_path / "figures").glob("moved-*.png")]) == 3
