"""E3a, E3b and E4: sentences on the heat maps of test_loss over N and SNR."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .....theory import Provenance
from ....cells import CellResult, Study, scope_of
from ....checks.chains import end_values
from ....checks.chosen_settings import stands_at
from ....checks.joint_trend import JointTrend
from ....checks.maps import LossMap, loss_maps
from ....claim import Claim
from ....statistics.correlation import rank_correlation
from ....statistics.resampling import Array, limits, resampled
from ....thresholds import MAPS_ALIKE, MAPS_ALIKE_MIN_CELLS, MAPS_ALIKE_MISS, RUN_RESAMPLES
from ....verdict import Status, Verdict

#: What the maps turn on and the text does not give.
OPEN = ("rate", "d", "sigma_p", "steps")


@dataclass(frozen=True)
class SameShape:
    """Spearman correlation of the cells' mean test_loss in the maps of two flip probabilities.

    Resampled runs scatter more than runs, which lowers a correlation; the limits are moved up by
    that bias. HOLDS where the lower limit is at least 0.9 in every pair of flip probabilities, a
    failure where an upper limit is below it; 5% shared among the pairs. Said too: the correlation
    of the maps of test_error, which flips that are fitted do not turn round.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """Judge every pair of maps."""
        maps = loss_maps(study.select(kind="heatmap"))
        pairs = list(combinations(maps, 2))
        lines: dict[str, object] = {}
        lows, highs, points = [], [], []
        for first, second in pairs:
            samples = _common_cells(maps[first], maps[second])
            if len(samples) < 2 * MAPS_ALIKE_MIN_CELLS:
                continue
            means = np.array([[runs.mean() for runs in samples]])
            point = float(rank_correlation(means)[0])
            drawn = resampled(samples, rank_correlation, draws=RUN_RESAMPLES)
            shift = point - float(drawn.mean())
            low, high = (end + shift for end in limits(drawn, MAPS_ALIKE_MISS / len(pairs)))
            name = f"{first:g}, {second:g}"
            lines[name] = {"correlation": point, "low": low, "high": min(high, 1.0)}
            points.append(point)
            lows.append(low)
            highs.append(high)
        evidence = {"pairs_of_flip_probabilities": lines, "false_alarm": MAPS_ALIKE_MISS}
        if not points or len(points) < len(pairs):
            reason = "two maps of different flip probabilities are needed, over the same N and SNR"
            return claim.verdict(study, Status.INCONCLUSIVE, reason, evidence=evidence)
        used = [result for part in maps.values() for result in part.results]
        status = Status.INCONCLUSIVE
        if min(highs) < MAPS_ALIKE:
            status = Status.VIOLATED
        elif min(lows) >= MAPS_ALIKE:
            status = Status.HOLDS
        return claim.verdict(
            study,
            status,
            f"rank correlation {min(points):.3f} to {max(points):.3f} between the maps of "
            f"{len(maps)} flip probabilities{_of_errors(used)}; " + stands_at(OPEN, used),
            scope=scope_of(used),
            statistic=min(highs) if min(highs) < MAPS_ALIKE else min(lows),
            statistic_name="limit of the least rank correlation between maps",
            relation=">=",
            threshold=MAPS_ALIKE,
            evidence=evidence,
        )


def _of_errors(results: list[CellResult]) -> str:
    """The same correlations for test_error, in words."""
    groups: dict[float, dict[tuple[int, float], float]] = {}
    for each in results:
        problem, ends = each.cell.problem, end_values(each, "test_error")
        if ends.size:
            at = (problem.n_samples, problem.snr)
            groups.setdefault(problem.flip_prob, {})[at] = float(ends.mean())
    points = []
    for first, second in combinations(groups.values(), 2):
        both = [at for at in first if at in second]
        means = np.array([[part[at] for part in (first, second) for at in both]])
        points.append(float(rank_correlation(means)[0]))
    return f", {min(points):.3f} to {max(points):.3f} in test_error" if points else ""


def _common_cells(first: LossMap, second: LossMap) -> list[Array]:
    """Runs of the cells at an N and SNR both maps have: the first map's, then the second's."""
    cells = [
        dict(zip(zip(part.n, part.snr, strict=True), part.losses, strict=True))
        for part in (first, second)
    ]
    common = [at for at in cells[0] if at in cells[1]]
    return [part[at] for part in cells for at in common]


CLAIMS = (
    Claim(
        id="E3a",
        statement="As N and SNR both grow test_loss rises, as the text says",
        provenance=Provenance.STATED,
        source="§6.2, text on Fig. 2",
        regimes=("benign",),
        check=JointTrend(sign=1, open_settings=OPEN),
        experiments=("fig2",),
    ),
    Claim(
        id="E3b",
        statement="As N and SNR both grow test_loss falls, as the theory has it",
        provenance=Provenance.DERIVED,
        source="Theorem 4.2 against §6.2, Fig. 2",
        regimes=("benign",),
        check=JointTrend(sign=-1, with_flips="test_error", open_settings=OPEN),
        experiments=("fig2",),
    ),
    Claim(
        id="E4",
        statement="The maps of test_loss at different flip probabilities have rank correlation "
        ">= 0.9",
        provenance=Provenance.STATED,
        source="§6.2, Fig. 2",
        regimes=("benign",),
        check=SameShape(),
        experiments=("fig2",),
    ),
)
