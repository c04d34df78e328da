"""A decay that is not there moves the verdict on a bound that claims it."""

from dataclasses import replace

import numpy as np
import pytest

from bofcheck.compare import Status, all_claims, fit_constants
from bofcheck.compare.calibration import BenignTruth, synthetic_study


def frozen(result):
    """The same runs, log P from T2 on as at T2."""
    steps = result.trajectory.steps
    log_p = result.trajectory["log_failure_prob"].copy()
    for run, event in zip(log_p, result.events["T2"], strict=True):
        if np.isfinite(event):
            at = min(int(np.searchsorted(steps, event)), len(steps) - 1)
            run[at:] = run[at]
    quantities = {**result.trajectory.quantities, "log_failure_prob": log_p}
    return replace(result, trajectory=replace(result.trajectory, quantities=quantities))


@pytest.mark.parametrize("seed", [1, 2])
def test_no_decay_after_t2_erodes_b3_even_where_constants_are_fitted_on_it(seed):
    # at half the measured scatter; a true bound erodes with a chance of 5%
    drawn = synthetic_study(np.random.default_rng(seed), 0.5, BenignTruth())
    flat = replace(drawn, results=tuple(map(frozen, drawn.results)))
    words = []
    for study in (drawn, flat):
        claim = all_claims()["B3"]
        words.append(claim.check.decide(claim, fit_constants(study)))
    true, none = words
    assert true.status in (Status.HOLDS, Status.INCONCLUSIVE), true.reason
    assert none.status is Status.ERODES, none.reason
    (time,) = [one for one in none.discrimination.shape.of("eroding") if one.name == "t"]
    assert time.power < -1
