"""What the commands that only evaluate formulas share: values from options, errors, numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import click


@contextmanager
def theory_input() -> Iterator[None]:
    """Report what the theory refuses as bad input: these commands give it nothing but input.

    Raises:
        click.ClickException: instead of a TheoryError, with its message.
    """
    from ..theory import TheoryError

    try:
        yield
    except TheoryError as error:
        raise click.ClickException(str(error)) from None


def parse_settings(pairs: Iterable[str]) -> dict[str, float]:
    """Values given as NAME=VALUE.

    Args:
        pairs: the texts.

    Returns:
        Number by canonical symbol name.

    Raises:
        click.BadParameter: a text is no NAME=VALUE, a name is unknown or given twice, or a value
            lies outside its symbol's range.

    >>> parse_settings(["p=0.1", "mu = 2"])
    {'p': 0.1, 'mu': 2.0}
    """
    values: dict[str, float] = {}
    for pair in pairs:
        name, found, text = (part.strip() for part in pair.partition("="))
        if not found or not name:
            raise click.BadParameter(f"{pair!r} is not NAME=VALUE.", param_hint="--set")
        if name in values:
            raise click.BadParameter(f"{name} is given twice; give it once.", param_hint="--set")
        values[name] = _value(name, text)
    return values


def _value(name: str, text: str) -> float:
    from ..theory import SYMBOLS
    from ..theory.symbols import COUNTS

    if name not in SYMBOLS:
        hint = " (SNR is computed from mu, sigma_p and d)" if name.upper() == "SNR" else ""
        raise click.BadParameter(
            f"unknown symbol {name}{hint}; choose from {', '.join(SYMBOLS)}.", param_hint="--set"
        )
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    positive = bool(SYMBOLS[name].is_positive)
    whole = SYMBOLS[name] in COUNTS
    wanted = "in [0, 0.5)" if name == "p" else "above 0" if positive else "at least 0"
    fits = math.isfinite(value) and (value > 0 if positive else value >= 0)
    if not fits or (name == "p" and value >= 0.5) or (whole and not value.is_integer()):
        kind = "a whole number from 1" if whole else f"a number {wanted}"
        raise click.BadParameter(f"{name} = {text}: must be {kind}.", param_hint="--set")
    return value
