"""Promise: the contract is right, ours keeps it, and what breaks it is told why.

Right means: as the definition gives it at 400 digits, without a shift or any other trick.
"""

import inspect
import json
import os
import re
import shutil
import sys
import time
from collections import Counter
from functools import cache

import numpy as np
import pytest
import scipy.special
from mpmath import mp, mpf

from lesson import contract, recorded, taught
from lesson.contract import Verdict, judge, report, verdicts
from tests.helpers.project import run
from tools import contract as writer
from tools.notebook import FOLDER, LESSON, ROOT, anchors

CASES = contract.load()
LOSS = taught.SoftmaxCrossEntropyLoss
ROWS = LOSS(sparse_label=False)
OURS = {
    "softmax": taught.softmax,
    "log_softmax": taught.log_softmax,
    "logsumexp": taught.logsumexp,
    "masked_softmax": taught.masked_softmax,
    "cross_entropy": LOSS(),
    "cross_entropy_gradient": LOSS().gradient,
    "cross_entropy_of_rows": ROWS,
    "cross_entropy_of_rows_gradient": ROWS.gradient,
}


# ---- the cases


def test_recording_twice_changes_no_byte_and_the_json_is_strict():
    text = contract.PATH.read_text(encoding="utf-8")
    assert text == writer.text()

    def refuse(word):
        raise AssertionError(f"{word} is not strict JSON")

    assert len(json.loads(text, parse_constant=refuse)["cases"]) == len(CASES) >= 400


def test_each_case_says_what_it_guards_how_closely_and_where_it_is_explained():
    places = {path.name: anchors(path) for path in FOLDER.glob("*.ipynb")}
    for case in CASES.values():
        file, _, heading = case["explained"].partition("#")
        assert heading in places[file], case["explained"]
        assert case["regime"] and list(case["arguments"]) == list(
            writer.ARGUMENTS[case["function"]]
        )
        assert case["right"].get("error") or case["tolerance"]["reason"]


@cache
def terms(counts):
    """Return the shares, their logarithms and the logarithm of the sum, for {number: how often}."""
    e = {x: mp.exp(mpf(x)) for x, _ in counts}
    total = mp.fsum(n * e[x] for x, n in counts)
    p = {x: e[x] / total for x in e}
    return p, {x: mp.log(p[x]) if p[x] else mp.ninf for x in p}, mp.log(total)


def by_definition(function, row, labels=None):
    """Return what is right for a row of numbers: the exponentials as they are, at 400 digits."""
    one = function in ("logsumexp", "cross_entropy", "cross_entropy_of_rows")
    if not row or max(row) in (np.inf, -np.inf) or np.isnan(row).any():
        top = np.max(row, initial=-np.inf) if function == "logsumexp" else np.nan
        return [top] if one else [top] * len(row)
    p, log_p, log_sum = terms(tuple(sorted(Counter(row).items())))
    if function == "logsumexp":
        return [float(log_sum)]
    if labels is None:
        found = {x: float(v) for x, v in (p if function == "softmax" else log_p).items()}
        return [found[x] for x in row]
    pairs = list(zip(row, map(mpf, labels), strict=True))
    if one:
        return [float(-mp.fsum(y * log_p[x] for x, y in pairs if y))]
    total = mp.fsum(y for _, y in pairs)
    return [float(total * p[x] - y) for x, y in pairs]


def right_by_definition(case):
    """Return what is right for a case, row after row, in one list."""
    X, *rest = contract.inputs({**case, "layout": None})
    axis, function = case.get("axis", -1), case["function"]
    if "cross" in function:
        T = rest[0] if "rows" in function else rest[0][:, None] == np.arange(X.shape[1])
        pairs = zip(X.tolist(), T.astype(float).tolist(), strict=True)
        return [value for pair in pairs for value in by_definition(function, *pair)]
    allowed = np.broadcast_to(rest[0] if rest else True, X.shape)
    rows, masks = (np.moveaxis(np.atleast_1d(A), axis, -1) for A in (X, allowed))
    found = []
    for at in np.ndindex(rows.shape[:-1]):
        kept = by_definition(function.replace("masked_", ""), rows[at][masks[at]].tolist())
        part = np.zeros(masks[at].shape if function != "logsumexp" else 1)
        part[masks[at] if function != "logsumexp" else ...] = kept
        found += part.tolist()
    return found


