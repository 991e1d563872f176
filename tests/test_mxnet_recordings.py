"""Promise: our loss does what MXNet 1.9.1 did, case by case, but for the announced differences."""

import mxnet_cases
import pytest
from taught import SoftmaxCrossEntropyLoss

CASES = {case["id"]: case for case in mxnet_cases.load()}


@pytest.mark.parametrize("name", CASES)
def test_a_recorded_case(name):
    case = CASES[name]
    got = mxnet_cases.ours(SoftmaxCrossEntropyLoss, case)
    assert mxnet_cases.problems(case, case, got) == []


def test_every_announced_difference_was_recorded():
    assert set(mxnet_cases.ANNOUNCED) <= set(CASES)


def test_a_wrong_loss_is_seen():
    """The comparison can fail: a loss that is too large by a thousandth disagrees."""

    class Wrong(SoftmaxCrossEntropyLoss):
        def __call__(self, pred, label, sample_weight=None):
            return super().__call__(pred, label, sample_weight) * 1.001

    wrong = [
        name
        for name, case in CASES.items()
        if mxnet_cases.problems(case, case, mxnet_cases.ours(Wrong, case))
    ]
    assert len(wrong) > len(CASES) / 2
