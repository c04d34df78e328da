"""A8: how far the paper's own experiments are from Assumption 4.1."""

import math
from collections import defaultdict

from .....theory import Provenance, check_assumptions
from ....cells import Study, theory_values
from ....claim import ByFunction, Claim
from ....verdict import Scope, Status, Verdict
from ..designs import get_design

#: Numbers in an item that the paper does not state for its experiments.
CHOSEN_HERE = {5: "the learning rate", 7: "the failure probability in L"}


def _decide(claim: Claim, study: Study) -> Verdict:
    """Room of each inequality at C = 1 in the cells of preset ``paper``, trained or not.

    The statistic is log10 of the least room over items and cells: 0 is just met, -10 means
    missed by ten orders of magnitude.
    """
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


CLAIM = Claim(
    id="A8",
    statement="The paper's own experiments meet Assumption 4.1 at C = 1",
    provenance=Provenance.RECONSTRUCTED,
    source="§6 against Assumption 4.1",
    regimes=("benign", "harmful"),
    check=ByFunction(_decide),
    kinds=(),
)
