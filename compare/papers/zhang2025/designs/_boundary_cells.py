"""Cells on both sides of a boundary: N, SNR and d scattered evenly around its expected place.

In all of them the longer token has length 1, the learning rate is N/50, p = 0.1 unless the kind
varies it, and sigma_h = d_h^(-1/4)·L^(-0.76). The kinds differ in how the other numbers scale:

* ``ladder``: d_h = 10⁴, sigma_V a tenth of its cap, as the rungs of `design.ladder`;
* ``lean``: d_h = 10⁴, sigma_V a thousandth of its cap, so that learning dominates W_V w_O;
* ``wide``: d_h from 10² to 10⁶, sigma_V a tenth of its cap, d so large that its start dominates it;
* ``map``: as ``ladder`` at d = 10⁴, with p = 0, 0.1 and 0.2;
* ``deep``: as ``ladder`` with N = 20, d alone growing at N·SNR² = 0.1 and 0.2.

The expected places of the boundaries come from pilot runs on other seeds.
"""

from __future__ import annotations

import math

from ....cells import Cell, Kind, Role
from ._problems import free_problem
from ._scatter import between, scattered, towards_ends

#: The learning rate over N: every sample is fitted at the same pace.
_RATE, _TARGET, _FLIPS = 0.02, 0.1, 0.1
_KEY_DIM = 10_000
#: N; steps in units of N/eta, in which train_loss 0.1 is reached near 20.
_SAMPLES, _STEPS = (6.0, 40.0), 36.0
#: Only the end of training is used.
_LOG_AT = "geometric:12"
#: N·SNR² at which test_loss was expected to be halfway, and how far cells go to either side.
_LOSS_LEVEL, _LOSS_REACH = 1.35, 2.5
_FLIP_PROBS = (0.0, 0.1, 0.2)
_DEEP_LEVELS, _DEEP_DIMS = (0.1, 0.2), (400, 20_000, 10**6, 10**8)


def ladder_cells(count: int) -> tuple[Cell, ...]:
    """Rungs around the boundaries of test_loss and of test_error, roles alternating.

    Args:
        count: rungs for each of the two test quantities.

    Example:
        >>> cells = ladder_cells(2)
        >>> len(cells), cells[0].name, cells[0].note
        (4, 'loss-1', 'N·SNR² = 1.35, N = 15, d = 63246, d_h = 10000')
    """
    cells = []
    for rank in range(count):
        role = Role.CALIBRATION if rank % 2 else Role.HELD_OUT
        u = scattered(3, rank)
        n, dim = _samples(u[0]), round(between(400, 10**7, towards_ends(u[1])))
        off = 2 * u[2] - 1
        level = _LOSS_LEVEL * _LOSS_REACH**off
        cells.append(_cell(f"loss-{rank + 1}", role, "ladder", n, level, dim))
        level = max(0.7 * (dim / 400) ** -0.47, 0.008) * 3.0**off
        cells.append(_cell(f"error-{rank + 1}", role, "ladder", n, level, dim))
    return tuple(cells)


def boundary_cells(count: int) -> tuple[Cell, ...]:
    """Cells of the kinds ``lean``, ``wide`` and ``map``.

    Args:
        count: cells of each kind, and of the map for each flip probability.

    Example:
        >>> cells = boundary_cells(2)
        >>> len(cells), cells[-1].name, cells[-1].note
        (10, 'map-3-2', 'N·SNR² = 0.614, N = 8, d = 10000, d_h = 10000')
    """
    cells = []
    for rank in range(count):
        u = scattered(3, rank)
        n, dim = _samples(u[0]), round(between(1_000, 10**6, towards_ends(u[1])))
        level = math.sqrt(9.0 * 6.0 ** (2 * u[2] - 1) * n / dim)  # N·d·SNR⁴ around 9
        cells.append(_cell(f"lean-{rank + 1}", Role.HELD_OUT, "lean", n, level, dim, value=0.001))
        u = scattered(4, rank)
        n, dim = _samples(u[0]), round(between(10**9, 10**12, u[1]))
        width = round(between(100, 10**6, towards_ends(u[3])))
        level = 0.07 * 3.5 ** (2 * u[2] - 1) * width**-0.25
        cells.append(_cell(f"wide-{rank + 1}", Role.HELD_OUT, "wide", n, level, dim, width))
        u = scattered(2, rank)
        n, level = _samples(u[0]), _LOSS_LEVEL * _LOSS_REACH ** (2 * u[1] - 1)
        for group, flip_prob in enumerate(_FLIP_PROBS, start=1):
            name = f"map-{group}-{rank + 1}"
            cells.append(_cell(name, Role.HELD_OUT, "map", n, level, 10_000, flip_prob=flip_prob))
    return tuple(cells)


def deep_cells() -> tuple[Cell, ...]:
    """Cells in which d alone grows, at fixed N and N·SNR².

    Example:
        >>> [cell.note for cell in deep_cells()][0]
        'N·SNR² = 0.1, N = 20, d = 400, d_h = 10000'
    """
    return tuple(
        _cell(f"deep-{10 * level:g}-{dim:g}", Role.HELD_OUT, "deep", 20, level, dim)
        for level in _DEEP_LEVELS
        for dim in _DEEP_DIMS
    )


def _samples(share: float) -> int:
    return round(between(*_SAMPLES, towards_ends(share)))


def _cell(
    name: str,
    role: Role,
    kind: Kind,
    n: int,
    level: float,
    dim: int,
    key_dim: int = _KEY_DIM,
    *,
    value: float = 0.1,
    flip_prob: float = _FLIPS,
) -> Cell:
    problem = free_problem(
        n, math.sqrt(level / n), dim, key_dim,
        learning_rate=_RATE * n, target_loss=_TARGET, flip_prob=flip_prob, value=value,
    )  # fmt: skip
    note = f"N·SNR² = {level:.3g}, N = {n}, d = {dim:g}, d_h = {key_dim:g}"
    return Cell(name, role, kind, problem, round(_STEPS / _RATE), note, _LOG_AT)
