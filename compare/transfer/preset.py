"""The base problem, and the cells that every departure trains."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...simulate import Problem
from ...simulate.transfer import Setting
from ..errors import CompareError

#: Rates and lengths, in units of the base's, at which T2 is measured beside the benign cell.
RATE_FACTOR, LENGTH_FACTOR = 0.5, 0.7


def base_problem(n_samples: int, snr: float, rate: float = 1.0, length: float = 1.0) -> Problem:
    """The base: small enough for real arrays, with flips, three stages and moving attention.

    Args:
        n_samples: N.
        snr: signal-to-noise ratio, set by the noise.
        rate: step size in units of the base's 0.2.
        length: of signal and noise, in units of the base's.

    Example:
        >>> base_problem(16, 1.0).snr
        1.0
    """
    dim, norm = 400, 2.0 * length
    return Problem(
        n_samples=n_samples, dim=dim, key_dim=32, value_dim=32, signal_norm=norm,
        noise_std=norm / (snr * math.sqrt(dim)), flip_prob=0.1, learning_rate=0.2 * rate,
        init_std_qk=0.05, init_std_v=0.01, target_loss=0.05, start="materialised",
        test_tokens=64,
    )  # fmt: skip


@dataclass(frozen=True)
class Cell:
    """Runs of the base at one point; a departure changes its setting.

    Attributes:
        name: of the cell.
        setting: of the base.
        runs: how many.
    """

    name: str
    setting: Setting
    runs: int


@dataclass(frozen=True)
class Preset:
    """How much is trained.

    Attributes:
        name: of the preset.
        runs: of the benign and the harmful cell.
        grid_runs: of each cell of the grid in N and SNR.
        samples: the grid's N.
        snrs: the grid's SNR.
        steps: gradient steps of every run.
        log_at: which steps are logged.
        full: whether departures of preset full are trained.
    """

    name: str
    runs: int
    grid_runs: int
    samples: tuple[int, ...]
    snrs: tuple[float, ...]
    steps: int
    log_at: str
    full: bool

    def cells(self) -> tuple[Cell, ...]:
        """Benign and harmful cell, two for the law of T2, and the grid."""
        n = 16
        cells = [
            Cell("benign", Setting(base_problem(n, 1.0)), self.runs),
            Cell("harmful", Setting(base_problem(n, 0.125)), self.runs),
            Cell("rate", Setting(base_problem(n, 1.0, rate=RATE_FACTOR)), self.runs),
            Cell("length", Setting(base_problem(n, 1.0, length=LENGTH_FACTOR)), self.runs),
        ]
        for count in self.samples:
            for snr in self.snrs:
                setting = Setting(base_problem(count, snr))
                cells.append(Cell(f"N{count}_SNR{snr:g}", setting, self.grid_runs))
        return tuple(cells)


PRESETS = {
    "quick": Preset("quick", 8, 4, (8, 32), (0.1, 0.16, 0.25, 0.4), 300, "geometric:20", False),
    "full": Preset(
        "full", 24, 12, (8, 12, 24, 32), (0.08, 0.11, 0.16, 0.23, 0.32, 0.45), 1000,
        "geometric:40", True,
    ),
}  # fmt: skip


def get_preset(name: str) -> Preset:
    """The preset of that name.

    Raises:
        CompareError: there is no such preset; the message lists the known names.

    >>> get_preset("quick").runs
    8
    """
    if name not in PRESETS:
        raise CompareError(f"preset {name!r}: unknown; choose one of {', '.join(PRESETS)}")
    return PRESETS[name]
