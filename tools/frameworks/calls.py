"""How each library is called, as calls.toml says. Old syntax only: MXNet runs under Python 3.8."""

import os
from typing import NamedTuple

import tomli


class Library(NamedTuple):
    """A library: its name, the imports of its calls, and how an input becomes its array."""

    name: str
    imports: str
    convert: str
    packages: tuple
    settings: dict  # of the process, before the import
    lacks: tuple  # dtypes that it does not have


class Operation(NamedTuple):
    """What is computed, and each library's call for it."""

    about: str
    calls: dict


def _read():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "calls.toml")
    with open(path, encoding="utf-8") as file:
        listed = tomli.loads(file.read())
    libraries = {
        key: Library(**dict({"settings": {}, "lacks": []}, **entry))
        for key, entry in listed["libraries"].items()
    }
    operations = {
        key: Operation(entry.pop("about"), entry) for key, entry in listed["operations"].items()
    }
    return libraries, operations


LIBRARIES, OPERATIONS = _read()
