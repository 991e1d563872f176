"""The JavaScript of lab.js and page.js, for Playwright."""

from pathlib import Path


def js(name):
    """Return the function that is called `name`, file.function, as Playwright evaluates it."""
    file, _, function = name.partition(".")
    text = (Path(__file__).parent / f"{file}.js").read_text(encoding="utf-8")
    return f"(() => {{ {text}\nreturn {function}; }})()"
