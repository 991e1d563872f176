"""Promise: `make mxnet` finds its Python or says what is missing, and sees every difference."""

import ast
import importlib.util
import json
import os
import sys
from pathlib import Path

import mxnet_cases
import numpy as np
import pytest
from series import ROOT, definitions

CASES = mxnet_cases.load()
RESULT = {
    "output": np.array([0.5, np.nan, np.inf], dtype="float32"),
    "grad": np.array([[0.25, -0.0], [1.0, -1.0]]),
    "error": None,
}
RAISED = {"output": None, "grad": None, "error": "MXNetError: not int32"}
TOLERANCES = {"rtol": 2e-6, "atol": 1e-6}
fake_programs = pytest.mark.skipif(os.name == "nt", reason="the fakes are shell scripts")


@pytest.fixture
def live(tmp_path, monkeypatch):
    """scripts/mxnet_live.py as a module that works in an empty folder."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    spec = importlib.util.spec_from_file_location("mxnet_live", ROOT / "scripts/mxnet_live.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.ENVIRONMENT = tmp_path / ".mxnet"
    return module


@pytest.fixture
def recordings(tmp_path, monkeypatch):
    """A copy of the recordings that may be written to."""
    copy = tmp_path / "data" / "mxnet_cases.json"
    copy.parent.mkdir()
    copy.write_bytes(mxnet_cases.RECORDINGS.read_bytes())
    monkeypatch.setattr(mxnet_cases, "RECORDINGS", copy)
    return copy


@pytest.fixture
def on_path(tmp_path, monkeypatch):
    """Put programs on a PATH of their own: folder/name → what the shell does for it."""

    def put(programs):
        for place, does in programs.items():
            program = tmp_path / place
            program.parent.mkdir(exist_ok=True)
            program.write_text(f"#!/bin/sh\n{does}\n")
            program.chmod(0o755)
        folders = [tmp_path / "first", tmp_path / "second"]
        monkeypatch.setenv("PATH", os.pathsep.join(map(str, folders)))

    put({})
    return put


@fake_programs
@pytest.mark.parametrize(
    ("programs", "found"),
    [
        ({"first/python3.8": "echo Python 3.8.20"}, "first/python3.8"),
        (
            {"first/python3.9": "echo Python 3.9.1", "second/python3.11": "echo Python 3.11.7"},
            "second/python3.11",
        ),
        (
            {"first/python3": "echo Python 3.13.0", "second/python3": "echo Python 3.10.2"},
            "second/python3",
        ),
        (
            {
                "first/python3.11": "echo not found >&2; exit 127",
                "second/python": "echo Python 3.9.0",
            },
            "second/python",
        ),
        (
            {"first/python3.11": "echo Python 3.12.0", "second/python3.8": "echo Python 3.8.0"},
            "second/python3.8",
        ),
    ],
    ids=["old", "newest first", "past a new one", "past a dead shim", "past a liar"],
)
def test_a_suitable_python_is_found(live, on_path, tmp_path, programs, found):
    on_path(programs)
    assert live.find_python() == str(tmp_path / found)


@fake_programs
@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("echo Python 3.12.1", "is Python 3.12"),
        ("echo Python 3.7.16", "is Python 3.7"),
        ("echo Python 2.7.18 >&2", "does not run"),
        ("echo Python 3.9.0; exit 1", "does not run"),
        ("echo hello", "does not run"),
    ],
)
def test_an_unsuitable_python_is_named_and_nothing_is_made(
    live, on_path, tmp_path, program, says, capsys
):
    on_path({"first/python3": program})
    with pytest.raises(SystemExit) as stopped:
        live.make_environment()
    message = str(stopped.value)
    assert f"{tmp_path / 'first' / 'python3'} {says}" in message
    assert "needs Python 3.8, 3.9, 3.10 or 3.11" in message and "make mxnet" in message
    assert not live.ENVIRONMENT.exists() and capsys.readouterr().out == ""


def test_no_python_at_all_is_said(live, on_path):
    with pytest.raises(SystemExit, match=r"no python3\.11, python3\.10"):
        live.find_python()


@fake_programs
@pytest.mark.parametrize("broken_step", ["-m venv", "-m pip", "-c import mxnet"])
def test_a_failed_installation_leaves_nothing(live, on_path, broken_step, capfd):
    python = live.ENVIRONMENT / "bin" / "python"
    script = f"""
case "$*" in
  *"{broken_step}"*) echo "libgomp.so.1: not found" >&2; exit 1 ;;
  --version) echo Python 3.11.7 ;;
  *"-m venv"*) /bin/mkdir -p "{python.parent}"; /bin/cp "$0" "{python}" ;;
