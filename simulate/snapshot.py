"""`Snapshot`: what an engine shows of its state at a log step, before anything is averaged.

Every engine fills the same arrays; `bofcheck.simulate.observables` turns them into the logged
quantities, so that two engines can only differ in the state itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .rare_error.tail_frame import TailFrame

Array = NDArray[np.float64]


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
