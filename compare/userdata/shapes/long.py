"""A row a step with a column a quantity, or a row a number with its quantity's name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ...errors import CompareError
from ..raw import RawTable
from ..rows import CELL, ONE_CELL, RUN, STEP
from .names import cell_and_run, key_column, quantity_columns
from .shape import Row, Shape, composed


def long_shape(
    raw: RawTable, header: Sequence[str], wanted: Collection[str], symbols: Mapping[str, str]
) -> Shape | None:
    """The shape of a table with a row a step or a row a number; None if it has another.

    Args:
        raw: the table.
        header: its columns, those the user named already under their names.
        wanted: quantities to read; empty for all.
        symbols: other names of symbols -> symbol.

    Raises:
        CompareError: two columns may be the same quantity.
    """
    names = [name for name in header if name]
    step = key_column(STEP, names)
    run = next((name for name in RUN if name in names), None) or key_column("run", names)
    if step is None and run is None:
        return None
    quantity, value = key_column("quantity", names), key_column("value", names)
    meaning: dict[str, str] = {}
    if quantity is not None and value is not None:
        meaning = {quantity: "quantity", value: "value"}
    else:
        taken = {step, run, CELL}
        for name, columns in quantity_columns(wanted, [n for n in names if n not in taken]).items():
            if len(columns) > 1:
                raise CompareError(
                    f"{raw.name}: {name} may be {' or '.join(columns)}; say which: "
                    f"--columns {name}={columns[0]}"
                )
            meaning[columns[0]] = name
        if wanted and not meaning:
            return None
    if run is None and not (raw.single or raw.run):
        return None
    for column, key in ((step, STEP), (run, "run")):
        if column is not None:
            meaning[column] = column if column in RUN else key
    numbers = _number_columns(names, symbols, {*meaning, CELL})
    meaning |= numbers
    renamed = [meaning.get(name, name) for name in header]
    said = [f"{new} is {old}" for old, new in meaning.items() if old != new]
    if run is None:
        said.append(f"one run, called {raw.run or ONE_CELL}")
    row = "a row a step" if step is not None else "a row a run, without steps"
    return _completed(raw, row, renamed, run is None, list(dict.fromkeys(numbers.values())), said)


def _number_columns(
    names: Iterable[str], symbols: Mapping[str, str], taken: Collection[str]
) -> dict[str, str]:
    """Columns with numbers of cells, and their symbols; the symbol's own name is preferred."""
    found: dict[str, str] = {}
    for name in names:
        symbol = symbols.get(name)
        if symbol is None or name in taken:
            continue
        if symbol in found.values():
            if name != symbol:
                continue
            found = {old: new for old, new in found.items() if new != symbol}
        found[name] = symbol
    return found


def _completed(
    raw: RawTable, row: str, header: list[str], add_run: bool, numbers: list[str], said: list[str]
) -> Shape:
    """The shape with columns for the run and the cell, where the table lacks them."""
    cell, run = cell_and_run(raw.run) if raw.run else ("", ONE_CELL)
    if not add_run:
        cell = ""
    add_cell = CELL not in header and bool(numbers or cell)
    if numbers and add_cell:
        said.append(f"cells by {', '.join(numbers)}")
    elif cell and add_cell:
        said.append(f"of cell {cell}")
    text = f"read as {row}{f' of {raw.kind}' if raw.kind else ''}: {', '.join(said)}"
    text = text if said else ""
    if not add_run and not add_cell:
        return Shape(header, text)
    places = [header.index(name) for name in numbers]
    extra_header = [*(["run"] if add_run else []), *([CELL] if add_cell else [])]

    def expand(row: Row) -> Iterable[Row]:
        extra = [run] if add_run else []
        if add_cell:
            values = [row[place] for place in places]
            known = not places or all(value.strip() for value in values)
            name = composed(numbers, values) if places else cell
            extra.append(name if known else "")
        yield [*row, *extra]

    return Shape([*header, *extra_header], text, expand)
