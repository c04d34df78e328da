"""Curves from a CSV file."""

from __future__ import annotations

import csv
import difflib
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from ...simulate import QUANTITIES
from ..errors import CompareError
from .rows import CELL, ENDS, ONE_CELL, RUN, STEP, Array, Codes, Content, Points

_SEPARATORS = {";": "semicolons", "\t": "tabs"}
#: Rows turned into numbers at a time.
_ROWS = 65_536
_GAP = "because of nan or inf fields, from line {line} on; an empty field means 'not measured'"


def csv_content(path: Path, wanted: frozenset[str]) -> Content:
    """Everything a CSV file says.

    Raises:
        CompareError: naming the line and the fault.
        OSError: the file cannot be read.
        UnicodeDecodeError: it is not UTF-8 text.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            table = _Table(path, header, wanted)
            width, run, cell = len(header), table.run, table.cell
            rows: list[list[str]] = []
            lines: list[int] = []
            for row in reader:
                if (
                    len(row) != width
                    or not row[run].strip()
                    or (cell is not None and not row[cell].strip())
                ):
                    if not any(field.strip() for field in row):
                        continue
                    raise CompareError(f"{path}: line {reader.line_num}: {_lacks(row, width)}")
                rows.append(row)
                lines.append(reader.line_num)
                if len(rows) == _ROWS:
                    table.add(rows, lines)
                    rows, lines = [], []
            if rows:
                table.add(rows, lines)
        except csv.Error as error:
            raise CompareError(f"{path}: line {reader.line_num}: not valid CSV: {error}") from None
    return table.content()


def _lacks(row: Sequence[str], width: int) -> str:
    if len(row) != width:
        return f"{len(row)} fields, the header has {width}"
    return "run and cell must not be empty"


def nearest(name: str, known: Iterable[str]) -> str:
    """The name that was probably meant; empty if none is near.

    >>> nearest("Cell", ["cell", "step"]), nearest("trainloss", ["train_loss"]), nearest("lr", [])
    ('cell', 'train_loss', '')
    """
    by_letters = {each.lower(): each for each in known}
    close = difflib.get_close_matches(name.strip().lower(), by_letters, n=1, cutoff=0.75)
    return by_letters[close[0]] if close else ""


def unused_note(kind: str, unused: Iterable[str], meant: Iterable[str]) -> str:
    """Says which columns or variables are not read, if one was probably meant to be.

    Args:
        kind: ``"column"``, ``"variable"`` or ``"quantity"``.
        unused: their names.
        meant: names that would be read and that the file lacks.

    >>> unused_note("column", ["Cell", "lr"], ["cell"])
    'columns that are not used: Cell (did you mean cell?), lr'
    >>> unused_note("column", ["lr"], ["cell"])
    ''
    """
    guesses = {name: nearest(name, meant) for name in unused}
    if not any(guesses.values()):
        return ""
    # a name that was probably misspelt is shown first
    ordered = sorted(guesses, key=lambda name: not guesses[name])
    shown = [
        f"{name[:40]} (did you mean {guesses[name]}?)" if guesses[name] else name[:40]
        for name in ordered[:8]
    ]
    more = f" and {len(ordered) - 8} more" if len(ordered) > 8 else ""
    several = {"quantity": "quantities"}.get(kind, f"{kind}s")
    which = f"{several} that are" if len(ordered) > 1 else f"{kind} that is"
    return f"{which} not used: {', '.join(shown)}{more}"


class _Table:
    """The columns of a CSV file and their meaning, and the numbers read so far."""

    def __init__(self, path: Path, header: list[str], wanted: frozenset[str]) -> None:
        self.path, self.header, self.wanted = path, header, wanted
        twice = [name for name in header if header.count(name) > 1]
        if twice:
            raise CompareError(
                f"{path}: line 1: two columns are called {twice[0]!r}; rename or remove one"
            )
        runs = [header.index(name) for name in RUN if name in header]
        misnamed = STEP not in header and any(nearest(name, [STEP]) for name in header)
        if not runs or misnamed:
            raise CompareError(f"{path}: line 1: {self._no_keys(not runs)}")
        self.run = runs[0]
        self.step = header.index(STEP) if STEP in header else None
        self.cell = header.index(CELL) if CELL in header else None
        self.long = "quantity" in header and "value" in header
        keys = {self.run, self.step, self.cell}
        self.values = {
            name: place
            for place, name in enumerate(header)
            if not self.long and place not in keys and (not wanted or name in wanted)
        }
        if not self.long and not self.values:
            asked = ", ".join(sorted(wanted)) or "of a quantity"
            meant = {name: nearest(name, wanted) for name in header}
            shown = ", ".join(
                f"{name} (did you mean {meant[name]}?)" if meant[name] else name for name in header
            )
            raise CompareError(f"{path}: line 1: has no column {asked}; it has {shown[:200]}")
        self.read = Content()
        #: Of columns that are not read: the one value of each run.
        self.groups: dict[str, dict[int, str]] = (
            {} if self.cell is not None else {name: {} for name in self._unused()}
        )
        self.pieces: dict[str, list[tuple[Codes, Codes, Array, Array, Codes]]] = defaultdict(list)

    def _no_keys(self, no_run: bool) -> str:
        shown = ", ".join(self.header)[:120] or "nothing"
        other = next((name for mark, name in _SEPARATORS.items() if mark in shown), "")
        hint = f"; columns are separated by commas, not by {other}" if other else ""
        lacking = [name for name in ("run" if no_run else "", STEP) if name]
        for name in self.header if not other else ():
            if name not in lacking and (guess := nearest(name, lacking)):
                hint += f"; {name[:40]!r} must be called {guess}"
        return (
            "needs columns run, step, quantity, value, or run, step and a column for each "
            f"quantity; it has {shown!r}{hint}"
        )

    def add(self, rows: list[list[str]], lines: list[int]) -> None:
        """Read some rows."""
        columns = list(zip(*rows, strict=True))
        line = np.array(lines, dtype=np.int64)
        cells = [ONE_CELL] * len(rows) if self.cell is None else columns[self.cell]
        cell, run = self.read.cells.codes(cells), self.read.runs.codes(columns[self.run])
        given = ["0"] * len(rows) if self.step is None else columns[self.step]
        step = self._numbers(given, STEP, lines)
        wrong = np.flatnonzero(~(np.isfinite(step) & (step >= 0)))
        if wrong.size:
            first = int(wrong[0])
            raise CompareError(
                f"{self.path}: line {lines[first]}: step = {step[first]}: must be at least 0"
            )
        self.read.present |= set(zip(cell.tolist(), run.tolist(), strict=True))
        self._group(run.tolist(), columns)
        for name, texts, on in self._quantities(columns):
            self.read.named.add(name)
            filled = [at for at, text in zip(on, texts, strict=True) if text.strip()]
            value = self._numbers(
                [text for text in texts if text.strip()], name, [lines[at] for at in filled]
            )
            at = np.array(filled, dtype=np.int64)
            self.pieces[name].append((cell[at], run[at], step[at], value, line[at]))

    def _group(self, runs: list[int], columns: Sequence[Sequence[str]]) -> None:
        """Keep the columns that say the same in every row of a run."""
        for name, values in list(self.groups.items()):
            for run, text in zip(runs, columns[self.header.index(name)], strict=True):
                if values.setdefault(run, text) != text:
                    del self.groups[name]
                    break

    def _grouping(self) -> str:
        """The columns that tell groups of runs apart, in a file whose runs are all of one cell."""
        names = []
        for name, values in self.groups.items():
            distinct = {text.strip() for text in values.values()}
            if 2 <= len(distinct) <= len(values) / 2:
                names.append(name[:40])
        if not names:
            return ""
        which = ", ".join(names[:4])
        return (
            f"no column is called cell, so all runs are of one problem; they differ in {which}, "
            "which is not used; if that tells problems apart, call it cell"
        )

    def _quantities(
        self, columns: Sequence[Sequence[str]]
    ) -> Iterable[tuple[str, Sequence[str], Sequence[int]]]:
        """Each quantity, its fields and their rows."""
        if not self.long:
            everywhere = range(len(columns[0]))
            for name, place in self.values.items():
                yield name, columns[place], everywhere
            return
        rows: dict[str, list[int]] = defaultdict(list)
        for at, name in enumerate(columns[self.header.index("quantity")]):
            rows[name.strip()].append(at)
        values = columns[self.header.index("value")]
        for name, on in rows.items():
            if not self.wanted or name in self.wanted:
                yield name, [values[at] for at in on], on
            else:
                self.read.named.add(name)

    def _numbers(self, texts: Sequence[str], name: str, lines: Sequence[int]) -> Array:
        try:
            everything = "".join(texts)
            if not everything.isascii() or "_" in everything:  # which Python reads as numbers
                raise ValueError
            return np.array(list(map(float, texts)), dtype=float)
        except ValueError:
            for text, line in zip(texts, lines, strict=True):
                self._number(text, name, line)
            raise

    def _number(self, text: str, name: str, line: int) -> float:
        try:
            if not text.isascii() or "_" in text:
                raise ValueError(text)
            return float(text)
        except ValueError:
            hint = "; decimals are written 0.5" if re.fullmatch(r"\s*-?\d+,\d+\s*", text) else ""
            lacking = {CELL} - set(self.header)
            if not self.long and name != STEP and (guess := nearest(name, lacking)):
                hint = f"; is column {name} meant as {guess}?"
            raise CompareError(
                f"{self.path}: line {line}: {name} = {text[:40]!a}: is not a number{hint}"
            ) from None

    def content(self) -> Content:
        """What was read."""
        for name, pieces in self.pieces.items():
            self.read.points[name] = Points(*map(np.concatenate, zip(*pieces, strict=True)))
        meant = (self.wanted or frozenset(QUANTITIES)) - self.read.named
        note = unused_note("column", self._unused(), {*meant, CELL} - set(self.header))
        if self.long:
            others = [name for name in sorted(self.read.named - self.wanted) if self.wanted]
            known = [name for name in others if name not in QUANTITIES]
            note = "; ".join(filter(None, (note, unused_note("quantity", known, meant))))
        named = any(nearest(name, [CELL]) for name in self.groups)
        grouping = "" if named else self._grouping()
        self.read.stepless = self.step is None
        stepless = "no column is called step, so every number is at step 0"
        notes = (note, grouping, stepless if self.read.stepless else "")
        self.read.notes = [each for each in notes if each]
        bad = [points.line[~np.isfinite(points.value)] for points in self.read.points.values()]
        line = min((int(each.min()) for each in bad if each.size), default=math.nan)
        self.read.gap = _GAP.format(line=line)
        return self.read

    def _unused(self) -> list[str]:
        """Columns that are not read and that bofcheck itself does not write."""
        used = {self.run, self.step, self.cell, *self.values.values()}
        if self.long:
            used |= {self.header.index("quantity"), self.header.index("value")}
        return [
            name
            for place, name in enumerate(self.header)
            if place not in used and name and name not in QUANTITIES and name not in ENDS
        ]
