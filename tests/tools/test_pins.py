"""Verdicts and numbers of preset quick against those pinned in the repository.

Where a number has moved on purpose, ``make pins`` rewrites them and shows what moved.
"""

import copy
import json
from dataclasses import replace
from pathlib import Path

import pytest

from bofcheck.compare import Role, claims_plan, verify
from bofcheck.compare.papers.zhang2025.ledger import all_claims
from bofcheck.compare.report import document, read_comparable
from bofcheck.compare.report.models import SCHEMA
from pins import COMMAND, PINS, main, moved, pinned

#: Claims that are decided again in every run of the tests: no trained run decides them, so that
#: their cells are trained for a step.
FEW = ("A1", "A3", "A5", "A7", "I3", "I5", "H7")


def pins():
    return json.loads(PINS.read_text(encoding="utf-8"))


def decided(plan):
    return document(verify(plan)).as_dict()


def barely_trained(part):
    """The part with every cell trained for a step, from which nothing is fitted."""
    cells = tuple(replace(cell, steps=1) for cell in part.cells)
    return replace(part, cells=cells, fit=False)


def test_some_claims_are_what_they_were():
    plan = claims_plan("quick", 1, FEW)
    found = moved(
        pins(), decided(replace(plan, parts=tuple(map(barely_trained, plan.parts)))), some=True
    )
    assert found.equal, "\n".join(found.lines())


def test_the_constants_of_theorem_4_2_are_what_they_were():
    plan = claims_plan("quick", claims=("A1",))
    (part,) = (part for part in plan.parts if part.theorem.regime == "benign")
    cells = tuple(cell for cell in part.cells if cell.role is Role.CALIBRATION)
    report = decided(replace(plan, parts=(replace(part, cells=cells),))) | {"claims": []}
    assert report["constants"]
    found = moved(pins(), report, some=True)
    assert found.equal, "\n".join(found.lines())


@pytest.mark.slow
def test_the_whole_ledger_is_what_it_was():
    found = moved(pins(), decided(claims_plan("quick")))
    assert found.equal, "\n".join(found.lines())


def test_the_pins_cover_the_ledger_and_say_where_they_come_from():
    kept = pins()
    assert {(one["id"], one["regime"]) for one in kept["claims"]} == {
        (claim.id, regime) for claim in all_claims().values() for regime in claim.regimes
    }
    origin = kept["origin"]
    assert origin["command"] == COMMAND
    assert origin["date"].count("-") == 2
    assert origin["made_with"]["versions"]["numba"]
    assert origin["made_with"]["settings"]["preset"] == "quick"


def made(**changes):
    """A report like the pins', with B2 changed."""
    kept = copy.deepcopy(pins())
    report = {"claims": kept["claims"], "constants": kept["constants"],
              "provenance": kept["origin"]["made_with"]}  # fmt: skip
    (one,) = (one for one in report["claims"] if one["id"] == "B2")
    one |= changes
    return report


def test_a_changed_verdict_is_told():
    assert moved(pins(), made()).equal
    found = moved(pins(), made(verdict="ERROR"))
    assert "  B2 (benign): verdict HOLDS -> ERROR" in found.lines()


def test_a_number_may_move_by_a_hundredth():
    (number,) = (one["statistic"] for one in pins()["claims"] if one["id"] == "B2")
    assert moved(pins(), made(statistic=number * 1.005)).equal
    assert not moved(pins(), made(statistic=number * 1.03)).equal
    assert moved(made(statistic=0.0), made(statistic=3e-15)).equal


def test_missing_claims_are_told_unless_some_were_asked():
    report = made()
    del report["claims"][0]
    assert not moved(pins(), report).equal
    assert moved(pins(), report, some=True).equal


def test_pins_are_written_from_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    kept = made()
    words = dict.fromkeys(("statement", "reason", "source", "statistic_name"), "") | {
        "relation": "<="
    }
    nothing = dict.fromkeys(("tightness", "worst_cell", "at_one_over_d"))
    entry = {**words, **nothing, "evidence": {}}
    report = {
        "format": "bofcheck report", "schema": SCHEMA, "counts": {}, "leave_one_out": [],
        "assumptions": [], "cells": [], "constants": kept["constants"],
        "claims": [entry | one for one in kept["claims"]],
        "provenance": kept["provenance"] | {"train_seconds": 1.0},
    }  # fmt: skip
    (tmp_path / "report.json").write_text(json.dumps(report))
    out = tmp_path / "pins.json"
    assert main([str(tmp_path), "--out", str(out)]) == 0
    written = json.loads(out.read_text())
    assert written["claims"] == pins()["claims"]
    assert written == pinned(read_comparable(tmp_path), written["origin"]["date"])
    report["claims"][0]["verdict"] = "ERROR"
    (tmp_path / "report.json").write_text(json.dumps(report))
    assert main([str(tmp_path), "--out", str(out)]) == 0
    assert "verdicts that changed (1)" in capsys.readouterr().out
