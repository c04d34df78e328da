"""The step of the limit: three memories and blocks of inner products for each class of a run.

A class has one signal s and two types of sample: a = 0 with the label kept, a = 1 with the label
flipped. Vectors come in the order s, 0, 1, so ``qk[i, j]`` is q_i·k_j. With a frozen w_O the
classes of a run meet nowhere but in N, so each is a system of its own, and class -1 is class +1
with V mirrored; `pair_kernel` trains w_O.

Numba's cache sees edits in this file only; see `bofcheck.simulate.engines.span.kernel`.
"""

from __future__ import annotations

import math

import numpy as np

from ..numerics.exponential import exponential
from ..numerics.jit import njit

#: Places in a system's state: V_s, v_0, v_1; then q·q, k·k and q·k, row by row; then |dq_a|²,
#: |dk_a|² and dq_a·dk_a of either type; then the share left of where V of a noise token started;
#: then |w_O|².
MEMORY, QQ, KK, QK, DEVIATION, LEFT, OUTPUT = 0, 3, 12, 21, 30, 36, 38
STATE = 39


@njit(fastmath={"contract"}, error_model="numpy")
def differentiate(x, count, n_samples, rates, to_queries, to_keys, memory, turn, fade):
    """Changes by one step: of value vectors, and by which matrices queries and keys mix.

    Args:
        x: (39,) state.
        count: (2,) samples of either type; a type without samples does nothing.
        n_samples: N.
        rates: (2,) eta μ² and eta ρ.
        to_queries: (3, 3) B of q ← q + B k, to be filled.
        to_keys: (3, 3) C of k ← k + C q, to be filled.
        memory: (3,) how much of w_O the values of s, 0 and 1 take, to be filled; of V that is
            the change over |w_O|².
        turn: (2,) eta ρ X_a, to be filled.
        fade: (2,) the same of a noise token by its own V, per V, to be filled.

    Returns:
        Whether the outputs f are finite.
    """
    memory[0] = 0.0
    to_queries[0, 0] = 0.0
    finite = True
    for a in range(2):
        own = a + 1
        if count[a] == 0.0:
            memory[own] = turn[a] = fade[a] = 0.0
            to_queries[0, own] = to_queries[own, 0] = to_queries[own, own] = 0.0
            to_keys[0, own] = to_keys[own, 0] = to_keys[own, own] = 0.0
            continue
        label = 1.0 - 2.0 * a
        alpha = x[QK] - x[QK + own]
        beta = x[QK + 3 * own] - (x[QK + 3 * own + own] + x[DEVIATION + 3 * a + 2])
        at_s = 1.0 / (1.0 + exponential(-alpha))
        off_s = 1.0 / (1.0 + exponential(alpha))
        at_x = 1.0 / (1.0 + exponential(-beta))
        off_x = 1.0 / (1.0 + exponential(beta))
        f = 0.5 * ((at_s + at_x) * x[0] + (off_s + off_x) * x[own])
        finite = finite and math.isfinite(f)
        residual = 1.0 / (1.0 + exponential(label * f))
        slope = label * residual / (2.0 * n_samples)
        pull = slope * (x[0] - x[own])
        by_signal, by_noise = pull * at_s * off_s, pull * at_x * off_x
        memory[0] += rates[0] * count[a] * slope * (at_s + at_x)
        memory[own] = rates[1] * slope * (off_s + off_x)
        fitted = 1.0 / (1.0 + exponential(-label * f))
        fade[a] = -rates[1] * residual * fitted * (off_s + off_x) ** 2 / (4.0 * n_samples)
        shared = rates[0] * count[a] * by_signal
        turn[a] = rates[1] * by_noise
        to_queries[0, 0] += shared
        to_queries[0, own] = -shared
        to_queries[own, 0] = turn[a]
        to_queries[own, own] = -turn[a]
        to_keys[0, own] = rates[0] * count[a] * by_noise
        to_keys[own, 0] = -rates[1] * by_signal
        to_keys[own, own] = -turn[a]
    to_keys[0, 0] = to_queries[0, 0]
    return finite


