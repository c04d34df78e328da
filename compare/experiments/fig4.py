"""Fig. 4: the constant C of the boundary against p, and N against 1/SNR² along it."""

from __future__ import annotations

from ..study import Cell
from ._cells import SEEDS
from ._map import map_cell, map_cells
from .experiment import CHOSEN, Experiment, Setting
from .fig2 import map_settings

KIND = "fig4"
#: Flip probabilities beside those of the map, and the other reading of "noise variance 4".
_MORE_FLIPS = {"quick": (0.05, 0.3), "paper": (0.05, 0.15, 0.25, 0.3)}
_OTHER_STD = 4.0
_COUNTS = {"quick": (4, 8, 20), "paper": (3, 5, 8, 12, 20)}
#: Signal norms around the boundary; at noise standard deviation 4 they are twice as large.
_NORMS = {
    "quick": (6.0, 10.0, 15.0, 22.0, 33.0, 50.0),
    "paper": (5.0, 7.0, 9.0, 12.0, 15.0, 19.0, 24.0, 30.0, 38.0, 50.0),
}


def _added(preset: str) -> tuple[Cell, ...]:
    points = [(n, norm) for n in _COUNTS[preset] for norm in _NORMS[preset]]
    return tuple(
        map_cell(n, norm, p, kind=KIND) for p in _MORE_FLIPS[preset] for n, norm in points
    ) + tuple(map_cell(n, 2 * norm, 0.1, _OTHER_STD, KIND) for n, norm in points)


def _settings(preset: str) -> tuple[Setting, ...]:
    more = ", ".join(f"{p:g}" for p in _MORE_FLIPS[preset])
    return (
        *map_settings(preset),
        Setting("cut-off", "(test loss - H(p))/(log 2 - H(p)) at most 1/2, run by run", CHOSEN),
        Setting("more flip probabilities", f"{more}, on a thinner map", CHOSEN),
        Setting("other reading of the noise", "standard deviation 4, p = 0.1", CHOSEN),
        Setting("correlation", "of log N and log 1/SNR² where the map crosses the cut-off", CHOSEN),
    )


EXPERIMENT = Experiment(
    name="fig4",
    title="The constant of the boundary, and the law along it",
    source="§6.3, Fig. 4",
    settings={preset: _settings(preset) for preset in _COUNTS},
    cells={preset: map_cells(preset) + _added(preset) for preset in _COUNTS},
    seeds=SEEDS,
    claims=("E7", "E8"),
)
