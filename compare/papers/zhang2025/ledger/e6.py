"""E6: the boundary's powers do not depend on the flip probability."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from .....theory import Provenance
from ....cells import Study, scope_of
from ....checks.boundary_sides import sides
from ....checks.phase_boundary import TOLERANCE, fit_lines
from ....claim import ByFunction, Claim
from ....errors import CompareError
from ....statistics.boundary import BoundaryFit, fit_boundary
from ....verdict import Scope, Status, Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    """The power of SNR (that of N being 1) of every flip probability, compared in pairs.

    The interval of a difference comes from the resamples of both fits, at a confidence that lets
    one of all pairs be wrong in 5% of cases. HOLDS where every interval lies within the
    tolerance of 0, a failure where one lies wholly outside.
    """
    results = list(study.select(kind="map"))
    fits: dict[float, BoundaryFit] = {}
    missing = []
    for p in sorted({one.cell.problem.flip_prob for one in results}):
        data = sides([one for one in results if one.cell.problem.flip_prob == p], "test_loss")
        try:
            fits[p] = fit_boundary(data.n, data.snr, data.d, data.above)
        except CompareError as error:
            missing.append(f"p = {p:g}: {error}")
    pairs = list(combinations(fits, 2))
    evidence: dict[str, object] = {
        "by_flip_prob": {f"{p:g}": fit_lines(fit) for p, fit in fits.items()},
        "not_fitted": missing,
        "tolerance": TOLERANCE["SNR"],
    }
    if not pairs:
        reason = "; ".join(missing) or "no two flip probabilities among the cells of the map"
        return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
    tail = 0.025 / len(pairs)
    ends = {}
    for one, other in pairs:
        first, second = fits[one].draws[:, 1], fits[other].draws[:, 1]
        shift = np.where(np.isnan(first + second), np.nan, second - first)
        low = np.quantile(np.where(np.isnan(shift), -np.inf, shift), tail, method="lower")
        high = np.quantile(np.where(np.isnan(shift), np.inf, shift), 1 - tail, method="higher")
        ends[f"{one:g}, {other:g}"] = (float(low), float(high))
    evidence["interval_of_the_difference"] = {name: list(end) for name, end in ends.items()}
    limit = TOLERANCE["SNR"]
    scope = scope_of(results)
    status = Status.INCONCLUSIVE
    if any(low > limit or high < -limit for low, high in ends.values()):
        status = Status.VIOLATED if scope is Scope.INSIDE else Status.OUT_OF_SCOPE
    elif not missing and all(low >= -limit and high <= limit for low, high in ends.values()):
        status = Status.HOLDS
    powers = ", ".join(f"{fit.powers['SNR']:.2f} at p = {p:g}" for p, fit in fits.items())
    return claim.verdict(
        study,
        status,
        f"power of SNR {powers}" + (f"; {'; '.join(missing)}" if missing else ""),
        scope=scope,
        statistic=max(max(abs(low), abs(high)) for low, high in ends.values()),
        statistic_name="largest end of an interval of the difference in the power of SNR",
        relation="<=",
        threshold=limit,
        evidence=evidence,
    )


CLAIM = Claim(
    id="E6",
    statement="The powers of the boundary of test_loss do not depend on the flip probability",
    provenance=Provenance.STATED,
    source="§6.2, Fig. 4",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("map",),
)
