"""`RangesOfRate`: does a sentence hold whatever the learning rate, which the text does not give?

Where it holds in one range of rates and fails in another, the paper's own rates decide and are not
known: that is INCONCLUSIVE, and the verdict says in which range it is what.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..cells import Study, scope_of
from ..claim import Claim
from ..thresholds import CHAIN_MIN_LEVELS
from ..verdict import Status, Verdict
from .chosen_settings import unit_rate
from .monotone_trend import MonotoneTrend


@dataclass(frozen=True)
class RangesOfRate:
    """A trend over learning rates is judged in each range of learning rates by itself.

    The text names no rate. HOLDS or a failure where all ranges agree; where it holds in one range
    and fails in another it depends on the rate, which is INCONCLUSIVE. A range needs three rates.

    Attributes:
        trend: judged in each range.
        ranges: lowest and highest rate of each, in units of 1/max(mu², sigma_p² d).
    """

    trend: MonotoneTrend
    ranges: tuple[tuple[float, float], ...]

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """Judge the cells of each range that has rates enough."""
        parts: dict[tuple[float, float], tuple[Study, Verdict]] = {}
        for ends in self.ranges:
            low, high = (
                end * factor for end, factor in zip(ends, (1 - 1e-6, 1 + 1e-6), strict=True)
            )
            cells = [r for r in study.results if r.cell.kind in claim.experiments
                     and low <= unit_rate(r.cell.problem) <= high]  # fmt: skip
            if len({float(f"{unit_rate(r.cell.problem):.6g}") for r in cells}) >= CHAIN_MIN_LEVELS:
                part = replace(study, results=tuple(cells))
                parts[ends] = (part, self.trend.decide(claim, part))
        if not parts:
            return self.trend.decide(claim, study)
        verdicts = {ends: verdict for ends, (_, verdict) in parts.items()}
        statuses = {verdict.status for verdict in verdicts.values()}
        worst = min(verdicts.values(), key=lambda verdict: verdict.tightness or 0.0)
        evidence = {"by_range_of_the_learning_rate": {
            f"{low:g} to {high:g}": {"verdict": verdict.status.value, **verdict.evidence}
            for (low, high), verdict in verdicts.items()
        }}  # fmt: skip
        told = "; ".join(
            f"{verdict.status.value} for rates from {low:.3g} to {high:.3g} over "
            f"1/max(mu², sigma_p² d): {verdict.reason}"
            for (low, high), verdict in verdicts.items()
        )
        status = statuses.pop() if len(statuses) == 1 else Status.INCONCLUSIVE
        if {Status.HOLDS, Status.VIOLATED} <= {verdict.status for verdict in verdicts.values()}:
            told = f"it depends on the learning rate, which the text does not give: {told}"
        every = [result for part, _ in parts.values() for result in part.results]
        return replace(worst, status=status, reason=told, scope=scope_of(every), evidence=evidence)
