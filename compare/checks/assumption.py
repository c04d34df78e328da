"""`AssumptionItem`: is an item of Assumption 4.1 met at the numbers of every cell?"""

from __future__ import annotations

from dataclasses import dataclass

from ..cells import Study, scope_of
from ..claim import Claim
from ..verdict import Status, Verdict


@dataclass(frozen=True)
class AssumptionItem:
    """The item's inequalities at the numbers of every stage cell, C = 1; nothing is trained.

    HOLDS where every cell meets them, else OUT_OF_SCOPE. The statistic is the smallest margin over
    cells: how many times over an inequality is met, which must be at least 1.

    Attributes:
        item: its number in Assumption 4.1.
    """

    item: int

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the item."""
        results = list(study.select(kind="stage"))
        if not results:
            return claim.verdict(study, Status.INCONCLUSIVE, "there is no stage cell")
        met = {result.cell.name: result.assumptions.holds_item(self.item) for result in results}
        rows = {result.cell.name: result.assumptions.item(self.item) for result in results}
        ratios = {name: min(row.ratio for row in parts) for name, parts in rows.items()}
        worst = min(ratios, key=lambda name: ratios[name])
        return claim.verdict(
            study,
            Status.HOLDS if all(met.values()) else Status.OUT_OF_SCOPE,
            f"met in {sum(met.values())} of {len(results)} stage cells at C = 1",
            scope=scope_of(results),
            statistic=ratios[worst],
            statistic_name="least room over cells (1 = just met at C = 1)",
            relation=">=",
            threshold=1.0,
            tightness=ratios[worst],
            worst_cell=worst,
            evidence={
                "cells": {
                    result.cell.name: {
                        "holds": met[result.cell.name],
                        "rows": [
                            {"left": row.left, "relation": row.relation, "right": row.right,
                             "ratio": row.ratio}
                            for row in rows[result.cell.name]
                        ],
                    }
                    for result in results
                }
            },
        )  # fmt: skip
