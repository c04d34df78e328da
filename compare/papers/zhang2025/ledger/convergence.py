"""B7, B8, H5 and H8: train_loss reaches epsilon by T3, and where test_error ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .....theory import Provenance
from ....cells import Role, Study, scope_of
from ....checks.deadline import Deadline
from ....checks.large_dimension import deep_levels, harm_of_loss_alone, limits
from ....checks.violation_rate import Outcome, ViolationRate
from ....claim import Claim
from ....thresholds import (
    FINAL_ERROR_CLOSE,
    LARGE_D_ERROR_AWAY,
    LARGE_D_MIN_DIMS,
    LARGE_D_MIN_RUNS,
)
from ....verdict import Status, Verdict
from ._predicted_harm import PredictedHarm


@dataclass(frozen=True)
class FinalError:
    """The excess (1-2p)·P(ŷf ≤ 0) of each held-out stage run at its last logged step.

    A run violates where it is above 0.01; runs that have not reached T3 are undecided.
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        outcomes = []
        for result in study.select(Role.HELD_OUT, "stage"):
            p = result.cell.problem.flip_prob
            excess = (1 - 2 * p) * np.exp(result.trajectory["log_failure_prob"][:, -1])
            converged = np.isfinite(result.events["T3"]) & result.ok
            outcomes.append(
                Outcome(result, np.where(converged, excess - FINAL_ERROR_CLOSE, np.nan))
            )
        return ViolationRate(outcomes, f"end more than {FINAL_ERROR_CLOSE} above p").decide(
            claim, study
        )


@dataclass(frozen=True)
class ErrorInLargeDimension:
    """At every level of N·SNR², test_error - p in the cell with the largest d against 0.1.

    HOLDS where the lower limit of the mean over runs is above 0.1 at every level, a failure where
    the upper limit is below 0.1 at a level. Levels whose largest d meets Assumption 4.1 decide by
    themselves where there are any. Said too: where test_loss is harmed (surely more than half-way
    from H(p) to log 2) and test_error is not.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the cells of kind ``deep``."""
        levels = deep_levels(study)
        able = [level for level in levels if level.decides]
        judged = [level for level in able if level.inside] or able
        ends = [limits(level.excess[-1]) for level in judged]
        lines = {f"{level.strength:g}": level.means(level.excess) for level in levels}
        evidence: dict[str, object] = {
            "mean_test_error_minus_p_by_level_and_d": lines,
            "mean_normalised_test_loss_by_level_and_d": {
                f"{level.strength:g}": level.means(level.loss) for level in levels
            },
            "how_sigma_V_scales": "a tenth of item 6's cap, which does not depend on d",
            "lower_limits_at_the_largest_d": [low for low, _ in ends],
            "upper_limits_at_the_largest_d": [high for _, high in ends],
        }
        if not judged:
            reason = f"no level of N·SNR² has {LARGE_D_MIN_DIMS} dimensions with "
            reason += f"{LARGE_D_MIN_RUNS} trained runs"
            return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
        least, most = min(low for low, _ in ends), min(high for _, high in ends)
        status = Status.INCONCLUSIVE
        if most < LARGE_D_ERROR_AWAY:
            status = Status.VIOLATED
        elif least > LARGE_D_ERROR_AWAY:
            status = Status.HOLDS
        text = "; ".join(
            f"N·SNR² = {level}: "
            + ", ".join("?" if x is None else f"{x:.2g}" for x in line.values())
            for level, line in lines.items()
        )
        dims = ", ".join(next(iter(lines.values())))
        told = harm_of_loss_alone(judged)
        return claim.verdict(
            study,
            status,
            f"test_error - p at d = {dims} is {text}" + (f"; {told}" if told else ""),
            scope=scope_of(result for level in judged for result in level.results),
            statistic=most if most < LARGE_D_ERROR_AWAY else least,
            statistic_name="limit of the mean of test_error - p at the largest d, least over "
            "levels",
            relation=">=",
            threshold=LARGE_D_ERROR_AWAY,
            evidence=evidence,
        )


CLAIMS = (
    Claim(
        id="B7",
        statement="train_loss reaches epsilon within c3 times 1/(eta·epsilon·mu²·w²) steps",
        provenance=Provenance.SOURCE,
        seen=True,
        source="Theorem 4.2, phase 3",
        regimes=("benign",),
        check=Deadline("T3", "paper"),
        kinds=("stage",),
        formulas=("B7", "T3 (paper)"),
    ),
    Claim(
        id="B8",
        statement="After convergence, test_error is within 0.01 of the flip probability p",
        provenance=Provenance.STATED,
        source="Theorem 4.2, phase 3",
        regimes=("benign",),
        check=FinalError(),
        kinds=("stage",),
        label_draw=True,
    ),
    Claim(
        id="H5",
        statement="train_loss reaches epsilon within c3 times N/(eta·epsilon·sigma_p²·d·w²) steps",
        provenance=Provenance.SOURCE,
        seen=True,
        source="Theorem 4.3, phase 3",
        regimes=("harmful",),
        check=Deadline("T3", "paper"),
        kinds=("stage",),
        formulas=("H5", "T3 (paper)"),
    ),
    Claim(
        id="H8",
        statement="In the harmful regime test_error stays above p by a constant as d grows at "
        "fixed N·SNR²",
        provenance=Provenance.RECONSTRUCTED,
        source="Theorem 4.3, read for test_error",
        regimes=("harmful",),
        check=ErrorInLargeDimension(),
        kinds=("deep",),
        beside=PredictedHarm(),
    ),
)
