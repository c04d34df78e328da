"""E8: along the boundary N and 1/SNR² go together."""

from __future__ import annotations

from functools import partial

import numpy as np

from .....theory import Provenance
from ....cells import Study, scope_of
from ....checks.boundary_sides import CUT_OFF, scores
from ....checks.maps import LossMap, loss_maps
from ....checks.monotone_trend import failure_status
from ....claim import ByFunction, Claim
from ....statistics.resampling import Array, limits, resampled
from ....verdict import Status, Verdict

#: Correlation that counts as "a very high degree of similarity" (fixed beforehand).
HIGH = 0.9
MISS = 0.05
#: Values of N whose boundary must be found, at one flip probability.
MIN_ROWS = 4


def crossing(snr: Array, means: Array) -> Array:
    """(B,) SNR at which the mean score of a row falls to the cut-off for good.

    Args:
        snr: (K,) rising.
        means: (B, K) normalised test_loss of the row's cells, 0 for H(p) and 1 for log 2.

    Returns:
        Interpolated in log SNR; NaN where the row ends above the cut-off or begins below it.

    Example:
        >>> crossing(np.array([1.0, 4.0, 16.0]), np.array([[0.9, 0.7, 0.3]])).round(6)
        array([8.])
    """
    above = means > CUT_OFF
    last = above.shape[1] - 1 - above[:, ::-1].argmax(axis=1)
    there = above.any(axis=1) & (last < above.shape[1] - 1)
    at = np.where(there, last, 0)
    rows = np.arange(len(means))
    high, low = means[rows, at], means[rows, at + 1]
    logs = np.log(snr)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(there, (high - CUT_OFF) / (high - low), 0.0)
    return np.where(there, np.exp(logs[at] + share * (logs[at + 1] - logs[at])), np.nan)


def correlation(counts: Array, snr: Array) -> Array:
    """(B,) correlation of log N and log 1/SNR² over the rows with a crossing; NaN below `MIN_ROWS`.

    Args:
        counts: (K,) values of N.
        snr: (B, K) SNR of each row's crossing, NaN where there is none.

    Example:
        >>> n = np.array([4.0, 8.0, 16.0, 32.0])
        >>> correlation(n, 1 / np.sqrt(n)[None, :]).round(6)
        array([1.])
    """
    found = np.full(len(snr), np.nan)
    for draw, row in enumerate(snr):
        there = np.isfinite(row)
        if there.sum() >= MIN_ROWS:
            found[draw] = np.corrcoef(np.log(counts[there]), -2 * np.log(row[there]))[0, 1]
    return found


def _rows(one: LossMap) -> dict[float, list[tuple[float, Array]]]:
    """N -> SNR and decided scores of its cells, in order of SNR."""
    rows: dict[float, list[tuple[float, Array]]] = {}
    for result in sorted(one.results, key=lambda result: result.cell.problem.snr):
        found = scores(result, "test_loss")
        decided = found[np.isfinite(found)]
        if decided.size:
            problem = result.cell.problem
            rows.setdefault(float(problem.n_samples), []).append((problem.snr, decided))
    return dict(sorted(rows.items()))


def _decide(claim: Claim, study: Study) -> Verdict:
    """Where the map crosses the cut-off, row by row of N: correlation of log N and log 1/SNR².

    A row crosses where its cells' mean (test_loss - H(p))/(log 2 - H(p)) falls to ½ for good,
    interpolated in log SNR; limits resample the runs of every cell. HOLDS where the lower limit is
    at least 0.9 at every flip probability, each with four crossings or more, a failure where an
    upper limit is below it; 5% shared among flip probabilities.
    """
    maps = loss_maps(study.select(kind="heatmap"))
    ends: dict[float, tuple[float, float]] = {}
    points: dict[float, float] = {}
    lines: dict[str, object] = {}
    for p, one in maps.items():
        rows = _rows(one)
        counts = np.array(list(rows))
        true, drawn = [], []
        for cells in rows.values():
            snr = np.array([ratio for ratio, _ in cells])
            values = [decided for _, decided in cells]
            true.append(crossing(snr, np.array([[part.mean() for part in values]])))
            drawn.append(resampled(values, partial(crossing, snr)))
        at = np.column_stack(true) if true else np.empty((1, 0))
        point = float(correlation(counts, at)[0])
        lines[f"{p:g}"] = {"N": counts, "SNR": at[0], "correlation": point}
        if np.isfinite(point):
            points[p] = point
            ends[p] = limits(correlation(counts, np.column_stack(drawn)), MISS / len(maps))
            lines[f"{p:g}"] = {"N": counts, "SNR": at[0], "correlation": point, "limits": ends[p]}
    evidence = {"by_flip_prob": lines}
    if not ends:
        reason = f"no flip probability has {MIN_ROWS} values of N with a boundary"
        return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
    used = [result for p in ends for result in maps[p].results]
    low, high = (min(one[side] for one in ends.values()) for side in (0, 1))
    status = Status.INCONCLUSIVE
    if high < HIGH:
        status = failure_status(claim, used)
    elif low >= HIGH and len(ends) == len(maps):
        status = Status.HOLDS
    shown = ", ".join(f"{point:.3f} at p = {p:g}" for p, point in points.items())
    lacking = ", ".join(f"{p:g}" for p in maps if p not in ends)
    without = f"; fewer than {MIN_ROWS} crossings at p = {lacking}" if lacking else ""
    return claim.verdict(
        study,
        status,
        f"correlation of log N and log 1/SNR² along the boundary {shown}" + without,
        scope=scope_of(used),
        statistic=high if high < HIGH else low,
        statistic_name="limit of the least correlation over flip probabilities",
        relation=">=",
        threshold=HIGH,
        evidence=evidence,
    )


CLAIM = Claim(
    id="E8",
    statement="Along the boundary N and 1/SNR² are correlated by at least 0.9",
    provenance=Provenance.STATED,
    source="§6.3, Fig. 4b",
    regimes=("benign",),
    check=ByFunction(_decide),
    experiments=("fig4",),
)
