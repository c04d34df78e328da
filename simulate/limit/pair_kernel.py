"""The step of the limit with a trained w_O, in which both classes of a run meet.

Value vectors u = W_Vᵀ x come in the order s, 0, 1 of class +, s, 0, 1 of class -, of which the last
three are negated, as class -1 is class +1 with V mirrored; w_O is the seventh. Their Gram matrix is
kept, with V = u·w_O in its last column; queries and keys are those of `kernel`.

Numba's cache sees edits in this file only; see `bofcheck.simulate.engines.span.kernel`.
"""

from __future__ import annotations

import numpy as np

from ..numerics.jit import njit
from .kernel import LEFT, MEMORY, OUTPUT, STATE, derivative, differentiate, mix, turn_deviations

#: Vectors of a pair, and the place of w_O. Below the Gram matrix is a row for each type: products
#: of a sample's deviation with the vectors, per deviation of its V at the start.
VECTORS, W = 7, 6
ROWS = VECTORS + 4


@njit(error_model="numpy")
def _coefficients(x, count, n_samples, rates, inverse, b, c, room, take, give, turn, fade):
    """What values take of w_O and give to it, and the matrices of queries and keys.

    Args:
        x: (2, 39) states of both classes.
        count: (2, 2) samples by class and type.
        n_samples: N.
        rates: (2,) eta μ² and eta ρ.
        inverse: (2,) 1/μ² and 1/ρ.
        b: (2, 3, 3) to be filled, as ``to_queries`` of `differentiate`.
        c: (2, 3, 3) to be filled, as ``to_keys``.
        room: (3,) room.
        take: (6,) to be filled: u_i ← u_i + take_i w_O.
        give: (6,) to be filled: w_O ← w_O + Σ give_i u_i.
        turn: (2, 2) to be filled.
        fade: (2, 2) to be filled.

    Returns:
        Whether the outputs f are finite.
    """
    finite = True
    for z in range(2):
        finite &= differentiate(
            x[z], count[z], n_samples, rates, b[z], c[z], room, turn[z], fade[z]
        )
        for i in range(3):
            take[3 * z + i] = room[i]
        give[3 * z] = room[0] * inverse[0]
        for a in range(2):
            give[3 * z + 1 + a] = room[1 + a] * inverse[1] * count[z, a]
    return finite


