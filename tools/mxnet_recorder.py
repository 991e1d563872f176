"""Run MXNet's SoftmaxCrossEntropyLoss over recorded cases; called by mxnet_live.py.

python mxnet_recorder.py CASES RESULTS   reads the one JSON file and writes the other

Runs in the environment of MXNet, so under Python 3.8 to 3.11.
"""

import json
import platform
import sys
from pathlib import Path

import mxnet
import numpy

from tools.mxnet_cases import GIVEN, RESULTS, encode, load, result


def run(case):
    """Return MXNet's losses, and the gradient of their sum, for the inputs of a case."""
    loss = mxnet.gluon.loss.SoftmaxCrossEntropyLoss(**case["args"])
    pred, label, sample_weight = [
        None if case[name] is None else mxnet.nd.array(case[name], dtype=case[name].dtype)
        for name in GIVEN
    ]
    pred.attach_grad()
    with mxnet.autograd.record():
        output = loss(pred, label, sample_weight)
    output.backward()
    return output.asnumpy(), pred.grad.asnumpy()


def main(cases, results):
    versions = {
        "mxnet": mxnet.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
    }
    found = []
    for case in load(cases):
        fresh = result(run, case)
        found.append(dict(fresh, id=case["id"], **{name: encode(fresh[name]) for name in RESULTS}))
    text = json.dumps({"recorded_with": versions, "cases": found})
    Path(results).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
