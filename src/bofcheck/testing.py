"""Tests of a theorem's bounds as formulas, before any data: for pytest and hypothesis.

* `parameters` draws admissible numbers of a theorem; `moments` also steps inside a bound's stage
* `assert_monotone`, `assert_continuous`, `assert_never_below`, `assert_limits`, `assert_finite`

``pytest --bofcheck mine.toml`` runs what every theorem must satisfy on the theorem of a file.

A wrong bound that these catch: ``C/t - D`` falls below 0, where no loss is.

>>> import bofcheck
>>> wrong = bofcheck.theorem("wrong", constants={"D": 0.01}).upper("train_loss", "C/t - D").build()
>>> assert_never_below(wrong.bounds[0], 0, {"C": 1.0}, t=[1, 10, 1000])
Traceback (most recent call last):
    ...
AssertionError: D1 = -0.009 at t = 1000, below 0, with C = 1
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .theory import Bound, Theorem
from .theory.symbols import COUNTS, SYMBOLS

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

#: Relative difference of two numbers that only rounding explains.
ROUNDING = 1e-9


def parameters(
    theorem: Theorem, *, low: float = 1e-2, high: float = 1e2, assumed: bool = True
) -> SearchStrategy[dict[str, float]]:
    """A strategy for admissible numbers of a theorem's symbols and constants.

    Args:
        theorem: any theorem.
        low: smallest number of a scale or constant.
        high: largest.
        assumed: whether the theorem's conditions must hold; where they are so narrow that draws
            hardly ever meet them, pass False.

    Returns:
        Numbers by name: counts whole and from 1, scales above 0, p below one half.

    Example:
        >>> from hypothesis import find
        >>> import bofcheck
        >>> mine = bofcheck.theorem("mine").condition("small", "eta <= 4").upper("a", "C/(eta*t)")
        >>> numbers = find(parameters(mine.build()), lambda numbers: True)
        >>> sorted(numbers), numbers["eta"] <= 4
        (['C', 'eta'], True)
    """
    from hypothesis import strategies as st

    scale = st.floats(math.log(low), math.log(high)).map(math.exp)
    counts = {str(symbol) for symbol in COUNTS}

    def of(name: str) -> SearchStrategy[float]:
        if name in counts:
            return st.integers(1, max(2, int(high))).map(float)
        return st.floats(0, 0.49) if name == "p" else scale

    drawn = st.fixed_dictionaries({name: of(name) for name in sorted(_names(theorem))})
    if not (assumed and theorem.assumes):
        return drawn
    return drawn.filter(lambda numbers: theorem.check(numbers).holds)


def moments(theorem: Theorem, bound: Bound, *, longest: float = 1e4) -> SearchStrategy[Any]:
    """A strategy for admissible numbers with events in order and a step inside a bound's stage.

    Args:
        theorem: the theorem.
        bound: one of its bounds.
        longest: the longest stage, in steps.

    Example:
        >>> from hypothesis import find
        >>> from bofcheck.theory import get_theorem
        >>> theorem = get_theorem("kou2023")
        >>> numbers = find(moments(theorem, theorem.bounds[0]), lambda numbers: True)
        >>> assert_finite(theorem.bounds[0], numbers)
    """
    from hypothesis import strategies as st

    events = [event.name for event in theorem.events if event.name in theorem.timed]
    gaps = st.lists(st.floats(1, longest), min_size=len(events) + 1, max_size=len(events) + 1).map(
        np.cumsum
    )

    def placed(numbers: dict[str, float], ends: NDArray[np.float64], part: float) -> dict[str, Any]:
        clock = dict(zip(events, ends.tolist(), strict=False))
        start, end = bound.during or (0, math.inf)
        first = clock.get(str(start), 0.0)
        last = clock.get(str(end), float(ends[-1]))
        return {**numbers, **clock, "t": max(first + part * (last - first), first + 1e-3)}

    return st.builds(placed, parameters(theorem), gaps, st.floats(0.001, 1))


def _names(theorem: Theorem) -> set[str]:
    """Symbols and constants of a theorem's bounds and conditions, without steps and events."""
    formulas = [side for bound in theorem.bounds for side in (bound.floor, bound.excess)]
    formulas += [side for each in theorem.assumes for side in (each.left, each.right)]
    names = {str(symbol) for formula in formulas for symbol in formula.free_symbols}
    clock = {"t", "T1", "T2", "T3", *(event.name for event in theorem.events)}
    logged = {name for bound in theorem.bounds for name in bound.logged}
    return (names | theorem.numbers.keys()) - clock - logged


def assert_monotone(
    bound: Bound,
    name: str,
    values: Mapping[str, float],
    grid: ArrayLike,
    direction: Literal["decreasing", "increasing"] = "decreasing",
) -> None:
    """A bound falls, or rises, with one number.

    Args:
        bound: the bound.
        name: ``"t"``, a symbol or a constant.
        values: the other numbers.
        grid: values of the number, in rising order.
        direction: how the bound must change; staying the same is allowed.

    Raises:
        AssertionError: naming where it changes the other way.

    Example:
        >>> import bofcheck
        >>> mine = bofcheck.theorem("mine").upper("train_loss", "C/t").build()
        >>> assert_monotone(mine.bounds[0], "t", {"C": 1.0}, [1, 10, 100])
    """
    points = np.asarray(grid, dtype=float)
    found = _numbers(bound, {**values, name: points})
    change = np.diff(found) * (1 if direction == "decreasing" else -1)
    wrong = np.flatnonzero(~(change <= ROUNDING * np.abs(found[:-1])))
    if wrong.size:
        at = int(wrong[0])
        raise AssertionError(
            f"{bound.name} is not {direction} in {name}: {found[at]:.6g} at {points[at]:g}, "
            f"{found[at + 1]:.6g} at {points[at + 1]:g}{_with(values)}"
        )


