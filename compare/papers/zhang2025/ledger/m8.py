"""M8: late, V± grow as the logarithm of time, at 1/(attention on the signal)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .....theory import Provenance
from .....theory.lemmas.late_phase import LATE_SLOPE
from ....cells import CellResult, Role, Study
from ....checks.band import Sample, decide_band
from ....claim import ByFunction, Claim
from ....verdict import Verdict

Array = NDArray[np.float64]

#: Late: from this many times T2 on; a run must be logged to twice that.
LATE = 3.0
#: Band of slope × attention, 1 by the law (fixed beforehand).
BAND = (0.8, 1.25)


def slope_times_attention(result: CellResult) -> Array:
    """(R,) slope of |V±| in log t over the law's, in the half of the late time further off 1.

    Each half of the late time (in log t) gives one slope, so that a curve that bends fails.
    Mean of V₊ and -V₋; the attention is the clean training samples' mean over that half.
    """
    trajectory = result.trajectory
    memory = (trajectory["v_plus"] - trajectory["v_minus"]) / 2
    out = np.full(len(memory), np.nan)
    last = float(trajectory.steps[-1])
    for run in np.flatnonzero(result.ok & (result.events["T2"] * 2 * LATE <= last)):
        first = max(LATE * result.events["T2"][run], 1.0)
        edges = np.exp(np.linspace(np.log(first), np.log(last), 3))
        steps = trajectory.steps.astype(float)
        v = np.interp(edges, steps, memory[run])
        slopes = np.diff(v) / np.diff(np.log(edges))
        attention = np.interp(np.sqrt(edges[:-1] * edges[1:]), steps,
                              trajectory["attention_clean"][run])  # fmt: skip
        ratio = slopes / np.asarray(LATE_SLOPE.numeric(attention=attention))
        out[run] = ratio[np.abs(np.log(np.maximum(ratio, 1e-9))).argmax()]
    return out


def _decide(claim: Claim, study: Study) -> Verdict:
    """The slope of V₊ and -V₋ in log t times attention on the signal, from 3·T2 on.

    The half of that time further off 1 counts; every cell's median must lie in [0.8, 1.25].
    """
    samples = [
        Sample(result, slope_times_attention(result))
        for result in study.select(Role.HELD_OUT, "stage")
    ]
    return decide_band(claim, study, samples, BAND, "late slope of V± in log t times attention")


CLAIM = Claim(
    id="M8",
    statement="Late, V± are linear in log t with slope 1/(attention on the signal)",
    provenance=Provenance.DERIVED,
    source="Lemma 5.3 at exponentially small residuals",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("stage",),
    formulas=("late_slope",),
)
