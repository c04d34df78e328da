"""`BesideLimit`: is a law that trained runs were judged by also the limit's own?"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from ...simulate import EngineError
from ..cells import CellResult, Role, Study
from ..claim import Claim
from ..predicted.laws import EARLY, LATER, boundary_powers, gap_over_law, late_slopes
from ..predicted.studies import limit_study
from ..verdict import Status, Verdict

#: From the limit's runs and the verdict on them: a clause, and evidence.
Further = Callable[[Study, Verdict], tuple[str, dict[str, object]]]

#: A power of 2 counts as reached, in words alone, from 2 less 1%.
_REACHED = 0.99


@dataclass(frozen=True)
class BesideLimit:
    """Said beside the verdict, which stays as it is: whether the law is also the limit's own.

    The same rule decides the limit's run of every trained run, from its labels and start, nothing
    fitted. The law is the limit's own at these cells where it HOLDS for them, and is not where it
    is VIOLATED.

    Attributes:
        further: what else the limit says of the law.
    """

    further: Further | None = None

    def add(self, verdict: Verdict, claim: Claim, study: Study) -> Verdict:
        """The verdict with what the limit's runs say; the same where no cell has a limit."""
        foreseen = limit_study(study, claim.kinds or ())
        if not foreseen.results:
            return verdict
        own = claim.check.decide(claim, foreseen)
        said = _said(own, verdict.status)
        evidence: dict[str, object] = {"status": own.status.value, "reason": own.reason}
        if self.further is not None:
            try:
                clause, more = self.further(foreseen, own)
            except EngineError as error:  # a verdict does not depend on what is said beside it
                clause, more = "", {"not_said": str(error)}
            said += f"; {clause}" if clause else ""
            evidence |= more
        return replace(
            verdict,
            reason=f"{verdict.reason}; {said}",
            evidence={**verdict.evidence, "limit": evidence},
        )


def _said(own: Verdict, trained: Status) -> str:
    """What the rule says of the limit's runs, in words."""
    head = own.reason.partition("; ")[0]
    too = " as well" if own.status is trained else ""
    words = {
        Status.HOLDS: f"the law is the limit's own{too}",
        Status.VIOLATED: "the law is not the limit's own at these cells",
    }
    start = words.get(own.status, f"for the limit the law is {own.status.value}{too}")
    return f"{start} (its runs, nothing fitted: {head})"


def power_over_samples(foreseen: Study, own: Verdict) -> tuple[str, dict[str, object]]:
    """X1: the local power of SNR at the cells' least and largest N, and the N where it is 2."""
    cells = foreseen.results
    counts = sorted({each.values["N"] for each in cells})
    ends = sorted({counts[0], counts[-1]})
    if "fitted" not in own.evidence:
        return "", {}
    first = cells[0].cell.problem
    start = float(np.median([_start(each) for each in cells]))
    powers, enough = boundary_powers(first.flip_prob, first.target_loss, start, ends, 2 * _REACHED)
    by_n = dict(zip((f"{n:g}" for n in ends), powers, strict=True))
    at = " and ".join(f"{power:.2f} at N = {n}" for n, power in by_n.items())
    where = "is not reached" if math.isnan(enough) else f"is reached to 1% at N = {round(enough)}"
    evidence: dict[str, object] = {
        "power_of_SNR_by_N": by_n,
        "N_of_power_2_to_1_percent": None if math.isnan(enough) else enough,
    }
    return f"with balanced classes its power of SNR is {at}, and 2 {where}", evidence


def slope_later(foreseen: Study, own: Verdict) -> tuple[str, dict[str, object]]:
    """M8: the slope over the law's in the judged cells, at ever later times."""
    judged = own.evidence.get("cells", {})
    lines = {
        each.cell.name: late_slopes(each.cell.problem, each.cell.steps)
        for each in foreseen.results
        if each.cell.name in judged
    }
    if not lines:
        return "", {}
    spans = _spans(list(lines.values()))
    times = ", ".join(f"{span} at {at}" for span, at in zip(spans, LATER, strict=True))
    return f"with balanced classes it is {times} times the steps of training", {
        "late_slope_over_law": lines, "times_the_training": list(LATER),
    }  # fmt: skip


def gap_early(foreseen: Study, own: Verdict) -> tuple[str, dict[str, object]]:
    """M10: the gap over the law before T2."""
    lines = {
        each.cell.name: gap_over_law(each.cell.problem, each.cell.steps)
        for each in foreseen.select(Role.HELD_OUT, "stage")
    }
    lines = {name: line for name, line in lines.items() if not np.isnan(line).any()}
    if not lines:
        return "", {}
    spans = _spans(list(lines.values()))
    times = ", ".join(
        f"{span} at {'' if at == 1 else f'{at:g} '}T2"
        for span, at in zip(spans, EARLY, strict=True)
    )
    return f"with balanced classes its gap over the law is {times} in {len(lines)} cells", {
        "gap_over_law": lines, "shares_of_T2": list(EARLY),
    }  # fmt: skip


def _spans(lines: list[list[float]]) -> list[str]:
    """By column, from the least to the largest."""
    values = np.array(lines)
    return [
        f"{low:.2f} to {high:.2f}"
        for low, high in zip(values.min(axis=0), values.max(axis=0), strict=True)
    ]


def _start(result: CellResult) -> float:
    """σ_h²d_hσ_p²d of a cell."""
    value = result.values
    return value["sigma_h"] ** 2 * value["d_h"] * value["sigma_p"] ** 2 * value["d"]
