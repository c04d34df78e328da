"""`MeanBound`: does the mean over the runs of every held-out cell obey a bound in expectation?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...theory import Bound
from ..cells import CellResult, Role, Study
from ..claim import Claim
from ..events import steps_by_run
from ..fitting.bounds import NEVER, bound_along, measures, speaks_of, stage_number, stage_of_named
from ..fitting.means import at_shared_steps, mean_of, of_means
from ..statistics.mean_limits import mean_limits
from ..thresholds import MEAN_BOUND_MISS, MEAN_MIN_RUNS, TRIVIAL_FRACTION, UNSEEN_SHARE_OF_STAGE
from ..verdict import Scope, Status, Verdict
from .bound_shape import BoundShape, discriminating
from .log_limits import timings, watched_to_the_end
from .stage_bound import cannot_judge, flat_rates, trivial_runs

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CellMean:
    """How the mean over the runs of one held-out cell lies to a bound.

    Attributes:
        result: the cell.
        runs: how many runs are averaged.
        steps: at how many steps.
        high: furthest that the upper limit of the mean lies beyond the bound; negative if within.
        low: furthest that its lower limit does, all points of all cells sharing the error.
        typical: furthest that the mean itself does.
        at: the step of ``low``.
        trivial: whether the bound says no more there than is always true.
        why: why it can never be found within the bound; empty if it can.
    """

    result: CellResult
    runs: int
    steps: int = 0
    high: float = np.nan
    low: float = np.nan
    typical: float = np.nan
    at: float = np.nan
    trivial: bool = False
    why: str = ""

    @property
    def more(self) -> int:
        """Further runs that would tell, if mean and scatter stay as they are; 0 if none would.

        An interval's reach falls as one over the root of the number of runs.
        """
        if 0 < self.runs < MEAN_MIN_RUNS:
            return MEAN_MIN_RUNS - self.runs
        if self.within or self.beyond or self.why or not self.typical:
            return 0
        limit = self.high if self.typical < 0 else self.low
        times = ((limit - self.typical) / self.typical) ** 2
        return max(1, int(np.ceil(self.runs * times)) - self.runs) if np.isfinite(times) else 0

    @property
    def within(self) -> bool:
        """Whether the mean surely obeys the bound at every step."""
        return self.high <= 0 and not self.why

    @property
    def beyond(self) -> bool:
        """Whether the mean surely breaks the bound at some step."""
        return self.low > 0


@dataclass(frozen=True)
class MeanBound:
    """The bound that bears the claim's id is judged on the mean over runs, with widened constants.

    At every logged step of the stage at which all runs of a cell have a number, an interval of
    their mean is compared with the bound: Student's t, by Hall's transformation further out on the
    side of a long tail. Stages begin and end where the mean meets the events. HOLDS where the upper
    limit is within the bound at every step of every held-out cell: each misses by 5%, and so does
    HOLDS, which needs all of them. VIOLATED where the lower limit is beyond it at some step of a
    cell, with 5% for all steps of all cells together. A cell of fewer than 8 runs, or with a
    diverged run, decides nothing; a mean that is not known to the end of the stage, or over more
    than a quarter of it, can violate and cannot hold. Cells inside the theorem's conditions decide
    by themselves. Where runs are added until it is decided, all looks share these 5%.
    """

    RULES = (BoundShape,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells the bound speaks of."""
        verdict = self.of_means(claim, study)

        def again(same: Claim, changed: Study) -> Verdict:
            return self.of_means(same, replace(changed, results=study.results))

        return discriminating(verdict, claim, of_means(study), again)

    def of_means(self, claim: Claim, study: Study) -> Verdict:
        """The verdict as far as means decide it, whatever the bound's shape."""
        if (verdict := cannot_judge(claim, study)) is not None:
            return verdict
        bound = study.theorem.bound(claim.id)
        cells = _cell_means(study, bound)
        if not cells:
            return claim.verdict(study, Status.INCONCLUSIVE, "there is no held-out stage cell")
        status, scope = _rule(cells)
        judged = [cell for cell in cells if scope is not Scope.INSIDE or cell.result.inside]
        what = "exceeds" if bound.kind == "upper" else "falls below"
        reason = _reason(status, judged, f"the mean over runs {what} the bound")
        trivial = sum(cell.trivial for cell in cells)
        more = max(cell.more for cell in cells)
        flat = flat_rates(study, bound)
        idle = trivial > TRIVIAL_FRACTION * len(cells)
        if idle and not any(cell.beyond for cell in cells):
            status = Status.VACUOUS
            share = f"{trivial} of {len(cells)} cells"
            reason = f"the bound says no more than the trivial one in {share}"
        elif flat and status is Status.HOLDS and bound.kind == "upper":
            status = Status.VACUOUS
        if flat:
            reason += f"; fitted as 0: {', '.join(flat)}, so the bound does not decay"
        failed = status is Status.VIOLATED
        if failed and scope is Scope.OUTSIDE:
            assumed = study.theorem.assumption or "its own conditions"
            reason += f", all in cells outside {assumed}: no cell lies inside"
        limits = {cell.result.cell.name: cell.low if failed else cell.high for cell in judged}
        known = {name: limit for name, limit in limits.items() if not np.isnan(limit)}
        worst = max(known, key=lambda name: known[name], default=None)
        side = "lower" if failed else "upper"
        rooms = [-cell.typical for cell in judged if np.isfinite(cell.typical)]
        return claim.verdict(
            study,
            status,
            reason,
            scope=scope,
            statistic=None if worst is None else known[worst],
            statistic_name=f"{side} limit of how far the mean over runs {what} the bound",
            relation="<=",
            threshold=0.0,
            tightness=float(np.median(rooms)) if rooms else None,
            worst_cell=worst,
            evidence={
                "confidence": 1 - MEAN_BOUND_MISS / study.looks,
                "points": sum(cell.steps for cell in cells),
                "trivial_cells": trivial,
                "cells": [_line(cell) for cell in cells],
                **({"more_runs": more} if status is Status.INCONCLUSIVE and more else {}),
            },
        )


