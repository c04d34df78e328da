"""The training kernel for CUDA: one block per run, its state on chip for all steps of a call.

The arithmetic is that of `bofcheck.simulate.engines.span.kernel` (DERIVED), cut into phases
between which the block's threads wait for each other. Sums are formed in an order that depends
neither on the number of threads nor on the other runs, so neither changes a number.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numba
from numba import cuda
from numba.core import config

#: Parts a logit gap is summed in, each by its own thread.
PARTS = 8
#: Rows of Q and K one thread updates at once, so that it reads each row of B K only once.
ROWS = 4
#: Registers a thread may take: all the kernel wants, and 512 threads still fit a block.
REGISTERS = 128
# the simulator has no registers to limit
_OPTIONS = {} if config.ENABLE_CUDASIM else {"max_registers": REGISTERS}


def numbers_of_a_run(n_samples: int, r: int, n_values: int) -> tuple[int, int]:
    """Numbers a run's state takes, and numbers its running sums A_Q, A_K, A_V take.

    Args:
        n_samples: training samples N; n = N + 2 tokens.
        r: width of the reduced queries and keys.
        n_values: width of the reduced values.

    Returns:
        ``(state, sums)``, counted in floating-point numbers.

    Example:
        >>> numbers_of_a_run(20, 44, 1)  # 39 kB and 16 kB in float64
        (4844, 1958)
    """
    n = n_samples + 2
    tokens = 4 * n * r + n * n + (n + 2) * n_values + 2 * n
    return tokens + n_samples * (2 * PARTS + 5), n * (2 * r + n_values)


@cache
def build_kernel(precision: str, on_chip: bool, sums_on_chip: bool) -> Any:
    """The kernel for one precision and one placement of the state.

    Args:
        precision: ``"float64"`` or ``"float32"``.
        on_chip: whether state and sums not placed below are in dynamic shared memory, or all in
            the ``work`` array.
        sums_on_chip: whether the running sums are on chip with the state; they are updated in
            global memory otherwise.

    Returns:
        A kernel to launch with one block for each entry of ``kept``, the runs to advance, and
        any number of threads. Other arrays carry a leading run axis and are flat behind it: gram
        (R, n²), row and label (R, N), qk and a_qk (R, 2nr), values and a_v (R, n·r_v), output
        (R, r_v), rates (3,), diverged and reached (R,) int64, work (R, numbers of a state), not
        used if the state is on chip. ``target`` is the loss to stop at, 0 for none.
    """
    real = getattr(numba, precision)

    @cuda.jit(device=True)
    def logistic(x):
        e = math.exp(-abs(x))
        if x >= real(0.0):
            return real(1.0) / (real(1.0) + e)
        return e / (real(1.0) + e)

    @cuda.jit(device=True)
    def softplus(x):
        return max(x, real(0.0)) + math.log1p(math.exp(-abs(x)))

    @cuda.jit(**_OPTIONS)
    def advance(
        kept, gram, row, label, qk, values, output, a_qk, a_v, rates, trained, target, first,
        steps, diverged, reached, work,
    ):  # fmt: skip
        run = kept[cuda.blockIdx.x]
        if diverged[run] >= 0 or reached[run] >= 0:
            return
        me, threads = cuda.threadIdx.x, cuda.blockDim.x
        n_samples = row.shape[1]
        n = n_samples + 2
        width = qk.shape[1] // n
        r = width // 2
        n_values = output.shape[1]
        eta_qk, eta_v, eta_o = rates[0], rates[1], rates[2]

        chip = cuda.shared.array(0, dtype=real) if on_chip else work[run]
        # where each array starts in ``chip``
        o_change = n * width
        o_gram = o_change + n * width
        o_values = o_gram + n * n
        o_output = o_values + n * n_values
        o_pull = o_output + n_values  # change of w_O
        o_projection = o_pull + n_values
        o_coefficient = o_projection + n
        o_part = o_coefficient + n  # partial sums of both gaps
        o_beta = o_part + 2 * PARTS * n_samples  # derivatives by both gaps
        o_weight = o_beta + 2 * n_samples  # derivatives by both projections
        o_loss = o_weight + 2 * n_samples
        o_sums = o_loss + n_samples
        o_sums_v = o_sums + n * width

        for i in range(me, n * width, threads):
            chip[i] = qk[run, i]
            if sums_on_chip:
                chip[o_sums + i] = a_qk[run, i]
        for i in range(me, n * n, threads):
            chip[o_gram + i] = gram[run, i]
        for i in range(me, n * n_values, threads):
            chip[o_values + i] = values[run, i]
            if sums_on_chip:
                chip[o_sums_v + i] = a_v[run, i]
        for i in range(me, n_values, threads):
            chip[o_output + i] = output[run, i]
        cuda.syncthreads()

        for step in range(steps):
            # 1. projections on w_O, and parts of the logit gaps
            for i in range(me, n, threads):
                total = real(0.0)
                for j in range(n_values):
                    total += chip[o_values + i * n_values + j] * chip[o_output + j]
                chip[o_projection + i] = total
            for item in range(me, n_samples * PARTS, threads):
                sample, part = item // PARTS, item % PARTS
                s, x = row[run, sample] * width, (sample + 2) * width
                gap_s, gap_x = real(0.0), real(0.0)
                for k in range(part, r, PARTS):
                    difference = chip[s + r + k] - chip[x + r + k]
                    gap_s += chip[s + k] * difference
                    gap_x += chip[x + k] * difference
                chip[o_part + 2 * item] = gap_s
                chip[o_part + 2 * item + 1] = gap_x
            cuda.syncthreads()

            # 2. attention, output and loss derivatives of each sample
            bad = 0
            for sample in range(me, n_samples, threads):
                gap_s, gap_x = real(0.0), real(0.0)
                for part in range(PARTS):
                    gap_s += chip[o_part + 2 * (sample * PARTS + part)]
                    gap_x += chip[o_part + 2 * (sample * PARTS + part) + 1]
                at_s, at_x = logistic(gap_s), logistic(gap_x)
                mass = at_s + at_x
                rest = real(2.0) - mass
                v_s = chip[o_projection + row[run, sample]]
                v_x = chip[o_projection + sample + 2]
                f = real(0.5) * (mass * v_s + rest * v_x)
                if not math.isfinite(f):
                    bad = 1
                y = label[run, sample]
                slope = -y * logistic(-y * f) / real(2 * n_samples)
                lever = slope * (v_s - v_x)
                chip[o_beta + 2 * sample] = lever * at_s * (real(1.0) - at_s)
                chip[o_beta + 2 * sample + 1] = lever * at_x * (real(1.0) - at_x)
                chip[o_weight + 2 * sample] = slope * mass
                chip[o_weight + 2 * sample + 1] = slope * rest
                if target > 0.0:
                    chip[o_loss + sample] = softplus(-y * f)
            if cuda.syncthreads_or(bad):
                if me == 0:
                    diverged[run] = first + step
                break
            if target > 0.0:
                loss = real(0.0)
                for sample in range(n_samples):
                    loss += chip[o_loss + sample]
                if loss / real(n_samples) <= target:
                    if me == 0:
                        reached[run] = first + step
                    break

            # 3. coefficients of W_V w_O, and the rows of B K and Bᵀ Q
            for i in range(me, n, threads):
                if i >= 2:
                    chip[o_coefficient + i] = chip[o_weight + 2 * (i - 2) + 1]
                else:
                    total = real(0.0)
                    for sample in range(n_samples):
                        if row[run, sample] == i:
                            total += chip[o_weight + 2 * sample]
                    chip[o_coefficient + i] = total
            for item in range(me, n * r, threads):
                i, k = item // r, item % r
                by_query, by_key = real(0.0), real(0.0)
                if i >= 2:
                    s, x = row[run, i - 2] * width + k, i * width + k
                    beta_s = chip[o_beta + 2 * (i - 2)]
                    beta_x = chip[o_beta + 2 * (i - 2) + 1]
                    by_query = beta_x * (chip[s + r] - chip[x + r])
                    by_key = -(beta_s * chip[s] + beta_x * chip[x])
                else:
                    s = i * width + k
                    for sample in range(n_samples):
                        if row[run, sample] == i:
                            x = (sample + 2) * width + k
                            beta_s = chip[o_beta + 2 * sample]
                            beta_x = chip[o_beta + 2 * sample + 1]
                            by_query += beta_s * (chip[s + r] - chip[x + r])
                            by_key += beta_s * chip[s] + beta_x * chip[x]
                chip[o_change + i * width + k] = by_query
                chip[o_change + i * width + r + k] = by_key
            cuda.syncthreads()

            # 4. the step: G times the rows above, four rows of the result a thread
            for item in range(me, ((n + ROWS - 1) // ROWS) * r, threads):
                i, k = ROWS * (item // r), item % r
                # rows past the end repeat the last one and are not stored
                g0 = o_gram + i * n
                g1 = o_gram + min(i + 1, n - 1) * n
                g2 = o_gram + min(i + 2, n - 1) * n
                g3 = o_gram + min(i + 3, n - 1) * n
                q0 = q1 = q2 = q3 = real(0.0)
                k0 = k1 = k2 = k3 = real(0.0)
                for j in range(n):
                    of_query = chip[o_change + j * width + k]
                    of_key = chip[o_change + j * width + r + k]
                    q0 += chip[g0 + j] * of_query
                    k0 += chip[g0 + j] * of_key
                    q1 += chip[g1 + j] * of_query
                    k1 += chip[g1 + j] * of_key
                    q2 += chip[g2 + j] * of_query
                    k2 += chip[g2 + j] * of_key
                    q3 += chip[g3 + j] * of_query
                    k3 += chip[g3 + j] * of_key
                at = i * width + k
                chip[at] -= eta_qk * q0
                chip[at + r] -= eta_qk * k0
                if i + 1 < n:
                    chip[at + width] -= eta_qk * q1
                    chip[at + width + r] -= eta_qk * k1
                if i + 2 < n:
                    chip[at + 2 * width] -= eta_qk * q2
                    chip[at + 2 * width + r] -= eta_qk * k2
                if i + 3 < n:
                    chip[at + 3 * width] -= eta_qk * q3
                    chip[at + 3 * width + r] -= eta_qk * k3
            for i in range(me, n * width, threads):
                if sums_on_chip:
                    chip[o_sums + i] -= eta_qk * chip[o_change + i]
                else:
                    a_qk[run, i] -= eta_qk * chip[o_change + i]
            if trained:
                for j in range(me, n_values, threads):
                    total = real(0.0)
                    for i in range(n):
                        total += chip[o_values + i * n_values + j] * chip[o_coefficient + i]
                    chip[o_pull + j] = total
                cuda.syncthreads()
            # the last threads, which had the fewest rows above, begin
            for i in range(threads - 1 - me, n, threads):
                total = real(0.0)
                for j in range(n):
                    total += chip[o_gram + i * n + j] * chip[o_coefficient + j]
                for j in range(n_values):
                    at = i * n_values + j
                    w = chip[o_output + j]
                    chip[o_values + at] -= eta_v * total * w
                    if sums_on_chip:
                        chip[o_sums_v + at] -= eta_v * chip[o_coefficient + i] * w
                    else:
                        a_v[run, at] -= eta_v * chip[o_coefficient + i] * w
            cuda.syncthreads()
            if trained:
                for j in range(me, n_values, threads):
                    chip[o_output + j] -= eta_o * chip[o_pull + j]
                cuda.syncthreads()

        for i in range(me, n * width, threads):
            qk[run, i] = chip[i]
            if sums_on_chip:
                a_qk[run, i] = chip[o_sums + i]
        for i in range(me, n * n_values, threads):
            values[run, i] = chip[o_values + i]
            if sums_on_chip:
                a_v[run, i] = chip[o_sums_v + i]
        for i in range(me, n_values, threads):
            output[run, i] = chip[o_output + i]

    return advance
