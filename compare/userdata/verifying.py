"""`verify_theorem` and `verify_curves`: fit and decide a theorem of one's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ...simulate import QUANTITIES, CellOrder, fill_cells, train
from ...simulate.store import Executor, Progress, Store
from ...theory import Theorem, TheoremSource
from ..cells import Study, theory_values
from ..errors import CompareError
from ..fitting.constants import check_fittable, fit_constants
from ..papers.zhang2025.designs import Preset
from ..verify import Verification
from .claims import decide_own
from .curves import Measured
from .numbers import CellNumbers
from .result import OwnCell, OwnResult, own_result
from .split import split_roles
from .training import design_of


@dataclass(frozen=True)
class OwnSettings:
    """What was checked on what.

    Attributes:
        theorem: its name.
        title: what it is called.
        preset: which cells were trained; empty for curves of one's own.
        data: the file of curves; empty for bofcheck's trajectories.
        split: the rule by which cells or runs got their roles.
        seeds: runs per trained cell.
        engine: as for `verify`; empty for curves of one's own.
        device: likewise.

    Example:
        >>> OwnSettings("kou2023", "Kou 2023", seeds=8).as_dict()
        {'theorem': 'kou2023', 'title': 'Kou 2023', 'seeds': 8,
        'engine': 'span', 'device': 'cpu'}
    """

    theorem: str
    title: str
    preset: str = ""
    data: str = ""
    split: str = ""
    seeds: int = 0
    engine: str = "span"
    device: str = "cpu"

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready, without what does not apply."""
        return {name: value for name, value in asdict(self).items() if value not in ("", 0)}


def needed_quantities(theorem: Theorem) -> set[str]:
    """What curves must hold: what is bounded, and what events are found in.

    >>> from bofcheck.theory import get_theorem
    >>> sorted(needed_quantities(get_theorem("kou2023")))
    ['test_error', 'train_loss']
    """
    events = {name for event in theorem.events for name in event.quantities}
    return events | {bound.quantity for bound in theorem.bounds}


def verify_curves(
    theorem: Theorem,
    curves: Mapping[str, Measured],
    numbers: CellNumbers | None = None,
    *,
    data: str = "curves",
) -> Verification:
    """Fit a theorem's constants on some of one's own curves and decide its bounds on the others.

    Args:
        theorem: from `read_theorem`, or any other.
        curves: cell name -> curves, as `read_curves` gives them.
        numbers: the numbers of the theorem's symbols, and roles.
        data: what the curves are called in the report.

    Returns:
        One study, each result an `OwnResult`, and a verdict for each bound and time.

    Raises:
        CompareError: a number, a role or a quantity is missing, or a bound cannot be fitted.

    Example:
        >>> import numpy as np
        >>> from bofcheck.theory import get_theorem
        >>> steps = np.arange(0.0, 1000.0, 100.0)
        >>> error = np.tile(0.1 + 0.4 * np.exp(-steps / 100), (200, 1))
        >>> loss = np.tile(0.7 * np.exp(-steps / 200), (200, 1))
        >>> quantities = {"test_error": error, "train_loss": loss}
        >>> curves = Measured(steps, np.arange(200), quantities, np.zeros(200, dtype=bool))
        >>> numbers = CellNumbers(dict(N=20, mu=1.0, sigma_p=0.1, d=100, p=0.1, epsilon=0.1))
        >>> first = verify_curves(get_theorem("kou2023"), {"mine": curves}, numbers).verdicts[0]
        >>> first.claim, first.status.value, first.reason
        ('K1', 'HOLDS', '0 of 100 held-out runs exceed the bound')
    """
    check_fittable(theorem)
    _check_bounded(theorem, curves)
    numbers = numbers or CellNumbers()
    unknown = sorted(numbers.cells.keys() - curves.keys())
    if unknown:
        raise CompareError(f"cells.{unknown[0]}: no such cell in the data: {', '.join(curves)}")
    split = split_roles(theorem, curves, numbers.roles)
    home = {id(one): name for name, one in curves.items()}
    results = []
    for name, role, part in split.parts:
        cell_name = home.get(id(part)) or next(iter(curves))
        values = numbers.of(cell_name)
        cell = OwnCell(name, role, int(part.steps[-1]), values, f"{len(part.seeds)} runs of {data}")
        results.append(own_result(theorem, cell, part, values))
    settings = OwnSettings(
        theorem.name, theorem.title, data=data, split=split.rule, engine="", device=""
    )  # fmt: skip
    return _decided(settings, theorem, results, ours=False)


