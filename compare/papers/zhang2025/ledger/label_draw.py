"""L7: the draw of the labels alone against the probability that the theorem promises."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .....theory import ENOUGH_LABELS, LABELS_PER_LOG, Provenance
from ....cells import CellResult, Study
from ....checks.label_draw import LabelDraw, draw_p_value, label_draws
from ....claim import Claim
from ....thresholds import EXACT_TESTS_FALSE_ALARM
from ....verdict import Scope, Status, Verdict


@dataclass(frozen=True)
class LabelsSuffice:
    """q(N, p), the chance that some class has no more kept than flipped labels, against 1/d.

    Such a class is not learned, so that the theorem fails with at least that probability: exact by
    binomials, no training needed. VIOLATED where a stage cell has q above 1/d, those inside
    Assumption 4.1 deciding; HOLDS where none has. The runs' own labels must agree with q (exact
    test, false alarm 1e-4), else INCONCLUSIVE. Shown too: q against delta, another reading of the
    probability, and N over c(p) log d, which item 2 of the assumption would have to ask for.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the numbers of every stage cell."""
        results = [each for each in study.select(kind="stage") if each.cell.trained is not None]
        draws = label_draws(results)
        if not draws:
            return claim.verdict(study, Status.INCONCLUSIVE, "there is no stage cell")
        inside = [draw for draw in draws if draw.inside]
        judged = inside or draws
        beyond = [draw for draw in judged if draw.ratio > 1]
        over_delta = [draw for draw in judged if draw.failure > _delta(results, draw)]
        worst = max(judged, key=lambda draw: draw.ratio)
        chances, levels = [draw.failure for draw in judged], [draw.promised for draw in judged]
        p_value = draw_p_value(draws)
        expected = sum(draw.runs * draw.failure for draw in draws)
        drawn, runs = sum(draw.drawn for draw in draws), sum(draw.runs for draw in draws)
        tally = f"{drawn} of {runs} runs drew such labels, {expected:.1f} expected"
        if p_value < EXACT_TESTS_FALSE_ALARM:
            status, reason = Status.INCONCLUSIVE, f"{tally}: not the labels that q speaks of"
        else:
            status = Status.VIOLATED if beyond else Status.HOLDS
            reason = (
                f"q is {min(chances):.2g} to {max(chances):.2g} where 1/d is {min(levels):.2g} to "
                f"{max(levels):.2g}: above it in {len(beyond)} of {len(judged)} cells, above delta "
                f"in {len(over_delta)}; {tally}"
            )
        return claim.verdict(
            study,
            status,
            reason,
            scope=Scope.INSIDE if inside else Scope.OUTSIDE,
            statistic=worst.ratio,
            statistic_name="largest q(N, p) over 1/d among the cells",
            threshold=1.0,
            worst_cell=worst.cell,
            evidence={
                "cells": {
                    draw.cell: _line(result, draw)
                    for result, draw in zip(results, draws, strict=True)
                },
                "runs_drawn": drawn,
                "runs_expected": expected,
                "p_value": p_value,
            },
        )


def _delta(results: list[CellResult], draw: LabelDraw) -> float:
    return next(each.values["delta"] for each in results if each.cell.name == draw.cell)


def _line(result: CellResult, draw: LabelDraw) -> dict[str, object]:
    """JSON-ready: what the labels of a cell promise, and item 2' at its numbers."""
    numbers = {name: result.values[name] for name in ("N", "d", "p")}
    return {
        "q": draw.failure,
        "one_over_d": draw.promised,
        "delta": result.values["delta"],
        "N": numbers["N"],
        "N_needed": float(LABELS_PER_LOG.numeric(p=numbers["p"])) * math.log(numbers["d"]),
        "item_2_prime": bool(ENOUGH_LABELS.holds(**numbers)),
        "runs": draw.runs,
        "drawn": draw.drawn,
    }


CLAIMS = (
    Claim(
        id="L7",
        statement="The draw of the labels alone leaves the theorem its probability of 1 - 1/d",
        provenance=Provenance.RECONSTRUCTED,
        source="Theorem 4.2, probability; Definition 3.1",
        regimes=("benign",),
        check=LabelsSuffice(),
        kinds=("stage",),
        formulas=("labels_per_log", "item 2'"),
    ),
)
