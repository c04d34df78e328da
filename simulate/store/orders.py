"""`CellOrder`: a cell to store. `ShardTask`: one of its shards. `Executor`: trains shards."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from ..model_problem import AnyProblem
from ..trajectory import Trajectory


@dataclass(frozen=True, slots=True)
class CellOrder:
    """A cell to train.

    Attributes:
        name: name of the cell.
        problem: the problem to train.
        seeds: number of runs of the whole cell.
        steps: gradient steps of each run.
        engine: as for `train`, like ``log_at`` and ``device``.
        log_at: log schedule.
        device: where to train.

    Example:
        >>> from bofcheck.simulate import Problem, train
        >>> order = CellOrder("small", Problem(n_samples=4, dim=100), seeds=2, steps=10)
        >>> train(order.problem, seeds=order.seeds, **order.how())["train_loss"].shape
        (2, 11)
    """

    name: str
    problem: AnyProblem
    seeds: int
    steps: int
    engine: str = "span"
    log_at: str = "geometric:64"
    device: str = "cpu"

    def how(self) -> dict[str, Any]:
        """The arguments of `train` for it, without the runs.

        >>> from bofcheck.simulate import Problem
        >>> CellOrder("a", Problem(n_samples=4), 3, 10, log_at="every:5").how()
        {'steps': 10, 'engine': 'span', 'log_at': 'every:5', 'device': 'cpu'}
        """
        return {
            "steps": self.steps, "engine": self.engine, "log_at": self.log_at,
            "device": self.device,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class ShardTask:
    """Some runs of a cell, to train in one call.

    Attributes:
        order: the cell.
        rank: index of the shard in the cell, from 0.
        of: number of shards in the cell.
        seeds: the shard's run indices.

    Example:
        >>> from bofcheck.simulate import Problem
        >>> order = CellOrder("small", Problem(n_samples=4, dim=100), seeds=100, steps=10)
        >>> task = ShardTask(order, rank=1, of=2, seeds=range(64, 100))  # the second of its shards
        >>> task.order.name, len(task.seeds)
        ('small', 36)
    """

    order: CellOrder
    rank: int
    of: int
    seeds: range


#: report(task, gradient steps its runs have taken).
Report = Callable[[ShardTask, int], None]


class Executor(Protocol):
    """Trains shards, without knowing where they are kept.

    `local_workers` and `running_cluster` provide an implementation, `ClusterExecutor`.

    Attributes:
        capacity: number of shards trained at a time.
    """

    capacity: int

    def train(
        self, tasks: Iterator[ShardTask], report: Report
    ) -> Generator[tuple[ShardTask, Trajectory]]:
        """Train shards and yield each when it is done, in any order.

        Takes only as many tasks ahead as it needs to keep its workers busy; closing the iterator
        cancels running tasks.

        Raises:
            SimulationError: a task cannot be trained, or the executor is lost.
        """
