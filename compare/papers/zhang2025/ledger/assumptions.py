"""A1 to A8: Assumption 4.1 at the cells' numbers, and at those of the paper's experiments."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

from .....theory import Provenance, check_assumptions
from ....cells import Study, theory_values
from ....checks.assumption import AssumptionItem
from ....claim import Claim
from ....verdict import Scope, Status, Verdict
from ..designs import get_design

#: Numbers in an item that the paper does not state for its experiments.
CHOSEN_HERE = {5: "the learning rate", 7: "the failure probability in L"}


def _item(number: int, statement: str) -> Claim:
    """The claim of one item; the paper's formulas are RECONSTRUCTED."""
    return Claim(
        id=f"A{number}",
        statement=statement,
        provenance=Provenance.RECONSTRUCTED,
        source=f"Assumption 4.1, item {number}",
        regimes=("benign", "harmful"),
        check=AssumptionItem(number),
        kinds=("stage",),
        formulas=(f"Assumption 4.1, item {number}",),
    )


@dataclass(frozen=True)
class PaperScale:
    """Margin of each inequality at C = 1 in the cells of preset ``paper``, trained or not.

    The statistic is log10 of the smallest margin over items and cells: 0 is just met, -10 means
    missed by ten orders of magnitude.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the paper's own experiments."""
        reports = {
            cell.name: check_assumptions(theory_values(cell.problem))
            for cell in get_design("paper").cells[study.theorem.regime]
            if cell.kind == "stage"
        }
        rooms: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for cell, report in reports.items():
            for row in report.rows:
                room = math.log10(row.ratio) if row.ratio > 0 else -math.inf
                rooms[f"{row.item}: {row.text}"][cell] = room
        worst_name = min(rooms, key=lambda name: min(rooms[name].values()))
        worst = min(rooms[worst_name], key=lambda cell: rooms[worst_name][cell])
        least = rooms[worst_name][worst]
        met = sum(report.holds for report in reports.values())
        failing = sorted({item for report in reports.values() for item in report.failing})
        return claim.verdict(
            study,
            Status.HOLDS if met == len(reports) else Status.OUT_OF_SCOPE,
            f"{met} of {len(reports)} cells at the paper's scale meet it; items "
            f"{', '.join(map(str, failing))} fail, {worst_name} by 10^{-least:.1f}",
            scope=Scope.INSIDE if met == len(reports) else Scope.OUTSIDE,
            statistic=least,
            statistic_name="log10 of the least room over items and cells of preset paper",
            relation=">=",
            threshold=0.0,
            tightness=least,
            worst_cell=worst,
            evidence={
                "log10_of_room": {
                    name: {"least": min(by_cell.values()), "largest": max(by_cell.values())}
                    for name, by_cell in rooms.items()
                },
                "not_stated_in_the_paper": {str(item): what for item, what in CHOSEN_HERE.items()},
            },
        )


CLAIMS = (
    _item(1, "The input and query/key dimensions are large enough (over-parameterised)"),
    _item(2, "The sample size is at least of the order of log d"),
    _item(3, "The flip probability is small and below one half"),
    _item(4, "The norm of the output weights lies within fixed bounds"),
    _item(5, "The learning rate is below its cap"),
    _item(6, "The initial standard deviation of W_V is below its cap"),
    _item(7, "The initial variance of W_Q and W_K lies in its window"),
    Claim(
        id="A8",
        statement="The paper's own experiments meet Assumption 4.1 at C = 1",
        provenance=Provenance.RECONSTRUCTED,
        source="§6 against Assumption 4.1",
        regimes=("benign", "harmful"),
        check=PaperScale(),
        kinds=(),
    ),
)
