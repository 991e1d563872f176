"""Promise: our loss does what MXNet 1.9.1 did, case by case, but for the announced differences."""

import numpy as np
import pytest

from lesson.recorded import mxnet_cases
from lesson.taught import SoftmaxCrossEntropyLoss

CASES = mxnet_cases()
GIVEN = ("pred", "label", "sample_weight")
RESULTS = ("output", "grad")

# Ours raises ValueError.
REFUSED = {
    "dense_reshaped_label": "MXNet reshapes a label of another shape to that of pred",
    "sample_weight_B": "MXNet spreads weights of shape (B,) to (B, B): all get the mean weight",
    "label_too_big": "MXNet clips a label beyond the last class to the last class",
    "label_negative": "MXNet clips a negative label to class 0",
    "label_fraction": "MXNet cuts the fraction off a label",
    "label_neg_fraction": "MXNet cuts the fraction off a negative label",
    "int_pred": "MXNet raises its own MXNetError",
}
# Ours gives the true value.
RIGHT = {
    "mixed_f64_pred_f32_dense": "MXNet raises where label has another dtype than pred",
    "from_logits_dense_neginf": "MXNet multiplies a label of 0 by -inf, which is nan; ours gives 0",
    "f16_many_classes": "MXNet sums float16 in float16, and the sum sticks at 2048",
}
ANNOUNCED = {**REFUSED, **RIGHT}


def ours(case):
    """Return what our class gives for a case, or the error that it raises."""
    given = [case[name] for name in GIVEN]
    try:
        loss = SoftmaxCrossEntropyLoss(**case["args"])
        with np.errstate(all="ignore"):
            return {"output": loss(*given), "grad": loss.gradient(*given), "error": None}
    except Exception as error:
        says = (str(error).strip().splitlines() or [""])[-1]
        return {"output": None, "grad": None, "error": f"{type(error).__name__}: {says}"}


def truth(case):
    """Return the result that is right for pred of shape (m, n), computed in float64."""
    pred, label = case["pred"].astype(float), case["label"].astype(float)
    if case["args"].get("sparse_label", True):
        label = np.eye(pred.shape[1])[label.astype(int)]
    log_p, total = pred, 0
    if not case["args"].get("from_logits", False):
        gaps = pred - pred.max(-1, keepdims=True)
        log_p = gaps - np.log(np.exp(gaps).sum(-1, keepdims=True))
        total = label.sum(-1, keepdims=True)
    output = -np.where(label == 0, 0, log_p * np.where(label == 0, 1, label)).sum(-1)
    grad = np.exp(log_p) * total - label
    dtype = case["pred"].dtype
    return {"output": output.astype(dtype), "grad": grad.astype(dtype), "error": None}


def differences(case, expected, got):
    """Return what in the result `got` is not as `expected`, within the tolerances of the case."""
    raised, wanted = [r["error"] and r["error"].split(":")[0] for r in (got, expected)]
    if raised != wanted:
        return [f"raises {got['error'] or 'nothing'}, expected {expected['error'] or 'no error'}"]
    found = []
    for name in RESULTS:
        if expected[name] is None:
            continue
        a, b = np.asarray(expected[name]), np.asarray(got[name])
        if (a.dtype, a.shape) != (b.dtype, b.shape):
            found.append(f"{name} is {b.dtype} {b.shape}, expected {a.dtype} {a.shape}")
            continue
        same = np.isclose(
            b.astype(float), a.astype(float), case["rtol"], case["atol"], equal_nan=True
        )
        for at in np.argwhere(~same)[:1].tolist():
            was, now = a[tuple(at)], b[tuple(at)]
            many = f"{np.sum(~same)} of {same.size} differ"
            found.append(f"{name}{at} is {now}, expected {was} ({many})")
    return found


def problems(case, recorded, got):
    """Return what is wrong with our result `got`, given MXNet's and the announced differences."""
    found = differences(case, recorded, got)
    if case["id"] in ANNOUNCED and not found:
        return ["agrees with MXNet, but a difference is announced"]
    if case["id"] in REFUSED:
        refused = (got["error"] or "").startswith("ValueError:")
        return [] if refused else [f"raises {got['error'] or 'nothing'}, expected a ValueError"]
    if case["id"] in RIGHT:
        return differences(case, truth(case), got)
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_recorded_case(name):
    case = CASES[name]
    assert problems(case, case, ours(case)) == []


def test_every_announced_difference_was_recorded():
    assert set(ANNOUNCED) <= set(CASES)
