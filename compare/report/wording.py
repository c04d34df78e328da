"""Wording shared by the terminal's tables and the web page."""

from __future__ import annotations

import re

from ..discrimination import Discrimination, NumberShape, Shape, WrongPower
from ..thresholds import SHAPE_MIN_VARIED


def compared(statistic: float | None, relation: str, threshold: float | None) -> str:
    """A number compared with its threshold; empty if there is no number.

    >>> compared(0.0231, "<=", 0.05), compared(0.8, ">=", 1.0), compared(0.8, ">=", None)
    ('0.0231 <= 0.05', '0.8 < 1', '0.8')
    """
    if statistic is None:
        return ""
    if threshold is None:
        return f"{statistic:.3g}"
    met = statistic <= threshold if relation == "<=" else statistic >= threshold
    sign = relation if met else {"<=": ">", ">=": "<"}[relation]
    left, right = f"{statistic:.3g}", f"{threshold:.3g}"
    if left == right and not met:  # rounding must not make a failure look like equality
        left = f"{statistic:.9g}"
    return f"{left} {sign} {right}"


def powers_line(shape: Shape) -> str:
    """The powers of a bound's room in one line; empty if none was asked for.

    >>> numbers = (NumberShape("t", "sharp", -0.02, -0.1, 0.06, 30.0),
    ...            NumberShape("w", "untested", 0.3, -0.9, 1.5, 1.2), NumberShape("d", "untested"))
    >>> powers_line(Shape(numbers, 8))
    't^-0.02 ± 0.08 sharp; untested: w (varied 1.2×); not varied: d'
    """
    if not shape.numbers:
        return shape.why and f"none: {shape.why}"
    told = [f"{number.text} {number.word}" for number in shape.numbers if number.word != "untested"]
    untested = [number for number in shape.of("untested") if not constant(number)]
    fixed = [number.name for number in shape.of("untested") if constant(number)]
    parts = [
        ", ".join(told),
        untested and f"untested: {', '.join(map(_untested, untested))}",
        fixed and f"not varied: {', '.join(fixed)}",
    ]
    return "; ".join(part for part in parts if part)


def constant(number: NumberShape) -> bool:
    """Whether a number is the same in all cells."""
    return number.power is None and number.varied <= SHAPE_MIN_VARIED


def _untested(number: NumberShape) -> str:
    """A number with why no word could be given to it, in short.

    >>> _untested(NumberShape("w", "untested", varied=2.0, why="it has only 2 values"))
    'w (2 values)'
    """
    if number.power is None or not number.varied > 0:
        why = number.why.partition(", so")[0].removeprefix("it ").removeprefix("has only ")
        return f"{number.name} ({why})" if why else number.name
    return f"{number.name} (varied {number.varied:.2g}×)"


def not_told_apart(found: Discrimination) -> tuple[WrongPower, ...]:
    """The wrong powers that the same rule does not reject, without those that only weaken."""
    return tuple(each for each in found.wrong_powers if not each.rejected and not each.weaker)


def reach(found: Discrimination) -> str:
    """How many times further than the fit the held-out data reach, in words; empty if no further.

    >>> reach(Discrimination(extrapolated={"t": 4.0, "mu": 161.0, "d": 1.0}))
    '4× further in t, 160× further in mu'
    """
    return ", ".join(
        f"{float(f'{factor:.2g}'):g}× further in {name}"
        for name, factor in found.extrapolated.items()
        if factor > SHAPE_MIN_VARIED
    )


#: ASCII names in sentences, and how they are written.
_GREEK = {"sigma": "σ", "mu": "μ", "eta": "η", "epsilon": "ε", "delta": "δ", "Lambda": "Λ"}
_NAME = re.compile(rf"(?<![\w-])({'|'.join(_GREEK)})(?=_[A-Za-z]\b|[²⁴^]|\b)(?!_[a-z]{{2}})")


def written(text: str) -> str:
    """A sentence with Greek letters and comparisons as they are written by hand.

    >>> written("T1 grows as sigma_p^1.00, 1/(eta*mu²) >= 0.1"), written("init_std_v, delta_x1")
    ('T1 grows as σ_p^1.00, 1/(η*μ²) ≥ 0.1', 'init_std_v, delta_x1')
    """
    text = _NAME.sub(lambda match: _GREEK[match[1]], text)
    return text.replace(" >= ", " ≥ ").replace(" <= ", " ≤ ")
