"""Promise: when the machine misbehaves, the user sees what is wrong, or sees no difference.

Each test prints one line: what the user sees.
"""

import ast
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import matplotlib
import nbformat
import psutil
import pytest

from tests.helpers.project import copy_project
from tests.helpers.serving import ask, family, serving
from tools.environment import STAMP, TOOLS, program
from tools.notebook import NOTEBOOKS, ROOT, code_cells, read
from tools.record import drop_widget_views
from tools.run import kernel_of_this_environment, run_cells

NBVAL = ["-m", "pytest", "--nbval", "-q", "-p", "no:cacheprovider"]
DRAW = "from plotnet import plot_net\nplot_net([10, 7, 5], (15, 6), {filename!r})"


@pytest.fixture
def sees(capsys):
    """Print what the user sees, past pytest's capture."""

    def show(line):
        with capsys.disabled():
            print(f"\n  the user sees: {line}", end=" ")

    return show


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def copy(tmp_path):
    """A copy of the project, whose plotnet is the one that is imported."""
    folder = tmp_path / "copy"
    copy_project(folder)
    return folder


def settings(home, project=ROOT, **more):
    """Return the environment variables of a user with this home, and no display."""
    kept = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    own = {
        "HOME": str(home),
        "PYTHONPATH": str(project),
        "PYTHONDONTWRITEBYTECODE": "1",
        # Looking for fonts again would only take time.
        "MPLCONFIGDIR": matplotlib.get_configdir(),
    }
    return {**kept, **own, **more}


LEFT_OUT = {"DISPLAY", "WAYLAND_DISPLAY", "MPLBACKEND", "JUPYTER_PATH"}


def run(command, cwd, env, timeout=120):
    """Run a command to its end: return its exit code and all that it said."""
    ended = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="backslashreplace",
        timeout=timeout,
    )
    return ended.returncode, ended.stdout


def last_line(said):
    return said.strip().splitlines()[-1]


def can_mount():
    """Whether a namespace with mounts of its own may be made: root can, in most containers."""
    return (
        bool(shutil.which("unshare"))
        and not subprocess.run(
            ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True
        ).returncode
    )


def in_read_only(folder):
    """Return how to start a command for which `folder` cannot be written to."""
    if os.geteuid() != 0:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(path.stat().st_mode & ~0o222)
        return []
    if not can_mount():
        pytest.skip("root writes into every folder, and may not mount one read-only here")
    mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && cd . && exec "$@"'
    return ["unshare", "-m", "sh", "-c", mount, folder]


def test_a_read_only_checkout_passes_or_says_why(copy, home, sees):
    """The user sees every cell pass, except those that write a file: they say which and why."""
    names = [f"notebooks/{path.name}" for path in NOTEBOOKS[:2]]
    python = [*in_read_only(copy), sys.executable]
    _, said = run([*python, *NBVAL, "--color=no", *names], copy, settings(home, copy))
    sees(last_line(said))
    failed = re.findall(r"^FAILED (.+) - ", said, re.MULTILINE)
    writing = writing_cells(NOTEBOOKS[:2])
    assert failed == [f"notebooks/{name}::Cell {number}" for name, number in writing]
    refused = re.findall(r"filename is in a folder that cannot be written to, got '(\w+)'", said)
    assert len(set(refused)) == len(failed) >= 1


def writing_cells(paths):
    """Yield (file name, number among the code cells) of each cell that names a file to write."""
    for path in paths:
        for number, cell in enumerate(code_cells(read(path))):
            if re.search(r'\), "net\w*"', cell.source):
                yield path.name, number


def test_plot_net_refuses_a_read_only_folder(copy, home, sees):
    """The user sees one ValueError that names the file, and nothing is left."""
    script = DRAW.format(filename=str(copy / "net"))
    code, said = run([*in_read_only(copy), sys.executable, "-c", script], home, settings(home))
    sees(last_line(said))
    assert code == 1
    assert f"filename is in a folder that cannot be written to, got '{copy / 'net'}'" in said
    assert not list(copy.glob("*net*.svg"))


def test_without_a_display_a_script_draws(home, sees):
    """The user sees no difference: no window is needed to draw."""
    code, said = run([sys.executable, "-c", DRAW.format(filename="net")], home, settings(home))
    sees(f"net.svg of {(home / 'net.svg').stat().st_size} bytes, and no word")
    assert (code, said) == (0, "")
    assert "105 edges" in (home / "net.svg").read_text(encoding="utf-8")


