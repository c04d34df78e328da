"""Leave-one-parameter-out: fit without the largest d, judge there; likewise other numbers.

A constant that hides a wrong power of d fits all cells of similar d and fails at a larger d.
Each row fits the constants of a theorem again, on calibration cells without the largest values
of one number, and judges the cells that have them, whatever their role was: none of their runs
was fitted. A row has few runs, so claims rarely hold by it; it is there to show failures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..cells import CellResult, Role, Study
from ..claim import Claim
from ..thresholds import LEFT_OUT_FACTOR
from ..verdict import Status
from .constants import fit_constants

#: What is left out in turn, by symbol.
NUMBERS: Mapping[str, Callable[[CellResult], float]] = {
    "d": lambda result: result.values["d"],
    "eta": lambda result: result.values["eta"],
    "N": lambda result: result.values["N"],
    "SNR": lambda result: result.cell.problem.snr,
    "sigma_V": lambda result: result.values["sigma_V"],
}


@dataclass(frozen=True)
class LeftOutClaim:
    """One claim at the values that were left out of the fit.

    Attributes:
        claim: the claim's id.
        status: its verdict on these cells alone.
        runs: judged runs.
        violations: of these, how many violate.
        undecided: of these, how many cannot be decided.
    """

    claim: str
    status: Status
    runs: int
    violations: int
    undecided: int


@dataclass(frozen=True)
class LeftOut:
    """One number left out.

    Attributes:
        regime: the study's.
        number: symbol of what was left out.
        largest: its largest value over all stage cells.
        fitted_up_to: its largest value among the cells that were fitted, None without any.
        fitted: names of the calibration cells that were fitted.
        judged: names of the cells with the largest values.
        constants: name -> (fitted without them, fitted on all calibration cells).
        claims: their verdicts on these cells.
        note: why there is nothing to report, empty otherwise.
    """

    regime: str
    number: str
    largest: float
    fitted_up_to: float | None
    fitted: tuple[str, ...]
    judged: tuple[str, ...]
    constants: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    claims: tuple[LeftOutClaim, ...] = ()
    note: str = ""


def leave_out(study: Study, claims: Mapping[str, Claim]) -> tuple[LeftOut, ...]:
    """One row for each of `NUMBERS`.

    Args:
        study: with all its cells trained and its constants fitted.
        claims: id -> claim, of which those that rest on fitted constants are judged.

    Returns:
        Rows in the order of `NUMBERS`; empty if there is no stage cell. Where a number varies by
        less than `LEFT_OUT_FACTOR`, or no calibration cell is left, the note says so.

    Example:
        >>> import numpy as np
        >>> from bofcheck.compare import all_claims, fit_constants
        >>> from bofcheck.compare.calibration import BenignTruth, synthetic_study
        >>> study = synthetic_study(np.random.default_rng(0), 1.0, BenignTruth(form="paper"))
        >>> row = leave_out(fit_constants(study), all_claims())[0]
        >>> row.number, row.judged, [(c.claim, c.violations, c.runs) for c in row.claims]
        ('d', ('b-deep',), [('B1', 0, 8), ('B2', 0, 8), ('B3', 0, 8), ('B7', 0, 8)])
    """
    cells = list(study.select(kind="stage"))
    return tuple(_row(study, cells, number, claims) for number in NUMBERS) if cells else ()


def _row(
    study: Study, cells: list[CellResult], number: str, claims: Mapping[str, Claim]
) -> LeftOut:
    value = NUMBERS[number]
    largest = max(value(result) for result in cells)
    judged = [result for result in cells if value(result) * LEFT_OUT_FACTOR >= largest]
    fitted = [
        result
        for result in cells
        if value(result) * LEFT_OUT_FACTOR < largest and result.cell.role is Role.CALIBRATION
    ]
    row = LeftOut(
        study.theorem.regime,
        number,
        largest,
        max((value(result) for result in fitted), default=None),
        tuple(result.cell.name for result in fitted),
        tuple(result.cell.name for result in judged),
    )
    if len(judged) == len(cells):
        return replace(
            row, note=f"nothing to leave out: {number} varies by less than {LEFT_OUT_FACTOR}x"
        )
    if not fitted:
        return replace(row, note="nothing to fit: every calibration cell is among the largest")
    apart = [with_role(result, Role.CALIBRATION) for result in fitted]
    apart += [with_role(result, Role.HELD_OUT) for result in judged]
    refitted = fit_constants(Study(study.theorem, tuple(apart)))
    everything = study.constants.values()
    return replace(
        row,
        constants={
            name: (value, everything[name])
            for name, value in refitted.constants.values().items()
            if name in everything
        },
        claims=tuple(_decide(refitted, claim) for claim in _judged(study, claims)),
    )


def with_role(result: CellResult, role: Role) -> CellResult:
    """The same trained cell in another role."""
    return replace(result, cell=replace(result.cell, role=role))


def _judged(study: Study, claims: Mapping[str, Claim]) -> list[Claim]:
    """Claims that fitted constants decide: bounds with constants, and the deadline of T3."""
    theorem = study.theorem
    return [
        claims[bound.name]
        for bound in theorem.bounds
        if bound.name in claims
        and (theorem.continuous(bound).constants or bound.quantity == "train_loss")
    ]


def _decide(study: Study, claim: Claim) -> LeftOutClaim:
    check: Any = claim.check
    if hasattr(check, "of_runs"):  # these few cells show no shape
        verdict = check.of_runs(claim, study)
    else:
        verdict = check.decide(claim, study)
    tally = verdict.evidence.get("all", {"runs": 0, "violations": 0, "undecided": 0})
    return LeftOutClaim(
        claim.id, verdict.status, tally["runs"], tally["violations"], tally["undecided"]
    )
