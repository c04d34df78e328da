"""Train what a store still lacks of a cell, shard by shard."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from ..errors import ShardExistsError
from ..problem import Problem
from ..runlog import check_log
from ..schedule import log_steps
from ..train import train
from ..trajectory import Trajectory
from .base import SHARD_RUNS, Store
from .shards import Shard, chunks


def fill(
    store: Store,
    name: str,
    problem: Problem,
    *,
    seeds: int,
    steps: int,
    engine: str = "span",
    log_at: str = "geometric:64",
    device: str = "cpu",
    progress: Callable[[int], None] | None = None,
    trainer: Callable[..., Trajectory] | None = None,
) -> int:
    """Train the runs of a cell that a store lacks, and keep each shard as soon as it is done.

    A run's numbers do not depend on the runs beside it, so the cell is the same to the last
    bit however often this was interrupted.

    Args:
        store: where the cell is kept.
        name: of the cell.
        problem: what to train.
        seeds: number of runs of the whole cell.
        steps: as for `train`, like ``engine``, ``log_at`` and ``device``.
        engine: as for `train`.
        log_at: as for `train`.
        device: as for `train`.
        progress: called with the share of the cell that is done, counted in gradient steps.
        trainer: called instead of `train`, in the same way.

    Returns:
        How many shards were trained.

    Raises:
        EngineError: a shard's log would not fit into memory.
        StoreError: what is stored of the cell is damaged, or was made otherwise.
        StoreWriteError: a shard could not be written.
    """
    check_log(min(seeds, SHARD_RUNS), len(log_steps(log_at, steps)))
    lacking = store.missing(name, problem, seeds, steps, log_at, engine, device)
    parts = chunks(seeds, SHARD_RUNS)
    for rank in lacking:
        before = parts[rank].start
        share = len(parts[rank])

        def report(done: int, before: int = before, share: int = share) -> None:
            if progress is not None:
                progress((before * steps + share * done) // seeds)

        trajectory = (trainer or train)(
            problem,
            seeds=list(parts[rank]),
            steps=steps,
            engine=engine,
            log_at=log_at,
            device=device,
            progress=report,
        )
        with suppress(ShardExistsError):  # another process was quicker, with the same numbers
            store.add(Shard(name, rank, len(parts), trajectory))
    return len(lacking)


def train_stored(
    store: Store,
    name: str,
    problem: Problem,
    *,
    seeds: int,
    steps: int,
    engine: str = "span",
    log_at: str = "geometric:64",
    device: str = "cpu",
    progress: Callable[[int], None] | None = None,
    trainer: Callable[..., Trajectory] | None = None,
) -> Trajectory:
    """`fill`, then the whole trajectory as the store gives it back.

    Example:
        >>> import tempfile
        >>> from .folder import TrajectoryStore
        >>> problem = Problem(n_samples=4, dim=100)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = TrajectoryStore(folder, {})
        ...     again = train_stored(store, "a", problem, seeds=100, steps=3)
        ...     again["train_loss"].shape, store.index()
        ((100, 4), {'a': [True, True]})
    """
    check_log(seeds, len(log_steps(log_at, steps)))
    fill(
        store, name, problem, seeds=seeds, steps=steps, engine=engine, log_at=log_at,
        device=device, progress=progress, trainer=trainer,
    )  # fmt: skip
    return store.read(name)
