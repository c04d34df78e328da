"""The tail frame from the reduced state, without ever forming its directions.

A direction is u or W_X(t) x with X one of Q, K and x a vector of key coordinates. As
W_X(t) = W_X(0) + Zᵀ A_X, its query and key rows follow from the Gram matrix of W(0)'s columns and
from the training tokens' own rows, and its products with anything else from those (DERIVED).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ...numerics.jit import njit
from ...numerics.threads import spread
from ...snapshot import DIRECTIONS, SHARED, TailFrame

Array = NDArray[np.float64]


def tail_frame(
    starts: Mapping[str, Array],
    state: Mapping[str, Array],
    signal_norm: float,
    noise_std: float,
    orthogonal: bool,
    tokens: int,
) -> TailFrame:
    """Frames of all runs, in float64.

    Args:
        starts: the fields of `ReducedStart` stacked over runs, keyed by name.
        state: ``qk``, ``values``, ``output``, ``a_qk``, ``a_v`` stacked over runs.
        signal_norm: ‖μ₊‖, to take the signals out of the directions for orthogonal noise.
        noise_std: σ_p, the unit of the tokens' own direction.
        orthogonal: whether fresh noise is orthogonal to the signals.
        tokens: how many of the fresh tokens to place in the frame.
    """
    runs = len(starts["gram"])
    t = min(tokens, starts["test_gram"].shape[1])
    gram, own = np.zeros((2, runs, DIRECTIONS, DIRECTIONS))
    along, first = np.empty((2, runs, t, DIRECTIONS))
    gram[:, SHARED, SHARED] = 1.0
    along[:, :, SHARED] = noise_std * starts["test_own_draw"][:, :t]
    first[:, :, SHARED] = starts["test_own_slope"][:, :t] / noise_std
    arguments = (
        *(np.asarray(state[name], dtype=np.float64)
          for name in ("qk", "values", "output", "a_qk", "a_v")),
        *(starts[name] for name in (
            "gram", "values", "line_queries", "line_keys", "line_gram", "line_cross",
            "line_weight_cross", "weight_gram", "weight_cross", "test_gram", "test_queries",
            "test_keys", "test_values", "test_line_cross", "test_weight_cross",
        )),
        signal_norm, orthogonal, gram, own, along, first,
    )  # fmt: skip
    spread(lambda start, end: _frame(start, end, *arguments), runs)
    return TailFrame(gram, own, along, first)


#: Sums may be reordered into vector lanes; infinities and NaN keep their meaning.
_FAST = {"contract", "reassoc", "nsz"}


@njit(cache=True, fastmath=_FAST)
def _dot(a, b):
    total = 0.0
    for k in range(a.size):
        total += a[k] * b[k]
    return total


@njit(cache=True, fastmath=_FAST)
def _add(to, factor, vector):
    for k in range(to.size):
        to[k] += factor * vector[k]


@njit(cache=True, fastmath=_FAST)
def _rows_of_u(qk, values, output, a_qk, a_v, start_values, line_queries, line_keys, line_gram, gram, rows):  # fmt: skip # noqa: E501
    """Query and key coordinates of u into ``rows`` (2r,); ‖u‖² is returned."""
    n, r = len(qk), rows.size // 2
    square = 0.0
    for j in range(output.size):
        _add(rows[:r], output[j], line_queries[j])
        _add(rows[r:], output[j], line_keys[j])
        square += output[j] * _dot(line_gram[j], output)
    along = np.empty(n)
    for i in range(n):
        along[i] = _dot(a_v[i], output)
    for i in range(n):
        projection = _dot(start_values[i], output)
        _add(rows, projection, a_qk[i])
        _add(rows, along[i], qk[i])
        square += along[i] * (2.0 * projection + _dot(gram[i], along))
    return square


@njit(cache=True, fastmath=_FAST)
def _rows_of_weight(block, x, qk, a_qk, gram, weight_gram, rows):
    """Query and key coordinates of W_X x into ``rows`` (2r,); block 0 is Q, 1 is K.

    W_Y(t)ᵀ W_X(t) x = W_Y(0)ᵀ W_X(0) x + A_Yᵀ (Z W_X(0) x) + (Z W_Y(t))ᵀ (A_X x), and
    Z W_X(0) x = Z W_X(t) x - G A_X x.
    """
    n, r = len(qk), x.size
    at = block * r
    for k in range(r):
        _add(rows, x[k], weight_gram[at + k])
    moved = np.empty(n)
    for i in range(n):
        moved[i] = _dot(a_qk[i, at : at + r], x)
    for i in range(n):
        _add(rows, moved[i], qk[i])
        before = _dot(qk[i, at : at + r], x) - _dot(gram[i], moved)
        _add(rows, before, a_qk[i])


@njit(cache=True, nogil=True, fastmath=_FAST)
def _frame(first_run, last_run, qks, valuess, outputs, a_qks, a_vs, grams, start_values, line_queries, line_keys, line_gram, line_cross, line_weight_cross, weight_gram, weight_cross, test_gram, test_queries, test_keys, test_values, test_line_cross, test_weight_cross, signal_norm, orthogonal, out_gram, out_own, out_along, out_first):  # fmt: skip # noqa: E501
    for run in range(first_run, last_run):
        qk, values, output, a_qk, a_v = qks[run], valuess[run], outputs[run], a_qks[run], a_vs[run]
        gram = grams[run]
        n, width = qk.shape
        r = width // 2
        count = out_gram.shape[1] - 1  # the last is the token's own

        # key coordinates x of each direction W_X x, and the block X
        x = np.zeros((count, r))
        block = np.zeros(count, dtype=np.int64)
        for z in range(2):
            x[1 + z], block[1 + z] = qk[z, :r], 1
            x[3 + z], block[3 + z] = qk[z, r:], 0
            x[5 + z], block[5 + z] = qk[z, :r], 0
            x[7 + z], block[7 + z] = qk[z, r:], 1
        for i in range(n):
            if gram[i, i] == 0.0:  # a token that is 0 adds nothing
                continue
            share = _dot(values[i], output) / gram[i, i]
            _add(x[9], share, qk[i, r:])
            _add(x[10], share, qk[i, :r])
        block[9], block[10] = 0, 1

        rows = np.zeros((count, width))
        square = _rows_of_u(
            qk, values, output, a_qk, a_v, start_values[run], line_queries[run],
            line_keys[run], line_gram[run], gram, rows[0],
        )  # fmt: skip
        for j in range(1, count):
            _rows_of_weight(block[j], x[j], qk, a_qk, gram, weight_gram[run], rows[j])
        for j in range(count):
            out_gram[run, j, 0] = out_gram[run, 0, j] = _dot(rows[0, block[j] * r :][:r], x[j])
            for l in range(1, j + 1):  # noqa: E741
                product = _dot(rows[j, block[l] * r :][:r], x[l])
                out_gram[run, j, l] = out_gram[run, l, j] = product
        out_gram[run, 0, 0] = square
        if orthogonal:
            shares = np.empty((count, 2))
            for z in range(2):
                shares[0, z] = _dot(values[z], output) / signal_norm**2
                for j in range(1, count):
                    at = block[j] * r
                    shares[j, z] = _dot(qk[z, at : at + r], x[j]) / signal_norm**2
            for j in range(count):
                for l in range(count):  # noqa: E741
                    both = shares[j, 0] * shares[l, 0] + shares[j, 1] * shares[l, 1]
                    out_gram[run, j, l] -= signal_norm**2 * both
                for z in range(2):
                    _add(rows[j], -shares[j, z], qk[z])

        # what lies outside the trained key coordinates
        beyond = np.zeros((count, width))
        for j in range(output.size):
            _add(beyond[0], output[j], line_weight_cross[run, j])
        for j in range(1, count):
            for k in range(r):
                _add(beyond[j], x[j, k], weight_cross[run, block[j] * r + k])
        for j in range(count):
            for l in range(j + 1):  # noqa: E741
                total = _dot(rows[j, :r], rows[l, r:]) + _dot(rows[j, r:], rows[l, :r])
                if j == 0:
                    for k in range(output.size):
                        total += 2.0 * output[k] * _dot(line_cross[run, k], output)
                elif l == 0:
                    total += _dot(beyond[0, block[j] * r :][:r], x[j])
                else:
                    total += _dot(beyond[j, block[l] * r :][:r], x[l])
                out_own[run, j, l] = out_own[run, l, j] = 0.5 * total

        fresh = np.empty(width)
        for token in range(out_along.shape[1]):
            fresh[:r] = test_queries[run, token]
            fresh[r:] = test_keys[run, token]
            value = _dot(test_values[run, token], output)
            for i in range(n):
                weight = test_gram[run, token, i]
                _add(fresh, weight, a_qk[i])
                value += weight * _dot(a_v[i], output)
            for j in range(count):
                total = _dot(fresh[:r], rows[j, r:]) + _dot(fresh[r:], rows[j, :r])
                at = block[j] * r
                if j == 0:
                    out_along[run, token, j] = value
                    total += _dot(test_line_cross[run, token], output)
                else:
                    out_along[run, token, j] = _dot(fresh[at : at + r], x[j])
                    total += _dot(test_weight_cross[run, token, at : at + r], x[j])
                out_first[run, token, j] = total
