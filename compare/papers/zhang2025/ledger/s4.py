"""S4: the squared norm of a noise token is within O(1/√d) of sigma_p² d, relatively."""

import numpy as np

from .....theory import Provenance
from ....cells import Study
from ....checks.exact_tests import chi_square_scores, decide_null, largest_p, normal_p, shape_p
from ....checks.token_draws import draw_tokens
from ....claim import ByFunction, Claim
from ....verdict import Verdict


def _decide(claim: Claim, study: Study) -> Verdict:
    """‖ξ‖²/sigma_p² against chi-square with d degrees, whose relative spread is √(2/d).

    Every token's level becomes a normal score; tested are the largest of all tokens, their mean
    and, by Kolmogorov–Smirnov, their shape, for real arrays and reduced starts apart. False
    alarm of all tests together: 1e-4.
    """
    drawn = list(draw_tokens(study))
    p_values: dict[str, float] = {}
    spread: dict[str, dict[str, float]] = {}
    for kind in ("stored", "sampled"):
        group = [tokens for tokens in drawn if tokens.kind == kind]
        if not group:
            continue
        scores = np.concatenate(
            [chi_square_scores(tokens.squares, tokens.dim).ravel() for tokens in group]
        )
        p_values[f"{kind}: largest departure"] = largest_p(scores)
        p_values[f"{kind}: mean"] = normal_p(float(scores.sum() / np.sqrt(scores.size)))
        p_values[f"{kind}: shape"] = shape_p(scores)
        spread[kind] = {
            tokens.cell: float(np.abs(tokens.squares / tokens.dim - 1).max() * tokens.dim**0.5)
            for tokens in group
        }
    return decide_null(claim, study, p_values, largest_departure_times_sqrt_d=spread)


CLAIM = Claim(
    id="S4",
    statement="‖ξ‖² is sigma_p² d up to a relative O(1/√d)",
    provenance=Provenance.DERIVED,
    source="Definition 3.1, used throughout Appendix C",
    regimes=("benign", "harmful"),
    check=ByFunction(_decide),
    kinds=("stage",),
)
