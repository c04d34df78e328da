"""Curves at known numbers, with the events and assumptions of a theorem of one's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Expr

from ...simulate import Trajectory
from ...theory import (
    AssumptionReport,
    AssumptionRow,
    MissingValueError,
    Theorem,
    check_assumptions,
    evaluate,
)
from ..cells import Curves, Role
from ..errors import CompareError
from ..events import detect_events, first_crossing

Array = NDArray[np.float64]


@dataclass(frozen=True)
class OwnCell:
    """Where curves come from; a `Place` of one's own.

    Attributes:
        name: unique within a study.
        role: calibration or held out.
        steps: the last step.
        fields: what defines it, JSON-ready: symbol -> number, or the fields of a problem.
        note: why it is there.
        kind: bounds are judged on cells of kind ``"stage"``.

    Example:
        >>> cell = OwnCell("mine", Role.HELD_OUT, steps=900, fields={"N": 20, "p": 0.1})
        >>> cell.numbers(), cell.kind
        ({'N': 20, 'p': 0.1}, 'stage')
    """

    name: str
    role: Role
    steps: int
    fields: Mapping[str, Any] = field(hash=False)
    note: str = ""
    kind: str = "stage"

    def numbers(self) -> dict[str, Any]:
        """What defines it."""
        return dict(self.fields)


@dataclass(frozen=True)
class OwnResult:
    """One cell of curves, ready to be judged; `Runs` of one's own.

    Attributes:
        cell: where the curves come from.
        trajectory: the curves, trained or measured, (R, T) each.
        values: number by symbol name.
        assumptions: the theorem's own conditions at these numbers, or Assumption 4.1.
        events: event name -> (R,) steps, NaN where a run did not reach it.
        promised: the failure probability the theorem promises here; 0 if it names none.

    Example:
        >>> from bofcheck.compare.userdata import Measured
        >>> from bofcheck.theory import get_theorem
        >>> steps, loss = np.array([0.0, 10.0]), np.array([[0.7, 0.1], [0.7, 0.3]])
        >>> curves = Measured(steps, np.arange(2), {"train_loss": loss}, np.array([False, False]))
        >>> numbers = {"N": 20, "mu": 1.0, "sigma_p": 0.1, "d": 100, "p": 0.1, "epsilon": 0.2}
        >>> cell = OwnCell("mine", Role.HELD_OUT, 10, numbers)
        >>> result = own_result(get_theorem("kou2023"), cell, curves, numbers)
        >>> result.events["T"].round(2), result.inside, result.ok
        (array([8.33,  nan]), True, array([ True,  True]))
    """

    cell: OwnCell
    trajectory: Curves
    values: Mapping[str, float]
    assumptions: AssumptionReport
    events: Mapping[str, Array]
    promised: float
    ends: Mapping[str, Array] = field(default_factory=dict, hash=False)

    def watched(self, event: str) -> Array:
        """(R,) last step at which each run's quantities of an event were measured."""
        last = float(self.trajectory.steps[-1])
        return self.ends.get(event, np.full(len(self.trajectory.seeds), last))

    @property
    def inside(self) -> bool:
        """Whether the theorem's conditions hold."""
        return self.assumptions.holds

    @property
    def ok(self) -> NDArray[np.bool_]:
        """(R,) runs that did not diverge."""
        return ~self.trajectory.diverged


def own_result(
    theorem: Theorem, cell: OwnCell, curves: Curves, values: Mapping[str, float]
) -> OwnResult:
    """Find events and check conditions.

    Args:
        theorem: what is to be checked.
        cell: where the curves come from.
        curves: trained or measured.
        values: number by symbol name.

    Raises:
        CompareError: a number or a quantity the theorem needs is not there.
    """
    _check_numbers(theorem, cell.name, values)
    events = _events(theorem, cell.name, curves, values)
    return OwnResult(
        cell=cell,
        trajectory=curves,
        values=values,
        assumptions=_assumptions(theorem, values),
        events=events,
        promised=_promised(theorem, values),
        ends={event.name: _last_measured(curves, event.quantities) for event in theorem.events},
    )


def _needed(expr: Expr, values: Mapping[str, float]) -> dict[str, float]:
    names = {str(symbol) for symbol in expr.free_symbols}
    return {name: value for name, value in values.items() if name in names}


