"""`theorem`: a theorem built in Python, call by call, with the rules of a theorem's TOML file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..symbols import CONSTANTS, SYMBOLS
from .load import TheoremSource, theorem_from_document

_NAME = re.compile(r"[A-Za-z_]\w*")
_FUNCTIONS = {"exp", "log", "sqrt", "erfc", "Abs", "Max", "Min", "pi", "t"}
#: Names that leave a constant open unless they are declared otherwise: C, C1, c2, k.
_OPEN = re.compile(r"[Cck]\d*")

#: The only stage of a theorem that names none.
WHOLE = "all of training"


@dataclass(frozen=True)
class TheoremBuilder:
    """A theorem under construction; every call returns the next one and changes nothing.

    Attributes:
        head: name, title, source, provenance and model.
        constants: a number fixes a constant, a text leaves it open.
        symbols: symbols in addition to bofcheck's, with their meaning.
        conditions: what a problem must meet.
        events: when stages end.
        stages: the stages with their bounds, in order.
        times: laws for the events.

    Example:
        >>> mine = theorem("mine").stage(until="train_loss <= 0.5").stage()
        >>> mine = mine.upper("train_loss", "C/(gamma**2*eta*t)")
        >>> [str(bound.excess) for bound in mine.build().bounds]
        ['C/(eta*gamma**2*t)']
        >>> mine.document()["symbols"], mine.document()["constants"]
        ({'gamma': 'gamma'}, {'C': 'C'})
    """

    head: Mapping[str, str]
    constants: Mapping[str, float | str]
    symbols: Mapping[str, str]
    conditions: tuple[Mapping[str, str], ...] = ()
    events: tuple[Mapping[str, str], ...] = ()
    stages: tuple[Mapping[str, Any], ...] = ()
    times: tuple[Mapping[str, Any], ...] = ()

    def condition(self, name: str, holds: str) -> TheoremBuilder:
        """Ask for an inequality, such as ``"eta <= 4"``."""
        return replace(self, conditions=(*self.conditions, {"name": name, "holds": holds}))

    def event(self, name: str, when: str) -> TheoremBuilder:
        """Name the step at which an inequality in measured quantities is first met."""
        return replace(self, events=(*self.events, {"name": name, "when": when}))

    def stage(self, name: str = "", until: str = "") -> TheoremBuilder:
        """Begin a stage.

        Args:
            name: its name.
            until: the event that ends it: a name, or an inequality, which gets the next of the
                names T1, T2, …; empty for the last stage, which is open.
        """
        builder = self
        if until and not _NAME.fullmatch(until):
            event = f"T{len(self.events) + 1}"
            builder, until = self.event(event, until), event
        stage: dict[str, Any] = {"name": name or f"stage {len(self.stages) + 1}", "bounds": ()}
        return replace(builder, stages=(*self.stages, stage | ({"until": until} if until else {})))

    def upper(self, quantity: str, excess: str, floor: str = "0", **more: Any) -> TheoremBuilder:
        """Bound a quantity from above in the last stage: at most floor + excess.

        Args:
            quantity: its name in the data.
            excess: a formula.
            floor: a formula without open constants.
            more: other keys of a bound in a theorem's file, such as ``reading="mean"``.
        """
        return self._bound("upper", quantity, excess, floor, more)

    def lower(self, quantity: str, excess: str, floor: str = "0", **more: Any) -> TheoremBuilder:
        """Bound a quantity from below in the last stage: at least floor + excess."""
        return self._bound("lower", quantity, excess, floor, more)

    def time(self, event: str, law: str, reading: str = "scaling") -> TheoremBuilder:
        """State a law for an event, in steps."""
        return replace(self, times=(*self.times, {"event": event, "law": law, "reading": reading}))

    def _bound(
        self, kind: str, quantity: str, excess: str, floor: str, more: Mapping[str, Any]
    ) -> TheoremBuilder:
        builder = self if self.stages else self.stage(WHOLE)
        count = sum(len(stage["bounds"]) for stage in builder.stages) + 1
        bound = {"name": f"D{count}", "quantity": quantity, "kind": kind, "floor": floor,
                 "excess": excess, **more}  # fmt: skip
        *before, last = builder.stages
        return replace(builder, stages=(*before, {**last, "bounds": (*last["bounds"], bound)}))

    def document(self) -> dict[str, Any]:
        """The content of the TOML file that states the same theorem.

        Names in formulas that are neither bofcheck's symbols nor declared are constants if they are
        called C, c or k with or without a number, and symbols otherwise.
        """
        bounds = [bound for stage in self.stages for bound in stage["bounds"]]
        formulas = [text for bound in bounds for text in (bound["floor"], bound["excess"])]
        formulas += [time["law"] for time in self.times]
        formulas += [condition["holds"] for condition in self.conditions]
        names = dict.fromkeys(name for text in formulas for name in _NAME.findall(str(text)))
        known = {*_FUNCTIONS, *self.symbols, *self.constants, *(e["name"] for e in self.events)}
        open_ones = {str(constant) for constant in CONSTANTS}
        constants, symbols = dict(self.constants), dict(self.symbols)
        for name in names:
            if name in known:
                continue
            if name in open_ones or _OPEN.fullmatch(name):
                constants[name] = name
            elif name not in SYMBOLS:
                symbols[name] = name
        parts: dict[str, Any] = {
            **self.head, "constants": constants, "symbols": symbols,
            "conditions": [dict(each) for each in self.conditions],
            "events": [dict(each) for each in self.events],
            "stages": [{**stage, "bounds": list(stage["bounds"])} for stage in self.stages],
            "times": [dict(each) for each in self.times],
        }  # fmt: skip
        return {key: part for key, part in parts.items() if part}

    def source(self) -> TheoremSource:
        """The theorem as `read_source` gives it.

        Raises:
            TheoryError: as for a theorem's file.
        """
        return theorem_from_document(self.document())

    def build(self) -> Any:
        """The `Theorem`.

        Raises:
            TheoryError: as for a theorem's file.
        """
        return self.source().theorem


def theorem(
    name: str,
    *,
    title: str = "",
    source: str = "stated in Python",
    provenance: str = "STATED",
    model: str = "",
    constants: Mapping[str, float | str] | None = None,
    symbols: Mapping[str, str] | None = None,
) -> TheoremBuilder:
    """Begin a theorem.

    Args:
        name: what it is called.
        title: its title; the name if empty.
        source: where it is stated.
        provenance: STATED, RECONSTRUCTED, SOURCE or DERIVED.
        model: the model it is about, if not bofcheck's transformer.
        constants: a number fixes a constant, a text leaves it open.
        symbols: symbols in addition to bofcheck's, with their meaning.

    Example:
        >>> theorem("decay").upper("train_loss", "C*exp(-k*eta*t)").build().bounds[0].name
        'D1'
    """
    head = {"name": name, "title": title or name, "source": source, "provenance": provenance}
    if model:
        head["model"] = model
    return TheoremBuilder(head, dict(constants or {}), dict(symbols or {}))
