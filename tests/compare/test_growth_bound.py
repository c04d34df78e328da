"""H2 on test_loss that falls, stays, rises as the bound says, and rises beyond it."""

import numpy as np
import pytest
from synthetic import decide, outside, result, study, trajectory

from bofcheck.compare import Role, Scope, Status, fit_constants

CAL, OUT = Role.CALIBRATION, Role.HELD_OUT
FIRST, SECOND = 10.0, 410.0


def growth_term(problem, steps):
    """What C2 multiplies: eta (t - T1) sigma_p² d w²/N."""
    scale = problem.noise_std**2 * problem.dim * problem.output_norm**2 / problem.n_samples
    return problem.learning_rate * np.maximum(steps - FIRST, 0.0) * scale


def harmful(*shapes, level=0.0005, runs=64, after=None):
    """A calibration and a held-out cell; ``shapes``: growth as a function of the bound's term.

    ``after``: the loss at five further steps, beyond the stage.
    """
    cells = []
    for role, shape, rate in zip((CAL, OUT), shapes, (0.02, 0.015), strict=True):
        problem = outside(noise_std=0.5, learning_rate=rate)
        steps = np.unique(np.rint(np.geomspace(1, SECOND, 80))).astype(int)
        # a memory at the start that lifts some runs a little above log 2, as real ones have it
        lifted = np.log(2) + level * np.linspace(-1, 1, runs)[:, None]
        loss = lifted + shape(growth_term(problem, steps))
        if after is not None:
            steps = np.append(steps, steps[-1] + np.arange(1, 6))
            loss = np.hstack([loss, np.full((runs, 5), after)])
        made = trajectory(problem, steps, runs, test_loss=loss)
        cells.append(result(made, role.value, role, T1=FIRST, T2=SECOND - 0.5, T3=np.nan))
    return fit_constants(study(*cells, regime="harmful"))


def falls(x):
    return -0.02 * x


def stays(x):
    return 0.0 * x


def rises(x):
    return 0.05 * x


def little(x):
    return 0.005 * x


def test_growth_decides():
    for shapes, status in (
        ((falls, falls), Status.VACUOUS),
        ((stays, stays), Status.VACUOUS),
        ((rises, rises), Status.HOLDS),
        ((rises, little), Status.VACUOUS),  # the bound allows ten times what there is
        ((falls, rises), Status.VIOLATED),
        ((rises, lambda x: 0.2 * x), Status.VIOLATED),
    ):
        verdict = decide(harmful(*shapes), "H2")
        assert verdict.status is status, (shapes, verdict.reason)
        assert verdict.scope is Scope.OUTSIDE


def test_what_comes_after_the_stage_does_not_decide():
    """A loss that grows in its stage and falls below its start later has grown all the same."""
    verdict = decide(harmful(lambda x: 0.08 * x, rises, after=0.3), "H2")
    assert verdict.status is Status.HOLDS, verdict.reason
    beyond = decide(harmful(rises, lambda x: 0.2 * x, after=0.3), "H2")
    assert beyond.status is Status.VIOLATED


def test_a_loss_that_rises_far_is_not_allowed_by_a_level_at_the_start():
    """A loss a little above log 2 at T1 asks for an arbitrary C2 there, not here."""
    verdict = decide(harmful(falls, lambda x: 2.7 * x / x.max(), level=0.002), "H2")
    assert verdict.status is Status.VIOLATED
    assert verdict.evidence["all"]["violations"] == 64


def test_what_is_said_of_growth():
    verdict = decide(harmful(falls, falls), "H2")
    assert verdict.reason == (
        "test_loss grows in 0 of 64 runs from T1 on: the bound's growth has nothing to bound"
    )
    assert verdict.evidence["constants_fitted_on_growth"]["C2"] == pytest.approx(0.0, abs=1e-9)
    verdict = decide(harmful(rises, rises), "H2")
    assert "test_loss grows in 64 of 64 runs from T1 on, by at most" in verdict.reason
    assert verdict.evidence["constants_fitted_on_growth"]["C2"] == pytest.approx(
        0.05, rel=0.05, abs=0.0
    )


def test_no_run_in_the_stage_decides_nothing():
    assert decide(study(regime="harmful"), "H2").status is Status.INCONCLUSIVE
