"""Stage detection: the first step of each event of a theorem, run by run (theory, §4 and §5).

An event between two logged steps is located by linear interpolation in the step number; a run
that never reaches it has NaN, which no check counts as a pass. All that the log says is that it
came between the two; where they are far apart, verdicts rest on that alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..theory import Event, Theorem, evaluate
from ..theory.evaluation.numbers import symbol_names
from .errors import CompareError

Array = NDArray[np.float64]


class Curves(Protocol):
    """Quantities of R runs at T steps, trained here or measured, in which events are located."""

    @property
    def steps(self) -> NDArray[Any]:
        """(T,) steps, in order; or (R, T), each run's own, the last of them repeated."""

    @property
    def seeds(self) -> NDArray[Any]:
        """(R,) the run of each row."""

    @property
    def quantities(self) -> Mapping[str, Array]:
        """Name -> (R, T), NaN where not measured."""

    @property
    def diverged(self) -> NDArray[np.bool_]:
        """(R,) whether each run diverged."""

    @property
    def provenance(self) -> Mapping[str, Any]:
        """Where the numbers come from."""

    def __getitem__(self, quantity: str) -> Array:
        """The (R, T) array of one quantity."""


def steps_by_run(curves: Curves) -> NDArray[Any]:
    """(R, T) the steps of each run, shared or its own; where a run has fewer, it has no number.

    >>> from bofcheck.simulate import Problem, train
    >>> steps_by_run(train(Problem(n_samples=4, dim=100), seeds=2, steps=2))
    array([[0, 1, 2],
           [0, 1, 2]])
    """
    return np.broadcast_to(curves.steps, (len(curves.seeds), curves.steps.shape[-1]))


def first_crossing(steps: NDArray[Any], *margins: Array) -> Array:
    """First step at which every margin has reached zero from below, per run.

    Each margin is interpolated separately: the minimum of several is not linear between logged
    steps where another margin becomes the minimum.

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


def find_events(theorem: Theorem, curves: Curves, values: Mapping[str, float]) -> dict[str, Array]:
    """The first step of each of a theorem's events, run by run.

    Each run counts only at the steps at which it was measured. An event on which nothing in the
    theorem depends is omitted if its quantities or numbers are unknown.

    Args:
        theorem: the theorem whose events are located.
        curves: trained or measured curves.
        values: numbers by symbol name.

    Returns:
        Event name -> (R,) steps, NaN where not reached.

    Raises:
        CompareError: the curves lack a quantity of an event, or the theorem lacks an event.

    Example:
        >>> from bofcheck.simulate import Problem, train
        >>> from bofcheck.theory import benign
        >>> easy = Problem(n_samples=8, dim=10_000, noise_std=0.005, learning_rate=0.3,
        ...                target_loss=0.1)
        >>> trajectory = train(easy, seeds=2, steps=300)
        >>> events = find_events(benign, trajectory, {"sigma_p": 0.005, "epsilon": 0.1})
        >>> events["T2"].round(), events["T3"].round()
        (array([72., 73.]), array([203., 204.]))
    """
    timed = theorem.timed
    unknown = sorted(timed - {event.name for event in theorem.events})
    if unknown:
        raise CompareError(
            f"{theorem.name}: depends on {unknown[0]} but has no event of that name; define it"
        )
    first_steps = {}
    for event in theorem.events:
        symbols = frozenset[str]().union(*map(symbol_names, event.margins))
        lacking = [name for name in event.quantities if name not in curves.quantities]
        if event.name not in timed and (lacking or symbols - values.keys() - {*event.quantities}):
            continue
        if lacking:
            raise CompareError(
                f"event {event.name} needs {lacking[0]}, which the curves do not have; they have "
                f"{', '.join(sorted(curves.quantities))}"
            )
        first_steps[event.name] = _first_steps(event, curves, values)
    return first_steps


def _first_steps(event: Event, curves: Curves, values: Mapping[str, float]) -> Array:
    known: dict[str, Any] = {**values, **{name: curves[name] for name in event.quantities}}
    steps = steps_by_run(curves)
    margins = []
    for margin in event.margins:
        names = symbol_names(margin)
        used = {name: value for name, value in known.items() if name in names}
        margins.append(np.broadcast_to(evaluate(margin, used, event.name), steps.shape))
    known_at: NDArray[np.bool_] = ~np.any(np.isnan(margins), axis=0)
    if known_at.all() and curves.steps.ndim == 1:
        return first_crossing(curves.steps, *margins)
    out = np.full(len(known_at), np.nan)
    for run in np.flatnonzero(known_at.any(axis=1)):
        at = known_at[run]
        measured = [margin[run : run + 1, at] for margin in margins]
        out[run] = first_crossing(steps[run, at], *measured)[0]
    return out


def _known(event: Event, curves: Curves) -> NDArray[np.bool_]:
    """(R, T) where all of an event's quantities are."""
    shape = (len(curves.seeds), curves.steps.shape[-1])
    known = [~np.isnan(curves[name]) for name in event.quantities]
    return np.broadcast_to(np.all(known, axis=0), shape)