@njit(error_model="numpy")
def _step_values(values, take, give, fade, spare, given, column):
    """Values and w_O after a step, both from the old.

    Args:
        values: (11, 7) in place.
        take: (6,) as in `_coefficients`.
        give: (6,) as in `_coefficients`.
        fade: (2, 2) as in `differentiate`.
        spare: σ_V²(d_v - 1), |u|² over the square of its token at the start.
        given: (7,) room.
        column: (7,) room.
    """
    square, total = values[W, W], 0.0
    for j in range(VECTORS):
        given[j] = 0.0
        for i in range(W):
            given[j] += give[i] * values[i, j]
        column[j] = values[j, W]
    for j in range(W):
        total += give[j] * given[j]
    for kind in range(4):
        h = values[VECTORS + kind]
        own = fade[kind // 2, kind % 2] * h[W]
        shared = 0.0
        for i in range(W):
            shared += give[i] * h[i]
        for i in range(W):
            h[i] += take[i] * h[W] + own * (column[i] + take[i] * square)
        h[W] += shared + own * (spare + square + given[W])
    for i in range(W):
        for j in range(W):
            values[i, j] += take[i] * column[j] + take[j] * column[i] + take[i] * take[j] * square
        values[i, W] = column[i] + given[i] + take[i] * (square + given[W])
        values[W, i] = values[i, W]
    values[W, W] = square + 2.0 * given[W] + total


@njit(error_model="numpy")
def _show(values, x):
    """V, the share left of where it started and |w_O|² in the states of both classes."""
    for z in range(2):
        for i in range(3):
            x[z, MEMORY + i] = values[3 * z + i, W]
        for a in range(2):
            x[z, LEFT + a] = values[VECTORS + 2 * z + a, W]
        x[z, OUTPUT] = values[W, W]


@njit(cache=True, nogil=True, error_model="numpy")
def advance_pairs(first, last, count, n_samples, rates, inverse, spare, state, values, taken, steps, diverged):  # fmt: skip # noqa: E501
    """Advance some pairs of classes by ``steps`` steps of gradient descent in place.

    Args:
        first: first of the pairs to advance.
        last: one beyond the last.
        count: (P, 2, 2) samples by class and type.
        n_samples: N, of the run.
        rates: (2,) eta μ² and eta ρ.
        inverse: (2,) 1/μ² and 1/ρ.
        spare: σ_V²(d_v - 1).
        state: (P, 2, 39) see `kernel`.
        values: (P, 11, 7).
        taken: steps taken so far.
        steps: steps to take.
        diverged: (P,) the step at which an output was not finite, -1 before.
    """
    b, c, room = np.zeros((2, 3, 3)), np.zeros((2, 3, 3)), np.empty(3)
    take, give = np.empty(W), np.empty(W)
    turn, fade = np.empty((2, 2)), np.empty((2, 2))
    given, column = np.empty(VECTORS), np.empty(VECTORS)
    rk, rq, lk, lq = np.empty((3, 3)), np.empty((3, 3)), np.empty((3, 3)), np.empty((3, 3))
    x, v = np.empty((2, STATE)), np.empty((ROWS, VECTORS))
    for pair in range(first, last):
        if diverged[pair] >= 0:
            continue
        x[:], v[:] = state[pair], values[pair]
        for step in range(steps):
            if not _coefficients(
                x, count[pair], n_samples, rates, inverse, b, c, room, take, give, turn, fade
            ):
                diverged[pair] = taken + step
                break
            for z in range(2):
                mix(x[z], b[z], c[z], rk, rq, lk, lq)
                turn_deviations(x[z], turn[z])
            _step_values(v, take, give, fade, spare, given, column)
            _show(v, x)
        state[pair], values[pair] = x, v


@njit(cache=True, nogil=True, error_model="numpy")
def derivative_pair(x, v, count, n_samples, rates, inverse, spare, out, change):
    """The changes of a step to first order, which the limit of small learning rates follows.

    Args:
        x: (2, 39) states of both classes.
        v: (11, 7) values.
        count: (2, 2) samples by class and type.
        n_samples: N, of the run.
        rates: (2,) μ² and ρ, for changes by eta t.
        inverse: (2,) 1/μ² and 1/ρ.
        spare: σ_V²(d_v - 1).
        out: (2, 39) to be filled.
        change: (11, 7) to be filled.
    """
    b, c, room = np.zeros((2, 3, 3)), np.zeros((2, 3, 3)), np.empty(3)
    take, give = np.empty(W), np.empty(W)
    turn, fade = np.empty((2, 2)), np.empty((2, 2))
    _coefficients(x, count, n_samples, rates, inverse, b, c, room, take, give, turn, fade)
    square = v[W, W]
    for i in range(W):
        for j in range(W):
            change[i, j] = take[i] * v[j, W] + take[j] * v[i, W]
    for j in range(VECTORS):
        moved = 0.0
        for i in range(W):
            moved += give[i] * v[i, j]
        change[j, W] = moved + (take[j] * square if j < W else moved)
        change[W, j] = change[j, W]
    for kind in range(4):
        row = VECTORS + kind
        own = fade[kind // 2, kind % 2] * v[row, W]
        change[row, W] = own * (spare + square)
        for i in range(W):
            change[row, i] = take[i] * v[row, W] + own * v[i, W]
            change[row, W] += give[i] * v[row, i]
    for z in range(2):
        derivative(x[z], count[z], n_samples, rates, out[z])
    _show(change, out)
