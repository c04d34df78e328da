"""A worker's task: train one shard, report progress, and stop when it is cancelled."""

from __future__ import annotations

import time
from typing import Any

from numba import set_num_threads
from numba.core import config

from ..numerics.ram import keep_freed_memory
from ..problem import Problem
from ..store.orders import CellOrder, ShardTask
from ..train import train
from ..trajectory import Trajectory

#: Seconds between two reports of progress.
_REPORT = 0.5


class AbandonedError(Exception):
    """The shard is no longer wanted."""


def torch_threads(order: CellOrder) -> int | None:
    """Torch's number of threads here, None where the cell is trained without torch.

    Sums depend on it, so workers use the driver's number.
    """
    if order.engine == "span" and isinstance(order.problem, Problem):
        return None
    import torch

    return torch.get_num_threads()


def train_shard(task: ShardTask, topic: str, threads: int | None) -> Trajectory:
    """Train one shard in a worker of a cluster.

    Args:
        task: the shard to train.
        topic: where to report progress, as (cell, rank, steps).
        threads: for torch; None where it is not used.

    Raises:
        AbandonedError: the task was cancelled, or the worker is being closed.
        SimulationError: it cannot be trained.
    """
    from distributed import get_worker

    worker = get_worker()
    key = worker.get_current_task()
    keep_freed_memory()
    # a worker that trains several shards at a time shares its cores among them
    set_num_threads(max(1, config.NUMBA_NUM_THREADS // worker.state.nthreads))
    if threads is not None:
        import torch

        torch.set_num_threads(threads)
    order = task.order
    reported = 0.0

    def report(steps: int) -> None:
        nonlocal reported
        if not _wanted(worker, key):
            raise AbandonedError
        if time.monotonic() - reported >= _REPORT:
            reported = time.monotonic()
            worker.log_event(topic, (order.name, task.rank, steps))

    return train(order.problem, seeds=list(task.seeds), progress=report, **order.how())


def _wanted(worker: Any, key: object) -> bool:
    """Whether the scheduler still wants this worker to run that task."""
    known = worker.state.tasks.get(key)
    leaving = worker.status.name in ("closing", "closed", "failed")  # a paused worker goes on
    return known is not None and known.state == "executing" and not leaving
