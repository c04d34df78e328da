"""The sampled start: the reduced start drawn directly, at a cost that does not depend on d.

For Gaussian tokens and weights the inner products the span engine needs have a known joint
law: Gram matrices are Wishart, and a matrix of Gaussian rows seen in an orthonormal frame
adapted to those rows is a Bartlett factor (lower trapezoidal, chi on the diagonal). The
draw is exact in distribution, jointly over all training and test tokens of a run (DERIVED).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import EngineError
from ..problem import Problem
from ..randomness import Stream, generator
from .labels import draw_labels
from .reduced import ReducedStart

Array = NDArray[np.float64]


def bartlett(rng: np.random.Generator, rows: int, dof: int) -> Array:
    """Gaussian rows of length ``dof`` in an orthonormal frame adapted to them.

    Args:
        rng: source of randomness.
        rows: number of independent N(0, I_dof) rows.
        dof: their dimension; may be below ``rows`` (then the factor is trapezoidal) or 0.

    Returns:
        (rows, min(rows, dof)) lower-trapezoidal T with T Tᵀ distributed as X Xᵀ for X of
        ``rows`` standard Gaussian rows in ``dof`` dimensions.

    Example:
        >>> T = bartlett(np.random.default_rng(0), rows=3, dof=2)
        >>> T.shape, float(T[0, 1])
        ((3, 2), 0.0)
    """
    rank = min(rows, dof)
    factor = np.tril(rng.standard_normal((rows, rank)), -1)
    factor[np.arange(rank), np.arange(rank)] = np.sqrt(rng.chisquare(float(dof) - np.arange(rank)))
    return factor


def draw_reduced(problem: Problem, run: int) -> ReducedStart:
    """Draw one run's reduced start for Gaussian initialisation at any d, d_h and d_v.

    The frame's axes are, in order: both signals, the training noise tokens, the value
    directions U, the test tokens. Training draws use their own streams, so they are the
    same whatever ``test_tokens`` is.

    Args:
        problem: with ``init="gaussian"``.
        run: run index; the draws are keyed by (seed, problem, run).

    Raises:
        EngineError: if the initialisation is not Gaussian.

    Example:
        >>> start = draw_reduced(Problem(n_samples=4, dim=10**9, test_tokens=3), run=0)
        >>> start.gram.shape, start.queries.shape, start.test_gram.shape
        ((6, 6), (6, 12), (3, 6))
    """
    p = problem
    if p.init != "gaussian":
        raise EngineError(f'a sampled start needs init = "gaussian", not "{p.init}"')
    weights = generator(p, run, Stream.WEIGHTS)
    test_weights = generator(p, run, Stream.TEST_WEIGHTS)

    tokens = _train_coordinates(p, run)
    n_axes = tokens.shape[1]
    value_frame, output = _value_coordinates(weights, p, n_axes)
    directions = np.hstack(
        [value_frame.T, p.init_std_v * bartlett(weights, output.size, p.dim - n_axes)]
    )
    test = _test_coordinates(p, run, directions.shape[1])
    directions = np.pad(directions, ((0, 0), (0, test.shape[1] - directions.shape[1])))

    trained = p.init_std_qk * bartlett(weights, 2 * n_axes, p.key_dim)
    rank = trained.shape[1]
    fresh_axes = test.shape[1] - n_axes
    fresh_q = p.init_std_qk * test_weights.standard_normal((fresh_axes, rank))
    fresh_k = p.init_std_qk * test_weights.standard_normal((fresh_axes, rank))
    W_Q = np.vstack([trained[:n_axes], fresh_q])
    W_K = np.vstack([trained[n_axes:], fresh_k])

    # Outside the trained key directions only products query·key are ever needed, so the
    # frame there may be the one adapted to the fresh query rows.
    out_q = p.init_std_qk * bartlett(test_weights, fresh_axes, p.key_dim - rank)
    out_k = p.init_std_qk * test_weights.standard_normal(out_q.shape)
    test_q_out, test_k_out = test[:, n_axes:] @ out_q, test[:, n_axes:] @ out_k
    line_q_out, line_k_out = directions[:, n_axes:] @ out_q, directions[:, n_axes:] @ out_k

    return ReducedStart(
        labels=draw_labels(p, run),
        gram=tokens @ tokens.T,
        queries=tokens @ trained[:n_axes],
        keys=tokens @ trained[n_axes:],
        values=tokens @ directions[:, :n_axes].T,
        output=output,
        test_gram=test[:, :n_axes] @ tokens.T,
        test_queries=test @ W_Q,
        test_keys=test @ W_K,
        test_values=test @ directions.T,
        test_cross=np.sum(test_q_out * test_k_out, axis=1),
        line_queries=directions @ W_Q,
        line_keys=directions @ W_K,
        line_gram=directions @ directions.T,
        line_cross=line_q_out @ line_k_out.T,
        test_line_cross=test_q_out @ line_k_out.T + test_k_out @ line_q_out.T,
    )


def _train_coordinates(problem: Problem, run: int) -> Array:
    """(n, min(n, d)) rows μ₊, μ₋, ξ_1 … ξ_N in a frame whose first two axes are the signals."""
    p = problem
    rng = generator(p, run, Stream.TRAIN_TOKENS)
    off_signals = bartlett(rng, p.n_samples, p.dim - 2)
    coordinates = np.zeros((p.n_samples + 2, 2 + off_signals.shape[1]))
    coordinates[0, 0] = coordinates[1, 1] = p.signal_norm
    coordinates[2:, 2:] = p.noise_std * off_signals
    if p.noise == "isotropic":
        coordinates[2:, :2] = p.noise_std * rng.standard_normal((p.n_samples, 2))
    return coordinates


def _value_coordinates(
    rng: np.random.Generator, problem: Problem, n_axes: int
) -> tuple[Array, Array]:
    """W_V(0) on the training axes, value axis rotated to start along w_O; and w_O there."""
    along_output = rng.standard_normal((n_axes, 1))
    across = np.zeros((n_axes, 0))
    if problem.train_output:
        across = bartlett(rng, n_axes, problem.value_dim - 1)
    frame = problem.init_std_v * np.hstack([along_output, across])
    output = np.zeros(frame.shape[1])
    output[0] = problem.output_norm
    return frame, output


def _test_coordinates(problem: Problem, run: int, known_axes: int) -> Array:
    """(m, min(known + m, d)) fresh noise tokens: Gaussian on known axes, Bartlett beyond."""
    p = problem
    rng = generator(p, run, Stream.TEST_TOKENS)
    known = rng.standard_normal((p.test_tokens, known_axes))
    if p.noise == "orthogonal":
        known[:, :2] = 0.0
    beyond = bartlett(rng, p.test_tokens, p.dim - known_axes)
    return p.noise_std * np.hstack([known, beyond])
