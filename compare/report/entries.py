"""`document`: a verification as a report."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np

from ..._version import __version__
from ...theory import Formula, Theorem
from ..cells import Array, CellResult, Study
from ..claim import Claim
from ..fitting.leave_one_out import LeftOut
from ..verdict import Verdict
from .beside import DiscriminationEntry
from .formulas import named_formulas
from .models import (
    AssumptionEntry,
    AssumptionsEntry,
    AtOneOverDEntry,
    CellEntry,
    ClaimEntry,
    ConstantEntry,
    ConstantsEntry,
    EventEntry,
    FigureEntry,
    FormulaEntry,
    LeftOutClaimEntry,
    LeftOutEntry,
    ProvenanceEntry,
    Report,
    count_verdicts,
)

if TYPE_CHECKING:
    from ..verify import Verification

#: Packages whose version numbers can change a result.
PACKAGES = ("numba", "numpy", "pydantic", "scipy", "sympy", "torch", "xarray")


def document(verification: Verification, figures: Iterable[Any] = ()) -> Report:
    """A verification's verdicts, and the data and software behind them; nothing is written.

    The same verification gives the same report, including the training time in ``provenance``,
    which is read from the trajectories.

    Args:
        verification: the verification.
        figures: drawn figures, with the attributes or the keys of a `FigureEntry`.

    Example:
        >>> from bofcheck.compare import verify
        >>> from bofcheck.compare.userdata import theorem_plan
        >>> from bofcheck.theory import neighbours
        >>> report = document(verify(theorem_plan(neighbours()["magen2024"], seeds=2)))
        >>> [(claim.id, claim.verdict.value) for claim in report.claims]
        [('MG1', 'OUT_OF_SCOPE'), ('MG2', 'OUT_OF_SCOPE')]
    """
    studies = verification.studies
    theorems = {study.theorem.regime: study.theorem for study in studies}
    claims = {claim.id: claim for claim in verification.claims}
    results = [(study.theorem.regime, result) for study in studies for result in study.results]
    return Report(
        counts=count_verdicts(verdict.status for verdict in verification.verdicts),
        claims=tuple(
            _claim(verdict, claims.get(verdict.claim), theorems.get(verdict.regime))
            for verdict in verification.verdicts
        ),
        constants=tuple(_constants(study) for study in studies if study.constants.asked),
        leave_one_out=tuple(_left_out(row) for row in verification.left_out),
        assumptions=tuple(_assumptions(regime, result) for regime, result in results),
        cells=tuple(_cell(regime, result) for regime, result in results),
        figures=tuple(_figure(figure) for figure in figures),
        provenance=_provenance(verification),
    )


def _claim(verdict: Verdict, claim: Claim | None, theorem: Theorem | None) -> ClaimEntry:
    at_one_over_d = verdict.at_one_over_d
    names = (claim.formulas if claim else ()) or (verdict.claim,)
    found = verdict.discrimination
    return ClaimEntry.of(
        verdict,
        id=verdict.claim,
        verdict=verdict.status,
        at_one_over_d=at_one_over_d
        and AtOneOverDEntry.of(at_one_over_d, verdict=at_one_over_d.status),
        discrimination=found and DiscriminationEntry.of_bound(found, _kind(verdict, theorem)),
        formulas=tuple(_formula(*pair) for pair in named_formulas(names, theorem)),
        part=_part(verdict.claim, names, theorem),
    )


def _part(claim: str, formulas: Iterable[str], theorem: Theorem | None) -> str:
    """The part of a theorem that a claim is about.

    >>> from ...theory import benign
    >>> _part("B2", ("B2",), benign), _part("B4", ("T1 (paper)",), benign), _part("A1", (), benign)
    ('stage 2', 'T1', '')
    """
    if theorem is None:
        return ""
    for stage in theorem.stages:
        if claim in {bound.name for bound in stage.bounds}:
            return f"stage {stage.number}"
    for reading in theorem.readings:
        if reading.name == claim:
            return f"reading of {reading.of}"
    events = {time.name: time.event for time in theorem.times}
    return next((events[name] for name in formulas if name in events), "")


def _kind(verdict: Verdict, theorem: Theorem | None) -> str:
    """Whether the bound of the claim's name is an upper or a lower one."""
    bounds = () if theorem is None else theorem.bounds
    return next((bound.kind for bound in bounds if bound.name == verdict.claim), "upper")


def _formula(name: str, formula: Formula) -> FormulaEntry:
    return FormulaEntry.of(
        formula,
        name=name,
        latex=formula.latex(),
        mathml=formula.mathml(),
        rebuilt_from=getattr(formula, "rebuilt_from", ""),
    )


def _figure(figure: Any) -> FigureEntry:
    if isinstance(figure, FigureEntry):
        return figure
    return FigureEntry(**figure) if isinstance(figure, dict) else FigureEntry.of(figure)


def _constants(study: Study) -> ConstantsEntry:
    return ConstantsEntry(
        regime=study.theorem.regime,
        constants=tuple(ConstantEntry.of(fit, fitted=fit.value) for fit in study.constants),
        failures=dict(study.constants.failures),
    )


def _left_out(row: LeftOut) -> LeftOutEntry:
    claims = (LeftOutClaimEntry.of(claim, verdict=claim.status) for claim in row.claims)
    return LeftOutEntry.of(row, constants=dict(row.constants), claims=tuple(claims))


def _assumptions(regime: str, result: CellResult) -> AssumptionsEntry:
    rows = tuple(AssumptionEntry.of(row) for row in result.assumptions.rows)
    return AssumptionsEntry.of(result.assumptions, regime=regime, cell=result.cell.name, rows=rows)


def _cell(regime: str, result: CellResult) -> CellEntry:
    return CellEntry.of(
        result.cell,
        regime=regime,
        role=result.cell.role.value,
        steps=_last_step(result),
        problem=result.cell.numbers(),
        seeds=len(result.trajectory.seeds),
        inside=result.inside,
        diverged=result.trajectory.diverged.sum(),
        n_snr2=_strength(result),
        events={name: _event(steps) for name, steps in result.events.items()},
    )


def _last_step(result: CellResult) -> float:
    """Gradient steps; the last step of measured curves, which may be a fraction."""
    if result.cell.trained is not None:
        return result.cell.steps
    last = float(result.trajectory.steps.max())
    return int(last) if last.is_integer() else last


def _strength(result: CellResult) -> float | None:
    """N·SNR², or None if a number in it is unknown."""
    v = result.values
    if not {"N", "mu", "sigma_p", "d"} <= v.keys():
        return None
    return v["N"] * (v["mu"] / (v["sigma_p"] * float(np.sqrt(v["d"])))) ** 2


def _event(steps: Array) -> EventEntry:
    reached = steps[np.isfinite(steps)]
    return EventEntry(median=np.median(reached) if reached.size else None, reached=reached.size)


def _provenance(verification: Verification) -> ProvenanceEntry:
    origins = [
        result.trajectory.provenance for study in verification.studies for result in study.results
    ]
    return ProvenanceEntry(
        bofcheck=__version__,
        python=platform.python_version(),
        platform=platform.platform(),
        versions={name: _version(name) for name in PACKAGES},
        threads=tuple(
            sorted({int(origin["threads"]) for origin in origins if "threads" in origin})
        ),
        settings=dict(verification.settings),
        train_seconds=float(sum(origin.get("wall_seconds", 0.0) for origin in origins)),
    )


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
