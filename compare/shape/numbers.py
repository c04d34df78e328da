"""Numbers of cells as predictors: which vary, by how much, and which vary together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..thresholds import SHAPE_MIN_VARIED

Array = NDArray[np.float64]

#: Smallest singular value of the numbers' correlations that still tells them apart.
TOLD_APART = 0.05
#: Loading on a direction without variation from which a number belongs to it.
_LOADING = 0.2


@dataclass(frozen=True)
class Column:
    """A number as a predictor.

    Attributes:
        logs: (cells,) its logarithms; of what can be 0, the values themselves, scaled.
        varied: largest over smallest value; nan where a value is not positive.
        levels: how many different values it has.
        power: whether it has a power, as only positive values have.
    """

    logs: Array
    varied: float
    levels: int
    power: bool = True

    def varies(self, used: NDArray[np.int64] | slice = slice(None)) -> bool:
        """Whether it varies by more than the factor that counts as variation."""
        spread = np.ptp(self.logs[used])
        return bool(spread > np.log(SHAPE_MIN_VARIED) if self.power else spread > 0)


def columns_of(tables: Sequence[Mapping[str, float]]) -> dict[str, Column]:
    """Every number that all cells have, by symbol; not one that is 0 in all of them.

    >>> columns = columns_of([{"n": n, "p": 0.0} for n in (1, 2, 4)])
    >>> round(columns["n"].varied, 6), columns["n"].varies(), columns["p"].varies()
    (4.0, True, False)
    """
    out = {}
    for name in sorted({name for table in tables for name in table}):
        values = np.array([float(table.get(name, np.nan)) for table in tables])
        if np.isnan(values).any():
            continue
        count = levels(values)
        if (values > 0).all():
            logs = np.log(values)
            out[name] = Column(logs, float(np.exp(np.ptp(logs))), count)
        elif name == "p":  # what a flip leaves of the signal is 1 - 2p
            out[name] = Column(np.log1p(-2 * values), np.nan, count, power=False)
        elif np.ptp(values):
            out[name] = Column(values / np.abs(values).max(), np.nan, count, power=False)
    return out


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
