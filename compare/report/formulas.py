"""The formulas a claim is about, with their tags."""

from __future__ import annotations

from collections.abc import Iterable

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


def named_formulas(names: Iterable[str], theorem: Theorem | None) -> list[tuple[str, Formula]]:
    """The formulas of a theorem that go by these names, each with its name.

    Args:
        names: e.g. ``claim.formulas``, or the name of a bound; unknown names give nothing.
        theorem: the theorem; None gives nothing.

    Example:
        >>> theorem = get_theorem("benign")
        >>> [(name, plain_text(formula)) for name, formula in named_formulas(["B1"], theorem)]
        [('B1', 'test_error <= C1 + p')]
    """
    known = {} if theorem is None else formulas(theorem)
    return [(name, formula) for name in names for formula in known.get(name, ())]


def ledger_formulas(claim: Claim) -> list[tuple[str, Formula]]:
    """The formulas a claim names, or the bound of its name, of all its theorems, each once.

    Example:
        >>> from bofcheck.compare import all_claims
        >>> [name for name, _ in ledger_formulas(all_claims()["A4"])][0]
        'Assumption 4.1, item 4'
    """
    once: dict[tuple[str, str], Formula] = {}
    for regime in claim.regimes:
        for name, formula in named_formulas(claim.formulas or (claim.id,), get_theorem(regime)):
            once.setdefault((name, plain_text(formula)), formula)
    return [(name, formula) for (name, _), formula in once.items()]


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
