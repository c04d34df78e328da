"""Random streams keyed by (root seed, problem, run index), one for each purpose.

A run's draws depend neither on the runs computed with it nor on order, chunks or device; training
and test draws come from independent streams.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Protocol

import numpy as np


class Stream(IntEnum):
    """What a stream's draws are used for; the numbers are part of the key."""

    LABELS = 0
    TRAIN_TOKENS = 1
    WEIGHTS = 2
    TEST_TOKENS = 3
    TEST_LABELS = 4
    TEST_WEIGHTS = 5
    TAIL_WEIGHTS = 6
    BATCHES = 7
    LABEL_NOISE = 8
    SECOND_LAYER = 9
    PLACES = 10
    MORE_TOKENS = 11
    MORE_TEST_TOKENS = 12
    DEEPER_LAYERS = 13
    DATA_SET = 14


class Keyed(Protocol):
    """A problem whose draws have a key."""

    @property
    def seed(self) -> int:
        """The root seed."""

    def draw_key(self) -> list[int]:
        """Entropy words of everything else the draws depend on."""


def generator(problem: Keyed, run: int, stream: Stream) -> np.random.Generator:
    """A counter-based generator for one purpose of one run.

    Example:
        >>> from bofcheck.simulate import Problem
        >>> problem = Problem(seed=3)
        >>> first = generator(problem, 0, Stream.LABELS).random()
        >>> first == generator(problem, 0, Stream.LABELS).random()
        True
        >>> first == generator(problem, 1, Stream.LABELS).random()
        False
    """
    entropy = [problem.seed & 0xFFFFFFFF, problem.seed >> 32, *problem.draw_key()]
    sequence = np.random.SeedSequence(entropy=entropy, spawn_key=(run, int(stream)))
    return np.random.Generator(np.random.Philox(sequence))
