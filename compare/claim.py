"""`Claim`: one assertion of the paper, as something a machine can decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..theory import Provenance
from .cells import Cell, Study
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
        decide: the check; its docstring states the rule (statistic, threshold, sample).
        kinds: the kinds of a preset's cells it looks at, ``()`` if it needs nothing trained, None
            if that is not said: then all of them are trained for it.
        experiments: names of the experiments on whose cells it is decided instead of a preset's.
        own_cells: regime -> cells it is decided on instead of a preset's.
        formulas: names of the formulas it is about, as `bofcheck.theory.formulas` has them; a
            claim named like a bound of its theorem is about that bound without saying so.

    Example:
        >>> from bofcheck.compare import all_claims
        >>> claim = all_claims()["B8"]
        >>> claim.provenance.value, claim.regimes, claim.kinds
        ('STATED', ('benign',), ('stage',))
    """

    id: str
    statement: str
    provenance: Provenance
    source: str
    regimes: tuple[str, ...]
    decide: Callable[[Claim, Study], Verdict]
    kinds: tuple[str, ...] | None = None
    experiments: tuple[str, ...] = ()
    own_cells: Mapping[str, tuple[Cell, ...]] | None = field(default=None, hash=False)

    @property
    def apart(self) -> bool:
        """Whether cells of no preset decide it, so that ``verify`` leaves it out."""
        return bool(self.experiments) or self.own_cells is not None

    @property
    def where(self) -> str:
        """What it is decided on, in a few words.

        >>> from .papers.zhang2025.ledger import all_claims
        >>> all_claims()["B8"].where, all_claims()["I3"].where
        ('benign, stage cells', 'own draws or algebra')
        """
        regimes = self.regimes[0] if len(self.regimes) == 1 else "both regimes"
        if self.experiments:
            return ", ".join(self.experiments)
        if self.own_cells is not None:
            return f"{regimes}, cells of its own"
        if self.kinds is None:
            return f"{regimes}, all cells"
        if not self.kinds:
            return "own draws or algebra"
        return f"{regimes}, {' and '.join(self.kinds)} cells"

    formulas: tuple[str, ...] = ()

    def verdict(
        self,
        study: Study[Any],
        status: Status,
        reason: str,
        *,
        scope: Scope = Scope.NONE,
        **rest: Any,
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
