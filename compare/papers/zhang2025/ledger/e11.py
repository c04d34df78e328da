"""E11: the effect of sigma_V saturates as it gets small."""

from __future__ import annotations

import numpy as np

from .....theory import Provenance
from ....cells import Study, scope_of
from ....checks.chains import chain_lines, chains
from ....checks.monotone_trend import MIN_RUNS, failure_status
from ....claim import ByFunction, Claim
from ....statistics.resampling import Array, limits, resampled
from ....verdict import Status, Verdict

#: Share of the change that may fall into the lower half of the range (an effect that is linear in
#: log sigma_V has one half of it there).
SATURATED = 0.25
MISS = 0.05
MIN_LEVELS = 4


def _decide(claim: Claim, study: Study) -> Verdict:
    """The share of the change of test_loss that happens in the lower half of the range of sigma_V.

    Halves are taken in log sigma_V, the middle by interpolation. HOLDS where the upper limit of the
    share over resampled runs is at most a quarter, a failure where the lower one is above it;
    INCONCLUSIVE also where the whole change cannot be told from none.
    """
    found = [one for one in chains(study.select(kind="fig6"), "init_std_v")
             if one.levels.size >= MIN_LEVELS]  # fmt: skip
    evidence: dict[str, object] = {"chains": chain_lines(found)}
    if not found or min(one.size for one in found[0].values) < MIN_RUNS:
        reason = f"{MIN_LEVELS} values of sigma_V with {MIN_RUNS} runs each are needed"
        return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
    part = found[0]
    logs = np.log(part.levels)
    middle = (logs[0] + logs[-1]) / 2
    at = int(np.searchsorted(logs, middle))
    weight = (middle - logs[at - 1]) / (logs[at] - logs[at - 1])

    def share(means: Array) -> Array:
        half = (1 - weight) * means[:, at - 1] + weight * means[:, at]
        return np.asarray(np.abs(half - means[:, 0]) / np.abs(means[:, -1] - means[:, 0]))

    whole = limits(resampled(part.values, lambda means: means[:, -1] - means[:, 0]), MISS / 2)
    low, high = limits(resampled(part.values, share), MISS)
    point = float(share(part.means[None, :])[0])
    evidence |= {"whole_change": list(whole), "share": point, "share_limits": [low, high]}
    status = Status.INCONCLUSIVE
    if whole[0] <= 0 <= whole[1]:
        reason = "the whole change of test_loss cannot be told from none"
    else:
        reason = f"{point:.0%} of the change lies in the lower half of the range of log sigma_V"
        if high <= SATURATED:
            status = Status.HOLDS
        elif low > SATURATED:
            status = failure_status(claim, part.results)
    return claim.verdict(
        study,
        status,
        reason,
        scope=scope_of(part.results),
        statistic=low if low > SATURATED else high,
        statistic_name="95% limit of the share of the change in the lower half of log sigma_V",
        threshold=SATURATED,
        evidence=evidence,
    )


CLAIM = Claim(
    id="E11",
    statement="As sigma_V gets small its effect on test_loss saturates",
    provenance=Provenance.STATED,
    source="§6.5, Fig. 6b",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig6",),
)
