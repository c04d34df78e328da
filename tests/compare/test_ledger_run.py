"""`claims_plan`: only what the claims need is trained; verdicts are those of a whole regime."""

import importlib

import numpy as np
import pytest
from synthetic import result, study, trajectory, with_quantities

from bofcheck.compare import (
    Cell,
    CompareError,
    Design,
    Role,
    Status,
    all_claims,
    claims_plan,
    regime_plan,
    theory_values,
    verify,
)
from bofcheck.compare.papers.zhang2025.designs._paired_cells import twin_cells
from bofcheck.compare.papers.zhang2025.experiments import get_experiment
from bofcheck.compare.papers.zhang2025.ledger import model_and_gradient
from bofcheck.compare.papers.zhang2025.plans import claims_of
from bofcheck.simulate import Problem, TrajectoryStore
from bofcheck.theory import check_assumptions

PLANS = importlib.import_module("bofcheck.compare.papers.zhang2025.plans")
VERIFY = importlib.import_module("bofcheck.compare.verify")
CAL, OUT = Role.CALIBRATION, Role.HELD_OUT


def problem(**numbers):
    easy = {"n_samples": 8, "dim": 2_000, "key_dim": 64, "noise_std": 0.02, "learning_rate": 0.2,
            "target_loss": 0.2, "flip_prob": 0.05, "test_tokens": 16}  # fmt: skip
    return Problem(**easy | numbers)


def group(letter, **changes):
    return (
        Cell(f"{letter}-cal", CAL, "stage", problem(**changes), 200),
        Cell(f"{letter}-out", OUT, "stage", problem(n_samples=10, **changes), 200),
        Cell(f"{letter}-rung-cal", CAL, "ladder", problem(seed=1, **changes), 100),
        Cell(f"{letter}-rung-out", OUT, "ladder", problem(seed=2, **changes), 100),
        Cell(f"{letter}-deep", OUT, "deep", problem(seed=5, **changes), 50),
    )  # fmt: skip


TINY = Design(
    "quick",
    "",
    {"benign": group("b"), "harmful": group("h", signal_norm=0.05)},
    seeds=8,
    log_at="geometric:12",
)


@pytest.fixture(autouse=True)
def trained(monkeypatch):
    """Preset tiny for every name, one experiment and twins of few steps; what was trained."""
    seen = []
    real = VERIFY.train

    def counted(one, **options):
        seen.append((one, options["seeds"]))
        return real(one, **options)

    monkeypatch.setattr(PLANS, "get_design", lambda name: TINY)
    monkeypatch.setattr(VERIFY, "train", counted)
    monkeypatch.setattr(model_and_gradient, "LEMMA_STEP_TRIALS", 1)
    return seen


def run(*ids, seeds=None, store=None):
    return verify(claims_plan("quick", seeds, ids), store=store)


def names(trained):
    cells = [cell for group in TINY.cells.values() for cell in group]
    return [cell.name for one, _ in trained for cell in cells if cell.problem == one]


@pytest.mark.parametrize(
    ("claim", "needed"),
    [
        ("I5", []),
        ("H7", []),
        ("B8", ["b-cal", "b-out"]),
        ("H6", ["h-cal", "h-out"]),
        ("B0e", ["b-rung-cal", "b-rung-out"]),
        ("H8", ["h-deep"]),
    ],
)
def test_a_claim_trains_what_it_needs(claim, needed, trained):
    made = run(claim)
    assert names(trained) == needed
    assert [one.claim for one in made.verdicts] == [claim]
    plan = claims_plan("quick", claims=(claim,))
    listed = [cell.name for part in plan.parts for cell in part.cells]
    assert listed == needed


def test_verdicts_are_those_of_verify(monkeypatch):
    whole = {(one.regime, one.claim): one for one in verify(regime_plan("benign")).verdicts}
    made = run("B1", "B2", "B8", "H2", "M2", "B0l", "A5", "S1")
    assert len(made.verdicts) == 10  # A5 and S1 in both regimes
    for one in (one for one in made.verdicts if one.regime == "benign"):
        other = whole[one.regime, one.claim]
        assert (one.status, one.statistic, one.reason) == (
            other.status, other.statistic, other.reason,
        )  # fmt: skip
    assert [study.constants.asked for study in made.studies] == [True, True]


