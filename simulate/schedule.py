"""When to log: ``geometric:64``, ``every:10``, or explicit step numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .errors import ScheduleError, shown

_FORM = re.compile(r"(geometric|every):([1-9][0-9]{0,8})")


def log_steps(spec: str | Iterable[int], steps: int) -> NDArray[np.int64]:
    """The steps at which a run of ``steps`` gradient steps is logged, 0 and ``steps`` included.

    Args:
        spec: ``"geometric:K"`` for about K log-spaced steps, ``"every:K"`` for each K-th step,
            or the steps themselves.
        steps: total number of gradient steps, at least 1.

    Raises:
        ScheduleError: if the spec is of neither form, or a step lies outside [0, steps].

    Example:
        >>> log_steps("every:4", 10).tolist()
        [0, 4, 8, 10]
        >>> log_steps("geometric:5", 1000).tolist()
        [0, 1, 10, 100, 1000]
    """
    if not isinstance(steps, int) or not 1 <= steps <= 10**12:
        raise ScheduleError(f"steps = {shown(steps)}: must be a whole number from 1 to 1e12")
    if isinstance(spec, str):
        match = _FORM.fullmatch(spec)
        if match is None:
            raise ScheduleError(
                f"log schedule {shown(spec)}: use geometric:K or every:K, K a whole number from 1"
            )
        kind, count = match[1], int(match[2])
        wanted = steps // count if kind == "every" else count
        if wanted > 10**6:
            raise ScheduleError(
                f"log schedule {shown(spec)} logs {wanted:,} times; at most 1,000,000"
            )
        if kind == "every":
            inner = np.arange(0, steps, count)
        else:
            inner = np.rint(np.geomspace(1, steps, max(count - 1, 1))).astype(np.int64)
    else:
        if not isinstance(spec, Iterable):
            raise ScheduleError(
                f'log_at = {shown(spec)}: give "geometric:K", "every:K", or the steps themselves'
            )
        inner = np.asarray(list(spec))
        if inner.size and (inner.dtype.kind not in "iu" or inner.min() < 0 or inner.max() > steps):
            raise ScheduleError(f"log steps must be whole numbers from 0 to {steps}")
    return np.unique(np.concatenate([[0], inner, [steps]])).astype(np.int64)
