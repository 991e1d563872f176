"""How each library is called, as calls.toml says. Old syntax only: MXNet runs under Python 3.8."""

from pathlib import Path
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


def table(name):
    """Return a TOML file that lies here."""
    return tomli.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))


LIBRARIES = {
    key: Library(**dict({"settings": {}, "lacks": []}, **entry))
    for key, entry in table("calls.toml")["libraries"].items()
}
OPERATIONS = {
    key: Operation(entry.pop("about"), entry)
    for key, entry in table("calls.toml")["operations"].items()
}
