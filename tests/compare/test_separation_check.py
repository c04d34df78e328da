import math

import numpy as np
import pytest
from synthetic import decide, inside, outside, result, study, trajectory

from bofcheck.compare import Role, Scope, Status, strength

CAL, OUT = Role.CALIBRATION, Role.HELD_OUT
LADDER = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)


def rung(role, level, score, problem=None, spread=0.0, trained=8, diverged=()):
    """A rung at N·SNR² = level that ends with a normalised test_error of ``score``."""
    if problem is None:
        problem = outside(noise_std=math.sqrt(20 / level) / 20)  # d = 400, mu = 1
        assert strength(problem) == pytest.approx(level, rel=1e-6, abs=0.0)
    error = 0.1 + 0.4 * (score + spread * np.linspace(-1, 1, 8))
    made = trajectory(problem, [0, 10], 8, diverged=diverged, test_error=error[:, None])
    events = np.where(np.arange(8) < trained, 5.0, np.nan)
    return result(made, f"{role.value}-{level:g}", role, "ladder", T3=events)


def ladder(edge, change=()):
    """Good from ``edge`` on, bad below; ``change`` maps (role, level) to something else."""
    special = dict(change)
    return [
        special.get((role, level), rung(role, level * shift, 0.1 if level >= edge else 0.9))
        for role, shift in ((CAL, 1.0), (OUT, 1.1))
        for level in LADDER
    ]


def test_benign_edge_is_widened_and_judged_on_held_out_rungs():
    verdict = decide(study(*ladder(2.0)), "B0e")
    assert (verdict.status, verdict.scope) == (Status.HOLDS, Scope.OUTSIDE)
    assert verdict.evidence["fitted"] == pytest.approx(2.0, rel=1e-6, abs=0.0)
    assert verdict.evidence["judged_at"] == pytest.approx(4.0, rel=1e-6, abs=0.0)
    assert verdict.statistic == pytest.approx(0.1, rel=1e-6, abs=0.0)
    assert verdict.reason.startswith("4 of 4")  # 4.4, 8.8, 17.6, 35.2


def test_harmful_edge():
    verdict = decide(study(*ladder(16.0), regime="harmful"), "H0e")
    assert verdict.status is Status.HOLDS
    assert verdict.evidence["fitted"] == pytest.approx(8.0, rel=1e-6, abs=0.0)
    assert verdict.reason.startswith("4 of 4")  # 0.275 to 2.2, at most 4
    assert verdict.statistic == pytest.approx(0.9, rel=1e-6, abs=0.0)


@pytest.mark.parametrize("regime", ["benign", "harmful"])
def test_a_rung_on_the_wrong_side(regime):
    claim, level, score = ("B0e", 16.0, 0.9) if regime == "benign" else ("H0e", 0.5, 0.1)
    edge = 2.0 if regime == "benign" else 16.0
    wrong = {(OUT, level): rung(OUT, level, score)}
    verdict = decide(study(*ladder(edge, wrong.items()), regime=regime), claim)
    assert (verdict.status, verdict.scope) == (Status.VIOLATED, Scope.OUTSIDE)
    assert verdict.worst_cell == f"held out-{level:g}"


def test_a_wrong_rung_inside_the_assumptions():
    within = {(OUT, 16.0): rung(OUT, 24.0, 0.9, problem=inside())}  # N·SNR² = 24
    verdict = decide(study(*ladder(2.0, within.items())), "B0e")
    assert (verdict.status, verdict.scope) == (Status.VIOLATED, Scope.INSIDE)
    good = {(OUT, 16.0): rung(OUT, 24.0, 0.1, problem=inside())}
    verdict = decide(study(*ladder(2.0, good.items())), "B0e")
    assert (verdict.status, verdict.scope) == (Status.HOLDS, Scope.BOTH)


def test_a_bad_calibration_rung_moves_the_edge_above_it():
    bad = {(CAL, 4.0): rung(CAL, 4.0, 0.9)}
    verdict = decide(study(*ladder(1.0, bad.items())), "B0e")
    assert verdict.evidence["fitted"] == pytest.approx(8.0, rel=1e-6, abs=0.0)


