"""Preset ``paper``: the paper's experimental scale (§6), far outside Assumption 4.1.

Stated there and used: d, d_h and d_v 512, PyTorch's default initialisation, w_O trained,
full-batch gradient descent, target loss 0.01, "noise variance 4" read as noise_std 2, N = 20
(heat maps) and 100, 20 repeats. Not stated, so chosen here: the learning rate, a multiple of
1/max(μ², σ_p²d); the flip probabilities; 256 fresh tokens.
"""

from __future__ import annotations

from .....simulate import Problem
from ....cells import Cell, Role
from ....design import Design
from ._problems import stage_cell

_CAL, _OUT = Role.CALIBRATION, Role.HELD_OUT
_NOISE_STD, _WIDTH = 2.0, 512
#: Signal norms of the ladder at N = 20; N·SNR² = 20 μ²/2048.
_LADDER_NORMS = {
    _CAL: (2.0, 4.0, 8.0, 16.0, 32.0, 64.0),
    _OUT: (1.0, 3.0, 6.0, 12.0, 24.0, 48.0, 90.0),
}


def paper_problem(n: int, signal_norm: float, flip_prob: float, rate: float) -> Problem:
    """A problem at the paper's scale, the learning rate in units of 1/max(mu², sigma_p² d).

    Example:
        >>> problem = paper_problem(20, 40.0, 0.1, 4.0)
        >>> problem.dim, problem.init, problem.learning_rate * 2048
        (512, 'torch-default', 4.0)
    """
    length = max(signal_norm**2, _NOISE_STD**2 * _WIDTH)
    return Problem(
        n_samples=n,
        dim=_WIDTH,
        key_dim=_WIDTH,
        value_dim=_WIDTH,
        signal_norm=signal_norm,
        noise_std=_NOISE_STD,
        flip_prob=flip_prob,
        learning_rate=rate / length,
        init="torch-default",
        train_output=True,
        target_loss=0.01,
        start="materialised",
    )


def _cell(name: str, role: Role, n: int, signal_norm: float, flip_prob: float, rate: float) -> Cell:
    note = f"N = {n}, mu = {signal_norm:g}, p = {flip_prob:g}, rate {rate:g}"
    problem = paper_problem(n, signal_norm, flip_prob, rate)
    return stage_cell(name, role, 4_000, note, problem)


_BENIGN = (
    _cell("p-cal-1", _CAL, 20, 30.0, 0.1, 4.0),
    _cell("p-cal-2", _CAL, 20, 40.0, 0.0, 4.0),
    _cell("p-cal-3", _CAL, 100, 20.0, 0.1, 4.0),
    _cell("p-cal-4", _CAL, 20, 50.0, 0.2, 2.0),
    _cell("p-base", _OUT, 20, 40.0, 0.1, 4.0),
    _cell("p-clean", _OUT, 20, 35.0, 0.0, 4.0),
    _cell("p-slow", _OUT, 20, 40.0, 0.1, 2.0),
    _cell("p-strong", _OUT, 20, 60.0, 0.1, 4.0),
    _cell("p-many", _OUT, 100, 25.0, 0.1, 4.0),
    _cell("p-flips", _OUT, 20, 40.0, 0.2, 4.0),
)

_HARMFUL = (
    _cell("q-cal-1", _CAL, 20, 2.0, 0.0, 10.0),
    _cell("q-cal-2", _CAL, 20, 3.0, 0.05, 10.0),
    _cell("q-cal-3", _CAL, 12, 2.0, 0.1, 10.0),
    _cell("q-cal-4", _CAL, 20, 2.0, 0.05, 5.0),
    _cell("q-base", _OUT, 20, 2.5, 0.05, 10.0),
    _cell("q-clean", _OUT, 20, 1.0, 0.0, 10.0),
    _cell("q-slow", _OUT, 20, 2.5, 0.0, 5.0),
    _cell("q-few", _OUT, 10, 2.0, 0.05, 10.0),
    _cell("q-flips", _OUT, 20, 2.0, 0.1, 10.0),
)

_LADDER = tuple(
    Cell(
        f"p-ladder-{role.name.lower().replace('_', '-')}-{rank}",
        role,
        "ladder",
        paper_problem(20, norm, 0.1, 8.0),
        4_000,
        f"mu = {norm:g}, N·SNR² = {20 * norm**2 / (_NOISE_STD**2 * _WIDTH):.3g}",
    )
    for role, norms in _LADDER_NORMS.items()
    for rank, norm in enumerate(norms, start=1)
)

#: The paper's heat map, thinned: N, signal norm and flip probability.
_MAP = tuple(
    Cell(
        f"p-map-{n}-{norm:g}-{flip_prob:g}",
        Role.HELD_OUT,
        "map",
        paper_problem(n, norm, flip_prob, 4.0),
        2_000,
        f"N = {n}, mu = {norm:g}, N·SNR² = {n * norm**2 / (_NOISE_STD**2 * _WIDTH):.3g}",
    )
    for flip_prob in (0.0, 0.1, 0.2)
    for n in (4, 8, 12, 16, 20)
    for norm in (3.0, 7.0, 11.0, 18.0, 28.0, 45.0)
)

DESIGN = Design(
    name="paper",
    description="the paper's widths (512), initialisation and repeats; outside Assumption 4.1",
    cells={"benign": _BENIGN + _LADDER + _MAP, "harmful": _HARMFUL + _LADDER},
    seeds=20,
    log_at="geometric:96",
)
