"""E1: the sentence on three stages of the loss curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .....theory import Provenance
from ....cells import CellResult, Study, scope_of, strength
from ....checks.chosen_settings import stands_at
from ....claim import Claim
from ....statistics.curves import stretches
from ....statistics.resampling import limits
from ....thresholds import (
    FAST_STRETCH_EARLY,
    FAST_STRETCH_LATE,
    LOSS_CURVES_MIN_RUNS,
    LOSS_CURVES_MISS,
    RUN_RESAMPLES,
    SIGNAL_WINS_FROM,
    STAGE_VISIBLE,
)
from ....verdict import Status, Verdict


@dataclass(frozen=True)
class ThreeStages:
    """Each mean loss curve is slow, then fast, then slow, on the linear axis of steps.

    On a log axis any decay begins flat. The curves are train_loss in all cells of Fig. 1, and
    test_loss in the cells with N·SNR² of 1 or more. The fast stretch is where 10 to 90% of the
    fall happens; the stretch before and the stretch after it must each last a quarter of it. HOLDS
    where the lower limit over resampled runs does so for every curve, a failure where an upper
    limit does not; 5% shared among the curves.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """Judge every curve of Fig. 1."""
        curves = _curves(study)
        rng = np.random.default_rng(0)
        lines: dict[str, object] = {}
        lows, highs, used = [], [], []
        for name, result, quantity in curves:
            runs = result.trajectory[quantity][result.ok]
            if len(runs) < LOSS_CURVES_MIN_RUNS:
                continue
            steps = result.trajectory.steps.astype(float)
            picks = rng.integers(len(runs), size=(RUN_RESAMPLES, len(runs)))
            drawn = stretches(
                steps, runs[picks].mean(axis=1), FAST_STRETCH_EARLY, FAST_STRETCH_LATE
            )
            low, high = limits(np.minimum(*drawn), LOSS_CURVES_MISS / len(curves))
            measured = stretches(
                steps, runs.mean(axis=0)[None, :], FAST_STRETCH_EARLY, FAST_STRETCH_LATE
            )
            before, after = (float(length[0]) for length in measured)
            lines[name] = {
                "before": before, "after": after, "shorter_low": low, "shorter_high": high,
            }  # fmt: skip
            lows.append(low)
            highs.append(high)
            used.append(result)
        evidence = {"stretch_over_fast_stretch": lines, "visible_from": STAGE_VISIBLE}
        if len(used) < len(curves) or not curves:
            reason = (
                f"{len(used)} of {len(curves)} curves have {LOSS_CURVES_MIN_RUNS} runs; more would "
            )
            reason += "decide it"
            return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
        status = Status.INCONCLUSIVE
        if min(highs) < STAGE_VISIBLE:
            status = Status.VIOLATED
        elif min(lows) >= STAGE_VISIBLE:
            status = Status.HOLDS
        worst = curves[int(np.argmin(lows))][0]
        visible = sum(low >= STAGE_VISIBLE for low in lows)
        return claim.verdict(
            study,
            status,
            f"{visible} of {len(curves)} mean loss curves are slow, then fast, then slow; the "
            f"least clear is {worst}; the axis of steps is linear, which the text does not say; "
            + stands_at(("rate", "d", "N", "mu", "steps"), used),
            scope=scope_of(used),
            statistic=min(highs) if status is Status.VIOLATED else min(lows),
            statistic_name="shorter slow stretch over the fast one, limit of the least clear curve",
            relation=">=",
            threshold=STAGE_VISIBLE,
            worst_cell=worst.split(",")[0],
            evidence=evidence,
        )


def _curves(study: Study) -> list[tuple[str, CellResult, str]]:
    """Both losses where the signal wins; where the noise wins, test_loss has no fall to show."""
    curves = []
    for result in study.select(kind="fig1"):
        benign = strength(result.cell.problem) >= SIGNAL_WINS_FROM
        names = ("train_loss", "test_loss") if benign else ("train_loss",)
        curves += [(f"{result.cell.name}, {name}", result, name) for name in names]
    return curves


CLAIMS = (
    Claim(
        id="E1",
        statement="The loss curves show three stages: slow, a quick fall, and steady",
        provenance=Provenance.STATED,
        source="§6.1, Fig. 1ab",
        regimes=("benign",),
        check=ThreeStages(),
        experiments=("fig1",),
    ),
)