def _cell_means(study: Study, bound: Bound) -> list[CellMean]:
    """How the mean of each held-out cell lies to the bound."""
    held_out = [r for r in study.select(Role.HELD_OUT, "stage") if speaks_of(bound, r)]
    means = [mean_of(study.theorem, result) for result in held_out]
    points = sum(int(_inside(study, mean, bound).sum()) for mean in means)
    return [
        _cell_mean(study, result, mean, bound, max(points, 1))
        for result, mean in zip(held_out, means, strict=True)
    ]


def _cell_mean(
    study: Study, result: CellResult, mean: CellResult, bound: Bound, points: int
) -> CellMean:
    runs = int(result.ok.sum())
    blank = CellMean(result, runs)
    if not measures(result, bound):
        return replace(blank, why=f"its curves have no {bound.quantity}")
    if not result.ok.all():
        return replace(blank, why=f"{int((~result.ok).sum())} runs diverged")
    if runs < MEAN_MIN_RUNS:
        return replace(blank, why=f"it has {runs} runs; {MEAN_MIN_RUNS} are needed")
    steps, values = at_shared_steps(result, bound.quantity)
    if not steps.size:
        return replace(blank, why="its runs have no step in common")
    sign = 1.0 if bound.kind == "upper" else -1.0
    at = np.searchsorted(mean.trajectory.steps, steps)
    limits = [sign * _limit(study, timing, bound)[at] for timing in timings(mean)]
    surely = [sign * _limit(study, timing, bound)[at] for timing in timings(mean, surely=True)]
    signed = sign * values
    miss = MEAN_BOUND_MISS / study.looks
    _, top = mean_limits(signed, miss)
    bottom, _ = mean_limits(signed, miss / points)
    middle = signed.mean(axis=0)
    here = _inside(study, mean, bound)[0, at]
    if not here.any():
        return replace(blank, why="its mean never enters the stage")
    beyond = bottom - limits[0]
    trivial = trivial_runs(study, mean, bound.name, study.constants.widened())
    return replace(
        blank,
        steps=int(here.sum()),
        high=float(np.max([_furthest(top - limit) for limit in limits])),
        low=float(np.min([_furthest(bottom - limit) for limit in surely])),
        typical=_furthest(middle - limits[0]),
        at=float(steps[np.where(np.isnan(beyond), -np.inf, beyond).argmax()]),
        trivial=trivial is not None and bool(trivial[0]),
        why=_not_all_seen(study, result, mean, bound, limits[0][here]),
    )


