"""Does the final test_loss rise or fall where N and SNR both grow?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult, Study, scope_of
from ..claim import Claim
from ..verdict import Status, Verdict
from .chains import chains, score_limit, trend
from .maps import LossMap, loss_maps
from .monotone_trend import failure_status

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
    cells of a map, 4,999 times. HOLDS where the share is as large in at most 1% of permutations
    and no single map stands against it; a failure where it is as small in at most 1%, or that of
    one map is (1% shared among the maps). Trends in N alone and in SNR alone are shown.

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
    rng = np.random.default_rng(0)
    counted = {p: _wins(one, rng) for p, one in maps.items()}
    whole = _Tally(
        sum(one.wins for one in counted.values()),
        sum(one.pairs for one in counted.values()),
        np.sum([one.permuted for one in counted.values()], axis=0),
    )
    share, total = whole.share(sign), whole.pairs
    used = [result for one in maps.values() for result in one.results]
    single = FALSE_ALARM / len(maps)
    against = [p for p, one in counted.items() if one.chance(-sign) <= single]
    status = Status.INCONCLUSIVE
    if against or whole.chance(-sign) <= FALSE_ALARM:
        status = failure_status(claim, used)
    elif whole.chance(sign) <= FALSE_ALARM:
        status = Status.HOLDS
    word = "larger" if sign > 0 else "smaller"
    shown = ", ".join(f"{one.share(sign):.0%} at p = {p:g}" for p, one in counted.items())
    return claim.verdict(
        study,
        status,
        f"test_loss is {word} in {share:.0%} of {total} pairs of cells of which one has the larger "
        f"N and the larger SNR: {shown}",
        scope=scope_of(used),
        statistic=share,
        statistic_name=f"share of pairs of cells in which test_loss is {word} where N and SNR are "
        "both larger, against 99% of permutations",
        relation=">=",
        threshold=whole.limit(sign),
        evidence={
            "share_by_flip_prob": {f"{p:g}": one.share(sign) for p, one in counted.items()},
            "against": against,
            "p_value": whole.chance(sign),
            "p_value_of_the_reverse": whole.chance(-sign),
            "alone": {name: _alone(used, name) for name in ("n_samples", "signal_norm")},
        },
    )


@dataclass(frozen=True)
class _Tally:
    """Pairs of cells that rise where N and SNR both grow, as they are and with cells exchanged."""

    wins: float
    pairs: int
    permuted: Array

    def share(self, sign: int) -> float:
        """Of all pairs, those that go the way of the sign."""
        rising = self.wins / self.pairs
        return rising if sign > 0 else 1 - rising

    def chance(self, sign: int) -> float:
        """How often exchanged cells go that way as much."""
        as_much = (sign * self.permuted >= sign * self.wins).sum()
        return float(1 + as_much) / (1 + self.permuted.size)

    def limit(self, sign: int) -> float:
        """The share that 1% of the permutations exceed."""
        shares = self.permuted / self.pairs if sign > 0 else 1 - self.permuted / self.pairs
        return float(np.quantile(shares, 1 - FALSE_ALARM, method="higher"))


def _wins(one: LossMap, rng: np.random.Generator) -> _Tally:
    first, second = np.nonzero(
        (one.n[:, None] < one.n[None, :]) & (one.snr[:, None] < one.snr[None, :])
    )
    means = one.means
    permuted = np.empty(PERMUTATIONS)
    for draw in range(PERMUTATIONS):
        moved = means[rng.permutation(means.size)]
        permuted[draw] = (moved[second] > moved[first]).sum()
    return _Tally(float((means[second] > means[first]).sum()), first.size, permuted)


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
