"""Values a formula may be evaluated at: scales above 0, flip probabilities, steps in order."""

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import ArrayLike
from sympy import Expr, Symbol, oo

from ..errors import InvalidValueError, MissingValueError, label_list, nearest_hint
from ..state import STATE_LATEX
from ..symbols import CONSTANTS, SYMBOLS
from .ranges import as_numbers


def check_admissible(
    what: str,
    symbols: Collection[Symbol],
    values: Mapping[str, ArrayLike],
    constants: Collection[Symbol] = CONSTANTS,
) -> None:
    """Refuse values outside their symbols' ranges, as the command line does.

    Args:
        what: the formula's name, for the message.
        symbols: of the formula; canonical symbols are known besides.
        values: numbers or arrays by symbol name; NaN, for what is not reached, is let through.
        constants: symbols that may be 0, as a fitted constant may.

    Raises:
        InvalidValueError: a scale is not above 0, another number negative, or a flip probability
            not below ½.

    >>> check_admissible("B1", [], {"p": 0.5})
    Traceback (most recent call last):
        ...
    bofcheck.theory.errors.InvalidValueError: B1: p = 0.5: must be a number in [0, 0.5)
    """
    known = SYMBOLS | {symbol.name: symbol for symbol in symbols}
    for name, value in values.items():
        symbol = known.get(name)
        if symbol is None:
            continue
        array = as_numbers(f"{what}: {name}", value)
        positive = symbol.is_positive and symbol not in constants
        wanted = "above 0" if positive else "at least 0" if symbol.is_nonnegative else ""
        outside = (array <= 0) if positive else (array < 0) if wanted else np.zeros(1, dtype=bool)
        if symbol is SYMBOLS["p"]:
            wanted, outside = "in [0, 0.5)", outside | (array >= 0.5)
        if np.any(outside):
            worst = float(array.flat[int(np.argmax(outside))])
            raise InvalidValueError(f"{what}: {name} = {worst:g}: must be a number {wanted}")


def check_clock(what: str, start: Expr, end: Expr, values: Mapping[str, ArrayLike]) -> None:
    """Refuse steps outside a stage, about which its bounds say nothing.

    Args:
        what: the formula's name, for the message.
        start: the event the stage starts with, or 0.
        end: the event it ends with, or oo.
        values: numbers or arrays by symbol name; only the events among them are compared.

    Raises:
        InvalidValueError: a step lies before the start or after the end, or the end before the
            start.

    >>> from ..symbols import T1, T2
    >>> check_clock("B2", T1, T2, {"t": [10, 30], "T1": 20})
    Traceback (most recent call last):
        ...
    bofcheck.theory.errors.InvalidValueError: B2: t = 10 lies before T1 = 20; it is about T1 <= ...
    """
    about = f"{start} <= t" + ("" if end is oo else f" <= {end}")
    steps = {str(part): float(part) for part in (start, end) if part.is_number} | dict(values)
    for first, second in ((start, "t"), ("t", end), (start, end)):
        if str(first) not in steps or str(second) not in steps:
            continue
        early, late = (as_numbers(f"{what}: {name}", steps[str(name)]) for name in (first, second))
        try:
            early, late = np.broadcast_arrays(early, late)
        except ValueError:
            continue  # evaluation says so
        wrong = early > late
        if np.any(wrong):
            at = int(np.argmax(wrong))
            before, after = float(early.flat[at]), float(late.flat[at])
            said = f"{first} = {before:g} lies after {second} = {after:g}"
            if second == "t":
                said = f"t = {after:g} lies before {first} = {before:g}"
            raise InvalidValueError(f"{what}: {said}; it is about {about}")


def check_symbols(
    what: str, symbols: Collection[Symbol], replacements: Mapping[object, object]
) -> None:
    """Refuse replacements of what a formula cannot contain.

    Args:
        what: the formula's name, for the message.
        symbols: of the formula.
        replacements: keyed by symbol.

    Raises:
        MissingValueError: a key is not a symbol, or neither the formula's nor a canonical one; of
            two symbols of one name only the one with the right assumptions is the formula's.

    >>> check_symbols("B1", [SYMBOLS["C1"]], {Symbol("C1"): 1})
    Traceback (most recent call last):
        ...
    bofcheck.theory.errors.MissingValueError: B1: this C1 is not the formula's; take it from ...
    """
    known = {*symbols, *SYMBOLS.values(), *STATE_LATEX}
    for key in replacements:
        if key in known:
            continue
        if not isinstance(key, Symbol):
            raise MissingValueError(
                f"{what}: {key!r} is not a symbol; write subs({key}=...), or take the symbol from "
                "bofcheck.theory.SYMBOLS"
            )
        if str(key) in {str(symbol) for symbol in known}:
            raise MissingValueError(
                f"{what}: this {key} is not the formula's; take it from bofcheck.theory.SYMBOLS"
            )
        raise MissingValueError(
            f"{what}: unknown symbol {key}; it uses {label_list(sorted(map(str, symbols)))}"
            f"{nearest_hint(str(key), map(str, symbols))}"
        )
