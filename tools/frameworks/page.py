"""The parts of the site's pages docs/libraries.md and docs/contract.md, from what is recorded."""

from collections import Counter

from lesson import contract, recorded
from tools.notebook import slug

DIGITS = 6


def summary():
    """Yield the lines of the table of libraries: version, date, and how many results are what."""
    yield "| library | version | recorded | right | differs | refuses |"
    yield "|---|---|---|---|---|---|"
    for library, about in recorded.load()["libraries"].items():
        counts = Counter(result["verdict"] for _, result in results(library))
        numbers = " | ".join(str(counts[word]) for word in ("right", "differs", "refuses"))
        name, date = about["name"], about["date"]
        yield f"| [{name}](#{anchor(name)}) | {versions(about)} | {date} | {numbers} |"


def libraries():
    """Yield the lines of one section for each library: call by call, input by input."""
    recording = recorded.load()
    for library, about in recording["libraries"].items():
        yield f"({anchor(about['name'])})=\n"
        yield f"## {about['name']}\n"
        yield f"{versions(about)}, recorded on {about['date']}.\n"
        yield f"```python\n{about['imports']}\n```\n"
        last = None
        for name, result in results(library):
            operation = recording["cases"][name]["operation"]
            if operation != last:
                calls = recording["operations"][operation]
                yield f"\n### {about['name']}: {operation}\n"
                yield f"{calls['about'][0].upper()}{calls['about'][1:]}.\n"
                yield f"```python\n{calls['calls'][library]}\n```\n"
                yield f"| input | {about['name']} | right | verdict |"
                yield "|---|---|---|---|"
            last = operation
            yield line(name, library, result)
        yield ""


def results(library):
    """Return (name of the case, result) of a library, the calls in their order."""
    recording = recorded.load()
    order = list(recording["operations"])
    found = [
        (name, case["results"][library])
        for name, case in recording["cases"].items()
        if library in case["results"]
    ]
    return sorted(found, key=lambda pair: order.index(recording["cases"][pair[0]]["operation"]))


def line(name, library, result):
    _, words = name.split(": ", 1)
    shown = recorded.result(name, library, DIGITS).removesuffix(" ✗")
    verdict = result["verdict"] if result["verdict"] == "right" else f"**{result['verdict']}**"
    if "message" in result:
        said = result["message"].replace("|", r"\|").replace("`", "'")
        verdict += f": `{said}`" if said else ""
    elif result.get("eps", "inf") != "inf":
        verdict += f", {result['eps']} eps"
    return f"| {words} | {shown} | {recorded.right(name, DIGITS)} | {verdict} |"


def versions(about):
    return ", ".join(f"{package} {version}" for package, version in about["versions"].items())


def anchor(name):
    return "library-" + name.lower().replace(" ", "-")


def guards():
    """Yield the lines of the table of the contract: what it guards, how often, where to read."""
    cases = contract.load().values()
    counts = Counter(case["regime"] for case in cases)
    explained = {case["regime"]: case["explained"].split("#") for case in reversed(cases)}
    yield "| what is guarded | cases | explained in |"
    yield "|---|---|---|"
    for regime, count in counts.items():
        file, heading = explained[regime]
        words = heading.replace("-", " ")
        text = regime.replace("*", r"\*")
        yield f"| {text} | {count} | [{file[:2]} · {words}]({file}#{slug(words)}) |"
