"""Cells for fitting powers: inside Assumption 4.1, every number of the problem varied.

Every cell moves all numbers at once, evenly scattered, so each power gets the precision of the
whole design rather than that of the two or three cells that would vary it alone. All have
p = 0.05 and target loss 0.25, and sigma_h follows its band in item 7.
"""

from __future__ import annotations

import math

from ...simulate import Problem
from ..study import Cell, Role
from .design import log_term
from .scatter import between, scattered

_AXES = 9
_TARGET, _FLIPS = 0.25, 0.05
#: Room above item 1's least d and d_h and below item 2's largest d.
_ROOM = 1.05
#: N; d_h; the largest d; mu; w; eta and sigma_V as fractions of their caps; log10(1/delta).
_SAMPLES, _WIDTHS, _LARGEST_DIM = (24.0, 33.6), (60_000.0, 90_000.0), 3e13
_NORMS, _OUTPUTS, _RATES, _VALUES, _SURE = (0.5, 2.0), (1.0, 2.5), (0.95, 0.55), (0.95, 0.095), 10
#: SNR lies within this factor of 1, and where item 1 allows.
_REACH = 1.6
#: Steps in units of 1/(eta mu² w²): T2 comes near 24, T3 near 40.
_STEPS = 55.0


def power_cells(count: int) -> tuple[Cell, ...]:
    """The first cells of the design.

    Args:
        count: how many; 20 or more for eight powers and their scatter.

    Example:
        >>> cells = power_cells(20)
        >>> cells[1].name, cells[1].kind, cells[1].note
        ('powers-2', 'powers', 'N = 28, SNR = 0.85, d = 4.1e+09, mu = 0.65, w = 1.14')
    """
    return tuple(_cell(rank) for rank in range(count))


def _cell(rank: int) -> Cell:
    u = scattered(_AXES, rank)
    n = 2 * round(between(*_SAMPLES, u[0]) / 2)
    width = round(between(*_WIDTHS, u[1]))
    reach = min(_REACH, (width * _TARGET**2 / n**2 / _ROOM) ** 0.25)
    snr = between(1 / reach, reach, u[2])
    least = _ROOM * n**2 * width / _TARGET**2
    dim = round(between(least, min(math.exp(n / _ROOM), _LARGEST_DIM), u[3]))
    signal_norm, output_norm = between(*_NORMS, u[4]), between(*_OUTPUTS, u[5])
    fail_prob = 10.0 ** -(2 + _SURE * u[8])
    scale = width**-0.25 / (signal_norm * max(1.0, 1.0 / snr))
    problem = Problem(
        n_samples=n,
        dim=dim,
        key_dim=width,
        signal_norm=signal_norm,
        noise_std=signal_norm / (snr * math.sqrt(dim)),
        flip_prob=_FLIPS,
        learning_rate=between(*_RATES, u[6]) * scale**2,
        init_std_qk=scale * log_term(n, fail_prob) ** -0.9,
        init_std_v=between(*_VALUES, u[7]) * scale / output_norm,
        output_norm=output_norm,
        target_loss=_TARGET,
        fail_prob=fail_prob,
    )
    steps = round(_STEPS / (problem.learning_rate * (signal_norm * output_norm) ** 2))
    note = f"N = {n}, SNR = {snr:.2f}, d = {dim:.1e}, mu = {signal_norm:.2f}, w = {output_norm:.2f}"
    return Cell(f"powers-{rank + 1}", Role.HELD_OUT, "powers", problem, steps, note)
