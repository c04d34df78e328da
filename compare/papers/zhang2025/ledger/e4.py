"""E4: the maps of different flip probabilities have the same shape."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.stats import rankdata

from .....theory import Provenance
from ....cells import Study, scope_of
from ....checks.maps import loss_maps
from ....checks.monotone_trend import failure_status
from ....claim import ByFunction, Claim
from ....statistics.resampling import Array, limits, resampled
from ....verdict import Status, Verdict

#: Rank correlation from which two maps are called alike (the ledger's number).
ALIKE = 0.9
#: One-sided miss of all limits together.
MISS = 0.05
MIN_CELLS = 9


def _rank_correlation(means: Array) -> Array:
    """(B,) Spearman correlation of the two halves of each row of (B, 2K)."""
    half = means.shape[1] // 2
    first, second = (rankdata(part, axis=1) for part in (means[:, :half], means[:, half:]))
    first -= first.mean(axis=1, keepdims=True)
    second -= second.mean(axis=1, keepdims=True)
    norm = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    return np.asarray((first * second).sum(axis=1) / norm)


def _decide(claim: Claim, study: Study) -> Verdict:
    """Spearman correlation of the cells' mean test_loss in the maps of two flip probabilities.

    Resampled runs scatter more than runs, which lowers a correlation; the limits are moved up by
    that bias. HOLDS where the lower limit is at least 0.9 in every pair of flip probabilities, a
    failure where an upper limit is below it; 5% shared among the pairs.
    """
    maps = loss_maps(study.select(kind="heatmap"))
    pairs = list(combinations(maps, 2))
    lines: dict[str, object] = {}
    lows, highs, points = [], [], []
    for one, other in pairs:
        cells = [dict(zip(zip(m.n, m.snr, strict=True), m.losses, strict=True))
                 for m in (maps[one], maps[other])]  # fmt: skip
        common = [at for at in cells[0] if at in cells[1]]
        if len(common) < MIN_CELLS:
            continue
        samples = [cells[0][at] for at in common] + [cells[1][at] for at in common]
        means = np.array([[values.mean() for values in samples]])
        point = float(_rank_correlation(means)[0])
        drawn = resampled(samples, _rank_correlation)
        shift = point - float(drawn.mean())
        low, high = (end + shift for end in limits(drawn, MISS / len(pairs)))
        lines[f"{one:g}, {other:g}"] = {"correlation": point, "low": low, "high": min(high, 1.0)}
        points.append(point)
        lows.append(low)
        highs.append(high)
    evidence = {"pairs_of_flip_probabilities": lines, "false_alarm": MISS}
    if not points or len(points) < len(pairs):
        reason = "two maps of different flip probabilities are needed, over the same N and SNR"
        return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
    used = [result for one in maps.values() for result in one.results]
    status = Status.INCONCLUSIVE
    if min(highs) < ALIKE:
        status = failure_status(claim, used)
    elif min(lows) >= ALIKE:
        status = Status.HOLDS
    return claim.verdict(
        study,
        status,
        f"rank correlation {min(points):.3f} to {max(points):.3f} between the maps of "
        f"{len(maps)} flip probabilities",
        scope=scope_of(used),
        statistic=min(highs) if min(highs) < ALIKE else min(lows),
        statistic_name="limit of the least rank correlation between maps",
        relation=">=",
        threshold=ALIKE,
        evidence=evidence,
    )


CLAIM = Claim(
    id="E4",
    statement="The maps of test_loss at different flip probabilities have rank correlation >= 0.9",
    provenance=Provenance.STATED,
    source="§6.2, Fig. 2",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig2",),
)
