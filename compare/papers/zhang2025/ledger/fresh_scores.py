"""R2, R4 and R5: what the proofs take the score of a fresh sample to be.

The score is ŷf over fresh samples, the weights given; g = ξᵀu, u = W_V w_O, is the memory of a
fresh noise token in it. Runs of the stage cells are taken again, and looked at sample by sample.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from .....theory import Provenance
from ....cells import CellResult, Role, Study, scope_of
from ....checks.model_forms import fresh_outputs
from ....checks.reruns import MOST_STEPS, State, median_step, states
from ....checks.violation_rate import Outcome, ViolationRate
from ....claim import Claim
from ....fitting.event_values import at_event
from ....statistics.normality import Normality, normality
from ....thresholds import (
    FRESH_MEAN_BAND,
    FRESH_MEAN_MISS,
    FRESH_MIN_CELLS,
    PARTS_ADD_UP_BAND,
    SCORE_MOMENTS_MISS,
    SCORE_MOMENTS_WITHIN,
    SCORE_NORMAL_FALSE_ALARM,
)
from ....verdict import Status, Verdict

Array = NDArray[np.float64]


def _cells(study: Study, event: str) -> tuple[list[tuple[CellResult, float]], list[str]]:
    """Held-out stage cells with the step of an event, and those in which it comes too late.

    The cells inside the assumptions alone, where they suffice.
    """
    found, late = [], []
    for result in study.select(Role.HELD_OUT, "stage"):
        step = median_step(result, event)
        if step is not None and step > MOST_STEPS:
            late.append(result.cell.name)
        elif step is not None:
            found.append((result, step))
    inside = [pair for pair in found if pair[0].inside]
    return (inside if len(inside) >= FRESH_MIN_CELLS else found), late


def _too_few(claim: Claim, study: Study, cells: int, event: str) -> Verdict:
    reason = f"{event} comes within {MOST_STEPS:,} steps in {cells} held-out cells; "
    reason += f"{FRESH_MIN_CELLS} are needed"
    return claim.verdict(study, Status.INCONCLUSIVE, reason)


@dataclass(frozen=True)
class GaussianScore:
    """Scores of each run's fresh samples of either label are normal, at half of T1 and at T1.

    Shapiro and Wilk's test of every run and label, combined by Fisher's method: a failure where it
    rejects at either time, with a chance of 1% where all are normal. HOLDS where it does not and
    the 99% limits of the mean skewness and excess kurtosis lie within ±0.2. T1 is each cell's
    median; the cells inside the assumptions decide where there are four.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the runs of held-out stage cells, taken again up to T1."""
        cells, late = _cells(study, "T1")
        if len(cells) < FRESH_MIN_CELLS:
            return _too_few(claim, study, len(cells), "T1")
        groups: dict[str, list[Array]] = {"start": [], "T1/2": [], "T1": []}
        for result, step in cells:
            taken = states(result, (0, step / 2, step))
            for scores, state in zip(groups.values(), taken, strict=True):
                scores.extend(state.scores())
        tests = {name: normality(scores) for name, scores in groups.items()}
        judged = {n: test for n, test in tests.items() if n != "start" and test is not None}
        if len(judged) < 2:
            return claim.verdict(study, Status.INCONCLUSIVE, "too few fresh samples that differ")
        least = min(test.p for test in judged.values())
        furthest = max(test.furthest(SCORE_MOMENTS_MISS / 2) for test in judged.values())
        results = [result for result, _ in cells]
        status = Status.INCONCLUSIVE
        if least <= SCORE_NORMAL_FALSE_ALARM / len(judged):
            status = Status.VIOLATED
        elif furthest <= SCORE_MOMENTS_WITHIN:
            status = Status.HOLDS
        said = ", ".join(f"p = {test.p:.2g} at {name}" for name, test in judged.items())
        return claim.verdict(
            study,
            status,
            f"{said}, over {judged['T1'].values:,} fresh samples in {judged['T1'].groups} groups; "
            f"skewness and excess kurtosis within {furthest:.2g} of 0",
            scope=scope_of(results),
            statistic=least,
            statistic_name="smaller combined p-value of normality tests at T1/2 and T1",
            relation=">=",
            threshold=SCORE_NORMAL_FALSE_ALARM / len(judged),
            tightness=SCORE_MOMENTS_WITHIN / furthest,
            evidence={
                "false_alarm": SCORE_NORMAL_FALSE_ALARM,
                "moments_at_most": furthest,
                "moments_within": SCORE_MOMENTS_WITHIN,
                "tests": {name: _as_dict(test) for name, test in tests.items()},
                "cells_with_T1_too_late": late,
            },
        )


def _as_dict(test: Normality | None) -> dict[str, float] | None:
    return None if test is None else dict(vars(test))


def score_parts(first: State, state: State, run: int) -> tuple[Array, Array]:
    """Six parts that a run's fresh scores are the sum of, and the scores; beside μ₊ and μ₋.

    u(t) is u(0) plus multiples of the training tokens, which follow from the change of their V. Of
    a fresh token's memory that makes five parts: A the start, B and C the signals, D and E the
    noise of clean and of flipped samples; F is what attention other than 1/2 changes in f.

    Returns:
        (6, 2, m) A to F, and (2, m) f less its mean part V_±/2.
    """
    change = np.concatenate(
        [
            state.snapshot.signal_values[run] - first.snapshot.signal_values[run],
            state.snapshot.noise_values[run] - first.snapshot.noise_values[run],
        ]
    )
    start = state.starts[run]
    own = start.test_gram * np.linalg.solve(start.gram, change)
    flipped = state.labels[run].flipped
    memory = state.snapshot.test_values[run]
    learned = [own[:, 0], own[:, 1], own[:, 2:][:, ~flipped].sum(1), own[:, 2:][:, flipped].sum(1)]
    f = fresh_outputs(state.snapshot)[run].T - state.snapshot.signal_values[run][:, None] / 2
    halves = np.stack([memory - sum(learned), *learned]) / 2
    both = np.repeat(halves[:, None, :], 2, axis=1)
    return np.concatenate([both, (f - memory / 2)[None]]), f


def additivity(result: CellResult, steps: tuple[float, ...]) -> Iterator[tuple[Array, Array]]:
    """At each step, (R,) variance of the scores over the sum of the parts' variances.

    First of all six parts, then of the five parts of the memory alone.
    """
    first, *taken = states(result, (0, *steps))
    for state in taken:
        ratios = []
        for run in range(len(state.labels)):
            parts, f = score_parts(first, state, run)
            six = f.var(axis=1).mean() / parts.var(axis=2).sum(axis=0).mean()
            five = parts[:5, 0].sum(axis=0).var() / parts[:5, 0].var(axis=1).sum()
            ratios.append((six, five))
        six, five = np.array(ratios).reshape(-1, 2).T
        yield six, five


@dataclass(frozen=True)
class VariancesAddUp:
    """Variance of the scores over the sum of the variances of their six parts, at each cell's T2.

    The parts of the proofs are lost; these are this project's: of the fresh token's memory the
    start (A), both signals (B, C), the noise of clean (D) and of flipped (E) samples, and what
    attention other than 1/2 changes in the score (F). A run violates where the ratio is outside
    [0.8, 1.25].
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the runs of held-out stage cells, taken again up to T2."""
        low, high = PARTS_ADD_UP_BAND
        cells, late = _cells(study, "T2")
        if len(cells) < FRESH_MIN_CELLS:
            return _too_few(claim, study, len(cells), "T2")
        outcomes, medians = [], {}
        for result, step in cells:
            halfway = median_step(result, "T1") or step / 2
            early, last = additivity(result, tuple(sorted((min(halfway, step), step))))
            margin = np.full(result.ok.size, np.nan)
            margin[result.ok] = np.maximum(last[0] / high, low / last[0]) - 1
            outcomes.append(Outcome(result, margin))
            medians[result.cell.name] = {
                "six_parts_at_T1": float(np.median(early[0])),
                "six_parts_at_T2": float(np.median(last[0])),
                "five_parts_of_the_memory_at_T2": float(np.median(last[1])),
            }
        what = f"have a variance outside [{low:g}, {high:g}] of the sum of its parts' variances"
        verdict = ViolationRate(outcomes, what).decide(claim, study)
        lines = list(medians.values())
        shown = "; ".join(
            f"{name.replace('_', ' ')}: {min(line[name] for line in lines):.2f} to "
            f"{max(line[name] for line in lines):.2f}"
            for name in lines[0]
        )
        evidence = {**verdict.evidence, "medians": medians, "cells_with_T2_too_late": late}
        reason = f"{verdict.reason}; ratio of {shown}"
        return replace(verdict, reason=reason, evidence=evidence)


@dataclass(frozen=True)
class MeanOfMemory:
    """Mean of g over the mean of |g|, over the fresh tokens of all runs at T1.

    g over sigma_p·|u| is standard normal, the weights given, so the mean's 99% limits are known.
    HOLDS where they lie in [0.8, 1.25], a failure where they lie wholly outside it. With E|g| in
    place of a mean of 0 the tail exp(-s²/2) becomes exp(-(s - √(2/π))²/2), and at best
    e^(1/π)·exp(-s²/4) of the proof: how much of -log P that gives away at T2 is in the evidence.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the runs of held-out stage cells, taken again up to T1."""
        cells, late = _cells(study, "T1")
        if len(cells) < FRESH_MIN_CELLS:
            return _too_few(claim, study, len(cells), "T1")
        memory = []
        for result, step in cells:
            (state,) = states(result, (step,))
            spread = result.cell.problem.noise_std * state.snapshot.value_norm[:, None]
            memory.append((state.snapshot.test_values / spread).ravel())
        g = np.concatenate(memory)
        size = math.sqrt(2 / math.pi)
        ratio, reach = g.mean() / size, norm.isf(FRESH_MEAN_MISS / 2) / math.sqrt(g.size) / size
        low, high = FRESH_MEAN_BAND
        results = [result for result, _ in cells]
        status = Status.INCONCLUSIVE
        if low <= ratio - reach and ratio + reach <= high:
            status = Status.HOLDS
        elif ratio + reach < low or ratio - reach > high:
            status = Status.VIOLATED
        nearest = ratio + reach if ratio < 1 else ratio - reach
        return claim.verdict(
            study,
            status,
            f"the mean of g is {ratio:+.3f} ± {reach:.3f} of E|g| over {g.size:,} fresh tokens: "
            "with 0 the tail is exp(-s²/2), and with E|g| the proof keeps e^(1/π)·exp(-s²/4)",
            scope=scope_of(results),
            statistic=nearest,
            statistic_name="limit of the mean of g over E|g|, on the side of 1",
            relation=">=" if ratio < 1 else "<=",
            threshold=low if ratio < 1 else high,
            evidence={
                "miss": FRESH_MEAN_MISS,
                "mean_over_mean_size": [ratio - reach, ratio + reach],
                "minus_log_P_over_half_s_squared_at_T2": _share_kept(results),
                "cells_with_T1_too_late": late,
            },
        )


def _share_kept(results: list[CellResult]) -> dict[str, float]:
    """Cell -> median of -log P at T2 over s²/2, s the weaker signal over a fresh spread."""
    out = {}
    for result in results:
        trajectory = result.trajectory
        spread = result.cell.problem.noise_std * trajectory["value_norm"]
        s = np.minimum(trajectory["v_plus"], -trajectory["v_minus"]) / spread
        with np.errstate(divide="ignore", invalid="ignore"):
            share = at_event(result, -trajectory["log_failure_prob"] / (s**2 / 2), "T2")
        share = share[np.isfinite(share)]
        if share.size:
            out[result.cell.name] = float(np.median(share))
    return out


CLAIMS = (
    Claim(
        id="R2",
        statement="Until T1 the score of a fresh sample is Gaussian, the weights given",
        provenance=Provenance.SOURCE,
        seen=True,
        source="Appendix D.2, as a public review doubts it",
        regimes=("benign", "harmful"),
        check=GaussianScore(),
        kinds=("stage",),
    ),
    Claim(
        id="R4",
        statement="The variances of parts A to F of a fresh score add up to that of the score",
        provenance=Provenance.DERIVED,
        source="Appendix E.2, as a public review doubts it; the parts are this project's",
        regimes=("benign", "harmful"),
        check=VariancesAddUp(),
        kinds=("stage",),
    ),
    Claim(
        id="R5",
        statement="The mean of g = ξᵀu over fresh tokens is E|g|, as the proof has it",
        provenance=Provenance.SOURCE,
        seen=True,
        source="Appendix D.2, as a public review doubts it",
        regimes=("benign",),
        check=MeanOfMemory(),
        kinds=("stage",),
    ),
)
