"""Cells for fitting powers: inside Assumption 4.1, with every number of the problem varied.

Every cell varies all numbers at once, scattered towards the ends of their ranges, so the whole
design determines each power, instead of the two or three cells that would vary its number alone.
All have p = 0.02, target loss 0.25 and d_h = 200,000, and sigma_h follows its band in item 7.
Points excluded by the assumptions, or by the time a cell may take, are skipped.
"""

from __future__ import annotations

import math

from .....simulate import Problem
from ....cells import Cell, Role
from ._problems import log_term
from ._scatter import between, scattered, towards_ends

_AXES = 8
_TARGET, _FLIPS = 0.25, 0.02
#: Room above item 1's smallest d and d_h and below item 2's largest d.
_ROOM = 1.05
#: N; the largest d; mu; w; eta and sigma_V as fractions of their caps; log10(1/delta).
_SAMPLES, _WIDTH, _LARGEST_DIM = (24.0, 90.0), 200_000, 1e14
_NORMS, _OUTPUTS, _RATES, _VALUES, _SURE = (0.5, 2.0), (1.5, 8.0), (0.95, 0.15), (0.95, 0.03), 10
#: SNR lies within this factor of 1, and where item 1 allows.
_REACH = 2.0
#: Steps in units of 1/(eta mu² w²): T2 comes near 24, T3 near 40.
_STEPS = 60.0
#: Logged steps, evenly spaced: rows are taken between them.
_LOGGED = 64
#: Largest steps·(N + 2)³, about a third of a second per run.
_WORK = 2.7e9


def power_cells(count: int) -> tuple[Cell, ...]:
    """The first cells of the design.

    Args:
        count: number of cells; 20 or more for eight powers and their scatter.

    Example:
        >>> cells = power_cells(20)
        >>> cells[1].name, cells[1].kind, cells[1].note
        ('powers-2', 'powers', 'N = 40, SNR = 0.80, d = 3.3e+10, mu = 0.59, w = 1.67')
    """
    cells: list[Cell] = []
    rank = 0
    while len(cells) < count:
        cell = _cell(rank, f"powers-{len(cells) + 1}")
        cells += [] if cell is None else [cell]
        rank += 1
    return tuple(cells)


def _cell(rank: int, name: str) -> Cell | None:
    u = [towards_ends(share) for share in scattered(_AXES, rank)]
    n = 2 * round(between(*_SAMPLES, u[0]) / 2)
    reach = min(_REACH, (_WIDTH * _TARGET**2 / n**2 / _ROOM) ** 0.25)
    least = _ROOM * n**2 * _WIDTH / _TARGET**2
    largest = min(math.exp(n / _ROOM), _LARGEST_DIM)
    if reach < 1 or largest < least:
        return None
    snr = between(1 / reach, reach, u[1])
    dim = round(between(least, largest, u[2]))
    signal_norm, output_norm = between(*_NORMS, u[3]), between(*_OUTPUTS, u[4])
    fail_prob = 10.0 ** -(2 + _SURE * u[7])
    scale = _WIDTH**-0.25 / (signal_norm * max(1.0, 1.0 / snr))
    rate = between(*_RATES, u[5]) * scale**2
    every = math.ceil(_STEPS / (rate * (signal_norm * output_norm) ** 2) / _LOGGED)
    if every * _LOGGED * (n + 2) ** 3 > _WORK:
        return None
    problem = Problem(
        n_samples=n,
        dim=dim,
        key_dim=_WIDTH,
        signal_norm=signal_norm,
        noise_std=signal_norm / (snr * math.sqrt(dim)),
        flip_prob=_FLIPS,
        learning_rate=rate,
        init_std_qk=scale * log_term(n, fail_prob) ** -0.9,
        init_std_v=between(*_VALUES, u[6]) * scale / output_norm,
        output_norm=output_norm,
        target_loss=_TARGET,
        fail_prob=fail_prob,
    )
    note = f"N = {n}, SNR = {snr:.2f}, d = {dim:.1e}, mu = {signal_norm:.2f}, w = {output_norm:.2f}"
    return Cell(
        name, Role.HELD_OUT, "powers", problem, every * _LOGGED, note, f"every:{every}"
    )  # fmt: skip
