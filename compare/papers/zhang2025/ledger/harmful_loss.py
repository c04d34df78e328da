"""H3, H4 and H7: in the harmful regime test_loss rises and ends above a constant."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from sympy import N, Symbol, exp, simplify

from .....theory import Provenance, bayes_loss, claimed_loss, evaluate, proved_loss
from .....theory.lemmas.flip_loss import logistic_loss
from .....theory.lemmas.loss_constants import proof_gap_sign
from ....cells import CellResult, Role, Study
from ....checks.violation_rate import Outcome, ViolationRate
from ....claim import Claim
from ....discrimination import Discrimination
from ....fitting.event_values import at_event
from ....verdict import Status, Verdict


@dataclass(frozen=True)
class LossWhenFitted:
    """At the first logged step with train_loss ≤ ε, test_loss is at least C_L = 0.237.

    Runs that never fit their labels are undecided; where the Bayes floor already exceeds C_L, the
    statement is trivial. How far the losses lie above C_L is said.
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        least = float(evaluate(study.theorem.bound("H6").expr, {}))
        outcomes, rooms = [], []
        for result in study.select(Role.HELD_OUT, "stage"):
            fitted = result.trajectory["train_loss"] <= result.cell.problem.target_loss
            loss = result.trajectory["test_loss"][np.arange(len(fitted)), fitted.argmax(axis=1)]
            margin = np.where(fitted.any(axis=1) & result.ok, least - loss, np.nan)
            floor = float(evaluate(bayes_loss, {"p": result.cell.problem.flip_prob}))
            outcomes.append(Outcome(result, margin, np.full(margin.size, floor >= least)))
            if floor < least:
                rooms.append(np.log(loss[np.isfinite(margin)] / least))
        margins = [each.margins[np.isfinite(each.margins)] for each in outcomes]
        decided = np.concatenate(margins) if margins else np.empty(0)
        tightness = float(-np.median(decided)) if decided.size else None
        what = "fit their labels with a test_loss below 0.237"
        verdict = ViolationRate(outcomes, what, tightness).decide(claim, study)
        pooled = np.concatenate(rooms) if rooms else np.empty(0)
        if verdict.status is not Status.HOLDS or not pooled.size:
            return verdict
        found = Discrimination(tightest=float(pooled.min()), typical=float(np.median(pooled)))
        reason = f"{verdict.reason}; {found.looseness('lower')}"
        return dataclasses.replace(verdict, reason=reason, discrimination=found)


def _line(result: CellResult, rise: np.ndarray) -> dict[str, object]:
    problem = result.cell.problem
    memory = at_event(result, result.trajectory["v_noise_clean"], "T2")
    memory = memory[np.isfinite(memory)]
    return {
        "mu2_over_sigma_p2": (problem.signal_norm / problem.noise_std) ** 2,
        "median_V_n_at_T2": float(np.median(memory)) if memory.size else None,
        "median_rise": float(np.median(rise)) if rise.size else None,
        "runs_that_rise": int((rise > 0).sum()),
        "runs": rise.size,
    }


@dataclass(frozen=True)
class LossRises:
    """A run violates where test_loss(T2) is not above test_loss(T1), at its own T1 and T2.

    Runs that do not reach T2 after T1 are undecided. A rise is expected only where mu²/sigma_p² is
    small against V_n, because V± grows with it and helps; the evidence has both for each cell.
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        outcomes, lines = [], {}
        for result in study.select(Role.HELD_OUT, "stage"):
            loss = result.trajectory["test_loss"]
            rise = at_event(result, loss, "T2") - at_event(result, loss, "T1")
            in_order = result.events["T2"] > result.events["T1"]
            usable = result.ok & in_order & np.isfinite(rise)
            # a curve that stays level does not rise
            margin = np.where(rise > 0, -rise, np.maximum(-rise, np.finfo(float).tiny))
            outcomes.append(Outcome(result, np.where(usable, margin, np.nan)))
            lines[result.cell.name] = _line(result, rise[usable])
        what = "have a test_loss that does not rise"
        verdict = ViolationRate(outcomes, what).decide(claim, study)
        evidence = {
            **verdict.evidence,
            "expected_where_mu2_over_sigma_p2_is_small_against_V_n": lines,
        }
        return dataclasses.replace(verdict, evidence=evidence)


#: Decimal digits the difference is evaluated with.
DIGITS = 50


@dataclass(frozen=True)
class ProvedLoss:
    """Algebra alone: a loss of at least x implies one of at least y if and only if x ≥ y.

    The sign of e - √e - 1 settles it exactly; the difference at 50 digits must agree. Where y is
    the logistic loss of x taken as a margin, the verdict says so, and in which direction it goes.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict by algebra."""
        proved, claimed = proved_loss(), claimed_loss()
        weaker = bool(proof_gap_sign() > 0)
        difference = N(proved - claimed, DIGITS)
        if weaker is not bool(difference < 0):
            raise ArithmeticError("the sign of the gap and its 50 digits disagree")
        misread = simplify(exp(claimed) - exp(logistic_loss(proved))) == 0
        margin = Symbol("margin", real=True)
        falls = bool(logistic_loss(margin).diff(margin).is_negative)
        reason = f"by algebra: the proof reaches {float(proved):.5f}, which does "
        reason += f"{'not ' if weaker else ''}imply the {float(claimed):.5f} of the theorem"
        if misread:
            reason += f"; {float(claimed):.5f} is exactly the logistic loss of a margin of "
            reason += f"{float(proved):.5f}: a loss was read as a margin"
        if misread and falls:
            reason += ", and then in the wrong direction, because a margin of at least "
            reason += f"{float(proved):.5f} gives a loss of at most {float(claimed):.5f}"
        return claim.verdict(
            study,
            Status.VIOLATED if weaker else Status.HOLDS,
            reason,
            statistic=float(difference),
            statistic_name="loss the proof reaches minus loss the theorem uses",
            relation=">=",
            threshold=0.0,
            tightness=float(difference),
            evidence={
                "proved": str(proved),
                "claimed": str(claimed),
                "gap_has_the_sign_of": str(proof_gap_sign()),
                "claimed_is_the_loss_of_proved_as_a_margin": misread,
                "loss_decreases_in_the_margin": falls,
            },
        )


CLAIMS = (
    Claim(
        id="H3",
        statement="When train_loss has reached epsilon, test_loss is still at least a constant",
        provenance=Provenance.RECONSTRUCTED,
        source="Theorem 4.3, phase 3",
        regimes=("harmful",),
        check=LossWhenFitted(),
        kinds=("stage",),
    ),
    Claim(
        id="H4",
        statement="From T1 to T2 the test_loss itself increases, not only its bound",
        provenance=Provenance.STATED,
        source="§4, after Theorem 4.3, noise learning stage",
        regimes=("harmful",),
        check=LossRises(),
        kinds=("stage",),
    ),
    Claim(
        id="H7",
        statement="The loss the proof reaches implies the loss that Theorem 4.3 uses",
        provenance=Provenance.SOURCE,
        seen=True,
        source="Theorem 4.3, phase 3, and the public review of its proof",
        regimes=("harmful",),
        check=ProvedLoss(),
        kinds=(),
    ),
)
