"""Train many departures, in this process or in several."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import torch

from ...simulate.store.atomic import make_folder
from ...simulate.transfer import Setting, spans, train_settings
from .trained import DepartureRuns, Order, lacking, train_order

#: Log steps of a short probe.
_FEW_LOGS = "geometric:2"
#: About how many times as long a step on whole arrays takes.
_WHOLE = 4.0
#: Called with the departure's name, and the runs trained and to be trained in all.
Report = Callable[[str, int, int], None]


def train_orders(
    orders: Sequence[Order], folder: Path, workers: int = 1, report: Report | None = None
) -> list[DepartureRuns]:
    """Train what a folder lacks, then read all of it.

    Args:
        orders: what is wanted.
        folder: keeps a file for each cell; it is made if need be.
        workers: processes; each uses one thread, as small products do not gain from more.
        report: of progress.

    Raises:
        StoreError: a stored file is damaged.
    """
    make_folder(folder)
    missing = [(order, lacking(order, folder)) for order in orders]
    missing = [(order, runs) for order, runs in missing if runs]
    total, done = sum(runs for _, runs in missing), 0
    if workers > 1 and len(missing) > 1:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(workers, context, torch.set_num_threads, (1,)) as pool:
            futures = {pool.submit(_train, order, folder): (order, n) for order, n in missing}
            for future in as_completed(futures):
                future.result()
                order, runs = futures[future]
                done += runs
                if report is not None:
                    report(order.departure().name, done, total)
    else:
        for order, runs in missing:
            train_order(order, folder)
            done += runs
            if report is not None:
                report(order.departure().name, done, total)
    return [train_order(order, folder) for order in orders]


def _train(order: Order, folder: Path) -> None:
    train_order(order, folder)


def estimate(orders: Sequence[Order], folder: Path, workers: int) -> tuple[int, float]:
    """Runs that a folder lacks, and about how many seconds they take.

    From the base's benign cell, trained for a tenth of its steps on one thread; deeper models take
    as much more as they have layers, and whole arrays as much more as they have coordinates.
    """
    missing = [(order, lacking(order, folder)) for order in orders]
    runs = sum(count for _, count in missing)
    if not runs:
        return 0, 0.0
    preset = orders[0].preset
    cell = preset.cells()[0]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        train_settings(cell.setting, runs=cell.runs, steps=5)  # what is loaded once
        began = time.perf_counter()
        train_settings(cell.setting, runs=cell.runs, steps=preset.steps // 10, log_at=_FEW_LOGS)
        one = 10 * (time.perf_counter() - began) / cell.runs
    finally:
        torch.set_num_threads(threads)
    units = sum(count * _effort(order.departure().change(cell.setting)) for order, count in missing)
    return runs, one * units / max(workers, 1)


def _effort(setting: Setting) -> float:
    """How many times as long a step takes as the base's."""
    return setting.architecture.depth * (1.0 if spans(setting) else _WHOLE)
