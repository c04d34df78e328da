"""`TailFrame`: the few directions along which a fresh token most cheaply comes to fail.

Given the weights, a test sample of class z fails by V = ξ'·u, by the logits b = ξ'·W_K q_z and
c = ξ'·W_Q k_z between signal and noise, and by the noise token's own logit ξ'ᵀ W_Q W_Kᵀ ξ'
(q_z = W_Qᵀ μ_z, k_z = W_Kᵀ μ_z). The most probable failure is stationary, so it solves
ξ' = α u + β W_K q_z + γ W_Q k_z + δ (W_Q W_Kᵀ + W_K W_Qᵀ) ξ' (DERIVED). The frame holds the three
directions of either class and what the quadratic form makes of them: applied to W_K q it gives
W_Q q up to small terms, to W_Q k it gives W_K k, and to u, through û = Σ_z z V_z/‖z‖² over the
training tokens z, it gives W_Q W_Kᵀ û and W_K W_Qᵀ û. The last direction is a token's own: along
it only its own logit changes, by what its key is beyond all the weights that others meet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Fresh tokens whose lines are integrated by default.
TAIL_TOKENS = 64
#: u, W_K q₊, W_K q₋, W_Q k₊, W_Q k₋, W_Q q₊, W_Q q₋, W_K k₊, W_K k₋, W_Q k_û, W_K q_û …
SHARED = 11
#: … and the token's own, of length 1 and orthogonal to all.
DIRECTIONS = SHARED + 1


@dataclass(frozen=True)
class TailFrame:
    """R runs' frames of J = 12 directions e_j, taken within the noise's subspace.

    Attributes:
        gram: (R, J, J) e_j·e_l. Row 0 holds the change of V along each direction, rows 1 and 2
            that of ξ'·W_K q_±, rows 3 and 4 that of ξ'·W_Q k_±.
        own: (R, J, J) e_jᵀ W_Q W_Kᵀ e_l, symmetrised.
        along: (R, t, J) ξ'·e_j of the first t fresh tokens.
        first: (R, t, J) ξ'ᵀ (W_Q W_Kᵀ + W_K W_Qᵀ) e_j.
    """

    gram: Array
    own: Array
    along: Array
    first: Array
