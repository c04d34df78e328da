import dataclasses

import numpy as np
import pytest

from bofcheck.compare import Role, Status, Verification, all_claims, fit_constants
from bofcheck.compare.calibration import BenignTruth, HarmfulTruth, synthetic_study
from bofcheck.compare.calibration.cells import benign_cells
from bofcheck.compare.cells import Study
from bofcheck.compare.fitting.leave_one_out import NUMBERS, leave_out
from bofcheck.compare.report import document
from bofcheck.compare.thresholds import LEFT_OUT_FACTOR

TRUTH = BenignTruth(form="paper")


def made(truth=TRUTH, noise=0.0, **rest):
    return fit_constants(synthetic_study(np.random.default_rng(3), noise, truth, **rest))


def rows(study):
    return {row.number: row for row in leave_out(study, all_claims())}


def violations(row):
    return {one.claim: (one.violations, one.runs) for one in row.claims}


def test_one_row_a_number_and_no_violation_of_a_truth():
    found = rows(made())
    assert list(found) == list(NUMBERS) == ["d", "eta", "N", "SNR", "sigma_V"]
    for row in found.values():
        assert [one.claim for one in row.claims] == ["B1", "B2", "B3", "B7"]
        assert all(one.violations == 0 and one.runs > 0 for one in row.claims)
        for name in ("C2", "k2", "k3", "c1 of T1 (paper)", "c3 of T3 (paper)"):
            without, everywhere = row.constants[name]
            assert without == pytest.approx(everywhere, rel=1e-4, abs=0.0)


def test_cells_are_split_by_the_number_whatever_their_role():
    study = made()
    for row in leave_out(study, all_claims()):
        by_name = {result.cell.name: result for result in study.results}
        values = {name: NUMBERS[row.number](result) for name, result in by_name.items()}
        assert max(values.values()) == row.largest
        assert set(row.judged) == {
            n for n, v in values.items() if v * LEFT_OUT_FACTOR >= row.largest
        }
        assert not set(row.fitted) & set(row.judged)
        assert all(by_name[name].cell.role is Role.CALIBRATION for name in row.fitted)
        assert row.fitted_up_to == max(values[name] for name in row.fitted)


def test_a_constant_that_hides_a_power_of_d_is_found_out():
    # the only cell of much larger d obeys a constant 100 times larger, as a power of d would make
    broken = dataclasses.replace(TRUTH, C2=100 * TRUTH.C2)
    found = rows(made(by_name={"b-deep": broken}))
    assert violations(found["d"])["B1"] == (8, 8)
    by_claim = {one.claim: one.status for one in found["d"].claims}
    assert by_claim["B1"] is Status.VIOLATED
    assert "b-deep" not in found["eta"].judged
    assert violations(found["eta"])["B1"][0] == 0


def test_judged_runs_never_reach_the_fit():
    plain = made(noise=1.0)
    before = rows(plain)["SNR"]
    results = list(plain.results)
    for at, result in enumerate(results):
        if result.cell.name in before.judged:
            spoilt = {name: values + 100.0 for name, values in result.trajectory.quantities.items()}
            trajectory = dataclasses.replace(result.trajectory, quantities=spoilt)
            results[at] = dataclasses.replace(result, trajectory=trajectory)
    spoilt = rows(dataclasses.replace(plain, results=tuple(results)))["SNR"]
    assert {n: one for n, (one, _) in spoilt.constants.items()} == {
        n: one for n, (one, _) in before.constants.items()
    }
    assert violations(spoilt) != violations(before)


def test_too_little_variation_is_said():
    alike = tuple(
        dataclasses.replace(cell, name=f"{cell.role.name}-{rank}", trained=one)
        for rank, (cell, one) in enumerate(
            (cell, cell.problem.replace(seed=rank))
            for rank, cell in enumerate([benign_cells()[0]] * 2 + [benign_cells()[8]] * 2)
        )
    )
    same = tuple(
        dataclasses.replace(cell, trained=benign_cells()[0].problem.replace(seed=rank))
        for rank, cell in enumerate(alike)
    )
    for row in rows(made(cells=same)).values():
        assert row.note == f"nothing to leave out: {row.number} varies by less than 1.1x"
        assert (row.claims, row.constants) == ((), {})
    largest = tuple(
        dataclasses.replace(
            cell, trained=cell.problem.replace(n_samples=30 if cell.role is Role.CALIBRATION else 9)
        )
        for cell in same
    )
    row = rows(made(cells=largest))["N"]
    assert (row.note[:14], row.fitted, row.fitted_up_to) == ("nothing to fit", (), None)


def test_no_stage_cell_no_row():
    assert leave_out(Study(made().theorem, ()), all_claims()) == ()


def test_the_report_carries_the_table():
    harmful = fit_constants(synthetic_study(np.random.default_rng(0), 1.0, HarmfulTruth()))
    studies = (made(), harmful)
    every = tuple(row for study in studies for row in leave_out(study, all_claims()))
    entries = document(Verification({}, studies, (), every)).leave_one_out
    assert [(entry.regime, entry.number) for entry in entries] == [
        (regime, number) for regime in ("benign", "harmful") for number in NUMBERS
    ]
    first = entries[0]
    assert first.judged == ("b-deep",)
    assert {claim.claim: claim.runs for claim in first.claims} == dict.fromkeys(
        ("B1", "B2", "B3", "B7"), 8
    )
    assert {claim.claim for claim in entries[5].claims} == {"H1", "H2", "H5"}
