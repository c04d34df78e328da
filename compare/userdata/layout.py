"""Which column of a table a number goes to, where runs share their steps or have their own.

A table over every step of every run is mostly empty where each run is logged at steps of its own,
and grows with the square of the number of runs. There each run's numbers come one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .rows import Array, Codes

#: Different steps of all runs, over those of the longest, above which runs keep their own.
_WIDER = 4


@dataclass(frozen=True)
class Layout:
    """The steps of R runs, shared or each run's own.

    Attributes:
        every: (S,) every step of any run, in order.
        places: (n,) run times S plus rank of the step, of every step of every run, in order.
        first: (R + 1,) where each run begins in ``places``, and their number.

    Example:
        >>> rows, steps = np.array([0, 0, 1, 1]), np.array([5.0, 0.0, 0.0, 9.0])
        >>> layout = Layout.of(2, [(rows, steps)])
        >>> layout.steps(), layout.columns(rows, steps)
        (array([0., 5., 9.]), array([1, 0, 0, 2]))
        >>> rows, steps = np.arange(6), np.arange(6) * 10.0
        >>> layout = Layout.of(6, [(rows, steps)])
        >>> layout.width, layout.columns(rows, steps)
        (2, array([0, 0, 0, 0, 0, 0]))
    """

    every: Array
    places: Codes
    first: Codes

    @classmethod
    def of(cls, runs: int, points: Sequence[tuple[Codes, Array]]) -> Layout:
        """The layout of R runs with (n,) runs and steps of some quantities."""
        steps = np.concatenate([[], *(step for _, step in points)])
        every, rank = np.unique(steps, return_inverse=True)
        rows = np.concatenate([np.empty(0, dtype=np.int64), *(row for row, _ in points)])
        places = np.unique(rows * every.size + rank)
        first = np.searchsorted(places, np.arange(runs + 1) * every.size)
        return cls(every, places, first)

    @property
    def _longest(self) -> int:
        return int(np.diff(self.first).max(initial=0))

    @property
    def shared(self) -> bool:
        """Whether one table over every step is used."""
        return self.every.size <= _WIDER * self._longest

    @property
    def width(self) -> int:
        """T, the columns of the table; every run of its own steps ends with the last of all."""
        return self.every.size if self.shared else self._longest + 1

    def columns(self, rows: Codes, steps: Array) -> Codes:
        """(n,) the column of each of some steps of these runs."""
        rank = np.searchsorted(self.every, steps)
        if self.shared:
            return np.asarray(rank)
        places = np.searchsorted(self.places, rows * self.every.size + rank)
        return np.asarray(places - self.first[rows])

    def steps(self) -> Array:
        """(T,) steps; or (R, T), the run's own and then the last of all, up to which all count."""
        if self.shared:
            return self.every
        runs = self.first.size - 1
        steps = np.full((runs, self.width), self.every[-1])
        rows, rank = np.divmod(self.places, self.every.size)
        steps[rows, np.arange(rows.size) - self.first[rows]] = self.every[rank]
        return steps
