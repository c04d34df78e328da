"""Exact intervals of a fraction of runs, and how many runs decide it."""

from __future__ import annotations

from scipy.special import betaincc, betainccinv, betaincinv


def exact_bounds(violations: int, runs: int, miss: float) -> tuple[float, float]:
    """One-sided Clopper–Pearson lower and upper bound of a fraction.

    Args:
        violations: how many runs violate.
        runs: of how many.
        miss: probability that either bound misses.

    >>> [round(x, 4) for x in exact_bounds(0, 59, 0.05)]
    [0.0, 0.0495]
    >>> [round(x, 4) for x in exact_bounds(3, 64, 0.05)]
    [0.0129, 0.1167]
    """
    low = 0.0 if violations == 0 else betaincinv(violations, runs - violations + 1, miss)
    high = 1.0 if violations == runs else betainccinv(violations + 1, runs - violations, miss)
    return float(low), float(high)


def runs_to_decide(level: float, violations: int = 0, *, miss: float) -> int:
    """Runs, so many of them violating, after which the fraction is known to be at most ``level``.

    Args:
        level: the fraction.
        violations: how many of the runs violate.
        miss: probability that the fraction is larger all the same.

    >>> runs_to_decide(0.05, miss=0.05), runs_to_decide(0.05, violations=1, miss=0.05)
    (59, 93)
    >>> runs_to_decide(1e-9, miss=0.05)
    2995732273
    """
    few, enough = violations, violations + 1
    while not _known(level, violations, enough, miss):
        few, enough = enough, 2 * enough
    while enough - few > 1:
        middle = (few + enough) // 2
        known = _known(level, violations, middle, miss)
        few, enough = (few, middle) if known else (middle, enough)
    return enough


def _known(level: float, violations: int, runs: int, miss: float) -> bool:
    """Whether a fraction of ``level`` would show as few violations with probability ≤ ``miss``."""
    return bool(betaincc(violations + 1, runs - violations, level) <= miss)
