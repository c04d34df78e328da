"""Rounds in which each contender takes a turn, so that a slow minute affects all alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from typing import Any

#: Smallest number of rounds for a median.
FEWEST = 5


def play(
    turns: Mapping[str, Callable[[], float]], rounds: int
) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Give each contender one turn per round, in reverse order every second round.

    Args:
        turns: by name, a function that takes a turn and returns its seconds.
        rounds: number of rounds.

    Returns:
        The seconds by name, and the reasons for failed turns by name; a contender that failed takes
        no more turns.

    Raises:
        ValueError: for fewer than `FEWEST` rounds.

    Example:
        >>> order = []
        >>> turns = {name: lambda name=name: float(order.append(name) or 1) for name in "ab"}
        >>> play(turns, 5)[0]["a"], "".join(order)
        ([1.0, 1.0, 1.0, 1.0, 1.0], 'abbaabbaab')
    """
    if rounds < FEWEST:
        raise ValueError(f"rounds = {rounds}: a median needs {FEWEST} or more")
    samples: dict[str, list[float]] = {name: [] for name in turns}
    lost: dict[str, str] = {}
    for number in range(rounds):
        names = list(turns)[:: 1 if number % 2 == 0 else -1]
        for name in names:
            if name in lost:
                continue
            try:
                samples[name].append(turns[name]())
            except WorkerError as error:
                lost[name] = str(error)
    return {name: taken for name, taken in samples.items() if name not in lost}, lost


class WorkerError(Exception):
    """A contender could not finish its turn; the message says why, in one line."""


def summary(samples: list[float]) -> dict[str, Any]:
    """Median, lowest and highest sample, with the samples themselves.

    >>> summary([3.0, 1.0, 2.0])["seconds"], summary([3.0, 1.0])["highest"]
    (2.0, 3.0)
    """
    return {
        "seconds": median(samples),
        "lowest": min(samples),
        "highest": max(samples),
        "samples": samples,
    }
