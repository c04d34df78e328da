"""Wrong powers of a bound: would its verdict have rejected them?

The bound, or the exponent of a decaying one, times a number to the power ±½ or ±1, or with a number
left out, is judged by the same rule: the powers by which its room changes follow from those of the
bound, and where they do not reject it, its constants are fitted again and held-out runs are judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from sympy import Expr, Symbol, exp

from ...theory import Theorem
from ...theory.symbols import t
from ..cells import Study
from ..discrimination import TIME, Shape, WrongPower
from ..fitting.form import Form, form_of
from .rooms import summed

#: The powers that are tried.
POWERS = (-1.0, -0.5, 0.5, 1.0)


#: A changed theorem, and whether its bound's shape is asked too -> what rejects it, ``"shape"``,
#: ``"runs"`` or nothing, and that shape.
Judge = Callable[[Theorem, bool], tuple[str, Shape | None]]


def wrong_powers(
    study: Study,
    name: str,
    shape: Shape,
    judge: Judge,
    powers: Sequence[float] = POWERS,
) -> tuple[WrongPower, ...]:
    """Every wrong power of a bound, and what the verdict on it would have been.

    A power on a bound moves its shape by as much. Where that is not so, of a sum, whose constants
    take up part of it, and of a number left out that the bound is not a power of, the shape is
    that of the changed bound, with constants fitted again.

    Args:
        study: with its fitted constants.
        name: the bound.
        shape: its shape.
        judge: the same rule on a changed theorem, refitted.
        powers: that are tried.
    """
    form = form_of(study.theorem, name)
    out = []
    for number, power, mutated in _changes(study, form, powers):
        by = power if power is not None else _taken(form, number)
        moved, weaker = shape[number], False
        if by is not None:
            moved = moved.shifted(sign_of(form) * by)
            weaker = shape[number].weakened(sign_of(form) * by)
        exact = by is not None and not summed(form)
        if exact and moved.word == "eroding":
            out.append(WrongPower(number, power, True, False, "shape"))
            continue
        if weaker:
            out.append(WrongPower(number, power, False, True))
            continue
        why, own = judge(_with(study.theorem, name, mutated), not exact)
        weaker = not why and own is not None and own[number].word == "loose"
        out.append(WrongPower(number, power, bool(why), weaker, why))
    return tuple(out)


def sign_of(form: Form) -> float:
    """How a factor on the bound, or on its exponent, moves the room of an upper or lower bound."""
    upper = form.bound.kind == "upper"
    return (1.0 if upper else -1.0) * (1.0 if form.exponent is None else -1.0)


def _taken(form: Form, number: str) -> float | None:
    """The power that leaving a number out takes away, if the bound is a power of it."""
    formula = form.exponent if form.exponent is not None else form.bound.excess
    symbol = next((s for s in formula.free_symbols if str(s) == number), None)
    if symbol is None:
        return None
    start = next((s for s in formula.free_symbols if str(s) == form.start), None)
    if number == TIME and start is not None:
        formula = formula.xreplace({start: 0})
    power = (symbol * formula.diff(symbol) / formula).simplify()
    return -float(power) if power.is_number and power.is_real else None


def _changes(
    study: Study, form: Form, powers: Sequence[float]
) -> Iterator[tuple[str, float | None, Expr]]:
    """Number, power and excess of every change."""
    formula = form.exponent if form.exponent is not None else form.bound.excess
    own = study.theorem.bound(form.bound.name)
    constants = {*own.constants, *form.bound.constants}
    events = {event.name for event in study.theorem.events} | {form.start, "T1", "T2", "T3"}
    symbols = {str(symbol): symbol for symbol in formula.free_symbols}
    start = symbols.get(form.start)
    if own.logged:  # a logged quantity changes with time: a power of time is a wrong power of it
        symbols |= {TIME: t}
        start = Symbol(form.start, nonnegative=True) if form.start else None
    # a number whose power is open has no wrong power
    skipped = {*events, *own.logged, *form.own_powers}
    names = sorted(
        (n for n, s in symbols.items() if s not in constants and n not in skipped),
        key=lambda name: (name != TIME, name),
    )
    for name in names:
        symbol = symbols[name]
        base = symbol - start if name == TIME and start is not None else symbol
        scale = _scale(study, name, form)
        for power in powers:
            yield name, power, _changed(own.excess, form, (base / scale) ** power)
        if symbol not in formula.free_symbols:
            continue
        frozen = {symbol: scale + start} if name == TIME and start is not None else {symbol: scale}
        if form.exponent is None:
            yield name, None, own.excess.xreplace(frozen)
        else:
            factor = form.exponent.xreplace(frozen) / form.exponent
            yield name, None, _changed(own.excess, form, factor)


def _changed(excess: Expr, form: Form, factor: Expr) -> Expr:
    """The excess times a factor, or with its exponent times it."""
    if form.exponent is None:
        return excess * factor
    rate = next(c for c in form.bound.constants if excess.has(c) and _is_rate(form, c))
    return excess * exp(rate * form.exponent * (1 - factor))


def _is_rate(form: Form, constant: Symbol) -> bool:
    terms = form.bound.envelope_terms()
    return constant in terms.rates


def _scale(study: Study, name: str, form: Form) -> float:
    """A number's middle value among the cells, so that its power does not move the constants."""
    if name == TIME:
        last = max(float(result.trajectory.steps.max()) for result in study.results)
        return float(np.sqrt(max(last, 1.0)))
    values = [float(result.values[name]) for result in study.results if name in result.values]
    positive = [value for value in values if value > 0]
    return float(np.exp(np.mean(np.log(positive)))) if positive else 1.0


def _with(theorem: Theorem, name: str, excess: Expr) -> Theorem:
    """The theorem with another excess of one bound."""
    stages = tuple(
        replace(
            stage,
            bounds=tuple(
                replace(bound, excess=excess) if bound.name == name else bound
                for bound in stage.bounds
            ),
        )
        for stage in theorem.stages
    )
    return replace(theorem, stages=stages)
