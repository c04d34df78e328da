"""Boundaries of known powers, and rivals of them. All their cells lie outside Assumption 4.1."""

from ..boundary import boundary_study
from ..scenario import Kind, Scenario

_SIGNAL, _TAIL = (1, 2, 0), (1, 4, 1)

SCENARIOS = (
    Scenario(
        "boundary-loss", Kind.TRUE, ("X1",), "test_loss turns good at N·SNR² = C",
        lambda rng, noise: boundary_study(rng, noise, "ladder", "test_loss", _SIGNAL),
    ),
    Scenario(
        "boundary-loss-rival", Kind.OUTSIDE, ("X1",), "test_loss turns good at N·d·SNR⁴ = C",
        lambda rng, noise: boundary_study(rng, noise, "ladder", "test_loss", _TAIL, 0.5),
        sized=True,
    ),
    Scenario(
        "boundary-error", Kind.TRUE, ("X2",), "test_error turns good at N·d·SNR⁴ = C",
        lambda rng, noise: boundary_study(rng, noise, "lean", "test_error", _TAIL, 0.5),
    ),
    Scenario(
        "boundary-error-rival", Kind.OUTSIDE, ("X2",), "test_error turns good at N·SNR² = C",
        lambda rng, noise: boundary_study(rng, noise, "lean", "test_error", _SIGNAL),
        sized=True,
    ),
)  # fmt: skip
