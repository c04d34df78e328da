"""Project a materialised start, once, onto the span of its tokens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..fields import SHORTEST
from ..numerics.product import multiply
from .arrays import InitialArrays
from .reduced import ReducedStart

Array = NDArray[np.float64]


def project(arrays: InitialArrays, train_output: bool, dtype: str = "float64") -> ReducedStart:
    """Reduce real arrays to the inner products training and testing need.

    Args:
        arrays: tokens and weights at their real dimensions.
        train_output: whether w_O will be trained (then r_v = min(d_v, n + 1) value
            directions are kept, else the direction along w_O).
        dtype: precision in which test tokens are projected, which takes nearly all of the time.

    Returns:
        A start from which the span engine reproduces gradient descent on ``arrays`` to
        rounding (DERIVED).
    """
    tokens = np.vstack([arrays.signals, arrays.noise])
    n = len(tokens)
    value_basis = _value_basis(arrays, tokens, train_output)
    directions = (arrays.W_V @ value_basis).T  # rows: r_v vectors in token space

    stacked = np.vstack([tokens @ arrays.W_Q, tokens @ arrays.W_K])
    basis = np.linalg.qr(stacked.T)[0] if stacked.shape[1] > 2 * n else np.eye(stacked.shape[1])
    rows = stacked @ basis

    fresh, lines, axes, W_Q, W_K = (
        array.astype(dtype)
        for array in (arrays.test_noise, directions, basis, arrays.W_Q, arrays.W_K)
    )
    weights = np.hstack([multiply(W_Q, axes), multiply(W_K, axes)])
    test, line, weight = (
        _Projected(vectors, W_Q, W_K, axes) for vectors in (fresh, lines, weights.T)
    )
    cross = line.out_q @ line.out_k.T, weight.out_q @ weight.out_k.T
    fields = {
        "test_gram": fresh @ tokens.T.astype(dtype),
        "test_queries": test.in_q,
        "test_keys": test.in_k,
        "test_values": multiply(fresh, lines.T),
        "test_cross": np.sum(test.q * test.k, axis=1) - np.sum(test.in_q * test.in_k, axis=1),
        "line_queries": line.in_q,
        "line_keys": line.in_k,
        "line_cross": cross[0],
        "test_line_cross": test.cross(line),
        "weight_gram": weights.T @ weights,
        "weight_cross": cross[1] + cross[1].T,
        "line_weight_cross": line.cross(weight),
        "test_weight_cross": test.cross(weight),
    }
    return ReducedStart(
        labels=arrays.labels,
        gram=tokens @ tokens.T,
        queries=rows[:n],
        keys=rows[n:],
        values=tokens @ directions.T,
        output=value_basis.T @ arrays.w_O,
        line_gram=directions @ directions.T,
        test_own_draw=np.zeros(len(arrays.test_noise)),
        test_own_slope=np.zeros(len(arrays.test_noise)),
        **{name: array.astype(np.float64) for name, array in fields.items()},
    )


class _Projected:
    """Queries and keys of some vectors: all of them, and the part within the trained axes."""

    def __init__(self, vectors: Array, W_Q: Array, W_K: Array, axes: Array) -> None:
        self._axes = axes
        self.q, self.k = multiply(vectors, W_Q), multiply(vectors, W_K)
        self.in_q, self.in_k = multiply(self.q, axes), multiply(self.k, axes)

    @property
    def out_q(self) -> Array:
        return np.asarray(self.q - self.in_q @ self._axes.T)

    @property
    def out_k(self) -> Array:
        return np.asarray(self.k - self.in_k @ self._axes.T)

    def cross(self, other: _Projected) -> Array:
        """Out-of-span part of the products query·key, both orders added."""
        # the part of `other` is orthogonal to the axes, so the part of `self` along them drops out
        return np.asarray(multiply(self.q, other.out_k.T) + multiply(self.k, other.out_q.T))


def _value_basis(arrays: InitialArrays, tokens: Array, train_output: bool) -> Array:
    """(d_v, r_v) orthonormal columns whose span holds every w_O(t), the first along w_O(0)."""
    if not train_output:
        length = np.linalg.norm(arrays.w_O)
        if not SHORTEST < length < 1 / SHORTEST:  # squares may have vanished or overflowed
            largest = np.abs(arrays.w_O).max()
            if largest == 0.0:  # V is 0 for good, whatever the direction
                return np.eye(arrays.w_O.size, 1)
            direction = arrays.w_O / largest
            return np.asarray(direction / np.linalg.norm(direction))[:, None]
        return (arrays.w_O / length)[:, None]
    if arrays.w_O.size <= len(tokens) + 1:
        return np.eye(arrays.w_O.size)
    return np.linalg.qr(np.column_stack([arrays.w_O, (tokens @ arrays.W_V).T]))[0]
