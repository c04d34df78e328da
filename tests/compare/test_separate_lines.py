"""The verdict at 1/d and the fits with a number left out, in the table and in the report."""

import io
import json

import numpy as np
import pytest
from rich.console import Console

from bofcheck.compare import Status, Verification, all_claims, fit_constants
from bofcheck.compare.calibration import BenignTruth, HarmfulTruth, synthetic_study
from bofcheck.compare.fitting.leave_one_out import leave_out
from bofcheck.compare.report import Report, document
from bofcheck.compare.report.terminal import print_verification

RUNS_CLAIMS = {"benign": ("B1", "B2", "B7", "B8"), "harmful": ("H1", "H2", "H6")}
#: Claims about cells or algebra, not runs.
OTHERS = {"benign": ("B5",), "harmful": ("H7",)}


@pytest.fixture(scope="module")
def made():
    rng = np.random.default_rng(0)
    studies = (
        fit_constants(synthetic_study(rng, 1.0, BenignTruth(form="paper"))),
        fit_constants(synthetic_study(rng, 1.0, HarmfulTruth())),
    )
    verdicts = tuple(
        all_claims()[name].check.decide(all_claims()[name], study)
        for study in studies
        for name in (*RUNS_CLAIMS[study.theorem.regime], *OTHERS[study.theorem.regime])
    )
    left_out = tuple(row for study in studies for row in leave_out(study, all_claims()))
    return Verification({}, studies, verdicts, left_out)


@pytest.fixture(scope="module")
def table(made):
    stream = io.StringIO()
    print_verification(made, Console(file=stream, width=160))
    return stream.getvalue()


def test_claims_about_runs_have_a_line_at_one_over_d(made, table):
    about_runs = {name for names in RUNS_CLAIMS.values() for name in names}
    for verdict in made.verdicts:
        assert (verdict.at_one_over_d is not None) == (verdict.claim in about_runs)
        if verdict.at_one_over_d is not None:
            line = verdict.at_one_over_d
            drawn = line.label_draw is not None and line.label_draw > line.level
            wanted = Status.VIOLATED if drawn else Status.INCONCLUSIVE
            assert line.status is wanted, verdict.claim
            assert drawn or line.runs_to_decide > 1e6  # 3 d at least
    assert table.count("at 1/d =") == len(about_runs)
    assert "INCONCLUSIVE, 0 of 112 violate" in table or "INCONCLUSIVE, 0 of 128 violate" in table


def test_the_report_has_both(made):
    report = document(made).as_dict()
    Report.model_validate(report)
    by_id = {one["id"]: one for one in json.loads(json.dumps(report["claims"]))}
    for verdict in made.verdicts:
        entry = by_id[verdict.claim]["at_one_over_d"]
        if verdict.at_one_over_d is None:
            assert entry is None
        else:
            assert entry["level"] == verdict.at_one_over_d.level
            assert entry["verdict"] == verdict.at_one_over_d.status.value
            assert entry["runs_to_decide"] == verdict.at_one_over_d.runs_to_decide
            assert (entry["runs"], entry["violations"]) == (
                verdict.at_one_over_d.runs, verdict.at_one_over_d.violations,
            )  # fmt: skip
    for entry, row in zip(report["leave_one_out"], made.left_out, strict=True):
        assert (entry["regime"], entry["number"]) == (row.regime, row.number)
        assert entry["judged"] == list(row.judged)
        for name, (without, everywhere) in row.constants.items():
            assert entry["constants"][name] == [without, everywhere]


def test_the_table_of_what_was_left_out(table):
    benign = table.split("Fitted without the largest")[1].splitlines()
    lines = {line.split()[0]: line for line in benign if line.split()[:1]}
    assert {"d", "eta", "N", "SNR", "sigma_V"} <= set(lines)
    assert "B1 0/8, B2 0/8, B3 0/8, B7 0/8" in lines["d"]
    assert "8/1" in lines["d"]  # cells fitted/judged
