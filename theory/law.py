"""A law: one quantity as a formula, with nothing left to fit."""

from dataclasses import dataclass, replace

from numpy.typing import ArrayLike
from sympy import Expr, Symbol, sympify

from .evaluation.admissible import check_admissible, check_symbols
from .evaluation.numbers import Number, evaluate
from .provenance import Provenance
from .rendering.latex import display, expr_latex, quantity_latex
from .rendering.mathml import expr_mathml, quantity_mathml, statement_mathml


@dataclass(frozen=True)
class Law:
    r"""quantity = expr.

    Attributes:
        quantity: what the formula gives, a name in snake case.
        expr: the formula.
        provenance: how it is known.
        source: where it is stated, or what it follows from.
        valid: where it holds, in words.
        seen: whether a stored copy of its source was read, if it is from the literature.

    >>> from bofcheck.theory import GROWTH_RATIO
    >>> GROWTH_RATIO.numeric(N=20, mu=2.0, sigma_p=0.01, d=1e4, p=0.1)  # N SNR^2 = 80
    32.0
    """

    quantity: str
    expr: Expr
    provenance: Provenance
    source: str
    valid: str
    seen: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "expr", sympify(self.expr))

    def numeric(self, **values: ArrayLike) -> Number:
        """The formula in float64.

        Args:
            values: numbers or arrays by symbol name, broadcast against each other.

        Returns:
            A float if every value is a scalar, else an array of the broadcast shape.

        Raises:
            MissingValueError: a symbol has no value, or a name is unknown.
            InvalidValueError: a value is not a number in its symbol's range.
        """
        check_admissible(self.quantity, self.expr.free_symbols, values)
        return evaluate(self.expr, values, self.quantity)

    def subs(self, replacements: dict[Symbol, Expr]) -> "Law":
        """The law with symbols replaced, all at once.

        Args:
            replacements: new expressions by symbol.

        Raises:
            MissingValueError: a key is not a symbol of the formula, nor a canonical one.
        """
        check_symbols(self.quantity, self.expr.free_symbols, replacements)
        return replace(self, expr=self.expr.subs(replacements, simultaneous=True))

    def latex(self) -> str:
        r"""The law as LaTeX.

        >>> from bofcheck.theory import LATE_SLOPE
        >>> print(LATE_SLOPE.latex())
        \mathrm{late\ slope} = \frac{1}{\bar a}
        """
        return f"{quantity_latex(self.quantity)} = {expr_latex(self.expr)}"

    def mathml(self) -> str:
        """The law as a MathML ``math`` element."""
        return statement_mathml(quantity_mathml(self.quantity), "=", expr_mathml(self.expr))

    def _repr_latex_(self) -> str:
        return display(self.latex())
