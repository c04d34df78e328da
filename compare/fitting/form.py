"""How a bound is compared with data: from when its clock runs, and what its constants do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Add, Expr, Mul, S, Symbol

from ...theory import Bound, NotAnEnvelopeError, Theorem
from ..cells import CellResult, Study
from ..events import steps_by_run
from ..thresholds import FAR_IN_TIME
from .bounds import NEVER, stage_number, stage_of_named

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Form:
    """How a bound is compared.

    Attributes:
        bound: with its neighbours' constants put in.
        start: the name of the event the clock starts at; empty if it starts at step 0.
        exponent: x of C·exp(-k·x), to which the rate k is open; None if no rate is.
        offset: the rest of log(excess) of such a bound, its constants left out.
        factors: constants that multiply all of the excess.
        own_powers: number, ``"t"`` among them, whose power is open -> the constant, and how many
            times it is that power.
    """

    bound: Bound
    start: str
    exponent: Expr | None = None
    offset: Expr = S.Zero
    factors: tuple[str, ...] = ()
    own_powers: Mapping[str, tuple[str, float]] = field(default_factory=dict)


@lru_cache(maxsize=256)
def form_of(theorem: Theorem, name: str) -> Form:
    """How the bound of that name is compared.

    Example:
        >>> from bofcheck.theory import benign
        >>> form = form_of(benign, "B2")
        >>> form.start, form.exponent
        ('T1', eta*mu**2*w**2*(-T1 + t))
        >>> form.factors, form.own_powers
        (('C2',), {})
    """
    own = theorem.bound(name)
    bound = theorem.continuous(own)
    t = next((s for s in own.excess.free_symbols if str(s) == "t"), None)
    begin = stage_of_named(theorem, name).start
    start = ""
    if isinstance(begin, Symbol) and t is not None and own.excess.has(begin):
        since = Symbol("since", positive=True)
        moved = own.excess.xreplace({t: since + begin})
        if moved.has(begin):  # most clocks cancel by themselves; simplifying takes long
            moved = moved.simplify()
        start = "" if moved.has(begin) else str(begin)
    elif isinstance(begin, Symbol) and own.logged:  # what is logged has no clock but the stage's
        start = str(begin)
    exponent, offset = _rate(own)
    events = {event.name for event in theorem.events} | {start}
    return Form(bound, start, exponent, offset, _factors(bound), _own_powers(own, events))


def _rate(bound: Bound) -> tuple[Expr | None, Expr]:
    """What k multiplies, and the rest; None if there is no single rate, or an open power."""
    try:
        terms = bound.envelope_terms()
    except NotAnEnvelopeError:
        return None, S.Zero
    if len(terms.rates) != 1 or terms.powers:
        return None, S.Zero
    ((_, slope),) = terms.rates.items()
    return -slope, terms.offset


def _factors(bound: Bound) -> tuple[str, ...]:
    """The constants that multiply the whole excess."""
    return tuple(
        str(constant)
        for constant in bound.constants
        if constant not in bound.excess.diff(constant).free_symbols
        and bound.excess.xreplace({constant: S.Zero}) == 0
    )


def _own_powers(bound: Bound, events: set[str]) -> dict[str, tuple[str, float]]:
    """The numbers of which one alone is under an open power."""
    try:
        terms = bound.envelope_terms()
    except NotAnEnvelopeError:
        return {}
    out = {}
    for power in terms.powers:
        slope = terms.rates[power].expand()
        under = [symbol for symbol in slope.free_symbols if str(symbol) not in events]
        if len(under) == 1:
            logs = [term for term in Add.make_args(slope) if term.free_symbols]
            times = sum(float(Mul(*(f for f in Mul.make_args(x) if f.is_number))) for x in logs)
            out[str(under[0])] = str(power), times
    return out


def since_start(result: CellResult, form: Form) -> Array:
    """(R, T) the time since the bound's clock began, at each run's logged steps."""
    since: Array = steps_by_run(result.trajectory).astype(float)
    return since - result.events[form.start][:, None] if form.start else since


def stage_length(study: Study, result: CellResult, name: str) -> Array:
    """(R,) how long each run's stage lasts by the bound's clock; 1 where no event ends the stage.

    Numbers set how long a stage lasts, so where it ends its points are compared at equal shares of
    it; a stage without an end goes on at every step alike.
    """
    end = str(stage_of_named(study.theorem, name).end)
    form = form_of(study.theorem, name)
    if end == NEVER:
        return np.ones(len(result.trajectory.seeds))
    length = result.events[end] - (result.events[form.start] if form.start else 0.0)
    return np.asarray(np.where(length > 0, length, np.nan))


def near_part(study: Study, result: CellResult, name: str) -> NDArray[np.bool_]:
    """(R, T) points on which constants are fitted: the first part of each run's stage.

    Up to a quarter of the time that the run spends in the stage, or up to half of it in logarithms,
    whichever is later (`fitted_until`).
    """
    form = form_of(study.theorem, name)
    inside = stage_number(study, result) == stage_of_named(study.theorem, name).number
    since = since_start(result, form)
    measured = inside & ~np.isnan(result.trajectory[form.bound.quantity])
    positive = measured & (since > 0)
    last = np.where(positive, since, 0.0).max(axis=1, initial=0.0)
    first = np.where(positive, since, np.inf).min(axis=1, initial=np.inf)
    return np.asarray(inside & (since <= fitted_until(first, last)[:, None]))


def fitted_part(study: Study, result: CellResult, name: str) -> NDArray[np.bool_]:
    """(R, T) points on which the constants of a bound are fitted.

    The near part, unless constants trade against each other there: a sum, or a bound that goes on
    from an earlier stage's, has one that only matters later, and near points leave it open. Bounds
    that go on from each other share their constants, and are fitted alike.
    """
    form = form_of(study.theorem, name)
    own = study.theorem.bound(name).constants
    alone = [c for c in own if str(c) not in form.factors and str(c) not in _powers_of(form)]
    summed = form.exponent is None and len(own) > 1 and len(alone) > 1
    if summed or set(form.bound.constants) & _passed_on(study.theorem):
        inside = stage_number(study, result) == stage_of_named(study.theorem, name).number
        return np.asarray(inside)
    return near_part(study, result, name)


@lru_cache(maxsize=64)
def _passed_on(theorem: Theorem) -> frozenset[Symbol]:
    """The constants of bounds that go on from earlier ones, and of those earlier ones."""
    out: set[Symbol] = set()
    for own in theorem.bounds:
        constants = theorem.continuous(own).constants
        out |= set(constants) if len(constants) > len(own.constants) else set()
    return frozenset(out)


def _powers_of(form: Form) -> set[str]:
    return {constant for constant, _ in form.own_powers.values()}


def fitted_until(first: ArrayLike, last: ArrayLike) -> Array:
    """The time up to which constants are fitted.

    Args:
        first: the first time after the clock began that a run was logged.
        last: the last in its stage; 0 where it was not logged after that.

    Returns:
        A quarter of the last, or halfway to it in logarithms, whichever is later.

    >>> fitted_until([1.0, 100.0], 400.0)
    array([100., 200.])
    """
    first, last = np.asarray(first, dtype=float), np.asarray(last, dtype=float)
    with np.errstate(invalid="ignore"):
        until = np.maximum(last / FAR_IN_TIME, np.sqrt(first * last))
    return np.asarray(np.where(last > 0, until, np.inf))
