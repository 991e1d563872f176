"""Build the browser edition: JupyterLite, with Pyodide, our packages and the notebooks beside it.

python -m tools.web.site --browser builds the site with it, in lite/. Pyodide's files come from the
folder that $PYODIDE_FILES names, else from build/pyodide, where `--browser` puts what it fetches
from the official distribution. pyodide.json accepts each by its hash, wherever it comes from.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from email import message_from_bytes
from importlib.metadata import Distribution
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from tools import handouts
from tools.environment import LITE, program
from tools.notebook import NOTEBOOKS, ROOT, TITLE
from tools.web.assets import BUILD

ACCEPTED = json.loads((Path(__file__).parent / "pyodide.json").read_text(encoding="utf-8"))
FETCHED = BUILD / "pyodide"
# What a package needs when it is imported, beside what its own cell imports.
OURS = {
    "plotnet": ["numpy", "matplotlib", "viznet"],
    "lesson": ["plotnet", "anywidget"],
    "viznet": ["numpy", "matplotlib"],
    "mpmath": [],
    "anywidget": ["ipywidgets", "psygnal", "typing-extensions"],
    "ipywidgets": ["comm", "traitlets", "ipython"],
    "comm": ["traitlets"],
    "psygnal": [],
    "typing-extensions": [],
}
# What we change: (old, new) of a file. viznet imports SciPy, 20 MB, for one function that no brush
# uses, so there it can wait; JupyterLite ends "Run All" at an error that is announced, too.
SCIPY = "from scipy.interpolate import interp1d\n"
OF_VIZNET = [(SCIPY, ""), ("        f = interp1d(", f"        {SCIPY}        f = interp1d(")]
OF_JUPYTERLITE = [
    (
        "await r.ready,await r.handleMessage(e)",
        "await r.ready,h.ends=!1!==e.content.stop_on_error,await r.handleMessage(e)",
    ),
    ('"error"===e.content.status&&h.cancel()', '"error"===e.content.status&&h.ends&&h.cancel()'),
]
OF_ITS_PAGES = 'content="WASM powered Jupyter running in the browser."'
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
SETTINGS = {
    "jupyter_lite_config.json": {
        "LiteBuildConfig": {
            "contents": ["files"],
            "apps": ["notebooks", "tree"],
            "no_sourcemaps": True,
            "cache_dir": "cache",
        }
    },
    # Tests ask the page itself.
    "jupyter-lite.json": {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Softmax",
            "exposeAppInBrowser": True,
            "litePluginSettings": {
                # What every notebook imports comes while the reader reads.
                KERNEL: {"loadPyodideOptions": {"packages": ["lesson"]}}
            },
        },
    },
    "overrides.json": {
        "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    },
}
NOTICES = """What this folder ships, and under which licence. We change two things:
viznet imports SciPy where it needs it, and JupyterLite runs on after an announced error.

