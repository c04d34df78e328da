"""The ledger of claims, in modules named by what the claims are about.

A module offers ``CLAIMS``, a tuple; adding a claim is adding it to a module, or adding a module.
"""

from __future__ import annotations

import re
from functools import cache

from ....._registry import discover
from ....claim import Claim

__all__ = ["all_claims"]


@cache
def all_claims() -> dict[str, Claim]:
    """Every claim by id, in the ledger's order.

    >>> list(all_claims())[:3]
    ['S1', 'S2', 'S3']
    """
    modules = discover(__name__, "CLAIMS", tuple).values()
    claims: list[Claim] = [claim for module in modules for claim in module]
    return {claim.id: claim for claim in sorted(claims, key=lambda claim: _order(claim.id))}


def _order(claim_id: str) -> tuple[int, int, str]:
    match = re.fullmatch(r"([A-Z])(\d+)(.*)", claim_id)
    if match is None:
        raise ValueError(f"claim id {claim_id!r}: must be a capital letter and a number")
    return "SIABHMLEX".index(match[1]), int(match[2]), match[3]
