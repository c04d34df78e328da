"""The forms of bounds whose open constants can be fitted, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...theory import Bound, Theorem, TheoryError
from ..cells import CellResult, Study
from ..constants import Fitted
from . import additive, envelope, free_power, linear
from .points import NotFittableError


@dataclass(frozen=True)
class FittableForm:
    """A form, and how its constants are fitted.

    Attributes:
        written: as it is written in a theorem's file, with f, g and x for known formulas.
        why_not: why bounds that share constants are not of this form; empty if they are.
        fit: the constants of such bounds, from calibration cells.
    """

    written: str
    why_not: Callable[[Sequence[Bound]], str]
    fit: Callable[[Study, Sequence[CellResult], Sequence[Bound]], dict[str, Fitted]]


#: A new form is a new file and a new entry here.
FORMS = tuple(
    FittableForm(form.WRITTEN, form.why_not, form.fit)
    for form in (linear, envelope, free_power, additive)
)


def form_for(bounds: Sequence[Bound]) -> FittableForm:
    """The first form that bounds have which share constants.

    Raises:
        NotFittableError: they have none; the message says why, and which forms there are. Or a
            constant is open in a floor.
    """
    for bound in bounds:
        for constant in bound.constants:
            if constant in bound.floor.free_symbols:
                raise NotFittableError(f"{constant} is open in the floor; write it in the excess")
    why = {}
    for form in FORMS:
        why[form.written] = form.why_not(bounds)
        if not why[form.written]:
            return form
    forms = ", ".join(form.written for form in FORMS[:-1]) + f" or {FORMS[-1].written}"
    raise NotFittableError(
        f"{why[additive.WRITTEN]}, and {why[envelope.WRITTEN]}; write the excess as {forms}, where "
        "f, g and x hold no open constant, or fix constants by numbers"
    )


def fitted_together(theorem: Theorem) -> list[list[Bound]]:
    """Bounds that share open constants, test_error first.

    Where the theorem lets stages meet, constants are those that are left then.

    Example:
        >>> from bofcheck.theory import benign, get_theorem
        >>> [[bound.name for bound in bounds] for bounds in fitted_together(benign)]
        [['B1', 'B2', 'B3']]
        >>> [[b.name for b in bounds] for bounds in fitted_together(get_theorem("harmful"))]
        [['H1'], ['H2']]
    """
    groups: list[tuple[set[str], list[Bound]]] = []
    for bound in sorted(theorem.bounds, key=lambda b: (b.quantity != "test_error", b.quantity)):
        names = {str(constant) for constant in _meeting(theorem, bound).constants}
        if not names:
            continue
        members = [bound]
        for group in [group for group in groups if group[0] & names]:
            names, members = names | group[0], [*group[1], *members]
            groups.remove(group)
        groups.append((names, members))
    return [members for _, members in groups]


def _meeting(theorem: Theorem, bound: Bound) -> Bound:
    """The bound that meets its neighbours; itself if there is no such formula."""
    try:
        return theorem.continuous(bound)
    except TheoryError:
        return bound


def check_alike(bounds: Sequence[Bound]) -> None:
    """Raise unless bounds that share constants bound the same thing from the same side.

    Raises:
        NotFittableError: naming a constant and where it appears.
    """
    first = bounds[0]
    for bound in bounds[1:]:
        if _what(bound) != _what(first):
            raise NotFittableError(
                f"it shares constants with {first.name}, which is about {_what(first)}, and is "
                f"about {_what(bound)}; give each its own constants"
            )


def _what(bound: Bound) -> str:
    mean = "the mean " if bound.reading == "mean" else ""
    return f"{mean}{bound.quantity} from {'above' if bound.kind == 'upper' else 'below'}"
