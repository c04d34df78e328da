"""Theorem 4.3: harmful overfitting.

Problem: as in Theorem 4.2, with noise that dominates the signal.
Condition: 1/(N SNR^2) >= C0.
Guarantee: train_loss reaches epsilon while test_loss stays above a constant.
Kind: upper bounds in stages 1 and 2, a lower bound in stage 3.
Reference: arXiv 2502.12508, Theorem 4.3 and Appendix E; its formulas reached this project as prose
only. H2d is derived by this project and holds for a frozen w_O. To correct a formula, edit its
line.
"""

from sympy import Rational, exp, log, pi, sqrt

from ..assumptions import ASSUMPTION, ASSUMPTIONS
from ..bound import Bound
from ..condition import Condition
from ..provenance import Provenance
from ..reading import Reading
from ..regime import EVENTS
from ..stage import Stage, StageTime
from ..symbols import (
    C0,
    C1,
    C2,
    T1,
    T2,
    T3,
    N,
    N_max,
    V_max_T1,
    c1,
    c2,
    c3,
    d,
    d_h,
    epsilon,
    eta,
    log_term,
    mu,
    p,
    sigma_p,
    snr,
    t,
    u_T1,
    w,
)  # fmt: skip
from ..theorem import Theorem

NOISE_SCALE = sigma_p**2 * d / N  # replaces mu**2 when noise is learned instead of the signal

# The formulas, one line each.
CONDITION_LEFT = 1 / (N * snr**2)
STAGE1_EXCESS = C1
STAGE2_EXCESS = C2 * eta * (t - T1) * NOISE_SCALE * w**2
STAGE2_GROWTH_DERIVED = mu**2 * N_max / N + 2 * mu * sigma_p + sigma_p**2 * (sqrt(d / N) + 1)
STAGE2_START_DERIVED = V_max_T1 + sqrt(2 / pi) * sigma_p * u_T1
PROVED = log(1 + exp(-Rational(1, 2)))  # 0.47408, which the proof reaches with probability 1/2
STAGE3_LOSS_FLOOR = PROVED / 2
# Readings of stage 3: what the proof reaches is a loss (a), or a margin, of kept labels alone (b),
# or with the flipped labels, whose loss is larger by the margin (c).
LOSS_OF_PROVED = log(1 + exp(-PROVED))  # 0.48394, which the theorem uses
READINGS = {
    "a": PROVED / 2,
    "b": LOSS_OF_PROVED / 2,
    "c": ((1 - p) * LOSS_OF_PROVED + p * (LOSS_OF_PROVED + PROVED)) / 2,
}
T1_PAPER = c1 / (eta * d_h ** Rational(1, 4) * NOISE_SCALE * w**2)
T2_PAPER = c2 / (eta * NOISE_SCALE * w**2 * log_term)
T3_PAPER = c3 / (eta * epsilon * NOISE_SCALE * w**2)

_SOURCE = "arXiv 2502.12508, Theorem 4.3"
_JIANG = "Jiang 2024, stage times of the harmful theorem"
_RECONSTRUCTED = Provenance.RECONSTRUCTED

_stage1 = Bound(
    "H1", "test_error", "upper", p, STAGE1_EXCESS, (C1,), _RECONSTRUCTED, f"{_SOURCE}, phase 1",
    rebuilt_from="similar to the initialization stage of benign overfitting",
)  # fmt: skip
_stage2 = Bound(
    "H2", "test_loss", "upper", log(2), STAGE2_EXCESS, (C2,), _RECONSTRUCTED, f"{_SOURCE}, phase 2",
    rebuilt_from="the upper bound increases with the number of iterations",
)  # fmt: skip
_stage2_derived = Bound(
    "H2d", "test_loss", "upper", log(2),
    STAGE2_START_DERIVED + eta * (t - T1) * w**2 * STAGE2_GROWTH_DERIVED, (),
    Provenance.DERIVED, "growth of V and W_V w_O per step, w_O frozen; see docs/theory.md",
)  # fmt: skip
_fitted = Bound(
    "H5", "train_loss", "upper", 0, epsilon, (), Provenance.STATED, f"{_SOURCE}, phase 3, at T3"
)
_diverged = Bound(
    "H6", "test_loss", "lower", 0, STAGE3_LOSS_FLOOR, (), _RECONSTRUCTED, f"{_SOURCE}, phase 3",
    rebuilt_from="a loss of at least log(1 + exp(-1/2)) with probability at least 1/2",
)  # fmt: skip

_READ_AS = {
    "a": (_RECONSTRUCTED, "a loss"),
    "b": (_RECONSTRUCTED, "a margin"),
    "c": (Provenance.DERIVED, "a margin, flipped labels counted"),
}
_readings = tuple(
    Reading("H6", Bound(
        f"H3{letter}", "test_loss", "lower", 0, excess, (), _READ_AS[letter][0],
        f"READING of {_SOURCE}, phase 3: 0.47408 is {_READ_AS[letter][1]}",
        rebuilt_from="" if letter == "c" else "0.47408 in the proof and 0.48394 in the theorem",
    ))
    for letter, excess in READINGS.items()
)  # fmt: skip

THEOREM = Theorem(
    name="harmful",
    regime="harmful",
    title="Theorem 4.3 (harmful overfitting)",
    condition=Condition("harmful condition", CONDITION_LEFT, ">=", C0, _RECONSTRUCTED, _SOURCE),
    stages=(
        Stage(1, "initialization", 0, T1, (_stage1,)),
        Stage(2, "noise learning", T1, T2, (_stage2, _stage2_derived)),
        Stage(3, "divergence", T2, T3, (_fitted, _diverged)),
    ),
    times=(
        StageTime("T1", "paper", T1_PAPER, (c1,), Provenance.SOURCE, _JIANG, seen=True),
        StageTime("T2", "paper", T2_PAPER, (c2,), Provenance.SOURCE, _JIANG, seen=True),
        StageTime("T3", "paper", T3_PAPER, (c3,), Provenance.SOURCE, _JIANG, seen=True),
    ),
    continuity={},
    probability_floor="1 - 1/d",
    source=_SOURCE,
    events=EVENTS["harmful"],
    assumes=ASSUMPTIONS,
    assumption=ASSUMPTION,
    readings=_readings,
)
