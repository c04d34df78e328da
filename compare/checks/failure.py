"""The status of a sentence on an experiment that fails.

Sentences on the paper's experiments are about those experiments: their settings are the scope, and
Assumption 4.1, which none of the settings meets, is not a hypothesis of them. A STATED sentence
that fails is VIOLATED with scope ``outside``; a direction that follows from the theory alone
(DERIVED) has the theory's hypothesis, and failing outside it is OUT_OF_SCOPE.
"""

from __future__ import annotations

from collections.abc import Iterable

from ...theory import Provenance
from ..cells import CellResult, scope_of
from ..claim import Claim
from ..verdict import Scope, Status


def failure_status(claim: Claim, results: Iterable[CellResult]) -> Status:
    """VIOLATED if the claim is STATED, or where a cell meets Assumption 4.1; else OUT_OF_SCOPE."""
    if claim.provenance is Provenance.STATED or scope_of(results) is not Scope.OUTSIDE:
        return Status.VIOLATED
    return Status.OUT_OF_SCOPE
