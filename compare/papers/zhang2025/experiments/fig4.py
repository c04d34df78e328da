"""Fig. 4: the constant C of the boundary against p, and N against 1/SNR² along it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....cells import Cell, CellResult
from ....checks.boundary_sides import Quantity
from ....figures.table import Row, Table
from ._boundary import crossing, good_runs, law_constant
from ._cells import NOISE_STD, SEEDS
from ._map import NORMS, map_cell, map_cells
from .experiment import CHOSEN, Experiment, Setting
from .fig2 import map_settings
from .fig3 import QUANTITIES

KIND = "fig4"
#: Flip probabilities beside those of the map, and the other reading of "noise variance 4", at
#: which signal norms are twice as large.
_MORE_FLIPS = {"quick": (0.05, 0.3), "paper": (0.05, 0.15, 0.25, 0.3)}
_OTHER_STD = 4.0
_COUNTS = {"quick": (4, 8, 20), "paper": (3, 5, 8, 12, 20)}
#: The part of the map, around the boundary, on which all constants are fitted.
_NORMS = {"quick": NORMS["quick"][3:10], "paper": NORMS["paper"][13:34:2]}


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
        Setting(
            "cells of a constant",
            "those of the thinner map, at every p; fig3 takes its whole map, so its C differ",
            CHOSEN,
        ),
        Setting("more flip probabilities", f"{more}, on a thinner map", CHOSEN),
        Setting("other reading of the noise", "standard deviation 4, p = 0.1", CHOSEN),
        Setting(
            "correlation",
            "of log N and log 1/SNR² where half of the runs at that N are benign",
            CHOSEN,
        ),
    )


def _crossings(cells: Sequence[CellResult], quantity: Quantity) -> list[tuple[int, float]]:
    """N and SNR where half of the runs at that N are below the cut-off."""
    found = []
    for n in sorted({one.cell.problem.n_samples for one in cells}):
        row = [one for one in cells if one.cell.problem.n_samples == n]
        snr = np.array([one.cell.problem.snr for one in row])
        at = crossing(snr, *good_runs(row, quantity))
        if at is not None:
            found.append((n, at))
    return found


def _shared(result: CellResult, preset: str) -> bool:
    """Whether a cell is at an N and SNR that all flip probabilities and noises have."""
    problem = result.cell.problem
    norm = problem.signal_norm * NOISE_STD / problem.noise_std
    return problem.n_samples in _COUNTS[preset] and norm in _NORMS[preset]


def _tabulate(results: Sequence[CellResult], preset: str) -> Table:
    """The constants, and the crossings with their correlation, by quantity, p and noise."""
    groups: dict[tuple[float, float], list[CellResult]] = {}
    for one in results:
        problem = one.cell.problem
        groups.setdefault((problem.noise_std, problem.flip_prob), []).append(one)
    constants: list[Row] = []
    crossings: list[Row] = []
    for quantity in QUANTITIES:
        for (std, p), cells in sorted(groups.items()):
            head: Row = {"quantity": quantity, "noise_std": std, "flip_prob": p}
            shared = [one for one in cells if _shared(one, preset)]
            level = np.array(
                [one.cell.problem.n_samples * one.cell.problem.snr**2 for one in shared]
            )
            fitted = law_constant(level, *good_runs(shared, quantity))
            constants.append({"part": "constant", **head, **fitted, "cells": len(shared)})
            found = _crossings(cells, quantity)
            if len(found) < 3:
                continue
            logs = np.log(np.array(found))
            straight = float(np.corrcoef(logs[:, 0], -2 * logs[:, 1])[0, 1])
            slope = float(np.polyfit(-2 * logs[:, 1], logs[:, 0], 1)[0])
            crossings += [
                {"part": "crossing", **head, "n_samples": n, "inverse_snr_squared": snr**-2,
                 "correlation": straight, "slope": slope}
                for n, snr in found
            ]  # fmt: skip
    return Table(tuple(constants + crossings))


EXPERIMENT = Experiment(
    name="fig4",
    title="The constant of the boundary, and the law along it",
    source="§6.3, Fig. 4",
    settings={preset: _settings(preset) for preset in _COUNTS},
    cells={preset: map_cells(preset) + _added(preset) for preset in _COUNTS},
    seeds=SEEDS,
    claims=("E7", "E8"),
    spread="bars: 95% intervals by resampling cells; numbers: correlation of log N and log 1/SNR²",
    tabulate=_tabulate,
)
