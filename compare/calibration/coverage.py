"""How often intervals contain what they are intervals of, under the measured scatter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom
from scipy.stats import t as student

from ..checks.time_scaling import spread_of
from ..fitting.constants import fit_constants
from ..statistics.binomial import exact_bounds
from ..statistics.boundary import fit_boundary
from ..statistics.order_statistics import quantile_limits
from ..statistics.powers import fit_powers
from ..thresholds import (
    BOUNDARY_CONFIDENCE,
    BOUNDARY_RESAMPLES,
    BOUNDARY_SPARE_CELLS,
    EXACT_BOUND_MISS,
    LOGISTIC_RIDGE,
    TOLERATED_FRACTION,
)
from .benign import TIMES, BenignTruth
from .cells import RUNS
from .harmful import HarmfulTruth
from .noise import BENIGN, FREEDOM, HARMFUL, standard
from .synthetic import synthetic_study

Array = NDArray[np.float64]

#: Cells of the designs whose intervals are covered here, about those of preset ``quick``.
CELLS = 16


@dataclass(frozen=True)
class Coverage:
    """How often one kind of interval was right.

    Attributes:
        interval: what it is an interval of.
        setting: the truth and the sample.
        sides: 2 for an interval meant to cover 95%, neither less nor more; 1 for a limit, or an
            exact interval of counts, that may cover more.
        rate: share of replicates in which it covered.
        replicates: how many, 0 where the share is exact.
    """

    interval: str
    setting: str
    sides: int
    rate: float
    replicates: int

    def limits(self) -> tuple[float, float]:
        """Exact 95% interval of the rate."""
        if not self.replicates:
            return self.rate, self.rate
        return exact_bounds(round(self.rate * self.replicates), self.replicates, 0.025)


def measure_coverage(replicates: int, seed: int = 0) -> Iterator[Coverage]:
    """The coverage of every interval in use, all of nominal 95%.

    Args:
        replicates: samples of each kind; constants take a fifth and boundaries a quarter.
        seed: of all draws.

    Example:
        >>> first = next(measure_coverage(10))
        >>> first.interval, first.setting, round(first.rate, 3)
        ('fraction of runs, upper limit', '5% of 128 runs', 0.957)
    """
    yield from _fractions()
    rng = np.random.default_rng((seed, 1))
    for runs in (8, 16, 32):
        yield _count(
            "median of a cell", f"{runs} runs, skewed", 1, replicates,
            partial(_median, rng, runs),
        )  # fmt: skip
    for event, level in zip(("T1", "T2", "T3"), BENIGN.times, strict=True):
        for truth in (1.0, 2.0):
            setting = f"{event}, true spread {truth:g}, {CELLS} cells of {RUNS} runs"
            seen = [_spread(rng, level, truth) for _ in range(replicates)]
            for side, name in enumerate(("lower", "upper")):
                rate = float(np.mean([pair[side] for pair in seen]))
                yield Coverage(f"spread, {name} limit", setting, 1, rate, replicates)
    for event, level in zip(("T1", "T2", "T3"), BENIGN.times, strict=True):
        yield _count(
            "power of a law", f"scatter of {event}, {CELLS} cells of {RUNS} runs", 2, replicates,
            partial(_power, rng, level),
        )  # fmt: skip
    yield from _constants(rng, max(replicates // 5, 1))
    yield from _boundaries(rng, max(replicates // 4, 1))


def _count(
    interval: str, setting: str, sides: int, replicates: int, covered: Callable[[], bool]
) -> Coverage:
    rate = float(np.mean([covered() for _ in range(replicates)]))
    return Coverage(interval, setting, sides, rate, replicates)


def _fractions() -> Iterator[Coverage]:
    """Clopper–Pearson limits: their coverage is a finite sum."""
    for runs, fraction in ((128, 0.05), (64, 0.05), (1000, 0.05), (128, 0.01)):
        chance = binom.pmf(np.arange(runs + 1), runs, fraction)
        limits = np.array([exact_bounds(v, runs, EXACT_BOUND_MISS) for v in range(runs + 1)])
        for name, covers in (
            ("upper", limits[:, 1] >= fraction),
            ("lower", limits[:, 0] <= fraction),
        ):
            rate = float(chance[covers].sum())
            setting = f"{fraction:.0%} of {runs} runs"
            yield Coverage(f"fraction of runs, {name} limit", setting, 1, rate, 0)


def _median(rng: np.random.Generator, runs: int) -> bool:
    low, high = quantile_limits(np.exp(BENIGN.times[0] * standard(rng, runs)), 0.5, 0.025)
    return low <= 1.0 <= high


def _spread(rng: np.random.Generator, level: float, truth: float) -> tuple[bool, bool]:
    """Whether the lower and the upper limit are on their side; half of the cells are late."""
    drawn = np.exp(level * standard(rng, (CELLS, RUNS)))
    drawn[::2] *= truth
    spread = spread_of(list(drawn))
    assert spread is not None
    return spread.low <= truth * (1 + 1e-12), spread.high >= truth


def _power(rng: np.random.Generator, level: float) -> bool:
    """The power -1 of one of four numbers that vary by factors of 2 to 4."""
    logs = rng.uniform(0.0, np.log([2.0, 3.0, 4.0, 4.0]), (CELLS, 4)).repeat(RUNS, axis=0)
    response = logs @ np.array([-1.0, -2.0, 1.0, 0.0]) + level * standard(rng, len(logs))
    names = dict(zip(("eta", "mu", "sigma_V", "d"), logs.T, strict=True))
    fit = fit_powers(response, names, np.arange(CELLS).repeat(RUNS))
    low, high = fit.interval("eta")
    return low <= -1.0 <= high


def _constants(rng: np.random.Generator, replicates: int) -> Iterator[Coverage]:
    """Limits of the constant that 95% of runs obey, in bounds and in deadlines."""
    error, loss = BenignTruth(form="paper"), HarmfulTruth()
    reach = _upper_quantile()
    benign = {
        "C2": error.C2 * np.exp(BENIGN.constant * reach),
        "c3 of T3 (paper)": TIMES["paper"]["T3"]["c3"] * np.exp(BENIGN.times[2] * reach),
    }
    harmful = {"C2": loss.C2 * np.exp(HARMFUL.growth * reach)}
    seen: dict[str, list[tuple[bool, bool]]] = {}
    for _ in range(replicates):
        for what, study, truths in (
            ("test_error", synthetic_study(rng, 1.0, error), benign),
            ("test_loss", synthetic_study(rng, 1.0, loss), harmful),
        ):
            constants = fit_constants(study).constants
            for name, truth in truths.items():
                limits = constants[name].limits
                assert limits is not None
                setting = name if "of" in name else f"{name} of the bounds on {what}"
                seen.setdefault(setting, []).append((limits[0] <= truth, truth <= limits[1]))
    for setting, sides in seen.items():
        for side, rate in zip(("lower", "upper"), np.mean(sides, axis=0), strict=True):
            interval = f"constant that 95% of runs obey, {side} limit"
            yield Coverage(interval, setting, 1, float(rate), replicates)


def _upper_quantile() -> float:
    """The standard deviation below which 95% of runs fall."""
    return float(student.ppf(1 - TOLERATED_FRACTION, FREEDOM) * np.sqrt((FREEDOM - 2) / FREEDOM))


def _boundaries(rng: np.random.Generator, replicates: int) -> Iterator[Coverage]:
    """Powers of SNR and d of the boundary N·SNR² = 1 on a grid of N, SNR and d."""
    grid = [(n, s, d) for n in (8, 16, 32) for s in np.geomspace(0.1, 0.8, 8) for d in (1e3, 1e5)]
    n, snr, d = np.array(grid).T
    log_odds = 3.0 * np.log(n * snr**2)
    seen = []
    for _ in range(replicates):
        above = rng.random((n.size, RUNS)) < 1 / (1 + np.exp(-log_odds))[:, None]
        fit = fit_boundary(
            n,
            snr,
            d,
            above,
            resamples=BOUNDARY_RESAMPLES,
            confidence=BOUNDARY_CONFIDENCE,
            spare_cells=BOUNDARY_SPARE_CELLS,
            ridge=LOGISTIC_RIDGE,
            seed=int(rng.integers(2**31)),
        )
        seen.append([fit.low[k] <= truth <= fit.high[k] for k, truth in (("SNR", 2), ("d", 0))])
    setting = f"{n.size} cells of {RUNS} runs, N·SNR² = 1"
    for name, rate in zip(("SNR", "d"), np.mean(seen, axis=0), strict=True):
        yield Coverage(f"power of {name} in a boundary", setting, 2, float(rate), replicates)
