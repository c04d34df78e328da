"""The training kernel: exact gradient descent on the reduced state, one loop nest a run.

This file is compiled as a whole: Numba's cache does not see edits in other files, so
everything the kernels call stands here.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

#: Dot products may be summed in vector lanes; nothing else is reordered, so that a run which
#: overflows does so at the step plain arithmetic does.
_LANES = {"contract", "reassoc", "nsz"}


@njit(cache=True, fastmath={"contract"})
def _attention(gap):
    """Attention on the signal token from its logit minus the noise token's."""
    return 1.0 / (1.0 + math.exp(-gap))


@njit(cache=True, fastmath=_LANES)
def _gaps(qk, s, x, r, key_gap):
    """Both queries' logit gaps of a sample; its key difference is left in ``key_gap``."""
    gap_s = 0.0
    gap_x = 0.0
    for k in range(r):
        difference = qk[s, r + k] - qk[x, r + k]
        key_gap[k] = difference
        gap_s += qk[s, k] * difference
        gap_x += qk[x, k] * difference
    return gap_s, gap_x


@njit(cache=True, fastmath={"contract"})
def _run(gram, row, label, qk, values, output, a_qk, a_v, rates, trained, steps):
    """Advance one run by ``steps`` gradient steps; the step of divergence, or -1.

    Shapes: gram (n, n); row, label (N,); qk, a_qk (n, 2r) with queries in the first r
    columns and keys in the last; values, a_v (n, r_v); output (r_v,); rates (3,).
    """
    n, width = qk.shape
    r = width // 2
    n_values = output.size
    n_samples = row.size
    eta_qk, eta_v, eta_o = rates[0], rates[1], rates[2]
    change = np.empty((n, width))
    coefficient = np.empty(n)
    projection = np.empty(n)
    key_gap = np.empty(r)
    output_change = np.empty(n_values)

    for step in range(steps):
        for i in range(n):
            total = 0.0
            for j in range(n_values):
                total += values[i, j] * output[j]
            projection[i] = total
        change[:] = 0.0
        coefficient[:] = 0.0

        for sample in range(n_samples):
            s, x = row[sample], sample + 2
            gap_s, gap_x = _gaps(qk, s, x, r, key_gap)
            at_s, at_x = _attention(gap_s), _attention(gap_x)
            mass = at_s + at_x
            f = 0.5 * (mass * projection[s] + (2.0 - mass) * projection[x])
            if not math.isfinite(f):
                return step
            slope = -label[sample] / (1.0 + math.exp(label[sample] * f)) / (2.0 * n_samples)
            coefficient[s] += slope * mass
            coefficient[x] += slope * (2.0 - mass)
            lever = slope * (projection[s] - projection[x])
            beta_s = lever * at_s * (1.0 - at_s)
            beta_x = lever * at_x * (1.0 - at_x)
            # rows of B K and Bᵀ Q: B holds the derivatives of the loss by the logits
            for k in range(r):
                change[s, k] += beta_s * key_gap[k]
                change[x, k] += beta_x * key_gap[k]
                pulled = beta_s * qk[s, k] + beta_x * qk[x, k]
                change[s, r + k] += pulled
                change[x, r + k] -= pulled

        # qk -= eta G change, four rows of change at a time: one pass over qk serves all four
        for i in range(n):
            j = 0
            while j + 4 <= n:
                w0, w1 = eta_qk * gram[i, j], eta_qk * gram[i, j + 1]
                w2, w3 = eta_qk * gram[i, j + 2], eta_qk * gram[i, j + 3]
                for k in range(width):
                    qk[i, k] -= (w0 * change[j, k] + w1 * change[j + 1, k]) + (
                        w2 * change[j + 2, k] + w3 * change[j + 3, k]
                    )
                j += 4
            while j < n:
                weight = eta_qk * gram[i, j]
                for k in range(width):
                    qk[i, k] -= weight * change[j, k]
                j += 1
            for k in range(width):
                a_qk[i, k] -= eta_qk * change[i, k]

        if trained:
            for j in range(n_values):
                total = 0.0
                for i in range(n):
                    total += values[i, j] * coefficient[i]
                output_change[j] = eta_o * total
        for i in range(n):
            total = 0.0
            for j in range(n):
                total += gram[i, j] * coefficient[j]
            for j in range(n_values):
                values[i, j] -= eta_v * total * output[j]
                a_v[i, j] -= eta_v * coefficient[i] * output[j]
        if trained:
            for j in range(n_values):
                output[j] -= output_change[j]
    return -1


@njit(parallel=True, cache=True)
def advance(gram, row, label, qk, values, output, a_qk, a_v, rates, trained, first, steps, status):
    """Advance every run that is still going by ``steps`` steps, in place, runs in parallel.

    All arrays carry a leading run axis; ``status`` is -1 while a run goes on and the step at
    which its output stopped being finite once it has diverged. A run's arithmetic does not
    depend on the others.
    """
    for i in prange(status.size):
        if status[i] == -1:
            stopped = _run(
                gram[i], row[i], label[i], qk[i], values[i], output[i], a_qk[i], a_v[i],
                rates, trained, steps,
            )  # fmt: skip
            if stopped >= 0:
                status[i] = first + stopped
