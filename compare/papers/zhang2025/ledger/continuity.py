"""I5, B9 and B10: neighbouring stage bounds meet, and what this says of C3 and of T1."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from .....theory import Provenance, evaluate, log_term
from .....theory.lemmas.identities import continuity_identities
from ....cells import Role, Study, scope_of
from ....checks.event_values import at_event
from ....checks.violation_rate import Outcome, ViolationRate
from ....claim import Claim
from ....fitting.bounds import log_excess_error, run_values
from ....thresholds import MUCH_SMALLER_MIN_CELLS, MUCH_SMALLER_RATIO, SIMILAR_EXCESS_FACTOR
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
    """With T2 = c2/(eta·mu²·w²·L) the exponent is about k2·c2/L, which vanishes as L grows."""
    name = f"c2 of {study.theorem.time('T2', 'paper').name}"
    if name not in study.constants:
        return {}
    exponent_times_L = study.constants["k2"].value * study.constants[name].value
    known = [result.values for result in study.select(Role.HELD_OUT, "stage")]
    L = [float(evaluate(log_term, {n: values[n] for n in ("N", "delta")})) for values in known]
    return {
        "tension": "with the paper's T2, C3/C2 tends to 1 as L = log(6N²M²/delta) grows",
        "L_of_the_cells": [min(L), max(L)],
        "L_at_which_C3_over_C2_is_one_tenth": exponent_times_L / float(np.log(10)),
    }


@dataclass(frozen=True)
class RatioOfConstants:
    """C3/C2 by the continuity relation, with the rate and each cell's T1 and T2: at most 0.1.

    Judged at the widened rate, which the bounds B2 and B3 use. It fails only if it also fails at
    the fitted rate, so the slack alone never decides against it.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells that reach T2."""
        if "k2" not in study.constants:
            return claim.verdict(study, Status.INCONCLUSIVE, "k2 could not be fitted")
        ratios: dict[str, tuple[float, float]] = {}
        cells = []
        relation = {str(symbol): expr for symbol, expr in study.theorem.continuity.items()}["C3"]
        needed = {str(symbol) for symbol in relation.free_symbols}
        for result in study.select(Role.HELD_OUT, "stage"):
            by_rate = []
            for rate in (study.constants["k2"].widened, study.constants["k2"].value):
                values = {**run_values(result), "k2": rate, "C2": 1.0}
                given = {name: value for name, value in values.items() if name in needed}
                ratio = np.asarray(evaluate(relation, given), dtype=float).ravel()
                ratio = ratio[np.isfinite(ratio) & result.ok]
                by_rate.append(float(np.median(ratio)) if 2 * ratio.size > result.ok.size else None)
            if by_rate[0] is not None and by_rate[1] is not None:
                ratios[result.cell.name] = (by_rate[0], by_rate[1])
                cells.append(result)
        evidence: dict[str, object] = {
            "C3_over_C2": {name: widened for name, (widened, _) in ratios.items()},
            "C3_over_C2_at_the_fitted_rate": {name: fitted for name, (_, fitted) in ratios.items()},
            **_tension(study),
        }
        inside = [result for result in cells if result.inside]
        judged = inside if len(inside) >= MUCH_SMALLER_MIN_CELLS else cells
        if len(judged) < MUCH_SMALLER_MIN_CELLS:
            reason = f"T2 is reached in {len(judged)} held-out cells; "
            reason += f"{MUCH_SMALLER_MIN_CELLS} are needed"
            return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
        names = [result.cell.name for result in judged]
        worst = max(names, key=lambda name: ratios[name][0])
        status = Status.INCONCLUSIVE
        if ratios[worst][0] <= MUCH_SMALLER_RATIO:
            status = Status.HOLDS
        elif max(ratios[name][1] for name in names) > MUCH_SMALLER_RATIO:
            status = Status.VIOLATED if judged is inside else Status.OUT_OF_SCOPE
        least = min(ratios[name][0] for name in names)
        return claim.verdict(
            study,
            status,
            f"C3/C2 is {least:.2g} to {ratios[worst][0]:.2g} over {len(judged)} cells",
            scope=scope_of(judged),
            statistic=ratios[worst][0],
            statistic_name="largest cell median of C3/C2 = exp(-k2·eta·(T2-T1)·mu²·w²)",
            threshold=MUCH_SMALLER_RATIO,
            tightness=MUCH_SMALLER_RATIO / ratios[worst][0] if ratios[worst][0] else None,
            worst_cell=worst,
            evidence=evidence,
        )


@dataclass(frozen=True)
class ExcessAtFirstEvent:
    """The bounds meet at T1 (algebra), and each run's excess at T1 is like its excess at step 0.

    The excess is (1 - 2p)·P(ŷf ≤ 0) in log space. A run violates where its excess at T1 and that
    at step 0 differ by more than a factor of 10; runs that do not reach T1 are undecided.
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict by algebra and on the held-out stage cells."""
        identities = continuity_identities(study.theorem)
        meeting = [each for each in identities if each.name.endswith("at T1")]
        closes = bool(meeting) and all(each.holds() for each in meeting)
        if not closes:
            reason = "the bounds of stages 1 and 2 do not meet at T1"
            return claim.verdict(study, Status.VIOLATED, reason, evidence={"closes": closes})
        outcomes, medians = [], {}
        for result in study.select(Role.HELD_OUT, "stage"):
            excess = log_excess_error(result)
            change = at_event(result, excess, "T1") - excess[:, 0]
            usable = result.ok & ~np.isnan(change)
            margin = np.abs(change) - np.log(SIMILAR_EXCESS_FACTOR)
            outcomes.append(Outcome(result, np.where(usable, margin, np.nan)))
            if usable.any():
                medians[result.cell.name] = float(np.exp(np.median(change[usable])))
        what = f"have an excess at T1 more than {SIMILAR_EXCESS_FACTOR:g}x off that at the start"
        verdict = ViolationRate(outcomes, what).decide(claim, study)
        evidence = {"closes": closes, "median_of_excess_T1_over_start": medians, **verdict.evidence}
        return dataclasses.replace(verdict, evidence=evidence)


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
        statement="The stage-3 constant C3 is much smaller than C2 (at most a tenth)",
        provenance=Provenance.RECONSTRUCTED,
        source="§4, after Theorem 4.2",
        regimes=("benign",),
        check=RatioOfConstants(),
        kinds=("stage",),
        formulas=("B2 = B3 at T2",),
    ),
    Claim(
        id="B10",
        statement="At T1 the bounds of stages 1 and 2 meet, and the excess is still like the "
        "start's",
        provenance=Provenance.RECONSTRUCTED,
        source="§4, after Theorem 4.2, signal learning stage",
        regimes=("benign",),
        check=ExcessAtFirstEvent(),
        kinds=("stage",),
        formulas=("B1 = B2 at T1",),
    ),
)
