"""The stages of a theorem and the times at which they end."""

from dataclasses import dataclass, replace
from typing import Literal

from numpy.typing import ArrayLike
from sympy import Expr, Symbol, sympify

from .bound import Bound
from .condition import Condition
from .errors import NotLinearError
from .evaluation.admissible import check_admissible
from .evaluation.numbers import Number, evaluate
from .provenance import Provenance
from .rendering.latex import display, expr_latex
from .rendering.mathml import expr_mathml, statement_mathml


@dataclass(frozen=True)
class StageTime:
    r"""When a stage ends, as a scaling law linear in its constants.

    Attributes:
        event: the name of one of its theorem's events, e.g. ``"T1"``.
        form: ``"paper"`` for the paper's scaling, ``"derived"`` for this project's. Another theorem
            may name its forms freely; an event with a single law needs no form.
        expr: the number of gradient steps.
        constants: the factors to be fitted; ``expr`` is linear in them. Empty: nothing is fitted.
        provenance: how the formula is known.
        source: where it is stated.
        condition: what this law requires in addition to its theorem's conditions; None if nothing.
        statement: what it asserts in one sentence; empty where the formula says it all.
        reading: how the law of a user-supplied theorem is judged: ``"deadline"``, the event comes
            no later, up to the slack; ``"scaling"``, neither earlier nor later, up to a factor.
        seen: whether a stored copy of its source was read, if it is from the literature.

    Raises:
        NotLinearError: ``expr`` is not a linear combination of its constants.

    >>> from bofcheck.theory import benign
    >>> benign.time("T2", "derived").terms()
    {c2: 1/(eta*mu**2*w**2)}
    >>> benign.time("T2", "derived").numeric(c2=15, eta=0.1, mu=2.0, w=1.0)
    37.5
    """

    event: str
    form: str
    expr: Expr
    constants: tuple[Symbol, ...]
    provenance: Provenance
    source: str
    condition: Condition | None = None
    statement: str = ""
    reading: Literal["deadline", "scaling"] = "deadline"
    seen: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "expr", sympify(self.expr))
        object.__setattr__(self, "constants", tuple(self.constants))
        if self.constants and not self._is_linear():
            names = ", ".join(map(str, self.constants))
            raise NotLinearError(
                f"{self.name}: not a linear combination of {names}; "
                "write it as a sum of constants times known quantities"
            )

    def _is_linear(self) -> bool:
        terms = self.terms().values()
        curved = any(part.free_symbols & set(self.constants) for part in terms)
        try:
            at_zero = self.expr.xreplace({c: sympify(0) for c in self.constants})
        except ValueError:  # Max and Min of what a constant divides
            return False
        return at_zero == 0 and not curved and 0 not in terms

    @property
    def name(self) -> str:
        """The label used in reports, e.g. ``"T1 (paper)"``; the event alone if it has no form."""
        return f"{self.event} ({self.form})" if self.form else self.event

    def terms(self) -> dict[Symbol, Expr]:
        """What each constant multiplies, in steps."""
        return {constant: self.expr.diff(constant) for constant in self.constants}

    def numeric(self, **values: ArrayLike) -> Number:
        """The time in gradient steps.

        Args:
            values: numbers or arrays by symbol name, broadcast against each other.

        Raises:
            MissingValueError: a symbol has no value, or a name is unknown.
            InvalidValueError: a value is not a number in its symbol's range.
        """
        check_admissible(self.name, self.expr.free_symbols, values, self.constants)
        return evaluate(self.expr, values, self.name)

    def latex(self) -> str:
        """The scaling law as LaTeX."""
        return f"{expr_latex(Symbol(self.event))} = {expr_latex(self.expr)}"

    def mathml(self) -> str:
        """The scaling law as a MathML ``math`` element."""
        return statement_mathml(expr_mathml(Symbol(self.event)), "=", expr_mathml(self.expr))

    def _repr_latex_(self) -> str:
        return display(self.latex())


@dataclass(frozen=True)
class Stage:
    """An interval of training and the bounds that hold on it.

    Attributes:
        number: 1, 2, 3, in order of time.
        name: the paper's word for it.
        start: first step, an expression in the stage times.
        end: last step; oo for a stage that lasts as long as the data.
        bounds: what the theorem asserts there.

    Example:
        >>> from bofcheck.theory import benign
        >>> stage = benign.stage(2)
        >>> stage.start, stage.end, [bound.name for bound in stage.bounds]
        (T1, T2, ['B2'])
    """

    number: int
    name: str
    start: Expr
    end: Expr
    bounds: tuple[Bound, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", sympify(self.start))
        object.__setattr__(self, "end", sympify(self.end))
        during = (self.start, self.end)
        bounds = tuple(replace(bound, during=during) for bound in self.bounds)
        object.__setattr__(self, "bounds", bounds)

    def bounds_on(self, quantity: str) -> tuple[Bound, ...]:
        """The stage's bounds on one quantity; empty if it says nothing about it.

        >>> from bofcheck.theory import harmful
        >>> [bound.name for bound in harmful.stage(2).bounds_on("test_loss")]
        ['H2', 'H2d']
        """
        return tuple(bound for bound in self.bounds if bound.quantity == quantity)

    def latex(self) -> str:
        """The stage as LaTeX: its interval, then its bounds."""
        interval = rf"{expr_latex(self.start)} \le t \le {expr_latex(self.end)}"
        return r":\quad ".join((interval, r",\quad ".join(b.latex() for b in self.bounds)))

    def _repr_latex_(self) -> str:
        return display(self.latex())
