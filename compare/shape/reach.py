"""How far a theorem's conditions let a number be from its value in a cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ...theory import Bound, Condition, Theorem, TheoryError
from ..cells import CellResult

Array = NDArray[np.float64]

#: Factor beyond which a number counts as free.
_FAR = 1e6
#: Halvings of that factor's logarithm, and of these in one evaluation of the condition.
_HALVINGS, _AT_ONCE = 30, 5


def reach(
    theorem: Theorem, bound: Bound, name: str, results: Sequence[CellResult]
) -> tuple[float, float]:
    """Logarithm of the largest factor to smaller, and to larger, values over all cells.

    Returns:
        inf where no condition bounds the number on that side, 0 where it is at its limit.
    """
    smaller, larger = reaches(theorem, bound, name, results)
    return float(smaller.max(initial=0.0)), float(larger.max(initial=0.0))


def reaches(
    theorem: Theorem, bound: Bound, name: str, results: Sequence[CellResult]
) -> tuple[Array, Array]:
    """(cells,) each: logarithm of the factor to smaller, and to larger, values in every cell.

    A cell that does not meet a condition has no reach if others meet it; a condition that no cell
    meets is not asked.

    Args:
        theorem: its conditions are asked.
        bound: and what it requires in addition.
        name: the number.
        results: the cells.
    """
    conditions = [*theorem.assumes, *([theorem.condition] if theorem.decided else [])]
    conditions += [bound.condition] if bound.condition is not None else []
    about = [c for c in conditions if name in c.names]
    ends = []
    for side in (-1, 1):
        out = np.full(len(results), np.inf)
        for condition in about:
            out = np.minimum(out, _until(condition, name, side, results))
        if name == "p" and side == 1:  # below 1/2 in any case
            p = np.array([float(result.values.get("p", 0.0)) for result in results])
            out = np.minimum(out, np.log(0.5 / np.maximum(p, 1e-300)))
        ends.append(out)
    return ends[0], ends[1]


def _until(condition: Condition, name: str, side: int, results: Sequence[CellResult]) -> Array:
    """(cells,) logarithm of the factor up to which a condition stays met."""
    tables = [{"C": 1.0, **result.values} for result in results]
    needed = sorted(condition.names)
    if any(n not in table for table in tables for n in needed):
        return np.full(len(results), np.inf)
    numbers = tuple((n, tuple(float(table[n]) for table in tables)) for n in needed)
    return _found(condition, name, side, numbers)


@lru_cache(maxsize=1024)
def _found(
    condition: Condition, name: str, side: int, numbers: tuple[tuple[str, tuple[float, ...]], ...]
) -> Array:
    """`_until` by halving; every bound of a theorem, and every wrong power of it, asks the same."""
    values = {n: np.array(column) for n, column in numbers}
    cells = len(numbers[0][1])
    free = np.full(cells, np.inf)

    def met(logs: Array) -> NDArray[np.bool_]:
        moved = values[name] * np.exp(side * logs)
        try:
            return np.asarray(condition.holds(**{**values, name: moved})) & np.ones(
                logs.shape, bool
            )
        except TheoryError:
            return np.zeros(logs.shape, dtype=bool)

    low, high = np.zeros(cells), np.full(cells, np.log(_FAR))
    asked, limited = met(low), ~met(high)
    if (asked & limited).any():
        for _ in range(_HALVINGS // _AT_ONCE):
            low, high = _halved(met, low, high)
    unmet = np.zeros(cells) if asked.any() else free
    return np.where(asked, np.where(limited, low, free), unmet)


def _halved(
    met: Callable[[Array], NDArray[np.bool_]], low: Array, high: Array
) -> tuple[Array, Array]:
    """Every interval halved as often as the points asked of at once allow."""
    parts = 2**_AT_ONCE
    points = low + (high - low) * (np.arange(parts + 1) / parts)[:, None]
    good = met(points)
    cells = np.arange(low.size)
    lower, upper = np.zeros(low.size, dtype=int), np.full(low.size, parts)
    for _ in range(_AT_ONCE):
        middle = (lower + upper) // 2
        here = good[middle, cells]
        lower, upper = np.where(here, middle, lower), np.where(here, upper, middle)
    return points[lower, cells], points[upper, cells]
