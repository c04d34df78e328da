"""Fig. 3: the map of the test loss cut off, with the fitted curve N·SNR² = C."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....cells import CellResult
from ....checks.boundary_sides import Quantity, scores
from ....figures.table import Row, Table
from ._boundary import good_runs, law_constant
from ._map import map_cells
from .experiment import CHOSEN, JIANG, Experiment, Setting
from .fig2 import MAP_SEEDS, PRESETS, map_settings, place

#: A cell is benign where its mean test loss is at most this far from H(p) to log 2 ...
CUT_OFF = 0.5
#: ... and in Jiang's experiment without flips, where it is at most this.
JIANG_CUT_OFF = 0.2


def _cut_off(preset: str) -> tuple[Setting, ...]:
    rule = "(mean test loss - H(p))/(log 2 - H(p)) at most 1/2; a bare 0.2 is below H(0.1)"
    if preset != "jiang":
        return (Setting("cut-off", rule, CHOSEN),)
    bare = f"mean test loss at most {JIANG_CUT_OFF:g}"
    return Setting("cut-off at p = 0", bare, JIANG), Setting("cut-off with flips", rule, CHOSEN)


QUANTITIES: tuple[Quantity, ...] = ("test_loss", "test_error")


def _bare(preset: str, quantity: Quantity, flip_prob: float) -> float | None:
    """The cut-off of the quantity itself, None for the half-way rule."""
    bare = preset == "jiang" and quantity == "test_loss" and flip_prob == 0.0
    return JIANG_CUT_OFF if bare else None


def _tabulate(results: Sequence[CellResult], preset: str) -> Table:
    """For each quantity and flip probability a row a cell, then one for the curve."""
    rows: list[Row] = []
    for quantity in QUANTITIES:
        for p in dict.fromkeys(one.cell.problem.flip_prob for one in results):
            cells = [one for one in results if one.cell.problem.flip_prob == p]
            bare = _bare(preset, quantity, p)
            for one in cells:
                if bare is None:
                    value, limit = float(np.nanmean(scores(one, quantity, untrained=True))), CUT_OFF
                else:
                    value, limit = float(one.trajectory[quantity][one.ok, -1].mean()), bare
                head: Row = {"part": "cell", "quantity": quantity, **place(one)}
                rows.append(
                    {**head, "value": value, "cut_off": limit, "benign": int(value <= limit)}
                )
            level = np.array(
                [one.cell.problem.n_samples * one.cell.problem.snr**2 for one in cells]
            )
            found = law_constant(level, *good_runs(cells, quantity, bare))
            rows.append({"part": "curve", "quantity": quantity, "flip_prob": p, **found})
    return Table(tuple(rows))


EXPERIMENT = Experiment(
    name="fig3",
    title="The cut-off map and the curve N·SNR² = C",
    source="§6.2, Fig. 3",
    settings={preset: (*map_settings(preset), *_cut_off(preset)) for preset in PRESETS},
    cells={preset: map_cells(preset) for preset in PRESETS},
    seeds=MAP_SEEDS,
    claims=("E5", "E6"),
    spread="curve: where half of the runs are benign; the table has its 95% interval",
    tabulate=_tabulate,
)
