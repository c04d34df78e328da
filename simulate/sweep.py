"""`Sweep`: many problems trained alike, and the disk space they will take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .errors import SweepError
from .model_problem import AnyProblem
from .quantities import quantities_of
from .schedule import log_steps
from .store import SHARD_RUNS, CellOrder, Executor, Progress, Store, fill_cells

#: Largest number of cells of a sweep.
CELL_LIMIT = 100_000
#: Bytes of a shard file besides its numbers: names, problem, provenance.
_SHARD_OVERHEAD = 9_000


@dataclass(frozen=True)
class Sweep:
    """Cells that differ only in their problem.

    Attributes:
        name: name of the sweep.
        problems: cell name -> its problem.
        seeds: runs per cell.
        steps: gradient steps of each run.
        log_at: log schedule.

    Raises:
        SweepError: the number of cells or of runs is out of range.
        ScheduleError: ``steps`` or ``log_at`` makes no sense.

    Example:
        >>> from bofcheck.simulate import Problem
        >>> problems = {f"N={n}": Problem(n_samples=n, dim=100) for n in (4, 8)}
        >>> sweep = Sweep("two", problems, seeds=3, steps=10, log_at="every:5")
        >>> sweep.runs, sweep.logged
        (6, 3)
    """

    name: str
    problems: Mapping[str, AnyProblem]
    seeds: int
    steps: int
    log_at: str = "geometric:64"

    def __post_init__(self) -> None:
        """Refuse a sweep that cannot be run, before anything is trained."""
        if not 1 <= len(self.problems) <= CELL_LIMIT:
            raise SweepError(
                f"sweep {self.name}: has {len(self.problems):,} cells; from 1 to {CELL_LIMIT:,} "
                "are allowed"
            )
        if not 1 <= self.seeds <= 100_000:
            raise SweepError(f"sweep {self.name}: seeds = {self.seeds}: from 1 to 100,000")
        log_steps(self.log_at, self.steps)

    @property
    def runs(self) -> int:
        """Number of runs of all cells together."""
        return len(self.problems) * self.seeds

    @property
    def logged(self) -> int:
        """Number of log steps of each run."""
        return len(log_steps(self.log_at, self.steps))

    def orders(self, engine: str = "span", device: str = "cpu") -> list[CellOrder]:
        """The cells as orders to a store."""
        return [
            CellOrder(name, problem, self.seeds, self.steps, engine, self.log_at, device)
            for name, problem in self.problems.items()
        ]

    @property
    def disk_bytes(self) -> int:
        """Bytes the store will take, to a few per cent."""
        shards = -(-self.seeds // SHARD_RUNS) * len(self.problems)
        quantities = max(len(quantities_of(problem)) for problem in self.problems.values())
        return 8 * self.runs * self.logged * quantities + shards * _SHARD_OVERHEAD


def missing_runs(sweep: Sweep, store: Store, engine: str = "span", device: str = "cpu") -> int:
    """The number of runs of a sweep that a store lacks.

    Args:
        sweep: the sweep.
        store: the store that keeps its cells.
        engine: as for `train`.
        device: as for `train`.

    Raises:
        StoreError: a cell in the store is damaged, or was trained with other arguments.

    Example:
        >>> import tempfile
        >>> from bofcheck.simulate import TrajectoryStore, fill_cells
        >>> from bofcheck.simulate import Problem
        >>> problems = {f"N={n}": Problem(n_samples=n, dim=100) for n in (4, 8)}
        >>> sweep = Sweep("two", problems, seeds=3, steps=10)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = TrajectoryStore(folder, {})
        ...     _ = fill_cells(store, sweep.orders()[:1])
        ...     missing_runs(sweep, store)
        3
    """
    count = 0
    for name, problem in sweep.problems.items():
        lacking = store.missing(
            name, problem, sweep.seeds, sweep.steps, sweep.log_at, engine, device
        )
        if lacking:
            parts = store.layout(name, sweep.seeds)
            count += sum(len(parts[rank]) for rank in lacking)
    return count


def run_sweep(
    sweep: Sweep,
    store: Store,
    *,
    engine: str = "span",
    device: str = "cpu",
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> None:
    """Train the runs of a sweep that a store lacks, and keep each shard when it is done.

    Args:
        sweep: the sweep.
        store: where the cells are kept.
        engine: as for `train`.
        device: as for `train`.
        executor: trains the runs; None for this process alone.
        progress: called with a cell's name, the steps done and the total steps.

    Raises:
        SimulationError: a cell cannot be trained with this engine, or cannot be kept.

    Example:
        >>> import tempfile
        >>> from bofcheck.simulate import TrajectoryStore
        >>> from bofcheck.simulate import Problem
        >>> problems = {f"N={n}": Problem(n_samples=n, dim=100) for n in (4, 8)}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = TrajectoryStore(folder, {})
        ...     run_sweep(Sweep("two", problems, seeds=3, steps=10), store)
        ...     store.names(), dict(store.dataset().sizes)["seed"]
        (['N=4', 'N=8'], 3)
    """
    fill_cells(store, sweep.orders(engine, device), executor=executor, progress=progress)
