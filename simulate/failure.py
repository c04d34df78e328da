"""log P(ŷf ≤ 0) for fresh noise tokens, however small, by integrating along one line.

Given the weights, V(ξ') = ξ'·u is Gaussian and decides nearly alone whether a test sample
fails. Each drawn token is split into its part across u and its coordinate along u; the
probability of failure along that line is exact (roots of the model's own output, Gaussian
tails in log space), and the mean over tokens is unbiased for P (DERIVED). It agrees with
counting where counting can see, and does not underflow at e^-30000. Once the attention is
trained the far tail can rest on tokens that are rare across u too: a relative error near 1
says that one token decides, and log P then reads low (by 1 to 10 % of its size, measured
with 64 tokens against 16,000).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from .snapshot import Snapshot

Array = NDArray[np.float64]

#: Tokens integrated along their line per run; the spread across tokens is small.
LINE_TOKENS = 64


def log_failure(snapshot: Snapshot, noise_std: float) -> tuple[Array, Array]:
    """Per run, log P(ŷf ≤ 0) over both classes and its relative standard error.

    Args:
        snapshot: state of R runs.
        noise_std: σ_p of the fresh tokens.

    Returns:
        ``(log_prob, relative_error)``, each (R,). The error is the standard error of the
        mean over tokens divided by the mean. ``-inf`` with error NaN means that no line met a
        failure: attention can move to the signal faster than V' grows, and then P rests on
        tokens that were not drawn.
    """
    tokens = min(LINE_TOKENS, snapshot.test_values.shape[1])
    log_parts = np.empty((snapshot.test_values.shape[0], tokens))
    _integrate(
        snapshot.signal_values, snapshot.signal_logit, snapshot.test_values[:, :tokens],
        snapshot.test_signal_query, snapshot.test_noise_query, snapshot.test_noise_self,
        snapshot.line_values, snapshot.line_signal_query, snapshot.line_noise_query,
        snapshot.line_self_first, snapshot.line_self_second, noise_std, log_parts,
    )  # fmt: skip
    top = log_parts.max(axis=1)
    top = np.where(np.isfinite(top), top, 0.0)
    shares = np.exp(log_parts - top[:, None])
    mean = shares.mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = shares.std(axis=1) / (math.sqrt(tokens) * mean)
        return top + np.log(mean), np.where(mean > 0, error, np.nan)


@njit(cache=True)
def _log_tail(x):
    """Log of P(N(0,1) > x), also where the probability underflows."""
    if x < 20.0:
        return math.log(0.5 * math.erfc(x / math.sqrt(2.0)))
    inverse = 1.0 / (x * x)
    series = 1.0 - inverse * (1.0 - 3.0 * inverse * (1.0 - 5.0 * inverse * (1.0 - 7.0 * inverse)))
    return -0.5 * x * x - math.log(x * math.sqrt(2.0 * math.pi)) + math.log(series)


@njit(cache=True)
def _log_minus(a, b):
    """log(e^a - e^b) for a >= b."""
    if b == -math.inf:
        return a
    if b >= a:
        return -math.inf
    return a + math.log(-math.expm1(b - a))


@njit(cache=True)
def _log_plus(a, b):
    if a < b:
        a, b = b, a
    if b == -math.inf:
        return a
    return a + math.log1p(math.exp(b - a))


@njit(cache=True)
def _mass(x, side, shift, noise_std, signal_logit, by_signal, d_signal, by_noise, d_noise, own, first, second):  # fmt: skip # noqa: E501
    """Attention on the signal summed over both queries, at x standard units from u's null."""
    s = side * x * noise_std - shift
    signal_gap = signal_logit - by_signal - s * d_signal
    noise_gap = by_noise + s * d_noise - own - s * first - s * s * second
    return 1.0 / (1.0 + math.exp(-signal_gap)) + 1.0 / (1.0 + math.exp(-noise_gap))


@njit(cache=True)
def _log_share(level, side, shift, noise_std, signal_logit, by_signal, d_signal, by_noise, d_noise, own, first, second):  # fmt: skip # noqa: E501
    """Log of P(x > 0 and (2 - A(x)) x > A(x) level) for x standard normal, A the signal mass.

    The set is bounded by the roots found between neighbouring points of a geometric grid.
    """
    args = (side, shift, noise_std, signal_logit, by_signal, d_signal, by_noise, d_noise,
            own, first, second)  # fmt: skip
    total = -math.inf
    entered = -1.0
    left = 0.0
    inside = False
    ratio = 10.0**0.125
    right = 1e-3 * min(level, 1.0) if level > 0.0 else 1e-6
    while left < 1e3 * max(level, 1.0):
        mass = _mass(right, *args)
        now = (2.0 - mass) * right > mass * level
        if now != inside:
            low, high = left, right
            for _ in range(60):
                middle = 0.5 * (low + high)
                mass = _mass(middle, *args)
                if ((2.0 - mass) * middle > mass * level) == inside:
                    low = middle
                else:
                    high = middle
                if high - low <= 1e-13 * high:
                    break
            if now:
                entered = high
            else:
                total = _log_plus(total, _log_minus(_log_tail(entered), _log_tail(high)))
            inside = now
        left, right = right, right * ratio
    if inside:
        total = _log_plus(total, _log_tail(entered))
    return total


@njit(parallel=True, cache=True)
def _integrate(signal_values, signal_logit, values, signal_query, noise_query, own, line_values, line_signal_query, line_noise_query, line_first, line_second, noise_std, out):  # fmt: skip # noqa: E501
    for run in prange(values.shape[0]):
        slope = line_values[run]
        for token in range(values.shape[1]):
            both = -math.inf
            for z in range(2):
                sign = 1.0 - 2.0 * z
                memory = sign * signal_values[run, z]
                if not math.isfinite(memory) or not math.isfinite(slope):
                    both = math.nan
                    break
                if slope == 0.0:
                    part = 0.0 if memory <= 0.0 else -math.inf
                else:
                    # memory > 0 fails on the side where ŷV < 0; memory < 0 succeeds where ŷV > 0
                    side = -sign if memory > 0.0 else sign
                    part = _log_share(
                        abs(memory) / (slope * noise_std), side, values[run, token] / slope,
                        noise_std, signal_logit[run, z], signal_query[run, token, z],
                        line_signal_query[run, z], noise_query[run, token, z],
                        line_noise_query[run, z], own[run, token], line_first[run, token],
                        line_second[run],
                    )  # fmt: skip
                    if memory <= 0.0:
                        part = _log_minus(0.0, part)
                both = _log_plus(both, part + math.log(0.5))
            out[run, token] = both
