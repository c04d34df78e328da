"""How memory grows at the start, and where N SNR^2 comes from.

While attention is uniform (a_n = 1) and the loss slope near its start (g_n = -y_n/2), Lemma 5.3
gives h = -(1/4N) sum_n y_n (mu_n + xi_n); inner products of different tokens are neglected. All
laws are DERIVED for a frozen w_O; :func:`with_trained_output` extends them to a trained w_O.
"""

from sympy import Integer, sqrt

from ..law import Law
from ..provenance import Provenance
from ..state import clean, flipped
from ..symbols import N, d, d_v, eta, mu, p, sigma_p, sigma_V, snr, w
from .identities import Identity

_SOURCE = "Lemma 5.3 at uniform attention and slope 1/2; see docs/theory.md"
_VALID = "while attention stays near 1/2 and 1/(1 + exp(y f)) near 1/2"

SIGNAL_GROWTH = Law(
    "signal_growth", (1 - 2 * p) * eta * mu**2 * w**2 / 8, Provenance.DERIVED, _SOURCE, _VALID
)
"""Expected growth of V_+ and of -V_- per step, over classes and flips."""

CLASS_GROWTH = Law(
    "class_growth", (clean - flipped) / N * eta * mu**2 * w**2 / 4,
    Provenance.DERIVED, _SOURCE, _VALID,
)  # fmt: skip
"""Growth of V_+ (of -V_-) per step, given the clean and flipped counts of its true class."""

NOISE_GROWTH = Law(
    "noise_growth", eta * sigma_p**2 * d * w**2 / (4 * N), Provenance.DERIVED, _SOURCE, _VALID
)
"""Growth of y_n V_n per step, the same for clean and flipped samples."""

GROWTH_RATIO = Law(
    "growth_ratio", (1 - 2 * p) * N * snr**2 / 2, Provenance.DERIVED, _SOURCE, _VALID
)
"""Signal growth over noise growth: N SNR^2 decides which of the two the network learns."""


def growth_ratio_identity() -> Identity:
    """The ratio of the two growths is (1 - 2p) N SNR^2/2 (DERIVED).

    >>> growth_ratio_identity().holds()
    True
    """
    ratio = SIGNAL_GROWTH.expr / NOISE_GROWTH.expr
    return Identity("growth ratio", ratio, GROWTH_RATIO.expr, Provenance.DERIVED, _SOURCE)


def balanced_growth_identity() -> Identity:
    """With half the samples in the class and a share p flipped, growth is as expected (DERIVED).

    >>> balanced_growth_identity().holds()
    True
    """
    half = N / Integer(2)
    growth = CLASS_GROWTH.subs({clean: half * (1 - p), flipped: half * p})
    return Identity("balanced growth", growth.expr, SIGNAL_GROWTH.expr, Provenance.DERIVED, _SOURCE)


def with_trained_output(law: Law) -> Law:
    """The law for a trained w_O: w^2 becomes w^2 + sigma_V^2 d_v (DERIVED).

    Lemma 5.3 then has a second term, eta W_V W_V' h, and W_V W_V' is near sigma_V^2 d_v at the
    start.

    Args:
        law: a law of this file, for a frozen w_O.

    >>> with_trained_output(SIGNAL_GROWTH).expr
    eta*mu**2*(1 - 2*p)*(d_v*sigma_V**2 + w**2)/8
    """
    return law.subs({w: sqrt(w**2 + sigma_V**2 * d_v)})