def _check_numbers(theorem: Theorem, cell: str, values: Mapping[str, float]) -> None:
    """Every symbol of a formula that is no constant, time or quantity must have a number."""
    given = values.keys() | {"M", "t", "V_max_T1", "u_T1", "N_max"}
    given |= {event.name for event in theorem.events} | {"T1", "T2", "T3"}
    given |= {name for event in theorem.events for name in event.quantities}
    constants = {str(c) for one in theorem.statements for c in one.constants}
    constants |= {str(c) for c in theorem.continuity}
    formulas = [(f"bound {bound.name}", bound.expr) for bound in theorem.bounds]
    formulas += [(f"time {time.name}", time.expr) for time in theorem.times]
    formulas += [(f"event {event.name}", event.margin) for event in theorem.events]
    conditions = [("condition", one) for one in theorem.assumes]
    conditions += [(f"{one.name} applies", one.condition)
                   for one in theorem.statements if one.condition]  # fmt: skip
    formulas += [(what, side) for what, one in conditions for side in (one.left, one.right)]
    missing = {
        str(symbol): what
        for what, expr in reversed(formulas)
        for symbol in expr.free_symbols
        if str(symbol) not in given | constants
    }
    if missing:
        names = sorted(missing)
        raise CompareError(
            f"cell {cell}: no number for {', '.join(names)}, which {missing[names[0]]} needs; "
            f"write {names[0]} = ... in the problem's file"
        )


def _assumptions(theorem: Theorem, values: Mapping[str, float]) -> AssumptionReport:
    if not theorem.own:
        try:
            return check_assumptions(values)
        except MissingValueError as error:
            raise CompareError(
                f"{theorem.name}: has the assumptions of its regime, and they cannot be checked: "
                f"{error}; give all numbers, or write [[conditions]]"
            ) from None
    rows = []
    for number, one in enumerate(theorem.assumes, start=1):
        left, right = (
            float(evaluate(side, _needed(side, values), one.name)) for side in (one.left, one.right)
        )
        names = {str(symbol) for side in (one.left, one.right) for symbol in side.free_symbols}
        given = {name: value for name, value in values.items() if name in names}
        rows.append(
            AssumptionRow(
                item=number, text=one.name, left=left, right=right, relation=one.relation,
                ratio=float(one.ratio(**given)), holds=bool(one.holds(**given)),
                latex=one.latex(), involves_constant=False,
            )
        )  # fmt: skip
    holds = all(row.holds for row in rows)
    return AssumptionReport(tuple(rows), 1.0, math.inf if holds else 0.0)


def _events(
    theorem: Theorem, cell: str, curves: Curves, values: Mapping[str, float]
) -> dict[str, Array]:
    if not theorem.events:
        if isinstance(curves, Trajectory) and theorem.regime in ("benign", "harmful"):
            return detect_events(curves, theorem.regime)
        if any(str(stage.end) in ("T1", "T2", "T3") for stage in theorem.stages):
            raise CompareError(
                f"{theorem.name}: its events are those of bofcheck's own trajectories; define "
                "[[events]] in quantities your curves have"
            )
        return {}
    found = {}
    for event in theorem.events:
        missing = [name for name in event.quantities if name not in curves.quantities]
        if missing:
            raise CompareError(
                f"cell {cell}: event {event.name} needs {missing[0]}, which the curves do not "
                f"have; they have {', '.join(sorted(curves.quantities))}"
            )
        arrays = {name: curves[name] for name in event.quantities}
        margin = evaluate(event.margin, {**_needed(event.margin, values), **arrays}, event.name)
        found[event.name] = _crossings(curves.steps, np.asarray(margin))
    return found


def _crossings(steps: NDArray[Any], margins: Array) -> Array:
    """(R,) each run's `first_crossing` over the steps at which it was measured itself.

    When another run was measured says nothing about this one.
    """
    out = np.full(len(margins), np.nan)
    for run, margin in enumerate(margins):
        there = ~np.isnan(margin)
        if there.any():
            out[run] = first_crossing(steps[there], margin[None, there])[0]
    return out


def _last_measured(curves: Curves, names: tuple[str, ...]) -> Array:
    """(R,) last step at which all of some quantities of a run are known; -inf if at none."""
    known = np.all([~np.isnan(curves[name]) for name in names], axis=0)
    last: Array = np.where(known, curves.steps.astype(float), -np.inf).max(axis=1)
    return last


def _promised(theorem: Theorem, values: Mapping[str, float]) -> float:
    """The theorem's failure probability here; 0 where it names none or a number is not known."""
    if theorem.promised is None:
        return 0.0
    try:
        value = float(evaluate(theorem.promised, _needed(theorem.promised, values)))
    except MissingValueError:
        return 0.0
    return value if 0 < value < 1 else 0.0
