"""B9: the constant of stage 3 is much smaller than that of stage 2."""

import numpy as np

from .....theory import Provenance, evaluate, log_term
from ....cells import Role, Study, scope_of
from ....claim import ByFunction, Claim
from ....fitting.bounds import run_values
from ....verdict import Status, Verdict

#: "Much smaller" (the ledger's number).
MUCH_SMALLER = 0.1
#: Held-out cells that must reach T2.
MIN_CELLS = 4


def _decide(claim: Claim, study: Study) -> Verdict:
    """C3/C2 by the continuity relation, with the rate and each cell's own T1 and T2.

    Judged at the widened rate, that of the bounds B2 and B3; it fails only if it fails at the
    fitted rate too, so that the slack alone never decides against it.
    """
    if "k2" not in study.constants:
        return claim.verdict(study, Status.INCONCLUSIVE, "k2 could not be fitted")
    ratios: dict[str, tuple[float, float]] = {}
    cells = []
    relation = {str(symbol): expr for symbol, expr in study.theorem.continuity.items()}["C3"]
    needed = {str(symbol) for symbol in relation.free_symbols}
    for result in study.select(Role.HELD_OUT, "stage"):
        by_rate = []
        for rate in (study.constants["k2"].widened, study.constants["k2"].value):
            values = {**run_values(result), "k2": rate, "C2": 1.0}
            given = {name: value for name, value in values.items() if name in needed}
            ratio = np.asarray(evaluate(relation, given), dtype=float).ravel()
            ratio = ratio[np.isfinite(ratio) & result.ok]
            by_rate.append(float(np.median(ratio)) if 2 * ratio.size > result.ok.size else None)
        if by_rate[0] is not None and by_rate[1] is not None:
            ratios[result.cell.name] = (by_rate[0], by_rate[1])
            cells.append(result)
    evidence: dict[str, object] = {
        "C3_over_C2": {name: widened for name, (widened, _) in ratios.items()},
        "C3_over_C2_at_the_fitted_rate": {name: fitted for name, (_, fitted) in ratios.items()},
        **_tension(study),
    }
    inside = [result for result in cells if result.inside]
    judged = inside if len(inside) >= MIN_CELLS else cells
    if len(judged) < MIN_CELLS:
        reason = f"T2 is reached in {len(judged)} held-out cells; {MIN_CELLS} are needed"
        return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
    names = [result.cell.name for result in judged]
    worst = max(names, key=lambda name: ratios[name][0])
    status = Status.INCONCLUSIVE
    if ratios[worst][0] <= MUCH_SMALLER:
        status = Status.HOLDS
    elif max(ratios[name][1] for name in names) > MUCH_SMALLER:
        status = Status.VIOLATED if judged is inside else Status.OUT_OF_SCOPE
    least = min(ratios[name][0] for name in names)
    return claim.verdict(
        study,
        status,
        f"C3/C2 is {least:.2g} to {ratios[worst][0]:.2g} over {len(judged)} cells",
        scope=scope_of(judged),
        statistic=ratios[worst][0],
        statistic_name="largest cell median of C3/C2 = exp(-k2·eta·(T2-T1)·mu²·w²)",
        threshold=MUCH_SMALLER,
        tightness=MUCH_SMALLER / ratios[worst][0] if ratios[worst][0] else None,
        worst_cell=worst,
        evidence=evidence,
    )


def _tension(study: Study) -> dict[str, object]:
    """With T2 = c2/(eta·mu²·w²·L²) the exponent is about k2·c2/L², which vanishes as L grows."""
    name = f"c2 of {study.theorem.time('T2', 'paper').name}"
    if name not in study.constants:
        return {}
    exponent_times_L2 = study.constants["k2"].value * study.constants[name].value
    L = [float(evaluate(log_term, {"N": one.values["N"], "delta": one.values["delta"]}))
         for one in study.select(Role.HELD_OUT, "stage")]  # fmt: skip
    return {
        "tension": "with the paper's T2, C3/C2 tends to 1 as L = log(6N²M²/delta) grows",
        "L_of_the_cells": [min(L), max(L)],
        "L_at_which_C3_over_C2_is_one_tenth": float(np.sqrt(exponent_times_L2 / np.log(10))),
    }


CLAIM = Claim(
    id="B9",
    statement="The stage-3 constant C3 is much smaller than C2 (at most a tenth)",
    provenance=Provenance.RECONSTRUCTED,
    source="§4, after Theorem 4.2",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("stage",),
    formulas=("B2 = B3 at T2",),
)
