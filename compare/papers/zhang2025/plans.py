"""Plans for the paper's ledger: whole regimes, single claims, the claims behind a figure.

A claim says which kinds of a design's cells or which experiments it needs, or brings its own cells
(`Claim`). Cells are gathered in parts: one per theorem for the design's cells, one for each claim's
own cells, and one for the experiments, whose cells are the paper's settings and belong to no
theorem's fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ....theory import Theorem, get_theorem
from ....theory.errors import nearest_hint
from ...cells import Cell, CellResult
from ...claim import Claim
from ...design import Design
from ...errors import CompareError
from ...verify import Part, Plan, Verification
from .designs import design_names, get_design
from .ledger import all_claims

if TYPE_CHECKING:  # experiments load matplotlib, which a regime's plan needs nothing of
    from .experiments import Experiment

REGIMES = ("benign", "harmful")
#: The stages of every experiment are located by the benign theorem's events.
_EXPERIMENTS_REGIME = "benign"
#: The experiments' preset for a design whose name they do not have.
_EXPERIMENTS_OF: Mapping[str, str] = {"theory": "quick"}


def regime_plan(
    regime: str = "both",
    preset: str = "quick",
    seeds: int | None = None,
    *,
    engine: str = "span",
    device: str = "cpu",
) -> Plan:
    """All cells of a design, and every claim that they decide.

    Args:
        regime: ``"benign"``, ``"harmful"`` or ``"both"``.
        preset: name of the design.
        seeds: runs per cell; None for the design's number.
        engine: ``"span"`` or ``"direct"``.
        device: where the engine computes.

    Raises:
        CompareError: for an unknown regime or preset, too few seeds, or an engine that stores
            whole weights for a design with cells that are only sampled.
        EngineError: there is no such engine.

    Example:
        >>> plan = regime_plan("benign", seeds=4)
        >>> plan.settings["seeds"], [part.theorem.name for part in plan.parts], plan.claims[0].id
        (4, ['benign'], 'S1')
        >>> regime_plan("benign", seeds=0)
        Traceback (most recent call last):
            ...
        bofcheck.compare.errors.CompareError: seeds = 0: a cell needs at least 1 run
    """
    if regime not in (*REGIMES, "both"):
        raise CompareError(f"regime {regime!r}: choose benign, harmful or both")
    design = get_design(preset)
    runs = design.seeds if seeds is None else seeds
    ledger = tuple(claim for claim in all_claims().values() if not claim.apart)
    parts = tuple(
        Part(
            get_theorem(name),
            tuple(claim for claim in ledger if name in claim.regimes),
            design.cells[name],
            log_at=design.log_at,
            leave_out=True,
        )
        for name in (REGIMES if regime == "both" else (regime,))
    )
    settings = {
        "regime": regime, "preset": preset, "seeds": runs, "engine": engine, "device": device,
    }  # fmt: skip
    return Plan(settings, parts, ledger, runs, engine, device)


def claims_plan(
    preset: str = "quick", seeds: int | None = None, claims: Iterable[str] = ()
) -> Plan:
    """Only the cells that some claims of the ledger need, and these claims.

    Args:
        preset: preset of the design's cells and of the experiments.
        seeds: runs per cell; None for each cell's number.
        claims: ids as for `chosen_claims`; empty for all.

    Raises:
        CompareError: for an unknown claim or preset, or too few seeds.

    Example:
        >>> plan = claims_plan("quick", claims=("E9", "I5"))
        >>> [(len(part.cells), [claim.id for claim in part.claims]) for part in plan.parts]
        [(0, ['I5']), (20, ['E9'])]
    """
    chosen = chosen_claims(claims)
    parts = tuple(_parts(chosen, design_of(preset)))
    settings = {
        "command": "claims", "preset": preset, "seeds": seeds,
        "claims": tuple(claim.id for claim in chosen),
    }  # fmt: skip
    return Plan(settings, parts, chosen, seeds)


def experiment_plan(
    experiment: Experiment, preset: str, seeds: int | None = None, done: Iterable[Experiment] = ()
) -> Plan:
    """An experiment's cells, and the claims that need only it and experiments done before.

    Args:
        experiment: the experiment.
        preset: its size.
        seeds: runs per cell; None for each experiment's number.
        done: experiments whose cells are already trained.

    Raises:
        CompareError: the experiment has no such preset, or too few seeds.

    Example:
        >>> from .experiments import get_experiment
        >>> plan = experiment_plan(get_experiment("fig6"), "quick")
        >>> [claim.id for claim in plan.claims], len(plan.orders())
        (['E10', 'E11'], 6)
    """
    from .experiments import get_experiment

    experiment.trained(preset)
    trained = {experiment.name, *(earlier.name for earlier in done)}
    claims = tuple(
        claim
        for claim in all_claims().values()
        if experiment.name in claim.experiments and trained >= {*claim.experiments}
    )
    needed = (get_experiment(name) for claim in claims for name in claim.experiments)
    part = _experiments(claims, [experiment, *needed], preset)
    settings = {
        "command": "reproduce", "preset": preset, "seeds": seeds,
        "claims": tuple(claim.id for claim in claims),
    }  # fmt: skip
    return Plan(settings, (part,), claims, seeds)


def experiment_results(
    experiment: Experiment, preset: str, verification: Verification
) -> tuple[CellResult, ...]:
    """An experiment's cells in its order, from a verification of its `experiment_plan`.

    Example:
        >>> from ...verify import verify
        >>> from .experiments import get_experiment
        >>> fig6 = get_experiment("fig6")
        >>> cell = replace(fig6.cells["quick"][0], steps=5, log_at="every:5")
        >>> short = replace(fig6, cells={"quick": (cell,)}, seeds={"quick": 2},
        ...                 settings={"quick": ()}, name="short")
        >>> (result,) = experiment_results(short, "quick", verify(experiment_plan(short, "quick")))
        >>> result.cell.name, result.trajectory["test_loss"].shape
        ('fig6-sigma8', (2, 2))
    """
    (study,) = verification.studies
    by_name = {result.cell.name: result for result in study.results}
    return tuple(by_name[cell.name] for cell in experiment.trained(preset))


def chosen_claims(ids: Iterable[str] = ()) -> tuple[Claim, ...]:
    """Claims by id in any letter case, in the ledger's order; a bare number covers its parts.

    Args:
        ids: e.g. ``["B4", "e3"]``; empty for all. ``E3`` means E3a and E3b if there is no claim
            with exactly that id.

    Raises:
        CompareError: naming an id that the ledger lacks, with similar ids.

    Example:
        >>> [claim.id for claim in chosen_claims(["b8", "B0"])]
        ['B0e', 'B0l', 'B8']
    """
    ledger = all_claims()
    by_name = {name.lower(): name for name in ledger}
    wanted: set[str] = set()
    for text in ids:
        name = text.strip().lower()
        parts = [full for low, full in by_name.items() if name and low[:-1] == name]
        if name in by_name:
            wanted.add(by_name[name])
        elif parts and parts[0][-1].isalpha():
            wanted.update(parts)
        else:
            near = [full for full in ledger if name and full.lower().startswith(name[0])] or ledger
            hint = nearest_hint(name, ledger)
            raise CompareError(
                f"claim {text!r}: not in the ledger; choose from {', '.join(near)}{hint}"
            )
    return tuple(claim for claim in ledger.values() if not wanted or claim.id in wanted)


def design_of(preset: str) -> Design:
    """The design of a preset, without cells if only experiments have that preset.

    Raises:
        CompareError: the preset is unknown; the message lists the known names.

    Example:
        >>> design_of("quick").seeds, design_of("jiang").cells["benign"]
        (8, ())
    """
    from .experiments import preset_names

    if preset in design_names():
        return get_design(preset)
    if preset in preset_names():
        empty: dict[str, tuple[Cell, ...]] = dict.fromkeys(REGIMES, ())
        return Design(preset, "experiments only", empty, seeds=1, log_at="geometric:64")
    known = dict.fromkeys((*design_names(), *preset_names()))
    raise CompareError(f"preset {preset!r}: unknown; choose one of {', '.join(known)}")


def stage_cells(theorem: Theorem, regime: str, preset: str) -> Design:
    """The stage cells of a design, for a theorem whose file names no cells.

    Args:
        theorem: if its regime is benign or harmful, that regime's cells are used.
        regime: for any other theorem, ``"benign"``, ``"harmful"`` or ``"both"``.
        preset: name of the design.

    Returns:
        A design with the cells under the theorem's name.

    Raises:
        CompareError: there is no such preset.

    Example:
        >>> len(stage_cells(get_theorem("kou2023"), "both", "quick").cells["kou2023"])
        39
    """
    known = get_design(preset)
    own = (theorem.regime,) if theorem.regime in known.cells else ()
    regimes = own or (REGIMES if regime == "both" else (regime,))
    cells = (cell for name in regimes for cell in known.cells[name] if cell.kind == "stage")
    return replace(known, cells={theorem.name: tuple(dict.fromkeys(cells))})


def claims_of(preset: str) -> tuple[Claim, ...]:
    """The claims that a preset can decide: all, unless only experiments have that preset.

    Raises:
        CompareError: there is no such preset.

    Example:
        >>> len(claims_of("quick")) == len(all_claims())
        True
        >>> [claim.id for claim in claims_of("jiang")]
        ['E3a', 'E3b', 'E4']
    """
    from .experiments import get_experiment

    every = tuple(all_claims().values())
    if any(design_of(preset).cells.values()):
        return every
    return tuple(
        claim
        for claim in every
        if any(preset in get_experiment(name).cells for name in claim.experiments)
    )


def experiments_preset(preset: str) -> str:
    """The preset of experiments that goes with a design.

    >>> experiments_preset("paper"), experiments_preset("theory")
    ('paper', 'quick')
    """
    return _EXPERIMENTS_OF.get(preset, preset)


def _parts(claims: tuple[Claim, ...], design: Design) -> Iterator[Part]:
    for regime in REGIMES:
        theorem = get_theorem(regime)
        here = tuple(claim for claim in claims if regime in claim.regimes and not claim.apart)
        if here:
            kinds = {kind for claim in here for kind in claim.kinds or ()}
            everything = any(claim.kinds is None for claim in here)
            cells = tuple(cell for cell in design.cells[regime] if everything or cell.kind in kinds)
            fit = any(cell.kind == "stage" for cell in cells)
            yield Part(
                theorem, here, cells, seeds=design.seeds, log_at=design.log_at, fit=fit,
                leave_out=fit,
            )  # fmt: skip
        for claim in claims:
            if claim.own_cells is not None and regime in claim.regimes:
                yield Part(
                    theorem, (claim,), claim.own_cells[regime], seeds=design.seeds,
                    log_at=design.log_at, fit=False,
                )  # fmt: skip
    shown = tuple(claim for claim in claims if claim.experiments)
    if shown:
        from .experiments import get_experiment

        names = dict.fromkeys(name for claim in shown for name in claim.experiments)
        named = [get_experiment(name) for name in names]
        yield _experiments(shown, named, experiments_preset(design.name))


def _experiments(claims: tuple[Claim, ...], named: Iterable[Experiment], preset: str) -> Part:
    """Experiments as one part; cells they share are trained once."""
    cells: dict[str, Cell] = {}
    for experiment in named:
        runs = experiment.seeds.get(preset, 0)
        for cell in experiment.cells.get(preset, ()):
            own = replace(cell, seeds=runs)
            if cells.setdefault(cell.name, own) != own:
                raise CompareError(f"experiments: {cell.name!r} names two different cells")
    return Part(get_theorem(_EXPERIMENTS_REGIME), claims, tuple(cells.values()), fit=False)
