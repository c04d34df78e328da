"""`Store`: the contract of every store of trajectories, built on adding and reading shards."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..errors import StoreError
from ..model_problem import AnyProblem
from ..schedule import log_steps
from ..trajectory import Trajectory
from .growth import layout, runs_of
from .settings import differences
from .shards import Head, Shard, chunks, join, making, split

if TYPE_CHECKING:
    import xarray as xr

#: Largest number of runs in a shard; a process that is killed loses at most one shard.
SHARD_RUNS = 64


class Store(ABC):
    """Trajectories by name, each kept as shards of at most `SHARD_RUNS` runs.

    A new kind of store implements the abstract methods and passes the conformance tests.
    A cell exists once all of its shards do; stored shards never change. `TrajectoryStore` is a
    store that keeps shards in a folder.

    Attributes:
        settings: values that must be equal for results to share the store.
        grows: whether cells may get more runs: stored shards stay, further runs follow in new
            shards, and the first runs of a cell are a cell with fewer runs.
    """

    settings: dict[str, Any]
    grows: bool = False

    @abstractmethod
    def where(self, name: str) -> str:
        """Where a cell is kept, for messages.

        Raises:
            StoreError: cells cannot be called that.
        """

    @abstractmethod
    def index(self) -> Mapping[str, list[bool]]:
        """Every cell of which anything is stored: for each of its shards whether it exists.

        Raises:
            StoreError: the index is damaged.
        """

    @abstractmethod
    def add(self, shard: Shard) -> None:
        """Store a shard permanently; it exists once this returns, or not at all.

        Raises:
            StoreError: it exists already.
            StoreWriteError: it cannot be written.
        """

    @abstractmethod
    def shard(self, name: str, rank: int) -> Trajectory:
        """The runs of one shard that exists.

        Raises:
            StoreError: it is damaged.
        """

    @abstractmethod
    def head(self, name: str, rank: int) -> Head:
        """The head of one shard that exists.

        Raises:
            StoreError: it is damaged.
        """

    def made(self, name: str, rank: int) -> str:
        """Checksum of everything the numbers of an existing shard depend on; see `making`.

        Raises:
            StoreError: it is damaged.
        """
        return self.head(name, rank).made

    def check_writable(self) -> None:  # noqa: B027  (most kinds of store have nothing to check)
        """Check before a long run that shards can be stored.

        Raises:
            StoreError: if they cannot.
        """

    def names(self) -> list[str]:
        """Names of the complete cells, sorted."""
        return sorted(name for name, stored in self.index().items() if all(stored))

    def save(self, name: str, trajectory: Trajectory) -> None:
        """Store a whole trajectory permanently under that name.

        Raises:
            StoreError: the name is taken, or cells cannot be called that.
            StoreWriteError: it cannot be written.
        """
        where = self.where(name)
        if any(self.index().get(name, [])):
            raise StoreError(f"{where}: already stored, and stored cells never change")
        parts = list(split(trajectory, SHARD_RUNS))
        for rank, part in enumerate(parts):
            self.add(Shard(name, rank, len(parts), part))

    def read(self, name: str, runs: int | None = None) -> Trajectory:
        """The trajectory of that name.

        Args:
            name: the cell.
            runs: only so many of its first runs; None for all.

        Raises:
            StoreError: no cell has that name, or it is incomplete or damaged.
        """
        stored = self.index().get(name, [])
        if not stored:
            raise StoreError(f"{self.where(name)}: missing; run the command that trains it")
        if runs is not None:
            wanted = len(self.layout(name, runs))
            stored = [*stored, *[False] * wanted][:wanted]
        if not all(stored):
            raise StoreError(
                f"{self.where(name)}: only {sum(stored)} of {len(stored)} shards are there; run "
                "the same command again to train the rest"
            )
        whole = join([self.shard(name, rank) for rank in range(len(stored))])
        return whole if runs is None else next(split(whole, runs))

    def layout(self, name: str, seeds: int) -> list[range]:
        """The run indices of each shard of a cell with so many runs.

        Raises:
            StoreError: the cell stored under that name is damaged.
        """
        there = self.index().get(name)
        if there is None or not self.grows:
            return chunks(seeds, SHARD_RUNS)
        known = [
            runs_of(self.head(name, rank).seeds) if exists else None
            for rank, exists in enumerate(there)
        ]
        try:
            return layout(known, seeds, SHARD_RUNS)
        except ValueError as error:
            raise StoreError(f"{self.where(name)}: {error}; choose another folder") from None

    def missing(
        self,
        name: str,
        problem: AnyProblem,
        seeds: int,
        steps: int,
        log_at: str = "geometric:64",
        engine: str = "span",
        device: str = "cpu",
    ) -> list[int]:
        """Which shards of this cell are still to be trained.

        Raises:
            StoreError: the cell stored under that name is damaged, or was trained with other
                arguments.
        """
        where = self.where(name)
        parts = self.layout(name, seeds)
        there = self.index().get(name)
        if there is None:
            return list(range(len(parts)))
        if self.grows:
            there = [*there, *[False] * len(parts)][: len(parts)]
        logged = _logged(log_at, steps)
        how = {"engine": engine, "device": device}
        if len(there) != len(parts) or any(
            self.made(name, rank) != making(problem, parts[rank], logged, how)
            for rank, exists in enumerate(there)
            if exists
        ):
            raise StoreError(
                f"{where}: was made with other settings "
                f"({self._differences(name, there, parts, problem, logged, how)}); choose another "
                "folder"
            )
        return [rank for rank, exists in enumerate(there) if not exists]

    def _differences(
        self,
        name: str,
        there: Sequence[bool],
        parts: Sequence[range],
        problem: AnyProblem,
        logged: NDArray[np.int64],
        how: Mapping[str, str],
    ) -> str:
        """How the stored shards differ from the shards asked for."""
        ranks = [rank for rank, exists in enumerate(there) if exists]
        heads = [self.head(name, rank) for rank in ranks]
        # of an unfinished cell the seeds still to come are known by their number of shards
        asked_ranks = ranks if len(there) == len(parts) else range(len(parts))
        asked = {
            **problem.fields(),
            "seeds": [seed for rank in asked_ranks for seed in parts[rank]],
            "logged": logged.tolist(),
            **how,
        }
        every = [
            {
                **head.problem.fields(),
                "seeds": [seed for part in heads for seed in part.seeds.tolist()],
                "logged": head.steps.tolist(),
                **{key: head.provenance.get(key) for key in how},
            }
            for head in heads
        ]
        return differences(next((stored for stored in every if stored != asked), every[0]), asked)

    def load(
        self,
        name: str,
        problem: AnyProblem,
        seeds: int,
        steps: int,
        log_at: str = "geometric:64",
        engine: str = "span",
        device: str = "cpu",
    ) -> Trajectory | None:
        """The stored trajectory if it is what `train` would return for these arguments.

        Returns:
            The trajectory, bit-identical to what was saved; None while it is not complete.

        Raises:
            StoreError: the cell stored under that name is damaged, or was trained with other
                arguments.
        """
        lacking = self.missing(name, problem, seeds, steps, log_at, engine, device)
        return None if lacking else self.read(name, seeds)

    def dataset(self, *, pad: bool = False) -> xr.Dataset:
        """All whole cells as one Dataset; see `bofcheck.simulate.store.lazy.assemble`."""
        from .lazy import assemble  # imports xarray, which few commands need

        return assemble(self, self.names(), pad=pad)

    def tree(self) -> xr.DataTree:
        """A DataTree with a Dataset for each cell, numbers read when they are used.

        Each has dimensions (seed, step, quantity), of its own lengths.
        """
        from .lazy import assemble_tree

        return assemble_tree(self, self.names())


@lru_cache(maxsize=16)
def _logged(log_at: str, steps: int) -> NDArray[np.int64]:
    """`log_steps` with a cache, since all cells of a sweep have the same steps."""
    return log_steps(log_at, steps)
