"""`Question`: a claim that is asked of every departure, from modules of the folder `questions`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..._registry import discover
from .answer import Answer
from .trained import DepartureRuns


@dataclass(frozen=True)
class Question:
    """A claim and how it is decided from a departure's runs.

    Attributes:
        order: place in tables.
        title: a few words, for a column.
        claim: what HOLDS means, in one sentence.
        effect: what the effect size is.
        theory: the value the theory expects of the effect; None if it names a side alone.
        ask: decides it from the runs of a departure and of the base; the base serves as a unit
            only where ``effect`` says so.

    Example:
        >>> list(all_questions())[:3]
        ['fit', 'stages', 'benign']
    """

    order: int
    title: str
    claim: str
    effect: str
    ask: Callable[[DepartureRuns, DepartureRuns], Answer]
    theory: float | None = None


def all_questions() -> dict[str, Question]:
    """All questions in the order of tables; to add one, add a file."""
    found = discover(f"{__package__}.questions", "QUESTION", Question)
    return dict(sorted(found.items(), key=lambda item: item[1].order))