def last_measured(event: Event, curves: Curves) -> Array:
    """(R,) last step at which all of an event's quantities are known in a run; -inf if never.

    Example:
        >>> from bofcheck.simulate import Problem, train
        >>> from bofcheck.theory import benign
        >>> trajectory = train(Problem(n_samples=4, dim=100), seeds=2, steps=10)
        >>> last_measured(benign.events[0], trajectory)
        array([10., 10.])
    """
    known = _known(event, curves)
    last: Array = np.where(known, curves.steps.astype(float), -np.inf).max(axis=1)
    return last


def logged_around(event: Event, curves: Curves, times: Array) -> tuple[Array, Array]:
    """The steps an event lies between: the last logged without it, the first logged with it.

    Args:
        event: of a theorem.
        curves: trained or measured curves.
        times: (R,) where `find_events` located it.

    Returns:
        (R,) each, NaN where it was not reached. An event that had come by the first logged step,
        unless that is step 0, came at an unknown one: after -inf.

    Example:
        >>> from bofcheck.simulate import Problem, train
        >>> from bofcheck.theory import benign
        >>> easy = Problem(n_samples=8, dim=10_000, noise_std=0.005, learning_rate=0.3,
        ...                target_loss=0.1)
        >>> trajectory = train(easy, seeds=2, steps=300, log_at="every:50")
        >>> times = find_events(benign, trajectory, {"sigma_p": 0.005, "epsilon": 0.1})
        >>> logged_around(benign.events[1], trajectory, times["T2"])
        (array([50., 50.]), array([100., 100.]))
    """
    after, by = np.full(len(times), np.nan), np.full(len(times), np.nan)
    known, by_run = _known(event, curves), steps_by_run(curves)
    for run in np.flatnonzero(np.isfinite(times)):
        steps = by_run[run, known[run]].astype(float)
        at = min(int(np.searchsorted(steps, times[run])), len(steps) - 1)
        by[run] = steps[at]
        after[run] = steps[at - 1] if at > 0 else 0.0 if steps[0] <= 0 else -np.inf
    return after, by


def stage_numbers(
    steps: NDArray[Any],
    events: Mapping[str, Array],
    ends: Sequence[str] = ("T1", "T2", "T3"),
) -> NDArray[np.int64]:
    """The stage of each logged step of each run.

    Stage 1 lasts until the first of the ends (forever if that is not reached), stage 2 until the
    second, and so on; 0 marks steps after the last end, about which the theorem says nothing.

    Args:
        steps: (T,) logged steps, or (R, T) of each run's own.
        events: event name -> (R,) steps.
        ends: the events that end the stages, in order.

    Returns:
        (R, T) stage numbers 1, 2, … or 0.

    Example:
        >>> events = {"T1": np.array([5.0]), "T2": np.array([15.0]), "T3": np.array([np.nan])}
        >>> stage_numbers(np.array([0, 5, 10, 20]), events)
        array([[1, 1, 2, 3]])
    """
    t = np.atleast_2d(steps).astype(float)
    number = np.zeros((len(events[ends[0]]), t.shape[1]), dtype=np.int64)
    last = np.full((len(number), 1), -np.inf)
    for stage, end in enumerate(ends, start=1):
        until = np.maximum(last, np.nan_to_num(events[end], nan=np.inf)[:, None])
        number[(t > last) & (t <= until)] = stage
        last = until
    return number
