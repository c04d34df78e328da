"""Is the boundary between good and bad runs one of N·SNR²?"""

from __future__ import annotations

from ...errors import CompareError
from ...statistics.boundary import fit_boundary
from ...thresholds import (
    BOUNDARY_RESAMPLES,
    BOUNDARY_SPARE_CELLS,
    LOGISTIC_RIDGE,
    TRANSFER_MISS,
    TRANSFER_POWER,
)
from ..answer import Answer, place, undecided
from ..grid import sides
from ..question import Question
from ..trained import DepartureRuns

#: The power of SNR in the theorem's condition N·SNR² ≥ C.
LAW = 2.0


def _ask(runs: DepartureRuns, base: DepartureRuns) -> Answer:
    grid = sides(runs)
    try:
        fit = fit_boundary(
            grid.n, grid.snr, grid.d, grid.above, resamples=BOUNDARY_RESAMPLES // 4,
            confidence=1 - 2 * TRANSFER_MISS, spare_cells=BOUNDARY_SPARE_CELLS,
            ridge=LOGISTIC_RIDGE,
        )  # fmt: skip
    except CompareError as error:
        return undecided(str(error), grid.runs)
    power, low, high = fit.powers["SNR"], fit.low["SNR"], fit.high["SNR"]
    inside = low <= LAW <= high
    near = 0.0 if inside else min(abs(low - LAW), abs(high - LAW))
    status = place(near, max(abs(low - LAW), abs(high - LAW)), TRANSFER_POWER)
    reason = f"N·SNR^{power:.2f} [{low:.2f}, {high:.2f}]"
    return Answer(status, power, low, high, grid.runs, reason)


QUESTION = Question(
    order=9,
    title="boundary power",
    claim="Good runs are parted from bad runs by N·SNR² = C.",
    effect="power of SNR, that of N being 1",
    ask=_ask,
    theory=LAW,
)
