"""`Band`: does a dimensionless number lie in a band fixed beforehand, in the median of every cell?

A cell's median of a few runs scatters: a claim fails only where an exact interval of the median
(order statistics) lies wholly outside the band.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult, Study, scope_of
from ..claim import Claim
from ..statistics.order_statistics import quantile_limits
from ..thresholds import BAND_CONFIDENCE, BAND_MIN_CELLS
from ..verdict import Scope, Status, Verdict

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """One held-out cell's runs.

    Attributes:
        result: the cell.
        values: (R,) the number in each run; NaN where it is not defined, infinite where it is
            known to be larger than could be seen.
    """

    result: CellResult
    values: Array

    @property
    def counts(self) -> bool:
        """Whether more than half of the runs have the number."""
        return bool(2 * np.isfinite(self.values).sum() > self.values.size)


@dataclass(frozen=True)
class Middle:
    """A cell's median with its exact interval, and where they lie relative to the band."""

    result: CellResult
    median: float
    low: float
    high: float
    within: bool
    surely_out: bool


@dataclass(frozen=True)
class Band:
    """HOLDS where every cell's median lies in the band; four cells are needed.

    A failure needs an exact 95% interval of a cell's median wholly outside the band. The cells
    inside Assumption 4.1 decide where there are enough of them.

    Attributes:
        samples: one per held-out cell the claim speaks about.
        band: lowest and highest value allowed, positive.
        what: what the number is.
    """

    samples: Sequence[Sample]
    band: tuple[float, float]
    what: str

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on a claim about these numbers."""
        band = self.band
        chosen = [sample for sample in self.samples if sample.counts]
        middles = [_middle(sample, band, len(chosen)) for sample in chosen]
        inside = [each for each in middles if each.result.inside]
        judged = inside if len(inside) >= BAND_MIN_CELLS else middles
        evidence = {
            "band": list(band),
            "cells": {
                each.result.cell.name: {"median": each.median, "low": each.low, "high": each.high}
                for each in middles
            },
            "cells_without_it": [
                sample.result.cell.name for sample in self.samples if not sample.counts
            ],
        }  # fmt: skip
        if len(judged) < BAND_MIN_CELLS:
            reason = (
                f"{self.what} is defined in {len(middles)} held-out cells; "
                f"{BAND_MIN_CELLS} are needed"
            )
            return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
        status, scope = _rule(inside, middles, judged)
        shown = middles if scope is Scope.BOTH else judged
        factors = [max(each.median / band[1], band[0] / each.median) for each in shown]
        worst = shown[int(np.argmax(factors))]
        medians = [each.median for each in shown]
        reason = f"{self.what} is {min(medians):.3g} to {max(medians):.3g} in the medians of "
        reason += f"{len(shown)} cells"
        if status is Status.INCONCLUSIVE:
            reason += "; no more beyond the band than its scatter between runs allows"
        upper = worst.median > np.sqrt(band[0] * band[1])
        return claim.verdict(
            study,
            status,
            reason,
            scope=scope,
            statistic=worst.median,
            statistic_name=f"cell median of {self.what} nearest to, or furthest beyond, an edge",
            relation="<=" if upper else ">=",
            threshold=band[1] if upper else band[0],
            tightness=1 / max(factors),
            worst_cell=worst.result.cell.name,
            evidence=evidence,
        )


def _rule(
    inside: list[Middle], middles: list[Middle], judged: list[Middle]
) -> tuple[Status, Scope]:
    if any(each.surely_out for each in inside):
        return Status.VIOLATED, Scope.INSIDE
    where = scope_of(each.result for each in judged)
    if not all(each.within for each in judged):
        if judged is not inside and any(each.surely_out for each in judged):
            return Status.VIOLATED, Scope.OUTSIDE
        return Status.INCONCLUSIVE, where
    if all(each.within for each in middles):
        return Status.HOLDS, scope_of(each.result for each in middles)
    return Status.HOLDS, where


def _middle(sample: Sample, band: tuple[float, float], cells: int) -> Middle:
    """Median and limits; all cells' limits hold at once with `BAND_CONFIDENCE`."""
    values = sample.values[~np.isnan(sample.values)]
    low, high = quantile_limits(values, 0.5, (1 - BAND_CONFIDENCE) / cells)
    median = float(np.median(values))
    return Middle(
        sample.result, median, low, high, band[0] <= median <= band[1],
        low > band[1] or high < band[0],
    )  # fmt: skip
