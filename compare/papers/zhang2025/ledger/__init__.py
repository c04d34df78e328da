"""The ledger of claims: one module each, found in this folder.

A module offers ``CLAIM``; its file name is the claim's id in lower case. Adding a claim is
adding a file.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from functools import cache

from ....cells import Study
from ....claim import Claim
from ....verdict import Verdict

__all__ = ["all_claims", "decide_claims"]


@cache
def all_claims() -> dict[str, Claim]:
    """Every claim by id, in the ledger's order.

    >>> list(all_claims())[:3]
    ['S1', 'S2', 'S3']
    """
    modules = [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    ]
    claims = [
        claim for module in modules for claim in getattr(module, "CLAIMS", None) or (module.CLAIM,)
    ]
    return {claim.id: claim for claim in sorted(claims, key=lambda claim: _order(claim.id))}


def decide_claims(study: Study) -> tuple[Verdict, ...]:
    """Decide every claim that speaks about this study's regime and a preset's cells.

    Claims on experiments or on cells of their own are left to `decide_ledger`.

    Args:
        study: cells with their events and, where bounds are to be judged, fitted constants.

    Returns:
        A verdict a claim, in the ledger's order; a check that fails itself gives an ERROR.

    Example:
        >>> from bofcheck.theory import get_theorem
        >>> verdicts = decide_claims(Study(get_theorem("benign"), ()))  # doctest: +SKIP
        >>> {one.claim: one.status.value for one in verdicts}["B2"]  # doctest: +SKIP
        'INCONCLUSIVE'
        >>> decide_claims(Study(get_theorem("kou2023"), ()))  # the ledger is about this paper
        ()
    """
    return tuple(
        claim.decide(study)
        for claim in all_claims().values()
        if study.theorem.regime in claim.regimes and not claim.apart
    )


def _order(claim_id: str) -> tuple[int, int, str]:
    match = re.fullmatch(r"([A-Z])(\d+)(.*)", claim_id)
    if match is None:
        raise ValueError(f"claim id {claim_id!r}: must be a capital letter and a number")
    return "SIABHMEX".index(match[1]), int(match[2]), match[3]
