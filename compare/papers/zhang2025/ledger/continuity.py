"""I5, B9 and B10: neighbouring stage bounds meet, and what this says of C3 and of T1."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from .....theory import Provenance, prob_at_first_event
from .....theory.lemmas.identities import continuity_identities
from .....theory.regime import EVENTS
from ....cells import Role, Study
from ....checks.violation_rate import Outcome, ViolationRate
from ....claim import Claim
from ....fitting.bounds import log_excess_error
from ....fitting.event_values import at_event
from ....thresholds import MUCH_SMALLER_RATIO, SIMILAR_EXCESS_FACTOR
from ....verdict import Status, Verdict


@dataclass(frozen=True)
class Meetings:
    """By SymPy: with the relations among the constants, both sides are equal at T1 and at T2."""

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict by algebra."""
        identities = continuity_identities(study.theorem)
        if not identities:
            return claim.verdict(study, Status.INCONCLUSIVE, "the theorem relates no constants")
        holds = {identity.name: identity.holds() for identity in identities}
        failing = [name for name, closes in holds.items() if not closes]
        relations = {
            str(constant): str(expr) for constant, expr in study.theorem.continuity.items()
        }
        return claim.verdict(
            study,
            Status.VIOLATED if failing else Status.HOLDS,
            f"{len(identities) - len(failing)} of {len(identities)} meetings of neighbouring "
            "bounds close, with "
            + ", ".join(f"{constant} = {expr}" for constant, expr in relations.items()),
            statistic=float(len(failing)),
            statistic_name="meetings of neighbouring stage bounds that do not close",
            threshold=0.0,
            evidence={"closes": holds, "relations": relations},
        )


def _tension(study: Study) -> dict[str, object]:
    """With the paper's T2, which L divides, the exponent k2·eta·mu²·w²·T2 vanishes as L grows."""
    law = study.theorem.time("T2", "paper")
    name = f"c2 of {law.name}"
    if name not in study.constants or "k2" not in study.constants:
        return {}
    exponents = []
    for result in study.select(Role.HELD_OUT, "stage"):
        values = {**result.values, "c2": study.constants[name].value}
        needed = {str(symbol) for symbol in law.expr.free_symbols}
        steps = law.numeric(**{name: x for name, x in values.items() if name in needed})
        rate = study.constants["k2"].value * values["eta"] * values["mu"] ** 2 * values["w"] ** 2
        exponents.append(float(rate * steps))
    return {
        "tension": "with the paper's T2, C3/C2 tends to 1 as L = log(6N²M²/delta) grows",
        "C3_over_C2_with_the_paper_s_T2": [
            float(np.exp(-max(exponents))), float(np.exp(-min(exponents))),
        ],
    }  # fmt: skip


@dataclass(frozen=True)
class ExcessFalls:
    """A run violates where its excess at T2 is more than a tenth of its excess at T1.

    The excess is (1 - 2p)·P(ŷf ≤ 0) in log space, measured: C2 cannot be less than at T1, nor C3
    than at T2, and no fitted constant is asked. A run that does not reach T2 after T1 is undecided.
    Tightness is the median fall, in nats.
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        outcomes, medians, falls = [], {}, []
        for result in study.select(Role.HELD_OUT, "stage"):
            excess = log_excess_error(result)
            fall = at_event(result, excess, "T1") - at_event(result, excess, "T2")
            usable = result.ok & (result.events["T2"] > result.events["T1"]) & np.isfinite(fall)
            margin = -np.log(MUCH_SMALLER_RATIO) - fall
            outcomes.append(Outcome(result, np.where(usable, margin, np.nan)))
            if usable.any():
                medians[result.cell.name] = -float(np.median(fall[usable]))
                falls.append(fall[usable])
        pooled = np.concatenate(falls) if falls else np.empty(0)
        tightness = float(np.median(pooled)) if pooled.size else None
        what = f"have an excess at T2 above {MUCH_SMALLER_RATIO:g} times that at T1"
        verdict = ViolationRate(outcomes, what, tightness).decide(claim, study)
        said = f"; it falls by e^-{pooled.min():.0f} at the least" if pooled.size else ""
        return dataclasses.replace(
            verdict,
            reason=verdict.reason + said,
            evidence={
                **verdict.evidence, "median_log_of_excess_T2_over_T1": medians, **_tension(study),
            },
        )  # fmt: skip


@dataclass(frozen=True)
class DefinitionOfFirstEvent:
    """By algebra, no data: what the definition of T1 says of the excess there.

    T1 is the first step at which the smaller of V₊ and -V₋ is sigma_p·|W_V w_O|, so that
    P(ŷf ≤ 0), at uniform attention, lies between Φ(-1)/2 and Φ(-1), and the start's 1/2 is at most
    a factor of 10 above. The bounds of stages 1 and 2 must meet at T1. Of another definition of T1
    nothing is said.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict by algebra."""
        identities = continuity_identities(study.theorem)
        meeting = [each for each in identities if each.name.endswith("at T1")]
        closes = bool(meeting) and all(each.holds() for each in meeting)
        defined = [event.margins for event in study.theorem.events if event.name == "T1"]
        if defined != [event.margins for event in EVENTS["benign"] if event.name == "T1"]:
            reason = "T1 is defined otherwise than by V and sigma_p·|W_V w_O|"
            return claim.verdict(study, Status.INCONCLUSIVE, reason)
        low, high = (float(end) for end in prob_at_first_event())
        factor = 0.5 / low
        similar = closes and factor <= SIMILAR_EXCESS_FACTOR
        met = "meet" if closes else "do not meet"
        return claim.verdict(
            study,
            Status.HOLDS if similar else Status.VIOLATED,
            f"by the definition of T1, P lies between {low:.4f} and {high:.4f} there, against 1/2 "
            f"at the start; the bounds of stages 1 and 2 {met} at T1",
            statistic=factor,
            statistic_name="largest factor between P at the start and P at T1",
            threshold=SIMILAR_EXCESS_FACTOR,
            evidence={"closes": closes, "P_at_T1": [low, high]},
        )


CLAIMS = (
    Claim(
        id="I5",
        statement="The stage bounds meet at T1 and T2 under the relations among C1, C2 and C3",
        provenance=Provenance.RECONSTRUCTED,
        source="Lemma B.3",
        regimes=("benign",),
        check=Meetings(),
        kinds=(),
        formulas=("B1 = B2 at T1", "B2 = B3 at T2"),
    ),
    Claim(
        id="B9",
        statement="The stage-3 constant C3 is much smaller than C2: at T2 the excess is at most a "
        "tenth of that at T1",
        provenance=Provenance.RECONSTRUCTED,
        source="§4, after Theorem 4.2",
        regimes=("benign",),
        check=ExcessFalls(),
        kinds=("stage",),
        formulas=("B2 = B3 at T2",),
    ),
    Claim(
        id="B10",
        statement="At T1 the bounds of stages 1 and 2 meet, and the excess is like the start's by "
        "the definition of T1",
        provenance=Provenance.DERIVED,
        source="definition of T1; of §4, after Theorem 4.2, it is not a test",
        regimes=("benign",),
        check=DefinitionOfFirstEvent(),
        kinds=(),
        formulas=("B1 = B2 at T1",),
    ),
)
