"""Building blocks of presets: problems placed with respect to Assumption 4.1.

Lengths are measured in units of the signal norm (mu = 1), which the exact scale symmetry
x → λx allows (theory, §1).
"""

from __future__ import annotations

import math

from .....simulate import Problem
from ....cells import Cell, Role

#: Tokens per sample.
_M = 2


def log_term(n_samples: int, fail_prob: float) -> float:
    """L = log(6 N² M² / δ)."""
    return math.log(6 * n_samples**2 * _M**2 / fail_prob)


def inside_problem(
    n_samples: int,
    snr: float,
    target_loss: float,
    *,
    flip_prob: float = 0.1,
    rate: float = 0.95,
    value: float = 0.5,
    key: float = 0.9,
    dim_factor: float = 1.05,
    width_factor: float = 1.05,
    output_norm: float = 1.0,
    fail_prob: float = 0.01,
) -> Problem:
    """A problem inside Assumption 4.1 at C = 1, if N ≥ log d can be met.

    Args:
        n_samples: N.
        snr: signal-to-noise ratio; mu = 1, so noise_std = 1/(snr √d).
        target_loss: ε.
        flip_prob: p.
        rate: learning rate as a fraction of item 5's cap.
        value: init_std_v as a fraction of item 6's cap.
        key: init_std_qk = m·L^-key; item 7 allows 3/4 … 1.
        dim_factor: d over item 1's smallest value.
        width_factor: d_h over item 1's smallest value.
        output_norm: w.
        fail_prob: δ.

    Example:
        >>> problem = inside_problem(24, 1.0, 0.1)
        >>> problem.key_dim, problem.dim > 3.4e9, round(problem.learning_rate, 5)
        (60480, True, 0.00386)
    """
    width = math.ceil(width_factor * max(snr**4, snr**-4) * n_samples**2 / target_loss**2)
    dim = math.ceil(dim_factor * n_samples**2 * width / target_loss**2)
    length = max(1.0, 1.0 / snr)  # the longer of mu and sigma_p √d
    scale = width**-0.25 / length
    return Problem(
        n_samples=n_samples,
        dim=dim,
        key_dim=width,
        value_dim=512,
        signal_norm=1.0,
        noise_std=1.0 / (snr * math.sqrt(dim)),
        flip_prob=flip_prob,
        learning_rate=rate * scale**2,
        init_std_qk=scale * log_term(n_samples, fail_prob) ** -key,
        init_std_v=value * scale / output_norm,
        output_norm=output_norm,
        target_loss=target_loss,
        fail_prob=fail_prob,
    )


def free_problem(
    n_samples: int,
    snr: float,
    dim: int,
    key_dim: int,
    *,
    learning_rate: float,
    target_loss: float,
    flip_prob: float = 0.1,
    value: float = 0.5,
    key: float = 0.76,
) -> Problem:
    """A problem at a chosen d and d_h, scaled so that the longer token has length 1.

    ``value`` is the fraction of item 6's cap, ``key`` the exponent of L in init_std_qk; the other
    items of Assumption 4.1 may or may not be met.

    Example:
        >>> problem = free_problem(20, 0.05, 10_000, 10_000, learning_rate=0.02, target_loss=0.2)
        >>> problem.signal_norm, problem.noise_std, round(problem.snr, 12)
        (0.05, 0.01, 0.05)
    """
    length = max(1.0, 1.0 / snr)
    signal_norm, noise_length = 1.0 / length, 1.0 / (snr * length)
    fail_prob = 0.01
    scale = key_dim**-0.25
    return Problem(
        n_samples=n_samples,
        dim=dim,
        key_dim=key_dim,
        value_dim=512,
        signal_norm=signal_norm,
        noise_std=noise_length / math.sqrt(dim),
        flip_prob=flip_prob,
        learning_rate=learning_rate,
        init_std_qk=scale * log_term(n_samples, fail_prob) ** -key,
        init_std_v=value * scale,
        target_loss=target_loss,
        fail_prob=fail_prob,
    )


def stage_cell(name: str, role: Role, steps: int, note: str, problem: Problem) -> Cell:
    """A cell trained through all stages."""
    return Cell(name, role, "stage", problem, steps, note)


#: Rungs (N, N·SNR², d) of the ladder on which the conditions' constants are fitted …
CALIBRATION_RUNGS = (
    (24, 0.03, 10**4),
    (16, 0.05, 400),
    (16, 0.1, 400),
    (8, 0.2, 10**5),
    (16, 0.4, 10**4),
    (24, 0.8, 400),
    (8, 1.6, 10**5),
    (16, 3.2, 10**4),
    (24, 6.4, 10**6),
    (16, 12.8, 10**4),
    (24, 25.6, 10**6),
)
#: … and those on which they are judged.
HELD_OUT_RUNGS = (
    (16, 0.001, 10**5),
    (20, 0.002, 10**6),
    (12, 0.003, 10**4),
    (28, 0.003, 10**8),
    (12, 0.01, 10**6),
    (16, 0.015, 10**4),
    (28, 0.025, 10**5),
    (20, 0.04, 400),
    (12, 0.05, 10**6),
    (20, 0.1, 10**4),
    (12, 0.2, 2_000),
    (20, 0.3, 10**6),
    (12, 0.6, 400),
    (20, 1.2, 10**4),
    (12, 2.4, 10**6),
    (20, 5.0, 2_000),
    (12, 10.0, 10**6),
    (20, 20.0, 400),
    (12, 30.0, 10**4),
    (28, 40.0, 10**6),
)


def ladder(
    calibration: tuple[tuple[int, float, int], ...] = CALIBRATION_RUNGS,
    held_out: tuple[tuple[int, float, int], ...] = HELD_OUT_RUNGS,
) -> tuple[Cell, ...]:
    """Cells that climb N·SNR²: d_h = 10⁴, a tenth of the value cap, p = 0.1, ε = 0.1.

    Args:
        calibration: rungs (N, N·SNR², d) on which the constants are fitted.
        held_out: rungs on which they are judged.

    Example:
        >>> cells = ladder()
        >>> len(cells), cells[0].name, cells[0].note
        (31, 'ladder-cal-1', 'N·SNR² = 0.03, N = 24, d = 10000')
    """
    cells = []
    for role, label, rungs in (
        (Role.CALIBRATION, "cal", calibration),
        (Role.HELD_OUT, "out", held_out),
    ):
        for rank, (n, strength, dim) in enumerate(rungs, start=1):
            snr = math.sqrt(strength / n)
            problem = free_problem(
                n, snr, dim, 10_000, learning_rate=0.05, target_loss=0.1, value=0.1
            )
            note = f"N·SNR² = {strength:g}, N = {n}, d = {dim:g}"
            cells.append(Cell(f"ladder-{label}-{rank}", role, "ladder", problem, 16_000, note))
    return tuple(cells)
