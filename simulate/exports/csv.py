"""CSV (RFC 4180): a row for each cell, seed and logged step; see `_columns`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from ..store import Store
from ._columns import column_names, tables
from ._export import Export

#: Rows turned into text at a time.
_ROWS = 4096


def write(store: Store, path: Path) -> None:
    """Write the table, header first.

    Numbers are written with enough digits to read back the same float64; entries not logged because
    a run had diverged are ``nan``. ``diverged_at`` is -1 for a run that has not diverged.
    """
    with path.open("wb") as file:
        file.write(_lines([column_names(store)]))
        for name, columns in tables(store):
            arrays = list(columns.values())
            for first in range(0, len(arrays[0]), _ROWS):
                values = [array[first : first + _ROWS].tolist() for array in arrays]
                file.write(_lines((name, *row) for row in zip(*values, strict=True)))


def _lines(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


EXPORT = Export(write)
