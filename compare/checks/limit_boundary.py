"""L5: the boundary of test_loss, that of trained runs against the limit's."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from ...simulate import find_boundary
from ..cells import CellResult, Role, Study, taught_nothing
from ..claim import Claim
from ..errors import CompareError
from ..predicted.edges import Edge, edge_of, good_runs
from ..statistics.boundary import fit_boundary
from ..thresholds import (
    BOUNDARY_SPARE_CELLS,
    LIMIT_EDGE_LEVEL_WITHIN,
    LIMIT_EDGE_MISS,
    LIMIT_EDGE_POWER_WITHIN,
    LIMIT_MISSED_SHARE,
    LOGISTIC_RIDGE,
)
from ..verdict import Scope, Status, Verdict
from .violation_rate import Outcome, ViolationRate

Array = NDArray[np.float64]

#: Groups of cells that the jackknife leaves out in turn.
_GROUPS = 10
_NAMES = ("power of SNR", "power of d", "log N·SNR²")


@dataclass(frozen=True)
class PredictedBoundary:
    """The side of each run of the limit-edge cells, and the boundary through all of them.

    A run is good if (test_loss - H(p)) / (log 2 - H(p)) is at most 0.5 where train_loss reaches its
    target. A run violates where the limit from its labels and start puts it on the other side; up
    to 5% may, of runs in which both classes have more kept than flipped labels. The boundary
    N·SNR^b·d^c = C is fitted to the trained and to the predicted sides: both powers must differ by
    less than 0.1, and N·SNR² at the middle of the cells' N by less than 10% from the limit's for
    balanced classes (`find_boundary`), by jackknife intervals over ten groups of cells, all of
    which hold with 95%. VIOLATED if any of these surely fails, HOLDS if all surely hold. A run that
    diverged, stopped, or does not reach its target is undecided.
    """

    RULES = (ViolationRate,)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the limit-edge cells."""
        cells = tuple(study.select(Role.HELD_OUT, "limit-edge"))
        if not cells:
            reason = "there is no held-out limit-edge cell"
            return claim.verdict(study, Status.INCONCLUSIVE, reason)
        edge, outcomes = edge_of(cells), [_outcome(cell) for cell in cells]
        rule = ViolationRate(
            outcomes, "end on the other side than predicted", quantile=LIMIT_MISSED_SHARE
        )
        verdict = rule.decide(claim, study)
        try:
            lines = distances(edge)
        except CompareError as error:
            if verdict.status is Status.VIOLATED:
                return verdict
            return claim.verdict(study, Status.INCONCLUSIVE, f"{verdict.reason}; {error}")
        words = {line["word"] for line in lines.values()}
        status = verdict.status
        if "differs" in words:
            status = Status.VIOLATED
        elif "open" in words and status is Status.HOLDS:
            status = Status.INCONCLUSIVE
        said = [
            f"{name} {line['trained']:.3g} against {line['predicted']:.3g}"
            for name, line in lines.items()
        ]
        return replace(
            verdict,
            status=status,
            scope=verdict.scope if verdict.scope is not Scope.NONE else Scope.OUTSIDE,
            reason=f"{verdict.reason}; {', '.join(said)}",
            evidence={**verdict.evidence, "boundary": lines},
        )


def _outcome(cell: CellResult) -> Outcome:
    own, other = good_runs(cell)
    margins = np.where(np.isnan(own), np.nan, np.where(own == other, -1.0, 1.0))
    return Outcome(cell, margins, excluded=taught_nothing(cell))


def distances(edge: Edge) -> dict[str, dict[str, float | str]]:
    """Each number of the boundary: trained, predicted, its distance and interval, and a word.

    Raises:
        CompareError: the cells do not determine a boundary.
    """
    middle = float(
        np.exp(np.mean([math.log(each.cell.problem.n_samples) for each in edge.results]))
    )
    level = _limit_level(edge, middle)
    own, other = _numbers(edge, middle, level)
    left_out = np.array(
        [
            np.subtract(*_numbers(edge.without(group, _GROUPS), middle, level))
            for group in range(_GROUPS)
        ]
    )
    spread = left_out - left_out.mean(axis=0)
    errors = np.sqrt((_GROUPS - 1) / _GROUPS * (spread**2).sum(axis=0))
    reach = float(student.ppf(1 - LIMIT_EDGE_MISS / (2 * len(_NAMES)), _GROUPS - 1)) * errors
    room = (LIMIT_EDGE_POWER_WITHIN, LIMIT_EDGE_POWER_WITHIN, math.log1p(LIMIT_EDGE_LEVEL_WITHIN))
    lines: dict[str, dict[str, float | str]] = {}
    for at, name in enumerate(_NAMES):
        off = float(own[at] - other[at])
        low, high = off - float(reach[at]), off + float(reach[at])
        surely = -room[at] <= low and high <= room[at]
        word = "agrees" if surely else "differs" if max(low, -high) > room[at] else "open"
        lines[name] = {
            "trained": float(own[at]), "predicted": float(other[at]), "difference": off,
            "low": low, "high": high, "within": room[at], "word": word,
        }  # fmt: skip
    return lines


def _limit_level(edge: Edge, middle: float) -> float:
    """Log N·SNR² of the limit's boundary for balanced classes at an N."""
    first = edge.results[0].cell.problem
    start = first.init_std_qk**2 * first.key_dim * first.noise_std**2 * first.dim
    limit = find_boundary(first.flip_prob, first.target_loss, n_samples=[middle], start=start)
    return math.log(limit.constant)


def _numbers(edge: Edge, middle: float, level: float) -> tuple[Array, Array]:
    """(3,) numbers of the trained boundary and of the limit's, N·SNR² taken at an N."""
    problems = [each.cell.problem for each in edge.results]
    n = np.array([float(problem.n_samples) for problem in problems])
    d = np.array([float(problem.dim) for problem in problems])
    snr = np.array([problem.snr for problem in problems])
    rows = []
    for above in (edge.trained, edge.predicted):
        fit = fit_boundary(
            n, snr, d, above, resamples=1, confidence=1 - LIMIT_EDGE_MISS,
            spare_cells=BOUNDARY_SPARE_CELLS, ridge=LOGISTIC_RIDGE,
        )  # fmt: skip
        by_snr, by_d = fit.powers["SNR"], fit.powers.get("d", 0.0)
        rest = fit.log_constant - math.log(middle) - by_d * np.log(d).mean()
        rows.append(np.array([by_snr, by_d, math.log(middle) + 2 * rest / by_snr]))
    rows[1][2] = level
    return rows[0], rows[1]
