"""`Separation`: does N·SNR² separate good from bad final test performance?

The ladder cells climb N·SNR² with different N, d and SNR. A constant is fitted on the
calibration rungs: benign, the least C0 such that every rung at or above it is good; harmful,
the largest such that every rung at or below it is bad. It is widened by the slack of 2 and
judged on the held-out rungs beyond it. The theorems' constant does not depend on d, which is
without limit: it is fitted on the rungs with the smaller d and judged at every d. A rung too close
to call, or not trained to the end, is neither good nor bad: it ends the climb, and beyond the
constant it keeps the claim from HOLDS.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult, Role, Study, scope_of, strength
from ..claim import Claim
from ..fitting.boundary_sides import Quantity, scores
from ..thresholds import GOOD_RUN_CUT_OFF, RUNG_STANDARD_ERRORS, SEPARATION_MIN_RUNGS, SLACK_C
from ..verdict import Scope, Status, Verdict
from .large_dimension import deep_levels, harm_of_loss_alone
from .phase_boundary import boundary_lines

Array = NDArray[np.float64]

#: A rung at the constant itself belongs to it, whatever the last bits say.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Rung:
    """One ladder cell: its N·SNR² and whether it ended good, bad or too close to call."""

    result: CellResult
    strength: float
    score: float
    error: float

    @property
    def good(self) -> bool | None:
        """None where the score is within two standard errors of the cut-off, or unknown."""
        if (
            not np.isfinite(self.score)
            or abs(self.score - GOOD_RUN_CUT_OFF) < RUNG_STANDARD_ERRORS * self.error
        ):
            return None
        return self.score < GOOD_RUN_CUT_OFF


@dataclass(frozen=True)
class Separation:
    """The condition's constant, fitted at small d, is judged times 2 on held-out rungs of any d.

    It is fitted on the calibration rungs whose d is at most their median, since it may not depend
    on d.

    A rung of N·SNR² is good where the mean over its runs of (quantity - best)/(chance - best) at
    the end of training is at most ½ by two standard errors, bad where it is above. HOLDS where at
    least three held-out rungs lie beyond the constant and all are good (harmful: bad); a rung
    there that is not is a failure, unless three inside Assumption 4.1 are all as they should be.
    Said too, of cells in which d alone grows: where test_loss is harmed and test_error is not.

    Attributes:
        quantity: what ends good or bad.
    """

    quantity: Quantity

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the ladder cells."""
        benign = study.theorem.regime == "benign"
        calibration = [
            _rung(result, self.quantity) for result in study.select(Role.CALIBRATION, "ladder")
        ]
        held_out = [
            _rung(result, self.quantity) for result in study.select(Role.HELD_OUT, "ladder")
        ]
        evidence: dict[str, object] = {
            "cut_off": GOOD_RUN_CUT_OFF,
            "boundary": boundary_lines(list(study.select(kind="ladder")), self.quantity),
            "rungs": [
                _line(rung) for rung in sorted(calibration + held_out, key=lambda r: r.strength)
            ],
        }
        near = _near(calibration)
        edge = _edge(near, benign)
        if edge is None:
            end, kind = ("highest", "good") if benign else ("lowest", "bad")
            reason = f"the {end} calibration rung is not {kind}: no constant separates"
            return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
        judged_at = edge * SLACK_C if benign else edge / SLACK_C
        beyond = [
            rung
            for rung in held_out
            if (rung.strength >= judged_at * (1 - ROUNDING) if benign
                else rung.strength <= judged_at * (1 + ROUNDING))
        ]  # fmt: skip
        called = [rung for rung in beyond if rung.good is not None]
        wrong = [rung for rung in called if rung.good is not benign]
        evidence |= {"fitted": edge, "fitted_up_to_d": max(_dim(rung) for rung in near),
                     "judged_at": judged_at, "not_called":
                     [rung.result.cell.name for rung in beyond if rung.good is None]}  # fmt: skip
        status, scope = _rule(beyond, wrong)
        uncalled = len(beyond) - len(called)
        unclear = f", {uncalled} cannot be called" if uncalled else ""
        few = (
            f"; {SEPARATION_MIN_RUNGS} are needed"
            if len(called) < SEPARATION_MIN_RUNGS and not wrong
            else ""
        )
        kind = "good" if benign else "bad"
        told = "" if benign else harm_of_loss_alone(deep_levels(study))
        sign = ">=" if benign else "<="
        worst = None
        if called:
            worst = (max if benign else min)(called, key=lambda rung: rung.score)
        return claim.verdict(
            study,
            status,
            f"{len(called) - len(wrong)} of {len(called)} held-out rungs with N·SNR² {sign} "
            f"{judged_at:.3g} are {kind}{_of_which(wrong)}{unclear}{few}"
            + (f"; {told}" * bool(told)),
            scope=scope,
            statistic=worst.score if worst else None,
            statistic_name=f"worst normalised {self.quantity} beyond the constant",
            relation="<=" if benign else ">=",
            threshold=GOOD_RUN_CUT_OFF,
            tightness=abs(worst.score - GOOD_RUN_CUT_OFF) if worst else None,
            worst_cell=worst.result.cell.name if worst else None,
            evidence=evidence,
        )


