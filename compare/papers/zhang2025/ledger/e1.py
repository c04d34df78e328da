"""E1: the loss curves show three stages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .....theory import Provenance
from ....cells import CellResult, Study, scope_of, strength
from ....checks.monotone_trend import failure_status
from ....claim import ByFunction, Claim
from ....statistics.resampling import RESAMPLES, limits
from ....verdict import Status, Verdict

Array = NDArray[np.float64]

#: Length of the slow stretch on either side over that of the fast one. A straight line has 1/8 on
#: both sides, an exponential decay without a first stage 1/20 before.
VISIBLE = 0.25
#: One-sided miss of all limits together.
MISS = 0.05
#: Shares of the total fall between which the curve counts as falling fast.
_EARLY, _LATE = 0.1, 0.9
MIN_RUNS = 4


def stretches(steps: Array, curves: Array) -> tuple[Array, Array]:
    """Lengths before and after the fast stretch over its own length, (K,) each.

    The fast stretch runs from the first step at which a tenth of the fall from start to end is
    done to the first at which nine tenths are. NaN for curves that do not fall.

    Example:
        >>> line = np.linspace(1.0, 0.0, 101)[None, :]
        >>> [one.round(3).tolist() for one in stretches(np.arange(101.0), line)]
        [[0.125], [0.125]]
    """
    fall = curves[:, :1] - curves[:, -1:]
    with np.errstate(invalid="ignore", divide="ignore"):
        done = (curves[:, :1] - curves) / fall
    before, after = np.full(len(curves), np.nan), np.full(len(curves), np.nan)
    for row in np.flatnonzero(fall[:, 0] > 0):
        begin, end = (_first(steps, done[row], share) for share in (_EARLY, _LATE))
        before[row] = (begin - steps[0]) / (end - begin)
        after[row] = (steps[-1] - end) / (end - begin)
    return before, after


def _first(steps: Array, done: Array, share: float) -> float:
    at = int((done >= share).argmax())
    part = (share - done[at - 1]) / (done[at] - done[at - 1])
    return float(steps[at - 1] + part * (steps[at] - steps[at - 1]))


def _curves(study: Study) -> list[tuple[str, CellResult, str]]:
    """Both losses where the signal wins; where noise does, test_loss has no fall to show."""
    found = []
    for result in study.select(kind="fig1"):
        benign = strength(result.cell.problem) >= 1
        names = ("train_loss", "test_loss") if benign else ("train_loss",)
        found += [(f"{result.cell.name}, {name}", result, name) for name in names]
    return found


def _decide(claim: Claim, study: Study) -> Verdict:
    """Each mean loss curve is slow, then fast, then slow, on the linear axis of steps.

    On a log axis any decay begins flat. Train_loss in all cells of Fig. 1, test_loss in those with
    N·SNR² of 1 or more. The fast stretch is where 10 to
    90% of the fall happens; the stretch before and that after it must each last a quarter of it.
    HOLDS where the lower limit over resampled runs does so for every curve, a failure where an
    upper one does not; 5% shared among the curves.
    """
    curves = _curves(study)
    rng = np.random.default_rng(0)
    lines: dict[str, object] = {}
    lows, highs, used = [], [], []
    for name, result, quantity in curves:
        runs = result.trajectory[quantity][result.ok]
        if len(runs) < MIN_RUNS:
            continue
        steps = result.trajectory.steps.astype(float)
        picks = rng.integers(len(runs), size=(RESAMPLES, len(runs)))
        drawn = stretches(steps, runs[picks].mean(axis=1))
        shorter = np.minimum(*drawn)
        low, high = limits(shorter, MISS / len(curves))
        before, after = (float(one[0]) for one in stretches(steps, runs.mean(axis=0)[None, :]))
        lines[name] = {"before": before, "after": after, "shorter_low": low, "shorter_high": high}
        lows.append(low)
        highs.append(high)
        used.append(result)
    evidence = {"stretch_over_fast_stretch": lines, "visible_from": VISIBLE}
    if len(used) < len(curves) or not curves:
        reason = f"{len(used)} of {len(curves)} curves have {MIN_RUNS} runs; more would decide it"
        return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
    status = Status.INCONCLUSIVE
    if min(highs) < VISIBLE:
        status = failure_status(claim, used)
    elif min(lows) >= VISIBLE:
        status = Status.HOLDS
    worst = curves[int(np.argmin(lows))][0]
    visible = sum(low >= VISIBLE for low in lows)
    return claim.verdict(
        study,
        status,
        f"{visible} of {len(curves)} mean loss curves are slow, then fast, then slow; the least "
        f"clear is {worst}",
        scope=scope_of(used),
        statistic=min(highs) if status is Status.VIOLATED else min(lows),
        statistic_name="shorter slow stretch over the fast one, limit of the least clear curve",
        relation=">=",
        threshold=VISIBLE,
        worst_cell=worst.split(",")[0],
        evidence=evidence,
    )


CLAIM = Claim(
    id="E1",
    statement="The loss curves show three stages: slow, a quick fall, and steady",
    provenance=Provenance.STATED,
    source="§6.1, Fig. 1ab",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig1",),
)
