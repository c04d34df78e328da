"""R1 and R3: what the inequalities imported from data without flips take V of tokens to be."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from .....theory import Provenance
from ....cells import CellResult, Role, Study, scope_of
from ....checks.powers import judge
from ....checks.violation_rate import Outcome, ViolationRate
from ....claim import Claim
from ....errors import CompareError
from ....fitting.event_values import at_event
from ....statistics.powers import fit_powers
from ....thresholds import (
    FLIP_FACTOR_MISS,
    FLIP_FACTOR_TOLERANCE,
    POWER_SPARE_CELLS,
    TRAINING_NOISE_FALSE_ALARM,
)
from ....verdict import Status, Verdict
from .token_memory import early_slopes, per_sample

Array = NDArray[np.float64]

_FACTOR = "1-2p"


def early_growth(result: CellResult) -> tuple[Array, Array]:
    """(R,) early growth of V₊ - V₋ over that without flips, and 1 - 2·(share of flipped labels).

    The number of samples in a class drops out of the sum over both classes.
    """
    trajectory, samples = result.trained, result.cell.problem.n_samples
    flipped = trajectory.flipped_positive + trajectory.flipped_negative
    growth = early_slopes(result).sum(axis=1) / (samples * per_sample(result))
    return growth, 1.0 - 2.0 * flipped / samples


@dataclass(frozen=True)
class FlipFactor:
    """The power of 1-2p in the early growth of V₊ - V₋ over the rate without flips.

    Fitted run by run with cells as the units, p the realised share of flipped labels; the early
    time is that of M7. The imported rate has the power 0: HOLDS where the 95% interval lies within
    ±1/4, a failure where it excludes 0 and the power is 0.19 off or more. Runs with no more kept
    than flipped labels have no logarithm.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        rows = [(each, *early_growth(each)) for each in study.select(Role.HELD_OUT, "stage")]
        inside = [row for row in rows if row[0].inside]
        chosen = inside if len(inside) > 2 + POWER_SPARE_CELLS else rows
        used = [
            (index, growth, factor)
            for index, (result, growths, factors) in enumerate(chosen)
            for growth, factor, ok in zip(growths, factors, result.ok, strict=True)
            if ok and growth > 0 and factor > 0
        ]
        if not used:
            return claim.verdict(study, Status.INCONCLUSIVE, "no run has an early growth to fit")
        cell, growth, factor = np.array(used).T
        try:
            fit = fit_powers(np.log(growth), {_FACTOR: np.log(factor)}, cell)
        except CompareError as error:
            return claim.verdict(study, Status.INCONCLUSIVE, f"no power could be fitted: {error}")
        word = judge(fit, {}, tolerance=FLIP_FACTOR_TOLERANCE, family=FLIP_FACTOR_MISS)[_FACTOR]
        results = [chosen[int(index)][0] for index in np.unique(cell)]
        status = {"agrees": Status.HOLDS, "open": Status.INCONCLUSIVE}.get(word)
        low, high = fit.interval(_FACTOR, 1 - FLIP_FACTOR_MISS)
        medians = {
            result.cell.name: [float(np.nanmedian(growths)), float(np.nanmedian(growths / factors))]
            for result, growths, factors in rows
            if np.isfinite(growths).any()
        }
        return claim.verdict(
            study,
            Status.VIOLATED if status is None else status,
            f"early growth has 1-2p to the power {fit[_FACTOR]:.2f} [{low:.2f}, {high:.2f}], for "
            f"0; over the rate without flips it is {_range(growth)}, and over 1-2p of that "
            f"{_range(growth / factor)}",
            scope=scope_of(results),
            statistic=fit[_FACTOR],
            statistic_name="power of 1-2p in the early growth of V₊ - V₋",
            threshold=FLIP_FACTOR_TOLERANCE,
            evidence={
                "interval_95": [low, high],
                "runs": growth.size,
                "median_over_rate_and_over_1_2p_of_it": medians,
            },
        )


@dataclass(frozen=True)
class TrainingAsFresh:
    """Mean |ξᵀu| over a run's training tokens against that of fresh tokens, at T2.

    Fresh tokens have ξᵀu ~ N(0, sigma_p²|u|²), whose mean size over N of them is normal to good
    approximation. A run violates where that of its own tokens lies where it would with a chance of
    1 in 1000. The squared ratio, one of variances, is in the evidence for T1 and T2.
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        limit = float(norm.isf(TRAINING_NOISE_FALSE_ALARM / 2))
        outcomes, ratios = [], {}
        for result in study.select(Role.HELD_OUT, "stage"):
            score = noise_score(result, "T2")
            outcomes.append(Outcome(result, np.where(result.ok, np.abs(score) - limit, np.nan)))
            ratios[result.cell.name] = {
                event: _median(_size_ratio(result, event) ** 2) for event in ("T1", "T2")
            }
        what = "have training noise with another size of ξᵀu than fresh noise"
        verdict = ViolationRate(outcomes, what).decide(claim, study)
        known = [line["T2"] for line in ratios.values() if line["T2"] is not None]
        reason = verdict.reason
        if known:
            reason += (
                f"; their variances differ by a factor of {min(known):.3g} to {max(known):.3g}"
            )
            reason += " in the medians of cells at T2"
        evidence = {**verdict.evidence, "median_ratio_of_variances": ratios}
        return replace(verdict, reason=reason, evidence=evidence)


def _size_ratio(result: CellResult, event: str) -> Array:
    """(R,) mean |V_n| of the training tokens over the mean size of a fresh token's, at an event."""
    trajectory, samples = result.trained, result.cell.problem.n_samples
    flipped = (trajectory.flipped_positive + trajectory.flipped_negative)[:, None]
    of_flipped = np.where(flipped > 0, trajectory["v_noise_flipped"], 0.0)
    of_clean = np.where(flipped < samples, trajectory["v_noise_clean"], 0.0)
    size = ((samples - flipped) * of_clean + flipped * of_flipped) / samples
    fresh = result.cell.problem.noise_std * trajectory["value_norm"] * np.sqrt(2 / np.pi)
    with np.errstate(divide="ignore", invalid="ignore"):
        return at_event(result, size / fresh, event)


def noise_score(result: CellResult, event: str) -> Array:
    """(R,) mean |V_n| of the training tokens as a standard score among means of fresh tokens'."""
    spread = np.sqrt((np.pi / 2 - 1) / result.cell.problem.n_samples)  # of a mean size, over it
    return np.asarray((_size_ratio(result, event) - 1) / spread)


def _range(values: Array) -> str:
    return f"{values.min():.2f} to {values.max():.2f}"


def _median(values: Array) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else None


CLAIMS = (
    Claim(
        id="R1",
        statement="Early, V± grow by the imported rates, which have no factor 1-2p",
        provenance=Provenance.SOURCE,
        seen=True,
        source="Appendix C, from Jiang 2024, as a public review doubts it",
        regimes=("benign",),
        check=FlipFactor(),
        kinds=("stage",),
    ),
    Claim(
        id="R3",
        statement="ξᵀu of training tokens is distributed as that of fresh tokens",
        provenance=Provenance.SOURCE,
        seen=True,
        source="Appendix D.2, as a public review doubts it",
        regimes=("benign", "harmful"),
        check=TrainingAsFresh(),
        kinds=("stage",),
    ),
)
