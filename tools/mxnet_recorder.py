"""Run MXNet's SoftmaxCrossEntropyLoss over the recorded cases, and compare; --write stores it.

`nox -s mxnet` calls it in the environment of MXNet, so under Python 3.8 to 3.11.
"""

import json
import platform
import sys

import mxnet
import numpy

from tools.mxnet_cases import GIVEN, RECORDINGS, RESULTS, differences, encode, load, result


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


def main(write):
    stored, wrong = json.loads(RECORDINGS.read_text(encoding="utf-8")), []
    for case, kept in zip(load(), stored["cases"]):  # noqa: B905 - Python 3.8 has no strict
        fresh = result(run, case)
        wrong += ["%s: %s" % (case["id"], problem) for problem in differences(case, case, fresh)]
        # A gradient that is too large to keep is not kept.
        left_out = kept["grad"] is None and kept["error"] is None
        new = {name: encode(fresh[name]) for name in RESULTS}
        kept.update(new, error=fresh["error"], **({"grad": None} if left_out else {}))
    modules = {"mxnet": mxnet, "numpy": numpy}
    versions = {name: module.__version__ for name, module in modules.items()}
    stored["recorded_with"].update(versions, python=platform.python_version())
    if write:
        RECORDINGS.write_text(json.dumps(stored, indent=1), encoding="utf-8")
    print(*wrong, "%d cases of MXNet, %d not as recorded" % (len(load()), len(wrong)), sep="\n")
    sys.exit(bool(wrong) and not write)


if __name__ == "__main__":
    main(write="--write" in sys.argv)
