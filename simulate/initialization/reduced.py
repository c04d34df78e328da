"""The reduced start: inner products of tokens and weights, all that training can see.

Every gradient of W_Q, W_K and W_V is a sum of (training token) ⊗ (something), so
W(t) = W(0) + Zᵀ A(t) with Z the n = N + 2 stacked rows μ₊, μ₋, ξ_1 … ξ_N (DERIVED, algebra).
The key axis is rotated so that the rows of Z W_Q and Z W_K fill the first r = min(d_h, 2n)
coordinates; what a test token has outside them never trains and enters as constants.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..data.signal_noise import Labels

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ReducedStart:
    """One run's start in the span of its tokens; n = N + 2, r = min(d_h, 2n).

    The value axis is rotated likewise: U = W_V(0)·(orthonormal basis) has r_v columns, the
    first along w_O(0); r_v = 1 when w_O is frozen.

    Attributes:
        labels: signs of training and test samples.
        gram: (n, n) Z Zᵀ.
        queries, keys: (n, r) Z W_Q and Z W_K in the rotated coordinates.
        values: (n, r_v) Z U.
        output: (r_v,) w_O in the rotated coordinates.
        test_gram: (m, n) ξ'·Z rows.
        test_queries, test_keys: (m, r) in-span part of ξ' W_Q and ξ' W_K.
        test_values: (m, r_v) ξ' U.
        test_cross: (m,) out-of-span part of (ξ' W_Q)·(ξ' W_K).
        line_queries, line_keys: (r_v, r) in-span part of Uᵀ W_Q and Uᵀ W_K.
        line_gram: (r_v, r_v) Uᵀ U.
        line_cross: (r_v, r_v) out-of-span part of (Uᵀ W_Q)(Uᵀ W_K)ᵀ.
        test_line_cross: (m, r_v) out-of-span part of (ξ'W_Q)·(UᵀW_K) + (UᵀW_Q)·(ξ'W_K).
        weight_gram: (2r, 2r) Pᵀ P, P = [W_Q(0) | W_K(0)] in the rotated key coordinates: 2r more
            vectors in token space, which fresh tokens meet though training tokens do not.
        weight_cross: (2r, 2r) out-of-span part of (PᵀW_Q)(PᵀW_K)ᵀ plus its transpose.
        line_weight_cross: (r_v, 2r) the same of U with P, both orders added.
        test_weight_cross: (m, 2r) the same of ξ' with P, both orders added.
        test_own_draw: (m,) a standard normal number of the token's own, which enters
            ``test_cross`` and nothing else: its key along what is left of its query.
        test_own_slope: (m,) change of ``test_cross`` per unit of it; 0 where all of a token's
            key is bound to the weights other tokens meet.
    """

    labels: Labels
    gram: Array
    queries: Array
    keys: Array
    values: Array
    output: Array
    test_gram: Array
    test_queries: Array
    test_keys: Array
    test_values: Array
    test_cross: Array
    line_queries: Array
    line_keys: Array
    line_gram: Array
    line_cross: Array
    test_line_cross: Array
    weight_gram: Array
    weight_cross: Array
    line_weight_cross: Array
    test_weight_cross: Array
    test_own_draw: Array
    test_own_slope: Array
