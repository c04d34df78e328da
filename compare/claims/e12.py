"""E12: more samples lower the test_loss, markedly only at the higher SNR."""

from __future__ import annotations

import numpy as np

from ...theory import Provenance
from ..checks.chains import Chain, chain_lines, chains, score_limit, trend
from ..checks.resample import Array, limits, resampled
from ..checks.trends import MIN_RUNS, failure_status
from ..claim import Claim
from ..study import Study, scope_of
from ..verdict import Status, Verdict

#: "Markedly": the fall at a higher SNR over the change at the lowest.
MARKED = 2.0
MISS = 0.05
FALSE_ALARM = 0.01
MIN_LEVELS = 3


def _surplus(low: Chain, high: Chain, miss: float) -> tuple[float, float]:
    """Limits of the fall from least to largest N at an SNR, less twice the change at the lowest."""
    samples = [high.values[0], high.values[-1], low.values[0], low.values[-1]]

    def statistic(means: Array) -> Array:
        fall, change = means[:, 0] - means[:, 1], np.abs(means[:, 2] - means[:, 3])
        return np.asarray(fall - MARKED * change)

    return limits(resampled(samples, statistic), miss)


def _decide(claim: Claim, study: Study) -> Verdict:
    """The fall of test_loss from the least to the largest N, by SNR.

    HOLDS where test_loss falls with N over all chains (Jonckheere's score, 1%) and the fall at some
    higher SNR is more than twice the change at the lowest, by a lower limit over resampled runs (5%
    shared among SNRs). A failure where the score says that it rises, or the upper limits at all
    higher SNRs are below twice the change.
    """
    found = [
        one
        for one in chains(study.select(kind="fig7"), "n_samples")
        if one.levels.size >= MIN_LEVELS and min(v.size for v in one.values) >= MIN_RUNS
    ]
    parts = sorted(found, key=lambda one: one.results[0].cell.problem.snr)
    evidence: dict[str, object] = {"chains": chain_lines(parts)}
    pooled = trend(parts)
    if len(parts) < 2 or pooled is None:
        reason = f"chains along N at two SNRs, {MIN_RUNS} runs a level, are needed"
        return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
    lowest, higher = parts[0], parts[1:]
    ends = [_surplus(lowest, one, MISS / len(higher)) for one in higher]
    best_low, best_high = max(low for low, _ in ends), max(high for _, high in ends)
    falls = [float(one.means[0] - one.means[-1]) for one in parts]
    snrs = [one.results[0].cell.problem.snr for one in parts]
    evidence |= {
        "fall_by_snr": {f"{snr:.3g}": fall for snr, fall in zip(snrs, falls, strict=True)},
        "fall_less_twice_the_change_at_the_lowest": [list(one) for one in ends],
        "score": pooled.score,
    }
    limit = score_limit(FALSE_ALARM)
    used = [result for one in parts for result in one.results]
    status = Status.INCONCLUSIVE
    if pooled.score >= limit or best_high < 0:
        status = failure_status(claim, used)
    elif pooled.score <= -limit and best_low > 0:
        status = Status.HOLDS
    shown = ", ".join(
        f"{fall:+.3f} at SNR {snr:.2g}" for snr, fall in zip(snrs, falls, strict=True)
    )
    return claim.verdict(
        study,
        status,
        f"from the least to the largest N test_loss falls by {shown}",
        scope=scope_of(used),
        statistic=best_high if best_high < 0 else best_low,
        statistic_name="95% limit of the largest fall at a higher SNR less twice the change at the "
        "lowest",
        relation=">=",
        threshold=0.0,
        evidence=evidence,
    )


CLAIM = Claim(
    id="E12",
    statement="More samples lower test_loss, markedly only where SNR is higher",
    provenance=Provenance.STATED,
    source="App. F, Fig. 7a",
    regimes=("benign",),
    decide=_decide,
    experiments=("fig7",),
)
