"""Measured curves: quantities of runs at steps, from a CSV or a netCDF file."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import CompareError
from .netcdf import netcdf_rows
from .rows import CELL, ONE_CELL, RUN, STEP, Row

Array = NDArray[np.float64]

_SEPARATORS = {";": "semicolons", "\t": "tabs"}


@dataclass(frozen=True)
class Measured:
    """Quantities of R measured runs at T steps; the counterpart of `Trajectory`.

    Attributes:
        steps: (T,) every step at which some run was measured, in order.
        seeds: (R,) names or numbers of the runs, in order.
        quantities: name -> (R, T), NaN where not measured.
        diverged: (R,) runs with an entry that is not finite.
        provenance: the file they were read from.

    Example:
        >>> errors = {"test_error": np.array([[0.5, 0.2], [0.4, 0.1]])}
        >>> diverged = np.array([False, False])
        >>> curves = Measured(np.array([0.0, 10.0]), np.array(["a", "b"]), errors, diverged)
        >>> curves.rows(curves.seeds == "b")["test_error"]
        array([[0.4, 0.1]])
    """

    steps: Array
    seeds: NDArray[Any]
    quantities: Mapping[str, Array]
    diverged: NDArray[np.bool_]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, quantity: str) -> Array:
        """The (R, T) array of one quantity."""
        return self.quantities[quantity]

    def rows(self, which: NDArray[np.bool_]) -> Measured:
        """The selected runs."""
        return Measured(
            self.steps,
            self.seeds[which],
            {name: values[which] for name, values in self.quantities.items()},
            self.diverged[which],
            self.provenance,
        )


def read_curves(path: str | Path, needed: Iterable[str] = ()) -> dict[str, Measured]:
    r"""Read curves, cell by cell.

    A CSV file has a header and a row for each number (``run,step,quantity,value``) or for each step
    (``run,step,test_error,...``); a column ``cell`` tells problems apart. In netCDF every variable
    with dimensions run and step is read, or ``value`` with the dimension quantity as well; cell is
    a dimension if there are several. ``seed`` means run, so what `bofcheck export` writes can be
    read.

    Args:
        path: ``.csv``, ``.nc`` or ``.netcdf``.
        needed: quantities to read; empty for all.

    Returns:
        The curves of each cell by its name. An empty field was not measured; nan or inf marks a
        run as diverged.

    Raises:
        CompareError: naming the file and line, the fault and what is expected.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "curves.csv"
    ...     _ = path.write_text("run,step,test_error\na,0,0.5\na,10,0.2\nb,0,0.4\n")
    ...     curves = read_curves(path)["data"]
    >>> curves["test_error"]
    array([[0.5, 0.2],
           [0.4, nan]])
    """
    path, wanted = Path(path), frozenset(needed)
    if path.suffix in (".nc", ".netcdf"):
        rows = netcdf_rows(path, wanted)
    elif path.suffix == ".csv":
        rows = _csv_rows(path, wanted)
    else:
        raise CompareError(f"{path}: curves are read from .csv and .nc files")
    try:
        return _gather(path, rows, wanted)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CompareError(f"{path}: cannot be read: {reason}") from None


def _csv_rows(path: Path, wanted: frozenset[str]) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            places = _Columns(path, header, wanted)
            for row in reader:
                if any(field.strip() for field in row):
                    yield from places.numbers(row, reader.line_num)
        except csv.Error as error:
            raise CompareError(f"{path}: line {reader.line_num}: not valid CSV: {error}") from None


class _Columns:
    """The columns of a CSV file and their meaning."""

    def __init__(self, path: Path, header: list[str], wanted: frozenset[str]) -> None:
        self.path, self.header = path, header
        twice = [name for name in header if header.count(name) > 1]
        if twice:
            raise CompareError(
                f"{path}: line 1: two columns are called {twice[0]!r}; rename or remove one"
            )
        runs = [header.index(name) for name in RUN if name in header]
        if not runs or STEP not in header:
            shown = ", ".join(header)[:120] or "nothing"
            other = next((name for mark, name in _SEPARATORS.items() if mark in shown), "")
            hint = f"; columns are separated by commas, not by {other}" if other else ""
            raise CompareError(
                f"{path}: line 1: needs columns run, step, quantity, value, or run, step and a "
                f"column for each quantity; it has {shown!r}{hint}"
            )
        self.run, self.step = runs[0], header.index(STEP)
        self.cell = header.index(CELL) if CELL in header else None
        self.long = "quantity" in header and "value" in header
        keys = {self.run, self.step, self.cell}
        self.wanted = wanted
        self.values = {
            name: place
            for place, name in enumerate(header)
            if place not in keys and (not wanted or name in wanted)
        }
        if not self.long and not self.values:
            asked = ", ".join(sorted(wanted)) or "of a quantity"
            shown = ", ".join(header)[:120]
            raise CompareError(f"{path}: line 1: has no column {asked}; it has {shown}")

    def numbers(self, row: list[str], line: int) -> Iterator[Row]:
        if len(row) != len(self.header):
            raise CompareError(
                f"{self.path}: line {line}: {len(row)} fields, the header has {len(self.header)}"
            )
        cell = ONE_CELL if self.cell is None else row[self.cell].strip()
        run = row[self.run].strip()
        if not cell or not run:
            raise CompareError(f"{self.path}: line {line}: run and cell must not be empty")
        step = self._number(row[self.step], STEP, line)
        if not (math.isfinite(step) and step >= 0):
            raise CompareError(f"{self.path}: line {line}: step = {step}: must be at least 0")
        if self.long:
            name = row[self.header.index("quantity")].strip()
            asked = not self.wanted or name in self.wanted
            pairs = {name: row[self.header.index("value")] if asked else ""}
        else:
            pairs = {name: row[place] for name, place in self.values.items()}
        for name, text in pairs.items():
            yield cell, run, step, name, self._number(text, name, line) if text.strip() else None

    def _number(self, text: str, name: str, line: int) -> float:
        try:
            if not text.isascii() or "_" in text:  # which Python reads as numbers
                raise ValueError(text)
            return float(text)
        except ValueError:
            hint = "; decimals are written 0.5" if re.fullmatch(r"\s*-?\d+,\d+\s*", text) else ""
            raise CompareError(
                f"{self.path}: line {line}: {name} = {text[:40]!a}: is not a number{hint}"
            ) from None


def _gather(path: Path, rows: Iterable[Row], wanted: frozenset[str]) -> dict[str, Measured]:
    cells: dict[str, _Table] = {}
    seen: set[str] = set()
    for cell, run, step, name, value in rows:
        table = cells.setdefault(cell, _Table())
        table.runs.add(run)
        seen.add(name)
        if value is None:
            continue
        if (run, step, name) in table.numbers:
            raise CompareError(
                f"{path}: cell {cell}, run {run}, step {step:g}: {name} is given twice"
            )
        table.numbers[run, step, name] = value
    if not any(table.numbers for table in cells.values()):
        asked = f" of {', '.join(sorted(wanted))}" if wanted else ""
        has = ", ".join(sorted(seen)) or "no such column"
        raise CompareError(f"{path}: holds no number{asked}; it has {has}")
    return {name: _measured(path, table) for name, table in sorted(cells.items())}


@dataclass
class _Table:
    """The content of a file about one cell; a run without any number still counts as a run."""

    runs: set[str] = field(default_factory=set)
    numbers: dict[tuple[str, float, str], float] = field(default_factory=dict)


def _measured(path: Path, table: _Table) -> Measured:
    runs = sorted(table.runs, key=_natural)
    steps = np.array(sorted({step for _, step, _ in table.numbers}))
    names = sorted({name for _, _, name in table.numbers})
    row = {run: rank for rank, run in enumerate(runs)}
    column = {step: rank for rank, step in enumerate(steps.tolist())}
    arrays = {name: np.full((len(runs), len(steps)), np.nan) for name in names}
    diverged = np.zeros(len(runs), dtype=bool)
    for (run, step, name), value in table.numbers.items():
        arrays[name][row[run], column[step]] = value
        diverged[row[run]] |= not math.isfinite(value)
    return Measured(steps, np.array(runs), arrays, diverged, {"file": path.name})


def _natural(run: str) -> tuple[float, str]:
    """Sort key: runs named by numbers in numerical order, then other runs by name."""
    try:
        value = float(run)
    except ValueError:
        value = math.inf
    return (value if math.isfinite(value) else math.inf), run
