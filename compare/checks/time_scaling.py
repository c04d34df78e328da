"""`Scaling`: does an event's time scale as a law says, neither faster nor slower?

Event times scatter between runs, T1 by a factor of ten, so the medians of a few runs differ
between cells under a perfect law. The spread of the medians is therefore judged with its
limits, and too much scatter is INCONCLUSIVE either way. The second test is of the powers fitted
over the design for powers, run by run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from ...theory import StageTime
from ..cells import CellResult, Role, Study
from ..claim import Claim
from ..fitting.bounds import speaks_of
from ..fitting.stage_laws import cell_without_steps, law_constants, law_steps
from ..thresholds import (
    STAGE_TIME_CONFIDENCE,
    STAGE_TIME_LOOK_CONFIDENCE,
    STAGE_TIME_MIN_CELLS,
    STAGE_TIME_MIN_RUNS,
    STAGE_TIME_RESAMPLES,
    STAGE_TIME_SPREAD,
)
from ..verdict import Scope, Status, Verdict
from .agreement import Word
from .time_powers import TimePowers, time_powers
from .time_wrong_powers import TimeWrongPowers, telling

Array = NDArray[np.float64]

_READING = "two-sided: the event comes neither earlier nor later than the law, up to 2x"


@dataclass(frozen=True)
class Spread:
    """Largest over smallest cell median of event time / law, with limits.

    Attributes:
        point: the spread of the medians as measured.
        low: a spread the true medians have at least. The extreme cells are picked by half of
            their runs and compared by the other half, so that picking inflates nothing.
        high: a spread they have at most, by resampling runs; scatter inflates it, so HOLDS is on
            the safe side.
    """

    point: float
    low: float
    high: float


def spread_of(cells: list[Array]) -> Spread | None:
    """The spread of cell medians; None where there are too few cells, or runs in a cell.

    Args:
        cells: (R,) event time / law of each cell's runs, inf where the event was not reached.

    Example:
        >>> level = [np.full(8, 3.0), np.full(8, 3.0), np.full(8, 3.0), np.full(8, 4.5)]
        >>> spread_of(level)
        Spread(point=1.5, low=1.5, high=1.5)
    """
    if (
        len(cells) < STAGE_TIME_MIN_CELLS
        or min(values.size for values in cells) < STAGE_TIME_MIN_RUNS
    ):
        return None
    rng = np.random.default_rng(0)
    medians = np.array([np.median(values) for values in cells])
    point = float(medians.max() / medians.min())
    drawn = np.stack(
        [
            np.median(rng.choice(values, (STAGE_TIME_RESAMPLES, values.size)), axis=1)
            for values in cells
        ]
    )
    # medians of runs that mostly never arrive, or mostly start there
    with np.errstate(invalid="ignore", divide="ignore"):
        spreads = np.nan_to_num(drawn.max(axis=0) / drawn.min(axis=0), nan=np.inf, posinf=np.inf)
    high = max(point, float(np.quantile(spreads, STAGE_TIME_CONFIDENCE, method="higher")))
    return Spread(point, max(1.0, math.exp(_log_lower(cells))), high)


def _log_lower(cells: list[Array]) -> float:
    """Lower 97.5% limit of the log spread, by picking and comparing on different runs.

    The log ratio of two fixed cells' medians never exceeds the log spread on average. Its
    error: the variance of a median is π/2 times that of a mean for Gaussian log times.
    """
    halves = [[values[0::2] for values in cells], [values[1::2] for values in cells]]
    ratios, variances = [], []
    for picking, comparing in (halves, halves[::-1]):
        medians = [np.median(values) for values in picking]
        chosen = (int(np.argmax(medians)), int(np.argmin(medians)))
        late, early = (np.median(comparing[cell]) for cell in chosen)
        if not np.isfinite(late) or not np.isfinite(early):
            return 0.0  # unreached runs: the data do not say how late
        if any(np.any(cells[cell] == 0) for cell in chosen):
            return 0.0  # nor how early, of runs that start there
        ratios.append(math.log(late / early))
        for cell in chosen:
            logs = np.log(cells[cell][np.isfinite(cells[cell])])
            variances.append(math.pi / 2 * logs.var(ddof=1) / comparing[cell].size)
    error = math.sqrt(sum(variances)) / 2
    freedom = 2 * (min(values.size for values in cells) - 1)
    return float(np.mean(ratios) - student.ppf(STAGE_TIME_LOOK_CONFIDENCE, freedom) * error)


@dataclass(frozen=True)
class Ratios:
    """Event time / law of one cell's runs, inf where the event was not reached.

    Attributes:
        inside: whether the theorem's assumptions hold in the cell.
        times: (R,) with events interpolated between logged steps.
        first: (R,) the least it can be, by the log.
        last: (R,) the most it can be.
    """

    inside: bool
    times: Array
    first: Array
    last: Array

    @property
    def coarse(self) -> bool:
        """Whether the log leaves some of it open."""
        return not np.array_equal(self.first, self.last)


def spread_within(cells: list[Ratios]) -> Spread | None:
    """The spread of medians of times of which the log says only what they lie between.

    The lower limit is that of times as alike as the log allows, the upper of times as far apart.

    Example:
        >>> level, wide = np.full(8, 3.0), (np.full(8, 2.0), np.full(8, 4.0))
        >>> fine, coarse = Ratios(True, level, level, level), Ratios(True, level * 1.3, *wide)
        >>> spread = spread_within([fine, fine, fine, coarse])
        >>> round(spread.point, 2), spread.low, round(spread.high, 2)
        (1.3, 1.0, 1.33)
    """
    spread = spread_of([cell.times for cell in cells])
    if spread is None or not any(cell.coarse for cell in cells):
        return spread
    earliest = max(float(np.median(cell.first)) for cell in cells)
    latest = min(float(np.median(cell.last)) for cell in cells)
    middle = (earliest + latest) / 2 if np.isfinite(earliest) else latest
    near = spread_of([np.clip(middle, cell.first, cell.last) for cell in cells])
    apart = [cell.last if np.median(cell.times) > middle else cell.first for cell in cells]
    far = spread_of(apart) if all(np.median(times) > 0 for times in apart) else None
    low = min(spread.low, near.low) if near else 1.0
    return Spread(spread.point, low, max(spread.high, far.high) if far else np.inf)


@dataclass(frozen=True)
class Scaling:
    """Whether an event's time follows a law, by its spread between cells and by its powers.

    A failure where cell medians of time/law spread by more than 2 even at the lower limit, or where
    a power fitted over the design for powers differs from the law's. HOLDS where neither fails and
    either confirms: the spread's upper limit is within 2, or every power agrees. Between the two
    INCONCLUSIVE. Limits allow for what the log leaves open between its steps, all of it for events
    before the first. A cell counts when more than half of its runs reach the event after step 0.
    Numbers the cells vary too little to test are named.

    Attributes:
        event: of the law.
        form: of the law, e.g. ``"paper"``.
    """

    event: str
    form: str
    RULES = (TimeWrongPowers,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the held-out stage cells and the cells for powers."""
        law = study.theorem.time(self.event, self.form)
        nowhere = _cell_without_number(study, law)
        if nowhere is not None:
            why = f"the law is not a positive number in cell {nowhere}"
            return claim.verdict(study, Status.INCONCLUSIVE, why)
        ratios = _ratios(study, law)
        by_form: dict[str, Spread | None] = {
            rival.form: spread_within(list(_ratios(study, rival).values()))
            for rival in study.theorem.times
            if rival.event == self.event
        }
        powers = time_powers(study, self.event)
        decided = _decided(ratios, powers, powers.words.get(self.form, {}))
        status, scope, spread = decided.status, decided.scope, decided.spread
        inside, everywhere = decided.inside, by_form[self.form]
        differing, agree = powers.differing(self.form), powers.agrees(self.form)
        medians = {name: float(np.median(cell.times)) for name, cell in ratios.items()}
        judged = {n: m for n, m in medians.items() if scope is not Scope.INSIDE or ratios[n].inside}
        held_out = list(study.select(Role.HELD_OUT, "stage"))
        untested = _untested(law, [each for each in held_out if each.cell.name in judged])
        evidence = {
            "law": str(law.expr),
            "reading": _READING,
            "median_time_over_law": medians,
            "cells_without_the_event": [
                each.cell.name for each in held_out if each.cell.name not in ratios
            ],
            "not_tested_by_the_spread": untested,
            "spread_inside": _as_dict(inside),
            "spread_all": _as_dict(everywhere),
            "spread_by_form": {name: _as_dict(each) for name, each in by_form.items()},
            "fitted_powers": powers.evidence,
        }
        if spread is None and powers.fit is None:
            reason = f"{len(ratios)} held-out cells reach {self.event}; "
            reason += f"{STAGE_TIME_MIN_CELLS} with {STAGE_TIME_MIN_RUNS} runs each are needed"
            return claim.verdict(study, status, reason, scope=scope, evidence=evidence)
        said = [f"powers fitted over runs: {', '.join(differing)}"] if differing else []
        said += [f"all {len(powers.words[self.form])} fitted powers agree"] if agree else []
        if doubtful := powers.excluded(self.form):
            said.append(f"powers that exclude the law's, if by little: {', '.join(doubtful)}")
        statistic, name, tightness, worst = None, "", None, None
        if spread is not None and judged:
            fails = spread.low > STAGE_TIME_SPREAD
            early, late = min(judged, key=judged.__getitem__), max(judged, key=judged.__getitem__)
            said.append(f"{self.event}/law spreads {spread.point:.2f}x from {early} to {late}")
            if not fails and spread.high > STAGE_TIME_SPREAD:
                coarse = any(ratios[cell].coarse for cell in judged)
                what = "what the log and the scatter leave open" if coarse else "its scatter"
                said[-1] += f", within {what} ({spread.low:.2f} to {spread.high:.2f})"
                if status is Status.INCONCLUSIVE:
                    said[-1] += "; a finer log decides" if coarse else "; more seeds decide"
            if untested and powers.fit is None:
                said.append(f"varied too little to be tested: {', '.join(untested)}")
            middle = float(np.median(list(judged.values())))
            statistic = spread.low if fails else spread.high
            side = (
                f"lower {STAGE_TIME_LOOK_CONFIDENCE:.1%}"
                if fails
                else f"upper {STAGE_TIME_CONFIDENCE:.0%}"
            )
            name = f"{side} limit of the largest over smallest cell median of event time / law"
            tightness = STAGE_TIME_SPREAD / spread.point
            worst = max(judged, key=lambda cell: abs(np.log(judged[cell] / middle)))
        if differing and not (spread is not None and spread.low > STAGE_TIME_SPREAD):
            statistic, name = float(len(differing)), "fitted powers that differ from the law's"
        elif agree and statistic is not None and statistic > STAGE_TIME_SPREAD:
            statistic, name = 0.0, "fitted powers that differ from the law's"
        by_powers = name.startswith("fitted powers")
        verdict = claim.verdict(
            study,
            status,
            "; ".join(said),
            scope=scope,
            statistic=statistic,
            statistic_name=name,
            relation="<=",
            threshold=0.0 if by_powers else STAGE_TIME_SPREAD,
            tightness=None if by_powers else tightness,
            worst_cell=worst,
            evidence=evidence,
        )

        def judge(changed: Study, other: StageTime) -> str:
            """What rejects another law of this event."""
            words = powers.of_law(changed, other) or {}
            differ = "differs" in words.values()
            if differ and powers.scope is not Scope.OUTSIDE:
                return "shape"
            if _cell_without_number(changed, other) is not None:
                return "runs"
            if _decided(_ratios(changed, other), powers, words).status is Status.HOLDS:
                return ""
            return "shape" if differ else "runs"

        return telling(verdict, study, law, judge)


