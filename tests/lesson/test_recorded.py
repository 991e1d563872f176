"""Promise: the recording of other libraries is whole, right where it says so, and still true."""

import copy
import json
import math

import pytest

from lesson import recorded
from tools.frameworks import __main__ as frameworks
from tools.frameworks import live, page, recording
from tools.frameworks.calls import LIBRARIES
from tools.frameworks.cases import CASES

RECORDED = recorded.load()
HERE = ("scipy", "sklearn", "numpy")  # the libraries of this environment


def test_the_file_is_strict_json_and_as_the_recorder_writes_it():
    text = recorded.PATH.read_text(encoding="utf-8")

    def refuse(word):
        raise AssertionError(f"{word} is not strict JSON")

    assert recording.dumps(json.loads(text, parse_constant=refuse)) == text


def test_the_cases_the_calls_and_the_right_answers_are_todays():
    assert frameworks.stale(RECORDED) == []


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_library_has_a_result_for_each_of_its_cases(library):
    asked = {case.id for case in CASES if library in case.libraries()}
    cases = RECORDED["cases"].items()
    assert asked == {name for name, case in cases if library in case["results"]}
    about = RECORDED["libraries"][library]
    assert about["versions"] and about["date"] and about["imports"]


def test_verdicts_follow_from_the_numbers():
    for index, case in enumerate(CASES):
        for library, result in RECORDED["cases"][case.id]["results"].items():
            plain = {key: result[key] for key in result if key not in ("verdict", "eps")}
            assert frameworks.judged(index, plain) == result, (case.id, library)


@pytest.mark.parametrize("library", HERE)
def test_a_library_of_this_environment_still_does_what_is_recorded(library):
    """Where the version is another one, most of it: a repaired bug is no failure of ours."""
    found = live.results(library)
    different = frameworks.differences(RECORDED, library, found)
    was = RECORDED["libraries"][library]["versions"]
    same = all(found["versions"][name] == was[name] for name in LIBRARIES[library].packages)
    assert len(different) <= (0 if same else len(found["results"]) / 3), different


def test_one_changed_number_is_found():
    changed = copy.deepcopy(RECORDED)
    result = changed["cases"]["log-softmax: [2, 3, 4]"]["results"]["scipy"]
    result["data"][0] = math.nextafter(result["data"][0], 0)
    assert "the recording was changed by hand" in frameworks.stale(changed)
    result["data"][0] += 1e-3
    (line, *_) = frameworks.differences(changed, "scipy", live.results("scipy"))
    assert line.startswith("log-softmax: [2, 3, 4]: recorded")


def test_a_table_shows_results_marks_and_what_is_right():
    shown = recorded.table(
        {"far": "log-softmax: [0, -40] in float32", "label 5": "loss: 5 classes, label 5"},
        ["torch", "optax"],
    ).data
    assert shown.splitlines() == [
        "|  | far | label 5 |",
        "| --- | --- | --- |",
        "| PyTorch | 0, -40 ✗ | IndexError |",
        "| Optax | – | nan ✗ |",
        "| right | -4.248e-18, -40 | an error |",
    ]


def test_the_page_has_a_line_for_each_result():
    lines = [line for line in page.libraries() if line.startswith("| ") and line[2:7] != "input"]
    assert len(lines) == sum(len(case["results"]) for case in RECORDED["cases"].values())
    assert all(line.count(" | ") == 3 for line in lines)
