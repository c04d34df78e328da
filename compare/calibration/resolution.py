"""How finely powers are resolved: how often an interval excludes a power that is a little off.

Studies are drawn on the cells for powers of preset ``quick``; the intervals are those in the
evidence of the claims.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast

import numpy as np

from ..cells import Cell, Study
from ..checks.time_powers import time_powers
from ..papers.zhang2025.designs._power_cells import power_cells
from ..papers.zhang2025.ledger import all_claims
from ..statistics.binomial import exact_bounds
from .benign import BenignTruth
from .synthetic import synthetic_study

#: Cells for powers, as many as in preset ``quick``.
CELLS = 48
#: What a power in the exponents, and all powers of a stage time, are off by.
OFF, STRETCH = 0.25, 1.2
#: Constants of the laws that put T1, T2 and T3 of these cells where training puts them.
TIMES: Mapping[str, Mapping[str, Mapping[str, float]]] = {
    "derived": {"T1": {"c1": 15.0}, "T2": {"c2": 23.0}, "T3": {"a": 7.2, "b": 1.1}},
    "paper": {"T1": {"c1": 1.9}, "T2": {"c2": 1_180.0}, "T3": {"c3": 7.2}},
}
#: Rate of stage 3; smaller ones are lost between logged steps where sigma_V is large.
K3 = 0.1
#: Numbers whose powers in the exponents are put off in turn.
NUMBERS = ("eta", "mu", "sigma_V", "d", "N", "w")
_STAGES = {
    "2": "stage 2, -log P gained since the stage began, against the time since then",
    "3": "stage 3, -log P gained since the stage began, against the time since then",
}


@dataclass(frozen=True)
class Resolution:
    """How often an interval excludes the law's power.

    Attributes:
        law: what the power is of.
        number: whose power.
        off: how far the true power is from the law's; 0 for the law itself.
        width: median half width of the 95% interval.
        excluded: share of replicates whose interval excludes the law's power.
        replicates: how many.
    """

    law: str
    number: str
    off: float
    width: float
    excluded: float
    replicates: int

    def limits(self) -> tuple[float, float]:
        """Exact 95% interval of the share."""
        return exact_bounds(round(self.excluded * self.replicates), self.replicates, 0.025)


@cache
def _cells() -> tuple[Cell, ...]:
    return power_cells(CELLS)


def power_study(rng: np.random.Generator, noise: float, truth: BenignTruth) -> Study:
    """An unfitted study of preset ``quick``'s cells for powers.

    The truth's stage times have the constants of these cells.

    Example:
        >>> len(power_study(np.random.default_rng(0), 1.0, BenignTruth()).results)
        48
    """
    there = replace(truth, times=TIMES[truth.form], k3=K3)
    return synthetic_study(rng, noise, there, cells=_cells())


def measure_resolution(replicates: int, seed: int = 0) -> Iterator[Resolution]:
    """Every number's power in the exponents and in the stage times, as the law says and off.

    Args:
        replicates: studies at each departure.
        seed: of all draws.

    Example:
        >>> first = next(measure_resolution(2))
        >>> first.law, first.number, first.off, first.replicates
        ('exponent of stage 2', 'eta', 0.0, 2)
    """
    for number in (None, *NUMBERS):
        truth = BenignTruth(tilt={} if number is None else {number: OFF})
        studies = _studies(truth, replicates, seed)
        lines = [_exponents(study) for study in studies]
        for stage in _STAGES:
            for name in NUMBERS if number is None else (number,):
                yield _resolve(
                    f"exponent of stage {stage}", name, 0.0 if number is None else OFF,
                    [line[stage][name] for line in lines], "reconstructed",
                )  # fmt: skip
    for power in (1.0, STRETCH):
        truth = BenignTruth(form="paper", power=dict.fromkeys(("T1", "T2", "T3"), power))
        studies = _studies(truth, replicates, seed)
        for event in ("T1", "T2", "T3"):
            fits = [cast(Any, time_powers(study, event).evidence["powers"]) for study in studies]
            for name in ("eta", "mu"):
                law = float(fits[0][name]["paper"])
                off = abs(round((power - 1.0) * law, 6))
                yield _resolve(event, name, off, [fit[name] for fit in fits], "paper")


def _studies(truth: BenignTruth, replicates: int, seed: int) -> list[Study]:
    return [
        power_study(np.random.default_rng((seed, 2, number)), 1.0, truth)
        for number in range(replicates)
    ]


def _exponents(study: Study) -> dict[str, Mapping[str, Any]]:
    claim = all_claims()["B11"]
    evidence = claim.check.decide(claim, study).evidence
    return {stage: evidence[name]["powers"] for stage, name in _STAGES.items()}


def _resolve(
    law: str, number: str, off: float, lines: list[Mapping[str, Any]], column: str
) -> Resolution:
    intervals = np.array([line["interval_95"] for line in lines])
    wanted = np.array([line[column] for line in lines])
    excluded = (wanted < intervals[:, 0]) | (wanted > intervals[:, 1])
    return Resolution(
        law, number, off, float(np.median(np.diff(intervals, axis=1)) / 2),
        float(excluded.mean()), len(lines),
    )  # fmt: skip
