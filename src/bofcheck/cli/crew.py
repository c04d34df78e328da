"""Who trains: this process, processes of its own, or a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..simulate.executors.cluster import ClusterCrew


@contextmanager
def hired(workers: int | None, scheduler: str | None) -> Iterator[ClusterCrew | None]:
    """The crew that ``--workers`` or ``--scheduler`` asks for, None for this process alone.

    Args:
        workers: number of processes on this machine.
        scheduler: address of a dask scheduler.

    Raises:
        click.UsageError: both are given.
        ClusterError: no such crew can be had.
    """
    if workers is not None and scheduler is not None:
        raise click.UsageError("Give either --workers or --scheduler")
    if workers is None and scheduler is None:
        yield None
        return
    from ..simulate.executors import local_workers, running_cluster

    chosen = local_workers(workers) if workers is not None else running_cluster(scheduler or "")
    with chosen as crew:
        yield crew
