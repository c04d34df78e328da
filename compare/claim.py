"""`Claim`: one assertion, in a form a machine can decide. `Check`: how it is decided."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Protocol

from ..theory import Provenance
from .cells import Cell, Study
from .verdict import Scope, Status, Verdict

#: What ends the prose of a Google docstring.
_SECTIONS = re.compile(r"^(Args|Returns|Raises|Example|Attributes|Yields):$", re.MULTILINE)


class Check(Protocol):
    """A way of deciding claims: a frozen dataclass whose docstring is printed as the rule.

    If a check has documented parts (fields that are dataclasses, or classes named in ``RULES``),
    their docstrings are printed after its own.
    """

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on a claim; any exception makes it an ERROR (`Claim.decide`)."""


class Addition(Protocol):
    """Something said beside a verdict: a frozen dataclass whose docstring is part of the rule."""

    def add(self, verdict: Verdict, claim: Claim, study: Study) -> Verdict:
        """The same verdict with a longer reason and more evidence."""


@dataclass(frozen=True)
class Claim:
    """One entry of a ledger.

    Attributes:
        id: e.g. ``"B2"``; a suffix splits a claim, e.g. ``"B4d"`` for the DERIVED form.
        statement: the claim in one sentence, in our words.
        provenance: tag of the statement.
        source: where the paper says it.
        regimes: the studies it can be decided on.
        check: how it is decided; its docstring is the rule (statistic, threshold, sample).
        kinds: the kinds of a preset's cells it needs; ``()`` if it needs no training, None if
            unspecified: then all cells are trained for it.
        experiments: names of experiments whose cells decide it instead of a preset's.
        own_cells: by regime, cells that decide it instead of a preset's.
        formulas: names of the formulas it is about, from `bofcheck.theory.formulas`; a claim named
            after a bound of its theorem is about that bound in any case.
        seen: whether a stored copy of its source was read, if it is from the literature.
        label_draw: whether a run fails it in which a class has no more kept than flipped labels,
            so that the probability of that draw refutes it at the theorems' 1 - 1/d.
        beside: what is said beside the verdict, which stays as it is.

    Example:
        >>> from bofcheck.compare import all_claims
        >>> claim = all_claims()["B8"]
        >>> claim.provenance.value, claim.regimes, claim.kinds
        ('STATED', ('benign',), ('stage',))
        >>> print(claim.rule.splitlines()[0])
        The excess (1-2p)·P(ŷf ≤ 0) of each held-out stage run at its last logged step.
    """

    id: str
    statement: str
    provenance: Provenance
    source: str
    regimes: tuple[str, ...]
    check: Check = field(hash=False)
    kinds: tuple[str, ...] | None = None
    experiments: tuple[str, ...] = ()
    own_cells: Mapping[str, tuple[Cell, ...]] | None = field(default=None, hash=False)
    formulas: tuple[str, ...] = ()
    seen: bool = False
    label_draw: bool = False
    beside: Addition | None = field(default=None, hash=False)

    @property
    def apart(self) -> bool:
        """Whether it is decided on cells outside the presets, so that ``verify`` omits it."""
        return bool(self.experiments) or self.own_cells is not None

    @property
    def where(self) -> str:
        """The cells that decide it, in a few words.

        >>> from bofcheck.compare import all_claims
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

    @property
    def rule(self) -> str:
        """How it is decided: the docstrings of its check and of the check's parts.

        Returns:
            Paragraphs separated by blank lines.
        """
        whole = (self.check,) if self.beside is None else (self.check, self.beside)
        texts = dict.fromkeys(_prose(part) for check in whole for part in _parts(check))
        paragraphs = "\n\n".join(filter(None, texts)).split("\n\n")
        return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)

    def decide(self, study: Study) -> Verdict:
        """The verdict on this claim; an ERROR if the check itself fails.

        A broken check therefore leaves the verdicts on other claims intact.

        Example:
            >>> from bofcheck.compare import Study, all_claims
            >>> from bofcheck.theory import get_theorem
            >>> all_claims()["I5"].decide(Study(get_theorem("benign"), ())).status.value
            'HOLDS'
        """
        try:
            verdict = self.check.decide(self, study)
            return verdict if self.beside is None else self.beside.add(verdict, self, study)
        except Exception as error:  # any fault of one check is that claim's verdict
            reason = f"the check failed: {type(error).__name__}: {error}"
            return self.verdict(study, Status.ERROR, reason)

    def verdict(
        self,
        study: Study,
        status: Status,
        reason: str,
        *,
        scope: Scope = Scope.NONE,
        **rest: Any,
    ) -> Verdict:
        """A verdict on this claim, with its statement, tag and source filled in."""
        return Verdict(
            claim=self.id,
            statement=self.statement,
            status=status,
            scope=scope,
            provenance=self.provenance,
            seen=self.seen,
            source=self.source,
            reason=reason,
            regime=study.theorem.regime,
            **rest,
        )


def _parts(check: object) -> Iterator[type]:
    """The class of a check, then those of its documented parts."""
    yield type(check)
    if is_dataclass(check):
        for part in fields(check):
            value = getattr(check, part.name)
            if is_dataclass(value) and not isinstance(value, type):
                yield from _parts(value)
    yield from getattr(type(check), "RULES", ())


def _prose(part: type) -> str:
    return _SECTIONS.split(inspect.getdoc(part) or "")[0].strip()