def _limit(study: Study, mean: CellResult, bound: Bound) -> Array:
    """(T,) the bound along a mean curve, NaN outside its stage."""
    limit: Array = bound_along(study, mean, bound, study.constants.widened(), log=False)[0]
    return limit


def _inside(study: Study, mean: CellResult, bound: Bound) -> NDArray[np.bool_]:
    """(1, T) points of the stage at which there is a mean."""
    if bound.quantity not in mean.trajectory.quantities:
        return np.zeros((1, mean.trajectory.steps.size), dtype=bool)
    number = stage_of_named(study.theorem, bound.name).number
    measured = ~np.isnan(mean.trajectory[bound.quantity])
    return np.asarray((stage_number(study, mean) == number) & measured)


def _furthest(margins: Array) -> float:
    """The largest margin; NaN without any."""
    known = margins[~np.isnan(margins)]
    return float(known.max()) if known.size else np.nan


def _not_all_seen(
    study: Study, result: CellResult, mean: CellResult, bound: Bound, limit: Array
) -> str:
    """Why the mean may break the bound where it is not known; empty if it is known everywhere."""
    if np.isnan(limit).any():
        return "the formula is not a number at some step"
    end = str(stage_of_named(study.theorem, bound.name).end)
    watched = bool(watched_to_the_end(study, mean, bound).all())
    if end == NEVER:
        watched = watched and bool(watched_to_the_end(study, result, bound).all())
    if not watched:
        return "its mean is not known to the end of the stage"
    measured = ~np.isnan(result.trajectory[bound.quantity])
    logged = np.unique(steps_by_run(result.trajectory)[measured])
    inside = _inside(study, mean, bound)[0]
    known = mean.trajectory.steps[inside]
    among = logged[(logged >= known.min()) & (logged <= known.max())]
    if len(known) < (1 - UNSEEN_SHARE_OF_STAGE) * len(among):
        return f"its runs share {len(known)} of {len(among)} logged steps"
    return ""


def _rule(cells: Sequence[CellMean]) -> tuple[Status, Scope]:
    """The cells inside the assumptions decide; those outside never make up for them."""
    inside = [cell for cell in cells if cell.result.inside]
    outside = [cell for cell in cells if not cell.result.inside]
    if any(cell.beyond for cell in inside):
        return Status.VIOLATED, Scope.INSIDE
    if inside and all(cell.within for cell in inside):
        both = bool(outside) and all(cell.within for cell in outside)
        return Status.HOLDS, Scope.BOTH if both else Scope.INSIDE
    if not inside and all(cell.within for cell in outside):
        return Status.HOLDS, Scope.OUTSIDE
    if not inside and any(cell.beyond for cell in outside):
        return Status.VIOLATED, Scope.OUTSIDE
    return Status.INCONCLUSIVE, Scope.INSIDE if inside else Scope.OUTSIDE


def _reason(status: Status, cells: Sequence[CellMean], what: str) -> str:
    beyond = [cell for cell in cells if cell.beyond]
    tally = f"{what} in {len(beyond)} of {len(cells)} held-out cells"
    if beyond:
        worst = max(beyond, key=lambda cell: cell.low)
        tally += f", in {worst.result.cell.name} at step {worst.at:g}"
    if status is Status.INCONCLUSIVE:
        open_cells = [cell for cell in cells if not cell.within and not cell.beyond]
        tally += "; " + "; ".join(_open(open_cells))
    return tally


def _open(cells: Iterable[CellMean]) -> list[str]:
    """Why cells decide nothing, cells with one reason together."""
    names: dict[str, list[str]] = {}
    for cell in cells:
        why = cell.why
        if not why and cell.more:
            why = f"about {cell.more:,} more runs would tell on which side its mean lies"
        why = why or "its mean lies at the bound"
        names.setdefault(why, []).append(cell.result.cell.name)
    return [f"{', '.join(where)}: {why}" for why, where in names.items()]


def _line(cell: CellMean) -> dict[str, object]:
    def shown(number: float) -> float | None:
        return number if np.isfinite(number) else None

    return {
        "cell": cell.result.cell.name,
        "inside": cell.result.inside,
        "runs": cell.runs,
        "steps": cell.steps,
        "mean_beyond": shown(cell.typical),
        "lower_limit_beyond": shown(cell.low),
        "upper_limit_beyond": shown(cell.high),
        "trivial": cell.trivial,
        "undecided": cell.why,
    }