@dataclass(frozen=True)
class _Decided:
    """What the spread and the powers say together.

    Attributes:
        status: of the law.
        scope: of the cells that decide.
        spread: that decides; None without enough cells.
        inside: the spread of the cells inside the assumptions.
    """

    status: Status
    scope: Scope
    spread: Spread | None
    inside: Spread | None


def _decided(ratios: dict[str, Ratios], powers: TimePowers, words: Mapping[str, Word]) -> _Decided:
    """The rule, given the ratios of time and law, and what is said of the law's powers."""
    inside = spread_within([cell for cell in ratios.values() if cell.inside])
    everywhere = spread_within(list(ratios.values()))
    status, scope, spread = _rule(inside, everywhere, ratios)
    differ = "differs" in words.values()
    agree = set(words.values()) == {"agrees"}
    status, scope = _with_powers(status, scope, powers.scope, differ, agree)
    return _Decided(status, scope, spread, inside)


def _with_powers(
    status: Status, scope: Scope, where: Scope, differ: bool, agree: bool
) -> tuple[Status, Scope]:
    """The spread's verdict and that of the powers, fitted on cells of some scope, together."""
    if status is Status.VIOLATED and not (differ and where is Scope.INSIDE):
        return status, scope
    decided_inside = status is Status.HOLDS and scope is Scope.INSIDE
    if differ and not (decided_inside and where is Scope.OUTSIDE):
        return Status.VIOLATED, where
    if status is Status.INCONCLUSIVE and agree:
        return Status.HOLDS, where
    return status, scope


