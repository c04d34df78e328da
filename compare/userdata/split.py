"""Split measured cells or runs into calibration and held-out ones, by a rule that sees no data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...theory import Theorem
from ..cells import Role
from ..errors import CompareError
from .curves import Measured
from .roles import inner_cells
from .rows import identity


@dataclass(frozen=True)
class Split:
    """Cells with their roles, and the rule that assigned them.

    Attributes:
        rule: the rule in words, for the report.
        parts: name, role and curves of each part.

    Example:
        >>> from bofcheck.theory import get_theorem
        >>> error = {"test_error": np.zeros((3, 2))}
        >>> curves = Measured(np.arange(2.0), np.arange(3), error, np.zeros(3, dtype=bool))
        >>> split = split_roles(get_theorem("benign"), {"a": curves, "b": curves}, {})
        >>> split.rule
        'cells in alphabetical order in turn, the first calibrates'
        >>> [(name, role.value) for name, role, _ in split.parts]
        [('a', 'calibration'), ('b', 'held out')]
    """

    rule: str
    parts: tuple[tuple[str, Role, Measured], ...]


def split_roles(
    theorem: Theorem,
    curves: Mapping[str, Measured],
    given: Mapping[str, Role],
    numbers: Mapping[str, Mapping[str, float]] | None = None,
) -> Split:
    """Give every run one role, never both.

    Given roles are kept. Otherwise, if there is a constant to fit and the cells have numbers that
    vary, inner values calibrate and the smallest and largest are held out (`inner_cells`). Without
    numbers cells in alphabetical order alternate between the roles, starting with calibration; if
    there is a single cell, its runs do. If there is no constant to fit, every run is held out.

    Args:
        theorem: the theorem, which may have open constants.
        curves: curves by cell name.
        given: roles by cell name.
        numbers: numbers of each cell by symbol, by cell name.

    Raises:
        CompareError: roles are given to some cells but not to all, or to an unknown cell.

    >>> from bofcheck.theory import benign
    >>> steps, runs = np.arange(2.0), np.array(["a", "b", "c"])
    >>> curves = Measured(steps, runs, {"test_error": np.zeros((3, 2))}, np.zeros(3, dtype=bool))
    >>> split = split_roles(benign, {"data": curves}, {})
    >>> split.rule
    'the runs of the only cell in turn, the first calibrates'
    >>> [(name, role.value, part.seeds.tolist()) for name, role, part in split.parts]
    [('data-calibration', 'calibration', ['a', 'c']), ('data-held-out', 'held out', ['b'])]
    """
    rule, roles = cell_roles(theorem, tuple(curves), given, numbers)
    if roles:
        return Split(rule, tuple((name, role, curves[name]) for name, role in roles.items()))
    ((name, only),) = curves.items()
    even = np.arange(len(only.seeds)) % 2 == 0
    return Split(
        rule,
        (
            (f"{name}-calibration", Role.CALIBRATION, only.rows(even)),
            (f"{name}-held-out", Role.HELD_OUT, only.rows(~even)),
        ),
    )


def cell_roles(
    theorem: Theorem,
    names: Sequence[str],
    given: Mapping[str, Role],
    numbers: Mapping[str, Mapping[str, float]] | None = None,
) -> tuple[str, dict[str, Role]]:
    """The rule and every cell's role, as for `split_roles`; none for the only cell's runs in turn.

    Raises:
        CompareError: roles are given to some cells but not to all, or to an unknown cell.

    >>> from bofcheck.theory import benign
    >>> numbers = {f"n{n}": {"N": n} for n in (10, 20, 40)}
    >>> rule, roles = cell_roles(benign, tuple(numbers), {}, numbers)
    >>> [name for name, role in roles.items() if role is Role.CALIBRATION]
    ['n20']
    """
    unknown = sorted(given.keys() - set(names))
    if unknown:
        raise CompareError(f"cells.{unknown[0]}: no such cell in the data: {', '.join(names)}")
    if given:
        missing = [name for name in names if name not in given]
        if missing:
            raise CompareError(
                f"cells.{missing[0]}: has no role; give every cell a role, or no cell"
            )
        return "as given", {name: given[name] for name in names}
    if not any(statement.constants for statement in theorem.statements):
        rule = "no constant is fitted: every run is held out"
        return rule, dict.fromkeys(names, Role.HELD_OUT)
    turns = (Role.CALIBRATION, Role.HELD_OUT)
    if len(names) > 1 and (inner := inner_cells(numbers or {}, tuple(names))):
        rule = "inner values of every number calibrate, the smallest and largest are held out"
        return rule, {name: turns[name not in inner] for name in names}
    if len(names) > 1:
        rule = "cells in alphabetical order in turn, the first calibrates"
        ordered = sorted(names, key=identity)
        return rule, {name: turns[i % 2] for i, name in enumerate(ordered)}
    return "the runs of the only cell in turn, the first calibrates", {}
