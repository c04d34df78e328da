"""Exact intervals of a fraction of runs, and how many runs decide it."""

from __future__ import annotations

from scipy.special import betaincc, betainccinv, betaincinv

#: Probability that a Clopper–Pearson bound misses, one-sided.
MISS = 0.05


def exact_bounds(violations: int, runs: int, miss: float = MISS) -> tuple[float, float]:
    """One-sided Clopper–Pearson lower and upper bound of a fraction, 95% each by default.

    >>> [round(x, 4) for x in exact_bounds(0, 59)]
    [0.0, 0.0495]
    >>> [round(x, 4) for x in exact_bounds(3, 64)]
    [0.0129, 0.1167]
    """
    low = 0.0 if violations == 0 else betaincinv(violations, runs - violations + 1, miss)
    high = 1.0 if violations == runs else betainccinv(violations + 1, runs - violations, miss)
    return float(low), float(high)


def runs_to_decide(level: float, violations: int = 0) -> int:
    """Runs, so many of them violating, after which the fraction is known to be at most ``level``.

    >>> runs_to_decide(0.05), runs_to_decide(0.05, violations=1), runs_to_decide(1e-9)
    (59, 93, 2995732273)
    """
    few, enough = violations, violations + 1
    while not _known(level, violations, enough):
        few, enough = enough, 2 * enough
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (few, middle) if _known(level, violations, middle) else (middle, enough)
    return enough


def _known(level: float, violations: int, runs: int) -> bool:
    """Whether a fraction of ``level`` would show as few violations with probability ≤ `MISS`."""
    return bool(betaincc(violations + 1, runs - violations, level) <= MISS)
