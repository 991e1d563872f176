"""Promise: the calls that notebook 06 names give our loss, where the library is at hand."""

import numpy as np
import pytest
import scipy.special
from sklearn.metrics import log_loss

from lesson.taught import SoftmaxCrossEntropyLoss

LOSS = SoftmaxCrossEntropyLoss()
R = np.random.default_rng(0)
Z, Y = R.normal(size=(20, 5)), R.integers(0, 5, 20)


def scipy_losses(z, y):
    return -scipy.special.log_softmax(z, axis=-1)[np.arange(len(z)), y]


def sklearn_losses(z, y):
    """One sample at a time, as the table says."""
    p = scipy.special.softmax(z, axis=-1)
    return [log_loss([y_i], [p_i], labels=range(len(p_i))) for p_i, y_i in zip(p, y, strict=True)]


@pytest.mark.parametrize("theirs", [scipy_losses, sklearn_losses])
def test_one_loss_for_each_sample(theirs):
    np.testing.assert_allclose(theirs(Z, Y), LOSS(Z, Y), rtol=1e-12)


def test_scikit_learn_averages_by_default():
    p = scipy.special.softmax(Z, axis=-1)
    assert np.isclose(log_loss(Y, p, labels=range(5)), LOSS(Z, Y).mean())


def test_scikit_learn_clips_at_36():
    far = np.array([[-10000.0, -1020, 100, -70220]])
    (clipped,) = sklearn_losses(far, [0])
    assert 36 <= clipped < 36.1
    assert LOSS(far, [0]) == 10100
