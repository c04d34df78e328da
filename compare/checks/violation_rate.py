"""`ViolationRate`: the fraction of held-out runs that violate a claim, with an exact interval.

"With high probability" is a statement about runs, never about a mean curve. A run violates
when its margin is above zero; a run that diverged or did not reach the needed event is
undecided and counts against HOLDS without counting as a violation.

Runs of several cells are pooled, but a claim is made for every problem: one cell whose own
runs violate beyond the level is a violation, however many other cells dilute it. The two tests
share the 5% with which a true claim may be rejected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..cells import CellResult, Study, scope_of
from ..claim import Claim
from ..statistics.binomial import exact_bounds, runs_to_decide
from ..thresholds import EXACT_BOUND_MISS, TOLERATED_FRACTION, TRIVIAL_FRACTION, VIOLATION_LOOK_MISS
from ..verdict import AtOneOverD, Scope, Status, Verdict
from .label_draw import label_draws

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Outcome:
    """Margins of one held-out cell's runs.

    Attributes:
        result: the cell.
        margins: (R,) positive where the run violates, NaN where it cannot be decided.
        trivial: (R,) True where the run's bound is no better than the trivial one; such runs
            are set aside, they could not have violated anything.
        excluded: (R,) True where the claim does not speak of the run at all.
    """

    result: CellResult
    margins: Array
    trivial: NDArray[np.bool_] | None = None
    excluded: NDArray[np.bool_] | None = None

    @property
    def set_aside(self) -> NDArray[np.bool_]:
        """(R,) decided runs whose bound is trivial."""
        none = np.zeros(self.margins.size, dtype=bool)
        trivial = none if self.trivial is None else self.trivial & (self.margins <= 0)
        return trivial if self.excluded is None else trivial & ~self.excluded

    @property
    def counted(self) -> Array:
        """Margins of the runs that count."""
        left_out = self.set_aside if self.excluded is None else self.set_aside | self.excluded
        return self.margins[~left_out]


@dataclass(frozen=True)
class Count:
    """Runs of a group of cells, by how they are counted.

    Attributes:
        runs: how many count.
        violations: of these, how many violate.
        undecided: of these, how many cannot be decided.
        level: violating fraction that is tolerated.
        promised: largest failure probability the theorem promises among the cells; 0 if none.
        failing: cells that violate beyond the level by themselves, and their lower bounds.
        looks: how often the runs are looked at, while more are added; these share the chances of
            a miss (Bonferroni).
    """

    runs: int
    violations: int
    undecided: int
    level: float
    promised: float
    failing: Mapping[str, float] = field(default_factory=dict)
    looks: int = 1

    @property
    def miss(self) -> float:
        """Chance that the bound of the fraction misses at this look."""
        return EXACT_BOUND_MISS / self.looks

    @property
    def holds(self) -> bool:
        """Even if every undecided run violated, the fraction is within the level."""
        if self.runs == 0 or self.failing:
            return False
        return exact_bounds(self.unclear, self.runs, self.miss)[1] <= self.level

    @property
    def violated(self) -> bool:
        """Even if no undecided run violated, the fraction is beyond the level."""
        if self.failing:
            return True
        return self.runs > 0 and self.lower > self.level

    @property
    def unclear(self) -> int:
        """Runs that violate or cannot be decided."""
        return self.violations + self.undecided

    @property
    def lower(self) -> float:
        """Lower bound of the violating fraction that a failure in all runs rests on."""
        return exact_bounds(self.violations, self.runs, VIOLATION_LOOK_MISS / self.looks)[0]

    @property
    def more(self) -> int:
        """Further runs, none of them unclear, after which it would hold; 0 if runs cannot decide.

        They cannot where no run speaks about it, nor where surely more of them are unclear than may
        violate, unless so many violate that more runs would show it.
        """
        if not self.runs or self.holds or self.violated:
            return 0
        hopeless = exact_bounds(self.unclear, self.runs, self.miss)[0] > self.level
        if hopeless and self.violations <= self.level * self.runs:
            return 0
        return max(1, runs_to_decide(self.level, self.unclear, miss=self.miss) - self.runs)

    def as_dict(self) -> dict[str, object]:
        """JSON-ready; the bounds of the fraction are one-sided."""
        low, high = 0.0, 1.0
        if self.runs:
            low, high = exact_bounds(self.violations, self.runs, self.miss)
        return {
            "runs": self.runs,
            "violations": self.violations,
            "undecided": self.undecided,
            "fraction_low": low,
            "fraction_high": high,
            "failing_cells": dict(self.failing),
        }


def count(outcomes: Iterable[Outcome], looks: int = 1, quantile: float | None = None) -> Count:
    """Pool the runs of several cells.

    Args:
        outcomes: the cells.
        looks: how often the runs are looked at.
        quantile: fraction of runs that may violate, in place of the theorem's own and 5%.
    """
    chosen = list(outcomes)
    margins = np.concatenate([each.counted for each in chosen]) if chosen else np.empty(0)
    promised = max((each.result.promised for each in chosen), default=1.0)
    return Count(
        runs=margins.size,
        violations=int((margins > 0).sum()),
        undecided=int(np.isnan(margins).sum()),
        level=max(promised, TOLERATED_FRACTION) if quantile is None else quantile,
        promised=promised if quantile is None else 0.0,
        failing=_failing(chosen, looks, quantile),
        looks=looks,
    )


def _worst_failing(ruling: Count) -> str:
    return max(ruling.failing, key=lambda name: ruling.failing[name])


def _level(outcome: Outcome, quantile: float | None) -> float:
    """Violating fraction a cell may have."""
    return max(outcome.result.promised, TOLERATED_FRACTION) if quantile is None else quantile


def _failing(outcomes: Sequence[Outcome], looks: int, quantile: float | None) -> dict[str, float]:
    """Cells beyond the level by themselves; `VIOLATION_LOOK_MISS` is shared among all looks."""
    failing = {}
    for outcome in outcomes:
        violations, runs = int((outcome.counted > 0).sum()), outcome.counted.size
        low = exact_bounds(violations, runs, VIOLATION_LOOK_MISS / (len(outcomes) * looks))[0]
        if low > _level(outcome, quantile):
            failing[outcome.result.cell.name] = low
    return failing


@dataclass(frozen=True)
class ViolationRate:
    """Runs are counted, by exact one-sided 95% bounds of the fraction that violates.

    HOLDS where the upper bound stays within max(1/d, 5%) even if every undecided run violated (59
    clean runs do); a failure where the lower bound is beyond it, in all runs or in one cell. Cells
    inside Assumption 4.1 decide by themselves. Where runs are added until it is decided, all looks
    share these 5%. A bound at a quantile has that for the level.

    Attributes:
        outcomes: one per held-out cell the claim speaks about.
        what: what a violating run does, e.g. ``"exceed the bound"``.
        tightness: how much room the bound leaves, as the caller measures it.
        fitted: whether margins depend on constants fitted on calibration runs.
        quantile: fraction of runs that may violate, where the bound names one itself.
    """

    outcomes: Sequence[Outcome]
    what: str
    tightness: float | None = None
    fitted: bool = False
    quantile: float | None = None

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on a claim about these runs."""
        outcomes = self.outcomes
        if not outcomes:
            return claim.verdict(study, Status.INCONCLUSIVE, "there is no held-out stage cell")
        groups = {
            Scope.INSIDE: count(
                (o for o in outcomes if o.result.inside), study.looks, self.quantile
            ),
            Scope.OUTSIDE: count(
                (o for o in outcomes if not o.result.inside), study.looks, self.quantile
            ),
        }
        pooled = count(outcomes, study.looks, self.quantile)
        status, scope, ruling = _rule(groups, pooled)
        reason = _reason(status, ruling, self.what)
        if status is Status.VIOLATED and scope is Scope.OUTSIDE:
            assumed = study.theorem.assumption or "its own conditions"
            few = groups[Scope.INSIDE].runs
            inside = f"the {few} runs inside are too few to decide" if few else "no run lies inside"
            reason += f", all in cells outside {assumed}: {inside}"
        statistic, name = _exact_statistic(status, ruling, self.what)
        threshold = ruling.level
        if ruling.failing and ruling.lower <= ruling.level:
            worst_one = _worst_failing(ruling)
            failed = next(each for each in outcomes if each.result.cell.name == worst_one)
            threshold = _level(failed, self.quantile)
        aside = sum(int(each.set_aside.sum()) for each in outcomes)
        if aside > pooled.runs and not pooled.violations:
            status, scope = Status.VACUOUS, scope_of(each.result for each in outcomes)
            everyone = aside + pooled.runs
            statistic, name = aside / everyone, "fraction of runs whose bound is the trivial one"
            threshold = TRIVIAL_FRACTION
            reason = f"the bound says no more than the trivial one in {aside} of {everyone} runs"
        worst = max(
            (each for each in outcomes if not np.isnan(each.margins).all()),
            key=lambda each: float(np.nanmax(each.margins)),
            default=None,
        )
        at_level, more = None, ruling.more
        if ruling.runs and ruling.promised:
            at_level = at_one_over_d(ruling, self.fitted)
            if claim.label_draw:
                at_level = with_label_draw(at_level, _of_scope(outcomes, scope))
            if status is Status.HOLDS and (refuted := at_level.against()):
                reason = f"{reason}; {refuted}"
        return claim.verdict(
            study,
            status,
            reason,
            scope=scope,
            statistic=statistic,
            statistic_name=name,
            relation="<=",
            threshold=threshold,
            tightness=self.tightness,
            worst_cell=worst.result.cell.name if worst else None,
            at_one_over_d=at_level,
            evidence={
                "confidence": 1 - pooled.miss,
                **({"more_runs": more} if status is Status.INCONCLUSIVE and more else {}),
                "all": pooled.as_dict(),
                "trivial_runs": aside,
                **{scope.value: group.as_dict() for scope, group in groups.items()},
                "cells": [_cell_line(each) for each in outcomes],
            },
        )


