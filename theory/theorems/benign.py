"""Theorem 4.2: benign overfitting.

Problem: a two-token, one-layer softmax transformer trained by full-batch gradient descent on
labels flipped with probability p < 1/2.
Condition: N SNR^2 >= C0.
Guarantee: test_error falls from a constant to p in three stages, while train_loss reaches epsilon.
Kind: upper bounds.
Reference: arXiv 2502.12508, Theorem 4.2 and Appendix D; its formulas reached this project as prose
only, so the positions of the constants are reconstructed. To correct a formula, edit its line.
"""

from sympy import Rational, exp

from ..assumptions import ASSUMPTION, ASSUMPTIONS
from ..bound import Bound
from ..condition import Condition
from ..provenance import Provenance
from ..reading import Reading
from ..regime import EVENTS
from ..stage import Stage, StageTime
from ..state import attention_test
from ..symbols import (
    C0,
    C1,
    C2,
    C3,
    T1,
    T2,
    T3,
    N,
    a,
    b,
    c1,
    c2,
    c3,
    d,
    d_h,
    epsilon,
    eta,
    k2,
    k3,
    log_term,
    mu,
    p,
    sigma_p,
    sigma_V,
    snr,
    t,
    w,
)  # fmt: skip
from ..theorem import Theorem

# The formulas, one line each.
CONDITION_LEFT = N * snr**2
STAGE1_EXCESS = C1
STAGE2_EXCESS = C2 * exp(-k2 * eta * (t - T1) * mu**2 * w**2)
# Readings of stage 2: half a squared ratio of a signal to a fresh token's spread, but for (A).
SIGNAL_PART = eta * (t - T1) * mu**2 * w**2
READINGS = {
    "A": C2 * exp(-k2 * SIGNAL_PART),
    "B": C2 * exp(-k2 * (eta * (t - T1) * mu * w * snr / sigma_V) ** 2),
    "C": C2 * exp(-k2 * d * snr**2 * (attention_test - Rational(1, 2)) ** 2),
    "D": C2 * exp(-k2 * SIGNAL_PART**2),
}
STAGE3_EXCESS = C3 * exp(-k3 * (eta * (t - T2) * mu * w * snr / sigma_V) ** 2)
T1_PAPER = c1 / (eta * d_h ** Rational(1, 4) * mu**2 * w**2)
T2_PAPER = c2 / (eta * mu**2 * w**2 * log_term)
T3_PAPER = c3 / (eta * epsilon * mu**2 * w**2)
T1_DERIVED = c1 * sigma_V / (eta * mu * w * snr)
T2_DERIVED = c2 / (eta * mu**2 * w**2)
T3_DERIVED = (a / mu**2 + b * p * N / (sigma_p**2 * d)) / (eta * epsilon * w**2)

_SOURCE = "arXiv 2502.12508, Theorem 4.2"
_JIANG = "Jiang 2024, stage times of the benign theorem"
_RECONSTRUCTED = Provenance.RECONSTRUCTED

_condition = Condition(
    "benign condition", CONDITION_LEFT, ">=", C0, Provenance.SOURCE,
    f"{_SOURCE}; Jiang 2024, main theorem", seen=True,
)  # fmt: skip
_stage1 = Bound(
    "B1", "test_error", "upper", p, STAGE1_EXCESS, (C1,), _RECONSTRUCTED, f"{_SOURCE}, phase 1",
    rebuilt_from="influenced by the label-flipping probability and a large constant",
)  # fmt: skip
_stage2 = Bound(
    "B2", "test_error", "upper", p, STAGE2_EXCESS, (C2, k2), _RECONSTRUCTED, f"{_SOURCE}, phase 2",
    rebuilt_from="iterations and learning rate in the exponent; at T1 similar to initialization",
)  # fmt: skip
_stage3 = Bound(
    "B3", "test_error", "upper", p, STAGE3_EXCESS, (C3, k3), _RECONSTRUCTED, f"{_SOURCE}, phase 3",
    rebuilt_from="iterations, learning rate, signal strength; inversely initialization variance",
)  # fmt: skip
_fitted = Bound(
    "B7", "train_loss", "upper", 0, epsilon, (), Provenance.STATED, f"{_SOURCE}, phase 3, at T3"
)

_readings = tuple(
    Reading("B2", Bound(
        f"B2{letter}", "test_error", "upper", p, excess, (C2, k2), _RECONSTRUCTED,
        f"READING ({letter}) of {_SOURCE}, phase 2",
        rebuilt_from="the sentences around the formula: a Gaussian tail, (s-t)^2 >= s^2/2 - t^2",
        logged=tuple({"attention_test"} & {str(symbol) for symbol in excess.free_symbols}),
    ))
    for letter, excess in READINGS.items()
)  # fmt: skip

_DERIVED_NOTE = "scaling of the event T{} under gradient descent; see docs/theory.md"

THEOREM = Theorem(
    name="benign",
    regime="benign",
    title="Theorem 4.2 (benign overfitting)",
    condition=_condition,
    stages=(
        Stage(1, "initialization", 0, T1, (_stage1,)),
        Stage(2, "signal learning", T1, T2, (_stage2,)),
        Stage(3, "convergence", T2, T3, (_stage3, _fitted)),
    ),
    times=(
        StageTime("T1", "paper", T1_PAPER, (c1,), Provenance.SOURCE, _JIANG, seen=True),
        StageTime("T1", "derived", T1_DERIVED, (c1,), Provenance.DERIVED, _DERIVED_NOTE.format(1)),
        StageTime("T2", "paper", T2_PAPER, (c2,), Provenance.SOURCE, _JIANG, seen=True),
        StageTime("T2", "derived", T2_DERIVED, (c2,), Provenance.DERIVED, _DERIVED_NOTE.format(2)),
        StageTime("T3", "paper", T3_PAPER, (c3,), Provenance.SOURCE, _JIANG, seen=True),
        StageTime("T3", "derived", T3_DERIVED, (a, b), Provenance.DERIVED, _DERIVED_NOTE.format(3)),
    ),
    continuity={C1: C2, C3: STAGE2_EXCESS.subs(t, T2)},
    probability_floor="1 - 1/d",
    source=_SOURCE,
    events=EVENTS["benign"],
    assumes=ASSUMPTIONS,
    assumption=ASSUMPTION,
    readings=_readings,
    needs_labels=True,
)
