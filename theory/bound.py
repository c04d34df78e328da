"""A bound on one quantity: what a stage of a theorem asserts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Literal

from numpy.typing import ArrayLike
from sympy import Expr, Symbol, sympify

from .condition import Condition
from .errors import FormulaError, MissingValueError, nearest_hint
from .evaluation.admissible import check_admissible, check_clock, check_symbols
from .evaluation.envelope import EnvelopeTerms, envelope_terms
from .evaluation.numbers import Number, evaluate, log_expression
from .evaluation.substitution import substituted
from .in_notebook import keeping_coordinates, named_symbols, plotted, symbol_of
from .provenance import Provenance
from .rendering.latex import RELATIONS, display, expr_latex, quantity_latex
from .rendering.mathml import expr_mathml, quantity_mathml, statement_mathml
from .symbols import CONSTANTS, SYMBOLS

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Bound:
    r"""quantity <= floor + excess (kind ``upper``) or quantity >= floor + excess (``lower``).

    Attributes:
        name: short label, e.g. ``"B2"``.
        quantity: what is bounded: ``test_error``, ``test_loss`` or ``train_loss``.
        kind: ``"upper"`` or ``"lower"``.
        floor: the part no training removes (p, log 2, 0).
        excess: the rest, non-negative; its logarithm is what :meth:`log_excess` returns.
        constants: symbols the theorem leaves open, to be fitted.
        provenance: how the formula is known.
        source: where it is stated.
        rebuilt_from: the words or results a reconstruction rests on; empty if it is not one.
        condition: what this bound requires in addition to its theorem's conditions; None if
            nothing.
        statement: what it asserts in one sentence; empty where the formula says it all.
        during: start and end of its stage; None for a bound that is in none.
        logged: names of the logged quantities in the formula, which have a value at every step.
        seen: whether a stored copy of its source was read, if it is from the literature.
        reading: what obeys it: ``"runs"``, each run with high probability; ``"mean"``, the mean
            over the runs of a problem.
        quantile: probability with which a run may fail it; None for the theorem's own.

    Raises:
        FormulaError: a constant does not occur in the formula, the kind or the reading is unknown,
            or the quantile is not a probability, or that of a mean.

    >>> from bofcheck.theory import benign
    >>> bound = benign.bound("B2")
    >>> bound.expr
    C2*exp(-eta*k2*mu**2*w**2*(-T1 + t)) + p
    >>> values = dict(p=0.1, C2=0.5, k2=0.01, eta=0.1, mu=4.0, w=1.0, T1=20)
    >>> round(bound.numeric(**values, t=120), 6)
    0.200948
    >>> bound.log_excess(**values, t=10**6 + 20)  # the excess itself underflows
    -16000.69314718056
    """

    name: str
    quantity: str
    kind: Literal["upper", "lower"]
    floor: Expr
    excess: Expr
    constants: tuple[Symbol, ...]
    provenance: Provenance
    source: str
    rebuilt_from: str = ""
    condition: Condition | None = None
    statement: str = ""
    during: tuple[Expr, Expr] | None = None
    logged: tuple[str, ...] = ()
    seen: bool = False
    reading: Literal["runs", "mean"] = "runs"
    quantile: float | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "floor", sympify(self.floor))
        object.__setattr__(self, "excess", sympify(self.excess))
        object.__setattr__(self, "constants", tuple(self.constants))
        if self.kind not in ("upper", "lower"):
            raise FormulaError(
                f"{self.name}: kind is {self.kind!r}; use 'upper' for <= or 'lower' for >="
            )
        if self.reading not in ("runs", "mean"):
            raise FormulaError(f"{self.name}: reading is {self.reading!r}; use 'runs' or 'mean'")
        if self.quantile is not None and not 0 < self.quantile < 1:
            raise FormulaError(f"{self.name}: quantile is {self.quantile}; give it between 0 and 1")
        if self.quantile is not None and self.reading == "mean":
            raise FormulaError(
                f"{self.name}: a mean has no quantile; leave out the quantile, or the reading"
            )
        object.__setattr__(self, "logged", tuple(self.logged))
        names = {str(symbol) for symbol in self.expr.free_symbols}
        listed = {"constants": map(str, self.constants), "logged quantities": self.logged}
        for what, given in listed.items():
            if unused := [name for name in given if name not in names]:
                raise FormulaError(
                    f"{self.name}: {what} {', '.join(unused)} do not occur in the formula; "
                    "list only those that do"
                )

    @property
    def expr(self) -> Expr:
        """The whole right-hand side, floor + excess."""
        return self.floor + self.excess

    def latex(self) -> str:
        r"""The inequality as LaTeX, floor first.

        >>> from bofcheck.theory import benign
        >>> print(benign.bound("B1").latex())
        \mathrm{test\ error} \le p + C_{1}
        """
        sides = [expr_latex(side) for side in (self.floor, self.excess) if side != 0]
        relation = RELATIONS["<=" if self.kind == "upper" else ">="]
        left = quantity_latex(self.quantity)
        left = rf"\mathbb{{E}}[{left}]" if self.reading == "mean" else left
        return f"{left} {relation} {' + '.join(sides) or '0'}"

    def mathml(self) -> str:
        """The inequality as a MathML ``math`` element, floor first."""
        sides = [expr_mathml(side) for side in (self.floor, self.excess) if side != 0]
        relation = "<=" if self.kind == "upper" else ">="
        right = "<mo>+</mo>".join(sides) or "<mn>0</mn>"
        left = quantity_mathml(self.quantity)
        if self.reading == "mean":
            left = f"<mi>E</mi><mo>[</mo>{left}<mo>]</mo>"
        return statement_mathml(left, relation, right)

    def _repr_latex_(self) -> str:
        return display(self.latex())

    def subs(
        self, replacements: Mapping[Symbol, Expr | float] | None = None, /, **by_name: Expr | float
    ) -> "Bound":
        """The bound with symbols replaced, all at once.

        Args:
            replacements: new expressions or numbers by symbol.
            by_name: the same by ASCII name.

        Returns:
            A new bound; its :attr:`constants` lose those that vanished and gain those that a
            replacement brought in.

        Raises:
            MissingValueError: a name or key is not a symbol of the formula, nor a canonical one.
            InvalidValueError: a number lies outside its symbol's range.
            FormulaError: the formula is not a real number there, or is too large to write out.

        >>> from bofcheck.theory import benign
        >>> benign.bound("B1").subs(C1=0.3).expr
        p + 0.3
        """
        unknown = sorted(by_name.keys() - SYMBOLS.keys() - {str(s) for s in self.expr.free_symbols})
        if unknown:
            raise MissingValueError(
                f"{self.name}: unknown symbol {', '.join(unknown)}; "
                f"it uses {', '.join(sorted(map(str, self.expr.free_symbols)))}"
                f"{nearest_hint(unknown[0], map(str, self.expr.free_symbols))}"
            )
        own = {str(s): s for s in self.expr.free_symbols}
        mapping = dict(replacements or {})
        check_symbols(self.name, self.expr.free_symbols, mapping)
        mapping.update({own.get(n) or SYMBOLS[n]: value for n, value in by_name.items()})
        mapping = {symbol: sympify(value) for symbol, value in mapping.items()}
        numbers = {str(s): float(v) for s, v in mapping.items() if v.is_number and v.is_real}
        check_admissible(self.name, own.values(), numbers, (*self.constants, *CONSTANTS))
        floor = substituted(self.floor, mapping, self.name)
        excess = substituted(self.excess, mapping, self.name)
        free = (floor + excess).free_symbols
        known = (*self.constants, *(c for c in CONSTANTS if c not in self.constants))
        brought = set().union(*(v.free_symbols for s, v in mapping.items() if s in own.values()))
        kept = tuple(c for c in known if c in free and (c in self.constants or c in brought))
        during = self.during and tuple(part.xreplace(mapping) for part in self.during)
        return replace(self, floor=floor, excess=excess, constants=kept, during=during)

    @property
    def symbols(self) -> SimpleNamespace:
        """Its symbols as attributes.

        >>> from bofcheck.theory import benign
        >>> bound = benign.bound("B2")
        >>> bound.expr.diff(bound.symbols.C2)
        exp(-eta*k2*mu**2*w**2*(-T1 + t))
        """
        return named_symbols(self.expr)

    def diff(self, name: str | Symbol, times: int = 1) -> Expr:
        """The derivative of the right-hand side in one of its symbols.

        Args:
            name: the symbol, or its name.
            times: how often.

        Raises:
            MissingValueError: the formula has no such symbol.

        >>> from bofcheck.theory import benign
        >>> benign.bound("B2").diff("C2")
        exp(-eta*k2*mu**2*w**2*(-T1 + t))
        """
        return self.expr.diff(symbol_of(self.name, self.expr, name), times)

    def plot(
        self,
        ax: "Axes | None" = None,
        *,
        xlabel: str = "",
        ylabel: str = "",
        title: str = "",
        **values: ArrayLike,
    ) -> "Axes":
        """Draw the right-hand side over one of its symbols.

        Args:
            ax: matplotlib axes to draw into; None for a new figure.
            xlabel: label of the horizontal axis; empty for the symbol's.
            ylabel: label of the vertical axis; empty for the quantity's name.
            title: of the axes.
            values: numbers by symbol name, and one array, over which it is drawn.

        Returns:
            The axes; those that span a factor of 30 are logarithmic.

        Raises:
            InvalidValueError: none or several of the values are arrays, or as in :meth:`numeric`.
            MissingValueError: as in :meth:`numeric`.

        >>> from matplotlib.figure import Figure
        >>> from bofcheck.theory import benign
        >>> ax = benign.bound("B2").plot(Figure().subplots(), t=[20, 60, 100], p=0.1, C2=0.5,
        ...     k2=0.01, eta=0.1, mu=4.0, w=1.0, T1=20)
        >>> ax.get_xlabel(), ax.get_ylabel(), ax.lines[0].get_ydata().round(2).tolist()
        ('step t', 'test_error', [0.6, 0.36, 0.24])
        """
        labels = (xlabel, ylabel or self.quantity, title)
        return plotted(self.name, self.expr, self.numeric, values, labels, ax)

    def __repr__(self) -> str:
        sign = "<=" if self.kind == "upper" else ">="
        return f"Bound({self.name}: {self.quantity} {sign} {self.expr})"

    def numeric(self, **values: ArrayLike) -> Number:
        """The right-hand side in float64.

        Args:
            values: numbers or arrays by symbol name, broadcast against each other; DataArrays of
                xarray and Series of pandas keep their coordinates.

        Returns:
            A float if every value is a scalar, else an array of the broadcast shape, or a DataArray
            or Series.

        Raises:
            MissingValueError: a symbol has no value, or a name is unknown.
            InvalidValueError: a value is not a number in its symbol's range, or t lies outside
                the bound's stage.
        """
        self._check(values)
        return keeping_coordinates(
            self.name, lambda plain: evaluate(self.expr, plain, self.name), values
        )

    def _check(self, values: Mapping[str, ArrayLike]) -> None:
        check_admissible(self.name, self.expr.free_symbols, values, self.constants)
        if self.during is not None:
            check_clock(self.name, *self.during, values)

    def log_excess(self, **values: ArrayLike) -> Number:
        """log(excess) without forming the excess: exact where it underflows.

        Args:
            values: numbers or arrays by symbol name, broadcast against each other.

        Returns:
            A float or an array as in :meth:`numeric`; -inf where the excess is zero.

        Raises:
            MissingValueError: a symbol has no value, or a name is unknown.
            InvalidValueError: as in :meth:`numeric`.
        """
        self._check(values)
        formula = log_expression(self.excess)
        return keeping_coordinates(
            self.name,
            lambda plain: evaluate(formula, plain, self.name, absolute=True, of=self.expr),
            values,
        )

    def envelope_terms(self) -> EnvelopeTerms:
        """log(excess) as a linear function of log-constants and rates.

        Raises:
            NotAnEnvelopeError: it is not linear in them.

        >>> from bofcheck.theory import benign
        >>> terms = benign.bound("B2").envelope_terms()
        >>> terms.log_constants, sorted(map(str, terms.rates))
        ({C2: 1}, ['k2'])
        """
        return envelope_terms(self.name, self.excess, self.constants)