def verify_theorem(
    source: TheoremSource,
    *,
    regime: str = "both",
    preset: str = "quick",
    seeds: int | None = None,
    engine: str = "span",
    device: str = "cpu",
    store: Callable[[OwnSettings], Store] | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Train the cells a theorem is decided on, fit its constants and decide its bounds.

    Args:
        source: from `read_source`, or a neighbour.
        regime: whose preset cells are trained, where the theorem's file names none.
        preset: their preset.
        seeds: runs per cell; None for the design's own number.
        engine: as for `verify`.
        device: as for `verify`.
        store: makes the store for the settings; None to keep nothing.
        executor: what trains the cells the store lacks; this process alone if None.
        progress: called with the cell's name, steps done and steps in all, where there is a store.

    Returns:
        One study, each result an `OwnResult`, and a verdict for each bound and time.

    Raises:
        CompareError: the file's cells are wrong, a quantity is not logged, or a bound cannot be
            fitted.
        SimulationError: a cell cannot be trained with this engine.

    Example:
        >>> from bofcheck.theory import neighbours
        >>> made = verify_theorem(neighbours()["kou2023"], seeds=2)
        >>> made.verdicts[0].claim, made.verdicts[0].status.value
        ('K1', 'OUT_OF_SCOPE')
        >>> made.verdicts[0].reason
        'it is about a two-layer ReLU convolutional network, not about the transformer ...'
    """
    theorem = source.theorem
    check_fittable(theorem)
    foreign = sorted(needed_quantities(theorem) - QUANTITIES.keys())
    if foreign and not theorem.model:
        raise CompareError(
            f"{theorem.name}: {foreign[0]} is not logged; choose from {', '.join(QUANTITIES)}, or "
            "give curves that have it"
        )
    design = design_of(source, regime, preset)
    runs = design.seeds if seeds is None else seeds
    own = "the theorem's own cells" if source.training else f"{design.name}, stage cells"
    settings = OwnSettings(
        theorem.name, theorem.title, preset=own, split="fixed with the cells", seeds=runs,
        engine=engine, device=device,
    )  # fmt: skip
    kept = store(settings) if store else None
    results = _trained(theorem, design, settings, kept, executor, progress)
    return _decided(settings, theorem, results, ours=True)


def _trained(
    theorem: Theorem,
    design: Preset,
    settings: OwnSettings,
    store: Store | None,
    executor: Executor | None,
    progress: Progress | None,
) -> list[OwnResult]:
    cells = design.cells[theorem.name]
    orders = [
        CellOrder(
            cell.name, cell.problem, settings.seeds, cell.steps, settings.engine,
            cell.log_at or design.log_at, settings.device,
        )
        for cell in cells
    ]  # fmt: skip
    if store is not None:
        fill_cells(store, orders, executor=executor, progress=progress, trainer=train)
    results = []
    for cell, order in zip(cells, orders, strict=True):
        if store is None:
            trajectory = train(order.problem, seeds=order.seeds, **order.how())
        else:
            trajectory = store.read(order.name)
        own = OwnCell(cell.name, cell.role, cell.steps, cell.numbers(), cell.note)
        results.append(own_result(theorem, own, trajectory, theory_values(cell.problem)))
    return results


def _check_bounded(theorem: Theorem, curves: Mapping[str, Measured]) -> None:
    """A bound without data is INCONCLUSIVE; a theorem all of whose bounds are is a slip."""
    there = {name for one in curves.values() for name in one.quantities}
    bounded = {bound.quantity for bound in theorem.bounds}
    if bounded and not bounded & there and not theorem.times:
        raise CompareError(
            f"{theorem.name}: bounds {', '.join(sorted(bounded))}, and the curves have "
            f"{', '.join(sorted(there)) or 'nothing else'}"
        )


def _decided(
    settings: OwnSettings, theorem: Theorem, results: list[OwnResult], *, ours: bool
) -> Verification:
    study = fit_constants(Study(theorem, tuple(results)))
    return Verification(settings, (study,), decide_own(study, ours=ours))
