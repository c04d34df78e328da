"""Wrong powers of a law for a time: would its verdict have rejected them?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from sympy import Symbol

from ...theory import StageTime
from ..cells import CellResult, Role, Study
from ..discrimination import Discrimination, WrongPower
from ..fitting.bounds import speaks_of
from ..fitting.constants import fit_law
from ..shape.wrong_powers import POWERS
from ..verdict import Status, Verdict

#: A study with another formula of a law, refitted, and that law -> what rejects it, ``"shape"`` for
#: its powers and ``"runs"``, or nothing.
Judge = Callable[[Study, StageTime], str]


@dataclass(frozen=True)
class TimeWrongPowers:
    """A HOLDS says how many wrong powers the same rule rejects.

    They are the law times each of its numbers to the power -1, -1/2, 1/2, 1, and with the number
    left out, its constants fitted again on the calibration cells. A HOLDS that rejects less than
    half of them is a weak test.
    """


def telling(verdict: Verdict, study: Study, law: StageTime, judge: Judge) -> Verdict:
    """A HOLDS with the wrong powers that the same rule rejects; another verdict as it is.

    Args:
        verdict: on the law.
        study: with fitted constants.
        law: one of its theorem's.
        judge: the rule.
    """
    if verdict.status is not Status.HOLDS:
        return verdict
    tried = []
    for number, power, changed in _changes(study, law):
        why = judge(fit_law(study, changed), changed)
        tried.append(WrongPower(number, power, bool(why), by=why))
    found = Discrimination(wrong_powers=tuple(tried), extrapolated=_extrapolated(study, law))
    said = found.line()
    reason = f"{verdict.reason}; {said}" if said else verdict.reason
    return replace(verdict, reason=reason, discrimination=found)


def _changes(study: Study, law: StageTime) -> Iterator[tuple[str, float | None, StageTime]]:
    """Number, power and the law with it."""
    cells = _cells(study, law)
    for symbol in _numbers(law):
        values = [float(result.values.get(str(symbol), np.nan)) for result in cells]
        if not values or not min(values) > 0:
            continue
        # about its middle value, so that a power does not move the constants
        middle = float(np.exp(np.mean(np.log(values))))
        for power in POWERS:
            changed = law.expr * (symbol / middle) ** power
            yield str(symbol), power, replace(law, expr=changed)
        yield str(symbol), None, replace(law, expr=law.expr.xreplace({symbol: middle}))


def _numbers(law: StageTime) -> list[Symbol]:
    return sorted(law.expr.free_symbols - set(law.constants), key=str)


def _cells(study: Study, law: StageTime) -> list[CellResult]:
    return [result for result in study.results if speaks_of(law, result)]


def _extrapolated(study: Study, law: StageTime) -> dict[str, float]:
    """How many times further held-out values reach than those that constants are fitted on."""
    out = {}
    cells = [result for result in _cells(study, law) if result.cell.kind == "stage"]
    for name in map(str, _numbers(law)):
        inner, outer = (
            [float(r.values[name]) for r in cells if r.cell.role is role and name in r.values]
            for role in (Role.CALIBRATION, Role.HELD_OUT)
        )
        if law.constants and inner and outer and min(*inner, *outer) > 0:
            out[name] = max(max(outer) / max(inner), min(inner) / min(outer), 1.0)
    return out