def test_without_a_display_make_lab_says_its_address(home, sees):
    """The user sees the address to open, and no browser is looked for."""
    lab = [sys.executable, "scripts/lab.py"]
    with serving(lab, ROOT, settings(home, BROWSER="no-such-browser")) as (_, address, lines):
        sees(address[0].partition("?")[0])
    assert "no-such-browser" not in "".join(lines)


def locales(folder):
    """Return the settings of the C locale and, where localedef can make it, of a Latin-1 one."""
    plain = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    found = {"C": {**plain, "LC_ALL": "C"}}
    name = "de_DE.ISO-8859-1"
    make = ["localedef", "-i", "de_DE", "-f", "ISO-8859-1", folder / name]
    if shutil.which("localedef") and not subprocess.run(make, capture_output=True).returncode:
        found[name] = {**plain, "LC_ALL": name, "LOCPATH": str(folder)}
    return found


def test_a_locale_without_utf_8_changes_nothing(copy, home, sees):
    """The user sees the notebooks pass and record to the same bytes, and every script speak."""
    if sys.version_info < (3, 13) and not str(ROOT).isascii():
        pytest.skip("Python before 3.13 cannot start where its locale lacks the path's letters")
    encoding = "import locale; print(locale.getpreferredencoding(False))"
    found = locales(home)
    for locale in found.values():
        env = settings(home, copy, **locale)
        code, used = run([sys.executable, "-c", encoding], copy, env)
        assert "utf" not in used.lower(), "this machine has no other encoding than UTF-8"
        first = NOTEBOOKS[0].name
        code, said = run([sys.executable, *NBVAL, f"notebooks/{first}"], copy, env)
        assert code == 0, said
        code, said = run([sys.executable, "scripts/record.py", "01"], copy, env)
        assert (code, last_line(said)) == (0, "[1/1] 01_draw_the_network ... unchanged")
        assert (copy / "notebooks" / first).read_bytes() == NOTEBOOKS[0].read_bytes()
        files = ["frame", "setup", "environment_yml"]
        tests = [f"tests/test_{file}.py" for file in files]
        code, said = run([sys.executable, *NBVAL, *tests], copy, env)
        assert code == 0, said
        bench = "import bench; bench.LARGE[:] = [3, 2]; print(*bench.with_the_edges()[0])"
        code, said = run([sys.executable, "-c", bench], copy / "scripts", env)
        assert code == 0, said
    missing = "" if len(found) == 2 else "; no Latin-1 locale can be made here"
    sees(f"no difference in {' and '.join(found)}{missing}")


