"""`Pacer`: long advances in short calls, so that Ctrl-C takes effect between two calls.

A compiled kernel does not see signals while it runs. Splitting an advance changes no number: each
call starts from the state that the previous call left.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

#: Seconds a call should take, and the largest factor by which a call may exceed the last.
_TARGET, _GROWTH = 0.25, 8.0


class Advances(Protocol):
    """Anything that can take gradient steps."""

    def advance(self, steps: int) -> None:
        """Take that many steps."""


class Pacer:
    """Advances a batch of runs in calls of about a quarter of a second.

    Attributes:
        stretch: steps of the next call, adapted to the duration of the last calls.

    Example:
        >>> class Counter:
        ...     taken = 0
        ...     def advance(self, steps): self.taken += steps
        >>> counter, pacer = Counter(), Pacer()
        >>> pacer.advance(counter, 1000)
        >>> counter.taken, pacer.stretch > 1
        (1000, True)
    """

    def __init__(self) -> None:
        self.stretch = 1

    def advance(
        self, batch: Advances, steps: int, report: Callable[[int], None] | None = None
    ) -> None:
        """Take that many steps.

        Args:
            batch: the runs.
            steps: gradient steps to take.
            report: called between two calls with the steps taken so far.
        """
        taken = 0
        while taken < steps:
            now = min(self.stretch, steps - taken)
            began = time.perf_counter()
            batch.advance(now)
            spent = time.perf_counter() - began
            factor = min(_TARGET / max(spent, 1e-9), _GROWTH)
            # a short last call says little about how long the next may be, unless it was slow
            if now == self.stretch or factor < 1.0:
                self.stretch = max(1, int(now * factor))
            taken += now
            if report is not None and taken < steps:
                report(taken)
