"""How much runs of one cell differ: levels measured between seeds, and draws with those levels.

Measured on preset ``quick``, 8 seeds a cell (benign: 24 stage cells, harmful: 15): root mean
square over cells of the standard deviation between a cell's runs. In words: benign T1 comes
within a factor of e^0.82 = 2.3 of its cell's mean time, T2 of 1.25, T3 of 1.35; the rates of the
decay scatter by factors of 2.6 (stage 2) and 4.5 (stage 3). Pooled over cells these deviations
have kurtoses of 3 to 22, so they are drawn heavier-tailed than Gaussian. Rates are drawn
independently of the times, though a late T2 goes with a slow rate in trained runs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Degrees of freedom of the t-distributed deviations; their kurtosis is 4.5.
FREEDOM = 8


@dataclass(frozen=True)
class SeedNoise:
    """Standard deviations between runs of one cell.

    Attributes:
        times: of log T1, log T2 and log T3.
        together: (3, 3) correlations of the three.
        constant: of the log of a run's constant C, its largest log excess in stage 1.
        rates: of the logs of a run's rates k2 and k3.
        growth: of the log of a run's growth of test_loss in stage 2 (harmful).
        level: of a run's test_loss at T3, in nats (harmful).

    Example:
        >>> BENIGN.times, HARMFUL.level
        ((0.82, 0.23, 0.3), 0.0011)
        >>> BENIGN.scaled(0.0).draw_times(np.random.default_rng(0), 2)["T1"]
        array([0., 0.])
    """

    times: tuple[float, float, float]
    together: tuple[tuple[float, ...], ...]
    constant: float
    rates: tuple[float, float]
    growth: float
    level: float

    def scaled(self, factor: float) -> SeedNoise:
        """The same with every standard deviation multiplied; 0 gives runs without noise.

        >>> BENIGN.scaled(0.5).times
        (0.41, 0.115, 0.15)
        """
        first, second, third = (factor * level for level in self.times)
        return SeedNoise(
            (first, second, third), self.together, factor * self.constant,
            (factor * self.rates[0], factor * self.rates[1]),
            factor * self.growth, factor * self.level,
        )  # fmt: skip

    def draw_times(self, rng: np.random.Generator, runs: int) -> dict[str, Array]:
        """Event name -> (runs,) deviations of its log time.

        >>> sorted(BENIGN.draw_times(np.random.default_rng(0), 2))
        ['T1', 'T2', 'T3']
        """
        root = np.linalg.cholesky(np.array(self.together))
        drawn = root @ standard(rng, (3, runs))
        return {
            event: level * deviations
            for event, level, deviations in zip(("T1", "T2", "T3"), self.times, drawn, strict=True)
        }


def standard(rng: np.random.Generator, shape: int | tuple[int, ...]) -> Array:
    """Deviations of mean 0 and variance 1 with the tails of `FREEDOM`.

    >>> drawn = standard(np.random.default_rng(0), 100_000)
    >>> round(float(drawn.std()), 2)
    1.0
    """
    return np.asarray(rng.standard_t(FREEDOM, shape) * np.sqrt((FREEDOM - 2) / FREEDOM))


BENIGN = SeedNoise(
    times=(0.82, 0.23, 0.30),
    together=((1.0, 0.40, 0.25), (0.40, 1.0, 0.87), (0.25, 0.87, 1.0)),
    constant=0.49,
    rates=(0.97, 1.51),
    growth=0.0,
    level=0.018,
)
HARMFUL = SeedNoise(
    times=(0.27, 0.013, 0.012),
    together=((1.0, 0.14, 0.13), (0.14, 1.0, 0.98), (0.13, 0.98, 1.0)),
    constant=0.027,
    rates=(0.0, 0.0),
    growth=0.31,
    level=0.0011,
)
