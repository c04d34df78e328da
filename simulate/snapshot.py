"""`Snapshot`: an engine's state at a log step, before anything is averaged.

Every engine fills the same arrays; `bofcheck.simulate.observables` turns them into the logged
quantities, so that two engines can only differ in the state itself.
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
    """The few directions e_j, J = 12 per run, along which a fresh token fails most easily.

    Given the weights, a test sample of class z fails by V = ξ'·u, by the logits b = ξ'·W_K q_z
    and c = ξ'·W_Q k_z between signal and noise, and by the noise token's own logit
    ξ'ᵀ W_Q W_Kᵀ ξ' (q_z = W_Qᵀ μ_z, k_z = W_Kᵀ μ_z). The most probable failure is stationary, so
    it solves ξ' = α u + β W_K q_z + γ W_Q k_z + δ (W_Q W_Kᵀ + W_K W_Qᵀ) ξ' (DERIVED). The frame
    holds the three directions of either class and their images under the quadratic form: it maps
    W_K q to W_Q q up to small terms, W_Q k to W_K k, and u, through û = Σ_z z V_z/‖z‖² over the
    training tokens z, to W_Q W_Kᵀ û and W_K W_Qᵀ û. The last direction is a token's own: along it
    only its own logit changes, by the part of its key beyond all weights that other tokens meet.
    All are taken within the noise's subspace.

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


@dataclass(frozen=True)
class Snapshot:
    """State of R runs at one step, in logits and projections.

    A *gap* is a query's logit on the signal token minus its logit on the noise token, so its
    attention on the signal is the logistic function of the gap. Signals are indexed 0 for μ₊
    and 1 for μ₋. The *line* is the direction u = W_V w_O (within the noise's subspace): moving
    a test token by s along u/‖u‖ changes its logits by the ``line_*`` coefficients.

    Attributes:
        signal_gap: (R, N) gap of each training sample's signal query.
        noise_gap: (R, N) gap of each training sample's noise query.
        signal_values: (R, 2) V₊ and V₋.
        noise_values: (R, N) V_n of the training noise tokens.
        value_norm: (R,) ‖W_V w_O‖.
        output_norm: (R,) ‖w_O‖.
        signal_logit: (R, 2) logit of query μ_z on key μ_z.
        test_values: (R, m) V of fresh noise tokens.
        test_signal_query: (R, m, 2) logit of query μ_z on key ξ'.
        test_noise_query: (R, m, 2) logit of query ξ' on key μ_z.
        test_noise_self: (R, m) logit of query ξ' on key ξ'.
        line_values: (R,) change of V per unit step along the line.
        line_signal_query: (R, 2) change of ``test_signal_query`` per unit step.
        line_noise_query: (R, 2) change of ``test_noise_query`` per unit step.
        line_self_first: (R, m) linear coefficient of ``test_noise_self``.
        line_self_second: (R,) quadratic coefficient of ``test_noise_self``.
        tail: directions towards the most probable failures, for log P(ŷf ≤ 0); with None it is
            integrated along the line alone.
    """

    signal_gap: Array
    noise_gap: Array
    signal_values: Array
    noise_values: Array
    value_norm: Array
    output_norm: Array
    signal_logit: Array
    test_values: Array
    test_signal_query: Array
    test_noise_query: Array
    test_noise_self: Array
    line_values: Array
    line_signal_query: Array
    line_noise_query: Array
    line_self_first: Array
    line_self_second: Array
    tail: TailFrame | None = None
