"""A theorem: its condition, stages and times, and the substitutions that join the stages."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

from sympy import Expr, Symbol

from .assumptions import AssumptionReport, check_conditions
from .bound import Bound
from .boundary import Boundary
from .condition import Condition
from .errors import NoSuchPartError, label_list
from .evaluation.numbers import symbol_names
from .event import Event
from .reading import Reading
from .stage import Stage, StageTime
from .symbols import CONSTANTS, DEFAULTS, d

#: Names in formulas for steps and for quantities measured at T1; a problem gives them no number.
CLOCK = frozenset({"t", "T1", "T2", "T3", "V_max_T1", "u_T1", "N_max"})


@dataclass(frozen=True)
class Theorem:
    """One theorem, ready to be evaluated, drawn or checked.

    Attributes:
        name: identifier; the theorem's file carries the same name.
        regime: ``"benign"``, ``"harmful"`` or the theorem's name; its verdicts are listed under it.
        title: its name in the literature.
        condition: when it applies; checked along with `assumes` if all its symbols have a number.
        stages: what it asserts, in order of time.
        times: when the stages end; an event may have several forms.
        continuity: substitutions that make neighbouring stages meet.
        probability_floor: the probability with which it promises all this, as text.
        source: where it is stated.
        events: how the ends of its stages are found in measured curves.
        assumes: the inequalities that decide whether a problem is inside its assumptions.
        assumption: the source's name for these inequalities; empty if it has none.
        promised: the failure probability it promises, e.g. 1/d; None if it names none.
        needs_labels: whether its bounds need more kept than flipped labels in either class; draws
            without them count against its probability, not against its bounds.
        symbols: its symbols in addition to the canonical ones, with their meaning.
        model: the model it is about; empty if that is this project's.
        readings: what the lost formula of one of its bounds may have been instead.
        trained_as: the name of that model where it is trained here; empty if it is not.
        boundaries: strengths at which what it asserts turns into the opposite.

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
    assumption: str = ""
    promised: Expr | None = 1 / d
    needs_labels: bool = False
    symbols: Mapping[str, str] = field(default_factory=dict, hash=False)
    model: str = ""
    readings: tuple[Reading, ...] = ()
    trained_as: str = ""
    boundaries: tuple[Boundary, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "stages", tuple(self.stages))
        object.__setattr__(self, "times", tuple(self.times))
        object.__setattr__(self, "readings", tuple(self.readings))
        object.__setattr__(self, "boundaries", tuple(self.boundaries))
        object.__setattr__(self, "continuity", MappingProxyType(dict(self.continuity)))
        object.__setattr__(self, "symbols", MappingProxyType(dict(self.symbols)))

    def __repr__(self) -> str:
        names = ", ".join(statement.name for statement in self.statements)
        return f"Theorem({self.name}: {names})"

    @cached_property
    def bounds(self) -> tuple[Bound, ...]:
        """Every bound of every stage, in order."""
        return tuple(bound for stage in self.stages for bound in stage.bounds)

    @property
    def statements(self) -> tuple[Bound | StageTime | Boundary, ...]:
        """Everything the theorem asserts: every bound, every time, then every boundary.

        >>> from bofcheck.theory import get_theorem
        >>> [statement.name for statement in get_theorem("jiang2024").statements]
        ['J1', 'J2', 'T (benign)', 'T (harmful)', 'T (benign-order)', 'T (harmful-order)', 'T2 ...]
        """
        return (*self.bounds, *self.times, *self.boundaries)

    @cached_property
    def timed(self) -> frozenset[str]:
        """The events a stage, a law or a formula depends on.

        >>> from bofcheck.theory import benign
        >>> sorted(benign.timed), [event.name for event in benign.events]
        (['T1', 'T2', 'T3'], ['T1', 'T2', 'T3', 'T_gap'])
        """
        formulas = [bound.expr for bound in self.bounds] + list(self.continuity.values())
        used = _names(*formulas)
        ends = _names(*(stage.end for stage in self.stages))
        events = {"T1", "T2", "T3"} | {event.name for event in self.events}
        read = {boundary.event for boundary in self.boundaries} - {""}
        return frozenset(ends | read | {time.event for time in self.times} | used & events)

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The symbols for which a problem must give a number, each with the formula that needs it.

        >>> from bofcheck.theory import get_theorem
        >>> get_theorem("kou2023").numbers["sigma_p"]
        'bound K1'
        """
        timed, assumed = self.timed, self.assumption or "condition"
        events = [event for event in self.events if event.name in timed]
        conditions = [(f"{part.name} applies", part.condition) for part in self.statements]
        own_condition = _names(self.condition.left, self.condition.right)
        formulas: list[tuple[str, set[str]]] = [
            *((f"bound {bound.name}", _names(bound.expr)) for bound in self.bounds),
            *((f"time {time.name}", _names(time.expr)) for time in self.times),
            *((f"boundary {b.name}", _names(b.strength, b.level)) for b in self.boundaries),
            *((f"event {event.name}", _names(*event.margins)) for event in events),
            *((assumed, _names(c.left, c.right) - self._given) for c in self.assumes),
            ("condition", own_condition if self.decided else set()),
            *((what, _names(c.left, c.right)) for what, c in conditions if c is not None),
        ]  # fmt: skip
        known = CLOCK | DEFAULTS.keys() | {event.name for event in self.events}
        known |= {name for event in self.events for name in event.quantities}
        known |= {name for bound in self.bounds for name in bound.logged}
        known |= {str(c) for statement in self.statements for c in statement.constants}
        known |= {str(c) for c in self.continuity}
        return {name: what for what, names in reversed(formulas) for name in names - known}

    @cached_property
    def decided(self) -> bool:
        """Whether numbers decide :attr:`condition`: it leaves no constant open, and says something.

        >>> from bofcheck.theory import benign, get_theorem
        >>> benign.condition.right, benign.decided, get_theorem("jiang2024").decided
        (C0, False, True)
        """
        names = _names(self.condition.left, self.condition.right)
        if not names:
            return not self.condition.holds()
        fitted = {str(c) for statement in self.statements for c in statement.constants}
        return not names & (fitted | ({str(c) for c in CONSTANTS} - self.symbols.keys()))

    @property
    def _given(self) -> set[str]:
        """Assumption 4.1's C, which `check` is given; any other C is a number of the problem."""
        return {"C"} if self.assumption else set()

    def check(self, values: Mapping[str, float], constant: float = 1.0) -> AssumptionReport:
        """The theorem's assumptions at a problem's numbers.

        :attr:`condition` is the last of the inequalities; if it leaves a constant open, it is not
        checked.

        Args:
            values: numbers by symbol name; names the conditions do not use are ignored.
            constant: C, where a condition contains it.

        Raises:
            MissingValueError: a symbol of a condition has no number.
            InvalidValueError: a number is not finite, or not positive where its symbol is.

        >>> from bofcheck.theory import get_theorem
        >>> report = get_theorem("huang2025").check(dict(N=20, mu=1.0, sigma_p=1.0, d=1000))
        >>> [(row.item, row.text, row.holds) for row in report.rows]
        [(1, '...', True)]
        """
        conditions = self.assumes
        last = max((c.item for c in conditions), default=0) or len(conditions)
        if self.decided and self.condition not in conditions:
            conditions = (*conditions, replace(self.condition, item=last + 1))
        needed = {name for c in conditions for name in _names(c.left, c.right)}
        given = {name: value for name, value in values.items() if name in needed}
        what = self.assumption or f"{self.name}: conditions"
        own = given.get("C", constant) if "C" not in self._given else constant
        return check_conditions(what, conditions, given, own)

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

    def read(self, name: str) -> "Theorem":
        """The theorem reduced to one reading, which shares its constants with no other bound.

        Args:
            name: of the reading's bound.

        Returns:
            The same stages and events, with the reading in its stage as the only bound.

        Raises:
            NoSuchPartError: there is no such reading.

        >>> from bofcheck.theory import benign
        >>> alone = benign.read("B2D")
        >>> [bound.name for bound in alone.bounds], alone.bound("B2D").constants
        (['B2D'], (C2, k2))
        """
        for reading in self.readings:
            if reading.name != name:
                continue
            stages = tuple(
                replace(
                    stage,
                    bounds=(reading.bound,)
                    if reading.of in {bound.name for bound in stage.bounds}
                    else (),
                )
                for stage in self.stages
            )
            return replace(self, stages=stages, times=(), continuity={}, readings=())
        names = label_list(reading.name for reading in self.readings)
        raise NoSuchPartError(f"{self.name}: no reading {name!r}; its readings are {names}")

    def time(self, event: str, form: str | None = None) -> StageTime:
        """The scaling law of a stage's end.

        Args:
            event: the name of one of its events.
            form: ``"paper"`` or ``"derived"``; None for the only law, or the paper's if several.

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


def _names(*formulas: Expr) -> set[str]:
    return {name for formula in formulas for name in symbol_names(formula)}