@pytest.mark.parametrize("function", OURS)
def test_every_value_agrees_with_the_definition_at_400_digits(function):
    for key in contract.ids(function):
        case = CASES[key]
        mask = case["arguments"].get("allowed", {"dtype": "bool"})
        if "error" in case["right"] or mask["dtype"] != "bool":
            continue
        stored = contract.decode(case["right"])
        if "cross" not in function and function != "logsumexp" and stored.ndim:
            stored = np.moveaxis(stored, case.get("axis", -1), -1)
        with mp.workdps(400), np.errstate(over="ignore"):
            found = np.array(right_by_definition(case))
            beyond = np.isinf(found.astype(case["tolerance"]["of"]))
        found = np.where(beyond, np.copysign(np.inf, found), found)
        np.testing.assert_allclose(stored.ravel(), found, rtol=1e-15, atol=0, err_msg=key)


# ---- who keeps it


@pytest.mark.parametrize("function", OURS)
def test_ours_is_right_in_every_case(function):
    found = verdicts(OURS[function], function)
    assert {key: said for key, said in found.items() if said != "right"} == {}
    assert str(report(OURS[function], function)).startswith(f"{function}: right in all ")


def shifted_softmax(X, axis=-1):
    """The four lines of notebook 04."""
    X = np.asarray(X, dtype=float)
    exp = np.exp(X - X.max(axis=axis, keepdims=True))
    return exp / exp.sum(axis=axis, keepdims=True)


EMPTY, KEPT, TO_FLOAT64 = "nothing in", "floating point keeps", "integers and booleans become"
HUGE, UNREAL, MASKED = "whole numbers beyond", "complex numbers", "a masked array"
INTEGERS, LAST = "integers become floats", "an axis that is left out"
TAUGHT = {  # the regimes that are lost, as the notebooks say
    ("shifted", shifted_softmax, "softmax"): {EMPTY, KEPT, HUGE, UNREAL, MASKED},
    ("SciPy", scipy.special.softmax, "softmax"): {
        *(EMPTY, HUGE, UNREAL, MASKED, INTEGERS, TO_FLOAT64, LAST),
        *("the axis is the last one", "a long axis"),
    },
    ("four lines", taught.cross_entropy, "cross_entropy"): {"a label that no class has"},
}


@pytest.mark.parametrize("who", TAUGHT, ids=lambda who: who[0])
def test_others_lose_what_the_notebooks_say(who):
    """Another SciPy may have repaired some of it."""
    _, function, name = who
    lost = {
        CASES[key]["regime"] for key, said in verdicts(function, name).items() if said != "right"
    }
    lost = {next((w for w in TAUGHT[who] if r.startswith(w)), r) for r in lost}
    assert lost == TAUGHT[who] or (who[0] == "SciPy" and lost < TAUGHT[who])


def test_naive_is_lost_exactly_beyond_the_limits_of_notebook_03():
    """Where an exponential or the sum overflows, or the largest exponential is subnormal or 0."""
    found, compared = verdicts(taught.naive_softmax, "softmax"), 0
    for key, said in found.items():
        (X,) = contract.inputs(CASES[key])
        if "error" in CASES[key]["right"] or getattr(X, "dtype", np.dtype(int)).kind != "f":
            continue
        if (
            not X.size
            or np.isnan(X).any()
            or np.isposinf(X).any()
            or "65520" in key
            or "10000" in key
        ):
            continue
        info, axis = np.finfo(X.dtype), CASES[key].get("axis", -1)
        rows = np.moveaxis(np.atleast_1d(X.astype(float)), axis, -1)
        top = rows.max(-1)
        fits = (top >= np.log(float(info.tiny))) | np.isneginf(top)
        fits &= taught.logsumexp(rows) <= np.log(float(info.max))
        assert (said == "right") == fits.all(), (key, said)
        compared += 1
    assert compared > 100


RECORDED = [key for key in CASES if key in recorded.load()["cases"]]


