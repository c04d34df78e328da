"""Conditions of a theorem at given numbers, in particular Assumption 4.1 with its seven items.

All items are RECONSTRUCTED from the condition of Jiang 2024 and the paper's prose. The room in
every inequality that involves the constant C is proportional to 1/C, so
:attr:`AssumptionReport.largest_constant` is a minimum over the rows.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sympy import Expr, Integer, Max, Min, Rational, log, sqrt

from .condition import Condition
from .errors import InvalidValueError, NoSuchPartError
from .evaluation.numbers import check_names
from .evaluation.ranges import as_numbers
from .provenance import Provenance
from .rendering.latex import display
from .symbols import (
    SYMBOLS,
    C,
    N,
    d,
    d_h,
    epsilon,
    eta,
    log_term,
    mu,
    p,
    sigma_h,
    sigma_p,
    sigma_V,
    snr,
    w,
)  # fmt: skip

W_RANGE = Integer(10)  # the norm of w_O lies in [1/W_RANGE, W_RANGE]
_ATTENTION_SCALE = Min(mu**-2, 1 / (sigma_p**2 * d)) / sqrt(d_h)
_VALUE_CAP = Min(1 / mu, 1 / (sigma_p * sqrt(d))) / (w * d_h ** Rational(1, 4))

# The formulas, one line each: item, name, left, relation, right.
_FORMULAS: tuple[tuple[int, str, Expr, Literal[">=", "<=", "<"], Expr], ...] = (
    (1, "input dimension", d, ">=", C * N**2 * d_h / epsilon**2),
    (1, "query/key width", d_h, ">=", C * Max(snr**4, snr**-4) * N**2 / epsilon**2),
    (2, "sample size", N, ">=", C * log(d)),
    (3, "flip probability, small", p, "<=", 1 / C),
    (3, "flip probability, below chance", p, "<", Rational(1, 2)),
    (4, "norm of w_O, lower", w, ">=", 1 / W_RANGE),
    (4, "norm of w_O, upper", w, "<=", W_RANGE),
    (5, "learning rate", eta, "<=", _ATTENTION_SCALE / C),
    (6, "value init (the cap)", sigma_V, "<=", _VALUE_CAP / C),
    (7, "query/key init, lower", sigma_h**2, ">=", _ATTENTION_SCALE / log_term**2),
    (7, "query/key init, upper", sigma_h**2, "<=", _ATTENTION_SCALE / log_term ** Rational(3, 2)),
)  # fmt: skip

#: What the paper calls its assumptions.
ASSUMPTION = "Assumption 4.1"

ASSUMPTIONS: tuple[Condition, ...] = tuple(
    Condition(name, left, relation, right, Provenance.RECONSTRUCTED,
              f"arXiv 2502.12508, {ASSUMPTION}, item {item}", item)
    for item, name, left, relation, right in _FORMULAS
)  # fmt: skip
"""The inequalities in order; items 1, 3, 4 and 7 have two each."""


@dataclass(frozen=True)
class AssumptionRow:
    """One inequality at given numbers.

    Attributes:
        item: number of the item in Assumption 4.1, or of the condition in its theorem.
        text: what it restricts.
        left: value of the restricted quantity.
        right: its threshold.
        relation: ``">="``, ``"<="`` or ``"<"``.
        ratio: how many times over it is met; at least 1 holds (above 1 for ``"<"``).
        holds: whether it is met.
        latex: the inequality as a formula.
        involves_constant: whether C occurs in it.

    Example:
        >>> cell = dict(N=20, d=1.6e13, d_h=4e6, mu=1.0, sigma_p=2.5e-7, sigma_h=5e-4, sigma_V=1e-3,
        ...             w=1.0, eta=1e-4, p=0.1, epsilon=0.01, delta=0.01)
        >>> (row,) = check_assumptions(cell).item(2)
        >>> row.text, row.relation, row.left, round(row.right, 1), row.holds
        ('sample size', '>=', 20.0, 30.4, False)
    """

    item: int
    text: str
    left: float
    right: float
    relation: str
    ratio: float
    holds: bool
    latex: str
    involves_constant: bool

    def _repr_latex_(self) -> str:
        return display(self.latex)


@dataclass(frozen=True)
class AssumptionReport:
    """All inequalities a theorem assumes, evaluated at given numbers.

    Attributes:
        rows: one per inequality, in order of items.
        constant: the C they were evaluated at.
        largest_constant: the largest C for which all hold; 0.0 if an inequality without C fails,
            inf if none limits C.

    Example:
        >>> cell = dict(N=32, d=1.6e14, d_h=4e6, mu=1.0, sigma_p=7.9e-8, sigma_h=5e-4, sigma_V=1e-3,
        ...             w=1.0, eta=1e-4, p=0.1, epsilon=0.1, delta=0.01)
        >>> report = check_assumptions(cell)
        >>> report.holds, report.failing, round(report.largest_constant, 3)
        (False, (2, 7), 0.0)
    """

    rows: tuple[AssumptionRow, ...]
    constant: float
    largest_constant: float

    @property
    def holds(self) -> bool:
        """Whether every inequality is met."""
        return all(row.holds for row in self.rows)

    @property
    def failing(self) -> tuple[int, ...]:
        """Numbers of the items with an inequality that is not met, in order."""
        return tuple(sorted({row.item for row in self.rows if not row.holds}))

    def item(self, number: int) -> tuple[AssumptionRow, ...]:
        """The inequalities of one item.

        Raises:
            NoSuchPartError: no inequality has that number.
        """
        rows = tuple(row for row in self.rows if row.item == number)
        if not rows:
            last = max((row.item for row in self.rows), default=0)
            raise NoSuchPartError(f"no item {number!r}; items are numbered 1 to {last}")
        return rows

    def holds_item(self, number: int) -> bool:
        """Whether every inequality of one item is met.

        Raises:
            NoSuchPartError: no inequality has that number.
        """
        return all(row.holds for row in self.item(number))


def check_assumptions(values: Mapping[str, float], constant: float = 1.0) -> AssumptionReport:
    """Evaluate Assumption 4.1 (RECONSTRUCTED) at given numbers.

    Args:
        values: numbers by symbol name: N, d, d_h, mu, sigma_p, sigma_h, sigma_V, w, eta, p,
            epsilon and delta; M is 2 unless given.
        constant: C, at least as large as the theorems need; its size is not known.

    Returns:
        The report, one row per inequality.

    Raises:
        MissingValueError: a name is missing or unknown.
        InvalidValueError: a value is not finite, or not positive (p may be zero).

    >>> cell = dict(N=20, d=1.6e13, d_h=4e6, mu=1.0, sigma_p=2.5e-7, sigma_h=5e-4, sigma_V=1e-3,
    ...             w=1.0, eta=1e-4, p=0.1, epsilon=0.01, delta=0.01)
    >>> report = check_assumptions(cell)
    >>> [(row.item, round(row.ratio, 3)) for row in report.rows][:3]
    [(1, 1.0), (1, 1.0), (2, 0.658)]
    >>> report.holds_item(2), round(report.largest_constant, 3)  # log(d) is 30.4, N only 20
    (False, 0.0)
    """
    return check_conditions(ASSUMPTION, ASSUMPTIONS, values, constant)


def check_conditions(
    what: str,
    conditions: Sequence[Condition],
    values: Mapping[str, float],
    constant: float = 1.0,
) -> AssumptionReport:
    """Evaluate conditions at given numbers, and at a given C where a condition contains it.

    Args:
        what: name of the conditions as a group, for error messages.
        conditions: inequalities; an inequality without an item number is numbered by its place.
        values: numbers by symbol name, at least for every symbol except C.
        constant: C.

    Raises:
        MissingValueError: a name is missing or unknown.
        InvalidValueError: a value is not finite, or not positive where its symbol is.

    Example:
        >>> from sympy import Symbol
        >>> wide = Condition("wide", Symbol("d"), ">=", 10 * Symbol("N"), Provenance.DERIVED, "")
        >>> report = check_conditions("mine", [wide], {"d": 400, "N": 20})
        >>> report.holds, report.rows[0].ratio, report.largest_constant
        (True, 2.0, inf)
    """
    names = [condition.names for condition in conditions]
    check_names(what, set().union(*names) - {"C"}, values.keys() - {"C"})
    at_constant = {**values, "C": constant}
    _check_values(what, conditions, at_constant)

    def rows(at: Mapping[str, float]) -> tuple[AssumptionRow, ...]:
        return tuple(
            _row(c.item or place, c, {name: at[name] for name in at if name in needed})
            for place, (c, needed) in enumerate(zip(conditions, names, strict=True), start=1)
        )

    shown = rows(at_constant)
    at_one = shown if constant == 1.0 else rows({**values, "C": 1.0})
    limits = [row.ratio for row in at_one if row.involves_constant]
    fixed_hold = all(row.holds for row in at_one if not row.involves_constant)
    largest = min(limits, default=math.inf) if fixed_hold else 0.0
    return AssumptionReport(shown, constant, largest)


def _check_values(what: str, conditions: Sequence[Condition], values: Mapping[str, float]) -> None:
    """Refuse numbers outside the domains of their symbols."""
    symbols = {s.name: s for c in conditions for s in c.symbols} | SYMBOLS
    for name, value in values.items():
        as_numbers(f"{what}: {name}", value)
    bad = [
        name for name, value in values.items()
        if not np.isfinite(value) or (value < 0 and symbols[name].is_nonnegative)
        or (value == 0 and symbols[name].is_positive)
    ]  # fmt: skip
    if bad:
        raise InvalidValueError(
            f"{what}: {', '.join(bad)} must be finite and positive (p may be 0); "
            "pass plain numbers in the problem's units"
        )


def _row(item: int, condition: Condition, values: Mapping[str, float]) -> AssumptionRow:
    sides = condition.sides(values)
    return AssumptionRow(
        item=item,
        text=condition.name,
        left=float(sides.left),
        right=float(sides.right),
        relation=condition.relation,
        ratio=float(sides.ratio),
        holds=bool(sides.met),
        latex=condition.latex(),
        involves_constant=C in condition.room.free_symbols,
    )
