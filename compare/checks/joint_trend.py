"""`JointTrend`: does the final test_loss rise or fall where N and SNR both grow?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..cells import CellResult, Study, scope_of
from ..claim import Claim
from ..fitting.boundary_sides import Quantity
from ..statistics.concordance import concordance
from ..statistics.trend import score_limit
from ..thresholds import JOINT_TREND_FALSE_ALARM, JOINT_TREND_MIN_CELLS, JOINT_TREND_PERMUTATIONS
from ..verdict import Status, Verdict
from .chains import chains, pooled_trend
from .chosen_settings import stands_at
from .maps import loss_maps


@dataclass(frozen=True)
class JointTrend:
    """Pairs of cells of one map of which one has both the larger N and the larger SNR.

    The statistic is the share of such pairs, at each flip probability, in which that cell's mean
    test_loss is the larger (or the smaller, if test_loss is said to fall); its null distribution
    exchanges the cells of a map, 4,999 times. HOLDS where every map's share is as large in at most
    1% of permutations, shared among the maps; a failure where that of a map is as small. A
    direction derived from the theory is judged by test_error where p > 0. Trends in N alone and in
    SNR alone are shown.

    Attributes:
        sign: 1 if test_loss is said to rise, -1 if to fall.
        with_flips: what is judged where p > 0.
        open_settings: what decides and is not in the text, as `stands_at` names it.
    """

    sign: int
    with_flips: Quantity = "test_loss"
    open_settings: tuple[str, ...] = ()

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """Judge the maps of all flip probabilities."""
        cells = list(study.select(kind="heatmap"))
        maps = {
            p: part
            for p, part in loss_maps(cells, with_flips=self.with_flips).items()
            if part.n.size >= JOINT_TREND_MIN_CELLS
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
        sign = self.sign
        used = [result for part in maps.values() for result in part.results]
        single = JOINT_TREND_FALSE_ALARM / len(maps)
        against = [p for p, part in counted.items() if part.chance(-sign) <= single]
        status = Status.INCONCLUSIVE
        if against:
            status = Status.VIOLATED
        elif all(part.chance(sign) <= single for part in counted.values()):
            status = Status.HOLDS
        worst = max(counted, key=lambda p: counted[p].chance(sign))
        word = "larger" if sign > 0 else "smaller"
        shown = ", ".join(
            f"{part.share(sign):.0%} at p = {p:g}{self._by(p)}" for p, part in counted.items()
        )
        settings = stands_at(self.open_settings, used)
        return claim.verdict(
            study,
            status,
            f"of pairs of cells of which one has the larger N and the larger SNR, test_loss is "
            f"{word} in {shown}" + (f"; {settings}" if settings else ""),
            scope=scope_of(used),
            statistic=counted[worst].share(sign),
            statistic_name=f"share of pairs of cells in which test_loss is {word} where N and SNR "
            f"are both larger, at p = {worst:g}, against {1 - single:.1%} of permutations",
            relation=">=",
            threshold=counted[worst].limit(sign, single),
            evidence={
                "share_by_flip_prob": {f"{p:g}": part.share(sign) for p, part in counted.items()},
                "against": against,
                "p_values": {f"{p:g}": part.chance(sign) for p, part in counted.items()},
                "p_values_of_the_reverse": {
                    f"{p:g}": part.chance(-sign) for p, part in counted.items()
                },
                "alone": {name: _alone(used, name) for name in ("n_samples", "signal_norm")},
            },
        )

    def _by(self, p: float) -> str:
        return f" (by {self.with_flips})" if p and self.with_flips != "test_loss" else ""


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
