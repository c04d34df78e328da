"""The canonical symbols and the quantities derived from them.

Every formula of this part is written in these symbols, and values are passed by their ASCII
names: ``bound.numeric(N=20, d=2e9, mu=1.0, ...)``. All symbols are positive except the flip
probability, the times and the measured norms, which may be zero.

>>> sorted(str(s) for s in snr.free_symbols)
['d', 'mu', 'sigma_p']
>>> SYMBOLS["sigma_V"] is sigma_V
True
"""

from sympy import Eq, Expr, Piecewise, Symbol, log, sqrt

# Problem: samples, tokens, widths, signal and noise.
N = Symbol("N", positive=True)  # training samples
M = Symbol("M", positive=True)  # tokens per sample: 2 throughout
d = Symbol("d", positive=True)  # input dimension
d_h = Symbol("d_h", positive=True)  # query/key width
d_v = Symbol("d_v", positive=True)  # value width
mu = Symbol("mu", positive=True)  # signal norm, the same for both signals
sigma_p = Symbol("sigma_p", positive=True)  # noise standard deviation per coordinate
p = Symbol("p", nonnegative=True)  # flip probability, below 1/2

# Training: initial scales, step size, target and clock.
sigma_h = Symbol("sigma_h", positive=True)  # initial standard deviation of W_Q and W_K
sigma_V = Symbol("sigma_V", positive=True)  # noqa: N816 (initial std of W_V)
w = Symbol("w", positive=True)  # norm of w_O
eta = Symbol("eta", positive=True)  # learning rate
epsilon = Symbol("epsilon", positive=True)  # target train loss
delta = Symbol("delta", positive=True)  # failure probability of the random draw
t = Symbol("t", nonnegative=True)  # gradient step
T1 = Symbol("T1", nonnegative=True)  # end of stage 1
T2 = Symbol("T2", nonnegative=True)  # end of stage 2
T3 = Symbol("T3", nonnegative=True)  # end of stage 3

# Measured at T1, for the derived bound of stage 2 in the harmful regime.
V_max_T1 = Symbol("V_max_T1", nonnegative=True)  # larger of |V_+| and |V_-|
u_T1 = Symbol("u_T1", nonnegative=True)  # noqa: N816 (norm of W_V w_O)
N_max = Symbol("N_max", positive=True)  # samples in the larger true class

# Constants the theorems leave open.
C = Symbol("C", positive=True)
C0 = Symbol("C0", positive=True)
C1 = Symbol("C1", positive=True)
C2 = Symbol("C2", positive=True)
C3 = Symbol("C3", positive=True)
k2 = Symbol("k2", positive=True)
k3 = Symbol("k3", positive=True)
c1 = Symbol("c1", positive=True)
c2 = Symbol("c2", positive=True)
c3 = Symbol("c3", positive=True)
a = Symbol("a", positive=True)
b = Symbol("b", positive=True)

CONSTANTS: tuple[Symbol, ...] = (C, C0, C1, C2, C3, k2, k3, c1, c2, c3, a, b)
"""Every constant a theorem leaves open, in the order reports list them."""

_OTHERS = (N, M, d, d_h, d_v, mu, sigma_p, p, sigma_h, sigma_V, w, eta, epsilon, delta)
_CLOCK = (t, T1, T2, T3, V_max_T1, u_T1, N_max)

SYMBOLS: dict[str, Symbol] = {s.name: s for s in (*_OTHERS, *_CLOCK, *CONSTANTS)}
"""Every canonical symbol by its ASCII name."""

COUNTS: tuple[Symbol, ...] = (N, M, d, d_h, d_v, N_max)
"""Symbols that count something; their values are whole numbers from 1."""

DEFAULTS: dict[str, float] = {"M": 2.0}
"""Values used unless the caller passes others: the model has two tokens."""

snr: Expr = mu / (sigma_p * sqrt(d))
"""SNR = mu / (sigma_p sqrt(d)), dimensionless (STATED)."""

log_term: Expr = log(6 * N**2 * M**2 / delta)
"""L = log(6 N^2 M^2 / delta) (SOURCE: Jiang 2024, seen)."""

bayes_loss: Expr = Piecewise((0, Eq(p, 0)), (-p * log(p) - (1 - p) * log(1 - p), True))
"""H(p) in nats, the lowest test_loss of any predictor under flip probability p (DERIVED)."""

LATEX_NAMES: dict[Symbol, str] = {
    mu: r"\|\mu\|",
    w: r"\|w_O\|",
    V_max_T1: r"\max|V_\pm(T_1)|",
    u_T1: r"\|W_V w_O\|_{T_1}",
    N_max: r"N_{\max}",
}
"""LaTeX of symbols that SymPy's rules for names would not draw as the field writes them."""
