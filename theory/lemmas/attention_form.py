"""Eq. (1): the network with two tokens, as a matrix softmax and as four softmax outputs.

Source: the model of Jiang 2024, which agrees with the paper's prose (SOURCE). Both forms take the
same SymPy matrices, whose entries may be symbols or numbers.
"""

from sympy import Expr, Matrix, Rational, Symbol, exp, ones

from ..provenance import Provenance
from ..state import V_noise, V_signal
from .identities import Identity

_SOURCE = "arXiv 2502.12508, eq. (1)"


def output_matrix_form(X: Matrix, W_Q: Matrix, W_K: Matrix, W_V: Matrix, w_O: Matrix) -> Expr:
    """f(X) = (1/M) 1' softmax(X W_Q W_K' X') X W_V w_O, softmax over keys (SOURCE).

    Args:
        X: (M, d) tokens, one per row.
        W_Q: (d, d_h) query weights.
        W_K: (d, d_h) key weights.
        W_V: (d, d_v) value weights.
        w_O: (d_v, 1) output weights.

    Returns:
        The output, a scalar expression.

    >>> one = Matrix([[1]])
    >>> output_matrix_form(Matrix([[3], [0]]), 0 * one, one, one, one)  # uniform attention
    3/2
    """
    return _matrix_output(X * W_Q * W_K.T * X.T, X * W_V * w_O)


def output_softmax_form(X: Matrix, W_Q: Matrix, W_K: Matrix, W_V: Matrix, w_O: Matrix) -> Expr:
    """The same output as a sum over the four softmax outputs, for two tokens (SOURCE).

    Signal-to-signal and noise-to-signal attention weight the memory V of the signal token,
    signal-to-noise and noise-to-noise attention the memory of the noise token.

    Args:
        X: (2, d) tokens, the signal first.
        W_Q: (d, d_h) query weights.
        W_K: (d, d_h) key weights.
        W_V: (d, d_v) value weights.
        w_O: (d_v, 1) output weights.

    Returns:
        The output, a scalar expression.

    >>> one = Matrix([[1]])
    >>> output_softmax_form(Matrix([[3], [0]]), 0 * one, one, one, one)
    3/2
    """
    return _softmax_output(X * W_Q * W_K.T * X.T, X * W_V * w_O)


def attention_identity() -> Identity:
    """Eq. (1): both forms agree for any four logits and any two memories (SOURCE).

    >>> attention_identity().holds()
    True
    """
    names = ("signal_signal", "signal_noise", "noise_signal", "noise_noise")
    logits = Matrix(2, 2, [Symbol(f"logit_{name}", real=True) for name in names])
    memory = Matrix([V_signal, V_noise])
    forms = (_matrix_output(logits, memory), _softmax_output(logits, memory))
    return Identity("eq. (1)", *forms, Provenance.SOURCE, _SOURCE, seen=True)


def _matrix_output(logits: Matrix, memory: Matrix) -> Expr:
    tokens = logits.rows
    weights = logits.applyfunc(exp)
    attention = Matrix(tokens, tokens, lambda i, j: weights[i, j] / sum(weights.row(i)))
    return (ones(1, tokens) * attention * memory)[0] / tokens


def _softmax_output(logits: Matrix, memory: Matrix) -> Expr:
    (to_signal, to_noise) = ([_softmax(logits, query, key) for query in (0, 1)] for key in (0, 1))
    return Rational(1, 2) * (sum(to_signal) * memory[0] + sum(to_noise) * memory[1])


def _softmax(logits: Matrix, query: int, key: int) -> Expr:
    """One of the four softmax outputs, which depends on a difference of logits only."""
    return 1 / (1 + exp(logits[query, 1 - key] - logits[query, key]))
