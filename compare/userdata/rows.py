"""The content of a file of curves as columns of numbers, and which names are one run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

#: Columns for the run, step and cell of a number; bofcheck itself writes ``seed`` for the run.
RUN, STEP, CELL = ("run", "seed"), "step", "cell"
#: What `bofcheck export` writes beside the quantities.
ENDS = ("diverged_at", "stopped_at")
#: The name of the only cell of a file without a column ``cell``.
ONE_CELL = "data"

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def identity(name: str) -> str:
    """What makes two names one: numbers are compared as numbers, other names letter by letter.

    >>> [identity(name) for name in ("3", "3.0", " 03", "3e0", "-0", "3a", "1e-1")]
    ['3', '3', '3', '3', '0', '3a', '0.1']
    """
    text = name.strip()
    if not _NUMBER.fullmatch(text):
        return text
    number = Decimal(text)
    # more digits than any counter has: normalize() would round them
    if len(number.as_tuple().digits) > 28:
        return text
    return f"{number.normalize():f}" if number else "0"


class Names:
    """Numbers the names of runs or cells; spellings of one number share theirs.

    Example:
        >>> names = Names()
        >>> [names.code(text) for text in ("3.0", "4", "3")], names.shown
        ([0, 1, 0], ['3', '4'])
    """

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._known: dict[str, int] = {}
        #: The shortest spelling of each.
        self.shown: list[str] = []

    def code(self, text: str) -> int:
        """The number of a name."""
        known = self._codes.get(text)
        if known is not None:
            return known
        name, key = text.strip(), identity(text)
        code = self._known.setdefault(key, len(self.shown))
        if code == len(self.shown):
            self.shown.append(name)
        else:
            self.shown[code] = min(self.shown[code], name, key=lambda each: (len(each), each))
        self._codes[text] = code
        return code

    def codes(self, texts: Iterable[str]) -> Codes:
        """The numbers of several names."""
        return np.array([self.code(text) for text in texts], dtype=np.int64)


@dataclass(frozen=True)
class Points:
    """The numbers of one quantity in a file, in the order of the file.

    Attributes:
        cell: (n,) codes of cells.
        run: (n,) codes of runs.
        step: (n,) steps.
        value: (n,) numbers; NaN or infinite where a run had diverged.
        line: (n,) lines of the file; 0 where it has no lines.
    """

    cell: Codes
    run: Codes
    step: Array
    value: Array
    line: Codes

    def at(self, rows: Codes) -> Points:
        """The numbers of some rows."""
        return Points(
            self.cell[rows], self.run[rows], self.step[rows], self.value[rows], self.line[rows]
        )

    def moved(self, lines: int) -> Points:
        """The same with every line so many lines later."""
        return Points(self.cell, self.run, self.step, self.value, self.line + lines)


@dataclass(frozen=True)
class File:
    """Where the lines of one of several tables are in the order of all.

    Attributes:
        name: what messages call it.
        where: what a row of it is called, ``"line"`` or ``"row"``.
        first: lines of the tables before it.
        last: lines up to its end.
    """

    name: str
    where: str
    first: int
    last: int


@dataclass
class Content:
    """Everything a file says.

    Attributes:
        cells: its cells.
        runs: its runs; two cells may have runs of one name.
        points: by quantity.
        present: (cell, run) of every run, also of runs without any number.
        diverged: (cell, run) of runs that are said to have diverged.
        named: every quantity that is named, with or without numbers.
        notes: what the reader of the report must know about the file.
        stepless: whether it names no steps, so that every number is at step 0.
        gap: what a number that is not finite means in this file, and the way out.
        numbers: by symbol and cell, the number as it was written.
        files: the tables, in the order in which they were read.
    """

    cells: Names = field(default_factory=Names)
    runs: Names = field(default_factory=Names)
    points: dict[str, Points] = field(default_factory=dict)
    present: set[tuple[int, int]] = field(default_factory=set)
    diverged: set[tuple[int, int]] = field(default_factory=set)
    named: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    stepless: bool = False
    gap: str = ""
    numbers: dict[str, dict[int, str]] = field(default_factory=dict)
    files: list[File] = field(default_factory=list)

    def append(self, name: str, where: str, points: Mapping[str, Points]) -> None:
        """Add the numbers of one more table, whose lines go on where the last ended."""
        first = self.files[-1].last if self.files else 0
        last = max((int(part.line.max()) for part in points.values() if part.line.size), default=0)
        self.files.append(File(name, where, first, max(last, first)))
        for quantity, new in points.items():
            old = self.points.get(quantity)
            columns = ("cell", "run", "step", "value", "line")
            self.points[quantity] = (
                new
                if old is None
                else Points(
                    *(np.concatenate([getattr(old, each), getattr(new, each)]) for each in columns)
                )
            )

    def place(self, line: int) -> str:
        """The file and line of a number; the only file alone where it has no lines."""
        for file in self.files:
            if line <= file.last:
                row = f"{file.where} {line - file.first}: " if line else ""
                return f"{file.name}: {row}"
        return ""
