"""B9: the constant of stage 3 is much smaller than that of stage 2."""

import numpy as np

from ...theory import Provenance, evaluate, log_term
from ..claim import Claim
from ..envelope import run_values
from ..study import Role, Study
from ..verdict import Scope, Status, Verdict

#: "Much smaller" (the ledger's number).
MUCH_SMALLER = 0.1
#: Held-out cells that must reach T2.
MIN_CELLS = 4


def _decide(claim: Claim, study: Study) -> Verdict:
    """C3/C2 by the continuity relation, with the fitted rate and each cell's own T1 and T2."""
    if "k2" not in study.constants:
        return claim.verdict(study, Status.INCONCLUSIVE, "k2 could not be fitted")
    ratios: dict[str, tuple[bool, float]] = {}
    relation = {str(symbol): expr for symbol, expr in study.theorem.continuity.items()}["C3"]
    needed = {str(symbol) for symbol in relation.free_symbols}
    for result in study.select(Role.HELD_OUT, "stage"):
        values = {**run_values(result), "k2": study.constants["k2"].value, "C2": 1.0}
        given = {name: value for name, value in values.items() if name in needed}
        ratio = np.asarray(evaluate(relation, given), dtype=float).ravel()
        ratio = ratio[np.isfinite(ratio) & result.ok]
        if 2 * ratio.size > result.ok.size:
            ratios[result.cell.name] = (result.inside, float(np.median(ratio)))
    evidence: dict[str, object] = {
        "C3_over_C2": {name: ratio for name, (_, ratio) in ratios.items()},
        **_tension(study),
    }
    inside = {name: ratio for name, (is_in, ratio) in ratios.items() if is_in}
    judged = inside if len(inside) >= MIN_CELLS else {n: r for n, (_, r) in ratios.items()}
    if len(judged) < MIN_CELLS:
        reason = f"T2 is reached in {len(judged)} held-out cells; {MIN_CELLS} are needed"
        return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
    worst = max(judged, key=lambda name: judged[name])
    small = judged[worst] <= MUCH_SMALLER
    fails = Status.VIOLATED if judged is inside else Status.OUT_OF_SCOPE
    return claim.verdict(
        study,
        Status.HOLDS if small else fails,
        f"C3/C2 is {min(judged.values()):.2g} to {judged[worst]:.2g} over {len(judged)} cells",
        scope=Scope.INSIDE if judged is inside else Scope.OUTSIDE,
        statistic=judged[worst],
        statistic_name="largest cell median of C3/C2 = exp(-k2·eta·(T2-T1)·mu²·w²)",
        threshold=MUCH_SMALLER,
        tightness=MUCH_SMALLER / judged[worst] if judged[worst] else None,
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
    decide=_decide,
)
