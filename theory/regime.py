"""The events of the two regimes in terms of logged quantities, and which theorems get them.

An event is met when every margin has reached zero; each margin is interpolated separately.
"""

from dataclasses import replace

from sympy import Abs, Max, Rational, Symbol

from .assumptions import ASSUMPTION, ASSUMPTIONS
from .event import Event
from .symbols import epsilon, sigma_p
from .theorem import Theorem

#: Mean residual 1/(1+e^{yf}) at which the linear phase is over.
LINEAR_PHASE_END = Rational(1, 4)
#: Factor 3M, M = 2 tokens per sample, by which noise memory must exceed signal memory.
DOMINANCE = 3 * 2
#: Logit gap of clean samples at which attention is no longer uniform.
GAP = 1

_V_PLUS, _V_MINUS, _V_NOISE, _VALUE_NORM, _CLEAN, _ALL, _LOSS, _GAP = (
    Symbol(name, real=True)
    for name in ("v_plus", "v_minus", "v_noise_aligned", "value_norm", "residual_clean",
                 "residual_all", "train_loss", "gap_clean")
)  # fmt: skip
_FRESH = sigma_p * _VALUE_NORM  # standard deviation of a fresh noise token's memory

_FITTED = Event("T3", (epsilon - _LOSS,), ("train_loss",), "train_loss reaches epsilon")
_FOCUSED = Event("T_gap", (_GAP - GAP,), ("gap_clean",), "the logit gap of clean samples reaches 1")

#: Regime -> its events.
EVENTS: dict[str, tuple[Event, ...]] = {
    "benign": (
        Event(
            "T1", (_V_PLUS - _FRESH, -_V_MINUS - _FRESH), ("v_plus", "v_minus", "value_norm"),
            "the signal memory of both classes exceeds a fresh noise token's standard deviation",
        ),
        Event("T2", (LINEAR_PHASE_END - _CLEAN,), ("residual_clean",),
              "the mean residual of clean samples falls to 1/4"),
        _FITTED,
        _FOCUSED,
    ),
    "harmful": (
        Event(
            "T1", (_V_NOISE - DOMINANCE * Max(Abs(_V_PLUS), Abs(_V_MINUS)),),
            ("v_noise_aligned", "v_plus", "v_minus"),
            "the noise memory of every sample is six times the signal memory",
        ),
        Event("T2", (LINEAR_PHASE_END - _ALL,), ("residual_all",),
              "the mean residual of all samples falls to 1/4"),
        _FITTED,
        _FOCUSED,
    ),
}  # fmt: skip


def complete(theorem: Theorem) -> Theorem:
    """A theorem completed with the events and assumptions of its regime.

    A theorem of regime ``"benign"`` or ``"harmful"`` without events gets the regime's events; if it
    has no conditions either, it gets Assumption 4.1. Any other theorem is returned unchanged.

    Example:
        >>> from dataclasses import replace
        >>> from bofcheck.theory import benign
        >>> bare = replace(benign, name="bare", events=(), assumes=(), assumption="")
        >>> [event.name for event in complete(bare).events], complete(bare).assumption
        (['T1', 'T2', 'T3', 'T_gap'], 'Assumption 4.1')
    """
    if theorem.events or theorem.regime not in EVENTS:
        return theorem
    theorem = replace(theorem, events=EVENTS[theorem.regime])
    if theorem.assumes:
        return theorem
    return replace(theorem, assumes=ASSUMPTIONS, assumption=ASSUMPTION)
