"""A phase boundary: the strength on whose two sides a theorem says opposite things."""

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr, Symbol, sympify

from .condition import Condition
from .errors import FormulaError
from .provenance import Provenance
from .rendering.latex import display, expr_latex
from .rendering.mathml import expr_mathml


@dataclass(frozen=True)
class Boundary:
    r"""Where a quantity crosses a level: at some constant value of a product of powers.

    Attributes:
        name: the label used in reports.
        quantity: the measured quantity that decides the side.
        strength: a product of powers of a problem's numbers; the boundary is strength = constant.
        level: the value of the quantity on the boundary.
        event: the event at whose first logged step the quantity is read; empty for the last step.
        provenance: how the strength is known.
        source: where it is stated.
        condition: what it requires in addition to its theorem's conditions; None if nothing.
        statement: what it asserts in one sentence.
        seen: whether a stored copy of its source was read, if it is from the literature.

    Raises:
        FormulaError: the strength is not a product of powers.

    >>> from bofcheck.theory import get_theorem
    >>> boundary = get_theorem("kou2023").boundaries[0]
    >>> boundary.strength, boundary.level, boundary.powers
    (N*mu**4/(d*sigma_p**4), p + 1/10, {'N': 1.0, 'd': -1.0, 'mu': 4.0, 'sigma_p': -4.0})
    """

    name: str
    quantity: str
    strength: Expr
    level: Expr
    event: str
    provenance: Provenance
    source: str
    condition: Condition | None = None
    statement: str = ""
    seen: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "strength", sympify(self.strength))
        object.__setattr__(self, "level", sympify(self.level))
        if not self.strength.free_symbols:
            raise FormulaError(f"{self.name}: strength {self.strength} holds no symbol")
        self._powers()

    @property
    def constants(self) -> tuple[Symbol, ...]:
        """None: its constant is estimated with an interval, and widened by nothing."""
        return ()

    @property
    def powers(self) -> Mapping[str, float]:
        """The power of each number in the strength, in alphabetical order."""
        return self._powers()

    def _powers(self) -> dict[str, float]:
        powers = {}
        for symbol in sorted(self.strength.free_symbols, key=str):
            power = (symbol * self.strength.diff(symbol) / self.strength).simplify()
            if not (power.is_number and power.is_real):
                raise FormulaError(
                    f"{self.name}: strength {self.strength} is not a product of powers in {symbol}"
                )
            powers[str(symbol)] = float(power)
        return powers

    def latex(self) -> str:
        """The strength as LaTeX."""
        return expr_latex(self.strength)

    def mathml(self) -> str:
        """The strength as a MathML ``math`` element."""
        return expr_mathml(self.strength)

    def _repr_latex_(self) -> str:
        return display(self.latex())
