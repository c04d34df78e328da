"""Fresh tokens of a sampled start: drawn jointly, or with their out-of-span parts resampled.

What a fresh token shares with the training tokens, with the value directions U and with the
columns P = [W_Q(0) | W_K(0)] of the trained key directions is the same in both. Beyond these axes
every token also meets weights that training never touches. *Joint* draws these weights for all
tokens of a run together, as a single W(0) has them. *Resampled* draws them again for each token:
every token alone has the same law, but averages over a run's tokens estimate the mean over W(0)
rather than the value at a given W(0), from which they differ by O(1/√d) relative to the
out-of-span logits. It costs O(m) instead of O(m³) for m tokens.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..data.signal_noise import noise_tokens
from ..numerics.bartlett import bartlett
from ..problem import Problem
from ..randomness import Stream, generator

Array = NDArray[np.float64]

#: d over d_h from which a jointly drawn token's key counts as its own where nothing shared meets
#: it. What other tokens make of that is then below 1/100 of the self-logit's variance.
_WIDE = 100


def draw_joint(
    problem: Problem, run: int, tokens: Array, directions: Array, trained: Array
) -> dict[str, Array]:
    """Fresh tokens as a single W(0) sees them.

    Args:
        problem: its scales, noise and ``test_tokens``.
        run: run index.
        tokens: (n, a) training tokens on their own a axes.
        directions: (r_v, a + e) value directions on those axes and on e further axes.
        trained: (2a, r) W_Q over W_K on the training axes, in the trained key coordinates.

    Returns:
        The ``test_*``, ``line_*`` and ``weight_*`` fields of `ReducedStart` but ``line_gram``.
    """
    p = problem
    weights = generator(p, run, Stream.TEST_WEIGHTS)
    rng = generator(p, run, Stream.TEST_TOKENS)
    n_axes, known_axes, rank = tokens.shape[1], directions.shape[1], trained.shape[1]
    known = noise_tokens(rng, p, p.test_tokens, known_axes)
    beyond = p.noise_std * bartlett(rng, p.test_tokens, p.dim - known_axes)
    test = np.hstack([known, beyond])
    lines = np.pad(directions, ((0, 0), (0, beyond.shape[1])))

    fresh_axes = test.shape[1] - n_axes
    W_Q = np.vstack([trained[:n_axes], _normal(weights, p, fresh_axes, rank)])
    W_K = np.vstack([trained[n_axes:], _normal(weights, p, fresh_axes, rank)])
    # Outside the trained key directions only products query·key are ever needed, so the
    # frame there may be adapted to the fresh query rows.
    out_q = p.init_std_qk * bartlett(weights, fresh_axes, p.key_dim - rank)
    out_k = _normal(weights, p, *out_q.shape)
    test_q, test_k = test[:, n_axes:] @ out_q, test[:, n_axes:] @ out_k
    line_q, line_k = lines[:, n_axes:] @ out_q, lines[:, n_axes:] @ out_k

    # The part of the columns of P beyond all these axes, on further axes.
    tail = generator(p, run, Stream.TAIL_WEIGHTS)
    own = p.init_std_qk * bartlett(tail, 2 * rank, p.dim - test.shape[1])
    columns = np.hstack([np.hstack([W_Q, W_K]).T, own])
    own_q = _normal(tail, p, own.shape[1], out_q.shape[1])
    own_q_new = p.init_std_qk * bartlett(tail, own.shape[1], p.key_dim - rank - out_q.shape[1])
    own_k = _normal(tail, p, own.shape[1], out_q.shape[1])
    own_k_new = _normal(tail, p, *own_q_new.shape)
    out_k_new = _normal(tail, p, fresh_axes, own_q_new.shape[1])
    seen, unseen = columns[:, n_axes : test.shape[1]], own
    weight_q, weight_k = seen @ out_q + unseen @ own_q, seen @ out_k + unseen @ own_k
    weight_q_new = unseen @ own_q_new
    weight_k_new = seen @ out_k_new + unseen @ own_k_new
    cross = weight_q @ weight_k.T + weight_q_new @ weight_k_new.T
    test_k_new, line_k_new = test[:, n_axes:] @ out_k_new, lines[:, n_axes:] @ out_k_new
    draw, slope = np.zeros((2, p.test_tokens))
    if p.init_std_qk > 0 and p.dim >= _WIDE * p.key_dim and beyond.shape[1] == p.test_tokens:
        # a token's own axis meets keys of its own; of these, along what is left of its query
        # beyond all shared queries
        shared_q = np.hstack(
            [np.vstack([weight_q, line_q]), np.pad(weight_q_new, ((0, len(line_q)), (0, 0)))]
        )
        left = np.pad(test_q, ((0, 0), (0, weight_q_new.shape[1])))
        basis = np.linalg.qr(shared_q.T)[0]
        left = left - (left @ basis) @ basis.T
        length = np.linalg.norm(left, axis=1)
        if shared_q.shape[1] > len(shared_q):
            keys = np.hstack([out_k, out_k_new])[-p.test_tokens :]
            draw = np.sum(keys * left, axis=1) / (length * p.init_std_qk)
            slope = p.init_std_qk * np.diagonal(beyond) * length
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
        "weight_gram": columns @ columns.T,
        "weight_cross": cross + cross.T,
        "line_weight_cross": line_q @ weight_k.T
        + line_k @ weight_q.T
        + line_k_new @ weight_q_new.T,
        "test_weight_cross": test_q @ weight_k.T
        + test_k @ weight_q.T
        + test_k_new @ weight_q_new.T,
        "test_own_draw": draw,
        "test_own_slope": slope,
    }


def draw_resampled(
    problem: Problem, run: int, tokens: Array, directions: Array, trained: Array
) -> dict[str, Array]:
    """Fresh tokens whose out-of-span parts each meet separate weights; see the module.

    Args and returns as `draw_joint`.
    """
    p = problem
    weights = generator(p, run, Stream.TEST_WEIGHTS)
    rng = generator(p, run, Stream.TEST_TOKENS)
    n_axes, known_axes, rank = tokens.shape[1], directions.shape[1], trained.shape[1]
    m = p.test_tokens
    W = np.vstack(
        [
            np.hstack([trained[:n_axes], trained[n_axes:]]),
            _normal(weights, p, known_axes - n_axes, 2 * rank),
        ]
    )
    # the columns of P on the training tokens' and lines' axes, and on further axes
    own = p.init_std_qk * bartlett(weights, 2 * rank, p.dim - known_axes)
    columns = np.hstack([W.T, own])
    lines = np.pad(directions, ((0, 0), (0, own.shape[1])))
    known = noise_tokens(rng, p, p.test_tokens, known_axes)
    test = np.hstack([known, p.noise_std * rng.standard_normal((m, own.shape[1]))])
    length = p.noise_std * _chi(rng, p.dim - test.shape[1], m)  # beyond all shared axes

    # Outside the trained key directions: axes adapted to the queries of the shared axes, then
    # an axis for each token, along what is left of its query.
    out_q = p.init_std_qk * bartlett(weights, test.shape[1] - n_axes, p.key_dim - rank)
    shared = out_q.shape[1]
    has_own = p.key_dim - rank - shared > 0
    out_k = _normal(weights, p, *out_q.shape)
    own_k = _normal(weights, p, m, len(out_q)) * has_own  # the shared axes' keys on each own axis
    own_q = p.init_std_qk * _chi(weights, p.key_dim - rank - shared, m)
    on_shared = test[:, n_axes:]
    test_q = on_shared @ out_q + length * _normal(weights, p, m, shared)
    test_k = on_shared @ out_k + length * _normal(weights, p, m, shared)
    test_q_own = length * own_q
    test_k_own = np.sum(on_shared * own_k, axis=1, keepdims=True)
    draw = weights.standard_normal((m, 1)) * has_own
    test_k_own += p.init_std_qk * length * draw
    line_q, line_k = lines[:, n_axes:] @ out_q, lines[:, n_axes:] @ out_k
    weight_q, weight_k = columns[:, n_axes:] @ out_q, columns[:, n_axes:] @ out_k
    cross = weight_q @ weight_k.T
    projected = test @ columns.T
    return {
        "test_gram": known[:, :n_axes] @ tokens.T,
        "test_queries": projected[:, :rank],
        "test_keys": projected[:, rank:],
        "test_values": known @ directions.T,
        "test_cross": np.sum(test_q * test_k, axis=1) + (test_q_own * test_k_own)[:, 0],
        "line_queries": directions @ W[:, :rank],
        "line_keys": directions @ W[:, rank:],
        "line_cross": line_q @ line_k.T,
        "test_line_cross": test_q @ line_k.T
        + test_k @ line_q.T
        + test_q_own * (own_k @ lines[:, n_axes:].T),
        "weight_gram": columns @ columns.T,
        "weight_cross": cross + cross.T,
        "line_weight_cross": line_q @ weight_k.T + line_k @ weight_q.T,
        "test_weight_cross": test_q @ weight_k.T
        + test_k @ weight_q.T
        + test_q_own * (own_k @ columns[:, n_axes:].T),
        "test_own_draw": draw[:, 0],
        "test_own_slope": (p.init_std_qk * test_q_own * length)[:, 0] * has_own,
    }


def _normal(rng: np.random.Generator, problem: Problem, *shape: int) -> Array:
    return problem.init_std_qk * rng.standard_normal(shape)


def _chi(rng: np.random.Generator, dof: int, count: int) -> Array:
    """(count, 1) norms of Gaussian vectors of that many dimensions, 0 of none."""
    if dof <= 0:
        return np.zeros((count, 1))
    return np.sqrt(rng.chisquare(float(dof), (count, 1)))
