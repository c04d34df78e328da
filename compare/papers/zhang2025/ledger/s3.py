"""S3: the noise token is isotropic; it is not projected off the signals."""

import numpy as np

from .....theory import Provenance
from ....cells import Role, Study
from ....checks.exact_tests import (
    chi_square_p,
    chi_square_scores,
    decide_null,
    normal_p,
    uncorrelated_p,
)
from ....checks.token_draws import Tokens, draw_tokens
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    """Exact tests that a noise token over sigma_p is standard normal in every direction.

    Pooled over all held-out cells, for real arrays and reduced starts apart: variance along the
    signals (chi-square; projected noise has none), variance off them (chi-square), mean along
    them, correlation between both, correlation between coordinates off them. False alarm of all
    tests together: 1e-4.
    """
    drawn = list(draw_tokens(study))
    p_values: dict[str, float] = {}
    variance = {}
    for kind in ("stored", "sampled"):
        group = [tokens for tokens in drawn if tokens.kind == kind]
        if group:
            p_values |= {f"{kind}: {name}": p for name, p in _tests(group).items()}
            along = np.concatenate([tokens.along.ravel() for tokens in group])
            variance[kind] = float((along**2).mean())
    aside = [
        result.cell.name
        for result in study.select(Role.HELD_OUT, "stage")
        if result.cell.problem.noise != "isotropic"
    ]
    return decide_null(
        claim, study, p_values, variance_along_over_sigma_p2=variance, projected_by_design=aside
    )


def _tests(group: list[Tokens]) -> dict[str, float]:
    along = np.concatenate([tokens.along.reshape(-1, 2) for tokens in group])
    off = np.concatenate(
        [
            chi_square_scores(tokens.squares - (tokens.along**2).sum(axis=2), tokens.dim - 2.0)
            for tokens in group
        ],
        axis=None,
    )
    p_values = {
        "variance along the signals": chi_square_p(float((along**2).sum()), along.size),
        "mean along the signals": normal_p(float(along.sum() / np.sqrt(along.size))),
        "correlation along both": uncorrelated_p(along[:, 0], along[:, 1]),
        "variance off the signals": normal_p(float(off.sum() / np.sqrt(off.size))),
    }
    pairs = [tokens.pairs for tokens in group if tokens.pairs is not None]
    if pairs:
        p_values["correlation off the signals"] = uncorrelated_p(*np.concatenate(pairs, axis=1))
    return p_values


CLAIM = Claim(
    id="S3",
    statement="The noise token is N(0, sigma_p² I), also along the signals",
    provenance=Provenance.STATED,
    source="Definition 3.1",
    regimes=("benign", "harmful"),
    check=ByFunction(_decide),
    kinds=("stage",),
)
