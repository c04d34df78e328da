"""What the limit predicts of harmful cells inside Assumption 4.1, too long to be trained here."""

from __future__ import annotations

import functools
from dataclasses import asdict, dataclass, replace

from .....simulate import ErrorCrossover, Problem, find_crossover
from ....cells import Cell, Role, Study, strength, theory_values
from ....claim import Claim
from ....verdict import Verdict
from ..designs import get_design

#: So many of the preset's held-out harmful cells are predicted.
_CELLS = 2


@dataclass(frozen=True)
class PredictedHarm:
    """Said beside the verdict, which stays as it is: the limit inside Assumption 4.1.

    The first two held-out harmful cells of preset theory lie inside and take millions of steps
    each. For them the limit predicts, with nothing fitted or trained, test_error and test_loss when
    train_loss reaches its target, and the d from which test_error is within 0.01 of p.
    """

    def add(self, verdict: Verdict, claim: Claim, study: Study) -> Verdict:
        """The verdict with what the limit predicts there."""
        cells = [
            cell
            for cell in get_design("theory").cells["harmful"]
            if cell.kind == "stage" and cell.role is Role.HELD_OUT
            and study.theorem.check(theory_values(cell.problem)).holds
        ][:_CELLS]  # fmt: skip
        made = {cell.name: (cell, _crossover(cell.problem)) for cell in cells}
        if not made:
            return verdict
        said = "; ".join(_said(cell, found) for cell, found in made.values())
        evidence = {name: _line(cell, found) for name, (cell, found) in made.items()}
        return replace(
            verdict,
            reason=f"{verdict.reason}; predicted by the limit inside Assumption 4.1, not trained: "
            f"{said}",
            evidence={**verdict.evidence, "predicted_inside_not_trained": evidence},
        )


@functools.cache
def _crossover(problem: Problem) -> ErrorCrossover:
    return find_crossover(problem)


def _said(cell: Cell, found: ErrorCrossover) -> str:
    p = cell.problem.flip_prob
    return (
        f"at N·SNR² = {strength(cell.problem):.2g}, p = {p:g} and d = {cell.problem.dim:.1e} "
        f"test_error - p is {found.test_error - p:.4f} and test_loss {found.harm:.0%} of the way "
        f"from H(p) to log 2; test_error reaches p + 0.01 at d = {found.reaches:.1e}"
    )


def _line(cell: Cell, found: ErrorCrossover) -> dict[str, object]:
    kept = {name: value for name, value in asdict(found).items() if name != "problem"}
    return {"d": cell.problem.dim, "p": cell.problem.flip_prob, **kept}
