"""`Shard`: some runs of one cell, and how a cell is cut into shards and put together again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..problem import Problem
from ..trajectory import Trajectory

#: Fields of a `Trajectory` that hold one number a run.
PER_RUN = tuple(
    one.name
    for one in fields(Trajectory)
    if one.name not in {"problem", "steps", "quantities", "provenance"}
)


@dataclass(frozen=True)
class Shard:
    """Some runs of one cell.

    Attributes:
        cell: the cell's name.
        rank: which shard of the cell, from 0.
        of: how many shards make up the cell.
        trajectory: the runs.
    """

    cell: str
    rank: int
    of: int
    trajectory: Trajectory

    @property
    def made(self) -> str:
        """Checksum of what its numbers depend on."""
        one = self.trajectory
        return making(one.problem, one.seeds, one.steps, one.provenance)


@dataclass(frozen=True)
class Head:
    """What a shard says about itself before its numbers are read.

    Attributes:
        problem: what was trained.
        seeds: (R,) run indices of this shard.
        steps: (T,) logged steps.
        quantities: names of the logged quantities.
        provenance: as in `Trajectory`.
    """

    problem: Problem
    seeds: NDArray[np.int64]
    steps: NDArray[np.int64]
    quantities: tuple[str, ...]
    provenance: dict[str, Any]

    @property
    def made(self) -> str:
        """Checksum of what the shard's numbers depend on."""
        return making(self.problem, self.seeds, self.steps, self.provenance)


class ShardSource(Protocol):
    """What reading needs of a store; every `Store` offers it."""

    settings: dict[str, Any]

    def where(self, name: str) -> str:
        """Where a cell is kept, for messages."""

    def index(self) -> Mapping[str, list[bool]]:
        """Every cell of which anything is stored: for each of its shards whether it exists."""

    def shard(self, name: str, rank: int) -> Trajectory:
        """The runs of one shard that exists."""

    def head(self, name: str, rank: int) -> Head:
        """What one shard that exists says about itself."""


def making(
    problem: Problem,
    seeds: NDArray[np.int64] | Sequence[int],
    steps: NDArray[np.int64],
    provenance: Mapping[str, Any],
) -> str:
    """Checksum of all that a shard's numbers depend on, machine and versions aside.

    Args:
        problem: what is trained.
        seeds: (R,) run indices.
        steps: (T,) logged steps.
        provenance: of which ``engine`` and ``device`` count.

    Example:
        >>> on_cpu = {"engine": "span", "device": "cpu"}
        >>> one = making(Problem(), range(2), np.array([0, 1]), on_cpu)
        >>> one == making(Problem(), np.arange(2), np.array([0, 1]), on_cpu | {"threads": 2})
        True
        >>> one == making(Problem(), range(3), np.array([0, 1]), on_cpu)
        False
    """
    chosen = [problem.model_dump(), provenance.get("engine"), provenance.get("device")]
    digest = hashlib.sha256(json.dumps(chosen, sort_keys=True).encode())
    for numbers in (np.asarray(seeds, dtype="<i8"), np.asarray(steps, dtype="<i8")):
        digest.update(f"\n{len(numbers)}\n".encode() + numbers.tobytes())
    return digest.hexdigest()[:32]


def chunks(count: int, size: int) -> list[range]:
    """Indices 0 … count-1, ``size`` at a time.

    >>> chunks(5, 2)
    [range(0, 2), range(2, 4), range(4, 5)]
    """
    return [range(first, min(first + size, count)) for first in range(0, count, size)]


def split(trajectory: Trajectory, size: int) -> Iterator[Trajectory]:
    """The same runs, at most ``size`` to a trajectory; one that fits is passed on as it is."""
    if len(trajectory.seeds) <= size:
        yield trajectory
        return
    for part in chunks(len(trajectory.seeds), size):
        rows = slice(part.start, part.stop)
        yield replace(
            trajectory,
            quantities={name: array[rows] for name, array in trajectory.quantities.items()},
            **{name: getattr(trajectory, name)[rows] for name in PER_RUN},
        )


def join(parts: Sequence[Trajectory]) -> Trajectory:
    """The trajectory of which these are the parts, in that order.

    Provenance on which the parts agree is kept, training times are added, and where parts
    differ (one was made with other threads) the distinct values stand in a list.
    """
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    per_run: dict[str, Any] = {
        name: np.concatenate([getattr(one, name) for one in parts]) for name in PER_RUN
    }
    return replace(
        first,
        quantities={
            name: np.concatenate([one.quantities[name] for one in parts])
            for name in first.quantities
        },
        provenance=_merge([dict(one.provenance) for one in parts]),
        **per_run,
    )


def _merge(provenances: list[dict[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for key in dict.fromkeys(key for one in provenances for key in one):
        values = [one[key] for one in provenances if key in one]
        if key.endswith("_seconds"):
            merged[key] = sum(values)
            continue
        distinct = [value for rank, value in enumerate(values) if value not in values[:rank]]
        merged[key] = distinct[0] if len(distinct) == 1 else distinct
    return merged
