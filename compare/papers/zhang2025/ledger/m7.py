"""M7: the early slope of V± follows from the realised counts of kept and flipped labels."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from .....theory import Provenance
from .....theory.lemmas.early_phase import CLASS_GROWTH, with_trained_output
from ....cells import CellResult, Role, Study
from ....checks.violation_rate import Outcome, decide_fraction
from ....claim import ByFunction, Claim
from ....verdict import Verdict

Array = NDArray[np.float64]

#: Early: from step 0 as long as mean attention and mean residual stay this close to 1/2.
NEAR = 0.02
#: Logged steps needed in that time.
MIN_POINTS = 5
#: Relative error of the slope allowed; `NEAR` alone can make 8%.
TOLERANCE = 0.1


def early_slopes(result: CellResult) -> Array:
    """(R, 2) least-squares slopes of V₊ and -V₋ per step; NaN where the early time is too short."""
    trajectory = result.trajectory
    near = np.abs(trajectory["attention_clean"] - 0.5) <= NEAR
    near &= np.abs(trajectory["residual_all"] - 0.5) <= NEAR
    slopes = np.full((len(near), 2), np.nan)
    for run, early in enumerate(np.logical_and.accumulate(near, axis=1)):
        t = trajectory.steps[early].astype(float)
        if t.size >= MIN_POINTS:
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


def _decide(claim: Claim, study: Study) -> Verdict:
    """Slope over one sample's growth against kept minus flipped labels, for V₊ and -V₋.

    A run violates where either is off by more than 10% (of one sample's growth where the counts
    cancel); a run that leaves the early phase within 5 logged steps is undecided.
    """
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
        margin = off.max(axis=1) - TOLERANCE  # NaN where there is no slope
        outcomes.append(Outcome(result, np.where(result.ok, margin, np.nan)))
        ratio = (slopes / np.where(kept_over_flipped == 0, np.nan, kept_over_flipped)).ravel()
        ratio = ratio[np.isfinite(ratio)]
        if ratio.size:
            medians[result.cell.name] = float(np.median(ratio))
    what = f"have an early slope of V± more than {TOLERANCE:.0%} off the counts' prediction"
    verdict = decide_fraction(claim, study, outcomes, what)
    evidence = {**verdict.evidence, "median_slope_over_prediction": medians}
    return dataclasses.replace(verdict, evidence=evidence)


CLAIM = Claim(
    id="M7",
    statement="Early, V± grow by ±(kept - flipped labels of the class)/N·eta·mu²·w²/4 a step",
    provenance=Provenance.DERIVED,
    source="Lemma 5.3 at uniform attention",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("stage",),
    formulas=("class_growth",),
)
