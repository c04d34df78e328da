"""How memory grows once the data are fitted: as the logarithm of time.

A clean sample's margin is then near a V, where a is its mean attention on the signal, and its loss
slope near exp(-a V). So dV/dt is proportional to exp(-a V), and V = V(t0) + log(t/t0)/a (DERIVED).
Clean samples attend to the signal, flipped samples to their own noise.
"""

from sympy import log

from ..law import Law
from ..provenance import Provenance
from ..state import attention, start_memory, start_step
from ..symbols import t

_SOURCE = "gradient flow on exponentially small loss slopes; see docs/theory.md"
_VALID = "after T2, while attention moves slowly and clean margins are large"

LATE_SLOPE = Law("late_slope", 1 / attention, Provenance.DERIVED, _SOURCE, _VALID)
"""Slope of |V_+| and |V_-| in log t."""

LATE_MEMORY = Law(
    "late_memory", start_memory + LATE_SLOPE.expr * log(t / start_step),
    Provenance.DERIVED, _SOURCE, _VALID,
)  # fmt: skip
"""|V_+| or |V_-| at step t."""
