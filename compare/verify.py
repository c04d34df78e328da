"""`verify`: train a preset's cells, fit constants, decide claims."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from ..simulate import CellOrder, Trajectory, fill_cells, train
from ..simulate.engines import get_engine
from ..simulate.store import Executor, Progress, Store
from ..theory import check_assumptions, get_theorem
from .cells import Cell, CellResult, Study, theory_values
from .errors import CompareError
from .events import detect_events
from .fitting.constants import fit_constants
from .fitting.leave_one_out import LeftOut, leave_out
from .papers.zhang2025.designs import Preset, get_preset
from .papers.zhang2025.ledger import decide_claims
from .verdict import Verdict

REGIMES = ("benign", "harmful")


@dataclass(frozen=True)
class Settings:
    """What the user asked for.

    Attributes:
        regime: ``"benign"``, ``"harmful"`` or ``"both"``.
        preset: name of the design of cells.
        seeds: runs per cell; None for the preset's own number.
        engine: ``"span"`` or ``"direct"``.
        device: where the direct engine computes.

    Example:
        >>> settings = Settings(regime="benign", seeds=4)
        >>> settings.regimes(), settings.preset, Settings().regimes()
        (('benign',), 'quick', ('benign', 'harmful'))
    """

    regime: str = "both"
    preset: str = "quick"
    seeds: int | None = None
    engine: str = "span"
    device: str = "cpu"

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)

    def regimes(self) -> tuple[str, ...]:
        """The regimes to study.

        Raises:
            CompareError: if the regime is unknown.
        """
        if self.regime == "both":
            return REGIMES
        if self.regime not in REGIMES:
            raise CompareError(f"regime {self.regime!r}: choose benign, harmful or both")
        return (self.regime,)


class AnySettings(Protocol):
    """What was asked for, as a report keeps it."""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""


@dataclass(frozen=True)
class Verification:
    """What came of it.

    Attributes:
        settings: what was asked for.
        studies: one a regime.
        verdicts: of every claim.
        left_out: fits without the largest values of one number, judged there.

    Example:
        >>> from bofcheck.compare.userdata import verify_theorem
        >>> from bofcheck.theory import neighbours
        >>> made = verify_theorem(neighbours()["kou2023"], seeds=2)
        >>> [(one.claim, one.status.value) for one in made.verdicts], made.of_paper
        ([('K1', 'OUT_OF_SCOPE'), ('K2', 'OUT_OF_SCOPE')], False)
        >>> [result.cell.name for result in made.studies[0].results]
        ['k-cal', 'k-out', 'k-weak']
    """

    settings: AnySettings
    studies: tuple[Study[Any], ...]
    verdicts: tuple[Verdict, ...]
    left_out: tuple[LeftOut, ...] = ()

    @property
    def of_paper(self) -> bool:
        """Whether the paper's own theorems were checked, and not one of the user's."""
        return isinstance(self.settings, Settings)


def verify(
    settings: Settings,
    *,
    store: Store | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Train, fit and decide.

    Args:
        settings: what to check and how.
        store: where trained cells are kept and looked up.
        executor: what trains the cells the store lacks; this process alone if None.
        progress: called with the cell's name, steps done and steps in all.

    Returns:
        One study a regime, and a verdict for each claim decided on a preset's cells.

    Raises:
        CompareError: for an unknown regime or preset, too few seeds, or an engine that stores
            whole weights where the preset has cells that are only sampled.
        SimulationError: if the engine is unknown, or a cell cannot be trained with this engine.

    Example:
        >>> made = verify(Settings(regime="benign", preset="quick"))  # doctest: +SKIP
        >>> {one.claim: one.status.value for one in made.verdicts}["B4"]  # doctest: +SKIP
        'VIOLATED'
        >>> verify(Settings(regime="benign", seeds=0))
        Traceback (most recent call last):
            ...
        bofcheck.compare.errors.CompareError: seeds = 0: at least 1 run a cell is needed
    """
    preset = get_preset(settings.preset)
    seeds = preset.seeds if settings.seeds is None else settings.seeds
    if seeds < 1:
        raise CompareError(f"seeds = {seeds}: at least 1 run a cell is needed")
    cells = {regime: preset.cells[regime] for regime in settings.regimes()}
    get_engine(settings.engine)
    if settings.engine != "span":
        sampled = [
            c.name for group in cells.values() for c in group if c.problem.start == "sampled"
        ]
        if sampled:
            raise CompareError(
                f"engine {settings.engine!r}: stores whole weights, and preset {preset.name!r} has "
                f"{len(sampled)} cells that are only sampled; use --engine span, or --preset paper"
            )
    if store is not None:
        orders = {
            cell: _order(settings, preset, cell, seeds)
            for group in cells.values()
            for cell in group
        }
        cells = list(orders.values())
        fill_cells(store, cells, executor=executor, progress=progress, trainer=train)
    total = sum(cell.steps for group in cells.values() for cell in group)
    studies: list[Study] = []
    trained: dict[Cell, Trajectory] = {}  # both regimes share the ladder
    done = 0
    for regime, group in cells.items():
        results = []
        for cell in group:
            if cell in trained:
                pass
            elif store is not None:
                trained[cell] = store.read(cell.name)
            else:
                report = None if progress is None else _reporter(progress, cell.name, done, total)
                order = _order(settings, preset, cell, seeds)
                trained[cell] = train(cell.problem, seeds=seeds, progress=report, **order.how())
            results.append(analyse(cell, trained[cell], regime))
            done += cell.steps
        studies.append(fit_constants(Study(get_theorem(regime), tuple(results))))
    verdicts = tuple(verdict for study in studies for verdict in decide_claims(study))
    left_out = tuple(row for study in studies for row in leave_out(study))
    return Verification(settings, tuple(studies), verdicts, left_out)


def analyse(cell: Cell, trajectory: Trajectory, regime: str) -> CellResult:
    """A trained cell with its theory values, assumptions and events.

    Args:
        cell: what was asked for.
        trajectory: what `train` returned for it.
        regime: ``"benign"`` or ``"harmful"``, whose events are looked for.

    Example:
        >>> from bofcheck.compare import Role
        >>> from bofcheck.simulate import Problem
        >>> problem = Problem(n_samples=8, dim=10_000, noise_std=0.005, learning_rate=0.3)
        >>> cell = Cell("easy", Role.HELD_OUT, "stage", problem, steps=100)
        >>> result = analyse(cell, train(problem, seeds=1, steps=100), "benign")
        >>> result.events["T2"].round(), result.assumptions.failing
        (array([52.]), (1, 2, 5, 7))
    """
    values = theory_values(cell.problem)
    return CellResult(
        cell=cell,
        trajectory=trajectory,
        values=values,
        assumptions=check_assumptions(values),
        events=detect_events(trajectory, regime),
    )


def _order(settings: Settings, preset: Preset, cell: Cell, seeds: int) -> CellOrder:
    return CellOrder(
        cell.name,
        cell.problem,
        seeds,
        cell.steps,
        settings.engine,
        cell.log_at or preset.log_at,
        settings.device,
    )


def _reporter(progress: Progress, name: str, before: int, total: int) -> Callable[[int], None]:
    def report(step: int) -> None:
        progress(name, before + step, total)

    return report