def test_the_recorded_libraries_get_their_recorded_verdicts():
    """PyTorch, JAX and the others; where an error is right, to refuse is right."""
    assert len(RECORDED) > 100
    for key in RECORDED:
        case, honest = CASES[key], {"error", "or_error"} & CASES[key]["right"].keys()
        entry = recorded.load()["cases"][key]
        if "shape" in case["right"]:
            right = np.ravel(np.array(entry["right"], float))
            np.testing.assert_array_equal(right, contract.decode(case["right"]).ravel(), key)
        for library, result in entry["results"].items():
            error = "error" in result
            got = judge(case, Verdict("refuses") if error else recorded.decode(result)).kind
            expected = result["verdict"].replace("differs", "wrong")
            assert got == ("right" if honest and error else expected), (key, library)


# ---- what breaks it, and the reason


def softmax(X, axis=-1):
    return taught.softmax(X, axis)


def top(X, axis):
    return np.max(X, axis, keepdims=True)


def normal(E, axis):
    return E / E.sum(axis, keepdims=True)


def in_place(X, axis=-1):
    X -= X.max(axis, keepdims=True)
    return softmax(X, axis)


def with_print(X, axis=-1):
    print("max", np.max(X))
    return softmax(X, axis)


def without_keepdims(X, axis=-1):
    E = np.exp(X - np.max(X, axis))
    return E / E.sum(axis)


def sticky(X, axis=-1):
    """Every step in the type that came in, and one term after the other."""
    if getattr(X, "dtype", None) != np.float16 or not X.size:
        return softmax(X, axis)
    E = np.exp(X - top(X, axis))
    return E / np.cumsum(E, axis, dtype=np.float16).take([-1], axis)


def log_p(Z, labels, eps=0.0):
    return np.log(softmax(Z)[np.arange(len(Z)), labels] + eps)


def minus_y(P, labels):
    return P - (np.asarray(labels)[:, None] == np.arange(P.shape[1]))


def fill(low):
    return lambda X, allowed, axis=-1: softmax(np.where(allowed, X, np.asarray(low, X.dtype)), axis)


