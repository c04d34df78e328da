"""Theorem B.1: a Lipschitz function of Gaussian noise stays close to its mean.

Source: Gaussian concentration in the form used by Kou 2023 and Cao 2022 (SOURCE); the paper's
formula is lost.
"""

from numpy.typing import ArrayLike
from sympy import Symbol, exp

from ..bound import Bound
from ..evaluation.numbers import Number
from ..evaluation.ranges import checked_scale
from ..provenance import Provenance
from ..symbols import sigma_p

deviation = Symbol("deviation", nonnegative=True)
"""x, how far the function lies above its mean."""

lipschitz = Symbol("lipschitz", positive=True)
"""The function's Lipschitz constant in the Euclidean norm."""

CONCENTRATION = Bound(
    "Theorem B.1", "exceedance", "upper", 0, exp(-(deviation**2) / (2 * sigma_p**2 * lipschitz**2)),
    (), Provenance.SOURCE, "arXiv 2502.12508, Theorem B.1, after Kou 2023",
)  # fmt: skip
"""P(g(xi) - E g(xi) >= x) for xi ~ N(0, sigma_p^2 I): at most exp(-x^2/(2 sigma_p^2 Lip(g)^2))."""


def log_concentration(deviation: ArrayLike, noise_std: ArrayLike, lipschitz: ArrayLike) -> Number:
    """The logarithm of Theorem B.1's bound, exact where the bound underflows (SOURCE).

    Args:
        deviation: x >= 0, in units of g.
        noise_std: sigma_p > 0 per coordinate, in units of the input.
        lipschitz: Lipschitz constant of g, units of g per unit of input; arrays broadcast.

    Returns:
        -x^2/(2 sigma_p^2 Lip^2), a float or an array.

    Raises:
        InvalidValueError: an argument is outside its range.

    >>> log_concentration(3.0, 0.5, 2.0)  # g moves by 1 per standard deviation
    -4.5
    """
    return CONCENTRATION.log_excess(
        deviation=checked_scale("deviation", deviation, zero=True),
        sigma_p=checked_scale("noise_std", noise_std),
        lipschitz=checked_scale("lipschitz", lipschitz),
    )
