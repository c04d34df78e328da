"""Stage detection: the first step of each event, run by run (theory, §4 and §5).

An event between two logged steps is placed by linear interpolation in the step number; a run
that never meets it has NaN, which no check counts as a pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..simulate import Trajectory

Array = NDArray[np.float64]

#: M, tokens per sample.
TOKENS = 2
#: Mean residual 1/(1+e^{yf}) at which the linear phase is over.
LINEAR_PHASE_END = 0.25
#: Factor 3M by which noise memory must exceed signal memory (harmful T1).
DOMINANCE = 3 * TOKENS


def first_crossing(steps: NDArray[Any], *margins: Array) -> Array:
    """First step at which every margin has reached zero from below, per run.

    Each margin is interpolated by itself: the least of several is not linear between logged
    steps where another becomes the least.

    Args:
        steps: (T,) logged steps.
        margins: (R, T) each; the event is ``margin >= 0`` for all. NaN entries do not count.

    Returns:
        (R,) interpolated steps, NaN where the event is not reached.

    Example:
        >>> first_crossing(np.array([0, 10, 20]), np.array([[-1.0, -0.5, 0.5], [-1, -1, -1]]))
        array([15., nan])
        >>> first_crossing(np.array([0, 10]), np.array([[-1.0, 1.0]]), np.array([[-1.0, 4.0]]))
        array([5.])
    """
    stacked = np.stack(margins)
    reached: NDArray[np.bool_] = np.all(stacked >= 0, axis=0)
    out = np.full(reached.shape[0], np.nan)
    for run in np.flatnonzero(reached.any(axis=1)):
        at = int(reached[run].argmax())
        out[run] = steps[at]
        if at > 0 and np.isfinite(stacked[:, run, at - 1]).all():
            below, above = stacked[:, run, at - 1], stacked[:, run, at]
            shares = [
                0.0 if low >= 0 else low / (low - high) if np.isfinite(high) else 1.0
                for low, high in zip(below, above, strict=True)
            ]
            out[run] = steps[at - 1] + max(shares) * (steps[at] - steps[at - 1])
    return out


def detect_events(trajectory: Trajectory, regime: str) -> dict[str, Array]:
    """The events of one regime.

    Benign: T1 when the signal memory min(V₊, -V₋) exceeds a fresh noise token's standard
    deviation σ_p‖W_V w_O‖; T2 when the mean residual of clean samples falls to 1/4; T3 when
    train_loss ≤ ε; T_gap when clean samples' signal-query logit gap reaches 1. Harmful: T1
    when min y_n V_n ≥ 3M max|V±|; T2 over all samples; T3 as before.

    Args:
        trajectory: what was logged.
        regime: ``"benign"`` or ``"harmful"``.

    Returns:
        Event name -> (R,) steps, NaN where not reached.

    Example:
        >>> from bofcheck.simulate import Problem, train
        >>> easy = Problem(n_samples=8, dim=10_000, noise_std=0.005, learning_rate=0.3,
        ...                target_loss=0.1)
        >>> events = detect_events(train(easy, seeds=2, steps=300), "benign")
        >>> events["T2"].round(), events["T3"].round()
        (array([72., 73.]), array([203., 204.]))
    """
    q, steps = trajectory.quantities, trajectory.steps
    if regime == "benign":
        fresh = trajectory.problem.noise_std * q["value_norm"]
        first = [q["v_plus"] - fresh, -q["v_minus"] - fresh]
        residual = q["residual_clean"]
    else:
        signal = np.maximum(np.abs(q["v_plus"]), np.abs(q["v_minus"]))
        first = [q["v_noise_aligned"] - DOMINANCE * signal]
        residual = q["residual_all"]
    return {
        "T1": first_crossing(steps, *first),
        "T2": first_crossing(steps, LINEAR_PHASE_END - residual),
        "T3": first_crossing(steps, trajectory.problem.target_loss - q["train_loss"]),
        "T_gap": first_crossing(steps, q["gap_clean"] - 1.0),
    }


def stage_numbers(
    steps: NDArray[Any],
    events: Mapping[str, Array],
    ends: Sequence[str] = ("T1", "T2", "T3"),
) -> NDArray[np.int64]:
    """Which stage each logged step of each run belongs to.

    Stage 1 lasts until the first of the ends (for good where it is not reached), stage 2 until
    the second, and so on; 0 marks steps after the last, of which the theorem says nothing.

    Args:
        steps: (T,) logged steps.
        events: event name -> (R,) steps.
        ends: the events the stages end with, in order.

    Returns:
        (R, T) stage numbers 1, 2, … or 0.

    Example:
        >>> events = {"T1": np.array([5.0]), "T2": np.array([15.0]), "T3": np.array([np.nan])}
        >>> stage_numbers(np.array([0, 5, 10, 20]), events)
        array([[1, 1, 2, 3]])
    """
    t = steps[None, :].astype(float)
    number = np.zeros((len(events[ends[0]]), len(steps)), dtype=np.int64)
    last = np.full((len(number), 1), -np.inf)
    for stage, end in enumerate(ends, start=1):
        until = np.maximum(last, np.nan_to_num(events[end], nan=np.inf)[:, None])
        number[(t > last) & (t <= until)] = stage
        last = until
    return number
