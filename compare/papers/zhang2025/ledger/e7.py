"""E7: the constant of the boundary grows with the flip probability."""

from __future__ import annotations

import numpy as np

from .....theory import Provenance
from ....cells import Study, scope_of
from ....checks.maps import boundary_level, good_runs, loss_maps
from ....checks.monotone_trend import failure_status
from ....claim import ByFunction, Claim
from ....statistics.resampling import Array, limits
from ....verdict import Status, Verdict

#: One-sided miss, of the slope's limits and of all steps' limits together.
MISS = 0.05
RESAMPLES = 500
#: Flip probabilities whose boundary must be found.
MIN_LEVELS = 3
#: The reading of "noise variance 4" that is compared.
NOISE_STD = 2.0


def _decide(claim: Claim, study: Study) -> Verdict:
    """C = N·SNR² at which half of the runs are good, for each flip probability.

    A run is good where (test_loss - H(p))/(log 2 - H(p)) is at most ½, so that a floor that rises
    with p alone does not move C. Limits come from resampling cells. HOLDS where the lower limit of
    the slope of log C in p is positive and no step from one p to the next falls; a failure where
    the slope's upper limit is negative or a step falls (5% each, shared among steps).
    """
    maps = loss_maps(
        (one for one in study.results if one.cell.kind in ("heatmap", "fig4")), NOISE_STD
    )
    rng = np.random.default_rng(0)
    levels: dict[float, float] = {}
    draws: list[Array] = []
    missing = []
    for p, one in maps.items():
        good = [good_runs(result) for result in one.results]
        level = boundary_level(one.results, good)
        if level is None:
            missing.append(f"p = {p:g}: no boundary among its cells")
            continue
        levels[p] = level
        picks = rng.integers(len(good), size=(RESAMPLES, len(good)))
        found = (
            boundary_level([one.results[k] for k in pick], [good[k] for k in pick])
            for pick in picks
        )
        draws.append(np.log([np.nan if level is None else level for level in found]))
    evidence: dict[str, object] = {
        "C_by_flip_prob": {f"{p:g}": level for p, level in levels.items()},
        "not_found": missing,
    }
    if len(levels) < MIN_LEVELS:
        reason = f"a boundary at {len(levels)} flip probabilities, {MIN_LEVELS} are needed"
        reason += "".join(f"; {one}" for one in missing)
        return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
    values, table = np.array(list(levels)), np.column_stack(draws)
    centred = values - values.mean()
    slopes = table @ centred / (centred @ centred)
    low, high = limits(slopes, MISS)
    steps = [limits(part, MISS / (len(values) - 1)) for part in np.diff(table, axis=1).T]
    evidence |= {"slope_of_log_C": [low, high], "steps_of_log_C": [list(one) for one in steps]}
    used = [result for p in levels for result in maps[p].results]
    falling = any(end < 0 for _, end in steps)
    status = Status.INCONCLUSIVE
    if high < 0 or falling:
        status = failure_status(claim, used)
    elif low > 0 and not missing:
        status = Status.HOLDS
    shown = ", ".join(f"{level:.2f} at p = {p:g}" for p, level in levels.items())
    return claim.verdict(
        study,
        status,
        f"C is {shown}" + (f"; {'; '.join(missing)}" if missing else ""),
        scope=scope_of(used),
        statistic=high if high < 0 else low,
        statistic_name="95% limit of the slope of log C in p",
        relation=">=",
        threshold=0.0,
        evidence=evidence,
    )


CLAIM = Claim(
    id="E7",
    statement="The constant C of the boundary N·SNR² = C increases with the flip probability",
    provenance=Provenance.STATED,
    source="§6.3, Fig. 4a",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig4",),
)