def stale_kernelspec(home):
    """Give the user a kernelspec `python3` whose Python is gone."""
    folder = home / ".local" / "share" / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    argv = [str(home / "gone" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Python 3 (gone)", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    # Jupyter looks into the user's folder first where an environment is not the user's own.
    return settings(home, JUPYTER_PREFER_ENV_PATH="0")


def test_a_stale_kernelspec_stops_neither_test_nor_record(copy, home, sees):
    """The user sees no difference: the kernel is that of the project's environment."""
    env = {**stale_kernelspec(home), "PYTHONPATH": str(copy)}
    code, said = run([sys.executable, *NBVAL, f"notebooks/{NOTEBOOKS[0].name}"], copy, env)
    sees(last_line(said))
    assert code == 0, said
    code, said = run([sys.executable, "scripts/record.py", "01"], copy, env)
    assert (code, last_line(said)) == (0, "[1/1] 01_draw_the_network ... unchanged")


def test_a_stale_kernelspec_does_not_stop_make_lab(home, sees):
    """The user sees a kernel that starts, and it is that of the project's environment."""
    with serving([sys.executable, "scripts/lab.py"], ROOT, stale_kernelspec(home)) as started:
        process, address, _ = started
        start_kernel(process, address)
        (kernel,) = (each for each in family(process) if "ipykernel_launcher" in each.cmdline())
        sees(f"a kernel of {Path(kernel.cmdline()[0]).relative_to(ROOT)}")
        assert kernel.cmdline()[0] == sys.executable


def start_kernel(process, address):
    """Start the kernel that a notebook asks for, as JupyterLab's page does."""
    port, _, token = address.groups()
    ask(f"http://127.0.0.1:{port}/api/kernels?token={token}", process, b'{"name": "python3"}')


SAVE = """
import os
from plotnet import DynamicShow, plot_net

def save(name):
    if name.endswith("gif"):
        with DynamicShow((6, 4), name) as ds:
            ds.steps += [lambda: ds.ax.scatter(range(999), range(999), c=range(999))] * 3
    else:
        plot_net([10, 7, 5], (15, 6), name)

for suffix in ("svg", "png", "pdf", "jpg", "gif"):
    name = os.path.abspath("net." + suffix)
    with open(name, "w") as file:
        file.write("old")
    try:
        save(name)
        print("saved")
    except OSError as error:
        print(error)
    with open(name, "rb") as file:
        print(file.read())
    os.remove(name)
    print(os.listdir())
"""


@pytest.mark.parametrize("limit", ["No space left on device", "File too large"])
def test_a_full_disk_keeps_the_old_file(limit, tmp_path, home, sees):
    """The user sees which file could not be written and why, and still has the old one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    # A disk of 12 kB is full for each file type; so is a user whose files may have 8 blocks.
    if limit == "File too large":
        command = ["sh", "-c", 'cd "$0" && ulimit -f 8 && exec "$@"', folder]
    elif can_mount():
        mount = 'mount -t tmpfs -o size=12k none "$0" && cd "$0" && exec "$@"'
        command = ["unshare", "-m", "sh", "-c", mount, folder]
    else:
        pytest.skip("only root may mount a small disk")
    code, said = run([*command, sys.executable, "-c", SAVE], tmp_path, settings(home))
    assert code == 0, said
    for suffix in ("svg", "png", "pdf", "jpg", "gif"):
        message, kept, left, *rest = said.splitlines()
        said = "\n".join(rest)
        assert limit in message
        assert str(folder / f"net.{suffix}") in message
        assert ".plotnet-" not in message
        assert (kept, left) == ("b'old'", "[]")
    sees(message)


@pytest.mark.parametrize("name", [path.name for path in NOTEBOOKS])
def test_a_notebook_run_twice_in_one_kernel_says_the_same(name, copy, sees):
    """The user sees the same outputs after a second Run All: no cell spoils a name for good."""
    once = code_cells(read(copy / "notebooks" / name))
    again = [nbformat.v4.new_code_cell(cell.source, metadata=cell.metadata) for cell in once]
    both = nbformat.v4.new_notebook(cells=[*map(nbformat.from_dict, once), *again])
    with kernel_of_this_environment():
        run_cells(both, copy / "notebooks", coalesce_streams=True)
    ran = [outputs(cell) for cell in both.cells]
    for cell, first, second in zip(once, ran[: len(once)], ran[len(once) :], strict=True):
        assert first == second, cell.source
    sees(f"{len(once)} cells of {name}, the same outputs twice")


def outputs(cell):
    """Return a cell's outputs without what counts its runs or names a model in the kernel."""
    drop_widget_views(cell)
    return [
        {key: value for key, value in output.items() if key not in ("execution_count", "traceback")}
        for output in cell.outputs
    ]


def defined(cells):
    """Return the names that these cells give a value to."""
    found = set()
    for cell in cells:
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                found.add(node.name)
            elif isinstance(node, ast.alias):
                found.add((node.asname or node.name).partition(".")[0])
    return found


def sections(notebook):
    """Yield the code cells before each `##` heading, and those from there on."""
    before, cells = 0, code_cells(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            before += 1
        elif cell.source.startswith("## ") and 0 < before < len(cells):
            yield cells[:before], cells[before:]


def run_from_here(folder, cells):
    """Run cells in a new IPython up to the first error: return what they print, and that error."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    os.chdir(folder)
    sys.path.insert(0, str(folder))
    os.environ["IPYTHONDIR"] = str(folder)
    shell = InteractiveShell.instance()
    said = []
    for cell in cells:
        with capture_output() as captured:
            result = shell.run_cell(cell.source)
        error = result.error_before_exec or result.error_in_exec
        announced = [output.get("ename") for output in cell.outputs]
        if error and type(error).__name__ not in announced:
            return said, type(error).__name__, getattr(error, "name", str(error))
        said.append(stored_text(cell) if error else captured.stdout)
    return said, None, None


@pytest.mark.parametrize("name", [path.name for path in NOTEBOOKS])
def test_cells_run_from_the_middle_name_what_is_missing(name, copy, sees):
    """After a restart the user sees a NameError for a name that a cell above defines, and no
    number that the recorded notebook does not show."""
    notebook = read(copy / "notebooks" / name)
    missing, silent = set(), 0
    for above, below in sections(notebook):
        # A process of its own is a kernel just restarted, without the seconds that one takes.
        with multiprocessing.get_context("fork").Pool(1) as pool:
            said, kind, what = pool.apply_async(run_from_here, (copy / "notebooks", below)).get(
                timeout=60
            )
        assert kind in ("NameError", None), (kind, what)
        if kind:
            assert what in defined(above)
            missing.add(what)
        for cell, text in zip(below, said, strict=False):
            assert text.endswith(stored_text(cell)), cell.source
            silent += 1
    assert missing
    sees(f"NameError for {', '.join(sorted(missing))}; {silent} cells run by themselves")


def stored_text(cell):
    return "".join(
        output.get("text", output.get("data", {}).get("text/plain", "")) for output in cell.outputs
    )


@pytest.fixture
def far(tmp_path):
    """A copy in a folder with spaces and Chinese characters, without an environment."""
    folder = tmp_path / "soft max 数值"
    copy_project(folder)
    return folder


def first_time(home):
    """Return the settings of somebody who has never used the project; downloads are kept."""
    cache = subprocess.run(
        [program(TOOLS, "uv"), "cache", "dir"], capture_output=True, text=True, check=True
    ).stdout.strip()
    env = settings(home, UV_CACHE_DIR=cache)
    del env["PYTHONPATH"]
    return env


def interrupt(process):
    """Press Ctrl-C: the terminal tells every process of the group. Return what is said then."""
    before = family(process)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    _, left = psutil.wait_procs(before, timeout=10)
    assert left == []
    assert "Traceback" not in said, said
    return said


def wait_for(word, process):
    """Read what a process says up to a word."""
    for line in process.stdout:
        if word in line:
            return
    pytest.fail(f"{word!r} was never said")


def start(command, cwd, env):
    return subprocess.Popen(
        list(map(str, command)),
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )


@pytest.mark.skipif(shutil.which("make") is None, reason="this machine has no make")
def test_ctrl_c_ends_make_lab_at_any_time(far, home, sees):
    """The user presses Ctrl-C during the installation and is told to repeat the command; the
    second `make lab` completes it, serves from a path in Chinese, and ends with Ctrl-C, too."""
    env = first_time(home)
    making = start(["make", "lab"], far, env)
    wait_for("Creating virtual environment", making)
    said = interrupt(making)
    assert making.returncode != 0
    assert "Stopped" in said
    assert not (far / ".venv" / STAMP).exists()
    sees(next(line for line in said.splitlines() if "Stopped" in line))

    with serving(["make", "lab"], far, env, timeout=300) as (process, address, lines):
        assert (far / ".venv" / STAMP).exists()
        assert any("Making the environment" in line for line in lines)
        start_kernel(process, address)
        assert any("ipykernel_launcher" in each.cmdline() for each in family(process))
        interrupt(process)
    sees(f"{address[0].partition('?')[0]}, then the prompt again")


def runs_cells(recording):
    """Whether the kernel has begun with the notebook: numpy is loaded by its first cell."""
    assert recording.poll() is None, recording.stdout.read()
    return any(map(has_numpy, family(recording)[1:]))


def has_numpy(process):
    try:
        return any("numpy" in place.path for place in process.memory_maps())
    except psutil.NoSuchProcess:
        # A short-lived child of the kernel.
        return False


def test_ctrl_c_keeps_the_notebook_that_is_recorded(copy, home, sees):
    """The user sees that recording stopped, and the notebook is as it was."""
    path = copy / "notebooks" / NOTEBOOKS[-1].name
    path.write_text(path.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    before = path.read_bytes()
    command = [sys.executable, "scripts/record.py", path.name[:2]]
    recording = start(command, copy, settings(home, copy))
    while not runs_cells(recording):
        time.sleep(0.1)
    said = interrupt(recording)
    sees(last_line(said))
    assert recording.returncode != 0
    assert "stopped; the file is as it was" in said
    assert path.read_bytes() == before
    assert sorted(each.name for each in path.parent.iterdir()) == sorted(
        each.name
        for each in NOTEBOOKS[0].parent.iterdir()
        if not each.name.startswith((".", "_")) and each.suffix in (".ipynb", ".py", ".json")
    )
