"""Wrong powers of a bound: would its verdict have rejected them?

The bound, or the exponent of a decaying one, times a number to the power ±½ or ±1, or with a number
left out, is judged by the same rule: the powers by which its room changes follow from those of the
bound, and where they do not reject it, its constants are fitted again and held-out runs are judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from sympy import Expr, Symbol, exp

from ...theory import Theorem
from ...theory.symbols import t
from ..cells import Study
from ..discrimination import TIME, Shape, WrongPower
from ..fitting.form import Form, form_of

#: The powers that are tried.
POWERS = (-1.0, -0.5, 0.5, 1.0)


def wrong_powers(
    study: Study, name: str, shape: Shape, survives: Callable[[Theorem], bool]
) -> tuple[WrongPower, ...]:
    """Every wrong power of a bound, and what the verdict on it would have been.

    Args:
        study: with its fitted constants.
        name: the bound.
        shape: its shape.
        survives: whether held-out runs still obey the bound of a changed theorem, refitted.
    """
    form = form_of(study.theorem, name)
    out = []
    for number, power, mutated in _changes(study, form, shape):
        weaker, eroding = False, False
        if power is not None:
            moved = shape[number].shifted(_sign(form) * power)
            weaker = shape[number].weakened(_sign(form) * power)
            eroding = moved.word == "eroding"
        else:
            taken = _taken(form, number, shape)
            if taken is not None:
                moved = shape[number].shifted(_sign(form) * taken)
                weaker = shape[number].weakened(_sign(form) * taken)
                eroding = moved.word == "eroding"
        if eroding:
            out.append(WrongPower(number, power, True, False, "shape"))
        elif weaker:
            out.append(WrongPower(number, power, False, True))
        else:
            kept = survives(_with(study.theorem, name, mutated))
            out.append(WrongPower(number, power, not kept, False, "" if kept else "runs"))
    return tuple(out)


def _sign(form: Form) -> float:
    """How a factor on the bound, or on its exponent, moves the room of an upper or lower bound."""
    upper = form.bound.kind == "upper"
    return (1.0 if upper else -1.0) * (1.0 if form.exponent is None else -1.0)


def _taken(form: Form, number: str, shape: Shape) -> float | None:
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


def _changes(study: Study, form: Form, shape: Shape) -> Iterator[tuple[str, float | None, Expr]]:
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
        for power in POWERS:
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
