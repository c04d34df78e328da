"""The step of value vectors where w_O is trained, and the spread of fresh samples then.

Value vectors u = W_Vᵀ x come in the order s, 0, 1 of class +, then of class -, as in `recursion`;
those of class -1 are negated, so that labels count as in class +1. w_O is the last.
"""

from sympy import Expr, Matrix, Rational, Symbol, exp, eye, sqrt

from ..law import Law
from ..provenance import Provenance
from ..state import V_minus, V_noise_squares, V_plus
from ..symbols import N, d, eta, mu, sigma_p, sigma_V, w
from .fresh_samples import V_minus_start, V_plus_start, signal_logit

_SOURCE = "gradient of the mean logistic loss at orthogonal tokens; see docs/limit.md"
_VALID = "d, d_h and d_v without end at fixed N, SNR, start and sigma_V² d_v; w_O trained"

output_norm = Symbol("output_norm", positive=True)  # |w_O|, w at the start

#: r, m and n of the types by class and label: 0 + kept, 1 + flipped, 2 - kept, 3 - flipped.
pair_residual = tuple(Symbol(f"r_{kind}", nonnegative=True) for kind in range(4))
pair_mass = tuple(Symbol(f"m_{kind}", nonnegative=True) for kind in range(4))
pair_count = tuple(Symbol(f"n_{kind}", nonnegative=True) for kind in range(4))


def value_mixing() -> Matrix:
    """M of a step of the six value vectors and w_O: their inner products G become M G Mᵀ.

    >>> value_mixing().shape, value_mixing()[6, 1]  # w_O takes n_0 η r (2-m)/(2N) of u_0
    ((7, 7), eta*n_0*r_0*(2 - m_0)/(2*N))
    """
    m = eye(7)
    for kind in range(4):
        signal, noise = 3 * (kind // 2), 3 * (kind // 2) + 1 + kind % 2
        slope = eta * (-1) ** kind * pair_residual[kind] / (2 * N)
        attended, rest = slope * pair_mass[kind], slope * (2 - pair_mass[kind])
        m[signal, 6] += mu**2 * pair_count[kind] * attended
        m[noise, 6] += sigma_p**2 * d * rest
        m[6, signal] += pair_count[kind] * attended
        m[6, noise] += pair_count[kind] * rest
    return m


def _spread_square() -> Expr:
    """(σ_p |W_V w_O|)²."""
    start = sigma_V**2 * d - (V_plus_start**2 + V_minus_start**2) / (mu * w) ** 2
    learned = (V_plus**2 + V_minus**2) / mu**2 + V_noise_squares / (sigma_p**2 * d)
    return sigma_p**2 * (output_norm**2 * start + learned)


TRAINED_SPREAD = Law(
    "fresh_spread",
    (Rational(3, 2) - 1 / (1 + exp(-signal_logit))) / 2 * sqrt(_spread_square()),
    Provenance.DERIVED, _SOURCE, _VALID,
)  # fmt: skip
"""Standard deviation of f over fresh samples of a class where w_O is trained."""
