"""Build a `Theorem` from the checked parts of its file."""

from collections.abc import Mapping

from sympy import Add, Expr, Integer, Symbol, oo

from ..bound import Bound
from ..boundary import Boundary
from ..condition import Condition
from ..errors import TheoremFileError, TheoryError
from ..event import Event
from ..provenance import Provenance
from ..regime import complete
from ..stage import Stage, StageTime
from ..symbols import CONSTANTS, SYMBOLS, t
from ..theorem import CLOCK, Theorem
from .expressions import check_symbol_name, parse_comparison, parse_expression
from .schema import (
    BoundaryPart,
    BoundPart,
    ConditionPart,
    EventPart,
    StagePart,
    TheoremFile,
    TimePart,
)

#: Events a file that names one of bofcheck's regimes may use.
_BUILT_IN = ("T1", "T2", "T3")


def build_theorem(parts: TheoremFile) -> Theorem:
    """The theorem a file's parts describe.

    Raises:
        TheoremFileError: parts do not fit together.
        TheoryError: a formula cannot be read, or is inconsistent.
    """
    return _Builder(parts).theorem()


class _Builder:
    """Builds the theorem; knows the meaning of every name in the file."""

    def __init__(self, parts: TheoremFile) -> None:
        self.parts = parts
        self.events = tuple(event.name for event in parts.events)
        if parts.regime and parts.events:
            raise TheoremFileError("events: give either regime or [[events]], not both")
        if parts.regime:
            self.events = _BUILT_IN
        self._check_unique("events", self.events)
        known = {str(c) for c in CONSTANTS}
        fixed: dict[str, Expr] = {}
        self.open: dict[str, Symbol] = {}
        problem = {n: s for n, s in SYMBOLS.items() if n not in known | CLOCK}
        measured = {n: SYMBOLS[n] for n in CLOCK - {"t", *_BUILT_IN}} if parts.regime else {}
        own = {name: Symbol(name, positive=True) for name in parts.symbols}
        for name, value in parts.constants.items():
            symbol = SYMBOLS[name] if name in known else Symbol(name, positive=True)
            if isinstance(value, str):
                self.open[name] = symbol
                continue
            if value <= 0:
                raise TheoremFileError(f"constants.{name}: {value} must be above 0")
            # a number from the start, so that every part of a formula is checked with it
            fixed[name] = self._number(repr(value), f"constants.{name}", {})
        events = {name: Symbol(name, nonnegative=True) for name in self.events}
        groups = {"symbols": own, "constants": {**self.open, **fixed}, "events": events}
        self.names: dict[str, Expr] = dict(problem)
        for where, group in groups.items():
            for name in group:
                check_symbol_name(name, where)
                if name in self.names or name == "t":
                    raise TheoremFileError(f"{where}.{name}: the name is taken; choose another")
            self.names |= group
        self.numbers = {name: s for name, s in self.names.items() if name not in events}
        self.names |= {"t": t, **measured}

    def theorem(self) -> Theorem:
        parts = self.parts
        if parts.name in ("benign", "harmful"):
            raise TheoremFileError(f"name: {parts.name} is a theorem of the paper; choose another")
        stages = tuple(self._stage(rank, stage) for rank, stage in enumerate(parts.stages, 1))
        labels = [bound.name for stage in stages for bound in stage.bounds]
        self._check_unique("stages.bounds", labels)
        self._check_sharing(stages)
        times = tuple(self._time(time) for time in parts.times)
        self._check_unique("times", [time.name for time in times])
        boundaries = tuple(
            self._boundary(boundary, f"boundaries.{rank}")
            for rank, boundary in enumerate(parts.boundaries, 1)
        )
        stated = [*labels, *(time.name for time in times), *(part.name for part in boundaries)]
        self._check_unique("stages.bounds, times and boundaries", stated)
        if parts.trained_as and not parts.model:
            raise TheoremFileError("trained_as: names no model; say in model what it is about")
        assumes = tuple(
            self._condition(condition, f"conditions.{rank}")
            for rank, condition in enumerate(parts.conditions, 1)
        )
        tag = Provenance[parts.provenance]
        nothing = Condition("no condition", Integer(1), ">=", Integer(1), tag, parts.source)
        used = {str(s) for stage in stages for b in stage.bounds for s in b.constants}
        used |= {str(s) for time in times for s in time.constants}
        continuity = {}
        for name, text in parts.continuity.items():
            if name not in self.open:
                raise TheoremFileError(f"continuity.{name}: is not an open constant of [constants]")
            continuity[self.open[name]] = self._expression(text, f"continuity.{name}")
            used |= {str(s) for s in continuity[self.open[name]].free_symbols}
        idle = [name for name in self.open if name not in used]
        if idle:
            raise TheoremFileError(
                f"constants.{idle[0]}: no bound or time uses it; remove it, or give it a number"
            )
        theorem = Theorem(
            name=parts.name,
            regime=parts.regime or parts.name,
            title=parts.title,
            condition=assumes[0] if assumes else nothing,
            stages=stages,
            times=times,
            continuity=continuity,
            probability_floor=f"1 - {parts.probability}" if parts.probability else "not named",
            source=parts.source,
            events=tuple(self._event(event) for event in parts.events),
            assumes=assumes,
            promised=self._probability(parts.probability) if parts.probability else None,
            symbols=parts.symbols,
            model=parts.model,
            trained_as=parts.trained_as,
            boundaries=boundaries,
        )
        return complete(theorem)

    @staticmethod
    def _check_unique(where: str, labels: "list[str] | tuple[str, ...]") -> None:
        for label in labels:
            if list(labels).count(label) > 1:
                raise TheoremFileError(f"{where}: {label} appears twice; give each its own name")

    @staticmethod
    def _check_sharing(stages: tuple[Stage, ...]) -> None:
        """Refuse a constant shared by two quantities, kinds or readings: two fits could differ."""
        home: dict[Symbol, str] = {}
        for bound in (bound for stage in stages for bound in stage.bounds):
            mean = "the mean " if bound.reading == "mean" else ""
            what = f"{bound.kind} bounds on {mean}{bound.quantity}"
            for constant in bound.constants:
                first = home.setdefault(constant, what)
                if first != what:
                    raise TheoremFileError(
                        f"stages.bounds: {constant} appears in {first} and in {what}; "
                        "give each its own constant"
                    )

    def _stage(self, rank: int, part: StagePart) -> Stage:
        where = f"stages.{rank}"
        last = rank == len(self.parts.stages)
        if part.until is None and not last:
            raise TheoremFileError(f"{where}.until: only the last stage may leave its end open")
        ends = [stage.until for stage in self.parts.stages]
        for name in (part.until, ends[rank - 2] if rank > 1 else None):
            if name is not None and name not in self.events:
                known = ", ".join(self.events) or "none; define it in [[events]], or give regime"
                raise TheoremFileError(f"{where}.until: no event {name}; there is {known}")
        if part.until is not None and ends.count(part.until) > 1:
            raise TheoremFileError(f"{where}.until: {part.until} ends another stage already")
        start = Integer(0) if rank == 1 else self.names[str(ends[rank - 2])]
        end = oo if part.until is None else self.names[part.until]
        bounds = tuple(
            self._bound(bound, f"{where}.bounds.{number}")
            for number, bound in enumerate(part.bounds, 1)
        )
        return Stage(rank, part.name, start, end, bounds)

    def _bound(self, part: BoundPart, where: str) -> Bound:
        floor = self._expression(part.floor, f"{where}.floor")
        excess = self._expression(part.excess, f"{where}.excess")
        # what is open is fitted, and what is fitted is the excess
        fitted = [term for term in Add.make_args(floor) if self._constants(term)]
        floor, excess = floor - Add(*fitted), excess + Add(*fitted)
        if excess.is_negative:
            raise TheoremFileError(
                f"{where}.excess: {excess} is negative; an excess must be at least 0"
            )
        if part.quantity in self.names:
            raise TheoremFileError(
                f"{where}.quantity: {part.quantity} is a symbol; name a measured quantity"
            )
        applies = self._applies(part, where)
        tag = self._tag(part)
        return Bound(
            name=part.name,
            quantity=part.quantity,
            kind=part.kind,
            floor=floor,
            excess=excess,
            constants=self._constants(floor + excess),
            provenance=tag,
            source=part.source or self.parts.source,
            rebuilt_from=part.rebuilt_from,
            condition=applies,
            statement=part.statement,
            seen=self._seen(part),
            reading=part.reading,
            quantile=part.quantile,
        )

    def _time(self, part: TimePart) -> StageTime:
        where = f"times.{part.event}"
        if part.event not in self.events:
            known = ", ".join(self.events) or "none"
            raise TheoremFileError(f"{where}: no such event; events are {known}")
        law = self._number(part.law, f"{where}.law")
        if law.is_nonpositive:
            raise TheoremFileError(
                f"{where}.law: {law} is never above 0; write a positive number of steps"
            )
        return StageTime(
            event=part.event,
            form=part.form,
            expr=law,
            constants=self._constants(law),
            provenance=self._tag(part),
            source=part.source or self.parts.source,
            condition=self._applies(part, where),
            statement=part.statement,
            reading=part.reading,
            seen=self._seen(part),
        )

    def _boundary(self, part: BoundaryPart, where: str) -> Boundary:
        if part.event and part.event not in self.events:
            known = ", ".join(self.events) or "none"
            raise TheoremFileError(f"{where}.event: no event {part.event}; events are {known}")
        parts = {}
        for key in ("strength", "level"):
            parts[key] = self._number(getattr(part, key), f"{where}.{key}")
            for constant in self._constants(parts[key]):
                raise TheoremFileError(
                    f"{where}.{key}: {constant} is open; the boundary's constant is estimated by "
                    "itself, so leave it out"
                )
        try:
            return Boundary(
                name=part.name,
                quantity=part.quantity,
                strength=parts["strength"],
                level=parts["level"],
                event=part.event,
                provenance=self._tag(part),
                source=part.source or self.parts.source,
                condition=self._applies(part, where),
                statement=part.statement,
                seen=self._seen(part),
            )
        except TheoryError as error:
            raise TheoremFileError(f"{where}: {error}") from None

    def _probability(self, text: str) -> Expr:
        promised = self._number(text, "probability")
        if not promised.free_symbols and not 0 < promised < 1:
            raise TheoremFileError(
                f"probability: {promised} is not between 0 and 1; write a failure probability that "
                "is, or leave the key out"
            )
        for constant in self._constants(promised):
            raise TheoremFileError(
                f"probability: {constant} is open; give it a number, [constants] {constant} = 1"
            )
        return promised

    def _applies(self, part: BoundPart | TimePart | BoundaryPart, where: str) -> Condition | None:
        if not part.applies:
            return None
        if not isinstance(part, TimePart):
            name = part.name
        else:
            name = f"{part.event} ({part.form})" if part.form else part.event
        condition = ConditionPart(name=f"{name} applies", holds=part.applies)
        return self._condition(condition, f"{where}.applies")

    def _condition(self, part: ConditionPart, where: str) -> Condition:
        try:
            left, relation, right = parse_comparison(part.holds, self.numbers)
        except TheoryError as error:
            raise TheoremFileError(f"{where}: {error}") from None
        free = [str(s) for s in (left - right).free_symbols if str(s) in self.open]
        if free:
            raise TheoremFileError(
                f"{where}: {free[0]} is open; a condition needs a number, [constants] {free[0]} = 1"
            )
        if left == 0 or right == 0:
            raise TheoremFileError(f"{where}: a side is zero; compare two sides that have a ratio")
        source = part.source or self.parts.source
        name, tag, seen = part.name or part.holds, self._tag(part), self._seen(part)
        return Condition(name, left, relation, right, tag, source, seen=seen)

    def _event(self, part: EventPart) -> Event:
        where = f"events.{part.name}.when"
        taken = self.numbers
        quantities = {n: Symbol(n, real=True) for n in _words(part.when) if n not in taken}
        try:
            left, relation, right = parse_comparison(part.when, {**taken, **quantities})
        except TheoryError as error:
            raise TheoremFileError(f"{where}: {error}") from None
        if relation == "<":
            raise TheoremFileError(f"{where}: {part.when}: an event is met at its limit; write <=")
        margin = left - right if relation == ">=" else right - left
        names = {str(symbol) for symbol in margin.free_symbols}
        used = tuple(sorted(name for name in quantities if name in names))
        if not used:
            raise TheoremFileError(
                f"{where}: names no measured quantity; write, e.g., train_loss <= 0.5"
            )
        if names & self.open.keys():
            raise TheoremFileError(
                f"{where}: an event cannot depend on a constant to be fitted; give it a number"
            )
        return Event(part.name, (margin,), used, part.when)

    def _tag(self, part: BoundPart | TimePart | ConditionPart | BoundaryPart) -> Provenance:
        return Provenance[part.provenance or self.parts.provenance]

    def _seen(self, part: BoundPart | TimePart | ConditionPart | BoundaryPart) -> bool:
        return self.parts.seen if part.seen is None else part.seen

    def _constants(self, expr: Expr) -> tuple[Symbol, ...]:
        return tuple(s for s in self.open.values() if s in expr.free_symbols)

    def _expression(self, text: str, where: str) -> Expr:
        return self._number(text, where, self.names)

    def _number(self, text: str, where: str, names: Mapping[str, Expr] | None = None) -> Expr:
        try:
            return parse_expression(text, self.numbers if names is None else names)
        except TheoryError as error:
            raise TheoremFileError(f"{where}: {error}") from None


def _words(text: str) -> set[str]:
    """Words of a text that could be names of quantities."""
    from re import findall

    from .expressions import CONSTANT_NAMES, FUNCTIONS

    return {
        word
        for word in findall(r"[A-Za-z][A-Za-z0-9_]*", text)
        if word not in FUNCTIONS and word not in CONSTANT_NAMES
    }
