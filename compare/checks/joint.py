"""Does the final test_loss rise or fall where N and SNR both grow?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..claim import Claim
from ..study import CellResult, Study, scope_of
from ..verdict import Status, Verdict
from .chains import chains, score_limit, trend
from .maps import LossMap, loss_maps
from .trends import failure_status

Array = NDArray[np.float64]

#: One-sided false alarm, of HOLDS and of a failure each.
FALSE_ALARM = 0.01
#: Permutations of a map's cells, drawn at a fixed seed.
PERMUTATIONS = 4_999
MIN_CELLS = 9


def decide_joint(claim: Claim, study: Study, sign: int) -> Verdict:
    """Pairs of cells of one map of which one has both the larger N and the larger SNR.

    The statistic is the share of such pairs, over all flip probabilities, in which that cell's
    mean test_loss is the larger (E3a) or the smaller (E3b); its null distribution exchanges the
    cells of a map. HOLDS where the share is as large in at most 1% of 4,999 permutations, a
    failure where it is as small in at most 1%. Trends in N alone and in SNR alone are shown.

    Args:
        claim: under check.
        study: the experiments' cells.
        sign: 1 if test_loss is said to rise, -1 if to fall.
    """
    cells = list(study.select(kind="heatmap"))
    maps = {p: one for p, one in loss_maps(cells).items() if one.n.size >= MIN_CELLS}
    if not maps:
        reason = "this preset has no map of N and SNR" if not cells else "the maps are too small"
        return claim.verdict(study, Status.INCONCLUSIVE, reason)
    shares, drawn = np.zeros(2), np.zeros(PERMUTATIONS)
    rng = np.random.default_rng(0)
    by_flip_prob = {}
    for p, one in maps.items():
        wins, pairs, permuted = _wins(one, rng)
        shares += (wins, pairs)
        drawn += permuted
        by_flip_prob[f"{p:g}"] = wins / pairs
    rising, total = float(shares[0] / shares[1]), int(shares[1])
    share = rising if sign > 0 else 1 - rising
    beyond = drawn / total if sign > 0 else 1 - drawn / total
    chance_high = (1 + float((beyond >= share).sum())) / (1 + PERMUTATIONS)
    chance_low = (1 + float((beyond <= share).sum())) / (1 + PERMUTATIONS)
    used = [result for one in maps.values() for result in one.results]
    status = Status.INCONCLUSIVE
    if chance_high <= FALSE_ALARM:
        status = Status.HOLDS
    elif chance_low <= FALSE_ALARM:
        status = failure_status(claim, used)
    word = "larger" if sign > 0 else "smaller"
    limit = float(np.quantile(beyond, 1 - FALSE_ALARM, method="higher"))
    return claim.verdict(
        study,
        status,
        f"test_loss is {word} in {share:.0%} of {total} pairs of cells of which one has the larger "
        "N and the larger SNR",
        scope=scope_of(used),
        statistic=share,
        statistic_name=f"share of pairs of cells in which test_loss is {word} where N and SNR are "
        "both larger, against 99% of permutations",
        relation=">=",
        threshold=limit,
        evidence={
            "share_that_rise_by_flip_prob": by_flip_prob,
            "p_value": chance_high,
            "p_value_of_the_reverse": chance_low,
            "alone": {name: _alone(used, name) for name in ("n_samples", "signal_norm")},
        },
    )


def _wins(one: LossMap, rng: np.random.Generator) -> tuple[float, int, Array]:
    """Pairs that rise where both grow, all pairs, and the first again with the cells exchanged."""
    first, second = np.nonzero(
        (one.n[:, None] < one.n[None, :]) & (one.snr[:, None] < one.snr[None, :])
    )
    means = one.means
    wins = float((means[second] > means[first]).sum())
    permuted = np.empty(PERMUTATIONS)
    for draw in range(PERMUTATIONS):
        moved = means[rng.permutation(means.size)]
        permuted[draw] = (moved[second] > moved[first]).sum()
    return wins, first.size, permuted


def _alone(cells: list[CellResult], along: str) -> dict[str, object]:
    """Jonckheere's score along one number, and the chains in which test_loss rises or falls."""
    parts = chains(cells, along)
    pooled = trend(parts)
    limit = score_limit(FALSE_ALARM / max(len(parts), 1))
    scores = {one.name: own.score for one in parts if (own := trend([one])) is not None}
    return {
        "score": pooled.score if pooled else None,
        "chains": len(parts),
        "rising": [name for name, score in scores.items() if score >= limit],
        "falling": sum(score <= -limit for score in scores.values()),
    }