L, S, M = "log_softmax", "softmax", "masked_softmax"
C, G, R = "cross_entropy", "cross_entropy_gradient", "cross_entropy_of_rows"
WRONG = {  # a wrong implementation: what it should be, and the reason given most often
    "no shift": (S, taught.naive_softmax, "no maximum is subtracted"),
    "global maximum": (S, lambda X, axis=-1: normal(np.exp(X - np.max(X)), axis), "whole array"),
    "maximum above 0": (
        S,
        lambda X, axis=-1: normal(np.exp(X - np.maximum(top(X, axis), 0)), axis),
        "a maximum below 0 is not subtracted",
    ),
    "mean": (
        S,
        lambda X, axis=-1: normal(np.exp(X - np.mean(X, axis, keepdims=True)), axis),
        "less than the maximum is subtracted",
    ),
    "wrong axis": (S, lambda X, axis=-1: softmax(X), "along another axis"),
    "no axis": (S, lambda X: softmax(X), "give it the argument axis"),
    "bent": (S, lambda X, axis=-1: normal(np.exp(X - top(X, -1)), axis), "along the same axis"),
    "keepdims forgotten": (S, without_keepdims, "keepdims=True"),
    "float32 inside": (
        S,
        lambda X, axis=-1: softmax(np.float32(X), axis).astype(np.result_type(X, np.float32)),
        "only the digits of float32 are right",
    ),
    "base 2": (S, lambda X, axis=-1: normal(np.exp2(X - top(X, axis)), axis), "the base is 2"),
    "float16 inside": (
        S,
        lambda X, axis=-1: softmax(np.float16(X), axis).astype(float),
        "digits of float16",
    ),
    "1e-7 added": (S, lambda X, axis=-1: softmax(X, axis) + 1e-7, "1e-07 seems to be added"),
    "1e-7 in the sum": (
        S,
        lambda X, axis=-1: normal(np.exp(X - top(X, axis)), axis) / (1 + 1e-7),
        "do not sum to 1",
    ),
    "clipped": (S, lambda X, axis=-1: np.clip(softmax(X, axis), 1e-7, 1), "cut off at 1e-07"),
    "in place": (S, in_place, "X -= … changes"),
    "no nan": (S, lambda X, axis=-1: np.nan_to_num(softmax(X, axis)), "has no answer"),
    "masks as nan": (
        S,
        lambda X, axis=-1: np.where(np.isneginf(X), np.nan, softmax(X, axis)),
        "-inf masks a class",
    ),
    "integers first": (
        S,
        lambda X, axis=-1: softmax(X - top(X, axis) if np.size(X) else X, axis),
        "integers wrap around",
    ),
    "mask ignored": (S, lambda X, axis=-1: softmax(np.ma.getdata(X), axis), "mask would be lost"),
    "real part": (S, lambda X, axis=-1: softmax(np.real(X), axis), "no real numbers"),
    "huge integers": (
        S,
        lambda X, axis=-1: softmax(
            X * 1.0 if np.dtype(np.int64) == getattr(X, "dtype", 0) else X, axis
        ),
        "2**53",
    ),
    "sum in float16": (S, sticky, "do not sum to 1"),
    "prints": (S, with_print, "wants the result alone"),
    "nothing": (S, lambda X, axis=-1: None, "is a return missing?"),
    "list": (S, lambda X, axis=-1: softmax(X, axis).tolist(), "return a NumPy array of floats"),
    "percent": (
        S,
        lambda X, axis=-1: np.rint(100 * softmax(X, axis)).astype(int),
        "floating point",
    ),
    "log of softmax": (L, lambda X, axis=-1: np.log(softmax(X, axis)), "taken after the softmax"),
    "log of softmax + 1e-7": (
        L,
        lambda X, axis=-1: np.log(softmax(X, axis) + 1e-7),
        "ends it at -16.1",
    ),
    "x - logsumexp": (
        L,
        lambda X, axis=-1: X - np.expand_dims(taught.logsumexp(X, axis), axis),
        "loses digits by an offset",
    ),
    "shifted log": (L, scipy.special.log_softmax, "use log1p"),
    "axis kept": (
        "logsumexp",
        lambda X, axis=-1: np.expand_dims(taught.logsumexp(X, axis), axis),
        "keepdims=True",
    ),
    "naive logsumexp": ("logsumexp", lambda X, axis=-1: np.log(np.exp(X).sum(axis)), "no maximum"),
    "mean loss": (C, lambda Z, y: LOSS()(Z, y).mean(), "neither their mean nor their sum"),
    "loss by log": (C, lambda Z, y: -log_p(Z, y), "taken after the softmax"),
    "loss by log + 1e-7": (C, lambda Z, y: -log_p(Z, y, 1e-7), "ends it at -16.1"),
    "labels counted from behind": (C, taught.cross_entropy, "no class has"),
    "p - y": (G, lambda Z, y: minus_y(softmax(Z), y), "take expm1"),
    "mean gradient": (G, lambda Z, y: LOSS().gradient(Z, y) / len(Z), "not of the mean"),
    "y - p": (G, lambda Z, y: -LOSS().gradient(Z, y), "sign is turned round"),
    "0 times infinity": (
        R,
        lambda Z, T: -(T * taught.log_softmax(Z)).sum(1),
        "leaves its class out",
    ),
    "filled by -1e9": (M, fill(-1e9), "no finite number is low enough"),
    "filled by -inf": (M, fill(-np.inf), "put 0 in what is masked"),
    "not renormalised": (M, lambda X, a, axis=-1: softmax(X, axis) * a, "mask the logits"),
    "renormalised": (
        M,
        lambda X, a, axis=-1: normal(softmax(X, axis) * a, axis),
        "masked after the softmax: what is allowed",
    ),
    "turned round": (
        M,
        lambda X, a, axis=-1: taught.masked_softmax(X, ~np.asarray(a), axis),
        "turned round",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_implementation_is_caught_with_its_reason(kind):
    name, function, reason = WRONG[kind]
    rows = report(function, name).rows()
    assert rows and reason in rows[0][2].why, [(n, v.why) for n, _, v in rows]


def slow(X):
    time.sleep(3)


class Mute(BaseException):
    """An error that cannot say what it is."""

    def __str__(self):
        raise ValueError


def raises(X, axis=-1):
    raise Mute


def test_whatever_a_function_does_becomes_a_verdict(monkeypatch, capsys):
    monkeypatch.setattr(contract, "SECONDS", 0.2)
    found = verdicts(slow, "softmax")
    assert sum("an earlier call has not returned" in said for said in found.values()) > 200
    said = verdicts(raises, "softmax")["softmax: [2, 3, 4]"]
    assert said.startswith("raises Mute:")
    assert capsys.readouterr().out == ""


def test_a_bar_appears_after_a_second_and_goes(capsys):
    contract.progress(3, 6, time.monotonic())
    assert capsys.readouterr().err == ""
    contract.progress(3, 6, time.monotonic() - 2)
    assert f"[{'#' * 15}{' ' * 15}] 3 of 6 cases" in capsys.readouterr().err
    contract.progress(6, 6, time.monotonic() - 2)
    assert capsys.readouterr().err.endswith(f"\r{' ' * 60}\r")


def test_the_table_names_what_why_and_where():
    table = report(taught.naive_softmax, "softmax")
    head, _, _, _, first, *_ = table._repr_markdown_().splitlines()
    assert re.fullmatch(r"softmax: right in \d+ of \d+ cases, \d+ wrong, 0 refused\.", head)
    assert first.startswith("| ") and "no maximum is subtracted" in first
    assert "[04 · The one experiment](04_max_shift.ipynb#The-one-experiment) |" in first
    assert "no maximum is subtracted" in str(table) and "nan where 0.5 is right" in str(table)
    assert report(..., "softmax") is None


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: verdicts(softmax, "sotfmax"), "name must be one of softmax, .*, got 'sotfmax'"),
        (lambda: verdicts(3, "softmax"), "function must be callable on NumPy arrays, got 3"),
        (lambda: contract.verdict(softmax, "softmax"), "key must be the id of a case"),
    ],
)
def test_what_cannot_be_tried_is_refused(call, says):
    with pytest.raises((TypeError, ValueError), match=says):
        call()


