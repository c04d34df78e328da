"""`verify`: train the cells of a plan, fit constants, decide claims. There is no other pipeline.

A `Plan` says what is studied: the paper's regimes, any claims of its ledger, the claims behind one
of its figures, or your own theorem on trained cells or on your curves. A paper's package makes the
plans for its content (`bofcheck.compare.papers.zhang2025.plans`), `bofcheck.compare.userdata` the
plans for your theorems and data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..simulate import CellOrder, Trajectory, fill_cells, train
from ..simulate.engines import get_engine
from ..simulate.store import Executor, Progress, Store
from ..theory import Theorem
from .cells import Cell, CellResult, Study, analyse, check_cells
from .claim import Claim
from .errors import CompareError
from .fitting.constants import fit_constants
from .fitting.leave_one_out import LeftOut, leave_out
from .verdict import Verdict


@dataclass(frozen=True)
class Part:
    """Cells that are studied together under one theorem, and the claims decided on them.

    Attributes:
        theorem: its events are located and its constants fitted.
        claims: the claims to decide, in order.
        cells: the cells to train.
        results: cells that need no training because their curves were measured elsewhere.
        seeds: runs of a cell that gives no number itself.
        log_at: log schedule of a cell that gives none itself.
        fit: whether the theorem's constants are fitted, on calibration cells of kind ``"stage"``.
        leave_out: whether constants are also fitted without the largest values of each number.

    Example:
        >>> from bofcheck.compare import all_claims
        >>> from bofcheck.theory import benign
        >>> part = Part(benign, (all_claims()["I5"],), fit=False)
        >>> [claim.id for claim in part.claims], part.cells
        (['I5'], ())
    """

    theorem: Theorem
    claims: tuple[Claim, ...]
    cells: tuple[Cell, ...] = ()
    results: tuple[CellResult, ...] = ()
    seeds: int = 1
    log_at: str = "geometric:64"
    fit: bool = True
    leave_out: bool = False


@dataclass(frozen=True)
class Plan:
    """The cells to train and the claims to decide.

    Attributes:
        settings: the request, JSON-ready, as reports keep it.
        parts: studied one after the other; cells they share are trained once.
        claims: every claim of the parts, in the order in which verdicts are reported.
        seeds: runs of every cell; None for the number of each cell or part.
        engine: ``"span"`` or ``"direct"``.
        device: where the engine computes.
        grown: runs of single cells by name, instead of those.
        looks: how often the data are looked at while runs are added.

    Raises:
        CompareError: too few seeds, a cell, problem or claim twice, two cells of one name, or an
            engine that stores whole weights where cells are only sampled.
        EngineError: there is no such engine.

    Example:
        >>> from bofcheck.compare.papers.zhang2025.plans import claims_plan
        >>> plan = claims_plan("quick", claims=("I5", "B8"))
        >>> [(part.theorem.name, [claim.id for claim in part.claims]) for part in plan.parts]
        [('benign', ['I5', 'B8'])]
        >>> len(plan.orders()), plan.settings["command"]
        (24, 'claims')
    """

    settings: Mapping[str, Any]
    parts: tuple[Part, ...]
    claims: tuple[Claim, ...]
    seeds: int | None = None
    engine: str = "span"
    device: str = "cpu"
    grown: Mapping[str, int] = field(default_factory=dict)
    looks: int = 1

    def __post_init__(self) -> None:
        """Refuse cells and claims that could not be trained, judged or told apart."""
        if self.seeds is not None and self.seeds < 1:
            raise CompareError(f"seeds = {self.seeds}: a cell needs at least 1 run")
        listed = [claim.id for claim in self.claims]
        decided: set[tuple[str, str]] = set()
        for part in self.parts:
            name = part.theorem.name
            cells = [*part.cells, *(result.cell for result in part.results)]
            for cell in cells:
                if cells.count(cell) > 1:
                    raise CompareError(f"{name}: cell {cell.name!r} is in one part twice")
            if part.fit:
                check_cells(name, part.cells)
            for claim in part.claims:
                if listed.count(claim.id) != 1:
                    raise CompareError(f"claim {claim.id}: list it once in the plan's claims")
                if (name, claim.id) in decided:
                    raise CompareError(f"claim {claim.id}: is decided twice for {name}")
                decided.add((name, claim.id))
        engine = get_engine(self.engine)
        orders = self.orders()
        names: dict[str, CellOrder] = {}
        for order in orders:
            if names.setdefault(order.name, order) != order:
                raise CompareError(f"cell {order.name!r}: two different cells have this name")
        sampled = sum(order.problem.start == "sampled" for order in orders)
        if engine.needs_arrays and sampled:
            raise CompareError(
                f"engine {self.engine!r}: stores whole weights, and {sampled} cells are only "
                "sampled; use engine span, or cells with start = 'materialised' (--preset paper)"
            )

    def order(self, part: Part, cell: Cell) -> CellOrder:
        """How a cell of a part is trained."""
        return CellOrder(
            cell.name,
            cell.order,
            self.grown.get(cell.name) or self.seeds or cell.seeds or part.seeds,
            cell.steps,
            self.engine,
            cell.log_at or part.log_at,
            self.device,
        )

    def orders(self) -> list[CellOrder]:
        """An order for every cell to train, each once."""
        every = (self.order(part, cell) for part in self.parts for cell in part.cells)
        return list(dict.fromkeys(every))


@dataclass(frozen=True)
class Verification:
    """The outcome of a plan.

    Attributes:
        settings: the request, JSON-ready.
        studies: one per part.
        verdicts: one per claim and theorem, in the plan's order of claims.
        left_out: fits without the largest values of one number, judged on these values.
        claims: the claims decided, in order.

    Example:
        >>> from bofcheck.compare.papers.zhang2025.plans import claims_plan
        >>> verification = verify(claims_plan("quick", claims=("I3", "I5")))
        >>> [(verdict.claim, verdict.status.value) for verdict in verification.verdicts][:2]
        [('I3', 'HOLDS'), ('I5', 'HOLDS')]
    """

    settings: Mapping[str, Any]
    studies: tuple[Study, ...]
    verdicts: tuple[Verdict, ...]
    left_out: tuple[LeftOut, ...] = ()
    claims: tuple[Claim, ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        said = ", ".join(f"{verdict.claim} {verdict.word}" for verdict in self.verdicts)
        return f"Verification({said})"

    @property
    def of_paper(self) -> bool:
        """Whether a paper's ledger was checked, not a user-supplied theorem."""
        return "theorem" not in self.settings


