"""H8: test_error stays away from p as d grows at fixed N·SNR²."""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student

from .....theory import Provenance
from ....cells import CellResult, Study, scope_of, strength
from ....checks.boundary_sides import scores
from ....claim import ByFunction, Claim
from ....verdict import Scope, Status, Verdict

#: "Bounded away": at least this much above p (Kou 2023's constant for two-layer networks).
AWAY = 0.1
#: Dimensions needed at a level, and runs needed in its largest.
MIN_DIMS, MIN_RUNS = 3, 4
#: One-sided confidence of each limit.
CONFIDENCE = 0.95


def _decide(claim: Claim, study: Study) -> Verdict:
    """At every level of N·SNR², test_error - p in the cell with the largest d against 0.1.

    HOLDS where the lower limit of the mean over runs is above 0.1 at every level, a failure
    where the upper limit is below it at one.
    """
    levels: dict[float, list[CellResult]] = {}
    for one in study.select(kind="deep"):
        levels.setdefault(float(f"{strength(one.cell.problem):.6g}"), []).append(one)
    lines, low, high, used = {}, [], [], []
    for level, results in sorted(levels.items()):
        ordered = sorted(results, key=lambda one: one.cell.problem.dim)
        excess = [_excess(one) for one in ordered]
        lines[f"{level:g}"] = {
            f"{one.cell.problem.dim:g}": float(values.mean()) if values.size else None
            for one, values in zip(ordered, excess, strict=True)
        }
        last = excess[-1]
        if len(ordered) < MIN_DIMS or last.size < MIN_RUNS:
            continue
        reach = student.ppf(CONFIDENCE, last.size - 1) * last.std(ddof=1) / np.sqrt(last.size)
        low.append(float(last.mean() - reach))
        high.append(float(last.mean() + reach))
        used += ordered
    evidence: dict[str, object] = {
        "mean_test_error_minus_p_by_level_and_d": lines,
        "how_sigma_V_scales": "a tenth of item 6's cap, which does not depend on d",
        "lower_limits_at_the_largest_d": low,
        "upper_limits_at_the_largest_d": high,
    }
    if not used:
        reason = f"no level of N·SNR² has {MIN_DIMS} dimensions with {MIN_RUNS} trained runs"
        return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
    scope = scope_of(used)
    status = Status.INCONCLUSIVE
    if min(high) < AWAY:
        status = Status.VIOLATED if scope is Scope.INSIDE else Status.OUT_OF_SCOPE
    elif min(low) > AWAY:
        status = Status.HOLDS
    text = "; ".join(
        f"N·SNR² = {level}: " + ", ".join("?" if x is None else f"{x:.2g}" for x in line.values())
        for level, line in lines.items()
    )
    dims = ", ".join(next(iter(lines.values())))
    return claim.verdict(
        study,
        status,
        f"test_error - p at d = {dims} is {text}",
        scope=scope,
        statistic=min(high) if min(high) < AWAY else min(low),
        statistic_name="limit of the mean of test_error - p at the largest d, least over levels",
        relation=">=",
        threshold=AWAY,
        evidence=evidence,
    )


def _excess(result: CellResult) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """test_error - p of the trained runs."""
    values = scores(result, "test_error") * (0.5 - result.cell.problem.flip_prob)
    kept: np.ndarray[tuple[int], np.dtype[np.float64]] = values[np.isfinite(values)]
    return kept


CLAIM = Claim(
    id="H8",
    statement="In the harmful regime test_error stays above p by a constant as d grows at fixed "
    "N·SNR²",
    provenance=Provenance.RECONSTRUCTED,
    source="Theorem 4.3, read for test_error",
    regimes=("harmful",),
    check=ByFunction(_decide),
    kinds=("deep",),
)