@pytest.mark.parametrize(
    "unknown",
    [
        {"score": 0.45, "spread": 0.5},  # 0.45 ± 0.12: two standard errors reach over the cut-off
        {"score": 0.1, "trained": 4},  # half of the runs are not trained to the end
        {"score": 0.1, "diverged": range(4)},
    ],
)
def test_rungs_that_cannot_be_called(unknown):
    stop = {(CAL, 4.0): rung(CAL, 4.0, **unknown)}
    verdict = decide(study(*ladder(1.0, stop.items())), "B0e")
    assert verdict.evidence["fitted"] == pytest.approx(
        8.0, rel=1e-6, abs=0.0
    )  # the climb ends there
    gap = {(OUT, 16.0): rung(OUT, 16.0, **unknown)}
    verdict = decide(study(*ladder(2.0, gap.items())), "B0e")
    assert verdict.status is Status.INCONCLUSIVE  # never a pass
    assert verdict.evidence["not_called"] == ["held out-16"]
    assert "1 cannot be called" in verdict.reason
    # nor does it hide a rung that is plainly wrong
    both = gap | {(OUT, 8.0): rung(OUT, 8.0, 0.9)}
    assert decide(study(*ladder(2.0, both.items())), "B0e").status is Status.VIOLATED


def climbing(edge):
    """Held-out and calibration rungs at a small and a large d, good from ``edge[d]`` on."""
    return [
        rung(role, level * shift, 0.1 if level >= edge[dim] else 0.9,
             problem=outside(dim=dim, noise_std=math.sqrt(20 / (level * shift * dim))))
        for role, shift in ((CAL, 1.0), (OUT, 1.1))
        for level in LADDER
        for dim in edge
    ]  # fmt: skip


def test_the_constant_may_not_depend_on_d():
    same = study(*climbing({400: 16.0, 10**8: 16.0}), regime="harmful")
    assert decide(same, "H0e").status is Status.HOLDS
    # good from a sixteenth of it on at the larger d: what is bad at d = 400 is good there
    falling = decide(study(*climbing({400: 16.0, 10**8: 1.0}), regime="harmful"), "H0e")
    assert (falling.status, falling.scope) == (Status.VIOLATED, Scope.OUTSIDE)
    assert "those that are not have d = 1.0e+08" in falling.reason
    assert falling.evidence["fitted_up_to_d"] == 400
    # a boundary that falls with d is no harm to the benign condition, one that rises is
    assert decide(study(*climbing({400: 2.0, 10**8: 0.5})), "B0e").status is Status.HOLDS
    assert decide(study(*climbing({400: 0.5, 10**8: 8.0})), "B0e").status is Status.VIOLATED


def test_enough_rungs_inside_decide_by_themselves():
    """Three rungs inside as they should be: a wrong one outside limits the scope."""
    wrong = {(OUT, 8.0): rung(OUT, 8.0, 0.9)}
    within = [
        rung(OUT, 24.0, 0.1, problem=inside(output_norm=1.0 + 0.1 * rank)) for rank in range(3)
    ]
    made = study(*ladder(2.0, wrong.items()), *within)
    assert (decide(made, "B0e").status, decide(made, "B0e").scope) == (Status.HOLDS, Scope.INSIDE)
    made = study(*ladder(2.0, wrong.items()), *within[:2])
    assert (decide(made, "B0e").status, decide(made, "B0e").scope) == (
        Status.VIOLATED, Scope.OUTSIDE,
    )  # fmt: skip


def test_no_constant_separates():
    top = {(CAL, 32.0): rung(CAL, 32.0, 0.9)}
    verdict = decide(study(*ladder(1.0, top.items())), "B0e")
    assert verdict.status is Status.INCONCLUSIVE
    assert "no constant" in verdict.reason
    assert decide(study(), "B0e").status is Status.INCONCLUSIVE


def test_too_few_rungs_beyond_the_constant():
    verdict = decide(study(*ladder(8.0)), "B0e")  # 17.6 and 35.2 only
    assert verdict.status is Status.INCONCLUSIVE


def test_one_run_calls_nothing():
    def alone(role, level):
        problem = outside(noise_std=math.sqrt(20 / level) / 20)
        made = trajectory(problem, [0, 10], 1, test_error=0.1, train_loss=0.0)
        return result(made, f"{role.value}-{level}", role, "ladder", T3=5.0)

    made = study(*(alone(role, level) for role in (CAL, OUT) for level in LADDER))
    assert decide(made, "B0e").status is Status.INCONCLUSIVE


def test_loss_is_measured_from_the_bayes_floor():
    # p = 0.1: H(p) = 0.325083, log 2 = 0.693147, halfway 0.509115
    for loss, good in ((0.50, True), (0.52, False)):
        one = result(trajectory(outside(), [0, 10], 8, test_loss=loss), "a", OUT, "ladder", T3=5.0)
        line = decide(study(one), "B0l").evidence["rungs"][0]
        assert line["good"] is good
        assert line["score"] == pytest.approx(
            (loss - 0.325083) / (0.693147 - 0.325083), rel=1e-4, abs=0.0
        )
