"""The shape of a bound, the wrong powers that its verdict rejects, and its looseness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...theory import Theorem
from ..cells import CellResult, Role, Study
from ..claim import Claim
from ..discrimination import TIME, Discrimination, NumberShape, Shape
from ..fitting.bounds import bound_along, log_excess, measures, speaks_of
from ..fitting.constants import fit_bound
from ..fitting.form import Form, fitted_part, form_of, since_start
from ..shape.powers_of_room import shape_of
from ..shape.rooms import rates_allowed, shape_cells
from ..shape.wrong_powers import Judge, wrong_powers
from ..verdict import Status, Verdict

Array = NDArray[np.float64]
Decide = Callable[[Claim, Study], Verdict]


@dataclass(frozen=True)
class BoundShape:
    """Constants are fitted near and judged far: on the first part of the calibration cells' stages.

    A bound that goes on from an earlier stage's, or a sum, has a constant that only matters later:
    then they are fitted on whole stages.

    The shape of a bound with open constants is the power by which its room, the distance to the
    data in logarithms, changes with time and with every number that varies among the cells: sharp
    within 1/4 of 0, loose where room only grows towards where the theorem extends, eroding where it
    shrinks there; a sum is taken with the constants, within the slack of those judged, at which
    its room changes least. A bound that holds on these runs and erodes is ERODES, not HOLDS. A
    HOLDS says how many wrong powers the same rule rejects: the bound, or its exponent, times each
    of its symbols to the power -1, -1/2, 1/2, 1, and with the symbol left out; what only weakens it
    is not counted. A HOLDS that rejects less than half of them is a weak test.
    """


def discriminating(verdict: Verdict, claim: Claim, study: Study, decide: Decide) -> Verdict:
    """A verdict on a bound with its shape, the wrong powers it rejects, and its looseness.

    Args:
        verdict: as the held-out runs decide it.
        claim: named after the bound.
        study: with fitted constants.
        decide: how runs decide it, for the bound with other powers.
    """
    bound = study.theorem.bound(claim.id)
    constants = [str(constant) for constant in study.theorem.continuous(bound).constants]
    if any(name not in study.constants for name in constants):
        return verdict
    held_out = [r for r in study.select(Role.HELD_OUT, "stage") if speaks_of(bound, r)]
    held_out = [r for r in held_out if measures(r, bound)]
    if not held_out:
        return verdict
    rooms = np.concatenate([_rooms(study, result, claim.id) for result in held_out])
    found = Discrimination(
        tightest=float(rooms.min()) if rooms.size else None,
        typical=float(np.median(rooms)) if rooms.size else None,
    )
    if bound.constants:
        shape = shape_of(study, claim.id, shape_cells(study, claim.id))
        found = replace(
            found,
            shape=shape,
            extrapolated=_extrapolated(study, claim.id, held_out, shape),
            constants=_per_cell(study, claim.id),
        )
        eroding = shape.of("eroding")
        if eroding and verdict.status is Status.VIOLATED:
            why = ", ".join(number.text for number in eroding)
            verdict = replace(verdict, reason=f"{verdict.reason}; its room shrinks as {why}")
        elif verdict.status is Status.HOLDS or _undecided_by_runs(verdict):
            if eroding:
                why = "; ".join(_erosion(n, held_out, study, claim.id) for n in eroding)
                reason = f"{verdict.reason}, but {why}"
                verdict = replace(verdict, status=Status.ERODES, reason=reason)
            elif verdict.status is Status.HOLDS:
                judge = judge_again(claim, study, decide)
                found = replace(found, wrong_powers=wrong_powers(study, claim.id, shape, judge))
    said = _said(verdict, found, bound.kind)
    reason = "; ".join((verdict.reason, *said)) if said else verdict.reason
    return replace(verdict, reason=reason, discrimination=found)


def _undecided_by_runs(verdict: Verdict) -> bool:
    """Whether runs are too few to tell a rare violation from none, and few cannot be decided.

    No more than the fraction that may violate: what these hold back does not change the shape.
    """
    every = verdict.evidence.get("all", {})
    if verdict.status is not Status.INCONCLUSIVE or not every.get("runs", 0):
        return False
    return bool(every["undecided"] <= (verdict.threshold or 0.0) * every["runs"])


def _said(verdict: Verdict, found: Discrimination, kind: str) -> list[str]:
    """What a reader is told beside HOLDS."""
    if verdict.status not in (Status.HOLDS, Status.ERODES):
        return []
    said = [found.looseness(kind)]
    if verdict.status is Status.HOLDS:
        said += [found.line()]
    return [part for part in said if part]


def judge_again(claim: Claim, study: Study, decide: Decide) -> Judge:
    """The rule on a changed theorem, with the constants of its bound fitted again.

    Args:
        claim: named after the bound.
        study: of the theorem that is changed.
        decide: how runs decide the bound.
    """

    def judge(theorem: Theorem, shaped: bool) -> tuple[str, Shape | None]:
        changed = fit_bound(replace(study, theorem=theorem), claim.id)
        names = [str(constant) for constant in theorem.bound(claim.id).constants]
        shape = None
        if shaped and all(name in changed.constants for name in names):
            shape = shape_of(changed, claim.id, shape_cells(changed, claim.id))
            if shape.of("eroding"):
                return "shape", shape
        kept = decide(claim, changed).status is Status.HOLDS
        return "" if kept else "runs", shape

    return judge


def _rooms(study: Study, result: CellResult, name: str) -> Array:
    """(n,) log-ratio of bound and data at the points of a cell's stage, below 0 beyond it."""
    bound = study.theorem.bound(name)
    limit = bound_along(study, result, bound, study.constants.widened(), log=True)
    excess = log_excess(study, result, bound)
    with np.errstate(invalid="ignore"):
        room = limit - excess if bound.kind == "upper" else excess - limit
    return room[np.isfinite(room) & result.good[:, None]]


