"""M10: clean samples' logit gap follows the law Λ(t)."""

import numpy as np

from .....theory import Provenance
from .....theory.lemmas.attention_growth import LOGIT_GAP
from ....cells import CellResult, Role, Study, scope_of
from ....checks.band import MIN_CELLS, Sample, decide_band
from ....claim import ByFunction, Claim
from ....verdict import Status, Verdict

#: Band of Λ at the event T_gap, 1 by the law (the ledger's factor of 2).
BAND = (0.5, 2.0)


def _decide(claim: Claim, study: Study) -> Verdict:
    """Λ at each run's T_gap, the first step with a mean gap of 1.

    The law is derived for the linear phase and a frozen w_O. Runs whose gap reaches 1 only after
    T2 say nothing about it; where hardly any cell reaches it before, the claim is OUT_OF_SCOPE.
    """
    cells = [
        result
        for result in study.select(Role.HELD_OUT, "stage")
        if not result.cell.problem.train_output
    ]
    samples, beyond = [], []
    for result in cells:
        linear = ~(result.events["T_gap"] > result.events["T2"])
        gap = _law_at_gap(result)
        samples.append(Sample(result, np.where(result.ok & linear, gap, np.nan)))
        if 2 * (~linear & result.ok).sum() > result.ok.size:
            beyond.append(result)
    if sum(sample.counts for sample in samples) < MIN_CELLS <= len(beyond):
        late = {one.cell.name: float(np.nanmedian(_law_at_gap(one))) for one in beyond}
        return claim.verdict(
            study,
            Status.OUT_OF_SCOPE,
            f"the gap reaches 1 after the linear phase in {len(beyond)} of {len(cells)} cells, "
            f"where the law reads {min(late.values()):.2f} to {max(late.values()):.2f}",
            scope=scope_of(beyond),
            evidence={"valid": LOGIT_GAP.valid, "band": list(BAND), "law_after_T2": late},
        )
    return decide_band(claim, study, samples, BAND, "the law Λ at T_gap")


def _law_at_gap(result: CellResult) -> np.ndarray:
    needed = {str(symbol) for symbol in LOGIT_GAP.expr.free_symbols} - {"t"}
    given = {name: value for name, value in result.values.items() if name in needed}
    return np.asarray(LOGIT_GAP.numeric(t=result.events["T_gap"], **given))


CLAIM = Claim(
    id="M10",
    statement="The logit gap of clean samples' signal queries reaches 1 when the law Λ(t) does",
    provenance=Provenance.DERIVED,
    source="gradient of W_Q and W_K at attention 1/2",
    regimes=("benign",),
    check=ByFunction(_decide),
    kinds=("stage",),
    formulas=("logit_gap",),
)
