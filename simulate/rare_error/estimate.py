"""log P(ŷf ≤ 0) by importance sampling with several tilts (DERIVED).

Each drawn token is split into its coordinate along a line and the rest, and the probability of
failing along that line is exact: importance sampling with any shift along the line, in the limit
of many draws. The first line is u = W_V w_O. It misses failures in which the attention turns to
the noise, by a factor of up to 3 in log P. The others point to the most probable failures of the
class (`aim`), mostly a single one. All are mixed by the balance heuristic: a token's line
gives a failing point, and that point counts 1/Σ(share/π) with π the probability of failing along
each line through it. No draw then counts for more than the best of the tilts allows. The lines
along u, whose tokens are drawn as they come, are the mixture's broad component: they reach every
failure, also where none was found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..numerics.threads import spread
from ..snapshot import Snapshot, TailFrame
from .aim import aim
from .lines import ALONG_U, integrate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FailureEstimate:
    """Importance-sampling estimate of P(ŷf ≤ 0) over both classes; each (R,).

    Attributes:
        log_prob: log P. ``-inf`` where no line met a failure.
        relative_error: standard error of P divided by P, NaN where P is 0. Near 1 a single
            draw decides, and log P reads low.
        tilt_gap: log P by the lines along u alone, minus log P by the aimed lines alone. Near 0
            the tilts agree; far below, failures go through the attention and the first misses
            those failures. NaN where either met no failure, or all tokens took one line.
        distance: (R, 2) distance of each class's most probable failure in units of σ_p, NaN
            where the token's mean fails already.
    """

    log_prob: Array
    relative_error: Array
    tilt_gap: Array
    distance: Array


def log_failure(snapshot: Snapshot, noise_std: float) -> FailureEstimate:
    """Estimate log P(ŷf ≤ 0) from the tokens placed in the snapshot's tail frame.

    Args:
        snapshot: state of R runs; without a tail frame only lines along u are integrated, over
            all its tokens.
        noise_std: σ_p of the fresh tokens.

    Example:
        Uniform attention, V = ±2 and ‖u‖σ_p = 1: log Φ(-2).

        >>> from bofcheck.simulate.snapshot import Snapshot
        >>> zeros = {name: np.zeros(shape) for name, shape in {
        ...     "signal_gap": (1, 1), "noise_gap": (1, 1), "noise_values": (1, 1),
        ...     "signal_logit": (1, 2), "test_signal_query": (1, 4, 2),
        ...     "test_noise_query": (1, 4, 2), "test_noise_self": (1, 4),
        ...     "line_signal_query": (1, 2), "line_noise_query": (1, 2),
        ...     "line_self_first": (1, 4), "line_self_second": (1,)}.items()}
        >>> state = Snapshot(**zeros, signal_values=np.array([[2.0, -2.0]]),
        ...     value_norm=np.ones(1), output_norm=np.ones(1), line_values=np.ones(1),
        ...     test_values=np.array([[-1.0, 0.2, 1.5, 0.1]]))
        >>> log_failure(state, noise_std=1.0).log_prob.round(6).tolist()
        [-3.783184]
    """
    tail = _line_alone(snapshot) if snapshot.tail is None else snapshot.tail
    direction, modes, distance = aim(snapshot, tail, noise_std)
    tokens = tail.along.shape[1]
    out, single = np.empty((2, len(tail.gram), tokens, 2))

    def work(first: int, last: int) -> None:
        integrate(
            first, last, snapshot.signal_values, snapshot.signal_logit,
            snapshot.test_values[:, :tokens], snapshot.test_signal_query[:, :tokens],
            snapshot.test_noise_query[:, :tokens], snapshot.test_noise_self[:, :tokens],
            tail.gram, tail.own, tail.along, tail.first, direction, modes, noise_std,
            out, single,
        )  # fmt: skip

    spread(work, len(tail.gram))
    along_u = np.arange(tokens) % ALONG_U == 0
    log_prob, relative_error = _mean(_both(out), along_u)
    with np.errstate(invalid="ignore"):
        gap = _log_mean(_both(single[:, along_u])) - _log_mean(_both(single[:, ~along_u]))
    return FailureEstimate(
        log_prob, relative_error, np.where(np.isfinite(gap), gap, np.nan), distance
    )


def _line_alone(snapshot: Snapshot) -> TailFrame:
    """A frame that holds u alone, next to directions of no length."""
    length = snapshot.line_values
    gram, own = np.zeros((2, len(length), 6, 6))
    slopes = np.concatenate([snapshot.line_signal_query, snapshot.line_noise_query], axis=1)
    gram[:, 0, 0] = length**2
    gram[:, 0, 1:5] = gram[:, 1:5, 0] = slopes * length[:, None]
    own[:, 0, 0] = snapshot.line_self_second * length**2
    along, first = np.zeros((2, *snapshot.test_values.shape, 6))
    along[:, :, 0] = snapshot.test_values
    first[:, :, 0] = snapshot.line_self_first * length[:, None]
    return TailFrame(gram, own, along, first)


def _both(log_parts: Array) -> Array:
    """(R, t) log of the mean over both classes."""
    runs, tokens, _ = log_parts.shape
    return _log_mean(log_parts.reshape(runs * tokens, 2)).reshape(runs, tokens)


def _log_mean(logs: Array) -> Array:
    """(R,) log of the mean over tokens; NaN of none."""
    logs = np.ascontiguousarray(logs)  # one order of summation, however many runs there are
    if logs.shape[1] == 0:
        return np.full(len(logs), np.nan)
    top = logs.max(axis=1)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(top + np.log(np.exp(logs - top[:, None]).mean(axis=1)))


def _mean(logs: Array, along_u: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Log of the mean over tokens, and its relative standard error.

    Tokens of the two kinds of line are strata of fixed size; with fewer than 2 of either, all
    count as one.
    """
    log_mean = _log_mean(logs)
    with np.errstate(invalid="ignore"):
        shares = np.exp(logs - log_mean[:, None])
    strata = [along_u, ~along_u]
    if min(stratum.sum() for stratum in strata) < 2:
        strata = [np.ones_like(along_u)]
    parts = [np.ascontiguousarray(shares[:, stratum]) for stratum in strata]
    variance = sum(part.var(axis=1) * part.shape[1] for part in parts)
    return log_mean, np.asarray(np.sqrt(variance) / along_u.size)
