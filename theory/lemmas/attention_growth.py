"""How the attention of clean samples turns to the signal: the logit gap and the step T_gap.

The gap of a signal query is its logit on the signal minus its logit on the noise token. While
attention is near 1/2 it grows by (eta sigma_h^2 d_h/8) mu^2 times
(1/N) sum_m y_m (V_signal - V_noise)_m <mu_m - xi_m, mu_n - xi_n> over the samples m of its class
per step. With V from :mod:`bofcheck.theory.lemmas.early_phase` the sum over the class gives
(1-2p) V - V_n in units of mu^2/2, the sample's own noise (V - V_n) 2/(N SNR^2) (DERIVED).
"""

from sympy import Expr, sqrt

from ..law import Law
from ..provenance import Provenance
from ..symbols import N, d, d_h, eta, mu, p, sigma_h, sigma_p, snr, t, w
from .early_phase import NOISE_GROWTH, SIGNAL_GROWTH
from .identities import Identity

_SOURCE = "gradient of W_Q and W_K at attention 1/2; see docs/theory.md"
_VALID = (
    "w_O frozen, d_h large, while attention stays near 1/2 and 1/(1 + exp(y f)) near 1/2; "
    "flips at their average number"
)

_OWN_NOISE = 2 / (N * snr**2)
_KEEP = 1 - 2 * p
_STRENGTH: Expr = _KEEP**2 - 2 * p * _OWN_NOISE - _OWN_NOISE**2
_SPEED = eta * mu**2 * w * sigma_h * mu * sqrt(d_h)

LOGIT_GAP = Law(
    "logit_gap", (_SPEED * t) ** 2 * _STRENGTH / 256, Provenance.DERIVED, _SOURCE, _VALID
)
"""Λ(t), mean gap of clean samples' signal queries; negative where attention turns to the noise."""

T_GAP = Law("T_gap", 16 / (_SPEED * sqrt(_STRENGTH)), Provenance.DERIVED, _SOURCE, _VALID)
"""The step at which Λ reaches 1; NaN where it never does."""


def gap_identity() -> Identity:
    """Λ is the time integral of the gap's growth at linearly growing memory (DERIVED).

    >>> gap_identity().holds()
    True
    """
    signal, noise = SIGNAL_GROWTH.expr * t, NOISE_GROWTH.expr * t
    of_class = (_KEEP * signal - noise) * mu**2 / 2
    of_itself = (signal - noise) * sigma_p**2 * d / N
    growth = eta * sigma_h**2 * d_h / 8 * mu**2 * (of_class + of_itself)
    return Identity("logit gap", growth.integrate(t), LOGIT_GAP.expr, Provenance.DERIVED, _SOURCE)
