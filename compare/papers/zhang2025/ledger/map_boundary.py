"""E5 to E8: sentences on the boundary in the maps of test_loss over N and SNR."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import combinations

import numpy as np

from .....theory import Provenance
from ....cells import CellResult, Study, scope_of
from ....checks.maps import (
    LossMap,
    boundary_level,
    counted,
    good_runs,
    level_through,
    loss_maps,
)
from ....checks.phase_boundary import PhaseBoundary, fit_lines
from ....claim import Claim
from ....errors import CompareError
from ....fitting.boundary_sides import Quantity, fit_sides, scores, sides
from ....statistics.boundary import BoundaryFit
from ....statistics.correlation import power_correlation
from ....statistics.curves import crossing
from ....statistics.resampling import Array, limits, resampled
from ....thresholds import (
    BOUNDARY_CORRELATION_HIGH,
    BOUNDARY_CORRELATION_MIN_ROWS,
    BOUNDARY_TOLERANCE_SNR,
    GOOD_RUN_CUT_OFF,
    MAP_LIMITS_MISS,
    RISING_CONSTANT_MIN_LEVELS,
    RISING_CONSTANT_RESAMPLES,
    RUN_RESAMPLES,
    SAME_POWERS_MISS,
)
from ....verdict import Status, Verdict

#: The paper thresholds its map of the flip probability it shows first (E5).
FLIP_PROB = 0.1
#: The reading of "noise variance 4" that is compared (E7).
NOISE_STD = 2.0


@dataclass(frozen=True)
class ThresholdedMap:
    """The boundary N·SNR² = C against its rival N·SNR⁴ = C, on the map of p = 0.1 alone.

    A run is good where test_loss is at most half-way from its least value H(p) to log 2.
    """

    boundary: PhaseBoundary

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """Judge the map of one flip probability."""
        return self.boundary.decide(claim, study)


@dataclass(frozen=True)
class SamePowers:
    """The power of SNR (that of N being 1) of every flip probability, compared in pairs.

    The interval of a difference comes from the resamples of both fits, at a confidence that lets
    one of all pairs be wrong in 5% of cases. HOLDS where every interval lies within 0.5 of zero, a
    failure where an interval lies wholly outside.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """Judge every pair of flip probabilities whose boundary can be fitted."""
        results = list(study.select(kind="map"))
        fits, missing = _fits(results)
        limit = BOUNDARY_TOLERANCE_SNR
        evidence: dict[str, object] = {
            "by_flip_prob": {f"{p:g}": fit_lines(fit) for p, fit in fits.items()},
            "not_fitted": missing,
            "tolerance": limit,
        }
        pairs = list(combinations(fits, 2))
        if not pairs:
            reason = "; ".join(missing) or "no two flip probabilities among the cells of the map"
            return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
        tail = SAME_POWERS_MISS / len(pairs)
        ends = {
            f"{first:g}, {second:g}": _difference(fits[first], fits[second], tail)
            for first, second in pairs
        }
        evidence["interval_of_the_difference"] = {name: list(end) for name, end in ends.items()}
        scope = scope_of(results)
        status = Status.INCONCLUSIVE
        if any(low > limit or high < -limit for low, high in ends.values()):
            status = Status.VIOLATED
        elif not missing and all(low >= -limit and high <= limit for low, high in ends.values()):
            status = Status.HOLDS
        powers = ", ".join(f"{fit.powers['SNR']:.2f} at p = {p:g}" for p, fit in fits.items())
        return claim.verdict(
            study,
            status,
            f"power of SNR {powers}" + (f"; {'; '.join(missing)}" if missing else ""),
            scope=scope,
            statistic=max(max(abs(low), abs(high)) for low, high in ends.values()),
            statistic_name="largest end of an interval of the difference in the power of SNR",
            relation="<=",
            threshold=limit,
            evidence=evidence,
        )


def _fits(results: list[CellResult]) -> tuple[dict[float, BoundaryFit], list[str]]:
    """Flip probability -> its boundary, and why a boundary is missing."""
    fits: dict[float, BoundaryFit] = {}
    missing = []
    for p in sorted({result.cell.problem.flip_prob for result in results}):
        cells = [result for result in results if result.cell.problem.flip_prob == p]
        data = sides(cells, "test_loss")
        try:
            fits[p] = fit_sides(data)
        except CompareError as error:
            missing.append(f"p = {p:g}: {error}")
    return fits, missing


def _difference(first: BoundaryFit, second: BoundaryFit, tail: float) -> tuple[float, float]:
    """The interval of the difference in the power of SNR."""
    before, after = first.draws[:, 1], second.draws[:, 1]
    return limits(np.where(np.isnan(before + after), np.nan, after - before), tail)


