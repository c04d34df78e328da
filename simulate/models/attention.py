"""The two-layer attention model: outputs f from the logits and values of a `Snapshot`.

A sample has two tokens, so a query's attention is the logistic function of a logit gap, and f is
the mean over both queries of what they attend to (§2, SOURCE; by attention mass, Lemma 5.2,
STATED). Training samples are array expressions; the many fresh samples are averaged in one
compiled pass a run, which the tests compare with array expressions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..data.signal_noise import Labels
from ..numerics.exponential import exponential, log_one_plus
from ..numerics.jit import njit
from ..numerics.threads import spread
from ..snapshot import Snapshot

Array = NDArray[np.float64]

#: Samples worked on at once, so that their loops become vector code and stay in the cache.
_CHUNK = 256
#: Attention on the noise below which 2 less the attention on the signal has lost digits: it is then
#: taken from the logits.
_LOST = 1e-8


def logistic(x: Array) -> Array:
    """1/(1 + e^-x) without overflow.

    >>> logistic(np.array([-800.0, 0.0, 800.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


def attention_mass(snapshot: Snapshot) -> Array:
    """(R, N) attention on the signal of every training sample, summed over both queries."""
    return logistic(snapshot.signal_gap) + logistic(snapshot.noise_gap)


def training_outputs(snapshot: Snapshot, labels: Sequence[Labels]) -> Array:
    """(R, N) output f of every training sample, by attention mass and V (Lemma 5.2, STATED)."""
    with np.errstate(over="ignore", invalid="ignore"):
        true = np.stack([run.true for run in labels])
        signal = np.where(true > 0, snapshot.signal_values[:, :1], snapshot.signal_values[:, 1:])
        mass = attention_mass(snapshot)
        rest = 2.0 - mass
        lost = rest < _LOST
        if lost.any():
            by_logits = logistic(-snapshot.signal_gap) + logistic(-snapshot.noise_gap)
            rest = np.where(lost, by_logits, rest)
        return np.asarray(0.5 * (mass * signal + rest * snapshot.noise_values))


class FreshAverages(NamedTuple):
    """Means over fresh noise tokens and both classes, per run (R,).

    Attributes:
        failed: share of samples with ŷ f <= 0; NaN if an output is not a number.
        zero: share of samples with f = 0, which no label fits; NaN likewise.
        loss: mean log(1 + exp(-ŷ f)).
        margin: mean ŷ f.
        mass: mean attention on the signal, summed over both queries.
        drawn: share of drawn (true label, flip, noise) triples with y f <= 0.
    """

    failed: Array
    zero: Array
    loss: Array
    margin: Array
    mass: Array
    drawn: Array


def average_fresh(
    snapshot: Snapshot, true: NDArray[np.int64], observed: NDArray[np.int64]
) -> FreshAverages:
    """Average the fresh samples of R runs.

    Args:
        snapshot: state of R runs at one step.
        true: (R, m) drawn true labels, ±1.
        observed: (R, m) drawn labels after flips.
    """
    runs = len(snapshot.test_values)
    out = np.empty((6, runs))

    def work(first: int, last: int) -> None:
        _average(
            first, last, snapshot.signal_values, snapshot.signal_logit, snapshot.test_values,
            snapshot.test_signal_query, snapshot.test_noise_query, snapshot.test_noise_self,
            true, observed, out,
        )  # fmt: skip

    spread(work, runs, pieces=1)
    return FreshAverages(*out)


@njit(cache=True, nogil=True, fastmath={"contract"}, error_model="numpy")
def _average(first_run, last_run, signal_values, signal_logit, values, signal_query, noise_query, own, true, observed, out):  # fmt: skip # noqa: E501
    mass, other, margin = np.empty(_CHUNK), np.empty(_CHUNK), np.empty(_CHUNK)
    small, rest, odds = np.empty(_CHUNK), np.empty(_CHUNK), np.empty(_CHUNK)
    for run in range(first_run, last_run):
        n_tokens = values.shape[1]
        failed = zero = drawn = 0
        loss = total = attended = 0.0
        for first in range(0, n_tokens, _CHUNK):
            count = min(_CHUNK, n_tokens - first)
            for z in range(2):
                sign = 1.0 - 2.0 * z
                memory = signal_values[run, z]
                for i in range(count):
                    mass[i] = signal_logit[run, z] - signal_query[run, first + i, z]
                for i in range(count):
                    other[i] = noise_query[run, first + i, z] - own[run, first + i]
                for i in range(count):
                    odds[i] = exponential(-mass[i])
                for i in range(count):
                    mass[i] = 1.0 / (1.0 + odds[i])
                for i in range(count):
                    rest[i] = odds[i] * mass[i]
                for i in range(count):
                    odds[i] = exponential(-other[i])
                for i in range(count):
                    other[i] = 1.0 / (1.0 + odds[i])
                for i in range(count):
                    rest[i] += odds[i] * other[i]
                for i in range(count):
                    mass[i] += other[i]
                for i in range(count):
                    away = 2.0 - mass[i]
                    rest[i] = rest[i] if away < _LOST else away
                for i in range(count):
                    margin[i] = 0.5 * sign * (mass[i] * memory + rest[i] * values[run, first + i])
                for i in range(count):
                    small[i] = log_one_plus(exponential(-abs(margin[i])))
                for i in range(count):
                    token = first + i
                    attended += mass[i]
                    total += margin[i]
                    loss += max(-margin[i], 0.0) + small[i]
                    failed += margin[i] <= 0.0
                    zero += margin[i] == 0.0
                    if true[run, token] == sign:
                        drawn += true[run, token] * observed[run, token] * margin[i] <= 0.0
        samples = 2.0 * n_tokens
        # a sum that is not a number says that some output was not
        known = total == total
        out[0, run] = failed / samples if known else math.nan
        out[1, run] = zero / samples if known else math.nan
        out[2, run] = loss / samples
        out[3, run] = total / samples
        out[4, run] = attended / samples
        out[5, run] = drawn / n_tokens if known else math.nan
