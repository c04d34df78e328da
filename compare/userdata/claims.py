"""One claim for each bound and each time of a user-supplied theorem."""

from __future__ import annotations

from dataclasses import replace

from ...theory import Bound, StageTime, Theorem
from ..cells import Role, Study
from ..checks.deadline import Deadline
from ..checks.stage_bound import StageBound
from ..checks.time_scaling import Scaling
from ..claim import Check, Claim
from ..fitting.bounds import speaks_of
from ..verdict import Status, Verdict


def decide_theorem(study: Study, *, trained: bool) -> tuple[Verdict, ...]:
    """Decide every bound and time of the study's theorem.

    Args:
        study: with its constants fitted.
        trained: whether the curves are bofcheck's trajectories, which decide nothing about a
            theorem on another model.
    """
    return tuple(_decide(claim, study, trained) for claim in theorem_claims(study.theorem))


def theorem_claims(theorem: Theorem) -> tuple[Claim, ...]:
    """The claims a theorem makes, in its order.

    >>> from bofcheck.theory import get_theorem
    >>> [claim.id for claim in theorem_claims(get_theorem("jiang2024"))]
    ['J1', 'J2', 'T (benign)', 'T (harmful)', 'T (benign-order)', 'T (harmful-order)']
    """
    bounds = [_claim(theorem, one.name, _bound_statement(theorem, one), one, StageBound())
              for one in theorem.bounds]  # fmt: skip
    times = [_claim(theorem, one.name, _time_statement(one), one, _time_check(one))
             for one in theorem.times]  # fmt: skip
    return (*bounds, *times)


def _claim(
    theorem: Theorem, name: str, statement: str, part: Bound | StageTime, check: Check
) -> Claim:
    return Claim(
        id=name,
        statement=part.statement or statement,
        provenance=part.provenance,
        source=part.source,
        regimes=(theorem.regime,),
        check=check,
    )


def _bound_statement(theorem: Theorem, bound: Bound) -> str:
    stage = next(stage for stage in theorem.stages if bound in stage.bounds)
    sign = "at most" if bound.kind == "upper" else "at least"
    sides = " + ".join(str(side) for side in (bound.floor, bound.excess) if side != 0) or "0"
    return f"In stage {stage.number} ({stage.name}), {bound.quantity} is {sign} {sides}"


def _time_statement(time: StageTime) -> str:
    if time.reading == "scaling":
        return f"{time.event} scales as {time.expr}"
    return f"{time.event} comes within {time.expr} steps"


def _time_check(time: StageTime) -> Check:
    return (Scaling if time.reading == "scaling" else Deadline)(time.event, time.form)


def _decide(claim: Claim, study: Study, trained: bool) -> Verdict:
    part = next(part for part in study.theorem.statements if part.name == claim.id)
    held_out = list(study.select(Role.HELD_OUT, "stage"))
    if held_out and not any(speaks_of(part, result) for result in held_out):
        why = f"no held-out cell meets what it asks for, {part.condition.name}" if (
            part.condition) else "no held-out cell"  # fmt: skip
        return claim.verdict(study, Status.OUT_OF_SCOPE, why)
    try:
        verdict = claim.check.decide(claim, study)
    except Exception as error:  # any fault of one check is that claim's verdict
        reason = f"the check failed: {type(error).__name__}: {error}"
        return claim.verdict(study, Status.ERROR, reason)
    if study.theorem.model and trained:
        reason = (
            f"it is about {study.theorem.model}, not about the transformer trained here; there "
            f"the check says {verdict.status.value}: {verdict.reason}"
        )
        return replace(verdict, status=Status.OUT_OF_SCOPE, reason=reason, at_one_over_d=None)
    return verdict
