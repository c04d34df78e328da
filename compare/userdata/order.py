"""The order of a file's rows: of no account, or a step counter that began again?

A table may be shuffled, sorted by another column or written backwards without changing what it
says. A run that was resumed with its counter at 0 looks much the same once its rows are sorted, and
says something else. Within a run such a counter goes back once in a while; rows in random order
go back half of the time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rows import Array, Codes

#: A count of backward steps this many standard deviations from that of random order is not random.
_FAR = 4.0
#: Share of runs out of order that go back twice or more, from which resumes do not explain them.
_OFTEN = 0.05
#: Rows from which even steps are no accident.
_EVEN = 5
#: Rows from which a single run can be seen to be in random order.
_LONG = 12


@dataclass(frozen=True)
class Backwards:
    """The first place at which a run goes back.

    Attributes:
        group: the run.
        before: the step before.
        after: the step that follows in the file.
        row: the row of the later step.
    """

    group: int
    before: float
    after: float
    row: int


def counter_reset(group: Codes, step: Array, value: Array) -> Backwards | None:
    """The first place at which a step counter may have begun again; None if it has not.

    Args:
        group: (n,) the run of each row, in the order of the file.
        step: (n,) its step, different within a run.
        value: (n,) its number.

    Example:
        >>> group, value = np.zeros(5, dtype=int), np.array([0.5, 0.4, 0.3, 0.2, 0.1])
        >>> counter_reset(group, np.array([0.0, 20.0, 40.0, 10.0, 30.0]), value)
        Backwards(group=0, before=40.0, after=10.0, row=3)
        >>> counter_reset(group, np.array([40.0, 30.0, 20.0, 10.0, 0.0]), value) is None
        True
    """
    order = np.argsort(group, kind="stable")
    groups, steps = group[order], step[order]
    same = groups[1:] == groups[:-1]
    down = same & (steps[1:] < steps[:-1])
    if not down.any():
        return None
    total = int(groups[-1]) + 1
    pairs = np.bincount(groups[1:][same], minlength=total)
    falls = np.bincount(groups[1:][down], minlength=total)
    mixed = (falls > 0) & (falls < pairs)
    if not mixed.any() or _sorted_by(group, value) or _as_text(groups, steps, mixed):
        return None
    if _random(groups, down, pairs, falls, mixed):
        return None
    at = np.flatnonzero(down & mixed[groups[1:]])
    first = int(at[np.argmin(order[at + 1])])
    return Backwards(
        int(groups[first]), float(steps[first]), float(steps[first + 1]), int(order[first + 1])
    )


def _sorted_by(group: Codes, value: Array) -> bool:
    """Whether the file is sorted, across its runs, by a quantity that tells most rows apart."""
    if np.count_nonzero(np.diff(group)) < 2 * np.unique(group).size:
        return False
    change = np.diff(value)
    distinct = np.count_nonzero(change) * 2 > change.size
    return bool(distinct and (np.all(change >= 0) or np.all(change <= 0)))


def _as_text(groups: Codes, steps: Array, mixed: NDArray[np.bool_]) -> bool:
    """Whether the runs out of order have even steps, sorted as text: 0, 100, 150, 200, 50."""
    for group in np.flatnonzero(mixed):
        first, last = np.searchsorted(groups, [group, group + 1])
        own = steps[first:last]
        gaps = np.diff(np.sort(own))
        texts = [f"{step:g}" for step in own.tolist()]
        if len(texts) < _EVEN or np.ptp(gaps) > 1e-9 * gaps[0]:
            return False
        if texts != sorted(texts) and texts != sorted(texts, reverse=True):
            return False
    return True


def _random(
    groups: Codes, down: NDArray[np.bool_], pairs: Codes, falls: Codes, mixed: NDArray[np.bool_]
) -> bool:
    """Whether the runs out of order look shuffled, and resumes would not explain them.

    A shuffled run of n rows goes back (n - 1)/2 times on average, with variance (n + 1)/12.
    """
    mean, variance = pairs[mixed] / 2, (pairs[mixed] + 2) / 12
    away = falls[mixed] - mean
    if np.any(np.abs(away) > (_FAR + 1) * np.sqrt(variance)):
        return False
    if abs(away.sum()) > _FAR * np.sqrt(variance.sum()):
        return False
    out_of_order = (falls > 0) & (pairs > 1)
    if np.mean(falls[out_of_order] > 1) < _OFTEN:
        return False
    if mixed.sum() == 1:
        return bool(pairs[mixed][0] + 1 >= _LONG)
    patterns = set()
    for group in np.flatnonzero(mixed):
        first, last = np.searchsorted(groups, [group, group + 1])
        patterns.add(down[first : last - 1].tobytes())
        if len(patterns) > 1:
            return True
    return False
