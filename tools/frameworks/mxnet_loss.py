"""MXNet's SoftmaxCrossEntropyLoss over the calls that our class is tested against.

Their inputs stand in the recording only, under `mxnet_loss`. Runs under Python 3.8.
"""

import mxnet

from lesson.recorded import decode
from tools.frameworks.recording import encode

GIVEN = ("pred", "label", "sample_weight")


def run(case):
    """Return losses and the gradient of their sum for one call, or the error, as recorded."""
    given = [decode(case[name]) for name in GIVEN]
    try:
        loss = mxnet.gluon.loss.SoftmaxCrossEntropyLoss(**case["args"])
        pred, *rest = [None if a is None else mxnet.nd.array(a, dtype=a.dtype) for a in given]
        pred.attach_grad()
        with mxnet.autograd.record():
            output = loss(pred, *rest)
        output.backward()
        output, grad = output.asnumpy(), pred.grad.asnumpy()
    except Exception as error:
        last = (str(error).strip().splitlines() or [""])[-1]
        return {"output": None, "grad": None, "error": "%s: %s" % (type(error).__name__, last)}
    too_large = case["grad"] is None
    return {
        "output": encode(output),
        "grad": None if too_large else encode(grad),
        "error": None,
    }
