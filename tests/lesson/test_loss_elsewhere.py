"""Promise: the calls that notebook 06 names give our loss, where the library is at hand."""

import numpy as np
import scipy.special
from sklearn.metrics import log_loss

from lesson import taught

LOSS = taught.SoftmaxCrossEntropyLoss()
R = np.random.default_rng(0)
Z, Y = R.normal(size=(20, 5)), R.integers(0, 5, 20)


def sklearn_losses(z, y):
    """One sample at a time, as the table says."""
    p = scipy.special.softmax(z, axis=-1)
    return [log_loss([y_i], [p_i], labels=range(len(p_i))) for p_i, y_i in zip(p, y, strict=True)]


def test_scipy():
    log_p = scipy.special.log_softmax(Z, axis=-1)
    np.testing.assert_allclose(-log_p[np.arange(len(Z)), Y], LOSS(Z, Y), rtol=1e-12)


def test_scikit_learn():
    np.testing.assert_allclose(sklearn_losses(Z, Y), LOSS(Z, Y), rtol=1e-12)


def test_scikit_learn_averages_by_default():
    p = scipy.special.softmax(Z, axis=-1)
    assert np.isclose(log_loss(Y, p, labels=range(5)), LOSS(Z, Y).mean())


def test_scikit_learn_clips_at_36():
    far = np.array([[-10000.0, -1020, 100, -70220]])
    (clipped,) = sklearn_losses(far, [0])
    assert 36 <= clipped < 36.1
    assert LOSS(far, [0]) == 10100
