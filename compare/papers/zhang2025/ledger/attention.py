"""M1 to M4 and M10: attention starts at one half and moves to the signal or the noise."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from .....simulate import Problem
from .....theory import Provenance
from .....theory.lemmas.attention_growth import LOGIT_GAP
from ....cells import CellResult, Role, Study, scope_of
from ....checks.attention import AttentionMove
from ....checks.band import Band, Sample
from ....checks.beside_limit import BesideLimit, gap_early
from ....checks.violation_rate import Outcome, ViolationRate
from ....claim import Claim
from ....thresholds import (
    ATTENTION_NEAR_HALF,
    BAND_MIN_CELLS,
    FLIPS_FALSE_ALARM,
    FLIPS_MIN_PAIRS,
    FLIPS_MIN_RUNS,
    LOGIT_GAP_BAND,
)
from ....verdict import Status, Verdict
from ..designs._start_cells import start_cells

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StartsNearHalf:
    """Mean attention on the signal at step 0, over clean, flipped and fresh samples.

    A run violates where any of the three is more than 0.05 off one half. The mean over all runs,
    which a figure of averages shows, is said.
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        outcomes, means = [], []
        for result in study.select(Role.HELD_OUT, "stage"):
            start = np.column_stack(
                [
                    result.trajectory[name][:, 0]
                    for name in ("attention_clean", "attention_flipped", "attention_test")
                ]
            )
            away = np.fmax.reduce(np.abs(start - 0.5), axis=1)  # no flipped samples: NaN, left out
            outcomes.append(Outcome(result, away - ATTENTION_NEAR_HALF))
            means.append(start[:, 0])
        what = f"start with attention {ATTENTION_NEAR_HALF} or more off 1/2"
        verdict = ViolationRate(outcomes, what).decide(claim, study)
        if not means:
            return verdict
        mean = float(np.nanmean(np.concatenate(means)))
        reason = f"{verdict.reason}; over all runs the mean of clean samples is {mean:.2f}"
        return dataclasses.replace(verdict, reason=reason)


def flip_pairs(study: Study) -> list[tuple[CellResult, CellResult]]:
    """Held-out cells without flips, each with every cell that differs in p alone."""
    without: dict[Problem, CellResult] = {}
    matched = []
    cells = list(study.select(Role.HELD_OUT, "stage"))
    for result in cells:
        if result.cell.problem.flip_prob == 0:
            without[result.cell.problem] = result
    for result in cells:
        partner = without.get(result.cell.problem.replace(flip_prob=0.0))
        if partner is not None and partner is not result:
            matched.append((partner, result))
    return matched


def _rises(result: CellResult, step: float) -> Array:
    """Rise of clean training samples' attention from step 0 to ``step``, in runs that last."""
    steps = result.trajectory.steps.astype(float)
    attention = result.trajectory["attention_clean"][result.ok]
    return np.array([np.interp(step, steps, run) - run[0] for run in attention])


@dataclass(frozen=True)
class FlipsHoldBack:
    """Mann–Whitney counts summed over pairs, at the last step both cells of a pair share.

    U counts pairs of runs in which the run without flips moved further. Where flips make no
    difference its sum has mean Σnm/2 and variance Σnm(n+m+1)/12. Both directions are decided at 1%,
    one-sided.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on pairs of held-out stage cells."""
        surplus = variance = wins = total = 0.0
        lines, used = {}, []
        for without, flips in flip_pairs(study):
            step = float(min(without.trajectory.steps[-1], flips.trajectory.steps[-1]))
            first, second = _rises(without, step), _rises(flips, step)
            n, m = first.size, second.size
            name = f"{without.cell.name}, {flips.cell.name}"
            lines[name] = {
                "p": flips.cell.problem.flip_prob,
                "step": step,
                "median_rise_without": float(np.median(first)) if n else None,
                "median_rise_with": float(np.median(second)) if m else None,
            }
            if min(n, m) < FLIPS_MIN_RUNS:
                continue
            ahead = np.sign(first[:, None] - second[None, :])
            u = float((ahead + 1).sum() / 2)
            surplus += u - n * m / 2
            variance += n * m * (n + m + 1) / 12
            wins, total = wins + u, total + n * m
            used += [without, flips]
        evidence = {"pairs": lines, "false_alarm": FLIPS_FALSE_ALARM}
        if len(used) < 2 * FLIPS_MIN_PAIRS:
            reason = (
                f"{len(used) // 2} pairs of cells differ in p alone; {FLIPS_MIN_PAIRS} are needed"
            )
            return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
        score, limit = surplus / np.sqrt(variance), float(norm.isf(FLIPS_FALSE_ALARM))
        scope = scope_of(used)
        status = Status.INCONCLUSIVE
        if score >= limit:
            status = Status.HOLDS
        elif score <= -limit:
            status = Status.VIOLATED
        return claim.verdict(
            study,
            status,
            f"in {wins:.0f} of {total:.0f} comparisons over {len(used) // 2} pairs of cells the "
            "run without flips moved further",
            scope=scope,
            statistic=float(score),
            statistic_name="Mann–Whitney score of runs without flips moving further, over all "
            "pairs",
            relation=">=",
            threshold=limit,
            tightness=float(score) - limit,
            evidence=evidence,
        )


