"""`hand_out`: cells that a store lacks, trained by an executor before they are read one by one."""

from __future__ import annotations

from collections.abc import Iterable

from ..simulate import CellOrder, fill_cells
from ..simulate.store import Executor, Progress, Store
from .cells import Cell


def hand_out(
    executor: Executor,
    store: Store,
    cells: Iterable[tuple[Cell, int, str]],
    progress: Progress | None,
    total: int,
) -> None:
    """Have an executor train what a store lacks of some cells.

    Args:
        executor: what trains.
        store: where the cells are kept.
        cells: each with its number of runs and its log schedule; one may come twice.
        progress: called with a cell's name, work done and ``total``.
        total: work in all, in whatever unit.

    Raises:
        SimulationError: a cell cannot be trained or kept, or the executor is lost.
    """
    orders = dict.fromkeys(
        CellOrder(cell.name, cell.problem, runs, cell.steps, log_at=log_at)
        for cell, runs, log_at in cells
    )

    def report(name: str, done: int, steps: int) -> None:
        if progress is not None:
            progress(name, total * done // steps, total)

    fill_cells(store, list(orders), executor=executor, progress=report)
