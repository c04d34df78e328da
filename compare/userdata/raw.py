"""`RawTable`: the header and rows of a table as they were found, before anything is understood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RawTable:
    """One table of texts.

    Attributes:
        name: what messages call it, such as its path.
        header: the names of its columns.
        rows: line in the file, or number of the row, and the fields.
        run: the name of its run, used if no column names runs.
        quantity: the quantity of a column ``value`` without a name; empty if unknown.
        keys: by place, what a table with several header rows says of a column: its level names
            and their labels.
        where: what a row is called, ``"line"`` or ``"row"``.
        gaps: whether NaN may also stand for what was not measured, as in a DataFrame.
        single: whether a table without a column that names runs is one run.
        kind: what it is, for the line that says what was recognised.

    Example:
        >>> table = RawTable("c.csv", ["run", "step"], [(2, ["a", "0"])])
        >>> table.where, [line for line, _ in table.rows]
        ('line', [2])
    """

    name: str
    header: Sequence[str]
    rows: Iterable[tuple[int, Sequence[str]]]
    run: str = ""
    quantity: str = ""
    keys: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    where: str = "line"
    gaps: bool = False
    single: bool = True
    kind: str = ""
