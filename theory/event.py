"""An event of a theorem: when one of its stages ends, as something measured curves decide."""

from dataclasses import dataclass

from sympy import Expr


@dataclass(frozen=True)
class Event:
    """The first step at which an inequality between measured quantities is met.

    Attributes:
        name: the symbol that stands for its step in the bounds, e.g. ``"T1"``.
        margin: an expression in quantities and symbols; the event is ``margin >= 0``.
        quantities: names of the measured quantities in it.
        text: the inequality as it was written.

    Example:
        >>> from bofcheck.theory import get_theorem
        >>> (event,) = get_theorem("jiang2024").events
        >>> event.name, event.margin, event.quantities
        ('T', epsilon - train_loss, ('train_loss',))
    """

    name: str
    margin: Expr
    quantities: tuple[str, ...]
    text: str
