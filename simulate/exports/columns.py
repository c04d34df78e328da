"""A store as one flat table: a row for each cell, seed and logged step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..observables import QUANTITIES
from ..store import Store

#: Columns that say which row it is; one column per quantity follows, then ``diverged_at``.
KEYS = ("cell", "seed", "step")
COLUMNS = (*KEYS, *QUANTITIES, "diverged_at")


def tables(store: Store) -> Iterator[tuple[str, dict[str, NDArray[Any]]]]:
    """For each cell its name and its columns, without ``cell``; rows by seed, then step.

    Raises:
        StoreError: a cell is damaged.
    """
    for name in store.names():
        trajectory = store.read(name)
        runs, logged = len(trajectory.seeds), len(trajectory.steps)
        columns: dict[str, NDArray[Any]] = {
            "seed": np.repeat(trajectory.seeds, logged),
            "step": np.tile(trajectory.steps, runs),
        }
        lacking = np.full((runs, logged), np.nan)
        for quantity in QUANTITIES:
            columns[quantity] = trajectory.quantities.get(quantity, lacking).ravel()
        columns["diverged_at"] = np.repeat(trajectory.diverged_at, logged)
        yield name, columns
