"""What is told beside a verdict on a bound, as the page shows it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from ...discrimination import NumberShape, WrongPower
from ..models import ClaimEntry
from ..wording import constant, not_told_apart, reach
from .filters import LIMIT, num

#: A wrong power as it is written.
_POWERS = {-1.0: "−1", -0.5: "−½", 0.5: "½", 1.0: "1", None: "left out"}


def beside(claim: ClaimEntry, cells: Mapping[str, str]) -> dict[str, Any] | None:
    """The shape, wrong powers, looseness and constants of a claim on a bound.

    Args:
        claim: an entry of a report.
        cells: anchors of the cells of its regime, by name.

    Returns:
        What the template shows; None for a claim on something else.
    """
    entry = claim.discrimination
    if entry is None:
        return None
    found = entry.found
    rejected = [each for each in found.wrong_powers if each.rejected]
    weaker = [each for each in found.wrong_powers if each.weaker]
    return {
        "numbers": [_row(number) for number in found.shape.numbers if not constant(number)],
        "fixed": [number.name for number in found.shape.numbers if constant(number)],
        "cells": found.shape.cells,
        "why": "" if found.shape.numbers else found.shape.why,
        "tried": entry.tried,
        "count": entry.rejected,
        "rejected": _grouped(rejected),
        "missed": _grouped(not_told_apart(found)),
        "weaker": _grouped(weaker),
        "looseness": entry.looseness,
        "reach": reach(found),
        "constants": [
            {
                "name": name,
                "cells": [(cell, cells.get(cell), value) for cell, value in by_cell.items()][
                    :LIMIT
                ],
                "more": max(len(by_cell) - LIMIT, 0),
                "low": min(by_cell.values()),
                "high": max(by_cell.values()),
            }
            for name, by_cell in found.constants.items()
            if by_cell
        ],
    }


def _row(number: NumberShape) -> dict[str, Any]:
    power = interval = ""
    if number.power is not None:
        power = _signed(number.power)
        interval = f"{_signed(number.low)} to {_signed(number.high)}"
    return {
        "name": number.name,
        "word": number.word,
        "power": power,
        "interval": interval,
        "varied": f"{num(number.varied)}×" if number.varied > 0 else "",
        "why": number.why,
    }


def _signed(value: float) -> str:
    """A power with two decimals, and with a minus sign that is as wide as a plus.

    >>> _signed(-0.5), _signed(0.123), _signed(float("-inf"))
    ('−0.50', '0.12', '−∞')
    """
    if math.isinf(value):
        return num(value)
    return f"{value:.2f}".replace("-", "−")


def _grouped(tried: Iterable[WrongPower]) -> list[tuple[str, str]]:
    """Each number with its wrong powers in words.

    >>> _grouped([WrongPower("mu", -0.5, True), WrongPower("mu", None, True)])
    [('mu', '−½, left out')]
    """
    groups: dict[str, list[str]] = {}
    for each in tried:
        power = _POWERS.get(each.power) or _signed(each.power or 0.0)
        groups.setdefault(each.number, []).append(power)
    return [(name, ", ".join(powers)) for name, powers in groups.items()]
