"""The training kernel: exact gradient descent on the reduced state, one loop nest a run.

Numba's cache sees edits in this file only: after an edit in `product` or `exponential` delete the
cache (``make clean``); tests key theirs by the source of all kernels.
"""

from __future__ import annotations

import math

import numpy as np

from ...numerics.exponential import exponential
from ...numerics.jit import njit
from ...numerics.product import add_product

#: Dot products may be summed in vector lanes; nothing else is reordered, so that a run which
#: overflows does so at the step plain arithmetic does.
_LANES = {"contract", "reassoc", "nsz"}
#: Samples are worked on in groups of this size, so that all become vector code.
_CHUNK = 8
#: More than `exponential` makes of 1/(1 + e^m) for the largest m, summed over samples.
_SATURATED = 1e-290
#: How a stretch ended.
_GOING, _DIVERGED, _REACHED = 0, 1, 2


@njit(fastmath=_LANES, error_model="numpy")
def _gap(qk, query, s, x):
    """A query's logit on its sample's signal token minus its logit on the noise token."""
    r = qk.shape[1] // 2
    total = qk.dtype.type(0.0)
    for k in range(r):
        total += qk[query, k] * (qk[s, r + k] - qk[x, r + k])
    return total


@njit(fastmath=_LANES, error_model="numpy")
def _project(values, output, projection):
    """V of every token: values @ output."""
    for i in range(values.shape[0]):
        total = values.dtype.type(0.0)
        for j in range(output.size):
            total += values[i, j] * output[j]
        projection[i] = total


@njit(fastmath={"contract"}, error_model="numpy")
def _differentiate(row, label, gap, projection, work, coefficient, pull):
    """Derivatives of the mean loss, and the sum over samples of 1/(1+exp(y f)).

    Many loops with one store each, over lengths that are multiples of `_CHUNK`: such become
    vector code also for few samples. What lies beyond the last sample has label 0.

    Args:
        row: (N,) signal row of each sample; its noise row is ``sample + 2``.
        label: (N',) observed label, ±1, then zeros.
        gap: (2, N') logit gaps of the signal and the noise query; holds attention afterwards.
        projection: (n,) V of every token.
        work: (5, N') room; its first row holds the outputs f afterwards.
        coefficient: (n,) derivative by each V, to be filled.
        pull: (2, N') derivative by each gap, to be filled.
    """
    n_samples, padded = row.size, label.size
    at_s, at_x = gap[0], gap[1]
    f, residual, slope, signal, noise = work[0], work[1], work[2], work[3], work[4]
    for sample in range(n_samples):
        signal[sample] = projection[row[sample]]
        noise[sample] = projection[sample + 2]
    for sample in range(padded):
        at_s[sample] = 1.0 / (1.0 + exponential(-at_s[sample]))
    for sample in range(padded):
        at_x[sample] = 1.0 / (1.0 + exponential(-at_x[sample]))
    for sample in range(padded):
        mass = at_s[sample] + at_x[sample]
        f[sample] = 0.5 * (mass * signal[sample] + (2.0 - mass) * noise[sample])
    for sample in range(padded):
        residual[sample] = 1.0 / (1.0 + exponential(label[sample] * f[sample]))
    for sample in range(padded):
        slope[sample] = label[sample] * residual[sample] * (-0.5 / n_samples)
    for sample in range(padded):
        signal[sample] = slope[sample] * (signal[sample] - noise[sample])
    for sample in range(padded):
        pull[0, sample] = signal[sample] * (at_s[sample] * (1.0 - at_s[sample]))
    for sample in range(padded):
        pull[1, sample] = signal[sample] * (at_x[sample] * (1.0 - at_x[sample]))
    coefficient[0] = 0.0
    coefficient[1] = 0.0
    missing = 0.0
    for sample in range(n_samples):
        mass = at_s[sample] + at_x[sample]
        coefficient[row[sample]] += slope[sample] * mass
        coefficient[sample + 2] = slope[sample] * (2.0 - mass)
        missing += residual[sample]
    return missing


@njit(fastmath={"contract"}, error_model="numpy")
def _gather(row, pull, qk, change):
    """Rows of B K (queries' half) and of Bᵀ Q (keys' half); B: loss derivatives by the logits."""
    r = qk.shape[1] // 2
    kind = qk.dtype.type
    signals = change[:2]
    signals[:] = kind(0.0)
    for sample in range(row.size):
        s, x = row[sample], sample + 2
        by_signal, by_noise = kind(pull[0, sample]), kind(pull[1, sample])
        for k in range(r):
            difference = qk[s, r + k] - qk[x, r + k]
            change[x, k] = by_noise * difference
            signals[s, k] += by_signal * difference
        for k in range(r):
            pulled = by_signal * qk[s, k] + by_noise * qk[x, k]
            change[x, r + k] = -pulled
            signals[s, r + k] += pulled


