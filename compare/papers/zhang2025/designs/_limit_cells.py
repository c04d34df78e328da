"""Cells on which the limit of gradient descent is judged; nothing in the limit was fitted to them.

The rule, written before any of them was trained. In all of them the longer token has length 1,
value_dim is 512, delta is 0.01 and w_O is frozen with norm 1.

* ``limit``: every number is drawn by Python's ``random.Random(20261128)``, cell by cell in this
  order, with real numbers uniform in logarithms but for p: N from 10 to 60, p from 0 to 0.3,
  N·SNR² from 0.05 to 40, d from 10⁶ to 10¹¹, d_h from 4,000 to 100,000, the longer token's
  initial logit sigma_h²·d_h from 0.2 to 3, sigma_V from 0.05 to 0.95 of d_h^(-1/4), N/eta from 100
  to 500, the target loss from 0.05 to 0.2. Numbers keep three digits, p and the target loss two
  decimals; training takes 36 N/eta steps, 18,000 at most. 24 runs a cell: with the 8 that other
  cells have, cells of an earlier seed could not decide L1 and L4.
* ``limit-edge``: around the boundary of test_loss at p = ε = 0.1. An even scatter gives N from 10
  to 60 (its points 105 to 168), d from 10⁶ to 10⁹ and N·SNR² from 1.3/1.6 to 1.3·1.6; d_h = 10⁴,
  sigma_h²·d_h·ρ = 2, sigma_V = 0.01, eta = N/50 over ρ, 36 N/eta steps.
* ``limit-size``: a single problem (N = 20, p = 0.1, SNR = ½, sigma_h²·d_h = 1, sigma_V = 10⁻⁸)
  at d from 10⁴ to 10⁹ with d_h = 10¹³, and at d_h from 10³ to 10⁸ with d = 10¹³, in steps of half a
  decade: the other number adds nothing to the limit's error. 16 runs a cell, root seed 2.

The cells of the last two kinds are a third set. Two earlier ones (points 1 to 104 of the scatter
with N·SNR² up to a factor 2.5 from 1.3; sizes over 3.5 decades with root seeds 0 and 1)
contradicted neither L5 nor L6, but left intervals too wide to decide.
"""

from __future__ import annotations

import math
import random

from .....simulate import Problem
from ....cells import Cell, Role
from ._scatter import between, scattered

#: Cells of each kind; levels of d and of d_h.
LIMIT_COUNT, EDGE_COUNT, SIZE_LEVELS = 20, 64, 11
_SEED = 20261128
#: Steps in units of N/eta.
_STEPS = 36
_EDGE_LEVEL, _EDGE_REACH, _EDGE_START, _EDGE_RATE = 1.3, 1.6, 2.0, 0.02
_HUGE = 10**13
#: Runs of a drawn cell; the scatter's first point; runs and root seed of the sizes; logged steps.
_LIMIT_RUNS, _EDGE_FIRST, _SIZE_RUNS, _SIZE_SEED = 24, 104, 16, 2
_LOG_AT, _EDGE_LOG_AT, _SIZE_LOG_AT = "geometric:40", "every:150", "every:300"


def limit_cells() -> tuple[Cell, ...]:
    """Cells of the kinds ``limit``, ``limit-edge`` and ``limit-size``, all held out.

    Example:
        >>> cells = limit_cells()
        >>> len(cells), cells[0].name, cells[0].note, cells[0].steps
        (106, 'limit-1', 'N = 23, p = 0.22, N·SNR² = 9.2, d = 8.72e+10, d_h = 31400', 14472)
    """
    return (*_drawn(), *_edge(), *_sizes())


def _drawn() -> tuple[Cell, ...]:
    rng = random.Random(_SEED)

    def draw(low: float, high: float) -> float:
        return float(f"{between(low, high, rng.random()):.3g}")

    cells = []
    for rank in range(1, LIMIT_COUNT + 1):
        n = round(between(10, 60, rng.random()))
        flip_prob = round(0.3 * rng.random(), 2)
        level = draw(0.05, 40)
        dim, key_dim = round(draw(1e6, 1e11)), round(draw(4_000, 1e5))
        logit, value, pace = draw(0.2, 3), draw(0.05, 0.95), round(draw(100, 500))
        problem = _problem(
            n, math.sqrt(level / n), dim, key_dim,
            flip_prob=flip_prob, init_std_qk=math.sqrt(logit / key_dim),
            init_std_v=value * key_dim**-0.25, learning_rate=n / pace,
            target_loss=round(between(0.05, 0.2, rng.random()), 2),
        )  # fmt: skip
        note = f"N = {n}, p = {flip_prob:g}, N·SNR² = {level:g}, d = {dim:g}, d_h = {key_dim:g}"
        cells.append(
            Cell(
                f"limit-{rank}", Role.HELD_OUT, "limit", problem, _STEPS * pace, note, _LOG_AT,
                _LIMIT_RUNS,
            )
        )  # fmt: skip
    return tuple(cells)


def _edge() -> tuple[Cell, ...]:
    cells = []
    for rank in range(EDGE_COUNT):
        u = scattered(3, _EDGE_FIRST + rank)
        n, dim = round(between(10, 60, u[0])), round(between(10**6, 10**9, u[1]))
        level = _EDGE_LEVEL * _EDGE_REACH ** (2 * u[2] - 1)
        snr = math.sqrt(level / n)
        noise = min(1.0, 1.0 / snr) ** 2
        problem = _problem(
            n, snr, dim, 10_000,
            flip_prob=0.1, init_std_qk=math.sqrt(_EDGE_START / (10_000 * noise)), init_std_v=0.01,
            learning_rate=_EDGE_RATE * n / noise, target_loss=0.1,
        )  # fmt: skip
        note = f"N·SNR² = {level:.3g}, N = {n}, d = {dim:g}"
        steps = round(_STEPS / _EDGE_RATE)
        cells.append(
            Cell(
                f"limit-edge-{rank + 1}", Role.HELD_OUT, "limit-edge", problem, steps, note,
                _EDGE_LOG_AT,
            )
        )  # fmt: skip
    return tuple(cells)


def _sizes() -> tuple[Cell, ...]:
    cells = []
    for rank in range(SIZE_LEVELS):
        small, wide = round(10 ** (4 + rank / 2)), round(10 ** (3 + rank / 2))
        for name, dim, key_dim in (("d", small, _HUGE), ("key", _HUGE, wide)):
            problem = _problem(
                20, 0.5, dim, key_dim, flip_prob=0.1, init_std_qk=key_dim**-0.5, init_std_v=1e-8,
                learning_rate=0.4, target_loss=0.1, seed=_SIZE_SEED,
            )  # fmt: skip
            cells.append(
                Cell(
                    f"limit-{name}-{rank + 1}", Role.HELD_OUT, "limit-size", problem, 1_800,
                    f"d = {dim:g}, d_h = {key_dim:g}", _SIZE_LOG_AT, _SIZE_RUNS,
                )
            )  # fmt: skip
    return tuple(cells)


def _problem(n: int, snr: float, dim: int, key_dim: int, **rest: float) -> Problem:
    length = max(1.0, 1.0 / snr)
    return Problem(
        n_samples=n, dim=dim, key_dim=key_dim, value_dim=512, signal_norm=1.0 / length,
        noise_std=1.0 / (snr * length * math.sqrt(dim)), fail_prob=0.01, **rest,
    )  # fmt: skip