@njit(fastmath={"contract"}, error_model="numpy")
def mix(x, b, c, rk, rq, lk, lq):
    """Inner products after q ← q + B k and k ← k + C q, both from the old vectors."""
    for i in range(3):
        for j in range(3):
            first = x[QK + 3 * i + j]
            second = x[QQ + 3 * i + j]
            third = x[KK + 3 * i + j]
            fourth = x[QK + 3 * j + i]
            for l in range(3):  # noqa: E741
                first += b[i, l] * x[KK + 3 * l + j]
                second += b[i, l] * x[QK + 3 * j + l]
                third += c[i, l] * x[QK + 3 * l + j]
                fourth += c[i, l] * x[QQ + 3 * l + j]
            rk[i, j] = first
            rq[i, j] = second
            lk[i, j] = third
            lq[i, j] = fourth
    for i in range(3):
        for j in range(3):
            first, second, third = rq[i, j], lk[i, j], rk[i, j]
            for l in range(3):  # noqa: E741
                first += rk[i, l] * b[j, l]
                second += lq[i, l] * c[j, l]
                third += rq[i, l] * c[j, l]
            x[QQ + 3 * i + j] = first
            x[KK + 3 * i + j] = second
            x[QK + 3 * i + j] = third


@njit(error_model="numpy")
def turn_deviations(x, turn):
    """Inner products of a sample's deviations after dq_a -= g dk_a and dk_a -= g dq_a."""
    for a in range(2):
        g, at = turn[a], DEVIATION + 3 * a
        qq, kk, qk = x[at], x[at + 1], x[at + 2]
        x[at] = qq - 2.0 * g * qk + g * g * kk
        x[at + 1] = kk - 2.0 * g * qk + g * g * qq
        x[at + 2] = qk - g * (qq + kk) + g * g * qk


@njit(cache=True, nogil=True, error_model="numpy")
def advance(first_system, last_system, count, n_samples, rates, state, taken, steps, diverged):
    """Advance some systems by ``steps`` steps of gradient descent in place.

    Args:
        first_system: first of the systems to advance.
        last_system: one beyond the last.
        count: (S, 2) samples of either type.
        n_samples: N, of the run.
        rates: (2,) as in `differentiate`.
        state: (S, 39).
        taken: steps taken so far.
        steps: steps to take.
        diverged: (S,) the step at which an output was not finite, -1 before.
    """
    b, c = np.zeros((3, 3)), np.zeros((3, 3))
    memory, turn, fade = np.empty(3), np.empty(2), np.empty(2)
    rk, rq, lk, lq = np.empty((3, 3)), np.empty((3, 3)), np.empty((3, 3)), np.empty((3, 3))
    x = np.empty(STATE)
    for system in range(first_system, last_system):
        if diverged[system] >= 0:
            continue
        x[:] = state[system]
        for step in range(steps):
            if not differentiate(x, count[system], n_samples, rates, b, c, memory, turn, fade):
                diverged[system] = taken + step
                break
            mix(x, b, c, rk, rq, lk, lq)
            turn_deviations(x, turn)
            for i in range(3):
                x[i] += memory[i] * x[OUTPUT]
            for a in range(2):
                x[LEFT + a] += fade[a] * x[OUTPUT] * x[LEFT + a]
        state[system] = x


@njit(cache=True, nogil=True, error_model="numpy")
def derivative(x, count, n_samples, rates, out):
    """The changes of a step to first order, which the limit of small learning rates follows.

    Args:
        x: (39,) state.
        count: (2,) samples of either type.
        n_samples: N, of the run.
        rates: (2,) as in `differentiate`, over the learning rate for changes by eta t.
        out: (39,) to be filled.
    """
    b, c = np.zeros((3, 3)), np.zeros((3, 3))
    memory, turn, fade = np.empty(3), np.empty(2), np.empty(2)
    differentiate(x, count, n_samples, rates, b, c, memory, turn, fade)
    for i in range(3):
        out[i] = memory[i] * x[OUTPUT]
        for j in range(3):
            first, second, third = 0.0, 0.0, 0.0
            for l in range(3):  # noqa: E741
                first += b[i, l] * x[QK + 3 * j + l] + b[j, l] * x[QK + 3 * i + l]
                second += c[i, l] * x[QK + 3 * l + j] + c[j, l] * x[QK + 3 * l + i]
                third += b[i, l] * x[KK + 3 * l + j] + x[QQ + 3 * i + l] * c[j, l]
            out[QQ + 3 * i + j] = first
            out[KK + 3 * i + j] = second
            out[QK + 3 * i + j] = third
    for a in range(2):
        at = DEVIATION + 3 * a
        out[at] = -2.0 * turn[a] * x[at + 2]
        out[at + 1] = -2.0 * turn[a] * x[at + 2]
        out[at + 2] = -turn[a] * (x[at] + x[at + 1])
        out[LEFT + a] = fade[a] * x[OUTPUT] * x[LEFT + a]
    out[OUTPUT] = 0.0
