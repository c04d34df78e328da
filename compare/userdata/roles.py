"""Which cells calibrate: inner values of every number, so that the extremes judge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult, Role
from ..thresholds import SHAPE_MIN_LEVELS
from .rows import identity

#: Choices that are all compared; of more cells, swaps of two improve on a first choice.
_ALL = 5_000
#: What a number with a single value in a role costs, against one extreme that is not judged.
_SINGLE = 20.0


def inner_cells(numbers: Mapping[str, Mapping[str, float]], names: Sequence[str]) -> set[str]:
    """The cells that calibrate, about half of them; empty if no number varies.

    The choice sees numbers alone, no curves. It avoids a number with one value in a role, keeps
    the smallest and largest value of each number for judging, and balances the means.

    Args:
        numbers: numbers of each cell by symbol, by cell name.
        names: the cells.

    Example:
        >>> sizes = {f"n{n}": {"n": n} for n in (50, 100, 200, 400)}
        >>> sorted(inner_cells(sizes, tuple(sizes)))
        ['n100', 'n200']
    """
    cells = sorted(names, key=identity)
    table = _levels(numbers, cells)
    if not table.size or len(cells) < 2:
        return set()
    half, extra = divmod(len(cells), 2)
    best = min((_best(table, size) for size in {half, half + extra}), key=lambda each: each[0])
    return {cells[at] for at in best[1]}


def single_valued(results: Iterable[CellResult]) -> list[str]:
    """Numbers that vary among the cells and have one value in a role, in words."""
    cells = list(results)
    names = dict.fromkeys(name for result in cells for name in result.values)
    said = []
    for role in Role:
        chosen = [result for result in cells if result.cell.role is role]
        one = [
            name
            for name in names
            if len({r.values.get(name) for r in cells}) > 1
            and len({r.values.get(name) for r in chosen}) == 1
        ]
        if one and len(chosen) < len(cells):
            have = "has" if len(one) == 1 else "have"
            said.append(f"{', '.join(one)} {have} a single value in the {role.value} cells")
    return said


def _levels(numbers: Mapping[str, Mapping[str, float]], cells: Sequence[str]) -> NDArray[np.int64]:
    """(cells, numbers) rank of each value among the values of its number, of those that vary."""
    columns = []
    for name in sorted({name for table in numbers.values() for name in table}):
        values = [numbers.get(cell, {}).get(name, np.nan) for cell in cells]
        ranks = np.unique(values, return_inverse=True)[1]
        if ranks.max(initial=0) > 0:
            columns.append(ranks)
    return np.column_stack(columns) if columns else np.empty((len(cells), 0), dtype=int)


def _best(table: NDArray[np.int64], size: int) -> tuple[float, tuple[int, ...]]:
    """The cheapest choice of so many calibration cells, the first of equals."""
    count = len(table)
    if comb(count, size) <= _ALL:
        return min((_cost(table, chosen), chosen) for chosen in combinations(range(count), size))
    outer = np.abs(2 * table / table.max(axis=0) - 1).max(axis=1)
    chosen = tuple(sorted(np.argsort(outer, kind="stable")[:size].tolist()))
    cost = _cost(table, chosen)
    while True:
        swaps = (
            tuple(sorted({*chosen} - {gone} | {new}))
            for gone in chosen
            for new in range(count)
            if new not in chosen
        )
        better, swap = min(((_cost(table, swap), swap) for swap in swaps), default=(cost, chosen))
        if better >= cost:
            return cost, chosen
        cost, chosen = better, swap


def _cost(table: NDArray[np.int64], chosen: Sequence[int]) -> float:
    inside = np.zeros(len(table), dtype=bool)
    inside[list(chosen)] = True
    fitted, judged = table[inside], table[~inside]
    last = table.max(axis=0)
    many = last + 1 >= SHAPE_MIN_LEVELS
    single = (np.ptp(fitted, axis=0) == 0).sum() + (np.ptp(judged, axis=0) == 0).sum()
    unjudged = (judged.min(axis=0) > 0).astype(float) + (judged.max(axis=0) < last)
    seen = (fitted.min(axis=0) == 0).astype(float) + (fitted.max(axis=0) == last)
    balance = np.abs(fitted.mean(axis=0) - judged.mean(axis=0)) / last
    return float(_SINGLE * single + ((unjudged + seen / 2) * many).sum() + balance.sum())
