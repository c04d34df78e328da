"""An event of a theorem: when one of its stages ends, as measured curves decide it."""

from dataclasses import dataclass

from sympy import Expr, sympify

from .errors import FormulaError


@dataclass(frozen=True)
class Event:
    """The first step at which all of its inequalities between measured quantities are met.

    Attributes:
        name: the symbol for its step in the bounds, e.g. ``"T1"``.
        margins: expressions in quantities and symbols; the event is ``margin >= 0`` for each.
        quantities: names of the measured quantities in them.
        text: the inequalities in words, or as they were written.

    Example:
        >>> from bofcheck.theory import benign, get_theorem
        >>> event = get_theorem("jiang2024").events[-1]
        >>> event.name, event.margins, event.quantities
        ('T', (epsilon - train_loss,), ('train_loss',))
        >>> benign.events[0].margins
        (-sigma_p*value_norm + v_plus, -sigma_p*value_norm - v_minus)
    """

    name: str
    margins: tuple[Expr, ...]
    quantities: tuple[str, ...]
    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "margins", tuple(sympify(margin) for margin in self.margins))
        object.__setattr__(self, "quantities", tuple(self.quantities))
        if not self.margins or not self.quantities:
            raise FormulaError(f"event {self.name}: give a margin in a measured quantity")