def _exact_statistic(status: Status, ruling: Count, what: str) -> tuple[float | None, str]:
    """The Clopper–Pearson bound the status rests on, and its name."""
    if not ruling.runs:
        return None, ""
    if status is Status.VIOLATED:
        sure = _percent(1 - VIOLATION_LOOK_MISS / ruling.looks)
        name = f"lower {sure} bound of the fraction of runs that {what}"
        if ruling.lower > ruling.level:
            return ruling.lower, name
        return ruling.failing[_worst_failing(ruling)], f"{name}, in the worst cell"
    high = exact_bounds(ruling.unclear, ruling.runs, ruling.miss)[1]
    sure = _percent(1 - ruling.miss)
    return high, f"upper {sure} bound of the fraction of runs that {what} or cannot be decided"


def _percent(share: float) -> str:
    """A confidence in percent.

    >>> _percent(0.95), _percent(1 - 0.05 / 4), _percent(0.975)
    ('95%', '98.75%', '97.5%')
    """
    return f"{100 * share:.5g}%"


def _rule(groups: dict[Scope, Count], pooled: Count) -> tuple[Status, Scope, Count]:
    """The cells inside the assumptions decide; those outside never make up for them."""
    inside, outside = groups[Scope.INSIDE], groups[Scope.OUTSIDE]
    spotless = inside.violations == inside.undecided == 0
    if inside.violated:
        return Status.VIOLATED, Scope.INSIDE, inside
    if inside.holds:
        if outside.runs and pooled.holds and not outside.violated:
            return Status.HOLDS, Scope.BOTH, pooled
        return Status.HOLDS, Scope.INSIDE, inside
    if outside.holds and spotless:
        return Status.HOLDS, Scope.OUTSIDE, outside
    if outside.violated and spotless:
        return Status.VIOLATED, Scope.OUTSIDE, outside
    if inside.runs:
        return Status.INCONCLUSIVE, Scope.INSIDE, inside
    return Status.INCONCLUSIVE, Scope.OUTSIDE if outside.runs else Scope.NONE, outside


