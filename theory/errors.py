"""What can go wrong in the theory part; every message is one line that says how to fix it."""

from collections.abc import Iterable
from difflib import get_close_matches


class TheoryError(ValueError):
    """Base class of every error this part raises on purpose."""


class MissingValueError(TheoryError):
    """A symbol of the formula got no value, or a value was given for an unknown name."""


class InvalidValueError(TheoryError):
    """A value lies outside its symbol's domain."""


class NotAnEnvelopeError(TheoryError):
    """The log of the excess is not linear in log-constants and rates."""


class NotLinearError(TheoryError):
    """A stage time is not linear in its constants."""


class NoSuchPartError(TheoryError, LookupError):
    """A theorem has no stage, bound or time of that name."""


class FormulaError(TheoryError):
    """A formula object was declared inconsistently."""


class ExpressionError(TheoryError):
    """A text is not an expression of the allowed kind."""


class TheoremFileError(TheoryError):
    """A file does not define a theorem; the message names the file, the place and the fix."""


def label_list(labels: Iterable[object]) -> str:
    """Labels joined for an error message; ``"none"`` if there are none.

    >>> label_list([1, 2, 3])
    '1, 2, 3'
    """
    return ", ".join(map(str, labels)) or "none"


def nearest_hint(name: str, known: Iterable[str]) -> str:
    """The end of an error message that asks whether the nearest name was meant.

    >>> nearest_hint("beningn", ["benign", "harmful"]), nearest_hint("x", ["eta"])
    ('; did you mean benign?', '')
    """
    lower = {each.lower(): each for each in known}
    close = get_close_matches(str(name).lower(), lower, n=1, cutoff=0.7)
    return f"; did you mean {lower[close[0]]}?" if close else ""
