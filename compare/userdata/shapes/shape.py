"""`Shape`: what the columns of a table mean, and its rows under known names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from ..rows import identity

Row = Sequence[str]


@dataclass(frozen=True)
class Shape:
    """What was recognised.

    Attributes:
        header: the columns under the names that are read: run, step, cell, quantities, symbols.
        said: what was recognised, in words; empty where nothing had to be guessed.
        expand: the rows under that header that a row of the table stands for; None for itself.

    Example:
        >>> Shape(["run", "step", "train_loss"]).said
        ''
    """

    header: Sequence[str]
    said: str = ""
    expand: Callable[[Row], Iterable[Row]] | None = None


def composed(symbols: Collection[str], values: Iterable[str]) -> str:
    """The name of a cell that only its numbers tell from others.

    >>> composed(["eta", "gamma"], ["0.50", "1"])
    'eta=0.5, gamma=1'
    """
    pairs = zip(symbols, values, strict=True)
    return ", ".join(f"{name}={identity(value)}" for name, value in pairs)
