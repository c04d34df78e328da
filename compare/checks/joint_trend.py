"""`JointTrend`: does the final test_loss rise or fall where N and SNR both grow?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..cells import CellResult, Study, scope_of
from ..claim import Claim
from ..statistics.concordance import Concordance, concordance
from ..statistics.trend import score_limit
from ..thresholds import JOINT_TREND_FALSE_ALARM, JOINT_TREND_MIN_CELLS, JOINT_TREND_PERMUTATIONS
from ..verdict import Status, Verdict
from .chains import chains, pooled_trend
from .maps import loss_maps


@dataclass(frozen=True)
class JointTrend:
    """Pairs of cells of one map of which one has both the larger N and the larger SNR.

    The statistic is the share of such pairs, over all flip probabilities, in which that cell's
    mean test_loss is the larger (or the smaller, if test_loss is said to fall); its null
    distribution exchanges the cells of a map, 4,999 times. HOLDS where the share is as large in at
    most 1% of permutations and no single map contradicts it; a failure where it is as small in at
    most 1%, or that of one map is (1% shared among the maps). Trends in N alone and in SNR alone
    are shown.

    Attributes:
        sign: 1 if test_loss is said to rise, -1 if to fall.
    """

    sign: int

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """Judge the maps of all flip probabilities."""
        cells = list(study.select(kind="heatmap"))
        maps = {
            p: part for p, part in loss_maps(cells).items() if part.n.size >= JOINT_TREND_MIN_CELLS
        }
        if not maps:
            reason = (
                "this preset has no map of N and SNR" if not cells else "the maps are too small"
            )
            return claim.verdict(study, Status.INCONCLUSIVE, reason)
        rng = np.random.default_rng(0)
        counted = {
            p: concordance(part.n, part.snr, part.means, JOINT_TREND_PERMUTATIONS, rng)
            for p, part in maps.items()
        }
        whole, sign = Concordance.pooled(list(counted.values())), self.sign
        used = [result for part in maps.values() for result in part.results]
        single = JOINT_TREND_FALSE_ALARM / len(maps)
        against = [p for p, part in counted.items() if part.chance(-sign) <= single]
        status = Status.INCONCLUSIVE
        if against or whole.chance(-sign) <= JOINT_TREND_FALSE_ALARM:
            status = Status.VIOLATED
        elif whole.chance(sign) <= JOINT_TREND_FALSE_ALARM:
            status = Status.HOLDS
        word = "larger" if sign > 0 else "smaller"
        shown = ", ".join(f"{part.share(sign):.0%} at p = {p:g}" for p, part in counted.items())
        return claim.verdict(
            study,
            status,
            f"test_loss is {word} in {whole.share(sign):.0%} of {whole.pairs} pairs of cells of "
            f"which one has the larger N and the larger SNR: {shown}",
            scope=scope_of(used),
            statistic=whole.share(sign),
            statistic_name=f"share of pairs of cells in which test_loss is {word} where N and SNR "
            "are both larger, against 99% of permutations",
            relation=">=",
            threshold=whole.limit(sign, JOINT_TREND_FALSE_ALARM),
            evidence={
                "share_by_flip_prob": {f"{p:g}": part.share(sign) for p, part in counted.items()},
                "against": against,
                "p_value": whole.chance(sign),
                "p_value_of_the_reverse": whole.chance(-sign),
                "alone": {name: _alone(used, name) for name in ("n_samples", "signal_norm")},
            },
        )


def _alone(cells: list[CellResult], along: str) -> dict[str, object]:
    """Jonckheere's score along one number, and the chains in which test_loss rises or falls."""
    parts = chains(cells, along)
    pooled = pooled_trend(parts)
    limit = score_limit(JOINT_TREND_FALSE_ALARM / max(len(parts), 1))
    scores = {part.name: part.trend.score for part in parts if part.trend is not None}
    return {
        "score": pooled.score if pooled else None,
        "chains": len(parts),
        "rising": [name for name, score in scores.items() if score >= limit],
        "falling": sum(score <= -limit for score in scores.values()),
    }
