"""Which wrong powers a design of cells and runs would find, before anything is measured.

The standard error of a number's power follows from where the cells are and how far they scatter,
as in any regression; a power is found where it is off by as much as its interval reaches, plus what
chance needs (the usual power calculation with Student's t; Cohen 1988, chapter 9).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as student

from ..thresholds import (
    POWER_MATERIAL_SHARE,
    SHAPE_MIN_LEVELS,
    SHAPE_MIN_VARIED,
    SHAPE_MISS,
    SHAPE_TOLERANCE,
)

Array = NDArray[np.float64]

#: The chances that are asked about.
CHANCES = (0.8, 0.95)
#: The wrong power that a design should find.
WANTED = 0.5
#: Smallest singular value of the numbers' correlations that still tells them apart.
TOLD_APART = 0.05
#: Loading on a direction without variation from which a number belongs to it.
_LOADING = 0.2


@dataclass(frozen=True)
class Findable:
    """The wrong powers of a number that a design finds.

    Attributes:
        name: the number.
        varied: largest over smallest value.
        sizes: the smallest wrong power found with each of `CHANCES`; inf if none is.
        why: why none is found, or what would find a power of ½; empty where it is found.
        factor: the largest over smallest value that would find a power of ½ with 95%.
        runs: the runs of a cell that would, with the cells as they are; None if no number would.
    """

    name: str
    varied: float
    sizes: tuple[float, float] = (math.inf, math.inf)
    why: str = ""
    factor: float = math.nan
    runs: int | None = None


def findable(
    cells: Sequence[Mapping[str, float]], runs: int, scatter: float, *, between: float = 0.0
) -> tuple[Findable, ...]:
    """The wrong powers that cells find, number by number.

    Args:
        cells: each cell's numbers by symbol.
        runs: of every cell.
        scatter: between runs of a cell, standard deviation of the room in log units.
        between: between cells, beyond what their runs explain.

    Example:
        >>> cells = [{"g": g, "h": h} for g in (0.1, 0.2, 0.4) for h in (0.25, 0.5, 1.0)]
        >>> [(each.name, round(each.sizes[1], 2)) for each in findable(cells, 16, 0.1)]
        [('g', 0.19), ('h', 0.19)]
        >>> findable(cells[:3], 16, 0.1)[0].why
        'it does not vary'
    """
    names = dict.fromkeys(name for cell in cells for name in cell)
    logs = {
        name: np.log([float(cell[name]) for cell in cells])
        for name in names
        if all(cell.get(name, 0.0) > 0 for cell in cells)
    }
    varying = {n: x for n, x in logs.items() if np.ptp(x) > math.log(SHAPE_MIN_VARIED)}
    told, confounded = told_apart(varying)
    freedom = len(cells) - len(told) - 2  # a constant, and time
    deviation = math.hypot(scatter / math.sqrt(runs), between)
    errors = _errors([varying[name] for name in told])
    out = []
    for name in names:
        varied = float(np.exp(np.ptp(logs[name]))) if name in logs else math.nan
        why = _why_not(name, logs, varying, confounded, freedom)
        if why:
            out.append(Findable(name, varied, why=why))
            continue
        error = deviation * errors[told.index(name)]
        reach = float(student.ppf(1 - SHAPE_MISS / (2 * (len(told) + 1)), freedom))
        sizes = tuple(
            max(POWER_MATERIAL_SHARE * SHAPE_TOLERANCE, (reach + float(norm.ppf(q))) * error)
            for q in CHANCES
        )
        short = (reach + float(norm.ppf(CHANCES[1]))) * error / WANTED
        if short <= 1:
            out.append(Findable(name, varied, (sizes[0], sizes[1])))
            continue
        needed = varied**short
        more = math.ceil(runs * short**2) if between < deviation / short else None
        why = f"vary it {needed:.3g}×" + (f", or train {more} runs a cell" if more else "")
        out.append(Findable(name, varied, (sizes[0], sizes[1]), why, needed, more))
    return tuple(out)


def _why_not(
    name: str,
    logs: Mapping[str, Array],
    varying: Mapping[str, Array],
    confounded: Mapping[str, tuple[str, ...]],
    freedom: int,
) -> str:
    if name not in logs:
        return "it is 0 in some cell, so that it has no power"
    if name not in varying:
        return "it does not vary"
    if name in confounded:
        return f"it varies together with {', '.join(confounded[name])}: vary it alone in some cell"
    if levels(np.exp(logs[name])) < SHAPE_MIN_LEVELS:
        return f"it has {levels(np.exp(logs[name]))} values; add a cell with another"
    if freedom < 1:
        return f"too few cells for the numbers that vary; add {1 - freedom}"
    return ""


def _errors(columns: Sequence[Array]) -> Array:
    """Standard errors of the powers at unit scatter of the cells' means."""
    if not columns:
        return np.empty(0)
    design = np.column_stack([np.ones(len(columns[0])), *columns])
    return np.asarray(np.sqrt(np.diag(np.linalg.pinv(design.T @ design)))[1:])


def levels(values: Array) -> int:
    """How many values differ by more than the factor that counts as variation.

    >>> levels(np.array([1.0, 1.05, 2.0]))
    2
    """
    ordered = np.sort(values)
    last, count = ordered[0], 1
    for value in ordered[1:]:
        if value > last * SHAPE_MIN_VARIED or last <= 0 < value:
            last, count = value, count + 1
    return count


def told_apart(varying: Mapping[str, Array]) -> tuple[list[str], dict[str, tuple[str, ...]]]:
    """Numbers that span what varies, and those that vary together, each with its companions.

    Args:
        varying: name -> (cells,) logarithms, none of them constant.

    Example:
        >>> x = np.log([1.0, 2.0, 4.0, 8.0])
        >>> told_apart({"a": x, "b": x, "c": x**2})
        (['a', 'c'], {'a': ('b',), 'b': ('a',)})
    """
    told = list(varying)
    confounded: dict[str, tuple[str, ...]] = {}
    while len(told) > 1:
        table = np.column_stack([varying[name] for name in told])
        table = table - table.mean(axis=0)
        scaled = table / np.linalg.norm(table, axis=0)
        _, sizes, directions = np.linalg.svd(scaled, full_matrices=True)
        sizes = np.pad(sizes, (0, len(told) - len(sizes)))
        if sizes[-1] > TOLD_APART:
            break
        loads = np.abs(directions[-1])
        together = [name for name, load in zip(told, loads, strict=True) if load > _LOADING]
        for name in together:
            others = tuple(other for other in together if other != name)
            confounded[name] = tuple(dict.fromkeys((*confounded.get(name, ()), *others)))
        told.remove(together[-1] if together else told[-1])
    return told, confounded