def _rung(result: CellResult, quantity: Quantity) -> Rung:
    """Score at the end of training; NaN unless more than half of the runs reached T3."""
    ends = scores(result, quantity)
    final = ends[np.isfinite(ends)]
    score, error = np.nan, np.nan
    if 2 * final.size > ends.size:
        score = float(final.mean())
        error = float(final.std(ddof=1) / np.sqrt(final.size)) if final.size > 1 else np.inf
    return Rung(result, strength(result.cell.problem), score, error)


def _edge(rungs: list[Rung], benign: bool) -> float | None:
    """Where the run of good (benign) or bad (harmful) rungs at its end of the ladder begins."""
    edge = None
    for rung in sorted(rungs, key=lambda r: r.strength, reverse=benign):
        if rung.good is not benign:
            break
        edge = rung.strength
    return edge


def _dim(rung: Rung) -> int:
    return rung.result.cell.problem.dim


def _near(rungs: list[Rung]) -> list[Rung]:
    """Those whose d is at most the median."""
    middle = np.median([_dim(rung) for rung in rungs]) if rungs else 0
    return [rung for rung in rungs if _dim(rung) <= middle]


def _of_which(wrong: list[Rung]) -> str:
    """At which d the others are, in words; empty if there are none."""
    if not wrong:
        return ""
    dims = sorted(_dim(rung) for rung in wrong)
    return f", those that are not have d = {dims[0]:.1e} to {dims[-1]:.1e}"


def _rule(beyond: list[Rung], wrong: list[Rung]) -> tuple[Status, Scope]:
    where = scope_of(rung.result for rung in beyond)
    inside = [rung for rung in beyond if rung.result.inside]
    if any(rung.result.inside for rung in wrong):
        return Status.VIOLATED, Scope.INSIDE
    if sum(rung.good is not None for rung in beyond) < SEPARATION_MIN_RUNGS:
        return Status.INCONCLUSIVE, where
    if wrong:
        enough = len(inside) >= SEPARATION_MIN_RUNGS
        if enough and all(rung.good is not None for rung in inside):
            return Status.HOLDS, Scope.INSIDE
        return Status.VIOLATED, Scope.OUTSIDE
    if any(rung.good is None for rung in beyond):
        return Status.INCONCLUSIVE, where
    return Status.HOLDS, where


def _line(rung: Rung) -> dict[str, object]:
    p = rung.result.cell.problem
    return {
        "cell": rung.result.cell.name,
        "role": rung.result.cell.role.value,
        "strength": rung.strength,
        "N": p.n_samples,
        "d": p.dim,
        "SNR": p.snr,
        "score": rung.score,
        "standard_error": rung.error,
        "good": rung.good,
        "inside": rung.result.inside,
    }
