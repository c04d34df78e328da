"""E12: more samples lower the test_loss, markedly only at the higher SNR."""

from __future__ import annotations

from typing import Any

import numpy as np

from .....theory import Provenance
from ....cells import Study, scope_of
from ....checks.chains import Chain, chain_lines, chains, score_limit, trend
from ....checks.monotone_trend import MIN_RUNS, failure_status
from ....claim import ByFunction, Claim
from ....statistics.resampling import Array, limits, resampled
from ....verdict import Status, Verdict

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


def _judge(parts: list[Chain], miss: float) -> dict[str, Any]:
    """Chains along N of one flip probability, in order of SNR, with the limits that decide."""
    pooled = trend(parts)
    ends = [_surplus(parts[0], one, miss / (len(parts) - 1)) for one in parts[1:]]
    return {
        "score": pooled.score if pooled else 0.0,
        "fall_by_snr": {
            f"{one.results[0].cell.problem.snr:.3g}": float(one.means[0] - one.means[-1])
            for one in parts
        },
        "low": max(low for low, _ in ends),
        "high": max(high for _, high in ends),
    }


def _decide(claim: Claim, study: Study) -> Verdict:
    """The fall of test_loss from the least to the largest N, by SNR, at each flip probability.

    HOLDS where at every flip probability test_loss falls with N over all chains (Jonckheere's
    score, 1%) and the fall at some higher SNR is more than twice the change at the lowest, by a
    lower limit over resampled runs (5%). A failure where at one the score says that it rises, or
    the upper limits at all higher SNRs are below twice the change. Shared among flip probabilities.
    """
    found = [
        one
        for one in chains(study.select(kind="fig7"), "n_samples")
        if one.levels.size >= MIN_LEVELS and min(v.size for v in one.values) >= MIN_RUNS
    ]
    groups: dict[float, list[Chain]] = {}
    for one in sorted(found, key=lambda one: one.results[0].cell.problem.snr):
        groups.setdefault(one.results[0].cell.problem.flip_prob, []).append(one)
    groups = {p: parts for p, parts in sorted(groups.items()) if len(parts) > 1}
    evidence: dict[str, object] = {"chains": chain_lines(found)}
    if not groups:
        reason = f"chains along N at two SNRs, {MIN_RUNS} runs a level, are needed"
        return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
    judged = {p: _judge(parts, MISS / len(groups)) for p, parts in groups.items()}
    evidence["by_flip_prob"] = {f"{p:g}": lines for p, lines in judged.items()}
    limit = score_limit(FALSE_ALARM / len(groups))
    score, low, high = (
        [float(lines[name]) for lines in judged.values()] for name in ("score", "low", "high")
    )
    used = [result for parts in groups.values() for one in parts for result in one.results]
    status = Status.INCONCLUSIVE
    if max(score) >= limit or min(high) < 0:
        status = failure_status(claim, used)
    elif max(score) <= -limit and min(low) > 0:
        status = Status.HOLDS
    return claim.verdict(
        study,
        status,
        "from the least to the largest N test_loss falls by "
        + "; ".join(_shown(p, parts) for p, parts in groups.items()),
        scope=scope_of(used),
        statistic=min(high) if min(high) < 0 else min(low),
        statistic_name="95% limit of the largest fall at a higher SNR less twice the change at the "
        "lowest, at the least favourable flip probability",
        relation=">=",
        threshold=0.0,
        evidence=evidence,
    )


def _shown(flip_prob: float, parts: list[Chain]) -> str:
    falls = ", ".join(
        f"{one.means[0] - one.means[-1]:+.3f} at SNR {one.results[0].cell.problem.snr:.2g}"
        for one in parts
    )
    return f"{falls} (p = {flip_prob:g})"


CLAIM = Claim(
    id="E12",
    statement="More samples lower test_loss, markedly only where SNR is higher",
    provenance=Provenance.STATED,
    source="App. F, Fig. 7a",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig7",),
)