@pytest.mark.parametrize(
    ("function", "name", "code", "says"),
    [
        ("lesson.taught:softmax", "softmax", 0, "softmax: right in all "),
        ("lesson.taught:naive_softmax", "softmax", 1, "no maximum is subtracted"),
        ("lesson.taught", "softmax", 2, "must be written as module:function, got 'lesson.taught'"),
        ("lesson.tought:softmax", "softmax", 2, "'lesson.tought' cannot be imported: No module"),
        ("lesson.taught:softmin", "softmax", 2, "'lesson.taught' has no 'softmin'"),
        ("lesson.taught:softmax", "softmin", 2, "name must be one of softmax, "),
    ],
)
def test_the_command_line(function, name, code, says, capsys):
    try:
        ended = contract.main([function, name])
    except SystemExit as stop:
        ended = stop.code
    assert ended == code and says in "".join(capsys.readouterr())


def test_the_file_that_readers_copy_tries_their_function(tmp_path):
    """With the folder `lesson` beside it, and NumPy, pytest and nothing else of ours."""
    text = (ROOT / "docs" / "test_my_softmax.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) == 10
    shutil.copytree(LESSON / "data", tmp_path / "lesson" / "data")
    for name in ("__init__.py", "contract.py", "mistakes.py"):
        shutil.copy(LESSON / name, tmp_path / "lesson")
    both = [inspect.getsource(function) for function in (taught.naive_softmax, shifted_softmax)]
    project = "\n".join(["import numpy as np", *both, "softmax = shifted_softmax"])
    (tmp_path / "my_project.py").write_text(project, encoding="utf-8")
    (tmp_path / "test_right.py").write_text(text, encoding="utf-8")
    wrong = text.replace("import softmax", "import naive_softmax as softmax")
    (tmp_path / "test_wrong.py").write_text(wrong, encoding="utf-8")
    options = [
        "-vv",
        "--tb=line",
        "-k",
        "1002",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        tmp_path,
        "-c",
        "my.ini",
    ]
    (tmp_path / "my.ini").touch()
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": ""}
    code, said = run([sys.executable, "-m", "pytest", *options, "."], tmp_path, alone)
    assert code == 1 and "no maximum is subtracted" in said
    assert "FAILED test_wrong.py" in said and "FAILED test_right.py" not in said
