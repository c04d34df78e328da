"""Train what an experiment's folder still lacks, and read its results."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from ....._version import __version__
from .....simulate import TrajectoryStore, train_stored
from .....simulate.estimate import estimate_seconds
from .....simulate.store import Executor, Store
from .....simulate.sweep import Sweep
from ....cells import Cell, CellResult
from ....errors import CompareError
from ....handing_out import hand_out
from ....verify import analyse
from .experiment import Experiment

#: progress(cell name, work done, work in all), in run steps weighted by their cost.
Progress = Callable[[str, int, int], None]

#: Events of the benign theorem place the stages of every experiment.
_REGIME = "benign"


def default_folder(preset: str) -> Path:
    """Where the results of all experiments of a preset are kept unless the user says otherwise.

    >>> default_folder("quick").as_posix()
    'results/paper-quick'
    """
    return Path("results") / f"paper-{preset}"


def experiment_store(
    preset: str, folder: str | Path | None = None, seeds: int | None = None
) -> TrajectoryStore:
    """The store all experiments of a preset share.

    Args:
        preset: of the experiments.
        folder: where; None for `default_folder`.
        seeds: runs of every cell; None for each experiment's own number.

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


def run_experiment(
    experiment: Experiment,
    preset: str,
    store: Store,
    *,
    seeds: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> tuple[CellResult, ...]:
    """Train the cells of an experiment that a store lacks; then all of them, analysed.

    Args:
        experiment: what to run.
        preset: in which size.
        store: where cells are kept and looked up.
        seeds: runs of every cell; None for the experiment's own number.
        executor: what trains; this process alone if None.
        progress: called with a cell's name and how much of all work is done.

    Raises:
        CompareError: the experiment has no such preset, or too few seeds.
        SimulationError: a cell cannot be trained or kept.

    Example:
        >>> import tempfile
        >>> from . import get_experiment
        >>> values = get_experiment("fig6")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = experiment_store("quick", folder, seeds=1)
        ...     results = run_experiment(values, "quick", store, seeds=1)
        >>> [result.cell.name for result in results] == [c.name for c in values.cells["quick"]]
        True
    """
    cells = experiment.trained(preset)
    runs = experiment.seeds[preset] if seeds is None else seeds
    if runs < 1:
        raise CompareError(f"seeds = {runs}: at least 1 run a cell is needed")
    total, before = sum(map(work, cells)), 0
    if executor is not None:
        hand_out(executor, store, [(cell, runs, cell.log_at) for cell in cells], progress, total)
        progress = None  # all that was to be done is done
    results = []
    for cell in cells:

        def report(done: int, cell: Cell = cell, before: int = before) -> None:
            if progress is not None:
                progress(cell.name, before + work(cell) * done // cell.steps, total)

        trajectory = train_stored(
            store, cell.name, cell.problem, seeds=runs, steps=cell.steps, log_at=cell.log_at,
            progress=report,
        )  # fmt: skip
        results.append(analyse(cell, trajectory, _REGIME))
        before += work(cell)
    return tuple(results)


def read_experiment(experiment: Experiment, preset: str, store: Store) -> tuple[CellResult, ...]:
    """The results of an experiment all of whose cells are stored.

    Args:
        experiment: which.
        preset: in which size.
        store: where its cells are kept.

    Returns:
        Its cells in their order, analysed.

    Raises:
        CompareError: the experiment has no such preset.
        StoreError: a cell is missing or damaged.

    Example:
        >>> import tempfile
        >>> from dataclasses import replace
        >>> from . import get_experiment
        >>> cell = replace(get_experiment("fig6").cells["quick"][0], steps=5, log_at="every:5")
        >>> first = replace(get_experiment("fig6"), cells={"quick": (cell,)}, seeds={"quick": 2},
        ...                 settings={"quick": ()})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = experiment_store("quick", folder)
        ...     _ = run_experiment(first, "quick", store)
        ...     (result,) = read_experiment(first, "quick", store)
        >>> result.cell.name, result.trajectory["test_loss"].shape
        ('fig6-sigma8', (2, 2))
    """
    cells = experiment.trained(preset)
    return tuple(analyse(cell, store.read(cell.name), _REGIME) for cell in cells)


def work(cell: Cell) -> int:
    """What a run of a cell costs, in steps at N = 20: a start costs as many as 6,000.

    A step's flops grow as n²r, here (N + 2)³.

    >>> from . import get_experiment
    >>> cell = get_experiment("fig5").cells["paper"][0]
    >>> cell.problem.n_samples, cell.steps, work(cell)
    (100, 2000, 205325)
    """
    step = ((cell.problem.n_samples + 2) / 22) ** 3
    return round(6_000 + cell.steps * step)


def distinct_cells(experiments: Iterable[Experiment], preset: str) -> tuple[Cell, ...]:
    """The cells of some experiments, each once.

    Raises:
        CompareError: two different cells have one name.
    """
    cells = dict.fromkeys(cell for one in experiments for cell in one.trained(preset))
    names: dict[str, Cell] = {}
    for cell in cells:
        if names.setdefault(cell.name, cell) != cell:
            raise CompareError(f"preset {preset!r}: {cell.name!r} names two different cells")
    return tuple(cells)


def estimate_training(
    experiments: Iterable[Experiment], preset: str, store: Store, seeds: int | None = None
) -> tuple[int, int, float]:
    """What a store lacks of some experiments, and how long that takes at most.

    One probe of a cell of middling cost tells how long a unit of `work` takes; runs that end at
    their target loss take less.

    Args:
        experiments: what is to be run.
        preset: in which size.
        store: where cells are looked up.
        seeds: runs of every cell; None for each experiment's own number.

    Returns:
        Cells to train, runs in them, and seconds.

    Raises:
        StoreError: a stored cell is damaged, or was made otherwise.
    """
    lacking: dict[Cell, int] = {}
    for one in experiments:
        runs = one.seeds[preset] if seeds is None else seeds
        for cell in one.trained(preset):
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