def _rule(
    inside: Spread | None, everywhere: Spread | None, ratios: dict[str, Ratios]
) -> tuple[Status, Scope, Spread | None]:
    if inside is not None and inside.low > STAGE_TIME_SPREAD:
        return Status.VIOLATED, Scope.INSIDE, inside
    if inside is not None and inside.high > STAGE_TIME_SPREAD:
        return Status.INCONCLUSIVE, Scope.INSIDE, inside
    if everywhere is None:
        return Status.INCONCLUSIVE, Scope.NONE, None
    which = {cell.inside for cell in ratios.values()}
    scope = Scope.BOTH if len(which) == 2 else Scope.INSIDE if True in which else Scope.OUTSIDE
    if everywhere.high <= STAGE_TIME_SPREAD:
        return Status.HOLDS, scope, everywhere
    if inside is not None:
        return Status.HOLDS, Scope.INSIDE, inside
    if everywhere.low > STAGE_TIME_SPREAD:
        return Status.VIOLATED, scope, everywhere
    return Status.INCONCLUSIVE, scope, everywhere


def _ratios(study: Study, law: StageTime) -> dict[str, Ratios]:
    """Held-out cell -> its runs' event time / law."""
    constants = law_constants(study, law)
    if constants is None or _cell_without_number(study, law) is not None:
        return {}
    ratios = {}
    for result in _asked(study, law):
        reached = result.events[law.event][result.ok]
        usable = np.isfinite(reached) & (reached > 0)
        if 2 * usable.sum() > result.ok.size:
            # a run that has not reached the event reaches it later than it was trained
            steps = law_steps(law, result, constants)
            times = (
                np.where(np.isnan(when[result.ok]), np.inf, when[result.ok]) / steps
                for when in (result.events[law.event], *result.came(law.event))
            )
            ratios[result.cell.name] = Ratios(result.inside, *times)
    return ratios


