"""What the columns of a table mean, recognised by its header.

* `long`: a row a step, or a row a number; also one run without a column that names it
* `wide`: a column a run, pivots and W&B exports
* `tensorboard`: Wall time, Step, Value
* `names`: what people call the same column
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...errors import CompareError
from ..raw import RawTable
from ..unused import nearest
from .long import long_shape
from .shape import Shape
from .tensorboard import tensorboard_shape
from .wide import wide_shape

__all__ = ["Shape", "recognise"]


def recognise(
    raw: RawTable,
    wanted: Collection[str] = (),
    symbols: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> Shape:
    """What the columns of a table mean.

    Args:
        raw: the table.
        wanted: quantities to read; empty for all.
        symbols: names of columns that hold numbers of cells -> symbol.
        columns: what the user said: run, step, cell, a quantity or a symbol -> column.

    Returns:
        The shape; of an unknown table the shape as it is, whose columns are then refused.

    Raises:
        CompareError: a column the user named is not there, or a column may mean two things.

    Example:
        >>> table = RawTable("w.csv", ["step", "lr1_seed0", "lr1_seed1"], [])
        >>> shape = recognise(table, ["train_loss"])
        >>> shape.said
        'read as a wide table, a column a run: train_loss of 2 runs in 1 cell'
        >>> list(shape.expand(["10", "0.5", "0.4"]))[1]
        ['lr1', '1', '10', 'train_loss', '0.4']
    """
    header = _named(raw, columns or {})
    symbols = symbols or {}
    if "quantity" in (columns or {}) and "quantity" not in header:
        raw = RawTable(**{**vars(raw), "quantity": (columns or {})["quantity"]})
    if shape := tensorboard_shape(raw, header, wanted):
        return shape
    if not raw.keys and (shape := long_shape(raw, header, wanted, symbols)):
        return shape
    return wide_shape(raw, header, wanted, symbols) or Shape(header)


def _named(raw: RawTable, columns: Mapping[str, str]) -> list[str]:
    """The header with the columns that the user named under their names."""
    header = list(raw.header)
    for name, column in columns.items():
        if column not in raw.header:
            if name == "quantity":  # the quantity itself, of a table that does not name it
                continue
            near = nearest(column, raw.header)
            has = ", ".join(raw.header)[:200]
            hint = f"did you mean {near}?" if near else f"it has {has}"
            raise CompareError(f"{raw.name}: --columns {name}={column}: no such column; {hint}")
        place = list(raw.header).index(column)
        if name in header and header.index(name) != place:
            header[header.index(name)] = f"{name} (replaced)"
        header[place] = name
    return header
