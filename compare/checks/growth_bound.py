"""`GrowthBound`: a bound that grows from an event on, judged by what the quantity grows from there.

At the start of its stage such a bound is nearly level, so that a quantity a little above that level
asks for an arbitrary rate, which then allows any growth later. What the bound says of growth is
therefore judged on the growth itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...simulate import Trajectory
from ...theory import Bound
from ..cells import CellResult, Role, Study, scope_of
from ..claim import Claim
from ..constants import Constants
from ..fitting.bounds import bound_along, speaks_of, stage_number, stage_of_named
from ..fitting.constants import fit_bound
from ..thresholds import GROWTH_ALLOWED, TRIVIAL_FRACTION
from ..verdict import Status, Verdict
from .stage_bound import StageBound

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class GrowthBound:
    """Growth is what is added from the first logged step of the stage on.

    A bound's open constant is what growth asks for: it is fitted on each run less what it
    has at that step, plus what the bound has there. It says nothing of a run that never grows, or
    grows by less than a tenth of what it allows at the run's last step in the stage; where these
    are more than half of the held-out runs and none violates, the claim is VACUOUS.

    Attributes:
        bound: decides all else.
    """

    bound: StageBound

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells."""
        named = study.theorem.bound(claim.id)
        judged = _fitted_on_growth(study, named) if named.constants else study
        verdict = self.bound.decide(claim, judged)
        if verdict.status in (Status.VIOLATED, Status.ERROR):
            return verdict
        results = [r for r in judged.select(Role.HELD_OUT, "stage") if speaks_of(named, r)]
        grown = [_growths(judged, result, named) for result in results]
        measured, allowed = (
            np.concatenate([part[side] for part in grown]) if grown else np.empty(0)
            for side in (0, 1)
        )  # fmt: skip
        if not measured.size:
            return verdict
        idle = allowed >= GROWTH_ALLOWED * np.maximum(measured, 0.0)
        told = _told(study, named, measured, allowed)
        evidence = {
            **verdict.evidence,
            "largest_growth": float(measured.max()),
            "allowed_growth": [float(allowed.min()), float(allowed.max())],
            "constants_fitted_on_growth": {
                str(name): judged.constants[str(name)].value
                for name in named.constants
                if str(name) in judged.constants
            },
        }
        verdict = replace(verdict, evidence=evidence, reason=f"{verdict.reason}; {told}")
        if idle.mean() <= TRIVIAL_FRACTION:
            return verdict
        return replace(
            verdict,
            status=Status.VACUOUS,
            scope=scope_of(results),
            reason=told,
            statistic=float(idle.mean()),
            statistic_name="fraction of runs that grow by less than a tenth of what is allowed",
            relation="<=",
            threshold=TRIVIAL_FRACTION,
            at_one_over_d=None,
        )


def _told(study: Study, bound: Bound, measured: Array, allowed: Array) -> str:
    """The growth that was measured beside that allowed, in words."""
    start = stage_of_named(study.theorem, bound.name).start
    grows = int((measured > 0).sum())
    told = f"{bound.quantity} grows in {grows} of {measured.size} runs from {start} on"
    if not grows:
        return f"{told}: the bound's growth has nothing to bound"
    reach = f"{allowed.min():.2g} to {allowed.max():.2g}"
    return f"{told}, by at most {measured.max():.2g}, where the bound allows {reach}"


def _fitted_on_growth(study: Study, bound: Bound) -> Study:
    """The study of growth alone, the bound's constants fitted there where that makes them less."""
    grown = fit_bound(_growth_alone(study, bound), bound.name)
    fitted = dict(grown.constants.fitted)
    for name in map(str, bound.constants):
        known = study.constants.fitted.get(name)
        if known is not None and (name not in fitted or known.value < fitted[name].value):
            fitted[name] = known
    return replace(grown, constants=Constants(fitted, grown.constants.failures))


def _growth_alone(study: Study, bound: Bound) -> Study:
    """The same study, the quantity of each run less what it has where the stage begins."""
    results = []
    for result in study.results:
        made = result.trajectory
        if result.cell.kind == "stage" and isinstance(made, Trajectory):
            on = _inside(study, result, bound)
            values, floor = made[bound.quantity], float(bound.floor)
            first = np.array([
                run[np.argmax(where)] if where.any() else np.nan
                for run, where in zip(values, on, strict=True)
            ])  # fmt: skip
            grown = floor + (values - first[:, None])
            arrays = {**made.quantities, bound.quantity: np.where(on, grown, values)}
            result = replace(result, trajectory=replace(made, quantities=arrays))
        results.append(result)
    return replace(study, results=tuple(results))


def _inside(study: Study, result: CellResult, bound: Bound) -> Flags:
    """(R, T) logged steps of the bound's stage."""
    number = stage_of_named(study.theorem, bound.name).number
    return np.asarray(stage_number(study, result) == number)


def _growths(study: Study, result: CellResult, bound: Bound) -> tuple[Array, Array]:
    """(R',) each: the largest growth of a run within the stage, and the bound's to its end."""
    limit = bound_along(study, result, bound, study.constants.widened(), log=False)
    values, on = result.trajectory[bound.quantity], _inside(study, result, bound)
    measured, allowed = [], []
    for run in np.flatnonzero(result.ok & on.any(axis=1)):
        at = np.flatnonzero(on[run] & ~np.isnan(limit[run]) & ~np.isnan(values[run]))
        if at.size > 1:
            measured.append(float((values[run, at[1:]] - values[run, at[0]]).max()))
            allowed.append(float(limit[run, at[-1]] - limit[run, at[0]]))
    return np.array(measured), np.array(allowed)
