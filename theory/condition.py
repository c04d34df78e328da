"""An inequality a theorem assumes, with how much room it leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Expr, Symbol, sympify

from .errors import FormulaError
from .evaluation.admissible import check_admissible
from .evaluation.numbers import Number, check_names, evaluate, symbol_names
from .provenance import Provenance
from .rendering.latex import RELATIONS, display, expr_latex
from .rendering.mathml import expr_mathml, statement_mathml
from .symbols import SYMBOLS


class Sides(NamedTuple):
    """An inequality at given numbers, every array of one shape.

    Attributes:
        left: value of the left side.
        right: value of the right side.
        ratio: how many times over it is met; NaN where a side is negative.
        met: whether it is met.
    """

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    ratio: NDArray[np.float64]
    met: NDArray[np.bool_]


@dataclass(frozen=True)
class Condition:
    """left >= right, left <= right or left < right.

    The sides are usually positive and compared by their ratio, in which SymPy has cancelled common
    factors; where a side is not positive, the sides themselves are compared.

    Attributes:
        name: short label.
        left: the quantity of interest.
        relation: ``">="``, ``"<="`` or ``"<"``.
        right: its threshold.
        provenance: how the inequality is known.
        source: where it is stated.
        item: the number its source gives it; 0 for its place among a theorem's conditions.
        seen: whether a stored copy of its source was read, if it is from the literature.

    >>> from bofcheck.theory import benign
    >>> cell = dict(N=20, mu=2.0, sigma_p=0.01, d=1e4, C0=8.0)
    >>> round(benign.condition.ratio(**cell), 12)  # N * SNR^2 = 80, ten times C0
    10.0
    >>> benign.condition.holds(**cell)
    True
    """

    name: str
    left: Expr
    relation: Literal[">=", "<=", "<"]
    right: Expr
    provenance: Provenance
    source: str
    item: int = 0
    seen: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "left", sympify(self.left))
        object.__setattr__(self, "right", sympify(self.right))
        if self.relation not in RELATIONS:
            raise FormulaError(
                f"{self.name}: relation is {self.relation!r}; use one of {', '.join(RELATIONS)}"
            )

    @cached_property
    def room(self) -> Expr:
        """How many times over the inequality is met: left/right for >=, right/left otherwise."""
        return self.left / self.right if self.relation == ">=" else self.right / self.left

    @cached_property
    def symbols(self) -> frozenset[Symbol]:
        """The symbols of both sides."""
        return frozenset(self.left.free_symbols | self.right.free_symbols)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of :attr:`symbols`."""
        return symbol_names(self.left) | symbol_names(self.right)

    def ratio(self, **values: ArrayLike) -> Number:
        """:attr:`room` as a number: at least 1 means met (above 1 where the relation is strict).

        Args:
            values: numbers or arrays by symbol name, broadcast against each other.

        Returns:
            A float or an array; inf where the smaller side is zero, NaN where a side is negative
            and the ratio has no meaning.

        Raises:
            MissingValueError: a symbol has no value, or a name is unknown.
            InvalidValueError: a value is not a number in its symbol's range.
        """
        ratio = self.sides(values).ratio
        return ratio if ratio.ndim else float(ratio)

    def holds(self, **values: ArrayLike) -> bool | NDArray[np.bool_]:
        """Whether the inequality is met, for each broadcast entry; False where a side is NaN.

        Args:
            values: as in :meth:`ratio`.

        Raises:
            MissingValueError: a symbol has no value, or a name is unknown.
            InvalidValueError: a value is not a number in its symbol's range.
        """
        met = self.sides(values).met
        return met if met.ndim else bool(met)

    def sides(self, values: Mapping[str, ArrayLike]) -> Sides:
        """Both sides, :meth:`ratio` and :meth:`holds` at once.

        Args:
            values: as in :meth:`ratio`.

        Raises:
            MissingValueError: a symbol has no value, or a name is unknown.
            InvalidValueError: a value is not a number in its symbol's range.

        >>> from bofcheck.theory import benign
        >>> sides = benign.condition.sides(dict(N=20, mu=2.0, sigma_p=0.01, d=1e4, C0=[8.0, 90.0]))
        >>> sides.left.round(9), sides.right, sides.met
        (array([80., 80.]), array([ 8., 90.]), array([ True, False]))
        """
        check_names(self.name, self.names, values)
        # a condition on p is there to say whether p fits
        check_admissible(self.name, self.symbols, {n: v for n, v in values.items() if n != "p"})
        parts = (self.left, self.right, self.room)
        numbers = [evaluate(part, _usable(part, values), self.name) for part in parts]
        left, right, ratio = np.broadcast_arrays(*map(np.asarray, numbers))
        plain = (left, right) if self.relation == ">=" else (right, left)
        compare = np.greater if self.relation == "<" else np.greater_equal
        met = np.where((left > 0) & (right > 0), compare(ratio, 1.0), compare(*plain))
        return Sides(left, right, np.where((left < 0) | (right < 0), np.nan, ratio), met)

    def latex(self) -> str:
        r"""The inequality as LaTeX.

        >>> from bofcheck.theory import harmful
        >>> print(harmful.condition.latex())
        \frac{d \sigma_{p}^{2}}{N \|\mu\|^{2}} \ge C_{0}
        """
        return f"{expr_latex(self.left)} {RELATIONS[self.relation]} {expr_latex(self.right)}"

    def mathml(self) -> str:
        """The inequality as a MathML ``math`` element."""
        return statement_mathml(expr_mathml(self.left), self.relation, expr_mathml(self.right))

    def _repr_latex_(self) -> str:
        return display(self.latex())


def _usable(part: Expr, values: Mapping[str, ArrayLike]) -> dict[str, ArrayLike]:
    """The values a part accepts: without symbols of the other side or cancelled in the ratio."""
    names = symbol_names(part) | SYMBOLS.keys()
    return {name: value for name, value in values.items() if name in names}
