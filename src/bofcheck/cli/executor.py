"""Where training runs: in this process, in worker processes on this machine, or on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..simulate.executors.cluster import ClusterExecutor


@contextmanager
def chosen_executor(workers: int | None, scheduler: str | None) -> Iterator[ClusterExecutor | None]:
    """The executor that ``--workers`` or ``--scheduler`` asks for, None for this process alone.

    Args:
        workers: number of processes on this machine.
        scheduler: address of a dask scheduler.

    Raises:
        click.UsageError: both are given.
        ClusterError: the workers cannot be started, or the cluster cannot be reached.
    """
    if workers is not None and scheduler is not None:
        raise click.UsageError("Give either --workers or --scheduler")
    if workers is None and scheduler is None:
        yield None
        return
    from ..simulate.executors import local_workers, running_cluster

    context = local_workers(workers) if workers is not None else running_cluster(scheduler or "")
    with context as executor:
        yield executor