def _per_cell(study: Study, name: str) -> dict[str, dict[str, float]]:
    """Constant -> cell -> the value that cell needs, the others as fitted.

    It is the fitted factor times the smallest ratio of data and bound in the cell's runs; of a
    bound that decays exponentially the rate that `rates_allowed` finds.
    """
    form = form_of(study.theorem, name)
    bound = study.theorem.bound(name)
    out: dict[str, dict[str, float]] = {}
    if form.exponent is not None:
        rates = [str(rate) for rate in bound.envelope_terms().rates if str(rate) in study.constants]
        return {rate: rates_allowed(study, name) for rate in rates}
    for constant in (c for c in bound.constants if str(c) in form.factors):
        value = study.constants[str(constant)].value
        cells = {}
        for result in study.select(kind="stage"):
            room = _rooms(study, result, name) if speaks_of(bound, result) else np.empty(0)
            if room.size:
                widened = np.log(study.constants[str(constant)].widened)
                sign = 1 if bound.kind == "upper" else -1
                with np.errstate(over="ignore"):
                    cells[result.cell.name] = float(np.exp(widened - sign * room.min()))
        if value > 0 and np.isfinite(value):
            out[str(constant)] = cells
    return out


def _extrapolated(
    study: Study, name: str, held_out: list[CellResult], shape: Shape
) -> dict[str, float]:
    """How many times further held-out data reach than those that constants were fitted on."""
    fitted = list(study.select(Role.CALIBRATION, "stage"))
    form = form_of(study.theorem, name)
    out = {}
    if fitted:
        near = max((_latest(study, r, form, near=True) for r in fitted), default=0.0)
        far = max((_latest(study, r, form, near=False) for r in held_out), default=0.0)
        if near > 0:
            out[TIME] = far / near
    for number in shape.numbers:
        inner = [r.values[number.name] for r in fitted if number.name in r.values]
        outer = [r.values[number.name] for r in held_out if number.name in r.values]
        if inner and outer and min(*inner, *outer, 1.0) > 0 and min(inner) > 0:
            out[number.name] = max(max(outer) / max(inner), min(inner) / min(outer), 1.0)
    return out


def _latest(study: Study, result: CellResult, form: Form, *, near: bool) -> float:
    since = since_start(result, form)
    if near:
        inside = fitted_part(study, result, form.bound.name)
    else:
        limit = bound_along(study, result, study.theorem.bound(form.bound.name),
                            study.constants.widened(), log=True)  # fmt: skip
        inside = ~np.isnan(limit)
    inside &= ~np.isnan(result.trajectory[form.bound.quantity])
    return float(np.where(inside, since, 0.0).max(initial=0.0))


def _erosion(number: NumberShape, held_out: list[CellResult], study: Study, name: str) -> str:
    """Which way room shrinks, and where the bound fails at that rate."""
    assert number.power is not None
    power = number.power
    towards = "grows" if power < 0 else "falls"
    said = f"its room shrinks as {number.text} as {number.name} {towards}"
    ends = []
    for result in held_out:
        rooms = _rooms(study, result, name)
        if number.name == TIME:
            reach = _latest(study, result, form_of(study.theorem, name), near=False)
        else:
            reach = float(result.values[number.name])
        if rooms.size and reach > 0:
            ends.append((reach, float(rooms.min())))
    if not ends or form_of(study.theorem, name).exponent is not None:
        return said
    at, room = max(ends) if power < 0 else min(ends)
    with np.errstate(over="ignore"):
        fails = at * np.exp(np.clip(room / -power, -700, 700))
    return f"{said}: at this rate it fails beyond {number.name} ≈ {fails:.2g}"
