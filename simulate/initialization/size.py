"""`start_bytes`: memory that drawing one run's start takes, known before it is drawn."""

from __future__ import annotations

from ..problem import Problem


def start_bytes(problem: Problem) -> int:
    """Bytes held at once while one run's start is drawn, to within a factor of 2.

    Real arrays cost their own size; a sampled start costs the square of what its tokens span,
    which with ``test_draw = "joint"`` includes every fresh token.

    Example:
        >>> few = Problem(n_samples=20, dim=10**9, key_dim=10**5, test_tokens=64)
        >>> start_bytes(few) < 10**7
        True
        >>> round(start_bytes(few.replace(test_tokens=100_000)) / 1e9)
        720
    """
    p = problem
    n, m = p.n_samples + 2, p.test_tokens
    axes = min(n, p.dim)
    rank = min(2 * axes, p.key_dim)
    lines = min(p.value_dim, n + 1) if p.train_output else 1
    if p.start == "materialised":
        arrays = p.dim * (2 * p.key_dim + p.value_dim + n + m)
        projected = 4 * p.dim * rank + 2 * (n + m + lines + 2 * rank) * p.key_dim
        return 8 * (2 * arrays + projected + 3 * n * n + 12 * rank * rank)
    own = min(2 * rank, p.dim)
    shared = axes + lines
    if p.test_draw == "joint":
        beyond = min(m, max(p.dim - shared, 0))
        fresh = lines + beyond  # axes that are not the training tokens'
        out = min(fresh, p.key_dim - rank)
        new = min(own, p.key_dim - rank - out)
        tokens = m * (2 * (shared + beyond) + 4 * out + 2 * new)
        weights = fresh * (2 * rank + 3 * out + 2 * new)
        columns = 2 * rank * (2 * (axes + fresh + own) + 2 * out + 2 * new)
        frame = own * (2 * out + 2 * new)
    else:
        out = min(lines + own, p.key_dim - rank)
        tokens = m * (2 * (shared + own) + 2 * (lines + own) + 4 * out)
        weights = (lines + own) * 3 * out
        columns = 2 * rank * (2 * (shared + own) + 2 * out)
        frame = 0
    training = 3 * n * axes + 2 * n * n + 6 * axes * rank + 12 * rank * rank
    return 8 * (training + tokens + weights + columns + frame)
