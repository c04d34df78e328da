"""A column a run: pivots, spreadsheets, and what W&B exports."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...errors import CompareError
from ..raw import RawTable
from ..rows import CELL, ONE_CELL, STEP
from .names import ALIASES, cell_and_run, is_run, key_column, plain, quantity_named
from .shape import Row, Shape, composed

#: What W&B writes beside each curve.
_ASIDES = ("__MIN", "__MAX")
_LONG = ["cell", "run", "step", "quantity", "value"]


@dataclass(frozen=True)
class _Column:
    """A column of one run: where it is, and what it holds."""

    place: int
    cell: str
    run: str
    quantity: str
    numbers: tuple[str, ...] = ()


def wide_shape(
    raw: RawTable, header: Sequence[str], wanted: Collection[str], symbols: Mapping[str, str]
) -> Shape | None:
    """The shape of a table with a column a run; None if it has another.

    Args:
        raw: the table.
        header: its columns, those the user named already under their names.
        wanted: quantities to read.
        symbols: other names of symbols -> symbol.

    Raises:
        CompareError: columns are runs, and it is unknown of which quantity.
    """
    step = key_column(STEP, [name for name in header if name])
    if step is None:
        return None
    if raw.keys:
        columns, numbers = _by_levels(raw, wanted, symbols)
        kind = "a pivot, a column a run"
    else:
        numbers = []
        columns = _of_wandb(header, step, wanted)
        kind = "a W&B export, a column a run"
        if not columns:
            columns = _by_name(raw, header, step, wanted)
            kind = "a wide table, a column a run"
    if not columns:
        return None
    runs = len({(column.cell, column.run) for column in columns})
    cells = len({column.cell for column in columns})
    quantities = sorted({column.quantity for column in columns})
    at = list(header).index(step)
    said = f"{kind}: {', '.join(quantities)} of {runs} runs in {cells} " + (
        "cell" if cells == 1 else "cells"
    )

    def expand(row: Row) -> Iterable[Row]:
        for column in columns:
            yield [
                column.cell, column.run, row[at], column.quantity, row[column.place],
                *column.numbers,
            ]  # fmt: skip

    return Shape([*_LONG, *numbers], f"read as {said}", expand)


def _of_wandb(header: Sequence[str], step: str, wanted: Collection[str]) -> list[_Column]:
    """The curves of a W&B export, ``run - metric``; other columns of it are not read."""
    found = []
    for place, name in enumerate(header):
        run, dash, metric = name.rpartition(" - ")
        if name == step or not dash or metric.endswith(_ASIDES) or metric == "_step":
            continue
        quantity = quantity_named(metric, wanted)
        if quantity in wanted:
            cell, number = cell_and_run(run)
            found.append(_Column(place, cell or ONE_CELL, number, quantity))
    return found


def _by_name(
    raw: RawTable, header: Sequence[str], step: str, wanted: Collection[str]
) -> list[_Column]:
    """Columns whose names are runs', with or without the quantity's name around them."""
    found, nameless = [], []
    for place, name in enumerate(header):
        if name == step or not name:
            continue
        quantity, rest = _without_quantity(name, wanted)
        if not quantity and not is_run(name):
            continue
        if quantity and not is_run(rest):
            continue
        cell, run = cell_and_run(rest)
        if not quantity:
            nameless.append(name)
            quantity = raw.quantity
        found.append(_Column(place, cell or ONE_CELL, run, quantity))
    if not nameless:
        return found
    only = raw.quantity or (next(iter(wanted)) if len(wanted) == 1 else "")
    if not only:
        names = ", ".join(sorted(wanted)) or "no quantity"
        raise CompareError(
            f"{raw.name}: column {nameless[0]} is a run, but of which quantity ({names})? Name it: "
            f"--columns quantity={min(wanted, default='train_loss')}"
        )
    return [
        _Column(each.place, each.cell, each.run, each.quantity or only)
        for each in found
        if not wanted or (each.quantity or only) in wanted
    ]


def _without_quantity(name: str, wanted: Collection[str]) -> tuple[str, str]:
    """The quantity in a column's name, and the rest of it."""
    flat = plain(name)
    for quantity in sorted(wanted, key=len, reverse=True):
        short = plain(quantity)
        if flat.startswith(f"{short}_"):
            return quantity, name.strip()[len(short) :].lstrip(" _-./")
        if flat.endswith(f"_{short}"):
            return quantity, name.strip()[: -len(short)].rstrip(" _-./")
    return "", name


def _by_levels(
    raw: RawTable, wanted: Collection[str], symbols: Mapping[str, str]
) -> tuple[list[_Column], list[str]]:
    """Columns of a table with several header rows, and the symbols among its levels."""
    levels = list(dict.fromkeys(level for labels in raw.keys.values() for level in labels))
    meaning = {level: _level(level, raw, wanted, symbols) for level in levels}
    numbers = [new for new in meaning.values() if new in symbols.values()]
    only = raw.quantity or (next(iter(wanted)) if len(wanted) == 1 else "")
    found = []
    for place, labels in raw.keys.items():
        said = {meaning[level]: label for level, label in labels.items()}
        values = [said[symbol] for symbol in numbers]
        rest = [label for level, label in labels.items() if not meaning[level]]
        cell = said.get(CELL) or composed(numbers, values) or ", ".join(rest) or ONE_CELL
        quantity = quantity_named(said.get("quantity", only), wanted)
        if not quantity:
            raise CompareError(
                f"{raw.name}: the columns are runs, but of which quantity? Name it: "
                f"--columns quantity={min(wanted, default='train_loss')}"
            )
        if not wanted or quantity in wanted:
            found.append(_Column(place, cell, said.get("run", ONE_CELL), quantity, tuple(values)))
    return found, numbers


def _level(level: str, raw: RawTable, wanted: Collection[str], symbols: Mapping[str, str]) -> str:
    """What a level of the columns means: run, cell, quantity, a symbol, or nothing known."""
    if level == CELL:
        return CELL
    for key in ("run", "quantity"):
        if plain(level) in ALIASES[key]:
            return key
    if (symbol := symbols.get(level)) is not None:
        return symbol
    labels = {labels[level] for labels in raw.keys.values() if level in labels}
    return "quantity" if any(quantity_named(each, wanted) in wanted for each in labels) else ""