def _asked(study: Study, law: StageTime) -> list[CellResult]:
    return [result for result in study.select(Role.HELD_OUT, "stage") if speaks_of(law, result)]


def _cell_without_number(study: Study, law: StageTime) -> str | None:
    """The first held-out cell, if any, in which the law is not a positive number of steps."""
    constants = law_constants(study, law)
    return None if constants is None else cell_without_steps(law, _asked(study, law), constants)


def _untested(law: StageTime, cells: list[CellResult]) -> list[str]:
    """Numbers of the law that alone move it by less than the spread allowed, over these cells.

    The spread could not tell another power of such a number from the power in the law.
    """
    if not cells:
        return []
    known = {str(symbol) for symbol in law.expr.free_symbols} & cells[0].values.keys()
    constants = {str(constant): 1.0 for constant in law.constants}
    here = {name: cells[0].values[name] for name in known}
    out = []
    for name in sorted(known):
        moved = [
            float(law.numeric(**{**here, name: result.values[name]}, **constants))
            for result in cells
        ]
        if max(moved) < STAGE_TIME_SPREAD * min(moved):
            out.append(name)
    return out


def _as_dict(spread: Spread | None) -> dict[str, float] | None:
    return None if spread is None else {k: float(v) for k, v in vars(spread).items()}
