"""How -log P(yhat f <= 0) grows with every number of the problem (DERIVED).

At uniform attention P is a Gaussian tail, -log P near V^2/(2 sigma_p^2 |u|^2), with u = W_V w_O
still near its random start, |u|^2 = sigma_V^2 w^2 d. V depends on eta mu^2 w^2 t alone: linearly
in stage 2, and ever more slowly once the loss slope falls.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sympy import Expr, Symbol

from ..symbols import d, eta, mu, sigma_p, sigma_V, t, w
from .numbers import evaluate
from .ranges import plain

#: Local power of t in V: 1 while memory grows linearly.
growth = Symbol("growth", positive=True)

DECAY: Expr = (eta * mu**2 * w**2 * t) ** (2 * growth) / (2 * sigma_p**2 * sigma_V**2 * w**2 * d)
"""-log P up to a constant factor, valid deep in the tail at uniform attention, u near u(0)."""

_BISECTIONS = 80


def log_powers(expr: Expr, values: dict[str, float]) -> dict[str, float]:
    """Local power of every symbol in a positive expression, s·d(log expr)/ds.

    Args:
        expr: positive at the values.
        values: numbers by symbol name; the powers of a pure product do not depend on them.

    Raises:
        MissingValueError: a symbol has no value.

    >>> from ..symbols import snr
    >>> log_powers(snr**2, {"mu": 3.0, "sigma_p": 0.1, "d": 50.0})
    {'d': -1.0, 'mu': 2.0, 'sigma_p': -2.0}
    """
    powers = {}
    for name, power in _local_powers(expr).items():
        given = {str(s): values[str(s)] for s in power.free_symbols if str(s) in values}
        powers[name] = float(evaluate(power, given))
    return powers


@lru_cache(maxsize=64)
def _local_powers(expr: Expr) -> dict[str, Expr]:
    return {
        str(symbol): (symbol * expr.diff(symbol) / expr).simplify()
        for symbol in sorted(expr.free_symbols, key=str)
    }


def decay_powers(memory_growth: float = 1.0) -> dict[str, float]:
    """The power of every number in -log P, given the local power of t in V.

    >>> decay_powers()
    {'d': -1.0, 'eta': 2.0, 'mu': 4.0, 'sigma_V': -2.0, 'sigma_p': -2.0, 't': 2.0, 'w': 2.0}
    >>> decay_powers(0.5)["w"]  # what w gains through V it loses through |u|
    0.0
    """
    ones = {str(symbol): 1.0 for symbol in DECAY.free_symbols}
    powers = log_powers(DECAY, {**ones, "growth": memory_growth})
    return {name: power for name, power in powers.items() if name != "growth"}


def memory_growth(attention: ArrayLike, progress: ArrayLike) -> float | NDArray[np.float64]:
    """Local power of t in V, from rest to the late phase, at steady attention on the signal.

    With the loss slope 1/(1 + e^(aV)) of a clean sample, dV/dt = 4 a r/(1 + e^(aV)), r the
    early growth per step at a = 1/2; so V + (e^(aV) - 1)/a = 4 a r t, and the power is
    4 a r t/(V (1 + e^(aV))). It is 1 at first and 1/(a V) late,
    where V grows as log(t)/a, the law LATE_MEMORY.

    Args:
        attention: a, mean attention of clean samples on the signal, in (0, 1].
        progress: r t > 0, see SIGNAL_GROWTH.

    Returns:
        A float or an array, broadcast.

    >>> round(memory_growth(0.5, 1e-6), 4), round(memory_growth(0.5, 1e6), 4)
    (1.0, 0.0724)
    """
    a, rt = np.broadcast_arrays(np.asarray(attention, float), np.asarray(progress, float))
    target = 4 * a * rt
    # a V lies below both a·target and log(1 + a·target)
    low, high = np.zeros_like(target), np.minimum(a * target, np.log1p(a * target))
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        below = middle + np.expm1(middle) < a * target
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return plain(np.asarray(a * target / (high * (1 + np.exp(high)))))