def verify(
    plan: Plan,
    *,
    store: Store | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Train missing cells, locate events, fit constants, decide claims.

    Args:
        plan: what is studied.
        store: where trained cells are kept and looked up; None keeps nothing.
        executor: trains what the store lacks; None for this process alone.
        progress: called with the cell's name, the work done and the total work.

    Returns:
        One study per part, and a verdict on each of its claims; a check that itself fails gives an
        ERROR for its claim only.

    Raises:
        CompareError: a number or a quantity that the theorem needs is missing.
        SimulationError: a cell cannot be trained or kept.

    Example:
        >>> from bofcheck.compare.papers.zhang2025.plans import regime_plan
        >>> verification = verify(regime_plan("benign"))  # doctest: +SKIP
        >>> {v.claim: v.status.value for v in verification.verdicts}["B4"]  # doctest: +SKIP
        'VIOLATED'
    """
    trajectories = _train(plan, store, executor, progress)
    studies: list[Study] = []
    verdicts: dict[tuple[str, str], Verdict] = {}
    left_out: tuple[LeftOut, ...] = ()
    for part in plan.parts:
        trained = (
            analyse(cell, trajectories[plan.order(part, cell)], part.theorem) for cell in part.cells
        )
        study = Study(part.theorem, (*part.results, *trained), looks=plan.looks)
        if part.fit:
            study = fit_constants(study)
        if part.leave_out:
            left_out += leave_out(study, {claim.id: claim for claim in part.claims})
        studies.append(study)
        for claim in part.claims:
            verdicts[part.theorem.name, claim.id] = claim.decide(study)
    theorems = dict.fromkeys(part.theorem.name for part in plan.parts)
    in_order = (
        verdicts[theorem, claim.id]
        for theorem in theorems
        for claim in plan.claims
        if (theorem, claim.id) in verdicts
    )
    return Verification(plan.settings, tuple(studies), tuple(in_order), left_out, plan.claims)


def _train(
    plan: Plan, store: Store | None, executor: Executor | None, progress: Progress | None
) -> dict[CellOrder, Trajectory]:
    orders = plan.orders()
    if store is not None:
        fill_cells(store, orders, executor=executor, progress=progress, trainer=train)
        return {order: store.read(order.name, order.seeds) for order in orders}
    total, before = sum(order.steps for order in orders), 0
    trajectories = {}
    for order in orders:
        report = None if progress is None else _reporter(progress, order.name, before, total)
        trajectories[order] = train(
            order.problem, seeds=order.seeds, progress=report, **order.how()
        )
        before += order.steps
    return trajectories


def _reporter(progress: Progress, name: str, before: int, total: int) -> Callable[[int], None]:
    def report(step: int) -> None:
        progress(name, before + step, total)

    return report
