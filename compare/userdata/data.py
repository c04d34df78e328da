"""`read_data`: the curves that a theorem needs, with the numbers of their cells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...theory import CONSTANTS, Theorem
from ...theory.theorem import CLOCK
from ..errors import CompareError
from .curves import Measured, content_curves
from .numbers import FIELDS, CellNumbers
from .plans import needed_quantities
from .rows import Content
from .sources import Source, read_content, shown_name

#: What loggers write before the name of a setting.
_PREFIXES = ("params.", "params/", "config.", "config/", "hparams.", "hparams/")
_SHORT = {"lr": "eta"}
_NUMBER = r"\d+(?:\.\d*)?(?:e[+-]?\d+)?"


@dataclass(frozen=True)
class UserData:
    """What is needed to decide a theorem on measured curves.

    Attributes:
        curves: curves by cell name.
        numbers: values of the theorem's symbols, and roles.

    Example:
        >>> UserData({}, CellNumbers({"eta": 0.1})).numbers.shared
        {'eta': 0.1}
    """

    curves: Mapping[str, Measured]
    numbers: CellNumbers


def read_data(
    source: Source,
    theorem: Theorem,
    numbers: CellNumbers | None = None,
    columns: Mapping[str, str] | None = None,
) -> UserData:
    """Read the curves that a theorem needs, and numbers of cells that are columns beside them.

    Args:
        source: as for `read_curves`.
        theorem: its quantities are read, and numbers of its symbols.
        numbers: numbers and roles from elsewhere; a symbol they have is not read from columns.
        columns: as for `read_curves`.

    Raises:
        CompareError: as for `read_curves`; or a column with a number of cells has two values in
            one cell.

    Example:
        >>> import pandas as pd
        >>> from bofcheck.theory import get_theorem
        >>> frame = pd.DataFrame({"seed": [0, 0, 0, 0], "step": [0, 9, 0, 9], "mu": [1, 1, 2, 2],
        ...                       "train_loss": [0.6, 0.1, 0.6, 0.2], "test_error": 0.5})
        >>> data = read_data(frame, get_theorem("kou2023"))
        >>> sorted(data.curves), data.numbers.of("mu=2")
        (['mu=1', 'mu=2'], {'mu': 2.0})
    """
    given = numbers or CellNumbers()
    needed = needed_quantities(theorem)
    known = {*given.shared, *(name for table in given.cells.values() for name in table)}
    symbols = symbol_columns(theorem, known)
    for name in (columns or {}).keys() & symbols.values():
        symbols[name] = name
    content = read_content(source, needed, symbols, columns)
    numbers_in_names(content, symbols, required_symbols(theorem, known))
    curves = content_curves(source, content, needed)
    found = _numbers(content, set(symbols.values()), shown_name(source))
    return UserData(curves, _merged(given.named_as(curves), found))


def required_symbols(theorem: Theorem, known: set[str]) -> set[str]:
    """Symbols of a theorem's bounds and times whose numbers are not known from elsewhere."""
    sides = [side for bound in theorem.bounds for side in (bound.floor, bound.excess)]
    sides += [time.expr for time in theorem.times]
    open_ones = {str(constant) for each in theorem.statements for constant in each.constants}
    names = {str(symbol) for side in sides for symbol in side.free_symbols} - open_ones
    return names & set(symbol_columns(theorem, known).values())


def numbers_in_names(content: Content, symbols: Mapping[str, str], needed: set[str]) -> None:
    """Take numbers that no column gives from the names of cells, where all cells have them.

    Args:
        content: what was read; its numbers and notes are added to.
        symbols: names that a symbol may have -> symbol.
        needed: symbols that need a number.

    Example:
        >>> content = Content()
        >>> _ = content.cells.codes(["margin-gamma0.1,lr=1e-3", "margin-gamma0.2,lr=1e-3"])
        >>> numbers_in_names(content, {"gamma": "gamma", "lr": "eta"}, {"gamma", "eta", "N"})
        >>> content.numbers
        {'eta': {0: '1e-3', 1: '1e-3'}, 'gamma': {0: '0.1', 1: '0.2'}}
        >>> content.notes
        ['eta, gamma are read from the names of cells']
    """
    found = []
    given = needed & set(symbols.values())
    for symbol in sorted(given - {name for name, cells in content.numbers.items() if cells}):
        names = [re.escape(name) for name, meant in symbols.items() if meant == symbol]
        pattern = re.compile(
            rf"(?:^|[\s,;/_-])(?:{'|'.join(names)})[\s=:_]?({_NUMBER})(?=$|[\s,;/_-])"
        )
        said = [pattern.findall(cell) for cell in content.cells.shown]
        if said and all(len(texts) == 1 for texts in said):
            content.numbers[symbol] = {code: texts[0] for code, texts in enumerate(said)}
            found.append(symbol)
    if found:
        verb = "are" if len(found) > 1 else "is"
        content.notes.append(f"{', '.join(found)} {verb} read from the names of cells")


def symbol_columns(theorem: Theorem, known: set[str]) -> dict[str, str]:
    """Names that a column with a symbol's number may have -> symbol.

    Args:
        theorem: its symbols count.
        known: symbols whose numbers are known from elsewhere.

    >>> from bofcheck.theory import get_theorem
    >>> names = symbol_columns(get_theorem("kou2023"), {"p"})
    >>> names["n_samples"], names["N"], names["config.mu"], "flip_prob" in names
    ('N', 'N', 'mu', False)
    """
    sides = (theorem.condition.left, theorem.condition.right)
    names = {str(symbol) for side in sides for symbol in side.free_symbols}
    names -= {str(c) for c in CONSTANTS} | CLOCK | {event.name for event in theorem.events}
    names = (names | theorem.numbers.keys() | theorem.symbols.keys()) - known
    aliases = {symbol: symbol for symbol in sorted(names)}
    # a symbol of the theorem's own may have the name of a field
    others = {old: new for old, new in (FIELDS | _SHORT).items() if old not in theorem.symbols}
    aliases |= {old: new for old, new in others.items() if new in names}
    return aliases | {f"{prefix}{old}": new for old, new in aliases.items() for prefix in _PREFIXES}


def _numbers(content: Content, symbols: set[str], name: str) -> CellNumbers:
    """The numbers of cells that were columns."""
    tables: dict[str, dict[str, float]] = {}
    for symbol, by_cell in content.numbers.items():
        for cell, text in by_cell.items() if symbol in symbols else ():
            tables.setdefault(content.cells.shown[cell], {})[symbol] = float(text)
    try:
        return CellNumbers({}, tables)
    except CompareError as error:
        raise CompareError(f"{name}: {error}") from None


def _merged(given: CellNumbers, found: CellNumbers) -> CellNumbers:
    names = dict.fromkeys((*given.cells, *found.cells))
    cells: dict[str, Any] = {
        name: {**found.cells.get(name, {}), **given.cells.get(name, {})} for name in names
    }
    return CellNumbers(given.shared, cells, given.roles)
