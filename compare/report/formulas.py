"""What of the theory a claim is about, as formulas with their tags."""

from __future__ import annotations

from ...theory import (
    Bound,
    Condition,
    Formula,
    Identity,
    Law,
    StageTime,
    Theorem,
    formulas,
    get_theorem,
)
from ..claim import Claim

_SIGNS = {"upper": "<=", "lower": ">="}


def claim_formulas(claim: Claim, theorem: Theorem) -> list[tuple[str, Formula]]:
    """The formulas a claim names, or the bound of the theorem that goes by its name.

    Example:
        >>> from ..papers.zhang2025.ledger import all_claims
        >>> claim = all_claims()["B1"]
        >>> [(name, plain_text(one)) for name, one in claim_formulas(claim, get_theorem("benign"))]
        [('B1', 'test_error <= C1 + p')]
    """
    known = formulas(theorem)
    return [(name, one) for name in claim.formulas or (claim.id,) for one in known.get(name, ())]


def ledger_formulas(claim: Claim) -> list[tuple[str, Formula]]:
    """The same over all theorems the claim speaks about, each formula once.

    Example:
        >>> from ..papers.zhang2025.ledger import all_claims
        >>> [name for name, _ in ledger_formulas(all_claims()["A4"])][0]
        'Assumption 4.1, item 4'
    """
    found: dict[tuple[str, str], Formula] = {}
    for regime in claim.regimes:
        for name, one in claim_formulas(claim, get_theorem(regime)):
            found.setdefault((name, plain_text(one)), one)
    return [(name, one) for (name, _), one in found.items()]


def plain_text(formula: Formula) -> str:
    """A formula as one line of text.

    >>> from ...theory import benign
    >>> plain_text(benign.time("T2", "derived"))
    'T2 = c2/(eta*mu**2*w**2)'
    """
    if isinstance(formula, Bound):
        return f"{formula.quantity} {_SIGNS[formula.kind]} {formula.expr}"
    if isinstance(formula, StageTime):
        return f"{formula.event} = {formula.expr}"
    if isinstance(formula, Condition):
        return f"{formula.left} {formula.relation} {formula.right}"
    if isinstance(formula, Law):
        return f"{formula.quantity} = {formula.expr}"
    if isinstance(formula, Identity):
        return f"{formula.left} = {formula.right}"
    return formula.latex()
