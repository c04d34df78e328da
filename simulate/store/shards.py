"""`Shard`: some runs of a cell; splitting a cell into shards and joining them again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..model_problem import AnyProblem
from ..trajectory import Trajectory

#: Fields of a `Trajectory` that hold one number a run.
PER_RUN = tuple(
    field.name
    for field in fields(Trajectory)
    if field.name not in {"problem", "steps", "quantities", "provenance"}
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
        runs = self.trajectory
        return making(runs.problem, runs.seeds, runs.steps, runs.provenance)


@dataclass(frozen=True)
class Head:
    """A shard's description, which is read before its numbers.

    Attributes:
        problem: the problem that was trained.
        seeds: (R,) run indices of this shard.
        steps: (T,) logged steps.
        quantities: names of the logged quantities.
        provenance: as in `Trajectory`.
    """

    problem: AnyProblem
    seeds: NDArray[np.int64]
    steps: NDArray[np.int64]
    quantities: tuple[str, ...]
    provenance: dict[str, Any]

    @property
    def made(self) -> str:
        """Checksum of what the shard's numbers depend on."""
        return making(self.problem, self.seeds, self.steps, self.provenance)


class ShardSource(Protocol):
    """The part of a store that reading needs; every `Store` has it."""

    settings: dict[str, Any]

    def where(self, name: str) -> str:
        """Where a cell is kept, for messages."""

    def index(self) -> Mapping[str, list[bool]]:
        """Every cell of which anything is stored: for each of its shards whether it exists."""

    def shard(self, name: str, rank: int) -> Trajectory:
        """The runs of one shard that exists."""

    def head(self, name: str, rank: int) -> Head:
        """The head of one shard that exists."""


def making(
    problem: AnyProblem,
    seeds: NDArray[np.int64] | Sequence[int],
    steps: NDArray[np.int64],
    provenance: Mapping[str, Any],
) -> str:
    """Checksum of everything a shard's numbers depend on, except machine and versions.

    Args:
        problem: the problem.
        seeds: (R,) run indices.
        steps: (T,) logged steps.
        provenance: provenance of the runs; only ``engine`` and ``device`` count.

    Example:
        >>> from bofcheck.simulate import Problem
        >>> on_cpu = {"engine": "span", "device": "cpu"}
        >>> two_runs = making(Problem(), range(2), np.array([0, 1]), on_cpu)
        >>> two_runs == making(Problem(), np.arange(2), np.array([0, 1]), on_cpu | {"threads": 2})
        True
        >>> two_runs == making(Problem(), range(3), np.array([0, 1]), on_cpu)
        False
    """
    chosen = [problem.fields(), provenance.get("engine"), provenance.get("device")]
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
    """The same runs, at most ``size`` to a trajectory; a trajectory that fits stays as it is."""
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
    """The trajectory made of these parts, in that order.

    Provenance on which the parts agree is kept and training times are added. Where parts
    differ, as in their number of threads, the distinct values form a list. A quantity that an
    older version did not log is NaN in the parts of that version.
    """
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    per_run: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in PER_RUN
    }
    names = dict.fromkeys(name for part in parts for name in part.quantities)
    return replace(
        first,
        quantities={
            name: np.concatenate(
                [
                    part.quantities.get(name, np.full((len(part.seeds), len(part.steps)), np.nan))
                    for part in parts
                ]
            )
            for name in names
        },
        provenance=_merge([dict(part.provenance) for part in parts]),
        **per_run,
    )


def _merge(provenances: list[dict[str, Any]]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for key in dict.fromkeys(key for provenance in provenances for key in provenance):
        values = [provenance[key] for provenance in provenances if key in provenance]
        if key.endswith("_seconds"):
            merged[key] = sum(values)
            continue
        distinct = [value for rank, value in enumerate(values) if value not in values[:rank]]
        merged[key] = distinct[0] if len(distinct) == 1 else distinct
    return merged
