"""Fig. 2: test loss over N and SNR, one map for each flip probability."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ....cells import CellResult
from ....figures.table import Row, Table, summary
from ._cells import FEW_STEPS, SEEDS, SHARED, flips_setting, rate_setting, seeds_setting
from ._map import COUNTS, FLIP_PROBS, JIANG_RATE, JIANG_STEPS, NORMS, map_cells
from .experiment import CHOSEN, JIANG, STATED, Experiment, Setting

PRESETS = ("quick", "paper", "jiang")
MAP_SEEDS = {**SEEDS, "jiang": 20}


def map_settings(preset: str) -> tuple[Setting, ...]:
    """What every map is made with."""
    axes = (
        Setting("N", f"{len(COUNTS[preset])} values from 2 to 20", STATED),
        Setting(
            "signal norm",
            f"{len(NORMS[preset])} values from 1 to 100, evenly on a log scale",
            STATED,
        ),
        Setting("number and spacing of N and signal norms", "as above", CHOSEN),
    )
    if preset == "jiang":
        return (
            *axes,
            Setting("tokens", "2: the signal and the strong noise token of 16", CHOSEN),
            Setting("d; d_h, d_v", "1024; 512", JIANG),
            Setting("noise", "standard deviation 4, orthogonal to the signals", JIANG),
            Setting("scale of W_Q, W_K, W_V", "PyTorch's default over 16", JIANG),
            Setting("law of W_Q, W_K, W_V", "Gaussian of that standard deviation", CHOSEN),
            Setting("w_O", "frozen", JIANG),
            Setting("norm of w_O", "1/sqrt(3), as PyTorch's default has it", CHOSEN),
            Setting("learning rate", f"{JIANG_RATE:g}", JIANG),
            Setting("steps", f"at most {JIANG_STEPS:,}; ended at train loss 0.01", JIANG),
            Setting("fresh tokens a run", "100", JIANG),
            Setting("flip probability", "0", JIANG),
            Setting("curve in that code", "N·mu² = 40960, here N·SNR² = 2.5", JIANG),
            Setting("more flip probabilities", "0.1 and 0.2", CHOSEN),
            Setting("precision", "float32", CHOSEN),
            seeds_setting(preset, MAP_SEEDS),
        )
    return (
        *SHARED,
        seeds_setting(preset),
        *axes,
        rate_setting(),
        flips_setting(FLIP_PROBS),
        Setting("end of a run", f"target loss met, or {FEW_STEPS:,} steps", CHOSEN),
    )


def place(result: CellResult) -> Row:
    """Where a cell stands on the map."""
    problem = result.cell.problem
    return {
        "flip_prob": problem.flip_prob,
        "n_samples": problem.n_samples,
        "signal_norm": problem.signal_norm,
        "snr": problem.snr,
    }


def _tabulate(results: Sequence[CellResult], preset: str) -> Table:
    """One row a cell: its test loss, and how many runs diverged or missed their target loss."""
    rows: list[Row] = []
    for one in results:
        final = np.where(one.ok, one.trajectory["test_loss"][:, -1], np.nan)
        missed = int((one.ok & (one.trained.stopped_at < 0)).sum())
        counts = {"diverged": int((~one.ok).sum()), "missed_target": missed}
        rows.append({**place(one), **summary(final), **counts})
    return Table(tuple(rows))


EXPERIMENT = Experiment(
    name="fig2",
    title="Test loss over N and SNR",
    source="§6.2, Fig. 2",
    settings={preset: map_settings(preset) for preset in PRESETS},
    cells={preset: map_cells(preset) for preset in PRESETS},
    seeds=MAP_SEEDS,
    claims=("E2", "E3a", "E3b", "E4"),
    spread="colour: mean of the runs, a dot where most of them ended short of the target loss",
    tabulate=_tabulate,
)
