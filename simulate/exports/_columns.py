"""A store as one flat table: a row for each cell, seed and logged step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..observables import QUANTITIES
from ..problem import Problem
from ..store import Store

#: Columns that identify a row; a column for each quantity follows, then when the run ended.
KEYS = ("cell", "seed", "step")
ENDS = ("diverged_at", "stopped_at")


def column_names(store: Store) -> tuple[str, ...]:
    """Names of all columns: the attention model's where it is there, then other models'.

    Raises:
        StoreError: a cell is damaged.
    """
    return (*KEYS, *_quantities(store), *ENDS)


def tables(store: Store) -> Iterator[tuple[str, dict[str, NDArray[Any]]]]:
    """The name and columns of each cell, without ``cell``; rows sorted by seed, then step.

    Raises:
        StoreError: a cell is damaged.
    """
    quantities = _quantities(store)
    for cell in store.names():
        trajectory = store.read(cell)
        runs, logged = len(trajectory.seeds), len(trajectory.steps)
        columns: dict[str, NDArray[Any]] = {
            "seed": np.repeat(trajectory.seeds, logged),
            "step": np.tile(trajectory.steps, runs),
        }
        lacking = np.full((runs, logged), np.nan)
        for quantity in quantities:
            columns[quantity] = trajectory.quantities.get(quantity, lacking).ravel()
        for name in ENDS:
            columns[name] = np.repeat(getattr(trajectory, name), logged)
        yield cell, columns


def _quantities(store: Store) -> tuple[str, ...]:
    heads = [store.head(name, 0) for name in store.names()]
    attention = [*QUANTITIES] if any(isinstance(head.problem, Problem) for head in heads) else []
    logged = [name for head in heads for name in head.quantities]
    return tuple(dict.fromkeys([*attention, *logged]))
