"""`Axis`: departures in one direction, from modules of the folder `axes`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..._registry import load, module_names
from ..errors import SimulationError, shown
from ..problem import Problem
from .setting import Setting

_AXES = f"{__package__}.axes"

#: From a setting of the base to the setting of a departure.
Change = Callable[[Setting], Setting]


@dataclass(frozen=True)
class Departure:
    """One kind of departure from the base at one dose.

    Attributes:
        kind: what changes, e.g. ``"Student-t noise"``; departures of a kind make a dose–response.
        dose: how much, as a number that grows with the distance from the base.
        label: the dose in words, e.g. ``"ν = 3"``.
        change: from a setting of the base to that of the departure.
        full: whether only preset full trains it.
        limit: whether the limit of gradient descent says something of it; ``limit_of`` makes the
            problem that it describes.
        limit_of: from the departure's problem to that problem; only with ``limit``.

    Example:
        >>> Departure("none", 0.0, "none", lambda base: base).name
        'none: none'
    """

    kind: str
    dose: float
    label: str
    change: Change
    full: bool = False
    limit: bool = False
    limit_of: Callable[[Problem], Problem] = field(default=lambda problem: problem)

    @property
    def name(self) -> str:
        """What tables call it."""
        return f"{self.kind}: {self.label}"


@dataclass(frozen=True)
class Axis:
    """A direction in which to depart from the base.

    Attributes:
        title: in a few words.
        about: what changes and what does not, in one sentence.
        departures: of the axis, those of a kind by rising dose.
        more: departures that depend on what is installed or given here, after the others.
        note: a line on what is left out here; empty if nothing is.

    Example:
        >>> get_axis("depth").title
        'depth'
    """

    title: str
    about: str
    departures: tuple[Departure, ...]
    more: Callable[[], tuple[Departure, ...]] = field(default=tuple)
    note: Callable[[], str] = field(default=str)

    def of(self, full: bool) -> tuple[Departure, ...]:
        """The departures of a preset.

        Raises:
            SimulationError: data that was named cannot be read.
        """
        every = (*self.departures, *self.more())
        return tuple(one for one in every if full or not one.full)


def axis_names() -> list[str]:
    """Names of all axes, from the modules of the folder `axes`."""
    return list(module_names(_AXES))


def get_axis(name: str) -> Axis:
    """The axis of that name.

    Raises:
        SimulationError: no axis has that name; the message lists the names.

    Example:
        >>> get_axis("width")
        Traceback (most recent call last):
            ...
        bofcheck.simulate.errors.SimulationError: axis 'width': unknown; choose from ...
    """
    if name not in axis_names():
        raise SimulationError(f"axis {shown(name)}: unknown; choose from {', '.join(axis_names())}")
    return load(_AXES, name, "AXIS", Axis)
