"""L1 to L4: how many runs the limit predicts within a stated error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult, Study, taught_nothing
from ..claim import Claim
from ..predicted.runs import (
    limit_cells,
    spread,
    time_errors,
    worst_log_p,
    worst_relative,
    worst_time,
)
from ..thresholds import (
    LIMIT_LOG_P_WITHIN,
    LIMIT_LOSS_WITHIN,
    LIMIT_MISSED_SHARE,
    LIMIT_TIME_WITHIN,
)
from ..verdict import Status, Verdict
from .violation_rate import Outcome, ViolationRate

Array = NDArray[np.float64]

#: Events of the theorems that a run may reach.
EVENTS = ("T1", "T2", "T3", "T_gap")


@dataclass(frozen=True)
class PredictedLoss:
    """Each run of the held-out limit cells against the limit from its labels, V±(0) and |W_V w_O|.

    A run violates where the predicted loss is off by more than 2% at any logged step. Runs count in
    which both classes have more kept than flipped labels; up to 5% may violate. A run that
    diverged, stopped or lacks its cell's last step is undecided.

    Attributes:
        quantity: the loss.
    """

    quantity: Literal["train_loss", "test_loss"]

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the limit cells."""
        cells = limit_cells(study)
        errors = [worst_relative(each, self.quantity) for each in cells]
        return _judged(claim, study, cells, errors, LIMIT_LOSS_WITHIN, self.quantity)


@dataclass(frozen=True)
class PredictedFailure:
    """Each run of the held-out limit cells against the limit from its labels, V±(0) and |W_V w_O|.

    P is the chance that a fresh unflipped sample is misclassified, and test_error = p + (1-2p) P. A
    run violates where the predicted log P is off by more than 10% of |log P|, taken to be at least
    log 2, at any logged step. Runs count in which both classes have more kept than flipped labels;
    up to 5% may violate. A run that diverged, stopped or lacks its cell's last step is undecided.
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the limit cells."""
        cells = limit_cells(study)
        errors = [worst_log_p(each) for each in cells]
        return _judged(claim, study, cells, errors, LIMIT_LOG_P_WITHIN, "log P")


@dataclass(frozen=True)
class PredictedTimes:
    """T1, T2, T3 and T_gap of each run of the held-out limit cells against the limit's.

    Both are found by the same rule at the same logged steps. A run violates where a predicted time
    is off by more than 3%, of at least a step, or where an event comes in the run or in the limit
    alone; it is undecided if that is within 3% of the last step. Events in neither do not count.
    Runs count in which both classes have more kept than flipped labels; up to 5% may violate. A run
    that diverged, stopped or lacks its cell's last step is undecided.
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the limit cells."""
        cells = limit_cells(study)
        errors = [worst_time(each, EVENTS, LIMIT_TIME_WITHIN) for each in cells]
        verdict = _judged(claim, study, cells, errors, LIMIT_TIME_WITHIN, ", ".join(EVENTS))
        by_event = {event: _of_event(cells, event) for event in EVENTS}
        beyond = [f"{event} {line['beyond']}" for event, line in by_event.items()]
        reason = verdict.reason
        if cells:
            reason += f"; runs beyond it by {', '.join(beyond)}"
        evidence = {**verdict.evidence, "by_event": by_event}
        return replace(verdict, reason=reason, evidence=evidence)


def _of_event(cells: Iterable[CellResult], event: str) -> dict[str, float]:
    """Errors of an event's time in the runs that count and reach it."""
    errors = []
    for cell in cells:
        off, there = time_errors(cell, event, LIMIT_TIME_WITHIN)
        errors.append(off[there & ~taught_nothing(cell)])
    known = np.concatenate(errors) if errors else np.empty(0)
    beyond = int((known > LIMIT_TIME_WITHIN).sum())
    return {"runs": known.size, "beyond": beyond, **spread([known])}


def _judged(
    claim: Claim,
    study: Study,
    cells: list[CellResult],
    errors: list[Array],
    within: float,
    predicts: str,
) -> Verdict:
    if not cells:
        return claim.verdict(study, Status.INCONCLUSIVE, "there is no held-out limit cell")
    lost = [taught_nothing(each) for each in cells]
    outcomes = [
        Outcome(cell, error / within - 1, excluded=without)
        for cell, error, without in zip(cells, errors, lost, strict=True)
    ]
    rule = ViolationRate(
        outcomes, f"are off by more than {within:.0%}", quantile=LIMIT_MISSED_SHARE
    )
    verdict = rule.decide(claim, study)
    counted = [error[~without] for error, without in zip(errors, lost, strict=True)]
    about = spread(counted)
    reason = verdict.reason
    if about:
        reason += (
            f"; the worst error in training is {about['median']:.2%} in the median of runs, "
            f"{about['at_95_percent']:.2%} at 95%"
        )
    evidence = {
        **verdict.evidence,
        "predicts": predicts,
        "within": within,
        "worst_errors": about,
        "by_cell": {
            cell.cell.name: spread([error])
            for cell, error in zip(cells, counted, strict=True)
        },
        "runs_without_a_lead": int(sum(each.sum() for each in lost)),
    }  # fmt: skip
    return replace(verdict, reason=reason, evidence=evidence)