JupyterLite and JupyterLab: BSD-3-Clause, https://github.com/jupyterlite/jupyterlite
Pyodide: MPL-2.0, its source is https://github.com/pyodide/pyodide/tree/0.27.7
CPython, in pyodide.asm.wasm and python_stdlib.zip: PSF-2.0, https://www.python.org
OpenBLAS: BSD-3-Clause, https://github.com/OpenMathLib/OpenBLAS
OpenSSL 1.1.1: OpenSSL and SSLeay licences, https://www.openssl.org
SQLite: public domain, https://sqlite.org
The notebooks and their packages, plotnet and lesson: LICENSE and LICENSE-TEXT, below.
"""


class BrowserError(Exception):
    """Why there is no browser edition, said so that the maintainer can act on it."""


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def changed(text, changes, name):
    """Return the text with each (old, new) replaced, which must be there once."""
    for old, new in changes:
        if text.count(old) != 1:
            raise BrowserError(f"{name}: {old!r} is there {text.count(old)} times, not once")
        text = text.replace(old, new)
    return text


def accept(name, data, place):
    if (found := sha256(data)) != ACCEPTED["sha256"][name]:
        wanted = ACCEPTED["sha256"][name]
        raise BrowserError(f"{place}: its sha256 is {found}; pyodide.json accepts {wanted}")


def fetch():
    """Put the accepted files that are not there yet into build/pyodide."""
    FETCHED.mkdir(parents=True, exist_ok=True)
    for name in ACCEPTED["sha256"]:
        if not (FETCHED / name).exists():
            address = ACCEPTED["address"] + name
            try:
                with urllib.request.urlopen(address, timeout=60) as answer:
                    data = answer.read()
            except OSError as error:
                raise BrowserError(
                    f"{address}: {error}; PYODIDE_FILES=folder names one that holds {name}"
                ) from None
            accept(name, data, address)
            part = FETCHED / f".{name}"
            part.write_bytes(data)
            part.rename(FETCHED / name)


def pyodide(asked):
    """Return the folder that holds every accepted file; None if there is none, and none is asked.

    Raises
    ------
    BrowserError
        If a file is missing or is another one; it names the file.
    """
    folder = Path(os.environ.get("PYODIDE_FILES") or FETCHED)
    if folder == FETCHED:
        if not asked and not all((FETCHED / name).exists() for name in ACCEPTED["sha256"]):
            return None
        fetch()
    for name in ACCEPTED["sha256"]:
        try:
            accept(name, (folder / name).read_bytes(), folder / name)
        except OSError as error:
            raise BrowserError(f"{folder / name}: {error.strerror}") from None
    return folder


def distribution(name):
    """Return an installed distribution: JupyterLite's where it has one, for its widgets fit."""
    places = [str(path) for path in Path(LITE).rglob("site-packages")]
    found = next(iter(Distribution.discover(name=name, path=places)), None)
    return found or Distribution.from_name(name)


def contents(name, copy):
    """Return (version, files) of a package, {path: bytes}: ours as in the copy, without a byte
    that is compiled."""
    if (copy / name).is_dir():
        paths = [path for path in (copy / name).rglob("*") if path.is_file()]
        files = {path.relative_to(copy).as_posix(): path.read_bytes() for path in paths}
        version = Distribution.from_name("plotnet").version
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense: BSD-3-Clause\n"
        return version, files | {f"{name}-{version}.dist-info/METADATA": about.encode()}
    found = distribution(name)
    wanted = r"(?!\.\.).*(?<!\.so)(?<!\.pyd)(?<!\.pyc)(?<!RECORD)(?<!direct_url.json)"
    files = {str(f): f.locate().read_bytes() for f in found.files if re.fullmatch(wanted, str(f))}
    return found.version, {path.replace("\\", "/"): data for path, data in files.items()}


def add_wheel(folder, name, copy):
    """Write a wheel of an installed package into the folder; return its entry of the lock."""
    version, files = contents(name, copy)
    if name == "viznet":
        source = files["viznet/utils.py"].decode()
        files["viznet/utils.py"] = changed(source, OF_VIZNET, "viznet/utils.py").encode()
    path = folder / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    with ZipFile(path, "w", ZIP_DEFLATED) as wheel:
        for file, data in sorted(files.items()):
            # Without a date: the same files are the same bytes.
            wheel.writestr(ZipInfo(file), data, ZIP_DEFLATED)
    tops = {file.split("/")[0].removesuffix(".py") for file in files if file.endswith(".py")}
    entry = {"name": name, "version": version, "file_name": path.name, "install_dir": "site"}
    entry |= {"sha256": sha256(path.read_bytes()), "package_type": "package"}
    return entry | {"imports": sorted(tops), "depends": OURS[name], "unvendored_tests": False}


