"""Cells for fitting powers: inside Assumption 4.1, every number of the problem varied.

Every cell moves all numbers at once, evenly scattered, so each power gets the precision of the
whole design rather than that of the two or three cells that would vary it alone. All have
p = 0.05, target loss 0.25 and d_h = 75,000, and sigma_h follows its band in item 7.
"""

from __future__ import annotations

import math

from ...simulate import Problem
from ..study import Cell, Role
from .design import log_term
from .scatter import between, scattered

_AXES = 8
_TARGET, _FLIPS = 0.25, 0.05
#: Room above item 1's least d and d_h and below item 2's largest d.
_ROOM = 1.05
#: N; the largest d; mu; w; eta and sigma_V as fractions of their caps; log10(1/delta).
_SAMPLES, _WIDTH, _LARGEST_DIM = (24.0, 36.0), 75_000, 3e13
_NORMS, _OUTPUTS, _RATES, _VALUES, _SURE = (0.5, 2.0), (1.0, 2.5), (0.95, 0.4), (0.95, 0.095), 10
#: SNR lies within this factor of 1, and where item 1 allows.
_REACH = 1.6
#: Steps in units of 1/(eta mu² w²): T2 comes near 24, T3 near 40.
_STEPS = 55.0
#: Rows are taken between logged steps.
_LOG_AT = "geometric:64"


def power_cells(count: int) -> tuple[Cell, ...]:
    """The first cells of the design.

    Args:
        count: how many; 20 or more for eight powers and their scatter.

    Example:
        >>> cells = power_cells(20)
        >>> cells[1].name, cells[1].kind, cells[1].note
        ('powers-2', 'powers', 'N = 28, SNR = 0.88, d = 5.3e+09, mu = 0.68, w = 1.16')
    """
    return tuple(_cell(rank) for rank in range(count))


def _cell(rank: int) -> Cell:
    u = scattered(_AXES, rank)
    n = 2 * round(between(*_SAMPLES, u[0]) / 2)
    reach = min(_REACH, (_WIDTH * _TARGET**2 / n**2 / _ROOM) ** 0.25)
    snr = between(1 / reach, reach, u[1])
    least = _ROOM * n**2 * _WIDTH / _TARGET**2
    dim = round(between(least, min(math.exp(n / _ROOM), _LARGEST_DIM), u[2]))
    signal_norm, output_norm = between(*_NORMS, u[3]), between(*_OUTPUTS, u[4])
    fail_prob = 10.0 ** -(2 + _SURE * u[7])
    scale = _WIDTH**-0.25 / (signal_norm * max(1.0, 1.0 / snr))
    problem = Problem(
        n_samples=n,
        dim=dim,
        key_dim=_WIDTH,
        signal_norm=signal_norm,
        noise_std=signal_norm / (snr * math.sqrt(dim)),
        flip_prob=_FLIPS,
        learning_rate=between(*_RATES, u[5]) * scale**2,
        init_std_qk=scale * log_term(n, fail_prob) ** -0.9,
        init_std_v=between(*_VALUES, u[6]) * scale / output_norm,
        output_norm=output_norm,
        target_loss=_TARGET,
        fail_prob=fail_prob,
    )
    steps = round(_STEPS / (problem.learning_rate * (signal_norm * output_norm) ** 2))
    note = f"N = {n}, SNR = {snr:.2f}, d = {dim:.1e}, mu = {signal_norm:.2f}, w = {output_norm:.2f}"
    return Cell(f"powers-{rank + 1}", Role.HELD_OUT, "powers", problem, steps, note, _LOG_AT)
