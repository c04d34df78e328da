"""Train what a store lacks, shard by shard, in this process or with an executor."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, suppress

from ..errors import ShardExistsError
from ..quantities import quantities_of
from ..run_log import check_log
from ..schedule import log_steps
from ..train import train
from ..trajectory import Trajectory
from .base import Store
from .orders import CellOrder, Executor, Report, ShardTask
from .shards import Shard

#: progress(cell name, gradient steps done, gradient steps in all), summed over cells.
Progress = Callable[[str, int, int], None]
Trainer = Callable[..., Trajectory]


def fill_cells(
    store: Store,
    orders: Sequence[CellOrder],
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    trainer: Trainer | None = None,
) -> int:
    """Train the runs of cells that a store lacks, and keep each shard as soon as it is done.

    A run's numbers depend neither on the other runs nor on the process that trains it, so the cells
    are the same to the last bit however often this is interrupted. Only this process writes to the
    store.

    Args:
        store: where the cells are kept.
        orders: the cells, each name once.
        executor: trains the shards; None for this process alone.
        progress: called with the name of the current cell, the steps done and the total steps.
        trainer: called instead of `train`, with the same arguments, if there is no executor.

    Returns:
        The number of shards trained.

    Raises:
        StoreError: a stored cell is damaged or was trained with other arguments, or the store
            cannot be written.
        StoreWriteError: a shard could not be written.
        ClusterError: the executor is lost.

    Example:
        >>> import tempfile
        >>> from bofcheck.simulate import Problem, TrajectoryStore
        >>> orders = [CellOrder(f"N={n}", Problem(n_samples=n, dim=100), 3, 10) for n in (4, 8)]
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = TrajectoryStore(folder, {})
        ...     fill_cells(store, orders), fill_cells(store, orders), store.names()
        (2, 0, ['N=4', 'N=8'])
    """
    tally = _Tally(orders, progress)
    trained = 0
    with closing(
        (executor or _ThisProcess(trainer)).train(_tasks(store, orders, tally), tally.report)
    ) as done:
        for task, trajectory in done:
            with suppress(ShardExistsError):  # stored by another process, with the same numbers
                store.add(Shard(task.order.name, task.rank, task.of, trajectory))
            trained += 1
            tally.finish(task)
    if trained:
        tally.end()
    return trained


def train_stored(
    store: Store,
    order: CellOrder,
    *,
    progress: Progress | None = None,
    trainer: Trainer | None = None,
) -> Trajectory:
    """`fill_cells` for one cell, then its whole trajectory as the store gives it back.

    Args:
        store: where the cell is kept.
        order: the cell.
        progress: as for `fill_cells`.
        trainer: as for `fill_cells`.

    Raises:
        EngineError: the whole log would not fit into memory.
        StoreError: the stored cell is damaged, or was trained with other arguments.
        StoreWriteError: a shard could not be written.

    Example:
        >>> import tempfile
        >>> from bofcheck.simulate import Problem, TrajectoryStore
        >>> order = CellOrder("a", Problem(n_samples=4, dim=100), seeds=100, steps=3)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = TrajectoryStore(folder, {})
        ...     stored = train_stored(store, order)
        ...     stored["train_loss"].shape, store.index()
        ((100, 4), {'a': [True, True]})
    """
    check_log(
        order.seeds,
        len(log_steps(order.log_at, order.steps)),
        len(quantities_of(order.problem)),
    )
    fill_cells(store, [order], progress=progress, trainer=trainer)
    return store.read(order.name, order.seeds)


class _ThisProcess:
    """The executor that trains here, shard after shard."""

    capacity = 1

    def __init__(self, trainer: Trainer | None) -> None:
        self._train = trainer or train

    def train(
        self, tasks: Iterator[ShardTask], report: Report
    ) -> Generator[tuple[ShardTask, Trajectory]]:
        """Train the tasks in their order."""
        for task in tasks:
            order = task.order

            def taken(steps: int, task: ShardTask = task) -> None:
                report(task, steps)

            seeds = list(task.seeds)
            yield task, self._train(order.problem, seeds=seeds, progress=taken, **order.how())


class _Tally:
    """Counts gradient steps of cells, in finished shards and in shards being trained."""

    def __init__(self, orders: Sequence[CellOrder], progress: Progress | None) -> None:
        self._orders = orders
        self._progress = progress
        self._total = sum(order.steps for order in orders)
        self._done = 0.0
        self._under_way: dict[tuple[str, int], float] = {}

    def skip(self, task: ShardTask) -> None:
        """Count a shard that is stored already."""
        self._done += _share(task) * task.order.steps

    def report(self, task: ShardTask, steps: int) -> None:
        """Count that many steps of a shard under way."""
        self._under_way[task.order.name, task.rank] = _share(task) * steps
        self._tell(task.order.name)

    def finish(self, task: ShardTask) -> None:
        """Count a shard that has been stored."""
        self._under_way.pop((task.order.name, task.rank), None)
        self.skip(task)
        self._tell(task.order.name)

    def end(self) -> None:
        """Report that every shard is stored."""
        if self._progress is not None and self._orders:
            self._progress(self._orders[-1].name, self._total, self._total)

    def _tell(self, name: str) -> None:
        if self._progress is not None:
            # sums of shares miss whole numbers by rounding
            done = self._done + sum(self._under_way.values()) + 1e-6
            self._progress(name, min(int(done), self._total), self._total)


def _share(task: ShardTask) -> float:
    """Share of the cell's runs that the task trains."""
    return len(task.seeds) / task.order.seeds


def _tasks(store: Store, orders: Sequence[CellOrder], tally: _Tally) -> Iterator[ShardTask]:
    """Tasks the store lacks, looked up when they are due: another process may fill it too."""
    checked = False
    for order in orders:
        lacking = store.missing(
            order.name, order.problem, order.seeds, order.steps, order.log_at, order.engine,
            order.device,
        )  # fmt: skip
        if lacking and not checked:
            store.check_writable()
            checked = True
        parts = store.layout(order.name, order.seeds)
        for rank, seeds in enumerate(parts):
            task = ShardTask(order, rank, len(parts), seeds)
            if rank in lacking:
                yield task
            else:
                tally.skip(task)
