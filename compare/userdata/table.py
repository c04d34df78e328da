"""Strict rows: texts of a table under known column names, turned into numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from ...simulate import QUANTITIES
from ..errors import CompareError
from .raw import RawTable
from .rows import CELL, ENDS, ONE_CELL, RUN, STEP, Array, Codes, Content, Points, identity
from .shapes import Shape
from .shapes.names import quantity_named
from .unused import nearest, unused_note

_SEPARATORS = {";": "semicolons", "\t": "tabs"}
#: Rows turned into numbers at a time.
_ROWS = 65_536
_GAP = "because of nan or inf fields, from line {line} on; an empty field means 'not measured'"
_FRAME_GAP = (
    "because of NaN where other runs have numbers, from row {line} on; drop these rows if nothing "
    "was measured there"
)


def add_table(
    content: Content, raw: RawTable, shape: Shape, wanted: Collection[str], symbols: Collection[str]
) -> None:
    """Read a table into a content.

    Args:
        content: what other tables said; changed.
        raw: the table.
        shape: what its columns mean.
        wanted: quantities to read; empty for all.
        symbols: symbols whose numbers may be columns.

    Raises:
        CompareError: naming the line and the fault.
    """
    table = _Table(content, raw, list(shape.header), frozenset(wanted), frozenset(symbols))
    width = len(raw.header)
    needed = [place for place in (table.run, table.cell) if place is not None]
    rows: list[Sequence[str]] = []
    lines: list[int] = []
    for line, row in raw.rows:
        if len(row) != width:
            if not any(field.strip() for field in row):
                continue
            fields = f"{len(row)} fields, the header has {width}"
            raise CompareError(f"{raw.name}: {raw.where} {line}: {fields}")
        for said in (row,) if shape.expand is None else shape.expand(row):
            if not all(said[place].strip() for place in needed):
                if not any(field.strip() for field in row):
                    break
                raise CompareError(
                    f"{raw.name}: {raw.where} {line}: run and cell must not be empty"
                )
            rows.append(said)
            lines.append(line)
        if len(rows) >= _ROWS:
            table.add(rows, lines)
            rows, lines = [], []
    if rows:
        table.add(rows, lines)
    table.finish()


class _Table:
    """The columns of a table and their meaning, and the numbers read so far."""

    def __init__(
        self,
        content: Content,
        raw: RawTable,
        header: list[str],
        wanted: frozenset[str],
        symbols: frozenset[str],
    ) -> None:
        self.read, self.raw, self.path = content, raw, raw.name
        self.header, self.wanted = header, wanted
        self.place = f"{raw.name}: line 1" if raw.where == "line" else raw.name
        twice = [name for name in header if header.count(name) > 1]
        if twice:
            raise CompareError(
                f"{self.place}: two columns are called {twice[0]!r}; rename or remove one"
            )
        runs = [header.index(name) for name in RUN if name in header]
        misnamed = STEP not in header and any(nearest(name, [STEP]) for name in header)
        if not runs or misnamed:
            raise CompareError(f"{self.place}: {self._no_keys(not runs)}")
        self.run = runs[0]
        self.step = header.index(STEP) if STEP in header else None
        self.cell = header.index(CELL) if CELL in header else None
        self.long = "quantity" in header and "value" in header
        self.symbols = {name: at for at, name in enumerate(header) if name in symbols - wanted}
        keys = {self.run, self.step, self.cell, *self.symbols.values()}
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
            raise CompareError(
                f"{self.place}: has no column {asked}; it has {shown[:200]}; say which it is: "
                f"--columns {min(wanted, default='train_loss')}=NAME"
            )
        self.renamed: dict[str, str] = {}
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
        way_out = "" if other or not self.header else "; or say which is which: --columns run=NAME"
        return (
            "needs columns run, step, quantity, value, or run, step and a column for each "
            f"quantity; it has {shown!r}{hint}{way_out}"
        )

    def add(self, rows: Sequence[Sequence[str]], lines: Sequence[int]) -> None:
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
                f"{self._at(lines[first])}: step = {step[first]}: must be at least 0"
            )
        self.read.present |= set(zip(cell.tolist(), run.tolist(), strict=True))
        self._group(run.tolist(), columns)
        for name, place in self.symbols.items():
            self._symbol(name, cell.tolist(), columns[place], lines)
        for name, texts, on in self._quantities(columns):
            self.read.named.add(name)
            filled = [at for at, text in zip(on, texts, strict=True) if text.strip()]
            value = self._numbers(
                [text for text in texts if text.strip()], name, [lines[at] for at in filled]
            )
            at = np.array(filled, dtype=np.int64)
            self.pieces[name].append((cell[at], run[at], step[at], value, line[at]))

    def _at(self, line: int) -> str:
        return f"{self.path}: {self.raw.where} {line}"

    def _symbol(
        self, name: str, cells: Sequence[int], texts: Sequence[str], lines: Sequence[int]
    ) -> None:
        """Keep a symbol's number in each cell, and refuse two."""
        known = self.read.numbers.setdefault(name, {})
        for cell, text, line in zip(cells, texts, lines, strict=True):
            before = known.get(cell)
            if before == text or not text.strip():
                continue
            if before is None:
                self._number(text, name, line)
                known[cell] = text
            elif identity(before) != identity(text):
                shown = self.read.cells.shown[cell]
                raise CompareError(
                    f"{self._at(line)}: {name} = {text.strip()[:20]}, but cell {shown} has "
                    f"{before.strip()[:20]} above; a cell is one problem: tell problems apart in "
                    f"column cell, or give {name} in a file of numbers"
                )

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
            rows[self._quantity(name)].append(at)
        values = columns[self.header.index("value")]
        for name, on in rows.items():
            if not self.wanted or name in self.wanted:
                yield name, [values[at] for at in on], on
            else:
                self.read.named.add(name)

    def _quantity(self, name: str) -> str:
        """The quantity that a name in the column of quantities means."""
        known = self.renamed.get(name)
        if known is None:
            known = self.renamed[name] = quantity_named(name.strip(), self.wanted)
        return known

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
                f"{self._at(line)}: {name} = {text[:40]!a}: is not a number{hint}"
            ) from None

    def finish(self) -> None:
        """Add the numbers and what the reader of the report must know."""
        new = {
            name: Points(*map(np.concatenate, zip(*pieces, strict=True)))
            for name, pieces in self.pieces.items()
        }
        if self.raw.gaps:
            new = {name: _without_gaps(points) for name, points in new.items()}
        if self.read.files:  # of several tables: count lines on, so that each is found again
            offset = self.read.files[-1].last
            new = {name: points.moved(offset) for name, points in new.items()}
        self.read.append(self.path, self.raw.where, new)
        meant = (self.wanted or frozenset(QUANTITIES)) - self.read.named
        note = unused_note("column", self._unused(), {*meant, CELL} - set(self.header))
        if self.long:
            others = [name for name in sorted(self.read.named - self.wanted) if self.wanted]
            known = [name for name in others if name not in QUANTITIES]
            note = "; ".join(filter(None, (note, unused_note("quantity", known, meant))))
        named = any(nearest(name, [CELL]) for name in self.groups)
        grouping = "" if named else self._grouping()
        stepless = self.step is None
        self.read.stepless |= stepless
        read_as = ", ".join(
            f"{old.strip()} is read as {new}"
            for old, new in self.renamed.items()
            if old.strip() != new
        )
        says = "no column is called step, so every number is at step 0" if stepless else ""
        notes = (note, grouping, says, read_as)
        self.read.notes += [each for each in notes if each and each not in self.read.notes]
        bad = [points.line[~np.isfinite(points.value)] for points in new.values()]
        line = min((int(each.min()) for each in bad if each.size), default=0)
        if line and not self.read.gap:
            line -= self.read.files[-1].first
            self.read.gap = (_FRAME_GAP if self.raw.gaps else _GAP).format(line=line)

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


def _without_gaps(points: Points) -> Points:
    """The numbers without NaN at steps at which no run of the cell has a number."""
    gap = np.isnan(points.value)
    if not gap.any():
        return points
    both = np.stack([points.cell.astype(float), points.step], axis=1)
    _, place = np.unique(both, axis=0, return_inverse=True)
    place = place.reshape(-1)
    measured = np.bincount(place, weights=~gap) > 0
    return points.at(np.flatnonzero(~gap | measured[place]))