@njit(fastmath={"contract"}, error_model="numpy")
def _step_values(gram, coefficient, rates, trained, values, output, a_v):
    """V and, if trained, w_O take their step; all derivatives from the old state."""
    n, width = values.shape
    kind = values.dtype.type
    total = np.zeros(n, dtype=values.dtype)
    for j in range(n):
        weight = kind(coefficient[j])
        for i in range(n):
            total[i] += weight * gram[j, i]
    moved = np.empty(width, dtype=values.dtype)
    for k in range(width):
        moved[k] = kind(rates[1]) * output[k]
    if trained:
        for j in range(n):
            weight = kind(rates[2] * coefficient[j])
            for k in range(width):
                output[k] -= weight * values[j, k]
    for i in range(n):
        weight, change = total[i], kind(coefficient[i])
        for k in range(width):
            values[i, k] -= weight * moved[k]
        for k in range(width):
            a_v[i, k] -= change * moved[k]


@njit(fastmath={"contract"}, error_model="numpy")
def _loss(label, outputs):
    """Mean logistic loss of outputs f."""
    total = 0.0
    for sample in range(label.size):
        margin = label[sample] * outputs[sample]
        total += max(-margin, 0.0) + math.log1p(math.exp(-abs(margin)))
    return total / label.size


@njit(error_model="numpy")
def _run(gram, row, label, qk, values, output, a_qk, a_v, rates, trained, target, steps):
    """Advance one run by ``steps`` gradient steps, fewer if it ends before.

    Shapes: gram (n, n); row, label (N,); qk, a_qk (n, 2r) with queries in the first r
    columns and keys in the last; values, a_v (n, r_v); output (r_v,); rates (3,).

    Returns:
        Steps taken, and `_GOING`, `_DIVERGED` (an output is not finite) or `_REACHED` (the mean
        loss is at most ``target``).
    """
    n, width = qk.shape
    n_samples = row.size
    kind = qk.dtype.type
    change = np.empty((n, width), dtype=qk.dtype)
    downhill = np.empty((n, n), dtype=qk.dtype)
    for i in range(n):
        for j in range(n):
            downhill[i, j] = kind(-rates[0]) * gram[i, j]
    coefficient = np.empty(n)
    projection = np.empty(n)
    padded = -(-n_samples // _CHUNK) * _CHUNK
    signs = np.zeros(padded)
    for sample in range(n_samples):
        signs[sample] = label[sample]
    gap = np.zeros((2, padded))
    pull = np.empty((2, padded))
    work = np.zeros((5, padded))
    for step in range(steps):
        _project(values, output, projection)
        for sample in range(n_samples):
            s, x = row[sample], sample + 2
            gap[0, sample] = _gap(qk, s, s, x)
            gap[1, sample] = _gap(qk, x, s, x)
        missing = _differentiate(row, signs, gap, projection, work, coefficient, pull)
        for sample in range(n_samples):
            if not math.isfinite(work[0, sample]):
                return step, _DIVERGED
        # log(1 + e^-m) >= 1/(1 + e^m): the logarithms are needed near the target only. Where
        # the exponential saturates that bound is too high.
        if (
            target > 0.0
            and missing <= max(n_samples * target, _SATURATED)
            and _loss(label, work[0]) <= target
        ):
            return step, _REACHED
        _gather(row, pull, qk, change)
        add_product(downhill, change, qk)
        rate = kind(rates[0])
        for i in range(n):
            for k in range(width):
                a_qk[i, k] -= rate * change[i, k]
        _step_values(gram, coefficient, rates, trained, values, output, a_v)
    return steps, _GOING


@njit(cache=True, nogil=True, error_model="numpy")
def advance(first_run, last_run, gram, row, label, qk, values, output, a_qk, a_v, rates, trained, target, first, steps, diverged, reached):  # fmt: skip # noqa: E501
    """Advance some runs, those that are still going, by ``steps`` steps in place.

    All arrays carry a leading run axis. ``first`` is how many steps have been taken;
    ``diverged`` and ``reached`` (R,) are -1 while a run goes on, and the step at which it ended.
    A run's arithmetic does not depend on the other runs.
    """
    for i in range(first_run, last_run):
        if diverged[i] == -1 and reached[i] == -1:
            taken, end = _run(
                gram[i], row[i], label[i], qk[i], values[i], output[i], a_qk[i], a_v[i],
                rates, trained, target, steps,
            )  # fmt: skip
            if end == _DIVERGED:
                diverged[i] = first + taken
            elif end == _REACHED:
                reached[i] = first + taken
