"""Input of commands that evaluate formulas: theorems and values from options, and errors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sympy import Symbol

    from ..theory import TheoremSource


@contextmanager
def theory_input() -> Iterator[None]:
    """Report what the theory refuses as bad input, since these commands pass it user input only.

    Raises:
        click.ClickException: instead of a TheoryError, with its message.
    """
    from ..theory import TheoryError

    try:
        yield
    except TheoryError as error:
        raise click.ClickException(str(error)) from None


def theorem_names() -> list[str]:
    """The theorems that have a name."""
    from ..theory import neighbours, theorems

    return [*theorems(), *neighbours()]


def find_source(named: str) -> TheoremSource:
    """A theorem by its name or by the file that defines it.

    Args:
        named: a theorem's name, or a path that ends with .toml or .py.

    Raises:
        TheoryError: there is no such theorem, or the file defines none.
    """
    from ..theory import TheoremSource, get_theorem, neighbours, read_source, theorems

    if path := is_file(named):
        return read_source(path)
    theorem = get_theorem(named)
    return TheoremSource(theorem) if named in theorems() else neighbours()[named]


def is_file(named: str) -> Path | None:
    """The file, if a theorem is named by a file; None if it is the name of a theorem.

    >>> is_file("kou2023"), is_file("mine.toml").name
    (None, 'mine.toml')
    """
    return Path(named) if named.endswith((".toml", ".py")) else None


def parse_settings(
    pairs: Iterable[str], own: Mapping[str, Symbol] | None = None
) -> dict[str, float]:
    """Values given as NAME=VALUE.

    Args:
        pairs: the texts.
        own: symbols of a theorem in addition to the canonical ones.

    Returns:
        Numbers by symbol name.

    Raises:
        click.BadParameter: a text is not NAME=VALUE, a name is unknown or given twice, or a value
            lies outside its symbol's range.

    >>> parse_settings(["p=0.1", "mu = 2"])
    {'p': 0.1, 'mu': 2.0}
    """
    values: dict[str, float] = {}
    for pair in pairs:
        name, equals, text = (part.strip() for part in pair.partition("="))
        if not equals or not name:
            raise click.BadParameter(f"{pair!r} is not NAME=VALUE.", param_hint="--set")
        if name in values:
            raise click.BadParameter(f"{name} is given twice; give it once.", param_hint="--set")
        values[name] = _value(name, text, own or {})
    return values


def _value(name: str, text: str, own: Mapping[str, Symbol]) -> float:
    from ..theory import SYMBOLS
    from ..theory.errors import nearest_hint
    from ..theory.symbols import COUNTS

    known = {**SYMBOLS, **own}
    if name not in known:
        hint = " (SNR is computed from mu, sigma_p and d)" if name.upper() == "SNR" else ""
        raise click.BadParameter(
            f"unknown symbol {name}{hint}; choose from {', '.join(known)}"
            f"{nearest_hint(name, known)}",
            param_hint="--set",
        )
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    positive = bool(known[name].is_positive)
    whole = known[name] in COUNTS
    wanted = "in [0, 0.5)" if name == "p" else "above 0" if positive else "at least 0"
    fits = math.isfinite(value) and (value > 0 if positive else value >= 0)
    if not fits or (name == "p" and value >= 0.5) or (whole and not value.is_integer()):
        kind = "a whole number from 1" if whole else f"a number {wanted}"
        raise click.BadParameter(f"{name} = {text}: must be {kind}.", param_hint="--set")
    return value
