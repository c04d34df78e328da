"""The limit's error in cells whose d or d_h grows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ...simulate import Trajectory
from ..cells import CellResult
from .runs import predicted

Array = NDArray[np.float64]

LOSSES = ("train_loss", "test_loss")
#: The numbers that grow.
NUMBERS = ("d", "d_h")


def mean_error(trained: Trajectory, quantity: str) -> Array:
    """(R,) root mean square over the logged steps of the relative error of the limit.

    Example:
        >>> from bofcheck.simulate import Problem, train
        >>> wide = Problem(n_samples=8, dim=10**8, noise_std=1e-4, key_dim=10**4)
        >>> trained = train(wide, seeds=2, steps=200, log_at="every:100")
        >>> bool((mean_error(trained, "train_loss") < 0.02).all())
        True
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        off = predicted(trained)[quantity] / trained[quantity] - 1
    return np.asarray(np.sqrt((off**2).mean(axis=1)))


def chain(cells: Sequence[CellResult], number: str) -> list[CellResult]:
    """The cells in which a number grows, the other being the largest of all.

    Args:
        cells: limit-size cells.
        number: ``"d"`` or ``"d_h"``.
    """
    (other,) = {*NUMBERS} - {number}
    largest = max((each.values[other] for each in cells), default=0.0)
    some = [each for each in cells if each.values[other] == largest]
    top = max((each.values[number] for each in cells), default=0.0)
    return sorted(
        (each for each in some if each.values[number] < top), key=lambda each: each.values[number]
    )