def _reason(status: Status, ruling: Count, what: str) -> str:
    tally = f"{ruling.violations} of {ruling.runs} held-out runs {what}"
    if ruling.undecided:
        tally += f", {ruling.undecided} cannot be decided"
    if ruling.failing:
        tally += f"; too many in {', '.join(ruling.failing)} alone"
    if status is Status.INCONCLUSIVE:
        if not ruling.runs:
            return "no held-out run speaks about it"
        if ruling.undecided:
            return tally
        need = runs_to_decide(ruling.level, ruling.violations, miss=ruling.miss) - ruling.runs
        return f"{tally}; {need:,} more runs without one would decide it"
    return tally


def at_one_over_d(ruling: Count, fitted: bool) -> AtOneOverD:
    """The same runs at the theorem's own 1/d, d the smallest among their cells, all cells pooled.

    Undecided runs count as in the verdict: neither for it nor against it. Constants fitted on a
    few dozen runs cannot be expected to cover all but 1/d of others, so a run beyond them refutes
    these constants, not the claim that there are some.
    """
    level = ruling.promised
    status, miss = Status.INCONCLUSIVE, ruling.miss
    if exact_bounds(ruling.unclear, ruling.runs, miss)[1] <= level:
        status = Status.HOLDS
    elif not fitted and exact_bounds(ruling.violations, ruling.runs, miss)[0] > level:
        status = Status.VIOLATED
    return AtOneOverD(
        level, status, ruling.runs, ruling.violations, ruling.undecided,
        runs_to_decide(level, ruling.violations, miss=miss),
    )  # fmt: skip


def with_label_draw(line: AtOneOverD, results: Iterable[CellResult]) -> AtOneOverD:
    """The same line, decided by the draw of the labels where its probability is above 1/d.

    Args:
        line: what the runs say.
        results: the cells behind it; of those whose draw breaks the promise, the likeliest counts.
    """
    breaking = [draw for draw in label_draws(results) if draw.ratio > 1]
    worst = max(breaking, key=lambda draw: draw.failure, default=None)
    if worst is None:
        return line
    return replace(
        line, status=Status.VIOLATED, level=worst.promised, label_draw=worst.failure,
        runs_to_decide=0,
    )  # fmt: skip


def _of_scope(outcomes: Iterable[Outcome], scope: Scope) -> list[CellResult]:
    """The cells that a ruling with this scope rests on."""
    every = [outcome.result for outcome in outcomes]
    return [each for each in every if scope is Scope.BOTH or each.inside is (scope is Scope.INSIDE)]


def _cell_line(outcome: Outcome) -> dict[str, object]:
    known = outcome.margins[~np.isnan(outcome.margins)]
    return {
        "cell": outcome.result.cell.name,
        "inside": outcome.result.inside,
        "runs": int(outcome.margins.size),
        "violations": int((outcome.margins > 0).sum()),
        "undecided": int(np.isnan(outcome.margins).sum()),
        "trivial": int(outcome.set_aside.sum()),
        "diverged": int(outcome.result.trajectory.diverged.sum()),
        "worst_margin": float(known.max()) if known.size else None,
    }
