"""What a study found, in sentences made from its numbers."""

from __future__ import annotations

from collections.abc import Sequence

from ..verdict import Status
from .study import Row, Study

#: Departures named in one sentence.
_NAMED = 6


def findings(study: Study) -> list[str]:
    """A paragraph in sentences: the base, then one a claim, then the axes.

    Every sentence is made from the verdicts; nothing is said of what was not trained.
    """
    return [_base(study), *(_claim(study, name) for name in study.questions), _axes(study),
            *_real(study)]  # fmt: skip


def _base(study: Study) -> str:
    held = [n for n, answer in study.base.answers.items() if answer.status is Status.HOLDS]
    short = [
        f"{study.questions[name].title} ({answer.status.value}, {answer.reason})"
        for name, answer in study.base.answers.items()
        if answer.status is not Status.HOLDS
    ]
    rest = f"; not so {', '.join(short)}" if short else ""
    count = f"{len(held)} of {len(study.questions)}"
    return f"Without a departure {count} claims hold at these sizes{rest}."


def _claim(study: Study, name: str) -> str:
    title = study.questions[name].title
    by_status: dict[Status, list[Row]] = {}
    for row in study.rows:
        by_status.setdefault(row.answers[name].status, []).append(row)
    asked = len(study.rows) - len(by_status.get(Status.OUT_OF_SCOPE, []))
    if not asked:
        return f"“{title}” could be asked of none of the departures."
    held = len(by_status.get(Status.HOLDS, []))
    text = f"“{title}” holds for {held} of {asked} departures"
    for status, verb in ((Status.VIOLATED, "is violated by"), (Status.ERODES, "erodes with")):
        if rows := by_status.get(status):
            text += f"; it {verb} {_list(rows, name)}"
    if rows := by_status.get(Status.INCONCLUSIVE):
        text += f"; {len(rows)} {'is' if len(rows) == 1 else 'are'} undecided"
    return f"{text}."


def _list(rows: Sequence[Row], name: str) -> str:
    """Departures with their effect, the strongest doses of each kind first named."""
    parts = []
    for row in rows[:_NAMED]:
        effect = row.answers[name].effect
        parts.append(row.name if effect is None else f"{row.name} ({effect:.3g})")
    more = len(rows) - _NAMED
    return ", ".join(parts) + (f" and {more} more" if more > 0 else "")


def _axes(study: Study) -> str:
    """Which axes break most and least of what the base keeps."""
    kept = [n for n, answer in study.base.answers.items() if answer.status is Status.HOLDS]
    shares: dict[str, float] = {}
    for axis in dict.fromkeys(row.axis for row in study.rows):
        statuses = [
            row.answers[name].status for row in study.rows if row.axis == axis for name in kept
        ]
        decided = [s for s in statuses if s in (Status.HOLDS, Status.ERODES, Status.VIOLATED)]
        if decided:
            shares[axis] = sum(status is Status.HOLDS for status in decided) / len(decided)
    if not shares:
        return "No verdict on a claim that the base keeps was decided."
    ordered = sorted(shares, key=shares.__getitem__)
    text = ", ".join(f"{axis} {shares[axis]:.0%}" for axis in ordered)
    return f"Of the decided verdicts on claims that the base keeps, these shares hold: {text}."


def _real(study: Study) -> list[str]:
    """The question of real data, answered plainly."""
    rows = [row for row in study.rows if row.axis == "data"]
    if not rows:
        return []
    told = []
    for row in rows:
        power, constant = (row.answers[f"boundary_{part}"] for part in ("power", "constant"))
        told.append(
            f"{row.name}: {row.answers['benign'].reason} in the benign cell "
            f"({row.answers['benign'].status.value}); boundary {power.reason} "
            f"({power.status.value}), {constant.reason} ({constant.status.value})"
        )
    return [
        "Real data, noisy labels fitted, SNR set by scaling class means and residuals: "
        + "; ".join(told)
        + ". What is INCONCLUSIVE there could not be decided from these runs."
    ]
