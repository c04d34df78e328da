"""Fresh samples in the limit: z f is normal, and P(z f <= 0) at a given attention a tail.

A fresh noise token meets no trained logit, so its query attends to both tokens alike and the
signal's query by A, the logit of the signal token on itself.
"""

from sympy import Rational, Symbol, exp, sqrt

from ..law import Law
from ..provenance import Provenance
from ..state import V_minus, V_noise_squares, V_plus, V_signal
from ..symbols import d, mu, sigma_p, sigma_V, w

_SOURCE = "fresh tokens orthogonal to all; see docs/limit.md"
_VALID = "d and d_h without end at fixed N, SNR and start; true label +1"

signal_logit = Symbol("signal_logit", real=True)  # A
_attended = 1 / (1 + exp(-signal_logit))

V_plus_start, V_minus_start = Symbol("V_plus_0", real=True), Symbol("V_minus_0", real=True)

FRESH_MEAN = Law(
    "fresh_mean", (_attended + Rational(1, 2)) * V_signal / 2, Provenance.DERIVED, _SOURCE, _VALID
)
"""Mean of f over fresh samples of a class."""

FRESH_SPREAD = Law(
    "fresh_spread",
    (Rational(3, 2) - _attended) / 2 * sigma_p * sqrt(
        sigma_V**2 * w**2 * d
        + (V_plus**2 + V_minus**2 - V_plus_start**2 - V_minus_start**2) / mu**2
        + V_noise_squares / (sigma_p**2 * d)
    ),
    Provenance.DERIVED, _SOURCE, _VALID,
)  # fmt: skip
"""Standard deviation of f over fresh samples of a class."""