@dataclass(frozen=True)
class RisingConstant:
    """C = N·SNR² at which half of the runs are good, for each flip probability.

    A run is good where (test_error - p)/(1/2 - p) is at most ½, so that a floor that rises with p
    alone does not move C; test_loss has no boundary of this kind once flipped labels are fitted.
    Limits come from resampling cells. HOLDS where the lower limit of
    the slope of log C in p is positive and no step from one p to the next falls; a failure where
    the slope's upper limit is negative or a step falls (5% each, shared among steps).
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """Judge the slope over the flip probabilities whose boundary lies within the map."""
        cells = (result for result in study.results if result.cell.kind in ("heatmap", "fig4"))
        maps = loss_maps(cells, NOISE_STD)
        rng = np.random.default_rng(0)
        levels: dict[float, float] = {}
        draws: list[Array] = []
        missing = []
        for p, part in maps.items():
            good = [good_runs(result, "test_error") for result in part.results]
            level = boundary_level(part.results, good)
            if level is None:
                missing.append(f"p = {p:g}: no boundary among its cells")
                continue
            levels[p] = level
            draws.append(_redrawn_logs(part, good, rng))
        evidence: dict[str, object] = {
            "C_by_flip_prob": {f"{p:g}": level for p, level in levels.items()},
            "not_found": missing,
        }
        if len(levels) < RISING_CONSTANT_MIN_LEVELS:
            reason = f"a boundary at {len(levels)} flip probabilities, "
            reason += f"{RISING_CONSTANT_MIN_LEVELS} are needed"
            reason += "".join(f"; {lack}" for lack in missing)
            return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
        values, table = np.array(list(levels)), np.column_stack(draws)
        centred = values - values.mean()
        slopes = table @ centred / (centred @ centred)
        low, high = limits(slopes, MAP_LIMITS_MISS)
        steps = [
            limits(step, MAP_LIMITS_MISS / (len(values) - 1)) for step in np.diff(table, axis=1).T
        ]
        evidence |= {"slope_of_log_C": [low, high], "steps_of_log_C": [list(end) for end in steps]}
        used = [result for p in levels for result in maps[p].results]
        falling = any(end < 0 for _, end in steps)
        status = Status.INCONCLUSIVE
        if high < 0 or falling:
            status = Status.VIOLATED
        elif low > 0 and not missing:
            status = Status.HOLDS
        shown = ", ".join(f"{level:.2f} at p = {p:g}" for p, level in levels.items())
        return claim.verdict(
            study,
            status,
            f"C is {shown}" + (f"; {'; '.join(missing)}" if missing else ""),
            scope=scope_of(used),
            statistic=high if high < 0 else low,
            statistic_name="95% limit of the slope of log C in p",
            relation=">=",
            threshold=0.0,
            evidence=evidence,
        )


def _redrawn_logs(part: LossMap, good: list[Array], rng: np.random.Generator) -> Array:
    """(B,) log C of resampled cells, NaN where a resample has no boundary."""
    picks = rng.integers(len(good), size=(RISING_CONSTANT_RESAMPLES, len(good)))
    cells = counted(part.results, good)
    levels = (level_through(*(numbers[pick] for numbers in cells)) for pick in picks)
    return np.asarray(np.log([np.nan if level is None else level for level in levels]))


@dataclass(frozen=True)
class CorrelatedRows:
    """Where the map crosses the cut-off, row by row of N: correlation of log N and log 1/SNR².

    A row crosses where its cells' mean (test_loss - H(p))/(log 2 - H(p)), or for p > 0 that of
    (test_error - p)/(1/2 - p), falls to ½ for good, interpolated in log SNR; limits resample the
    runs of every cell. HOLDS where the lower limit is at least 0.9 at every flip probability, each
    with four crossings or more, a failure where an upper limit is below it; 5% shared among flip
    probabilities.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """Judge the map of every flip probability."""
        maps = loss_maps(study.select(kind="heatmap"))
        ends: dict[float, tuple[float, float]] = {}
        points: dict[float, float] = {}
        lines: dict[str, object] = {}
        for p, part in maps.items():
            quantity: Quantity = "test_error" if p else "test_loss"
            counts, at = row_crossings(part.results, quantity)
            drawn = _redrawn_crossings(part.results, quantity)
            point = float(power_correlation(counts, at, BOUNDARY_CORRELATION_MIN_ROWS)[0])
            line: dict[str, object] = {"N": counts, "SNR": at[0], "correlation": point}
            if np.isfinite(point):
                points[p] = point
                correlations = power_correlation(counts, drawn, BOUNDARY_CORRELATION_MIN_ROWS)
                ends[p] = limits(correlations, MAP_LIMITS_MISS / len(maps))
                line["limits"] = ends[p]
            lines[f"{p:g}"] = line
        evidence = {"by_flip_prob": lines}
        if not ends:
            reason = f"no flip probability has {BOUNDARY_CORRELATION_MIN_ROWS} values of N with "
            reason += "a boundary"
            return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
        used = [result for p in ends for result in maps[p].results]
        low, high = (min(end[side] for end in ends.values()) for side in (0, 1))
        status = Status.INCONCLUSIVE
        if high < BOUNDARY_CORRELATION_HIGH:
            status = Status.VIOLATED
        elif low >= BOUNDARY_CORRELATION_HIGH and len(ends) == len(maps):
            status = Status.HOLDS
        shown = ", ".join(f"{point:.3f} at p = {p:g}" for p, point in points.items())
        lacking = ", ".join(f"{p:g}" for p in maps if p not in ends)
        without = (
            f"; fewer than {BOUNDARY_CORRELATION_MIN_ROWS} crossings at p = {lacking}"
            if lacking
            else ""
        )
        return claim.verdict(
            study,
            status,
            f"correlation of log N and log 1/SNR² along the boundary {shown}" + without,
            scope=scope_of(used),
            statistic=high if high < BOUNDARY_CORRELATION_HIGH else low,
            statistic_name="limit of the least correlation over flip probabilities",
            relation=">=",
            threshold=BOUNDARY_CORRELATION_HIGH,
            evidence=evidence,
        )


