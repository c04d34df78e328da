"""`Verdict`: the decision on one claim, with the number it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ..theory import Provenance
from .discrimination import Discrimination


class Status(StrEnum):
    """The possible conclusions of a claim's check.

    >>> Status("HOLDS")
    <Status.HOLDS: 'HOLDS'>
    """

    HOLDS = "HOLDS"
    VIOLATED = "VIOLATED"
    ERODES = "ERODES"
    VACUOUS = "VACUOUS"
    INCONCLUSIVE = "INCONCLUSIVE"
    OUT_OF_SCOPE = "OUT_OF_SCOPE"
    ERROR = "ERROR"

    @property
    def meaning(self) -> str:
        """One sentence for people.

        >>> Status.VACUOUS.meaning
        'true, but no better than the trivial bound'
        """
        return _MEANING[self]

    def shown(self, *, weak: bool, refuted: bool = False) -> str:
        """The status as it is shown: a HOLDS says if its test is weak or 1 - 1/d is refuted.

        >>> Status.HOLDS.shown(weak=True), Status.ERODES.shown(weak=False)
        ('HOLDS (weak test)', 'ERODES')
        """
        said = ["weak test"] * weak + ["not at 1/d"] * refuted
        return f"{self.value} ({', '.join(said)})" if self is Status.HOLDS and said else self.value


_MEANING = {
    Status.HOLDS: "held on the held-out cells at the stated threshold",
    Status.VIOLATED: "failed on held-out cells; the scope says on which side of the assumptions",
    Status.ERODES: "not refuted on the held-out cells, but its room shrinks: further out it fails",
    Status.VACUOUS: "true, but no better than the trivial bound",
    Status.INCONCLUSIVE: "too little data, an event not reached, or it turns on a setting that the "
    "text leaves open; never a pass",
    Status.OUT_OF_SCOPE: "its own hypothesis is not met, or it is about another model",
    Status.ERROR: "the check itself failed",
}


class Scope(StrEnum):
    """Whether the cells behind a verdict meet Assumption 4.1 at C = 1.

    >>> Scope("inside") is Scope.INSIDE
    True
    """

    INSIDE = "inside"
    OUTSIDE = "outside"
    BOTH = "both"
    NONE = "none"


@dataclass(frozen=True)
class AtOneOverD:
    """A claim about runs, judged at the theorems' probability 1 - 1/d in addition to its verdict.

    Attributes:
        level: 1/d, the fraction of runs that may violate.
        status: HOLDS, VIOLATED or, nearly always, INCONCLUSIVE.
        runs: held-out runs behind the verdict.
        violations: how many of them violate.
        undecided: how many of them cannot be decided.
        runs_to_decide: runs after which it would hold if no more of them violated.
        label_draw: q(N, p), the chance of labels that teach a class nothing, where it alone is
            above 1/d; the level is then that of its cell.

    Example:
        >>> ruling = AtOneOverD(2.5e-9, Status.INCONCLUSIVE, 128, 0, 0, runs_to_decide=1198292908)
        >>> ruling.line()
        'at 1/d = 2.5e-09: INCONCLUSIVE, 0 of 128 violate; 1.2e+09 runs without one would decide it'
    """

    level: float
    status: Status
    runs: int
    violations: int
    undecided: int
    runs_to_decide: int
    label_draw: float | None = None

    def line(self) -> str:
        """One line for people.

        >>> AtOneOverD(0.05, Status.HOLDS, 128, 1, 0, 0).line()
        'at 1/d = 0.05: HOLDS, 1 of 128 violate'
        >>> AtOneOverD(1e-9, Status.VIOLATED, 128, 1, 0, 0, label_draw=0.035).line()
        'at 1/d = 1e-09: VIOLATED by the label draw alone, q = 0.035; 1 of 128 violate'
        """
        tally = f"{self.violations} of {self.runs} violate"
        if self.label_draw is not None:
            return f"at 1/d = {self.level:.2g}: VIOLATED {self._by_labels}; {tally}"
        head = f"at 1/d = {self.level:.2g}: {self.status.value}, "
        if self.status is not Status.INCONCLUSIVE:
            return head + tally
        runs = f"{self.runs_to_decide:.2g}" if self.runs_to_decide >= 1e5 else self.runs_to_decide
        more = "more" if self.violations else "one"
        return f"{head}{tally}; {runs} runs without {more} would decide it"

    @property
    def _by_labels(self) -> str:
        return f"by the label draw alone, q = {self.label_draw:.2g}"

    def against(self) -> str:
        """What refutes it, for the verdict's own sentence; empty if nothing does.

        >>> AtOneOverD(1e-9, Status.VIOLATED, 128, 1, 0, 0).against()
        'refuted at the promised probability 1 - 1/d (1/d = 1e-09): 1 of 128 violate'
        >>> AtOneOverD(1e-9, Status.HOLDS, 128, 0, 0, 0).against()
        ''
        """
        if self.status is not Status.VIOLATED:
            return ""
        why = f"{self.violations} of {self.runs} violate"
        if self.label_draw is not None:
            why = f"{self._by_labels} > 1/d"
        head = f"refuted at the promised probability 1 - 1/d (1/d = {self.level:.2g})"
        return f"{head} {why}" if self.label_draw is not None else f"{head}: {why}"


@dataclass(frozen=True)
class Verdict:
    """The decision on one claim.

    Attributes:
        claim: the claim's id, e.g. ``"B2"``.
        statement: the claim in one sentence.
        status: the decision.
        scope: whether the deciding cells meet Assumption 4.1.
        provenance: tag of the statement that was checked.
        source: where the paper says it.
        statistic: the number the decision rests on; None if there is no number.
        statistic_name: the meaning of that number.
        relation: ``"<="`` or ``">="``, the relation of statistic to threshold that is required.
        threshold: the number it is compared with, fixed before the data.
        tightness: how much room is left; ``evidence["tightness"]`` says in what sense.
        worst_cell: the cell closest to, or furthest beyond, the threshold.
        reason: one sentence that justifies the status.
        regime: ``"benign"`` or ``"harmful"``, the study it was decided on.
        evidence: JSON-ready details.
        at_one_over_d: the ruling at the theorems' 1 - 1/d, for claims about runs.
        discrimination: what the verdict on a bound would have rejected, and how loose the bound is.
        seen: whether a stored copy of the source was read, of a statement from the literature.

    Example:
        >>> from bofcheck.compare import Study, all_claims
        >>> from bofcheck.theory import get_theorem
        >>> claim = all_claims()["I5"]
        >>> verdict = claim.check.decide(claim, Study(get_theorem("benign"), ()))
        >>> verdict.status.value, verdict.statistic, verdict.relation, verdict.threshold
        ('HOLDS', 0.0, '<=', 0.0)
    """

    claim: str
    statement: str
    status: Status
    scope: Scope
    provenance: Provenance
    source: str
    reason: str
    regime: str = ""
    statistic: float | None = None
    statistic_name: str = ""
    relation: str = "<="
    threshold: float | None = None
    tightness: float | None = None
    worst_cell: str | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    at_one_over_d: AtOneOverD | None = None
    discrimination: Discrimination | None = None
    seen: bool = False

    @property
    def tag(self) -> str:
        """The provenance as it is shown; of a SOURCE, whether it was seen."""
        return self.provenance.tag(self.seen)

    @property
    def weak(self) -> bool:
        """Whether it HOLDS and the same rule rejects less than half of the wrong powers."""
        tried = self.discrimination
        return self.status is Status.HOLDS and tried is not None and tried.weak

    @property
    def word(self) -> str:
        """The status as it is shown: a HOLDS says if its test is weak or 1 - 1/d is refuted.

        >>> from bofcheck.compare import all_claims, Study
        >>> from bofcheck.theory import get_theorem
        >>> claim, study = all_claims()["B8"], Study(get_theorem("benign"), ())
        >>> line = AtOneOverD(1e-9, Status.VIOLATED, 128, 1, 0, 0)
        >>> claim.verdict(study, Status.HOLDS, "", at_one_over_d=line).word
        'HOLDS (not at 1/d)'
        """
        at = self.at_one_over_d
        refuted = at is not None and at.status is Status.VIOLATED
        return self.status.shown(weak=self.weak, refuted=refuted)
