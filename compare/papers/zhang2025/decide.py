"""`decide_ledger`: decide any of the ledger's claims, training only what they need.

A claim says which kinds of a preset's cells it looks at, which experiments, or brings cells of its
own (`Claim`). The cells of all claims asked for are trained once, in one store, and gathered in
studies: one a theorem for the preset's cells, one a theorem for cells of the claims' own, and one
for the experiments, whose cells are the paper's settings and belong to no theorem's fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ....simulate import train
from ....simulate.store import Executor, Progress, Store, train_stored
from ....theory import get_theorem
from ...cells import Cell, CellResult, Study
from ...claim import Claim
from ...errors import CompareError
from ...fitting.constants import fit_constants
from ...fitting.leave_one_out import LeftOut, leave_out
from ...handing_out import hand_out
from ...verdict import Verdict
from ...verify import REGIMES, analyse
from .designs import Preset, get_preset, preset_names
from .experiments import get_experiment
from .experiments import preset_names as experiment_presets
from .experiments.run import work
from .ledger import all_claims

#: The preset of experiments that goes with a preset of cells where they have none of its name.
_STANDS_FOR: Mapping[str, str] = {"theory": "quick"}


@dataclass(frozen=True)
class LedgerSettings:
    """What was asked for.

    Attributes:
        preset: of the cells and of the experiments.
        seeds: runs per cell; None for each cell's own number.
        claims: ids, in the ledger's order.

    Example:
        >>> LedgerSettings("quick", seeds=2, claims=("B2", "B8")).as_dict()
        {'command': 'claims', 'preset': 'quick', 'seeds': 2, 'claims': ('B2', 'B8')}
    """

    preset: str
    seeds: int | None
    claims: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {"command": "claims", **asdict(self)}


@dataclass(frozen=True)
class Decisions:
    """What came of it; a report is made of it as of a verification.

    Attributes:
        settings: what was asked for.
        studies: what the claims were decided on.
        verdicts: one a claim and regime.
        left_out: fits without the largest values of one number, where stage cells were needed.

    Example:
        >>> made = decide_ledger(LedgerSettings("quick", seeds=None, claims=("I5",)))
        >>> [(one.claim, one.regime, one.status.value) for one in made.verdicts]
        [('I5', 'benign', 'HOLDS')]
    """

    settings: LedgerSettings
    studies: tuple[Study, ...]
    verdicts: tuple[Verdict, ...]
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class _Part:
    """Cells that are studied together, and the claims decided on them."""

    regime: str
    claims: tuple[Claim, ...]
    cells: tuple[Cell, ...]
    fitted: bool
    log_at: str
    seeds: int

    def runs(self, cell: Cell, asked: int | None) -> int:
        """How often a cell is trained."""
        return asked or cell.seeds or self.seeds


def chosen_claims(ids: Iterable[str] = ()) -> tuple[Claim, ...]:
    """Claims by id, letter case aside, in the ledger's order; a bare number stands for its parts.

    Args:
        ids: e.g. ``["B4", "e3"]``; none for all. ``E3`` stands for E3a and E3b where there is no
            claim of just that id.

    Raises:
        CompareError: naming an id the ledger lacks, with those that are close.

    Example:
        >>> [claim.id for claim in chosen_claims(["b8", "B0"])]
        ['B0e', 'B0l', 'B8']
    """
    ledger = all_claims()
    by_name = {name.lower(): name for name in ledger}
    wanted: set[str] = set()
    for text in ids:
        name = text.strip().lower()
        parts = [one for low, one in by_name.items() if name and low[:-1] == name]
        if name in by_name:
            wanted.add(by_name[name])
        elif parts and parts[0][-1].isalpha():
            wanted.update(parts)
        else:
            near = [one for one in ledger if name and one.lower().startswith(name[0])] or ledger
            raise CompareError(f"claim {text!r}: not in the ledger; choose from {', '.join(near)}")
    return tuple(claim for claim in ledger.values() if not wanted or claim.id in wanted)


def decide_ledger(
    settings: LedgerSettings,
    *,
    store: Store | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Decisions:
    """Train what the claims need and the store lacks, then decide them.

    Args:
        settings: which claims, on which preset's cells.
        store: where trained cells are kept and looked up.
        executor: what trains the cells the store lacks; this process alone if None.
        progress: called with the cell's name, work done and in all, in steps at N = 20.

    Returns:
        The studies, and a verdict a claim and regime, in the ledger's order.

    Raises:
        CompareError: for an unknown claim or preset, or too few seeds.
        SimulationError: a cell cannot be trained or kept.

    Example:
        >>> made = decide_ledger(LedgerSettings("quick", seeds=None, claims=("I3", "I5")))
        >>> sorted({(one.claim, one.status.value) for one in made.verdicts})
        [('I3', 'HOLDS'), ('I5', 'HOLDS')]
    """
    if settings.seeds is not None and settings.seeds < 1:
        raise CompareError(f"seeds = {settings.seeds}: at least 1 run a cell is needed")
    parts = tuple(_parts(chosen_claims(settings.claims), design_of(settings.preset)))
    total = sum(work(cell) for part in parts for cell in part.cells)
    if executor is not None and store is not None:
        wanted = [
            (cell, part.runs(cell, settings.seeds), cell.log_at or part.log_at)
            for part in parts
            for cell in part.cells
        ]
        hand_out(executor, store, wanted, progress, total)
        progress = None  # all that was to be done is done
    trained: dict[tuple[Cell, int], Any] = {}
    studies: list[Study] = []
    verdicts: dict[tuple[str, str], Verdict] = {}
    left_out: tuple[LeftOut, ...] = ()
    done = 0
    for part in parts:
        results: list[CellResult] = []
        for cell in part.cells:
            runs = part.runs(cell, settings.seeds)
            if (cell, runs) not in trained:
                report = _reporter(progress, cell, done, total)
                trained[cell, runs] = _train(store, cell, runs, cell.log_at or part.log_at, report)
            results.append(analyse(cell, trained[cell, runs], part.regime))
            done += work(cell)
        study = Study(get_theorem(part.regime), tuple(results))
        if part.fitted:
            study = fit_constants(study)
            left_out += leave_out(study)
        studies.append(study)
        for claim in part.claims:
            verdicts[claim.id, part.regime] = claim.decide(study)
    in_order = [
        verdicts[name, regime]
        for regime in REGIMES
        for name in all_claims()
        if (name, regime) in verdicts
    ]
    return Decisions(settings, tuple(studies), tuple(in_order), left_out)


def design_of(preset: str) -> Preset:
    """The cells of a preset; none for one that only experiments know.

    Raises:
        CompareError: neither knows it, with the names there are.

    Example:
        >>> design_of("quick").seeds, design_of("jiang").cells["benign"]
        (8, ())
    """
    if preset in preset_names():
        return get_preset(preset)
    if preset in experiment_presets():
        empty: dict[str, tuple[Cell, ...]] = dict.fromkeys(REGIMES, ())
        return Preset(preset, "experiments only", empty, seeds=1, log_at="geometric:64")
    known = dict.fromkeys((*preset_names(), *experiment_presets()))
    raise CompareError(f"preset {preset!r}: unknown; choose one of {', '.join(known)}")


def claims_of(preset: str) -> tuple[Claim, ...]:
    """The claims a preset has something to decide on: all, unless only experiments know it.

    Raises:
        CompareError: there is no such preset.

    Example:
        >>> len(claims_of("quick")) == len(all_claims()), [one.id for one in claims_of("jiang")]
        (True, ['E3a', 'E3b', 'E4'])
    """
    every = tuple(all_claims().values())
    if any(design_of(preset).cells.values()):
        return every
    return tuple(
        one
        for one in every
        if any(preset in get_experiment(name).cells for name in one.experiments)
    )


def needs_of(claims: Iterable[Claim], preset: str) -> dict[str, tuple[str, ...]]:
    """Names of the cells that claims need, by what they are studied as; nothing is trained.

    Args:
        claims: e.g. from `chosen_claims`.
        preset: of the cells and of the experiments.

    Returns:
        Regime -> names of cells.

    Raises:
        CompareError: there is no such preset.

    Example:
        >>> sorted(needs_of(chosen_claims(["H8"]), "quick"))
        ['harmful']
    """
    found: dict[str, tuple[str, ...]] = {}
    for part in _parts(tuple(claims), design_of(preset)):
        names = tuple(cell.name for cell in part.cells)
        found[part.regime] = found.get(part.regime, ()) + names
    return found


def experiments_preset(preset: str) -> str:
    """The preset of experiments that goes with a preset of cells.

    >>> experiments_preset("paper"), experiments_preset("theory")
    ('paper', 'quick')
    """
    return _STANDS_FOR.get(preset, preset)


def _parts(claims: tuple[Claim, ...], preset: Preset) -> Iterator[_Part]:
    for regime in REGIMES:
        here = tuple(one for one in claims if regime in one.regimes and not one.apart)
        if here:
            kinds = {kind for one in here for kind in one.kinds or ()}
            everything = any(one.kinds is None for one in here)
            group = preset.cells[regime]
            cells = tuple(cell for cell in group if everything or cell.kind in kinds)
            fitted = any(cell.kind == "stage" for cell in cells)
            yield _Part(regime, here, cells, fitted, preset.log_at, preset.seeds)
        for own in (one for one in claims if one.own_cells is not None and regime in one.regimes):
            cells = (own.own_cells or {})[regime]
            yield _Part(regime, (own,), cells, False, preset.log_at, preset.seeds)
    shown = tuple(one for one in claims if one.experiments)
    if shown:
        yield _experiments(shown, experiments_preset(preset.name))


def _experiments(claims: tuple[Claim, ...], preset: str) -> _Part:
    """All experiments that some claims name, as one part; cells they share are trained once."""
    cells: dict[str, Cell] = {}
    for name in dict.fromkeys(name for claim in claims for name in claim.experiments):
        experiment = get_experiment(name)
        runs = experiment.seeds.get(preset, 0)
        for cell in experiment.cells.get(preset, ()):
            own = replace(cell, seeds=runs)
            if cells.setdefault(cell.name, own) != own:
                raise CompareError(f"experiments: {cell.name!r} names two different cells")
    return _Part("benign", claims, tuple(cells.values()), False, "", 0)


def _train(store: Store | None, cell: Cell, runs: int, log_at: str, progress: Any) -> Any:
    how = {"seeds": runs, "steps": cell.steps, "log_at": log_at, "progress": progress}
    if store is None:
        return train(cell.problem, **how)
    return train_stored(store, cell.name, cell.problem, trainer=train, **how)


def _reporter(progress: Progress | None, cell: Cell, before: int, total: int) -> Any:
    if progress is None:
        return None
    return lambda step: progress(cell.name, before + work(cell) * step // cell.steps, total)
