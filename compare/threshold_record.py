"""What is recorded beside a number that decides: when it was fixed, what it says, what it was."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any, get_args, get_type_hints


@dataclass(frozen=True)
class Fixed:
    """When a threshold was fixed, and what it says.

    Attributes:
        on: the day it was fixed.
        meaning: in a few words, without the number.
        before: earlier values, each with the day of the change that replaced it.
    """

    on: str
    meaning: str
    before: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Threshold:
    """A number that decides, with its record.

    Attributes:
        name: as modules import it.
        value: in force.
        fixed_on: the day it was fixed.
        changed_on: the day of its last change; empty if it never moved.
        meaning: what it says.
        before: earlier values, each with the day of the change that replaced it.
    """

    name: str
    value: Any
    fixed_on: str
    changed_on: str
    meaning: str
    before: tuple[tuple[str, Any], ...] = ()


def recorded(module: ModuleType) -> dict[str, Threshold]:
    """The names of a module that are annotated with a `Fixed`, in its order."""
    records = {}
    for name, hint in get_type_hints(module, include_extras=True).items():
        fixed = next((part for part in get_args(hint)[1:] if isinstance(part, Fixed)), None)
        if fixed is not None:
            changed_on = fixed.before[-1][0] if fixed.before else ""
            records[name] = Threshold(
                name, getattr(module, name), fixed.on, changed_on, fixed.meaning, fixed.before
            )
    return records
