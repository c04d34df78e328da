"""Project a materialised start, once, onto the span of its tokens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .arrays import InitialArrays
from .reduced import ReducedStart

Array = NDArray[np.float64]


def project(arrays: InitialArrays, train_output: bool) -> ReducedStart:
    """Reduce real arrays to the inner products training and testing need.

    Args:
        arrays: tokens and weights at their real dimensions.
        train_output: whether w_O will be trained (then r_v = min(d_v, n + 1) value
            directions are kept, else the one along w_O).

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

    test_q, test_k = arrays.test_noise @ arrays.W_Q, arrays.test_noise @ arrays.W_K
    line_q, line_k = directions @ arrays.W_Q, directions @ arrays.W_K
    weights = np.hstack([arrays.W_Q @ basis, arrays.W_K @ basis])
    weight_q, weight_k = weights.T @ arrays.W_Q, weights.T @ arrays.W_K
    test_q_in, test_k_in = test_q @ basis, test_k @ basis
    line_q_in, line_k_in = line_q @ basis, line_k @ basis
    test_q_out, test_k_out = test_q - test_q_in @ basis.T, test_k - test_k_in @ basis.T
    line_q_out, line_k_out = line_q - line_q_in @ basis.T, line_k - line_k_in @ basis.T
    weight_q_out = weight_q - weight_q @ basis @ basis.T
    weight_k_out = weight_k - weight_k @ basis @ basis.T
    cross = weight_q_out @ weight_k_out.T

    return ReducedStart(
        labels=arrays.labels,
        gram=tokens @ tokens.T,
        queries=rows[:n],
        keys=rows[n:],
        values=tokens @ directions.T,
        output=value_basis.T @ arrays.w_O,
        test_gram=arrays.test_noise @ tokens.T,
        test_queries=test_q_in,
        test_keys=test_k_in,
        test_values=arrays.test_noise @ directions.T,
        test_cross=np.sum(test_q_out * test_k_out, axis=1),
        line_queries=line_q_in,
        line_keys=line_k_in,
        line_gram=directions @ directions.T,
        line_cross=line_q_out @ line_k_out.T,
        test_line_cross=test_q_out @ line_k_out.T + test_k_out @ line_q_out.T,
        weight_gram=weights.T @ weights,
        weight_cross=cross + cross.T,
        line_weight_cross=line_q_out @ weight_k_out.T + line_k_out @ weight_q_out.T,
        test_weight_cross=test_q_out @ weight_k_out.T + test_k_out @ weight_q_out.T,
        test_own_draw=np.zeros(len(arrays.test_noise)),
        test_own_slope=np.zeros(len(arrays.test_noise)),
    )


def _value_basis(arrays: InitialArrays, tokens: Array, train_output: bool) -> Array:
    """(d_v, r_v) orthonormal columns whose span holds every w_O(t), the first along w_O(0)."""
    if not train_output:
        return (arrays.w_O / np.linalg.norm(arrays.w_O))[:, None]
    if arrays.w_O.size <= len(tokens) + 1:
        return np.eye(arrays.w_O.size)
    return np.linalg.qr(np.column_stack([arrays.w_O, (tokens @ arrays.W_V).T]))[0]