def assert_never_below(
    bound: Bound, least: float | Bound, values: Mapping[str, float], **grid: ArrayLike
) -> None:
    """A bound is never below a number, or another bound.

    Args:
        bound: the bound.
        least: the least value of its quantity, or a bound that it must not undercut.
        values: numbers by name.
        grid: more numbers, as arrays of one length, such as ``t=[1, 10]``.

    Raises:
        AssertionError: naming where it is below.
    """
    points = {name: np.asarray(given, dtype=float) for name, given in grid.items()}
    found = np.atleast_1d(_numbers(bound, {**values, **points}))
    other = _numbers(least, {**values, **points}) if isinstance(least, Bound) else least
    limit = np.broadcast_to(np.asarray(other, dtype=float), found.shape)
    wrong = np.flatnonzero(~(found >= limit - ROUNDING * np.abs(limit)))
    if wrong.size:
        at = int(wrong[0])
        place = ", ".join(f"{name} = {np.atleast_1d(each)[at]:g}" for name, each in points.items())
        named = f"{least.name} = {limit[at]:.6g}" if isinstance(least, Bound) else f"{limit[at]:g}"
        where = f" at {place}" if place else ""
        raise AssertionError(f"{bound.name} = {found[at]:.6g}{where}, below {named}{_with(values)}")


def assert_limits(
    bound: Bound,
    values: Mapping[str, float],
    *,
    start: float | None = None,
    end: float | None = None,
    far: float = 1e12,
    within: float = 1e-3,
) -> None:
    """A bound begins and ends where it should.

    Args:
        bound: the bound.
        values: numbers by name, events included.
        start: its value at t = 0, or None.
        end: its value at t = ``far``, or None.
        far: a step after everything has happened.
        within: difference that is allowed, relative to the value where that is above 1.

    Raises:
        AssertionError: naming the value.

    Example:
        >>> import bofcheck
        >>> mine = bofcheck.theorem("mine").upper("test_error", "C*exp(-k*t)", floor="p").build()
        >>> assert_limits(mine.bounds[0], {"C": 0.4, "k": 0.1, "p": 0.1}, start=0.5, end=0.1)
    """
    for step, wanted in ((0.0, start), (far, end)):
        if wanted is None:
            continue
        found = float(_numbers(bound, {**values, "t": step}))
        if not abs(found - wanted) <= within * max(1.0, abs(wanted)):
            raise AssertionError(
                f"{bound.name} = {found:.6g} at t = {step:g}, not {wanted:g}{_with(values)}"
            )


def assert_continuous(theorem: Theorem, values: Mapping[str, float]) -> None:
    """Bounds of one kind on one quantity agree where a stage ends and the next begins.

    Args:
        theorem: the theorem; constants that follow from others are put in.
        values: numbers by name, events included.

    Raises:
        AssertionError: naming the bounds, the event and both values.

    Example:
        >>> import bofcheck
        >>> mine = bofcheck.theorem("mine").stage(until="a <= 1").upper("a", "C")
        >>> mine = mine.stage().upper("a", "C*exp(-k*(t - T1))").build()
        >>> assert_continuous(mine, {"C": 2.0, "k": 0.1, "T1": 30.0})
    """
    for early, late in zip(theorem.stages, theorem.stages[1:], strict=False):
        step = values[str(early.end)]
        for first in early.bounds:
            for second in late.bounds:
                if (first.quantity, first.kind) != (second.quantity, second.kind):
                    continue
                left, right = (
                    float(_numbers(theorem.continuous(each), {**values, "t": step}))
                    for each in (first, second)
                )
                if not math.isclose(left, right, rel_tol=1e-6, abs_tol=1e-12):
                    raise AssertionError(
                        f"{first.name} = {left:.6g} and {second.name} = {right:.6g} at "
                        f"{early.end} = {step:g}{_with(values)}"
                    )


def assert_finite(bound: Bound, values: Mapping[str, float]) -> None:
    """A bound is a number.

    Raises:
        AssertionError: it is NaN; infinity is allowed, where a formula overflows.
    """
    found = float(_numbers(bound, dict(values)))
    if math.isnan(found):
        raise AssertionError(f"{bound.name} is not a number{_with(values)}")


def _numbers(bound: Bound, values: Mapping[str, Any]) -> NDArray[np.float64]:
    needed = {str(symbol) for side in (bound.floor, bound.excess) for symbol in side.free_symbols}
    clock = ({str(part) for part in bound.during or ()} | {"t"}) & SYMBOLS.keys()
    kept = {name: value for name, value in values.items() if name in needed | clock}
    shape = np.broadcast_shapes(*(np.shape(value) for value in values.values()))
    return np.broadcast_to(np.asarray(bound.numeric(**kept), dtype=float), shape)


def _with(values: Mapping[str, float]) -> str:
    shown = ", ".join(f"{name} = {value:.4g}" for name, value in values.items())
    return f", with {shown}" if shown else ""


__all__ = [
    "assert_continuous",
    "assert_finite",
    "assert_limits",
    "assert_monotone",
    "assert_never_below",
    "moments",
    "parameters",
]
