"""`Band`: is a dimensionless number what a law says, within a band fixed beforehand, in every cell?

A cell's median of a few runs scatters: a claim fails only where an exact interval of the median
(order statistics) excludes the law's number and the median is materially off it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult, Study, scope_of
from ..claim import Claim
from ..statistics.order_statistics import quantile_limits
from ..thresholds import BAND_CONFIDENCE, BAND_MIN_CELLS, POWER_MATERIAL_SHARE
from ..verdict import Scope, Status, Verdict
from .agreement import Word, agreement

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
    """A cell's median with its exact interval, and what they say of the law."""

    result: CellResult
    median: float
    low: float
    high: float
    word: Word


@dataclass(frozen=True)
class Band:
    """HOLDS where the number agrees with the law's in every cell; four cells are needed.

    It agrees where the cell's median lies in the band and its exact interval contains the law's
    number or is surely off it by less than three quarters of the way to the band's edge, in
    logarithms; a failure is a cell whose interval excludes the law's number and whose median is as
    far off. Intervals hold together with 95%. The cells inside Assumption 4.1 decide where there
    are enough of them.

    Attributes:
        samples: one per held-out cell the claim speaks about.
        band: lowest and highest value allowed, positive.
        what: what the number is.
        law: the number that the law states, within the band.
    """

    samples: Sequence[Sample]
    band: tuple[float, float]
    what: str
    law: float = 1.0

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on a claim about these numbers."""
        band = self.band
        chosen = [sample for sample in self.samples if sample.counts]
        middles = [_middle(sample, band, self.law, len(chosen)) for sample in chosen]
        inside = [each for each in middles if each.result.inside]
        judged = inside if len(inside) >= BAND_MIN_CELLS else middles
        evidence = {
            "band": list(band),
            "law": self.law,
            "cells": {
                each.result.cell.name: {
                    "median": each.median, "low": each.low, "high": each.high, "judged": each.word,
                }
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
        off = sum(each.low > self.law or each.high < self.law for each in shown)
        if off:
            reason += f"; {off} of their intervals exclude the law's {self.law:g}"
        if status is Status.INCONCLUSIVE:
            reason += "; no further off than its scatter between runs allows"
        upper = worst.median > self.law
        edge = band[1] if upper else band[0]
        if status is Status.VIOLATED:
            edge = self.law * (edge / self.law) ** POWER_MATERIAL_SHARE
        return claim.verdict(
            study,
            status,
            reason,
            scope=scope,
            statistic=worst.median,
            statistic_name=f"cell median of {self.what} nearest to, or furthest beyond, an edge",
            relation="<=" if upper else ">=",
            threshold=edge,
            tightness=1 / max(factors),
            worst_cell=worst.result.cell.name,
            evidence=evidence,
        )


def _rule(
    inside: list[Middle], middles: list[Middle], judged: list[Middle]
) -> tuple[Status, Scope]:
    if any(each.word == "differs" for each in inside):
        return Status.VIOLATED, Scope.INSIDE
    where = scope_of(each.result for each in judged)
    if not all(each.word == "agrees" for each in judged):
        if judged is not inside and any(each.word == "differs" for each in judged):
            return Status.VIOLATED, Scope.OUTSIDE
        return Status.INCONCLUSIVE, where
    if all(each.word == "agrees" for each in middles):
        return Status.HOLDS, scope_of(each.result for each in middles)
    return Status.HOLDS, where


def _middle(sample: Sample, band: tuple[float, float], law: float, cells: int) -> Middle:
    """Median and limits; all cells' limits hold at once with `BAND_CONFIDENCE`."""
    values = sample.values[~np.isnan(sample.values)]
    low, high = quantile_limits(values, 0.5, (1 - BAND_CONFIDENCE) / cells)
    median = float(np.median(values))
    with np.errstate(divide="ignore", invalid="ignore"):
        off, least, most = np.log(np.array([median, low, high]) / law)
    room = float(np.log((band[1] if median > law else band[0]) / law))
    word = agreement(off, least, most, tolerance=np.inf, material=POWER_MATERIAL_SHARE * abs(room))
    if word == "agrees" and not band[0] <= median <= band[1]:
        word = "open"
    return Middle(sample.result, median, low, high, word)
