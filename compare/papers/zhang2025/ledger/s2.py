"""S2: the two signals are orthogonal and of equal norm."""

import numpy as np

from .....theory import Provenance
from ....cells import Study
from ....checks.token_draws import draw_tokens
from ....claim import ByFunction, Claim
from ....verdict import Status, Verdict

#: Largest departure of the signals' Gram matrix from mu² times the identity, over mu².
TOLERANCE = 1e-12


def _decide(claim: Claim, study: Study) -> Verdict:
    """The Gram matrix of μ₊ and μ₋ over mu² is the identity in every draw, stored and sampled."""
    departures: dict[str, float] = {}
    draws = 0
    for tokens in draw_tokens(study):
        off = float(np.abs(tokens.signal_gram - np.eye(2)).max())
        departures[f"{tokens.cell}, {tokens.kind}"] = off
        draws += len(tokens.signal_gram)
    if not departures:
        return claim.verdict(study, Status.INCONCLUSIVE, "there is nothing drawn to look at")
    worst = max(departures, key=lambda name: np.nan_to_num(departures[name], nan=np.inf))
    largest = departures[worst]
    return claim.verdict(
        study,
        Status.HOLDS if largest <= TOLERANCE else Status.VIOLATED,
        f"⟨μ₊,μ₋⟩/mu² and ‖μ±‖²/mu² - 1 are at most {largest:.1e} in {draws} draws",
        statistic=largest,
        statistic_name="largest entry of |Gram matrix of the signals / mu² - identity|",
        threshold=TOLERANCE,
        tightness=TOLERANCE / largest if largest else None,
        worst_cell=worst.split(",")[0],
        evidence={"draws": draws},
    )


CLAIM = Claim(
    id="S2",
    statement="The signals μ₊ and μ₋ are orthogonal and of equal norm",
    provenance=Provenance.STATED,
    source="Definition 3.1",
    regimes=("benign", "harmful"),
    check=ByFunction(_decide),
    kinds=("stage",),
)
