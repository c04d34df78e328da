"""Values of a theorem's symbols for measured curves, and the roles of their cells."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path
from typing import Any

from ...simulate import Problem, SimulationError
from ...simulate.problem import whole_numbers
from ...theory import CONSTANTS, SYMBOLS, Theorem
from ...theory.errors import nearest_hint
from ...theory.theorem import CLOCK
from ..cells import Role, theory_values
from ..errors import CompareError
from .rows import identity

#: The symbol of each field of a problem, so that a problem's file can be read here too.
FIELDS = {
    "n_samples": "N", "dim": "d", "key_dim": "d_h", "value_dim": "d_v", "signal_norm": "mu",
    "noise_std": "sigma_p", "init_std_qk": "sigma_h", "init_std_v": "sigma_V", "output_norm": "w",
    "learning_rate": "eta", "flip_prob": "p", "target_loss": "epsilon", "fail_prob": "delta",
}  # fmt: skip
_TABLES = ("problem", "cells")


@dataclass(frozen=True)
class CellNumbers:
    """A file's numbers and roles of cells.

    Attributes:
        shared: numbers by symbol, for every cell.
        cells: by cell name, numbers by symbol that override the shared numbers.
        roles: roles by cell name, where the file gives a role.

    Raises:
        CompareError: a value is not a number, or its symbol cannot have it.

    Example:
        >>> numbers = CellNumbers({"N": 20, "p": 0.1}, {"strong": {"mu": 2.0}, "weak": {"mu": 0.1}})
        >>> numbers.of("strong")
        {'N': 20, 'p': 0.1, 'mu': 2.0}
    """

    shared: Mapping[str, float] = field(default_factory=dict)
    cells: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse in Python what is refused in a file."""
        for where, table in (
            ("", self.shared),
            *((f"cells.{n}.", t) for n, t in self.cells.items()),
        ):
            for name, value in table.items():
                if fault := _fault(name, value):
                    raise CompareError(f"{where}{name} = {str(value)[:30]}: {fault}")

    def of(self, cell: str) -> dict[str, float]:
        """The numbers of one cell."""
        return {**self.shared, **self.cells.get(cell, {})}

    def named_as(self, cells: Iterable[str]) -> CellNumbers:
        """The same with the cells named as in the data, where cell 1 may be called 1.0.

        Raises:
            CompareError: two names are one number.

        >>> CellNumbers({}, {"1.0": {"mu": 2.0}}).named_as(["1", "2"]).of("1")
        {'mu': 2.0}
        """
        names = {identity(cell): cell for cell in cells}
        renamed: dict[str, str] = {}
        for name in dict.fromkeys((*self.cells, *self.roles)):
            other = renamed.setdefault(names.get(identity(name), name), name)
            if other != name:
                raise CompareError(f"cells.{name}: is the same cell as cells.{other}; remove one")
        back = {old: new for new, old in renamed.items()}
        return CellNumbers(
            self.shared,
            {back[name]: table for name, table in self.cells.items()},
            {back[name]: role for name, role in self.roles.items()},
        )


def read_numbers(path: str | Path, theorem: Theorem) -> CellNumbers:
    r"""Read a file of numbers.

    The file holds symbols or fields of `Problem`, at top level or under ``[problem]``, and
    optionally ``[cells.NAME]`` tables with a ``role`` and numbers of that cell alone. A file with
    only fields of `Problem` at top level is a problem, as for `bofcheck simulate`: fields it leaves
    out have their defaults, unless the theorem is about another model.

    Args:
        path: a TOML file.
        theorem: the theorem whose symbols get numbers.

    Raises:
        CompareError: naming the file and key, the fault and what is allowed.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from bofcheck.theory import get_theorem
        >>> text = "[problem]\nN = 20\nflip_prob = 0.1\n[cells.weak]\nrole = 'held out'\nmu = 0.1\n"
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder) / "numbers.toml"
        ...     _ = path.write_text(text)
        ...     numbers = read_numbers(path, get_theorem("kou2023"))
        >>> numbers.of("weak"), numbers.roles["weak"].value
        ({'N': 20.0, 'p': 0.1, 'mu': 0.1}, 'held out')
    """
    path = Path(path)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CompareError(f"{path}: cannot be read: {reason}") from None
    except (ValueError, RecursionError) as error:
        raise CompareError(f"{path}: not valid TOML: {error}") from None
    try:
        return parse_numbers(document, theorem)
    except CompareError as error:
        raise CompareError(f"{path}: {error}") from None


