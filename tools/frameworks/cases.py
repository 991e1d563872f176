"""The inputs of cases.toml as arrays. Old syntax only: MXNet runs under Python 3.8."""

from typing import NamedTuple

import numpy as np

from tools.frameworks.calls import LIBRARIES, OPERATIONS, table


class Given(NamedTuple):
    """An array and its dtype's name: bfloat16 is held in float32."""

    dtype: str
    array: np.ndarray


class Case(NamedTuple):
    """One input of an operation. `right` is a text where the right answer is to refuse."""

    operation: str
    regime: str
    words: str
    inputs: dict
    right: str = None

    @property
    def id(self):
        return "%s: %s" % (self.operation, self.words)

    def libraries(self):
        """Return the libraries that have a call for it, and all its dtypes."""
        dtypes = {given.dtype for given in self.inputs.values()}
        return [
            name
            for name in LIBRARIES
            if name in OPERATIONS[self.operation].calls and not dtypes & set(LIBRARIES[name].lacks)
        ]


def given(name, value):
    """Return the `Given` of an input called `name` that cases.toml writes as `value`."""
    if not isinstance(value, dict):
        usual = "int64" if name == "y" else "float32"
        value = {"bool" if np.array(value).dtype == bool else usual: value}
    (dtype, data), *shape = value.items()
    array = np.array(data, "float32" if dtype == "bfloat16" else dtype)
    return Given(dtype, np.full(shape[0][1], array) if shape else array)


CASES = [
    Case(operation, group["regime"], words, {n: given(n, x[n]) for n in x}, group.get("refuse"))
    for group in table("cases.toml")["inputs"]
    for operation in group["operations"]
    for words, x in group["cases"].items()
]
