"""Covariates of a run's draws, which explain much of the scatter between seeds.

Two runs of one problem differ in how many labels each class got, how many of them were flipped,
and where W_V w_O started. The lemmas say what each does to a run (DERIVED, early phase), so a fit
over runs can take it out instead of averaging over many seeds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult, net_counts

Array = NDArray[np.float64]


def weaker_class(result: CellResult) -> Array:
    """(R,) log of the smaller net count over what it is on average, (1-2p)N/2.

    V+ and -V- grow in proportion to their classes' net counts, and the weaker class decides P.
    NaN where a class has no more kept than flipped labels.
    """
    p, n = result.cell.problem.flip_prob, result.cell.problem.n_samples
    least = net_counts(result).min(axis=1)
    out: Array = np.log(np.where(least > 0, least, np.nan) / ((1 - 2 * p) * n / 2))
    return out


def head_start(result: CellResult) -> Array:
    """(R,) log of T1 as the run's start predicts it, over T1 of a balanced run from V = 0.

    At uniform attention V± moves away from its start in proportion to its class's net count, and
    T1 is when the later of the two reaches sigma_p·|W_V w_O|. NaN where both are there at once.
    """
    p, n = result.cell.problem.flip_prob, result.cell.problem.n_samples
    trajectory = result.trajectory
    level = result.cell.problem.noise_std * trajectory["value_norm"][:, 0]
    speed = net_counts(result) / ((1 - 2 * p) * n / 2)
    signs = np.stack([trajectory["v_plus"][:, 0], -trajectory["v_minus"][:, 0]], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        wait = np.where(speed > 0, (1 - signs / level[:, None]) / speed, np.nan).max(axis=1)
        out: Array = np.log(np.where(wait > 0, wait, np.nan))
    return out


def flipped_share(result: CellResult) -> Array:
    """(R,) share of labels that were flipped."""
    trajectory = result.trained
    flips = trajectory.flipped_positive + trajectory.flipped_negative
    out: Array = flips / result.cell.problem.n_samples
    return out
