"""R6 and R7: what flipped labels do to test_loss, and when the loss tells them apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .....theory import Provenance
from ....cells import CellResult, Role, Study
from ....checks.violation_rate import Outcome, ViolationRate
from ....claim import Claim
from ....thresholds import LEAST_LOSS_BAND
from ....verdict import Verdict
from ..designs._margin_cells import margin_cells

Array = NDArray[np.float64]


def test_margins(result: CellResult) -> Array:
    """(R, T) median of yhat f over fresh samples of both classes, from what is logged.

    A fresh token's V' is symmetric about 0 and small against V± once the signal is learned, so the
    median is attention on the signal times the mean of V₊ and -V₋.
    """
    trajectory = result.trajectory
    return trajectory["attention_test"] * (trajectory["v_plus"] - trajectory["v_minus"]) / 2


def margin_at_least_loss(result: CellResult) -> tuple[Array, NDArray[np.bool_]]:
    """(R,) median test margin over log((1-p)/p) at the least logged test_loss, and whether it rose.

    NaN where a run diverged.
    """
    p = result.cell.problem.flip_prob
    loss = result.trajectory["test_loss"]
    ratio = np.full(len(loss), np.nan)
    rose = np.zeros(len(loss), dtype=bool)
    margins = test_margins(result) / np.log((1 - p) / p)
    for run in np.flatnonzero(result.ok & ~np.isnan(loss).any(axis=1)):
        at = int(loss[run].argmin())
        ratio[run], rose[run] = margins[run, at], loss[run, -1] > loss[run, at]
    return ratio, rose


def _classes_alike(result: CellResult) -> NDArray[np.bool_]:
    """(R,) runs whose classes' kept minus flipped labels, their speeds, differ by at most 2x."""
    trajectory = result.trained
    negative = result.cell.problem.n_samples - trajectory.positive
    surplus = np.stack(
        [
            trajectory.positive - 2 * trajectory.flipped_positive,
            negative - 2 * trajectory.flipped_negative,
        ]
    )
    return np.asarray((surplus > 0).all(axis=0) & (surplus.max(axis=0) <= 2 * surplus.min(axis=0)))


@dataclass(frozen=True)
class EarlyStopping:
    """Median test margin over log((1-p)/p) at each run's least logged test_loss.

    A run violates where that is outside [0.8, 1.25]. A run whose test_loss is least at the last
    step is undecided, unless the margin there is beyond 1.25 already. How many runs violate whose
    classes are learned at like speeds is said beside it.
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on held-out cells with flips."""
        low, high = LEAST_LOSS_BAND
        outcomes, medians = [], {}
        alike: list[float] = []
        for result in study.select(Role.HELD_OUT):
            if result.cell.problem.flip_prob == 0:
                continue
            ratio, rose = margin_at_least_loss(result)
            beyond = np.maximum(ratio / high, low / np.maximum(ratio, 1e-9)) - 1
            margin = np.where(rose | (ratio > high), beyond, np.nan)
            outcomes.append(Outcome(result, margin))
            alike.extend(margin[_classes_alike(result)].tolist())
            if rose.any():
                medians[result.cell.name] = float(np.median(ratio[rose]))
        what = f"have the least test_loss at a margin outside [{low:g}, {high:g}] of log((1-p)/p)"
        verdict = ViolationRate(outcomes, what).decide(claim, study)
        reason = verdict.reason
        if medians:
            reason += f"; the margin is {min(medians.values()):.2f} to {max(medians.values()):.2f} "
            reason += "of it in the medians of cells"
        violating = sum(margin > 0 for margin in alike)
        if verdict.evidence and len(alike):
            reason += f"; of the {len(alike)} runs whose classes have kept labels to spare in like "
            reason += f"numbers, up to 2x, {violating} do"
        evidence = {
            **verdict.evidence,
            "median_margin_over_log_odds": medians,
            "runs_with_classes_alike": len(alike),
            "of_these_violating": violating,
        }
        return replace(verdict, reason=reason, evidence=evidence)


def told_apart(result: CellResult) -> NDArray[np.bool_]:
    """(R, T) whether every clean sample has a loss below log 2 and every flipped one above.

    A sample's loss is below log 2 where its label is fitted.
    """
    trajectory = result.trained
    flipped = (trajectory.flipped_positive + trajectory.flipped_negative)[:, None]
    fitted = np.rint(trajectory["fitted"] * result.cell.problem.n_samples)
    of_flipped = np.where(flipped > 0, np.rint(trajectory["fitted_flipped"] * flipped), 0)
    clean = result.cell.problem.n_samples - flipped
    return np.asarray((fitted - of_flipped == clean) & (of_flipped == 0))


#: Kinds of cells that are trained through all stages and logged there.
KINDS = ("stage", "powers")


@dataclass(frozen=True)
class LossTellsFlips:
    """At a logged step from T1 to T3 the loss of just the clean training samples is below log 2.

    A run violates where there is no such step. It is undecided where T1 is not reached, or where
    the run ends before T3 without such a step. Runs without flipped samples are set aside.
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells and cells for powers with flips."""
        outcomes, windows = [], {}
        for result in study.select(Role.HELD_OUT):
            if result.cell.kind not in KINDS:
                continue
            trajectory = result.trained
            none = trajectory.flipped_positive + trajectory.flipped_negative == 0
            if none.all():
                continue
            steps = trajectory.steps[None, :]
            start, end = result.events["T1"][:, None], result.events["T3"][:, None]
            between = (steps >= start) & ~(steps > end)
            apart = told_apart(result) & between
            seen = apart.any(axis=1)
            known = result.ok & np.isfinite(start[:, 0]) & (seen | np.isfinite(end[:, 0]))
            margin = np.where(known, np.where(seen, -1.0, 1.0), np.nan)
            outcomes.append(Outcome(result, np.where(none & result.ok, -1.0, margin), none))
            windows[result.cell.name] = _window(result, apart[~none])
        what = "have no step at which the loss log 2 tells clean from flipped samples"
        verdict = ViolationRate(outcomes, what).decide(claim, study)
        evidence = {**verdict.evidence, "median_window_over_T2": windows}
        return replace(verdict, evidence=evidence)


def _window(result: CellResult, apart: NDArray[np.bool_]) -> list[float] | None:
    """Median first and last step at which runs tell flips apart, over the cell's median T2."""
    steps = result.trajectory.steps.astype(float)
    found = apart[apart.any(axis=1)]
    t2 = result.events["T2"][np.isfinite(result.events["T2"])]
    if not len(found) or not t2.size:
        return None
    first = steps[found.argmax(axis=1)]
    last = steps[found.shape[1] - 1 - found[:, ::-1].argmax(axis=1)]
    return [float(np.median(first) / np.median(t2)), float(np.median(last) / np.median(t2))]


CLAIMS = (
    Claim(
        id="R6",
        statement="test_loss is least when the median test margin is log((1-p)/p)",
        provenance=Provenance.DERIVED,
        source="eq. (3): a fresh sample's expected loss is least at that margin",
        regimes=("benign",),
        check=EarlyStopping(),
        own_cells={"benign": margin_cells()},
    ),
    Claim(
        id="R7",
        statement="Between T1 and T3 the loss log 2 tells clean training samples from flipped ones",
        provenance=Provenance.SOURCE,
        seen=True,
        source="Han 2025 (arXiv 2505.18909), on another model",
        regimes=("benign",),
        check=LossTellsFlips(),
        kinds=KINDS,
    ),
)
