"""M5 to M9: the memories V± of the signals and V_n of the training noise."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .....theory import Provenance
from .....theory.lemmas.early_phase import CLASS_GROWTH, with_trained_output
from .....theory.lemmas.late_phase import LATE_SLOPE
from ....cells import CellResult, Role, Study
from ....checks.band import Band, Sample
from ....checks.beside_limit import BesideLimit, slope_later
from ....checks.dominance import Dominance
from ....checks.violation_rate import Outcome, ViolationRate
from ....claim import Claim
from ....thresholds import (
    ATTENTION_MOVE,
    EARLY_PHASE_NEAR_HALF,
    EARLY_SLOPE_MIN_POINTS,
    EARLY_SLOPE_TOLERANCE,
    LATE_PHASE_FROM,
    LATE_SLOPE_BAND,
    NOISE_MEMORY_GROWTH,
)
from ....verdict import Verdict

Array = NDArray[np.float64]


def early_slopes(result: CellResult) -> Array:
    """(R, 2) least-squares slopes of V₊ and -V₋ per step; NaN where the early time is too short."""
    trajectory = result.trajectory
    near = np.abs(trajectory["attention_clean"] - 0.5) <= EARLY_PHASE_NEAR_HALF
    near &= np.abs(trajectory["residual_all"] - 0.5) <= EARLY_PHASE_NEAR_HALF
    slopes = np.full((len(near), 2), np.nan)
    for run, early in enumerate(np.logical_and.accumulate(near, axis=1)):
        t = trajectory.steps[early].astype(float)
        if t.size >= EARLY_SLOPE_MIN_POINTS:
            t -= t.mean()
            for side, (name, sign) in enumerate((("v_plus", 1.0), ("v_minus", -1.0))):
                slopes[run, side] = sign * (t @ trajectory[name][run, early]) / (t @ t)
    return slopes


def per_sample(result: CellResult) -> float:
    """Growth of V₊ per step that one more kept label of its class brings (DERIVED)."""
    law = CLASS_GROWTH
    if result.cell.problem.train_output:
        law = with_trained_output(law)
    given = {"clean": 1.0, "flipped": 0.0, **result.values}
    needed = {str(symbol) for symbol in law.expr.free_symbols}
    return float(law.numeric(**{name: x for name, x in given.items() if name in needed}))


@dataclass(frozen=True)
class EarlySlope:
    """Slopes of V₊ and -V₋ over a sample's growth, against kept minus flipped labels of the class.

    A run violates where either is off by more than 10% (of a sample's growth where the counts
    cancel). A run that leaves the early phase within 5 logged steps is undecided.
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        outcomes, medians = [], {}
        for result in study.select(Role.HELD_OUT, "stage"):
            trajectory = result.trained
            negative = result.cell.problem.n_samples - trajectory.positive
            kept_over_flipped = np.stack(
                [
                    trajectory.positive - 2 * trajectory.flipped_positive,
                    negative - 2 * trajectory.flipped_negative,
                ],
                axis=1,
            )
            slopes = early_slopes(result) / per_sample(result)
            scale = np.maximum(np.abs(kept_over_flipped), 1)
            off = np.abs(slopes - kept_over_flipped) / scale
            margin = off.max(axis=1) - EARLY_SLOPE_TOLERANCE  # NaN where there is no slope
            outcomes.append(Outcome(result, np.where(result.ok, margin, np.nan)))
            ratio = (slopes / np.where(kept_over_flipped == 0, np.nan, kept_over_flipped)).ravel()
            ratio = ratio[np.isfinite(ratio)]
            if ratio.size:
                medians[result.cell.name] = float(np.median(ratio))
        what = f"have an early slope of V± more than {EARLY_SLOPE_TOLERANCE:.0%} off the "
        what += "counts' prediction"
        verdict = ViolationRate(outcomes, what).decide(claim, study)
        evidence = {**verdict.evidence, "median_slope_over_prediction": medians}
        return dataclasses.replace(verdict, evidence=evidence)


