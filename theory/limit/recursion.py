"""One step of gradient descent where tokens are orthogonal: four types of sample, no matrices.

A type is a true label and whether it was kept; a = 0 names kept and 1 flipped labels of one class
with signal s. Vectors come in the order q_s, q_0, q_1, k_s, k_0, k_1: queries and keys of the
signal and type means of the noise tokens'. The two classes meet nowhere but in N.
"""

from sympy import Expr, Matrix, Symbol, exp, eye

from ..law import Law
from ..provenance import Provenance
from ..state import V_noise, V_signal
from ..symbols import N, d, eta, mu, sigma_p, w

_SOURCE = "gradient of the mean logistic loss at orthogonal tokens; see docs/limit.md"
_VALID = "d and d_h without end at fixed N, SNR and start"

label = Symbol("label", real=True)  # y, -1 or +1
signal_gap = Symbol("signal_gap", real=True)  # alpha, of the signal query
noise_gap = Symbol("noise_gap", real=True)  # beta, of the noise query
mass = Symbol("mass", nonnegative=True)  # m, attention on the signal, summed over both queries
output = Symbol("output", real=True)  # f
residual = Symbol("residual", nonnegative=True)  # r
signal_pull = (Symbol("P_0", real=True), Symbol("P_1", real=True))  # e sigma'(alpha) of both types
noise_pull = (Symbol("X_0", real=True), Symbol("X_1", real=True))  # e sigma'(beta)
count = (Symbol("n_0", nonnegative=True), Symbol("n_1", nonnegative=True))  # samples of both types

_square = sigma_p**2 * d  # of a noise token


def _law(quantity: str, expr: Expr) -> Law:
    return Law(quantity, expr, Provenance.DERIVED, _SOURCE, _VALID)


MASS = _law("mass", 1 / (1 + exp(-signal_gap)) + 1 / (1 + exp(-noise_gap)))
"""m: what both queries of a sample attend to its signal token."""

SAMPLE_OUTPUT = _law("output", (mass * V_signal + (2 - mass) * V_noise) / 2)
"""f of a sample (Lemma 5.2)."""

RESIDUAL = _law("residual", 1 / (1 + exp(label * output)))
"""r: minus the slope of the loss in y f."""

PULL = _law("pull", label * residual * (V_signal - V_noise) / (2 * N))
"""e: minus the slope of the mean loss in the mass; P = e σ'(α) and X = e σ'(β)."""

SIGNAL_STEP = _law("signal_step", eta * w**2 * mu**2 * label * residual * mass / (2 * N))
"""What a sample adds to V of its signal in a step."""

NOISE_STEP = _law("noise_step", eta * w**2 * _square * label * residual * (2 - mass) / (2 * N))
"""What a sample adds to V of its noise token in a step."""


def mixing() -> Matrix:
    """M of a step of (q_s, q_0, q_1, k_s, k_0, k_1): their inner products G become M G Mᵀ.

    >>> mixing().shape, mixing()[1, 3]  # q_0 takes eta ρ X_0 of k_s
    ((6, 6), X_0*d*eta*sigma_p**2)
    """
    m = eye(6)
    for a in range(2):
        shared = eta * mu**2 * count[a] * signal_pull[a]
        queried = eta * mu**2 * count[a] * noise_pull[a]
        signal, noise = eta * _square * signal_pull[a], eta * _square * noise_pull[a]
        m[0, 3] += shared  # q_s += eta mu² n P (k_s - k_a)
        m[0, 4 + a] -= shared
        m[3, 0] += shared  # k_s += eta mu² n (P q_s + X q_a)
        m[3, 1 + a] += queried
        m[1 + a, 3] += noise  # q_a += eta rho X (k_s - k_a)
        m[1 + a, 4 + a] -= noise
        m[4 + a, 0] -= signal  # k_a -= eta rho (P q_s + X q_a)
        m[4 + a, 1 + a] -= noise
    return m


def deviation_mixing(kind: int) -> Matrix:
    """The same for (dq_a, dk_a), a sample's deviation from the means of its type.

    Args:
        kind: 0 for kept labels, 1 for flipped labels.

    >>> deviation_mixing(0)[0, 1]
    -X_0*d*eta*sigma_p**2
    """
    turn = eta * _square * noise_pull[kind]
    return Matrix([[1, -turn], [-turn, 1]])
