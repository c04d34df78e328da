"""Tables in text files: commas, semicolons or tabs, decimal commas, gzip, several header rows."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO

from ...errors import CompareError
from ..raw import RawTable
from ..rows import STEP
from ..shapes.names import key_column

#: Endings of text tables; each may be followed by .gz.
SUFFIXES = (".csv", ".tsv", ".txt")
#: Rows that are looked at for several header rows, and for decimal commas.
_HEAD = 6
_COMMA = re.compile(r"\s*[+-]?\d+,\d+(e[+-]?\d+)?\s*", re.IGNORECASE)
_POINT = re.compile(r"\s*[+-]?\d*\.\d+(e[+-]?\d+)?\s*", re.IGNORECASE)


def text_table(path: Path, run: str = "") -> RawTable:
    """A table in a text file.

    Args:
        path: the file.
        run: the name of its run, if no column names runs.

    Raises:
        CompareError: a line is not valid CSV.
        OSError: the file cannot be read.
        UnicodeDecodeError: it is not UTF-8 text.
    """
    separator, other = _separator(path)
    rows = _rows(path, separator)
    head = [row for _, row in zip(range(_HEAD), rows, strict=False)]
    kind = f"{other} between columns" if other else ""
    if separator == ";" and any(_COMMA.fullmatch(field) for _, row in head for field in row):
        kind += " and decimal commas"
        rows = _with_points(path, chain(head, rows))
        head = [row for _, row in zip(range(_HEAD), rows, strict=False)]
    levels = _levels([row for _, row in head])
    if levels:
        header, keys = _joined([row for _, row in head[: levels + 1]])
        body = chain(head[levels + 1 :], rows)
        return RawTable(str(path), header, body, run, keys=keys, kind=kind)
    header = [name.strip() for name in head[0][1]] if head else []
    return RawTable(str(path), header, chain(head[1:], rows), run, kind=kind)


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _separator(path: Path) -> tuple[str, str]:
    """What separates columns, and its name where it is not the comma."""
    with _opened(path) as file:
        first = file.readline(1_000_000)
    for mark, name in (("\t", "tabs"), (";", "semicolons")):
        if first.count(mark) > first.count(","):
            return mark, name
    return ",", ""


def _rows(path: Path, separator: str) -> Iterator[tuple[int, list[str]]]:
    with _opened(path) as file:
        reader = csv.reader(file, strict=True, delimiter=separator)
        try:
            for row in reader:
                yield reader.line_num, row
        except csv.Error as error:
            raise CompareError(f"{path}: line {reader.line_num}: not valid CSV: {error}") from None
        except (EOFError, gzip.BadGzipFile) as error:
            raise CompareError(f"{path}: is not a whole gzip file: {error}") from None


def _with_points(
    path: Path, rows: Iterator[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    """The rows with decimal points; a number that has a point already is refused."""
    for line, row in rows:
        # one pass over the row at the C level; most rows of a table hold numbers only
        for field in row if line > 1 else ():
            if "." in field and _POINT.fullmatch(field):
                raise CompareError(
                    f"{path}: line {line}: {field.strip()[:20]}: other numbers have decimal "
                    "commas; write all with points or all with commas"
                )
        yield line, [f.replace(",", ".") if _COMMA.fullmatch(f) else f for f in row]


def _levels(rows: list[list[str]]) -> int:
    """How many rows of level names come before the row that names the index; 0 for a plain table.

    pandas writes a pivot's columns so: ``cell,a,a``, then ``seed,0,1``, then ``step,,``.
    """
    for at, row in enumerate(rows):
        if not row or key_column(STEP, [row[0]]) is None:
            continue
        if at > 0 and not any(field.strip() for field in row[1:]):
            return at
        break
    return 0


def _joined(rows: list[list[str]]) -> tuple[list[str], dict[int, dict[str, str]]]:
    """One header of several rows, and by column its labels by level."""
    *levels, index = rows
    header, keys = [index[0].strip()], {}
    for place in range(1, len(index)):
        labels = {
            level[0].strip() or f"level {at}": level[place].strip()
            for at, level in enumerate(levels)
        }
        keys[place] = labels
        header.append(" / ".join(labels.values()))
    return header, keys
