"""`verify_theorem` and `verify_curves`: fit and decide a user-supplied theorem."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ...simulate import QUANTITIES, CellOrder, fill_cells, train
from ...simulate.store import Crew, Progress, Store
from ...theory import Theorem, TheoremSource
from ..cells import Cell, CellResult, Study, analyse
from ..errors import CompareError
from ..fitting.constants import check_fittable, fit_constants
from ..verify import Verification
from .claims import decide_theorem
from .curves import Measured
from .numbers import CellNumbers
from .split import split_roles
from .training import Design, training_design


@dataclass(frozen=True)
class UserSettings:
    """What was checked on what.

    Attributes:
        theorem: its name.
        title: what reports call it.
        preset: which cells were trained; empty for measured curves.
        data: the file of curves; empty for bofcheck's trajectories.
        split: the rule that gave cells or runs their roles.
        seeds: runs per trained cell.
        engine: as for `verify`; empty for measured curves.
        device: as for `verify`; empty for measured curves.

    Example:
        >>> UserSettings("kou2023", "Kou 2023", seeds=8).as_dict()
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
    """What curves must hold: bounded quantities, and those its events are found in.

    >>> from bofcheck.theory import get_theorem
    >>> sorted(needed_quantities(get_theorem("kou2023")))
    ['test_error', 'train_loss']
    """
    timed = theorem.timed
    events = {name for event in theorem.events if event.name in timed for name in event.quantities}
    return events | {bound.quantity for bound in theorem.bounds}


def verify_curves(
    theorem: Theorem,
    curves: Mapping[str, Measured],
    numbers: CellNumbers | None = None,
    *,
    data: str = "curves",
) -> Verification:
    """Fit a theorem's constants on some measured curves and decide its bounds on the rest.

    Args:
        theorem: from `read_theorem`, or any other.
        curves: cell name -> curves, as `read_curves` gives them.
        numbers: the numbers of the theorem's symbols, and roles.
        data: what the curves are called in the report.

    Returns:
        One study, and a verdict for each bound and time.

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
    home = {id(measured): name for name, measured in curves.items()}
    results = []
    for name, role, part in split.parts:
        values = numbers.of(home.get(id(part)) or next(iter(curves)))
        note = f"{len(part.seeds)} runs of {data}"
        cell = Cell(name, role, "stage", None, int(part.steps[-1]), note, fields=values)
        results.append(analyse(cell, part, theorem, values))
    settings = UserSettings(
        theorem.name, theorem.title, data=data, split=split.rule, engine="", device=""
    )  # fmt: skip
    return _decided(settings, theorem, results, trained=False)


def verify_theorem(
    source: TheoremSource,
    *,
    design: Design | None = None,
    seeds: int | None = None,
    engine: str = "span",
    device: str = "cpu",
    store: Callable[[UserSettings], Store] | None = None,
    crew: Crew | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Train the cells a theorem is decided on, fit its constants and decide its bounds.

    Args:
        source: from `read_source`, or a neighbour.
        design: the cells to train where the theorem's file names none.
        seeds: runs per cell; None for the number of the design.
        engine: as for `verify`.
        device: as for `verify`.
        store: makes the store for the settings; None to keep nothing.
        crew: who trains what the store lacks; this process alone if None.
        progress: called with the cell's name, steps done and steps in all, where there is a store.

    Returns:
        One study, and a verdict for each bound and time.

    Raises:
        CompareError: there are no cells, those of the file are wrong, a quantity is not logged, or
            a bound cannot be fitted.
        SimulationError: a cell cannot be trained with this engine.

    Example:
        >>> from bofcheck.theory import neighbours
        >>> verification = verify_theorem(neighbours()["kou2023"], seeds=2)
        >>> verdict = verification.verdicts[0]
        >>> verdict.claim, verdict.status.value
        ('K1', 'OUT_OF_SCOPE')
        >>> verdict.reason
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
    cells = training_design(source) or design
    if cells is None:
        raise CompareError(f"{theorem.name}: its file has no [training]; give a design of cells")
    settings = UserSettings(
        theorem.name, theorem.title, preset=cells.name, split="fixed with the cells",
        seeds=cells.seeds if seeds is None else seeds, engine=engine, device=device,
    )  # fmt: skip
    kept = store(settings) if store else None
    results = _trained(theorem, cells, settings, kept, crew, progress)
    return _decided(settings, theorem, results, trained=True)


def _trained(
    theorem: Theorem,
    design: Design,
    settings: UserSettings,
    store: Store | None,
    crew: Crew | None,
    progress: Progress | None,
) -> list[CellResult]:
    orders = [
        CellOrder(
            cell.name, cell.problem, settings.seeds, cell.steps, settings.engine,
            cell.log_at or design.log_at, settings.device,
        )
        for cell in design.cells
    ]  # fmt: skip
    if store is not None:
        fill_cells(store, orders, crew=crew, progress=progress, trainer=train)
    results = []
    for cell, order in zip(design.cells, orders, strict=True):
        if store is None:
            trajectory = train(order.problem, seeds=order.seeds, **order.how())
        else:
            trajectory = store.read(order.name)
        results.append(analyse(cell, trajectory, theorem))
    return results


def _check_bounded(theorem: Theorem, curves: Mapping[str, Measured]) -> None:
    """A bound without data is INCONCLUSIVE; a theorem all of whose bounds are is a slip."""
    there = {name for measured in curves.values() for name in measured.quantities}
    bounded = {bound.quantity for bound in theorem.bounds}
    if bounded and not bounded & there and not theorem.times:
        raise CompareError(
            f"{theorem.name}: bounds {', '.join(sorted(bounded))}, and the curves have "
            f"{', '.join(sorted(there)) or 'nothing else'}"
        )


def _decided(
    settings: UserSettings, theorem: Theorem, results: list[CellResult], *, trained: bool
) -> Verification:
    study = fit_constants(Study(theorem, tuple(results)))
    return Verification(settings, (study,), decide_theorem(study, trained=trained))