esac"""
    on_path({"first/python3.11": script})
    with pytest.raises(SystemExit) as stopped:
        live.make_environment()
    advice = {
        "-m venv": "apt install python3.11-venv",
        "-m pip": "network",
        "-c import mxnet": "apt install libgomp1",
    }
    assert advice[broken_step] in str(stopped.value)
    assert not live.ENVIRONMENT.exists()


@fake_programs
def test_the_second_time_nothing_is_installed(live, on_path):
    python = live.ENVIRONMENT / "bin" / "python"
    script = f"""
case "$*" in
  --version) echo Python 3.11.7 ;;
  *"-m venv"*) /bin/mkdir -p "{python.parent}"; /bin/cp "$0" "{python}" ;;
esac"""
    on_path({"first/python3.11": script})
    live.make_environment()
    on_path({"first/python3.11": "exit 1"})
    live.make_environment()
    assert python.exists()
    live.PACKAGES = ["mxnet==1.9.2"]
    with pytest.raises(SystemExit):
        live.make_environment()
    live.PACKAGES = ["mxnet==1.9.1", "numpy==1.23.5"]
    python.unlink()
    with pytest.raises(SystemExit):
        live.make_environment()


RECORDER_STAND_IN = """
import json, os, sys
seen = {name: value for name, value in os.environ.items() if name.startswith("MXNET")}
open(sys.argv[2], "w").write(json.dumps([seen, sys.argv[1]]))
"""


def test_mxnet_runs_with_its_native_kernels_and_no_other_setting(live, tmp_path, monkeypatch):
    monkeypatch.setenv("MXNET_SAFE_ACCUMULATION", "1")
    monkeypatch.setenv("MXNET_MKLDNN_ENABLED", "1")
    monkeypatch.setattr(live, "mxnet_python", lambda: sys.executable)
    live.RECORDER = tmp_path / "recorder.py"
    live.RECORDER.write_text(RECORDER_STAND_IN)
    assert live.run_mxnet() == [{"MXNET_MKLDNN_ENABLED": "0"}, str(mxnet_cases.RECORDINGS)]
    live.RECORDER.write_text("raise SystemExit('no such kernel')")
    with pytest.raises(SystemExit, match="no such kernel"):
        live.run_mxnet()


def with_(result, name, index, value):
    changed = {**result, name: result[name].copy()}
    changed[name][index] = value
    return changed


@pytest.mark.parametrize(
    ("expected", "got", "sees"),
    [
        (RESULT, with_(RESULT, "output", 0, 0.50001), "output"),
        (RESULT, with_(RESULT, "output", 0, np.nan), "output"),
        (RESULT, with_(RESULT, "output", 1, 0), "output"),
        (RESULT, with_(RESULT, "output", 2, -np.inf), "output"),
        (RESULT, with_(RESULT, "output", 2, 3e38), "output"),
        (RESULT, with_(RESULT, "grad", (1, 0), 1.00001), "grad"),
        (RESULT, {**RESULT, "output": RESULT["output"].astype(float)}, "float64"),
        (RESULT, {**RESULT, "output": RESULT["output"][:, None]}, "(3, 1)"),
        (RESULT, {**RESULT, "grad": None}, "grad"),
        (RAISED, RESULT, "raises nothing"),
        (RESULT, RAISED, "raises MXNetError"),
        (RAISED, {**RAISED, "error": "ValueError: not int32"}, "raises ValueError"),
    ],
)
def test_a_difference_is_seen(expected, got, sees):
    (problem,) = mxnet_cases.differences(TOLERANCES, expected, got)
    assert sees in problem


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (RESULT, RESULT),
        (RESULT, with_(RESULT, "output", 0, 0.5000005)),
        (RESULT, with_(RESULT, "grad", (0, 1), 0.0)),
        (RAISED, {**RAISED, "error": "MXNetError: in other words"}),
        ({**RESULT, "grad": None}, RESULT),
    ],
    ids=["itself", "within the tolerance", "the sign of zero", "error text", "grad not kept"],
)
def test_the_same_is_the_same(expected, got):
    assert mxnet_cases.differences(TOLERANCES, expected, got) == []


def in_json(value):
    return json.loads(json.dumps(value, allow_nan=False))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_recording_survives_decoding_and_encoding(case):
    stored = json.loads(mxnet_cases.RECORDINGS.read_text(encoding="utf-8"))["cases"]
    (stored,) = [other for other in stored if other["id"] == case["id"]]
    for name in mxnet_cases.GIVEN + mxnet_cases.RESULTS:
        assert in_json(mxnet_cases.encode(case[name])) == stored[name]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_every_bit_survives_the_way_through_json(dtype):
    limits = np.finfo(dtype)
    special = [np.nan, np.inf, -np.inf, -0.0, limits.max, limits.tiny, limits.smallest_subnormal]
    bits = np.random.RandomState(0).randint(0, 256, 8000, dtype=np.uint8)
    for array in [
        np.array(special, dtype),
        np.array(special, dtype).reshape(1, 7, 1),
        np.empty((0, 3), dtype),
        np.array(1 / 3, dtype),
        bits.view(dtype),
    ]:
        back = mxnet_cases.decode(in_json(mxnet_cases.encode(array)))
        assert (back.dtype, back.shape) == (array.dtype, array.shape)
        np.testing.assert_array_equal(back, array)
        known = ~np.isnan(array)
        assert back[known].tobytes() == array[known].tobytes()


def as_if_run(case):
    """The encoded results of a run of MXNet that gives what was recorded."""
    results = {name: mxnet_cases.encode(case[name]) for name in mxnet_cases.RESULTS}
    return {"id": case["id"], "error": case["error"], **results}


def test_writing_the_same_results_changes_no_byte(live, recordings):
    text = recordings.read_text(encoding="utf-8")
    fresh = {"recorded_with": {}, "cases": list(map(as_if_run, CASES))}
    large = next(case for case in fresh["cases"] if case["id"] == "f16_many_classes")
    large["grad"] = mxnet_cases.encode(np.zeros((1, 2500), "float16"))
    assert live.re_record(text, fresh) == text
    assert live.store(text) is False


def test_writing_keeps_all_but_the_results(live, recordings):
    fresh = {"recorded_with": {"python": "3.9.1"}, "cases": list(map(as_if_run, CASES))}
    fresh["cases"][2]["output"]["data"] = [0.125]
    assert live.store(live.re_record(recordings.read_text(encoding="utf-8"), fresh)) is True
    before = json.loads(Path(ROOT / "tests/data/mxnet_cases.json").read_text(encoding="utf-8"))
    before["recorded_with"]["python"] = "3.9.1"
    before["cases"][2]["output"]["data"] = [0.125]
    assert json.loads(recordings.read_text(encoding="utf-8")) == before
    assert "onednn_grad" in before["cases"][2]
    assert [path.name for path in recordings.parent.iterdir()] == ["mxnet_cases.json"]


def test_every_case_belongs_to_one_group(live):
    for case in CASES:
        assert sum(case["id"].startswith(starts) for starts in live.GROUPS.values()) == 1
    assert set(mxnet_cases.ANNOUNCED) <= {case["id"] for case in CASES}


@pytest.fixture(scope="module")
def loss_class():
    return definitions(6)["SoftmaxCrossEntropyLoss"]


def test_the_report_counts_and_names_what_is_wrong(live, loss_class, capsys):
    assert live.report(list(live.judge(CASES, CASES, loss_class))) is True
    shown = capsys.readouterr().out.splitlines()
    assert len(shown) == len(live.GROUPS) + 1
    assert shown[-1] == "42 cases: 33 agree, 9 announced differences, 0 wrong"
    fresh = [
        {**case, "output": np.array([1, 1], "f4")} if case["id"] == "nan" else case
        for case in CASES
    ]
    assert live.report(list(live.judge(CASES, fresh, loss_class))) is False
    shown = capsys.readouterr().out
    assert "nan: MXNet: output[0] is 1.0, expected nan" in shown
    assert "nan: ours: output[0] is nan, expected 1.0" in shown
    assert shown.endswith("42 cases: 32 agree, 9 announced differences, 1 wrong\n")


def test_an_announced_difference_must_be_as_announced():
    for case in CASES:
        if case["id"] in mxnet_cases.ANNOUNCED:
            assert mxnet_cases.problems(case, case, case)
            raised = {"output": None, "grad": None, "error": "TypeError: no"}
            assert mxnet_cases.problems(case, case, raised)


def test_a_mended_mxnet_ends_the_announcement():
    (case,) = [case for case in CASES if case["id"] == "f16_many_classes"]
    right = mxnet_cases.truth(case)
    assert mxnet_cases.problems(case, case, right) == []
    assert mxnet_cases.problems(case, right, right) != []


@pytest.mark.parametrize("name", ["rand2d_f32", "dense_f32", "dense_onehot", "winner_f64"])
def test_what_counts_as_true_agrees_with_mxnet_where_mxnet_is_right(name):
    (case,) = [case for case in CASES if case["id"] == name]
    right = mxnet_cases.truth(case)
    assert mxnet_cases.differences(case, case, right) == []
    if case["args"]:
        twice = mxnet_cases.truth({**case, "label": 2 * case["label"]})
        doubled = {name: 2 * right[name] for name in mxnet_cases.RESULTS}
        assert mxnet_cases.differences(case, {**doubled, "error": None}, twice) == []


@pytest.mark.parametrize("path", ["scripts/mxnet_recorder.py", "tests/mxnet_cases.py"])
def test_what_runs_beside_mxnet_parses_on_python_38(path):
    source = (ROOT / path).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 8))
    assert "strict=" not in source and "removeprefix" not in source
