"""Is an item of Assumption 4.1 met at the numbers of every cell?"""

from __future__ import annotations

from ...theory import Provenance
from ..cells import Study, scope_of
from ..claim import ByFunction, Claim
from ..verdict import Status, Verdict


def assumption_claim(item: int, statement: str) -> Claim:
    """The ledger entry of one item; the paper's formulas are RECONSTRUCTED."""

    def decide(claim: Claim, study: Study) -> Verdict:
        """The item's inequalities at the numbers of every stage cell, C = 1; nothing is trained.

        HOLDS where every cell meets them, else OUT_OF_SCOPE. The statistic is the least room over
        cells, how many times over an inequality is met, to be 1 or more.
        """
        cells = {
            result.cell.name: {
                "holds": result.assumptions.holds_item(item),
                "rows": [
                    {"left": row.left, "relation": row.relation, "right": row.right,
                     "ratio": row.ratio}
                    for row in result.assumptions.item(item)
                ],
            }
            for result in study.select(kind="stage")
        }  # fmt: skip
        ratios = {
            result.cell.name: min(row.ratio for row in result.assumptions.item(item))
            for result in study.select(kind="stage")
        }
        if not cells:
            return claim.verdict(study, Status.INCONCLUSIVE, "there is no stage cell")
        met = [name for name, one in cells.items() if one["holds"]]
        worst = min(ratios, key=lambda name: ratios[name])
        everywhere = len(met) == len(cells)
        return claim.verdict(
            study,
            Status.HOLDS if everywhere else Status.OUT_OF_SCOPE,
            f"met in {len(met)} of {len(cells)} stage cells at C = 1",
            scope=scope_of(study.select(kind="stage")),
            statistic=ratios[worst],
            statistic_name="least room over cells (1 = just met at C = 1)",
            relation=">=",
            threshold=1.0,
            tightness=ratios[worst],
            worst_cell=worst,
            evidence={"cells": cells},
        )

    return Claim(
        id=f"A{item}",
        statement=statement,
        provenance=Provenance.RECONSTRUCTED,
        source=f"Assumption 4.1, item {item}",
        regimes=("benign", "harmful"),
        check=ByFunction(decide),
        kinds=("stage",),
        formulas=(f"Assumption 4.1, item {item}",),
    )
