"""A sentence for an author's paper: the claim, the decision, and its grounds."""

from __future__ import annotations

from ...._citation import PAPER
from ...._version import __version__
from ..models import ClaimEntry
from .typeset import signs

_READING = {
    "STATED": "{source} of {paper}",
    "RECONSTRUCTED": "{source} of {paper}, as reconstructed from its prose",
    "SOURCE (seen)": "{source} of {paper}, as its sources have it",
    "SOURCE (recalled)": "{source} of {paper}, as recalled from its sources",
    "DERIVED": "derived in bofcheck: {source}",
}
_WHERE = {
    "inside": "on cells inside {assumption}",
    "outside": "on cells outside {assumption} only",
    "both": "on cells inside and outside {assumption}",
    "none": "",
}
#: What a cell must meet to be inside: the paper's assumption, or a user-supplied theorem's.
ASSUMPTION, CONDITIONS = "Assumption 4.1", "the theorem's conditions"
#: The meaning of DERIVED in a theorem that is not this project's.
DERIVED_BY_USER = "Derived by the theorem's author."
_DECIDED = {
    "HOLDS": "held",
    "VIOLATED": "was violated",
    "ERODES": "held, but erodes: further out it fails,",
    "VACUOUS": "held but was no better than the trivial bound",
    "INCONCLUSIVE": "could not be decided",
    "OUT_OF_SCOPE": "was out of scope",
    "ERROR": "could not be checked",
}


def sentence(claim: ClaimEntry, comparison: str, *, own: bool = False) -> str:
    """The sentence about one claim.

    Args:
        claim: an entry of a report.
        comparison: its number against its threshold, empty if it has no number.
        own: whether the claim comes from a user-supplied theorem instead of the paper.

    Of a bound that holds the sentence says how far it lies from the data, and how many wrong powers
    the same rule rejects.

    >>> from bofcheck.theory import Provenance
    >>> claim = ClaimEntry.model_construct(
    ...     id="B8", statement="test_error is near p", provenance=Provenance.STATED, seen=False,
    ...     source="Theorem 4.2",
    ...     scope="inside", verdict="HOLDS", reason="0 of 128 runs", statistic_name="upper bound",
    ...     regime="benign", weak=False, discrimination=None)
    >>> print(sentence(claim, "0.0231 <= 0.05"))
    The claim “test_error is near p” (B8; Theorem 4.2 of arXiv 2502.12508) held on cells inside
    Assumption 4.1 in the benign regime (0 of 128 runs; upper bound: 0.0231 ≤ 0.05; bofcheck ...).
    """
    reading = _READING[claim.provenance.tag(claim.seen)].format(
        source=claim.source, paper=PAPER.short
    )
    regime = f"in the {claim.regime} regime" if claim.regime else ""
    if own:
        reading, regime = f"{claim.source}, {claim.provenance.tag(claim.seen)}", ""
    where = _WHERE[claim.scope].format(assumption=CONDITIONS if own else ASSUMPTION)
    word = "held in a weak test" if claim.weak else _DECIDED[claim.verdict]
    decided = " ".join(part for part in (word, where, regime) if part)
    room, reason = _room(claim)
    decided = f"{decided}, {room}" if room else decided
    grounds = [reason]
    if comparison:
        number, name = signs(comparison), claim.statistic_name
        grounds.append(f"{name}: {number}" if name else number)
    grounds.append(f"bofcheck {__version__}")
    ground = "; ".join(part for part in grounds if part)
    return f"The claim “{claim.statement}” ({claim.id}; {reading}) {decided} ({ground})."


def _room(claim: ClaimEntry) -> tuple[str, str]:
    """What is said of a bound's looseness and of wrong powers, and the reason without it."""
    beside = claim.discrimination
    if beside is None:
        return "", claim.reason
    reason = claim.reason
    for told in (beside.looseness, beside.found.line()):
        if told:
            reason = reason.replace(f"; {told}", "")
    parts = [beside.looseness.partition(", typically")[0]] if claim.verdict == "HOLDS" else []
    if beside.tried:
        parts.append(f"{beside.rejected} of {beside.tried} wrong powers rejected")
    return "; ".join(part for part in parts if part), reason