def test_what_is_stored_is_not_trained_again(trained, tmp_path):
    def store():
        return TrajectoryStore(tmp_path, {})

    first = run("B8", store=store())
    assert len(trained) == 2
    second = run("B8", "B0e", store=store())
    assert names(trained)[2:] == ["b-rung-cal", "b-rung-out"]
    assert second.verdicts[-1] == first.verdicts[0]


@pytest.mark.slow
def test_an_experiment_has_its_own_cells_and_seeds(trained):
    made = run("E9")
    cells = get_experiment("fig5").cells["quick"]
    assert [one for one, _ in trained] == [cell.problem for cell in cells]
    assert {seeds for _, seeds in trained} == {get_experiment("fig5").seeds["quick"]}
    assert [one.claim for one in made.verdicts] == ["E9"]
    assert not made.studies[0].constants.asked


def test_presets_that_only_experiments_know():
    assert {claim.id[0] for claim in claims_of("jiang")} == {"E"}
    with pytest.raises(CompareError, match="preset 'huge': unknown; choose one of paper, quick"):
        claims_of("huge")


def test_bad_seeds():
    with pytest.raises(CompareError, match="a cell needs at least 1 run"):
        run("B8", seeds=0)


# ------------------------------------------------------------------ twins


def test_twins_differ_in_one_setting_alone():
    for regime in ("benign", "harmful"):
        for change, fields in (("orthogonal", {"noise"}), ("trained", {"train_output"})):
            cells = twin_cells(regime, change)
            half = len(cells) // 2
            for plain, twin in zip(cells[:half], cells[half:], strict=True):
                a, b = plain.problem.model_dump(), twin.problem.model_dump()
                assert {name for name in a if a[name] != b[name]} == fields
                assert (plain.role, plain.steps, plain.seeds) == (twin.role, twin.steps, twin.seeds)
    for cell in twin_cells("benign", "trained"):
        assert check_assumptions(theory_values(cell.problem)).holds


def twins(change=None, runs=64):
    """Harmful twins in which every mechanism claim holds, or is broken on the orthogonal side."""
    cells = []
    for noise in ("isotropic", "orthogonal"):
        for role, seed in ((CAL, 0), (OUT, 1)):
            one = problem(noise=noise, signal_norm=0.05, seed=seed)
            quantities = {
                "attention_clean": np.array([[0.5, 0.4]]), "v_noise_clean": 1.0, "v_plus": 0.1,
                "v_minus": -0.1, "train_loss": np.array([[0.7, 0.1]]),
                "test_loss": np.array([[0.69, 0.8]]),
            }  # fmt: skip
            made = trajectory(one, [0, 50], runs, **quantities)
            made = result(made, f"{noise}-{seed}", role, "twin", T1=10.0, T2=20.0, T3=30.0)
            if noise == "orthogonal" and change:
                shape = (runs, 2)
                made = with_quantities(
                    made, **{name: np.broadcast_to(v, shape) for name, v in change.items()}
                )
            cells.append(made)
    return study(*cells, regime="harmful")


def test_the_same_verdicts_on_both_sides():
    claim = all_claims()["X4"]
    verdict = claim.decide(twins())
    assert verdict.status is Status.HOLDS, verdict.reason
    same = verdict.evidence["decided_on_both_sides"]
    assert {"H3", "M1", "M4", "M6"} <= set(same)
    assert "H2d" not in verdict.evidence["compared"]


def test_a_verdict_that_changes_is_found():
    claim = all_claims()["X4"]
    moved = twins({"attention_clean": np.array([[0.5, 0.6]])})
    verdict = claim.decide(moved)
    assert verdict.status is Status.VIOLATED  # harmful cells lie outside Assumption 4.1
    assert "M4: HOLDS against VIOLATED" in verdict.reason


def test_a_verdict_that_opens_is_inconclusive():
    claim = all_claims()["X4"]
    broken = np.where(np.arange(64)[:, None] < 3, [[0.5, 0.6]], [[0.5, 0.4]])
    verdict = claim.decide(twins({"attention_clean": broken}))
    assert verdict.status is Status.INCONCLUSIVE
    assert "M4: HOLDS against INCONCLUSIVE" in verdict.reason


def test_twins_need_both_sides():
    assert all_claims()["X4"].decide(study()).status is Status.INCONCLUSIVE