def parse_numbers(document: Mapping[str, Any], theorem: Theorem) -> CellNumbers:
    """Numbers from a document, like `read_numbers` from a file.

    Raises:
        CompareError: naming the key.
    """
    loose = {name: value for name, value in document.items() if name not in _TABLES}
    shared = document.get("problem", {})
    cells = document.get("cells", {})
    if loose and "problem" in document:
        raise CompareError(f"{next(iter(loose))}: keys belong in [problem] or [cells.NAME]")
    for name, table in (("problem", shared), ("cells", cells)):
        if not isinstance(table, Mapping):
            raise CompareError(f"{name}: must be a table, [{name}]")
    known = _known_names(theorem)
    numbers: dict[str, dict[str, float]] = {}
    roles: dict[str, Role] = {}
    for name, table in cells.items():
        if not isinstance(table, Mapping):
            raise CompareError(f"cells.{name}: must be a table, [cells.{name}]")
        rest = dict(table)
        role = rest.pop("role", None)
        if role is not None:
            roles[name] = parse_role(role, f"cells.{name}.role")
        numbers[name] = _numbers(rest, known, f"cells.{name}.")
    given = _numbers(shared or loose, known, "")
    if loose and loose.keys() <= Problem.model_fields.keys() and not theorem.model:
        given = {**_defaults(loose), **given}
    return CellNumbers(given, numbers, roles)


def _defaults(fields: Mapping[str, Any]) -> dict[str, float]:
    """All numbers of a problem, including defaults of fields that a file leaves out."""
    try:
        return theory_values(Problem(**whole_numbers(fields)))
    except SimulationError as error:
        raise CompareError(str(error)) from None


def parse_role(role: object, where: str) -> Role:
    """The role a text names.

    Raises:
        CompareError: it is not the name of a role.
    """
    try:
        return Role(str(role))
    except ValueError:
        allowed = " or ".join(repr(str(role)) for role in Role)
        raise CompareError(f"{where} = {role!r}: must be {allowed}") from None


def _known_names(theorem: Theorem) -> set[str]:
    """Symbols that may have a number: the canonical symbols and those of the theorem."""
    sides = (theorem.condition.left, theorem.condition.right)
    names = {str(symbol) for side in sides for symbol in side.free_symbols} | SYMBOLS.keys()
    names -= {str(c) for c in CONSTANTS} | CLOCK | {event.name for event in theorem.events}
    return names | theorem.numbers.keys() | theorem.symbols.keys()


def _numbers(table: Mapping[str, Any], known: set[str], where: str) -> dict[str, float]:
    values: dict[str, float] = {}
    for key, value in table.items():
        name = key if key in known else FIELDS.get(key, key)
        if name not in known:
            if key in Problem.model_fields:  # a problem's file may hold more than a bound needs
                continue
            allowed = ", ".join(sorted(known))
            hint = nearest_hint(key, known)
            raise CompareError(f"{where}{key}: unknown symbol; allowed: {allowed}{hint}")
        if fault := _fault(name, value):
            shown = repr(value) if fault == _NO_NUMBER else str(value)[:30]
            raise CompareError(f"{where}{key} = {shown}: {fault}")
        if name in values:
            raise CompareError(f"{where}{key}: {name} is given twice")
        values[name] = float(value)
    return values


_NO_NUMBER = "must be a number"


def _fault(name: str, value: object) -> str:
    """What a symbol's number must be, if it is not; empty if it is."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return _NO_NUMBER
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    zero = name in SYMBOLS and not SYMBOLS[name].is_positive
    wanted = "in [0, 0.5)" if name == "p" else "at least 0" if zero else "above 0"
    fits = math.isfinite(number) and (number >= 0 if zero else number > 0)
    return "" if fits and not (name == "p" and number >= 0.5) else f"must be a number {wanted}"