def slope_times_attention(result: CellResult) -> Array:
    """(R,) slope of |V±| in log t over the law's, in the half of the late time further off 1.

    Each half of the late time (in log t) gives one slope, so that a curve that bends fails.
    Mean of V₊ and -V₋; the attention is the clean training samples' mean over that half.
    """
    trajectory = result.trajectory
    memory = (trajectory["v_plus"] - trajectory["v_minus"]) / 2
    out = np.full(len(memory), np.nan)
    last = float(trajectory.steps[-1])
    for run in np.flatnonzero(result.ok & (result.events["T2"] * 2 * LATE_PHASE_FROM <= last)):
        first = max(LATE_PHASE_FROM * result.events["T2"][run], 1.0)
        edges = np.exp(np.linspace(np.log(first), np.log(last), 3))
        steps = trajectory.steps.astype(float)
        v = np.interp(edges, steps, memory[run])
        slopes = np.diff(v) / np.diff(np.log(edges))
        attention = np.interp(np.sqrt(edges[:-1] * edges[1:]), steps,
                              trajectory["attention_clean"][run])  # fmt: skip
        ratio = slopes / np.asarray(LATE_SLOPE.numeric(attention=attention))
        out[run] = ratio[np.abs(np.log(np.maximum(ratio, 1e-9))).argmax()]
    return out


@dataclass(frozen=True)
class LateSlope:
    """The slope of V₊ and -V₋ in log t times attention on the signal, from 3·T2 on.

    The half of that time that is further off 1 counts. Every cell's median must lie in
    [0.8, 1.25].
    """

    RULES = (Band,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        samples = [
            Sample(result, slope_times_attention(result))
            for result in study.select(Role.HELD_OUT, "stage")
        ]
        return Band(samples, LATE_SLOPE_BAND, "late slope of V± in log t times attention").decide(
            claim, study
        )


@dataclass(frozen=True)
class FittedThroughNoise:
    """At the end all flipped labels are fitted, their |V_n| grew, attention moved to the noise.

    A run violates if |V_n| did not double or attention on the signal did not fall by 0.05. It is
    undecided while a flipped label is not fitted and the train_loss is above log(2)/N, where a
    sample may not be fitted. Runs without flipped samples are set aside.
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells with flipped samples."""
        outcomes = []
        for result in study.select(Role.HELD_OUT, "stage"):
            trajectory = result.trained
            none = trajectory.flipped_positive + trajectory.flipped_negative == 0
            if none.all():
                continue
            memory = trajectory["v_noise_flipped"]
            attention = trajectory["attention_flipped"]
            margin = np.maximum(
                NOISE_MEMORY_GROWTH * memory[:, 0] - memory[:, -1],
                ATTENTION_MOVE - (attention[:, 0] - attention[:, -1]),
            )
            margin = np.maximum(margin, 1.0 - trajectory["fitted_flipped"][:, -1])
            fitted = trajectory["fitted_flipped"][:, -1] == 1
            whole = trajectory["train_loss"][:, -1] <= np.log(2) / result.cell.problem.n_samples
            margin = np.where(none, -1.0, np.where(result.ok & (fitted | whole), margin, np.nan))
            outcomes.append(Outcome(result, margin, none))
        what = "fit their flipped labels otherwise than through the noise"
        return ViolationRate(outcomes, what).decide(claim, study)


CLAIMS = (
    Claim(
        id="M5",
        statement="|V±| dominates |V_n| of clean samples at least 2 to 1",
        provenance=Provenance.STATED,
        source="§6.1, Fig. 1e",
        regimes=("benign",),
        check=Dominance(signal=True),
        kinds=("stage",),
        label_draw=True,
    ),
    Claim(
        id="M6",
        statement="|V_n| of clean samples dominates |V±| at least 2 to 1",
        provenance=Provenance.STATED,
        source="§6.1, Fig. 1f",
        regimes=("harmful",),
        check=Dominance(signal=False),
        kinds=("stage",),
    ),
    Claim(
        id="M7",
        statement="Early, V± grow by ±(kept - flipped labels of the class)/N·eta·mu²·w²/4 a step",
        provenance=Provenance.DERIVED,
        source="Lemma 5.3 at uniform attention",
        regimes=("benign",),
        check=EarlySlope(),
        kinds=("stage",),
        formulas=("class_growth",),
    ),
    Claim(
        id="M8",
        statement="Late, V± are linear in log t with slope 1/(attention on the signal)",
        provenance=Provenance.DERIVED,
        source="Lemma 5.3 at exponentially small residuals",
        regimes=("benign",),
        check=LateSlope(),
        kinds=("stage",),
        formulas=("late_slope",),
        beside=BesideLimit(slope_later),
    ),
    Claim(
        id="M9",
        statement="Flipped labels are fitted in the end, through V and attention of their noise "
        "token",
        provenance=Provenance.DERIVED,
        source="§5.3; late phase of Lemma 5.3",
        regimes=("benign",),
        check=FittedThroughNoise(),
        kinds=("stage",),
    ),
)
