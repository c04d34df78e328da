"""`Study`: every question asked of every departure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .answer import Answer
from .question import Question, all_questions
from .trained import DepartureRuns


@dataclass(frozen=True)
class Row:
    """The answers of one departure.

    Attributes:
        axis: title of its axis; empty for the base.
        kind: what changes.
        dose: how much.
        label: the dose in words.
        engine: ``"span"`` or ``"whole arrays"``: where it was trained.
        answers: question -> answer.
    """

    axis: str
    kind: str
    dose: float
    label: str
    engine: str
    answers: dict[str, Answer]

    @property
    def name(self) -> str:
        """Kind and dose."""
        return f"{self.kind}: {self.label}"


@dataclass(frozen=True)
class Study:
    """A table of departures and claims.

    Attributes:
        preset: which cells were trained.
        questions: in the order of columns.
        base: the row of no departure.
        rows: of departures, axis by axis.
    """

    preset: str
    questions: dict[str, Question]
    base: Row
    rows: tuple[Row, ...]


def decide(trained: Sequence[DepartureRuns]) -> Study:
    """Ask every question of every departure.

    Args:
        trained: the base first; each row is decided from its own runs.
    """
    asked = all_questions()
    base = trained[0]
    rows = [_row(runs, base, asked) for runs in trained]
    return Study(base.preset.name, asked, rows[0], tuple(rows[1:]))


def _row(runs: DepartureRuns, base: DepartureRuns, asked: dict[str, Question]) -> Row:
    return Row(
        axis=runs.axis,
        kind=runs.departure.kind,
        dose=runs.departure.dose,
        label=runs.departure.label,
        engine="span" if runs.in_span else "whole arrays",
        answers={name: question.ask(runs, base) for name, question in asked.items()},
    )
