"""Symbols of the network's state at one step: memory, attention, counts of labels.

They complement the canonical symbols of :mod:`bofcheck.theory.symbols`, which describe a problem.

>>> str(V_plus), attention_signal.is_nonnegative
('V_plus', True)
"""

from sympy import Symbol

# Memory (Definition 5.1): a token's inner product with u = W_V w_O.
V_plus = Symbol("V_plus", real=True)  # mu_+ W_V w_O
V_minus = Symbol("V_minus", real=True)  # mu_- W_V w_O
V_signal = Symbol("V_signal", real=True)  # of a sample's own signal token
V_noise = Symbol("V_noise", real=True)  # of its noise token
V_noise_squares = Symbol("V_noise_squares", nonnegative=True)  # sum of V_n^2 over the samples
value_norm = Symbol("value_norm", positive=True)  # norm of W_V w_O
start_memory = Symbol("start_memory", real=True)  # |V_+| or |V_-| at a step after the linear phase
start_step = Symbol("start_step", positive=True)  # that step

# Attention on the signal token, between 0 and 1.
attention_signal = Symbol("attention_signal", nonnegative=True)  # of the signal token's query
attention_noise = Symbol("attention_noise", nonnegative=True)  # of the noise token's query
attention = Symbol("attention", positive=True)  # mean over both queries
attention_test = Symbol("attention_test", real=True)  # the same of fresh samples, as logged

# Labels and outputs.
true_label = Symbol("true_label", real=True)  # yhat, -1 or +1
margin = Symbol("margin", real=True)  # yhat f
clean = Symbol("clean", nonnegative=True)  # samples of one true class with their label kept
flipped = Symbol("flipped", nonnegative=True)  # samples of that class with their label flipped

STATE_LATEX: dict[Symbol, str] = {
    V_plus: "V_{+}",
    V_minus: "V_{-}",
    V_signal: r"V_{\mathrm{signal}}",
    V_noise: r"V_{\mathrm{noise}}",
    V_noise_squares: r"\sum_n V_n^2",
    value_norm: r"\|W_V w_O\|",
    start_memory: "V(t_0)",
    start_step: "t_0",
    attention_signal: r"a_{\mathrm{signal}}",
    attention_noise: r"a_{\mathrm{noise}}",
    attention: r"\bar a",
    attention_test: r"\bar a_{\mathrm{test}}",
    true_label: r"\hat y",
    margin: r"\hat y f",
    clean: r"n_{\mathrm{clean}}",
    flipped: r"n_{\mathrm{flipped}}",
}
"""LaTeX of each state symbol."""
