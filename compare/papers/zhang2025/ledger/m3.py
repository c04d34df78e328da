"""M3: with flipped labels, attention moves to the signal less than without."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from .....simulate import Problem
from .....theory import Provenance
from ....cells import CellResult, Role, Study, scope_of
from ....claim import ByFunction, Claim
from ....verdict import Scope, Status, Verdict

Array = NDArray[np.float64]

#: One-sided false alarm, of HOLDS and of a failure each (fixed beforehand).
FALSE_ALARM = 0.01
#: Runs needed on either side of a pair, and pairs needed.
MIN_RUNS = 4
MIN_PAIRS = 2


def pairs(study: Study) -> list[tuple[CellResult, CellResult]]:
    """Held-out cells without flips, each with every cell that differs in p alone."""
    without: dict[Problem, CellResult] = {}
    found = []
    cells = list(study.select(Role.HELD_OUT, "stage"))
    for result in cells:
        if result.cell.problem.flip_prob == 0:
            without[result.cell.problem] = result
    for result in cells:
        twin = without.get(result.cell.problem.replace(flip_prob=0.0))
        if twin is not None and twin is not result:
            found.append((twin, result))
    return found


def _rises(one: CellResult, step: float) -> Array:
    """Rise of clean training samples' attention from step 0 to ``step``, in runs that last."""
    steps = one.trajectory.steps.astype(float)
    attention = one.trajectory["attention_clean"][one.ok]
    return np.array([np.interp(step, steps, run) - run[0] for run in attention])


def _decide(claim: Claim, study: Study) -> Verdict:
    """Mann–Whitney counts summed over pairs, at the last step both cells of a pair share.

    U counts pairs of runs in which the run without flips moved further; under equality its sum
    has mean Σnm/2 and variance Σnm(n+m+1)/12. Both directions are decided at 1%, one-sided.
    """
    surplus = variance = wins = total = 0.0
    lines, used = {}, []
    for without, flips in pairs(study):
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
        if min(n, m) < MIN_RUNS:
            continue
        ahead = np.sign(first[:, None] - second[None, :])
        u = float((ahead + 1).sum() / 2)
        surplus += u - n * m / 2
        variance += n * m * (n + m + 1) / 12
        wins, total = wins + u, total + n * m
        used += [without, flips]
    evidence = {"pairs": lines, "false_alarm": FALSE_ALARM}
    if len(used) < 2 * MIN_PAIRS:
        reason = f"{len(used) // 2} pairs of cells differ in p alone; {MIN_PAIRS} are needed"
        return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
    score, limit = surplus / np.sqrt(variance), float(norm.isf(FALSE_ALARM))
    scope = scope_of(used)
    status = Status.INCONCLUSIVE
    if score >= limit:
        status = Status.HOLDS
    elif score <= -limit:
        status = Status.OUT_OF_SCOPE if scope is Scope.OUTSIDE else Status.VIOLATED
    return claim.verdict(
        study,
        status,
        f"in {wins:.0f} of {total:.0f} comparisons over {len(used) // 2} pairs of cells the run "
        "without flips moved further",
        scope=scope,
        statistic=float(score),
        statistic_name="Mann–Whitney score of runs without flips moving further, over all pairs",
        relation=">=",
        threshold=limit,
        tightness=float(score) - limit,
        evidence=evidence,
    )


CLAIM = Claim(
    id="M3",
    statement="With flipped labels, clean training samples' attention moves to the signal less",
    provenance=Provenance.STATED,
    source="§6.1, Fig. 1c",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("stage",),
)