def add_python(folder, source, copy):
    """Fill the folder with Pyodide, our wheels, and a lock that names these files alone."""
    folder.mkdir(parents=True)
    for name in ACCEPTED["sha256"]:
        shutil.copyfile(source / name, folder / name)
    lock = json.loads((folder / "pyodide-lock.json").read_text(encoding="utf-8"))
    named = {entry["file_name"] for entry in lock["packages"].values()}
    if unknown := {name for name in ACCEPTED["sha256"] if name.endswith(".whl")} - named:
        raise BrowserError(f"pyodide-lock.json does not name {', '.join(sorted(unknown))}")
    packages = {
        name: entry
        for name, entry in lock["packages"].items()
        if entry["file_name"] in ACCEPTED["sha256"]
    }
    packages |= {name: add_wheel(folder, name, copy) for name in OURS}
    (folder / "pyodide-lock.json").write_text(json.dumps(lock | {"packages": packages}))


def notices(python, copy):
    """Return the notices: those of the wheels as they hold them, and our own."""
    parts = [NOTICES]
    for path in sorted(python.glob("*.whl")):
        with ZipFile(path) as wheel:
            inside = [name for name in wheel.namelist() if ".dist-info/" in name]
            about = message_from_bytes(
                wheel.read(next(name for name in inside if name.endswith("/METADATA")))
            )
            kinds = [about["License-Expression"] or (about["License"] or "").splitlines()[:1]]
            kinds += [c for c in about.get_all("Classifier", []) if c.startswith("License")]
            parts.append(f"== {about['Name']} {about['Version']}: {kinds}")
            texts = [name for name in inside if re.search("(?i)licen[cs]e|copying|notice", name)]
            parts += [wheel.read(name).decode("utf-8", "replace") for name in texts]
    parts += [(copy / name).read_text(encoding="utf-8") for name in ("LICENSE", "LICENSE-TEXT")]
    return "\n\n".join(parts)


def describe(folder):
    """Say in the pages of JupyterLite what a link to them leads to."""
    says = f'content="{TITLE}: its notebooks run in your browser, with nothing to install."'
    preview = (
        f'<meta property="og:title" content="{TITLE}" /><meta property="og:description" {says}'
    )
    told = f"{says} />{preview}"
    for name in ("notebooks", "tree"):
        page = folder / name / "index.html"
        text = changed(page.read_text(encoding="utf-8"), [(OF_ITS_PAGES, told)], page.name)
        page.write_text(text, encoding="utf-8")


def run_on_after_announced_errors(folder):
    found = {path: path.read_text(encoding="utf-8") for path in folder.glob("*.js")}
    chosen = [path for path, text in found.items() if OF_JUPYTERLITE[1][0] in text]
    for path in chosen or [folder]:
        text = changed(found.get(path, ""), OF_JUPYTERLITE, path.name)
        path.write_text(text, encoding="utf-8")


def build(folder, source):
    """Build JupyterLite into `folder`, with Pyodide from the folder `source`."""
    subprocess.run([sys.executable, str(ROOT / "tools" / "environment.py"), "lite"], check=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".lite-") as place:
        work, copy = Path(place, "work"), Path(place, "copy")
        copy.mkdir()
        handouts.write("browser", NOTEBOOKS, copy)
        add_python(work / "static" / "pyodide", source, copy)
        (work / "files").mkdir()
        for path in copy.glob("*.ipynb"):
            shutil.copy(path, work / "files")
        for name, settings in SETTINGS.items():
            (work / name).write_text(json.dumps(settings))
        command = [program(LITE, "jupyter-lite"), "build", "--output-dir", "out"]
        ended = subprocess.run(command, cwd=work, capture_output=True, text=True)
        if ended.returncode:
            raise BrowserError(f"JupyterLite was not built\n{ended.stdout}{ended.stderr}")
        run_on_after_announced_errors(work / "out" / "build")
        describe(work / "out")
        says = notices(work / "static" / "pyodide", copy)
        (work / "out" / "NOTICES.txt").write_text(says, encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        (work / "out").rename(folder)