def row_crossings(results: Iterable[CellResult], quantity: Quantity) -> tuple[Array, Array]:
    """Where every row of a map crosses the cut-off, as E8 and its figure take it.

    Args:
        results: the cells of one flip probability and noise.
        quantity: whose normalised mean over a cell's decided runs falls to ½ along the row.

    Returns:
        ``(counts, at)``: (K,) values of N, and (1, K) the SNR where their rows cross for good,
        NaN where a row does not.
    """
    rows = _rows(results, quantity)
    at = [
        crossing(snr, np.array([[runs.mean() for runs in values]]), GOOD_RUN_CUT_OFF)
        for _, snr, values in rows
    ]
    return np.array([count for count, _, _ in rows]), _columns(at)


def _redrawn_crossings(results: Iterable[CellResult], quantity: Quantity) -> Array:
    """(B, K) the crossings of maps whose cells' runs are redrawn."""
    rows = _rows(results, quantity)
    return _columns(
        [
            resampled(values, partial(crossing, snr, level=GOOD_RUN_CUT_OFF), draws=RUN_RESAMPLES)
            for _, snr, values in rows
        ]
    )


def _rows(
    results: Iterable[CellResult], quantity: Quantity
) -> list[tuple[float, Array, list[Array]]]:
    """For each N, rising: its value, the cells' rising SNR and their decided runs' scores."""
    rows: dict[float, list[tuple[float, Array]]] = {}
    for result in sorted(results, key=lambda result: result.cell.problem.snr):
        ends = scores(result, quantity)
        decided = ends[np.isfinite(ends)]
        if decided.size:
            problem = result.cell.problem
            rows.setdefault(float(problem.n_samples), []).append((problem.snr, decided))
    return [
        (count, np.array([ratio for ratio, _ in cells]), [decided for _, decided in cells])
        for count, cells in sorted(rows.items())
    ]


def _columns(parts: list[Array]) -> Array:
    return np.column_stack(parts) if parts else np.empty((1, 0))


CLAIMS = (
    Claim(
        id="E5",
        statement="In N and SNR the boundary of the thresholded test_loss follows N·SNR² = C",
        provenance=Provenance.STATED,
        source="§6.2, Fig. 3",
        regimes=("benign",),
        check=ThresholdedMap(
            PhaseBoundary(
                "map",
                "test_loss",
                (1, 2, 0),
                {"N·SNR^4": (1, 4, 0)},
                "d fixed; p = 0.1; a run is good where test_loss is at most half-way from its "
                "least value H(p) to log 2, since a bare 0.2 is below H(0.1)",
                FLIP_PROB,
            )
        ),
        kinds=("map",),
    ),
    Claim(
        id="E6",
        statement="The powers of the boundary of test_loss do not depend on the flip probability",
        provenance=Provenance.STATED,
        source="§6.2, Fig. 4",
        regimes=("benign",),
        check=SamePowers(),
        kinds=("map",),
    ),
    Claim(
        id="E7",
        statement="The constant C of the boundary N·SNR² = C increases with the flip probability",
        provenance=Provenance.STATED,
        source="§6.3, Fig. 4a",
        regimes=("benign",),
        check=RisingConstant(),
        experiments=("fig4",),
    ),
    Claim(
        id="E8",
        statement="Along the boundary N and 1/SNR² are correlated by at least 0.9",
        provenance=Provenance.STATED,
        source="§6.3, Fig. 4b",
        regimes=("benign",),
        check=CorrelatedRows(),
        experiments=("fig4",),
    ),
)
