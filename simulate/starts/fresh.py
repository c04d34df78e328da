"""Fresh tokens of a sampled start: drawn jointly, or with their out-of-span parts resampled.

What a fresh token shares with the training tokens and with the value directions is the same in
both. Beyond these axes every token also meets weights that training never touches. *Joint* draws
those for all tokens of a run together, as one W(0) would have them. *Resampled* draws them anew
for each token: every token alone has the same law, but averages over a run's tokens estimate the
mean over W(0) rather than the value at one W(0), from which they differ by O(1/√d) relative to the
out-of-span logits. It costs O(m) instead of O(m³) for m tokens.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..problem import Problem
from ..randomness import Stream, generator
from .bartlett import bartlett

Array = NDArray[np.float64]


def draw_joint(
    problem: Problem, run: int, tokens: Array, directions: Array, trained: Array
) -> dict[str, Array]:
    """Fresh tokens as one W(0) sees them.

    Args:
        problem: its scales, noise and ``test_tokens``.
        run: run index.
        tokens: (n, a) training tokens on their own a axes.
        directions: (r_v, a + e) value directions on those axes and e axes of their own.
        trained: (2a, r) W_Q over W_K on the training axes, in the trained key coordinates.

    Returns:
        The ``test_*`` and ``line_*`` fields of `ReducedStart` but ``line_gram``.
    """
    p = problem
    weights = generator(p, run, Stream.TEST_WEIGHTS)
    rng = generator(p, run, Stream.TEST_TOKENS)
    n_axes, known_axes, rank = tokens.shape[1], directions.shape[1], trained.shape[1]
    known = _known(rng, p, known_axes)
    beyond = p.noise_std * bartlett(rng, p.test_tokens, p.dim - known_axes)
    test = np.hstack([known, beyond])
    lines = np.pad(directions, ((0, 0), (0, beyond.shape[1])))

    fresh_axes = test.shape[1] - n_axes
    W_Q = np.vstack([trained[:n_axes], _normal(weights, p, fresh_axes, rank)])
    W_K = np.vstack([trained[n_axes:], _normal(weights, p, fresh_axes, rank)])
    # Outside the trained key directions only products query·key are ever needed, so the
    # frame there may be the one adapted to the fresh query rows.
    out_q = p.init_std_qk * bartlett(weights, fresh_axes, p.key_dim - rank)
    out_k = _normal(weights, p, *out_q.shape)
    test_q, test_k = test[:, n_axes:] @ out_q, test[:, n_axes:] @ out_k
    line_q, line_k = lines[:, n_axes:] @ out_q, lines[:, n_axes:] @ out_k
    return {
        "test_gram": test[:, :n_axes] @ tokens.T,
        "test_queries": test @ W_Q,
        "test_keys": test @ W_K,
        "test_values": test @ lines.T,
        "test_cross": np.sum(test_q * test_k, axis=1),
        "line_queries": lines @ W_Q,
        "line_keys": lines @ W_K,
        "line_cross": line_q @ line_k.T,
        "test_line_cross": test_q @ line_k.T + test_k @ line_q.T,
    }


def draw_resampled(
    problem: Problem, run: int, tokens: Array, directions: Array, trained: Array
) -> dict[str, Array]:
    """Fresh tokens whose out-of-span parts meet weights of their own; see the module.

    Args and returns as `draw_joint`.
    """
    p = problem
    weights = generator(p, run, Stream.TEST_WEIGHTS)
    rng = generator(p, run, Stream.TEST_TOKENS)
    n_axes, known_axes, rank = tokens.shape[1], directions.shape[1], trained.shape[1]
    line_axes, m = known_axes - n_axes, p.test_tokens
    known = _known(rng, p, known_axes)
    length = p.noise_std * _chi(rng, p.dim - known_axes, m)  # beyond all shared axes
    W_Q = np.vstack([trained[:n_axes], _normal(weights, p, line_axes, rank)])
    W_K = np.vstack([trained[n_axes:], _normal(weights, p, line_axes, rank)])

    # Outside the trained key directions: axes adapted to the lines' queries, then one of each
    # token's own, along what is left of its query.
    out_q = p.init_std_qk * bartlett(weights, line_axes, p.key_dim - rank)
    shared = out_q.shape[1]
    has_own = p.key_dim - rank - shared > 0
    out_k = _normal(weights, p, line_axes, shared)
    own_k = _normal(weights, p, m, line_axes) * has_own  # the lines' keys on each own axis
    own_q = p.init_std_qk * _chi(weights, p.key_dim - rank - shared, m)
    on_lines = known[:, n_axes:]
    test_q = on_lines @ out_q + length * _normal(weights, p, m, shared)
    test_k = on_lines @ out_k + length * _normal(weights, p, m, shared)
    test_q_own = length[:, 0] * own_q[:, 0]
    test_k_own = np.sum(on_lines * own_k, axis=1)
    test_k_own += length[:, 0] * _normal(weights, p, m, 1)[:, 0] * has_own
    lines = directions[:, n_axes:]
    line_q, line_k = lines @ out_q, lines @ out_k
    return {
        "test_gram": known[:, :n_axes] @ tokens.T,
        "test_queries": known @ W_Q + length * _normal(weights, p, m, rank),
        "test_keys": known @ W_K + length * _normal(weights, p, m, rank),
        "test_values": known @ directions.T,
        "test_cross": np.sum(test_q * test_k, axis=1) + test_q_own * test_k_own,
        "line_queries": directions @ W_Q,
        "line_keys": directions @ W_K,
        "line_cross": line_q @ line_k.T,
        "test_line_cross": test_q @ line_k.T
        + test_k @ line_q.T
        + test_q_own[:, None] * (own_k @ lines.T),
    }


def _known(rng: np.random.Generator, problem: Problem, axes: int) -> Array:
    """(m, axes) fresh tokens on axes fixed beforehand; none along the signals if orthogonal."""
    known = problem.noise_std * rng.standard_normal((problem.test_tokens, axes))
    if problem.noise == "orthogonal":
        known[:, :2] = 0.0
    return known


def _normal(rng: np.random.Generator, problem: Problem, *shape: int) -> Array:
    return problem.init_std_qk * rng.standard_normal(shape)


def _chi(rng: np.random.Generator, dof: int, count: int) -> Array:
    """(count, 1) norms of Gaussian vectors of that many dimensions, 0 of none."""
    if dof <= 0:
        return np.zeros((count, 1))
    return np.sqrt(rng.chisquare(float(dof), (count, 1)))
