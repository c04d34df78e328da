"""`formulas`: what of the theory a claim is about, as formulas with their tags."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..theory import ASSUMPTIONS, LAWS, flip_loss_identity, get_theorem, label_flip_identity
from .claim import Claim

#: Laws of the theory's own that a claim is about, by claim.
_LAWS: Mapping[str, tuple[str, ...]] = {
    "I4": ("output",),
    "M7": ("class_growth",),
    "M8": ("late_slope",),
    "M10": ("logit_gap",),
}
_IDENTITIES: Mapping[str, Callable[[], Any]] = {
    "I1": label_flip_identity,
    "I2": flip_loss_identity,
}
#: The event whose time a claim is about; a "d" after the number is the derived form.
_EVENTS: Mapping[str, str] = {"B4": "T1", "B5": "T2", "B6": "T3", "B7": "T3", "H5": "T3"}
_SIGNS = {"upper": "<=", "lower": ">="}


@dataclass(frozen=True)
class Formula:
    """One formula.

    Attributes:
        text: as plain text.
        latex: as LaTeX.
        provenance: how it is known.
        source: where it stands.
    """

    text: str
    latex: str
    provenance: str
    source: str


def formulas(claim: Claim) -> tuple[Formula, ...]:
    """The theorem's bounds, conditions, times and laws a claim is about; none for many.

    Example:
        >>> from .claims import all_claims
        >>> [one.text for one in formulas(all_claims()["B1"])]
        ['test_error <= C1 + p']
    """
    return tuple(_parts(claim))


def _parts(claim: Claim) -> Iterator[Formula]:
    base = claim.id.removesuffix("d")
    for regime in claim.regimes:
        theorem = get_theorem(regime)
        for bound in theorem.bounds:
            if bound.name == claim.id:
                text = f"{bound.quantity} {_SIGNS[bound.kind]} {bound.expr}"
                yield _formula(text, bound)
        if claim.id[0] in "BH" and claim.id[1:] in ("0e", "0l"):
            condition = theorem.condition
            yield _formula(f"{condition.left} {condition.relation} {condition.right}", condition)
        if claim.id[0] == theorem.regime[0].upper() and base in _EVENTS:
            form = "derived" if claim.id.endswith("d") else "paper"
            time = theorem.time(_EVENTS[base], form)
            yield _formula(f"{time.event} = {time.expr}", time)
    if claim.id[0] == "A":
        for item, row in ASSUMPTIONS:
            if claim.id == f"A{item}":
                yield _formula(f"{row.left} {row.relation} {row.right}", row)
    for name in _LAWS.get(claim.id, ()):
        yield _formula(f"{name} = {LAWS[name].expr}", LAWS[name])
    if claim.id in _IDENTITIES:
        identity = _IDENTITIES[claim.id]()
        yield _formula(f"{identity.left} = {identity.right}", identity)


def _formula(text: str, part: Any) -> Formula:
    return Formula(text, part.latex(), part.provenance.value, part.source)
