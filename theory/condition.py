"""An inequality a theorem assumes, with how much room it leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Expr, sympify

from .errors import FormulaError
from .evaluation.admissible import check_admissible
from .evaluation.numbers import Number, check_names, evaluate
from .provenance import Provenance
from .rendering.latex import RELATIONS, display, expr_latex
from .rendering.mathml import expr_mathml, statement_mathml
from .symbols import SYMBOLS


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

    @property
    def room(self) -> Expr:
        """How many times over the inequality is met: left/right for >=, right/left otherwise."""
        return self.left / self.right if self.relation == ">=" else self.right / self.left

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
        left, right, ratio = self._sides(values)
        shown = np.where((left < 0) | (right < 0), np.nan, ratio)
        return shown if shown.ndim else float(shown)

    def holds(self, **values: ArrayLike) -> bool | NDArray[np.bool_]:
        """Whether the inequality is met, for each broadcast entry; False where a side is NaN.

        Args:
            values: as in :meth:`ratio`.

        Raises:
            MissingValueError: a symbol has no value, or a name is unknown.
            InvalidValueError: a value is not a number in its symbol's range.
        """
        left, right, ratio = self._sides(values)
        plain = (left, right) if self.relation == ">=" else (right, left)
        compare = np.greater if self.relation == "<" else np.greater_equal
        met = np.where((left > 0) & (right > 0), compare(ratio, 1.0), compare(*plain))
        return met if met.ndim else bool(met)

    def _sides(self, values: Mapping[str, ArrayLike]) -> tuple[NDArray[np.float64], ...]:
        """Left, right and ratio, of one shape."""
        symbols = self.left.free_symbols | self.right.free_symbols
        check_names(self.name, map(str, symbols), values)
        # a condition on p is there to say whether p fits
        check_admissible(self.name, symbols, {n: v for n, v in values.items() if n != "p"})
        parts = (self.left, self.right, self.room)
        numbers = [evaluate(part, _usable(part, values), self.name) for part in parts]
        return tuple(np.broadcast_arrays(*map(np.asarray, numbers)))

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
    names = {str(symbol) for symbol in part.free_symbols} | SYMBOLS.keys()
    return {name: value for name, value in values.items() if name in names}
