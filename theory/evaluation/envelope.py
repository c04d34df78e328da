"""The linear form of a bound's log-excess, which makes its constants easy to fit."""

from collections.abc import Iterable
from dataclasses import dataclass

from sympy import Add, Dummy, Expr, Integer, Mul, Symbol, log

from ..errors import NotAnEnvelopeError
from .numbers import log_expression


@dataclass(frozen=True)
class EnvelopeTerms:
    """log(excess) = offset + sum(power * log(C)) + sum(rate * k).

    Attributes:
        log_constants: power of each multiplicative constant C.
        rates: factor of each constant k that enters linearly; free of all constants.
        offset: what remains; free of all constants.

    Example:
        >>> from bofcheck.theory import benign
        >>> terms = benign.bound("B2").envelope_terms()
        >>> terms.log_constants, terms.rates
        ({C2: 1}, {k2: -eta*mu**2*w**2*(-T1 + t)})
        >>> terms.log_excess()
        -eta*k2*mu**2*w**2*(-T1 + t) + log(C2)
    """

    log_constants: dict[Symbol, Expr]
    rates: dict[Symbol, Expr]
    offset: Expr

    @property
    def powers(self) -> tuple[Symbol, ...]:
        """The rates that are open powers, a of x**(-a), rather than rates of an exponential.

        >>> from sympy import exp, symbols
        >>> a, k, n, t = symbols("a k n t", positive=True)
        >>> envelope_terms("demo", n ** (-a) * exp(-k * t), [a, k]).powers
        (a,)
        """
        return tuple(c for c, slope in self.rates.items() if _is_of_logarithms(slope))

    def log_excess(self) -> Expr:
        """The sum of the three parts: log(excess) as one expression."""
        powers = (power * log(constant) for constant, power in self.log_constants.items())
        slopes = (rate * constant for constant, rate in self.rates.items())
        return Add(self.offset, *powers, *slopes)


def envelope_terms(name: str, excess: Expr, constants: Iterable[Symbol]) -> EnvelopeTerms:
    """Split log(excess) into constants that multiply and constants that are rates.

    Args:
        name: the bound's name, for the message.
        excess: the bound above its floor.
        constants: the symbols to be fitted; every other symbol counts as known.

    Returns:
        The three parts; a bound without constants is all offset.

    Raises:
        NotAnEnvelopeError: log(excess) is not linear in the log-constants and the rates, or one
            constant is used as both.

    >>> from sympy import exp, symbols
    >>> C, k, x = symbols("C k x", positive=True)
    >>> envelope_terms("demo", C * x * exp(-k * x**2), [C, k])
    EnvelopeTerms(log_constants={C: 1}, rates={k: -x**2}, offset=log(x))
    """
    constants = tuple(constants)
    logs = {constant: Dummy(f"log_{constant}") for constant in constants}
    linear = log_expression(excess).xreplace({log(c): dummy for c, dummy in logs.items()})
    # Derivatives keep coefficients as they were written; collecting would expand (t - T1)**2
    # and lose digits near T1.
    powers = {c: linear.diff(dummy) for c, dummy in logs.items() if linear.has(dummy)}
    rates = {c: linear.diff(c) for c in constants if linear.has(c)}
    variables = {*constants, *logs.values()}
    curved = {
        c for part in (powers, rates) for c, slope in part.items() if slope.free_symbols & variables
    }
    stray = curved | (powers.keys() & rates.keys())
    if stray:
        names = ", ".join(sorted(map(str, stray)))
        raise NotAnEnvelopeError(
            f"{name}: log of the excess is not linear in {names}; an envelope multiplies powers of "
            "constants and exponentials linear in rates: rewrite the excess, or fit it another way"
        )
    # only now: at zero, what is not linear may not be a number
    offset = linear.xreplace(dict.fromkeys(variables, Integer(0)))
    return EnvelopeTerms(powers, rates, offset)


def _is_of_logarithms(slope: Expr) -> bool:
    """Whether it is a sum of logarithms of known quantities, each times a number."""
    for term in Add.make_args(slope.expand()):
        logs = [factor for factor in Mul.make_args(term) if isinstance(factor, log)]
        if (term / Mul(*logs)).free_symbols or len(logs) > 1:
            return False
    return bool(slope.free_symbols)
