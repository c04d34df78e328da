import importlib

import numpy as np
import pytest

from bofcheck.compare import (
    Cell,
    CompareError,
    Design,
    Role,
    Status,
    design_names,
    regime_plan,
    verify,
)
from bofcheck.compare.papers.zhang2025.ledger import model_and_gradient
from bofcheck.simulate import Problem, StoreError, TrajectoryStore
from bofcheck.simulate.store import rebuild

MODULE = importlib.import_module("bofcheck.compare.verify")
PLANS = importlib.import_module("bofcheck.compare.papers.zhang2025.plans")
CAL, OUT = Role.CALIBRATION, Role.HELD_OUT


def problem(**numbers):
    easy = {"n_samples": 8, "dim": 2_000, "key_dim": 64, "noise_std": 0.02, "learning_rate": 0.2,
            "target_loss": 0.2, "flip_prob": 0.05, "test_tokens": 32}  # fmt: skip
    return Problem(**easy | numbers)


def weak(**numbers):
    return problem(signal_norm=0.05, noise_std=0.022, learning_rate=0.5, **numbers)


LADDER = tuple(
    Cell(f"rung-{role.name}-{norm}", role, "ladder", problem(signal_norm=norm), 200)
    for role, norms in ((CAL, (0.1, 1.2)), (OUT, (0.15, 1.4)))
    for norm in norms
)
TINY = Design(
    "tiny",
    "a few seconds",
    {
        "benign": (
            Cell("b-cal", CAL, "stage", problem(), 300),
            Cell("b-out", OUT, "stage", problem(n_samples=10), 300),
            *LADDER,
        ),
        "harmful": (
            Cell("h-cal", CAL, "stage", weak(), 300),
            Cell("h-out", OUT, "stage", weak(n_samples=10), 300),
            *LADDER,
        ),
    },
    seeds=8,
    log_at="geometric:12",
)


@pytest.fixture(autouse=True)
def calls(monkeypatch):
    """Preset tiny under any name, few trials of S6, and a record of what was trained."""
    seen = []
    real = MODULE.train

    def counted(one, **options):
        seen.append(one)
        return real(one, **options)

    monkeypatch.setattr(PLANS, "get_design", lambda name: TINY)
    monkeypatch.setattr(MODULE, "train", counted)
    monkeypatch.setattr(model_and_gradient, "LEMMA_STEP_TRIALS", 1)
    return seen


def facts(made):
    return [(one.regime, one.claim, one.status, one.statistic, one.reason) for one in made.verdicts]


def test_each_cell_is_trained_once(calls):
    made = verify(regime_plan())
    assert len(calls) == len(set(calls)) == 4 + len(LADDER)  # the ladder is shared
    assert [study.theorem.regime for study in made.studies] == ["benign", "harmful"]
    assert not [one.reason for one in made.verdicts if one.status is Status.ERROR]
    assert [len(study.results) for study in made.studies] == [2 + len(LADDER)] * 2
    assert "c2 of T2 (paper)" in made.studies[0].constants  # of C2, 7 good runs are too few


def test_a_store_saves_all_training(calls, tmp_path):
    plan = regime_plan()
    first = verify(plan, store=TrajectoryStore(tmp_path, plan.settings))
    trained = len(calls)
    assert trained == 4 + len(LADDER)
    again = verify(plan, store=TrajectoryStore(tmp_path, plan.settings))
    assert len(calls) == trained  # nothing was trained a second time
    assert facts(again) == facts(first)
    # a store that lost one cell trains that one only
    (tmp_path / "trajectories" / "h-out" / "0000.npz").unlink()
    rebuild(tmp_path)
    third = verify(plan, store=TrajectoryStore(tmp_path, plan.settings))
    assert calls[trained:] == [TINY.cells["harmful"][1].problem]
    assert facts(third) == facts(first)


def test_a_store_of_other_runs_is_refused(tmp_path):
    verify(regime_plan(regime="benign", seeds=2), store=TrajectoryStore(tmp_path, {}))
    with pytest.raises(StoreError, match="made with other settings"):
        verify(regime_plan(regime="benign", seeds=3), store=TrajectoryStore(tmp_path, {}))


def test_verdicts_are_deterministic_and_agree_with_one_regime_alone():
    both = facts(verify(regime_plan()))
    assert facts(verify(regime_plan())) == both
    alone = facts(verify(regime_plan(regime="harmful")))
    assert alone == [one for one in both if one[0] == "harmful"]


def test_one_seed_is_inconclusive_and_no_crash():
    made = verify(regime_plan(seeds=1))
    for one in made.verdicts:
        if one.claim[0] in "BHM" and one.claim not in ("H7", "B10"):  # decided by algebra
            assert one.status in (Status.INCONCLUSIVE, Status.VACUOUS), one
        assert one.status is not Status.ERROR, one
    assert not made.studies[0].constants.fitted
    assert "8 are needed" in made.studies[0].constants.failures["B2"]


def test_the_direct_engine_tells_the_same_story():
    # materialised starts make both engines train the very same runs
    def materialised(cells):
        return tuple(
            Cell(one.name, one.role, one.kind, one.problem.replace(start="materialised", dim=200,
                 noise_std=0.07), 30)
            for one in cells[:2]
        )  # fmt: skip

    small = Design(
        "small", "", {name: materialised(cells) for name, cells in TINY.cells.items()}, 2,
        "geometric:6",
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PLANS, "get_design", lambda name: small)
        span, direct = (verify(regime_plan(regime="benign", engine=e)) for e in ("span", "direct"))
    for one, other in zip(span.studies[0].results, direct.studies[0].results, strict=True):
        for name in ("train_loss", "test_loss", "log_failure_prob"):
            # two routes through the same arithmetic, a few hundred roundings apart
            np.testing.assert_allclose(one.trajectory[name], other.trajectory[name], rtol=1e-8)
    assert [one[:3] for one in facts(span)] == [one[:3] for one in facts(direct)]


def test_progress_counts_every_step_once():
    seen = []
    verify(regime_plan(seeds=1), progress=lambda *state: seen.append(state))
    total = sum(cell.steps for cell in {cell for cells in TINY.cells.values() for cell in cells})
    assert {whole for _, _, whole in seen} == {total}
    done = [steps for _, steps, _ in seen]
    assert done == sorted(done)
    assert {name for name, _, _ in seen} == {c.name for cells in TINY.cells.values() for c in cells}


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"regime": "both of them"}, "regime 'both of them': choose benign, harmful or both"),
        ({"seeds": 0}, "seeds = 0: a cell needs at least 1 run"),
    ],
)
def test_bad_settings(asked, message):
    with pytest.raises(CompareError, match=message):
        regime_plan(**asked)


def test_names_of_presets_are_those_of_their_files():
    assert "quick" in design_names()
    assert {"design", "preset"}.isdisjoint(design_names())
