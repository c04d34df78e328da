"""`Table`: the numbers of a figure, and the only thing it is drawn from."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import CompareError

Value = float | int | str | None
Row = Mapping[str, Value]

#: Quantiles over runs that limit a band.
BAND = (0.1, 0.9)


@dataclass(frozen=True)
class Table:
    """Rows of named values; a missing value is None.

    Attributes:
        rows: in the order they are written.

    Example:
        >>> table = Table(({"panel": "a", "step": 0, "mean": 0.5}, {"panel": "b", "step": 1}))
        >>> print(table.to_csv(), end="")
        panel,step,mean
        a,0,0.5
        b,1,
        >>> Table.from_csv(table.to_csv()).select(panel="a").column("mean")
        array([0.5])
    """

    rows: tuple[Row, ...]

    def __iter__(self) -> Iterator[Row]:
        """Iterate over rows."""
        return iter(self.rows)

    def __len__(self) -> int:
        """Number of rows."""
        return len(self.rows)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of all columns, in the order they first occur."""
        return tuple(dict.fromkeys(name for row in self.rows for name in row))

    def select(self, **match: Value) -> Table:
        """The rows that have these values."""
        kept = (row for row in self.rows if all(row.get(k) == v for k, v in match.items()))
        return Table(tuple(kept))

    def values(self, name: str) -> list[Value]:
        """The distinct values of a column except None, in the order they first occur."""
        known = dict.fromkeys(row.get(name) for row in self.rows)
        return [value for value in known if value is not None]

    def numbers(self, name: str) -> list[float]:
        """`values` of a column of numbers."""
        return [_number(value) for value in self.values(name) if not isinstance(value, str)]

    def texts(self, name: str) -> list[str]:
        """`values` of a column of text."""
        return [str(value) for value in self.values(name)]

    def column(self, name: str) -> NDArray[np.float64]:
        """(rows,) numbers of a column, NaN for a missing value.

        Raises:
            CompareError: there is no such column, or text in it.
        """
        if name not in self.columns:
            raise CompareError(f"has no column {name!r}")
        texts = [value for row in self.rows if isinstance(value := row.get(name), str)]
        if texts:
            raise CompareError(f"column {name!r} holds {texts[0]!r}, which is not a number")
        return np.array([_number(row.get(name)) for row in self.rows])

    def to_csv(self) -> str:
        """The table as CSV; numbers read back exactly."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        columns = self.columns
        writer.writerow(columns)
        writer.writerows([_text(row.get(name)) for name in columns] for row in self.rows)
        return out.getvalue()

    @classmethod
    def from_csv(cls, text: str) -> Table:
        """Read what `to_csv` wrote.

        Raises:
            CompareError: the text is not such a table.
        """
        lines = list(csv.reader(io.StringIO(text)))
        if len(lines) < 2 or any(len(line) != len(lines[0]) for line in lines):
            raise CompareError("is not a table of named columns")
        names = lines[0]
        rows = (dict(zip(names, map(_value, line), strict=True)) for line in lines[1:])
        return cls(tuple(rows))


def summary(values: ArrayLike) -> dict[str, Value]:
    """Mean over runs, the band from 10% to 90% of them, and the number of runs.

    Args:
        values: (R,) one number per run; NaN for runs that do not count.

    Returns:
        ``mean``, ``low`` and ``high`` (the 10% and 90% quantiles) and ``runs``; the first three are
        None if no run counts.

    Example:
        >>> summary([1.0, 2.0, 3.0, float("nan")])
        {'mean': 2.0, 'low': 1.2, 'high': 2.8, 'runs': 3}
    """
    array = np.asarray(values, dtype=float)
    kept = array[np.isfinite(array)]
    if not kept.size:
        return {"mean": None, "low": None, "high": None, "runs": 0}
    low, high = np.quantile(kept, BAND).tolist()
    return {"mean": float(kept.mean()), "low": low, "high": high, "runs": int(kept.size)}


def along(
    steps: Sequence[int] | NDArray[Any], values: NDArray[np.float64], **head: Value
) -> list[Row]:
    """One row per step with the `summary` over runs.

    Args:
        steps: (T,) logged steps.
        values: (R, T) of the runs that count.
        **head: values at the start of every row.
    """
    return [
        {**head, "step": whole(step), **summary(column)}
        for step, column in zip(steps, values.T, strict=True)
    ]


def whole(step: float) -> float:
    """A step as it is written: a whole number without decimals.

    >>> whole(3.0), whole(0.05)
    (3, 0.05)
    """
    return int(step) if float(step).is_integer() else float(step)


def _number(value: Value) -> float:
    return math.nan if value is None or isinstance(value, str) else float(value)


def _text(value: Value) -> str:
    if value is None:
        return ""
    return repr(float(value)) if isinstance(value, float) else str(value)


def _value(text: str) -> Value:
    if not text:
        return None
    kinds: tuple[type[int] | type[float], ...] = (float,) if "." in text else (int, float)
    for kind in kinds:
        try:
            return kind(text)
        except ValueError:
            pass
    return text
