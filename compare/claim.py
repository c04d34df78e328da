"""`Claim`: one assertion of the paper, as something a machine can decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..theory import Provenance
from .study import Study
from .verdict import Scope, Status, Verdict


@dataclass(frozen=True)
class Claim:
    """One entry of the ledger.

    Attributes:
        id: e.g. ``"B2"``; a suffix splits a claim, e.g. ``"B4d"`` for the DERIVED form.
        statement: the claim in one sentence, in our words.
        provenance: tag of the statement.
        source: where the paper says it.
        regimes: the studies it can be decided on.
        decide: the check.
        formulas: names of the formulas it is about, as `bofcheck.theory.formulas` has them; a
            claim named like a bound of its theorem is about that bound without saying so.
    """

    id: str
    statement: str
    provenance: Provenance
    source: str
    regimes: tuple[str, ...]
    decide: Callable[[Claim, Study], Verdict]
    formulas: tuple[str, ...] = ()

    def verdict(
        self, study: Study, status: Status, reason: str, *, scope: Scope = Scope.NONE, **rest: Any
    ) -> Verdict:
        """A verdict on this claim with its own statement, tag and source filled in."""
        return Verdict(
            claim=self.id,
            statement=self.statement,
            status=status,
            scope=scope,
            provenance=self.provenance,
            source=self.source,
            reason=reason,
            regime=study.theorem.regime,
            **rest,
        )
