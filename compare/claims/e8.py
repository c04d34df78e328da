"""E8: along the boundary N and 1/SNR² go together."""

from __future__ import annotations

import numpy as np

from ...theory import Provenance
from ..checks.maps import LossMap, boundary_level, good_runs, loss_maps
from ..checks.resample import Array, limits
from ..checks.trends import failure_status
from ..claim import Claim
from ..study import CellResult, Study, scope_of
from ..verdict import Status, Verdict

#: Correlation that counts as "a very high degree of similarity" (fixed beforehand).
HIGH = 0.9
MISS = 0.05
RESAMPLES = 300
#: Values of N whose boundary must be found, at one flip probability.
MIN_ROWS = 4


def _rows(one: LossMap) -> dict[float, list[CellResult]]:
    rows: dict[float, list[CellResult]] = {}
    for result in one.results:
        rows.setdefault(float(result.cell.problem.n_samples), []).append(result)
    return rows


def _correlation(counts: Array, levels: Array) -> float:
    """Correlation of log N and log 1/SNR² = log N - log(N·SNR²) over the rows with a boundary."""
    there = np.isfinite(levels)
    if there.sum() < MIN_ROWS:
        return float("nan")
    x, y = np.log(counts[there]), np.log(counts[there]) - np.log(levels[there])
    return float(np.corrcoef(x, y)[0, 1])


def _decide(claim: Claim, study: Study) -> Verdict:
    """Where the map crosses the cut-off, row by row of N: correlation of log N and log 1/SNR².

    Each row's SNR is where half of its runs are good ((test_loss - H(p))/(log 2 - H(p)) at most ½,
    by logistic regression); limits resample the runs of every cell. HOLDS where the lower limit is
    at least 0.9 at every flip probability with four such rows or more, a failure where an upper
    limit is below it; 5% shared among flip probabilities.
    """
    maps = loss_maps(study.select(kind="heatmap"))
    rng = np.random.default_rng(0)
    points: dict[float, float] = {}
    ends: dict[float, tuple[float, float]] = {}
    lines: dict[str, object] = {}
    for p, one in maps.items():
        rows = _rows(one)
        counts = np.array(sorted(rows))
        cells = [rows[n] for n in counts]
        good = [[good_runs(result) for result in row] for row in cells]
        levels = _levels(cells, good)
        points[p] = _correlation(counts, levels)
        lines[f"{p:g}"] = {
            "N": counts, "SNR": np.sqrt(levels / counts), "correlation": points[p]
        }  # fmt: skip
        if np.isnan(points[p]):
            continue
        drawn = np.empty(RESAMPLES)
        for draw in range(RESAMPLES):
            again = [[rng.choice(g, g.size) if g.size else g for g in row] for row in good]
            drawn[draw] = _correlation(counts, _levels(cells, again))
        ends[p] = limits(drawn, MISS / len(maps))
        lines[f"{p:g}"] |= {"low": ends[p][0], "high": ends[p][1]}  # type: ignore[operator]
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
    shown = ", ".join(f"{points[p]:.3f} at p = {p:g}" for p in ends)
    return claim.verdict(
        study,
        status,
        f"correlation of log N and log 1/SNR² along the boundary {shown}",
        scope=scope_of(used),
        statistic=high if high < HIGH else low,
        statistic_name="limit of the least correlation over flip probabilities",
        relation=">=",
        threshold=HIGH,
        evidence=evidence,
    )


def _levels(cells: list[list[CellResult]], good: list[list[Array]]) -> Array:
    found = [boundary_level(row, hits) for row, hits in zip(cells, good, strict=True)]
    return np.array([np.nan if level is None else level for level in found])


CLAIM = Claim(
    id="E8",
    statement="Along the boundary N and 1/SNR² are correlated by at least 0.9",
    provenance=Provenance.STATED,
    source="§6.3, Fig. 4b",
    regimes=("benign",),
    decide=_decide,
    experiments=("fig4",),
)
