"""A theorem: condition, stages, times, and what ties the stages together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sympy import Expr, Symbol

from .bound import Bound
from .condition import Condition
from .errors import NoSuchPartError, label_list
from .event import Event
from .stage import Stage, StageTime
from .symbols import d


@dataclass(frozen=True)
class Theorem:
    """One theorem, ready to be evaluated, drawn or checked.

    Attributes:
        name: identifier; the theorem's file carries the same name.
        regime: ``"benign"`` or ``"harmful"``, whose events its stages end at; a theorem that
            defines its own events has a regime of its own name.
        title: its name in the literature.
        condition: when it applies.
        stages: what it asserts, in order of time.
        times: when the stages end; an event may have several forms.
        continuity: substitutions that make neighbouring stages meet.
        probability_floor: with what probability it promises all this, as text.
        source: where it stands.
        events: how its stages' ends are found in measured curves; empty for the regime's own.
        assumes: the inequalities that decide whether a problem is inside its assumptions; empty
            for Assumption 4.1.
        promised: the failure probability it promises, e.g. 1/d; None if it names none.
        symbols: its own symbols beside the canonical ones, with their meaning.
        model: the model it is about, where that is not this project's; empty if it is.

    >>> from bofcheck.theory import benign
    >>> [bound.name for bound in benign.bounds]
    ['B1', 'B2', 'B3', 'B7']
    """

    name: str
    regime: str
    title: str
    condition: Condition
    stages: tuple[Stage, ...]
    times: tuple[StageTime, ...]
    continuity: Mapping[Symbol, Expr] = field(hash=False)
    probability_floor: str
    source: str
    events: tuple[Event, ...] = ()
    assumes: tuple[Condition, ...] = ()
    promised: Expr | None = 1 / d
    symbols: Mapping[str, str] = field(default_factory=dict, hash=False)
    model: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "stages", tuple(self.stages))
        object.__setattr__(self, "times", tuple(self.times))
        object.__setattr__(self, "continuity", MappingProxyType(dict(self.continuity)))
        object.__setattr__(self, "symbols", MappingProxyType(dict(self.symbols)))

    @property
    def own(self) -> bool:
        """Whether it brings its own events or assumptions, so that Assumption 4.1 says nothing."""
        return bool(self.events or self.assumes) or self.regime not in ("benign", "harmful")

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """Every bound of every stage, in order."""
        return tuple(bound for stage in self.stages for bound in stage.bounds)

    @property
    def statements(self) -> tuple[Bound | StageTime, ...]:
        """Every bound, then every time: all it asserts.

        >>> from bofcheck.theory import get_theorem
        >>> [one.name for one in get_theorem("jiang2024").statements]
        ['J1', 'J2', 'T (benign)', 'T (harmful)', 'T (benign-order)', 'T (harmful-order)']
        """
        return (*self.bounds, *self.times)

    def stage(self, number: int) -> Stage:
        """The stage of that number, counted from 1.

        Raises:
            NoSuchPartError: there is no such stage.

        >>> from bofcheck.theory import benign
        >>> benign.stage(2).name
        'signal learning'
        """
        for stage in self.stages:
            if stage.number == number:
                return stage
        numbers = label_list(stage.number for stage in self.stages)
        raise NoSuchPartError(f"{self.name}: no stage {number!r}; stages are numbered {numbers}")

    def bound(self, name: str) -> Bound:
        """The bound of that name.

        Raises:
            NoSuchPartError: there is no such bound.
        """
        for bound in self.bounds:
            if bound.name == name:
                return bound
        names = label_list(bound.name for bound in self.bounds)
        raise NoSuchPartError(f"{self.name}: no bound {name!r}; its bounds are {names}")

    def time(self, event: str, form: str | None = None) -> StageTime:
        """The scaling law of a stage's end.

        Args:
            event: ``"T1"``, ``"T2"`` or ``"T3"``, or an event of a theorem of one's own.
            form: ``"paper"`` or ``"derived"``; None for the only law, or the paper's of several.

        Raises:
            NoSuchPartError: the theorem has no such law.

        >>> from bofcheck.theory import benign
        >>> benign.time("T1", "derived").expr
        c1*sqrt(d)*sigma_V*sigma_p/(eta*mu**2*w)
        """
        laws = [time for time in self.times if time.event == event]
        wanted = form if form is not None or len(laws) != 1 else laws[0].form
        for time in laws:
            if time.form == (wanted if wanted is not None else "paper"):
                return time
        names = label_list(time.name for time in self.times)
        asked = f"{event} ({form})" if form else event
        raise NoSuchPartError(f"{self.name}: no time {asked}; its times are {names}")

    def continuous(self, bound: Bound) -> Bound:
        """The bound with :attr:`continuity` applied, so that it meets its neighbours.

        >>> from bofcheck.theory import benign
        >>> benign.continuous(benign.bound("B3")).constants
        (k3, C2, k2)
        """
        return bound.subs(self.continuity)