def _law_at_gap(result: CellResult) -> np.ndarray:
    needed = {str(symbol) for symbol in LOGIT_GAP.expr.free_symbols} - {"t"}
    given = {name: value for name, value in result.values.items() if name in needed}
    return np.asarray(LOGIT_GAP.numeric(t=result.events["T_gap"], **given))


@dataclass(frozen=True)
class LogitGapLaw:
    """The law Λ at each run's T_gap, the first step with a mean gap of 1, must be 1 up to 2x.

    The law is derived for the linear phase and a frozen w_O. Runs whose gap reaches 1 only after
    T2 say nothing about it; where fewer than four cells reach it before, the claim is
    OUT_OF_SCOPE.
    """

    RULES = (Band,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        cells = [
            result
            for result in study.select(Role.HELD_OUT, "stage")
            if not result.cell.problem.train_output
        ]
        samples, beyond = [], []
        for result in cells:
            linear = ~(result.events["T_gap"] > result.events["T2"])
            gap = _law_at_gap(result)
            samples.append(Sample(result, np.where(result.ok & linear, gap, np.nan)))
            if 2 * (~linear & result.ok).sum() > result.ok.size:
                beyond.append(result)
        if sum(sample.counts for sample in samples) < BAND_MIN_CELLS <= len(beyond):
            late = {each.cell.name: float(np.nanmedian(_law_at_gap(each))) for each in beyond}
            return claim.verdict(
                study,
                Status.OUT_OF_SCOPE,
                f"the gap reaches 1 after the linear phase in {len(beyond)} of {len(cells)} cells, "
                f"where the law reads {min(late.values()):.2f} to {max(late.values()):.2f}",
                scope=scope_of(beyond),
                evidence={
                    "valid": LOGIT_GAP.valid,
                    "band": list(LOGIT_GAP_BAND),
                    "law_after_T2": late,
                },
            )
        return Band(samples, LOGIT_GAP_BAND, "the law Λ at T_gap").decide(claim, study)


CLAIMS = (
    Claim(
        id="M1",
        statement="At initialisation, attention on the signal is near 1/2 (training and test "
        "tokens), with W_Q and W_K about as small as Assumption 4.1 asks",
        provenance=Provenance.STATED,
        source="§6.1 and Appendix D.1",
        regimes=("benign", "harmful"),
        check=StartsNearHalf(),
        kinds=("stage",),
    ),
    Claim(
        id="M1p",
        statement="At the paper's own scale, with PyTorch's default initialisation, attention on "
        "the signal starts near 1/2 in a run",
        provenance=Provenance.STATED,
        source="§6.1 and Appendix D.1",
        regimes=("benign",),
        check=StartsNearHalf(),
        own_cells={"benign": start_cells()},
    ),
    Claim(
        id="M2",
        statement="Clean training samples' attention moves to the signal",
        provenance=Provenance.STATED,
        source="§6.1, Fig. 1c",
        regimes=("benign",),
        check=AttentionMove("signal"),
        kinds=("stage",),
    ),
    Claim(
        id="M3",
        statement="With flipped labels, clean training samples' attention moves to the signal less",
        provenance=Provenance.STATED,
        source="§6.1, Fig. 1c",
        regimes=("benign",),
        check=FlipsHoldBack(),
        kinds=("stage",),
    ),
    Claim(
        id="M4",
        statement="Clean training samples' attention moves to the noise",
        provenance=Provenance.STATED,
        source="§6.1, Fig. 1d",
        regimes=("harmful",),
        check=AttentionMove("noise"),
        kinds=("stage",),
    ),
    Claim(
        id="M10",
        statement="The logit gap of clean samples' signal queries reaches 1 when the law Λ(t) does",
        provenance=Provenance.DERIVED,
        source="gradient of W_Q and W_K at attention 1/2",
        regimes=("benign",),
        check=LogitGapLaw(),
        kinds=("stage",),
        formulas=("logit_gap",),
        beside=BesideLimit(gap_early),
    ),
)
