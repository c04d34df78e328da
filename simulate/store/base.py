"""`Store`: what any store of trajectories offers, on top of keeping and giving back shards."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ..errors import StoreError
from ..problem import Problem
from ..schedule import log_steps
from ..trajectory import Trajectory
from .lazy import assemble, assemble_tree
from .settings import differences
from .shards import Head, Shard, chunks, join, making, split

#: Most runs in a shard; what is under way when a process is killed is at most one shard.
SHARD_RUNS = 64


class Store(ABC):
    """Trajectories by name, each kept as shards of at most `SHARD_RUNS` runs.

    A new kind of store offers the four abstract methods and passes the conformance tests.
    A cell exists once all of its shards do; what is stored never changes. `TrajectoryStore`,
    which keeps shards in a folder, is one.

    Attributes:
        settings: what must be equal for results to share the store.
    """

    settings: dict[str, Any]

    @abstractmethod
    def where(self, name: str) -> str:
        """Where a cell is kept, for messages.

        Raises:
            StoreError: cells cannot be called that.
        """

    @abstractmethod
    def index(self) -> Mapping[str, list[bool]]:
        """Every cell of which anything is stored: for each of its shards whether it is there.

        Raises:
            StoreError: the index is damaged.
        """

    @abstractmethod
    def add(self, shard: Shard) -> None:
        """Keep one shard for good; it exists once this returns, or not at all.

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
        """What one shard that exists says about itself.

        Raises:
            StoreError: it is damaged.
        """

    def made(self, name: str, rank: int) -> str:
        """Checksum of what the numbers of a shard that exists depend on; see `making`.

        Raises:
            StoreError: it is damaged.
        """
        return self.head(name, rank).made

    def check_writable(self) -> None:  # noqa: B027  (most kinds of store have nothing to check)
        """Find out before a long run, not after it, that shards cannot be kept.

        Raises:
            StoreError: if so.
        """

    def names(self) -> list[str]:
        """Names of the cells that are there as a whole, sorted."""
        return sorted(name for name, there in self.index().items() if all(there))

    def save(self, name: str, trajectory: Trajectory) -> None:
        """Keep a whole trajectory under that name for good.

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

    def read(self, name: str) -> Trajectory:
        """The trajectory of that name.

        Raises:
            StoreError: there is none, it is not there as a whole, or it is damaged.
        """
        there = self.index().get(name, [])
        if not there:
            raise StoreError(f"{self.where(name)}: missing; run the command that makes it")
        if not all(there):
            raise StoreError(
                f"{self.where(name)}: only {sum(there)} of {len(there)} shards are there; run the "
                "same command again to make the others"
            )
        return join([self.shard(name, rank) for rank in range(len(there))])

    def missing(
        self,
        name: str,
        problem: Problem,
        seeds: int,
        steps: int,
        log_at: str = "geometric:64",
        engine: str = "span",
        device: str = "cpu",
    ) -> list[int]:
        """Which shards of this cell are still to be made.

        Raises:
            StoreError: what is stored under that name is damaged, or was made otherwise than
                `train` would make it for these arguments.
        """
        where = self.where(name)
        parts = chunks(seeds, SHARD_RUNS)
        there = self.index().get(name)
        if there is None:
            return list(range(len(parts)))
        logged = _logged(log_at, steps)
        how = {"engine": engine, "device": device}
        if len(there) != len(parts) or any(
            self.made(name, rank) != making(problem, parts[rank], logged, how)
            for rank, found in enumerate(there)
            if found
        ):
            raise StoreError(
                f"{where}: was made otherwise "
                f"({self._otherwise(name, there, parts, problem, logged, how)}); choose another "
                "folder"
            )
        return [rank for rank, found in enumerate(there) if not found]

    def _otherwise(
        self,
        name: str,
        there: Sequence[bool],
        parts: Sequence[range],
        problem: Problem,
        logged: NDArray[np.int64],
        how: Mapping[str, str],
    ) -> str:
        """What tells the shards that are there from those asked for."""
        ranks = [rank for rank, found in enumerate(there) if found]
        heads = [self.head(name, rank) for rank in ranks]
        # of an unfinished cell the seeds still to come are known by their number of shards
        asked_ranks = ranks if len(there) == len(parts) else range(len(parts))
        asked = {
            **problem.model_dump(),
            "seeds": [seed for rank in asked_ranks for seed in parts[rank]],
            "logged": logged.tolist(),
            **how,
        }
        every = [
            {
                **head.problem.model_dump(),
                "seeds": [seed for one in heads for seed in one.seeds.tolist()],
                "logged": head.steps.tolist(),
                **{key: head.provenance.get(key) for key in how},
            }
            for head in heads
        ]
        return differences(next((one for one in every if one != asked), every[0]), asked)

    def load(
        self,
        name: str,
        problem: Problem,
        seeds: int,
        steps: int,
        log_at: str = "geometric:64",
        engine: str = "span",
        device: str = "cpu",
    ) -> Trajectory | None:
        """The stored trajectory if it is what `train` would return for these arguments.

        Returns:
            The trajectory, bit-identical to the one saved; None while it is not complete.

        Raises:
            StoreError: what is stored under that name is damaged, or was made otherwise.
        """
        lacking = self.missing(name, problem, seeds, steps, log_at, engine, device)
        return None if lacking else self.read(name)

    def dataset(self, *, pad: bool = False) -> xr.Dataset:
        """All whole cells as one Dataset; see `bofcheck.simulate.store.lazy.assemble`."""
        return assemble(self, self.names(), pad=pad)

    def tree(self) -> xr.DataTree:
        """One Dataset a cell, gathered in a DataTree, numbers read when they are used.

        Each has dimensions (seed, step, quantity), of its own lengths.
        """
        return assemble_tree(self, self.names())


@lru_cache(maxsize=16)
def _logged(log_at: str, steps: int) -> NDArray[np.int64]:
    """As `log_steps`, kept: all cells of a sweep ask for the same."""
    return log_steps(log_at, steps)
