"""`diff_reports`: every change is seen, none is invented."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bofcheck.compare.report.diff import diff_reports

CLAIM = {
    "id": "B2", "regime": "benign", "verdict": "HOLDS", "scope": "both",
    "provenance": "RECONSTRUCTED", "worst_cell": "a", "statistic": 0.04, "threshold": 0.05,
    "tightness": None,
}  # fmt: skip
BESIDE = {
    "shape": {"numbers": [{"name": "t", "word": "sharp"}, {"name": "mu", "word": "untested"}]},
    "rejected": 14, "tried": 16,
}  # fmt: skip
REPORT = {
    "claims": [
        {**CLAIM, "weak": False, "discrimination": BESIDE},
        {**CLAIM, "id": "B3", "statistic": "inf"},
    ],
    "constants": [
        {"regime": "benign", "constants": [{"name": "C2", "fitted": 0.3, "widened": 0.6}]}
    ],
    "cells": [
        {"regime": "benign", "name": "a", "role": "held out", "kind": "stage", "steps": 5,
         "seeds": 8, "inside": True, "diverged": 0, "problem": {"dim": 100}},
    ],
    "provenance": {"bofcheck": "1", "versions": {"numpy": "2"}, "train_seconds": 3.0},
}  # fmt: skip


def shape(report):
    return report["claims"][0]["discrimination"]["shape"]


def changed(edit):
    other = copy.deepcopy(REPORT)
    edit(other)
    return diff_reports(REPORT, other)


def test_a_report_equals_itself():
    found = diff_reports(REPORT, copy.deepcopy(REPORT))
    assert found.equal
    assert found.lines() == ["no difference"]
    assert found.as_dict()["changes"] == []


@pytest.mark.parametrize(
    ("edit", "part", "line"),
    [
        (lambda r: r["claims"][0].update(verdict="VIOLATED"), "verdict",
         "B2 (benign): verdict HOLDS -> VIOLATED"),
        (lambda r: r["claims"][0].update(scope="outside"), "verdict",
         "B2 (benign): scope both -> outside"),
        (lambda r: r["claims"][0].update(weak=True), "verdict",
         "B2 (benign): verdict HOLDS -> HOLDS (weak test)"),
        (lambda r: shape(r)["numbers"][0].update(word="eroding"), "shape",
         "B2 (benign): power of t sharp -> eroding"),
        (lambda r: shape(r)["numbers"].pop(), "shape",
         "B2 (benign): power of mu untested -> nothing"),
        (lambda r: r["claims"][0]["discrimination"].update(rejected=9), "shape",
         "B2 (benign): wrong powers rejected 14 of 16 -> 9 of 16"),
        (lambda r: r["claims"].pop(), "verdict", "B3 (benign): removed"),
        (lambda r: r["claims"].append({**CLAIM, "regime": "harmful"}), "verdict",
         "B2 (harmful): added"),
        (lambda r: r["claims"][0].update(statistic=0.05), "number",
         "B2 (benign): statistic 0.04 -> 0.05 (20%)"),
        (lambda r: r["claims"][1].update(statistic=1.0), "number",
         "B3 (benign): statistic inf -> 1"),
        (lambda r: r["claims"][0].update(statistic=None), "number",
         "B2 (benign): statistic 0.04 -> nothing"),
        (lambda r: r["constants"][0]["constants"][0].update(fitted=0.4), "constant",
         "C2 (benign): fitted 0.3 -> 0.4 (25%)"),
        (lambda r: r["constants"][0]["constants"].clear(), "constant", "C2 (benign): removed"),
        (lambda r: r["cells"].clear(), "cell", "a (benign): removed"),
        (lambda r: r["cells"][0].update(inside=False), "cell", "a (benign): inside True -> False"),
        (lambda r: r["cells"][0]["problem"].update(dim=200), "cell",
         "a (benign): problem.dim 100 -> 200"),
    ],
)  # fmt: skip
def test_each_change_is_one_line(edit, part, line):
    found = changed(edit)
    assert not found.equal
    assert [one.part for one in found.changes] == [part]
    assert [one.line() for one in found.changes] == [line]
    assert len(found.lines()) == 2


def test_many_cells_are_told_by_what_changed():
    cells = [{**copy.deepcopy(REPORT["cells"][0]), "name": f"c{k}"} for k in range(20)]
    other = copy.deepcopy(cells)
    for one in other[:10]:
        one["steps"] = 6
        one["problem"]["dim"] = 7
    found = diff_reports({"cells": cells}, {"cells": other[:17]})
    assert len(found.changes) == 23
    assert found.lines() == [
        "cells that differ (23)",
        "  steps, problem.dim: " + ", ".join(f"c{k} (benign)" for k in range(6)) + " and 4 more",
        "  removed: c17 (benign), c18 (benign), c19 (benign)",
    ]


def test_what_it_was_made_with_is_told_and_no_difference():
    found = changed(lambda r: r["provenance"]["versions"].update(numpy="3"))
    assert found.equal
    assert found.lines() == ["made with (1)", "  versions.numpy: was 2 -> 3"]
    assert changed(lambda r: r["provenance"].update(train_seconds=9.0)).changes == ()


def test_what_one_side_lacks_as_a_whole_is_not_compared():
    assert diff_reports(REPORT, {"claims": REPORT["claims"]}).changes == ()


@given(st.floats(0.001, 1000), st.floats(0, 0.5))
def test_a_tolerance_is_relative_and_symmetric(number, tolerance):
    a, b = ({"claims": [{**CLAIM, "statistic": x}]} for x in (number, number * 1.1))
    there = diff_reports(a, b, tolerance=tolerance)
    back = diff_reports(b, a, tolerance=tolerance)
    assert there.equal == back.equal
    if abs(tolerance - 1 / 11) > 1e-9:
        assert there.equal == (tolerance > 1 / 11)
