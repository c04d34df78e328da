"""Where experiments are kept, and how long the missing cells take to train."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ....._version import __version__
from .....simulate import TrajectoryStore
from .....simulate.estimate import estimate_seconds
from .....simulate.store import Store
from .....simulate.sweep import Sweep
from ....cells import Cell
from ._experiment import Experiment


def default_folder(preset: str) -> Path:
    """The default folder for the results of all experiments of a preset.

    >>> default_folder("quick").as_posix()
    'results/paper-quick'
    """
    return Path("results") / f"paper-{preset}"


def experiment_store(
    preset: str, folder: str | Path | None = None, seeds: int | None = None
) -> TrajectoryStore:
    """The store all experiments of a preset share.

    Args:
        preset: preset of the experiments.
        folder: the store's folder; None for `default_folder`.
        seeds: runs of every cell; None for each experiment's number.

    Raises:
        StoreError: the folder holds something else.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = experiment_store("quick", folder, seeds=2)
        ...     store.names(), store.settings["preset"], store.settings["seeds"]
        ([], 'quick', 2)
    """
    settings = {"command": "reproduce", "bofcheck": __version__, "preset": preset, "seeds": seeds}
    return TrajectoryStore(folder or default_folder(preset), settings)


def work(cell: Cell) -> int:
    """The cost of a run of a cell in units of steps at N = 20; a start costs 6,000 of them.

    A step's flops grow as n²r, taken as (N + 2)³ here.

    >>> from . import get_experiment
    >>> cell = get_experiment("fig5").cells["paper"][0]
    >>> cell.problem.n_samples, cell.steps, work(cell)
    (100, 2000, 205325)
    """
    step = ((cell.problem.n_samples + 2) / 22) ** 3
    return round(6_000 + cell.steps * step)


def estimate_training(
    experiments: Iterable[Experiment], preset: str, store: Store, seeds: int | None = None
) -> tuple[int, int, float]:
    """The cells of some experiments that a store lacks, and how long they take at most.

    A probe of a cell of medium cost measures how long a unit of `work` takes; runs that end at
    their target loss take less.

    Args:
        experiments: the experiments to run.
        preset: their size.
        store: where cells are looked up.
        seeds: runs of every cell; None for each experiment's number.

    Returns:
        Cells to train, runs in them, and seconds.

    Raises:
        StoreError: a stored cell is damaged, or was trained with other settings.

    Example:
        >>> import tempfile
        >>> from dataclasses import replace
        >>> from . import get_experiment
        >>> cell = replace(get_experiment("fig6").cells["quick"][0], steps=5, log_at="every:5")
        >>> first = replace(get_experiment("fig6"), cells={"quick": (cell,)}, seeds={"quick": 2},
        ...                 settings={"quick": ()})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     cells, runs, seconds = estimate_training(
        ...         [first], "quick", experiment_store("quick", folder)
        ...     )
        >>> cells, runs, seconds > 0
        (1, 2, True)
    """
    lacking: dict[Cell, int] = {}
    for experiment in experiments:
        runs = experiment.seeds[preset] if seeds is None else seeds
        for cell in experiment.trained(preset):
            if cell not in lacking and store.missing(
                cell.name, cell.problem, runs, cell.steps, cell.log_at
            ):
                lacking[cell] = runs
    if not lacking:
        return 0, 0, 0.0
    ranked = sorted(lacking, key=work)
    cell = ranked[len(ranked) // 2]
    probe = Sweep(
        "probe", {cell.name: cell.problem}, min(8, lacking[cell]), cell.steps, cell.log_at
    )
    unit = estimate_seconds(probe) / probe.runs / work(cell)
    total = sum(work(cell) * runs for cell, runs in lacking.items())
    return len(lacking), sum(lacking.values()), unit * total
