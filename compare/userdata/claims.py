"""One claim for each bound and each time of a user-supplied theorem."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...simulate import ModelProblem
from ...theory import Bound, Boundary, StageTime, Theorem
from ..cells import CellResult, Role, Study
from ..checks.deadline import Deadline
from ..checks.mean_bound import MeanBound
from ..checks.stage_bound import StageBound
from ..checks.strength_boundary import StrengthBoundary
from ..checks.time_scaling import Scaling
from ..claim import Check, Claim
from ..fitting.bounds import speaks_of
from ..fitting.constants import fit_constants
from ..verdict import Status, Verdict
from .copies import find_copies, without_copies


@dataclass(frozen=True)
class StatedPart:
    """Held-out cells that do not meet the condition of a bound or law say nothing about it.

    A theorem about another model is OUT_OF_SCOPE on transformers trained here. Measured runs that
    are copies of other runs, to the last digit, never make a bound or law hold: it must hold with
    each of them counted once too.

    Attributes:
        check: how the bound or law is decided.
        trained: whether the curves are bofcheck's trajectories.
    """

    check: Check
    trained: bool

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the bound or law that has the claim's id."""
        verdict = self._verdict(claim, study)
        if self.trained:
            return verdict
        if copies := _copies(study):
            if verdict.status is Status.HOLDS:
                results = without_copies(study.results)
                once = self._verdict(claim, fit_constants(replace(study, results=results)))
                if once.status is not Status.HOLDS:
                    return replace(once, reason=f"{copies}; each counted once, {once.reason}")
            verdict = replace(verdict, reason=f"{verdict.reason}; {copies}")
        gaps = _gaps(study.results) if verdict.status is Status.INCONCLUSIVE else ""
        if gaps:
            verdict = replace(verdict, reason=f"{verdict.reason}; {gaps}")
        return verdict

    def _verdict(self, claim: Claim, study: Study) -> Verdict:
        part = next(part for part in study.theorem.statements if part.name == claim.id)
        held_out = list(study.select(Role.HELD_OUT, "stage"))
        if held_out and not any(speaks_of(part, result) for result in held_out):
            asked = f" meets what it asks for, {part.condition.name}" if part.condition else ""
            return claim.verdict(study, Status.OUT_OF_SCOPE, f"no held-out cell{asked}")
        verdict = self.check.decide(claim, study)
        if not self.trained or not _another_model(study):
            return verdict
        reason = (
            f"it is about {study.theorem.model}, not about the transformer trained here; there "
            f"the check says {verdict.status.value}: {verdict.reason}"
        )
        return replace(verdict, status=Status.OUT_OF_SCOPE, reason=reason, at_one_over_d=None)


def _another_model(study: Study) -> bool:
    """Whether the theorem is about another model than its cells train."""
    if not study.theorem.model:
        return False
    models = {
        problem.network.name if isinstance(problem, ModelProblem) else "attention"
        for result in study.results
        if (problem := result.cell.trained) is not None
    }
    return models != {study.theorem.trained_as}


def _copies(study: Study) -> str:
    """How many runs are copies, in words; empty if none is."""
    marks = find_copies(study.results)
    for role in (Role.HELD_OUT, Role.CALIBRATION):
        marked = [marks[result.cell.name] for result in study.select(role)]
        copies = sum(int(which.sum()) for which in marked)
        if copies:
            total = sum(which.size for which in marked)
            runs_of_role = f"{role.value.replace(' ', '-')} runs"
            return f"{copies} of {total} {runs_of_role} are copies of others, to the last digit"
    return ""


def _gaps(results: Iterable[CellResult]) -> str:
    """Which runs count as diverged because of how their file was read; empty if none does."""
    cells: dict[str, list[str]] = {}
    for result in results:
        diverged = result.trajectory.diverged
        why = str(result.trajectory.provenance.get("gaps", ""))
        if why and diverged.any():
            tally = f"{result.cell.name}: {int(diverged.sum())} of {diverged.size}"
            cells.setdefault(why, []).append(tally)
    return "; ".join(
        f"{', '.join(tallies)} runs count as diverged {why}" for why, tallies in cells.items()
    )


def theorem_claims(theorem: Theorem, *, trained: bool) -> tuple[Claim, ...]:
    """The claims a theorem makes, in its order.

    Args:
        theorem: any theorem.
        trained: whether the curves are bofcheck's trajectories, which decide nothing about a
            theorem on another model.

    Example:
        >>> from bofcheck.theory import get_theorem
        >>> [claim.id for claim in theorem_claims(get_theorem("jiang2024"), trained=False)]
        ['J1', 'J2', 'T (benign)', 'T (harmful)', 'T (benign-order)', 'T (harmful-order)', 'T2 ...]
    """
    parts: list[tuple[Bound | StageTime | Boundary, str, Check]] = [
        (bound, _bound_statement(theorem, bound), _bound_check(bound)) for bound in theorem.bounds
    ]
    parts += [(time, _time_statement(time), _time_check(time)) for time in theorem.times]
    parts += [
        (boundary, _boundary_statement(boundary), StrengthBoundary())
        for boundary in theorem.boundaries
    ]
    return tuple(
        Claim(
            id=part.name,
            statement=part.statement or statement,
            provenance=part.provenance,
            seen=part.seen,
            source=part.source,
            regimes=(theorem.regime,),
            check=StatedPart(check, trained),
        )
        for part, statement, check in parts
    )


def _bound_statement(theorem: Theorem, bound: Bound) -> str:
    stage = next(stage for stage in theorem.stages if bound in stage.bounds)
    sign = "at most" if bound.kind == "upper" else "at least"
    sides = " + ".join(str(side) for side in (bound.floor, bound.excess) if side != 0) or "0"
    mean = "the mean over runs of " if bound.reading == "mean" else ""
    odds = "" if bound.quantile is None else f" with probability {1 - bound.quantile:g} or more"
    return f"In stage {stage.number} ({stage.name}), {mean}{bound.quantity} is {sign} {sides}{odds}"


def _bound_check(bound: Bound) -> Check:
    return MeanBound() if bound.reading == "mean" else StageBound()


def _boundary_statement(boundary: Boundary) -> str:
    return f"{boundary.quantity} crosses {boundary.level} at a constant {boundary.strength}"


def _time_statement(time: StageTime) -> str:
    if time.reading == "scaling":
        return f"{time.event} scales as {time.expr}"
    return f"{time.event} comes within {time.expr} steps"


def _time_check(time: StageTime) -> Check:
    return (Scaling if time.reading == "scaling" else Deadline)(time.event, time.form)
