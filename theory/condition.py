"""An inequality a theorem assumes, with how much room it leaves."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Expr, sympify

from .errors import FormulaError
from .evaluation import Number, evaluate
from .latex import RELATIONS, display, expr_latex
from .mathml import expr_mathml, statement_mathml
from .provenance import Provenance


@dataclass(frozen=True)
class Condition:
    """left >= right, left <= right or left < right; both sides are positive.

    Attributes:
        name: short label.
        left: the quantity of interest.
        relation: ``">="``, ``"<="`` or ``"<"``.
        right: its threshold.
        provenance: how the inequality is known.
        source: where it stands.

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
            A float or an array; inf where the smaller side is zero.

        Raises:
            MissingValueError: a symbol has no value, or a name is unknown.
        """
        return evaluate(self.room, values, self.name)

    def holds(self, **values: ArrayLike) -> bool | NDArray[np.bool_]:
        """Whether the inequality is met, for each broadcast entry.

        Args:
            values: as in :meth:`ratio`.

        Raises:
            MissingValueError: a symbol has no value, or a name is unknown.
        """
        ratio = self.ratio(**values)
        met = np.greater(ratio, 1.0) if self.relation == "<" else np.greater_equal(ratio, 1.0)
        return met if isinstance(ratio, np.ndarray) else bool(met)

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
