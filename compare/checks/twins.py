"""Does a setting of the model change any verdict? Twin cells that differ in it alone."""

from __future__ import annotations

from dataclasses import replace

from ...theory import Provenance
from ..claim import Claim
from ..fitting import fit_constants
from ..study import CellResult, Study, scope_of
from ..verdict import Scope, Status, Verdict

#: Verdicts that say nothing either way.
_OPEN = (Status.INCONCLUSIVE, Status.ERROR)
#: Claims that must be decided on both sides for "no verdict" to mean something.
MIN_COMPARED = 5


def decide_twins(claim: Claim, study: Study, field: str) -> Verdict:
    """The verdicts of a theorem's claims on cells that differ in one setting alone, side by side.

    Compared are the claims of the theorem and its mechanism that stage cells decide and that are no
    derivations of this project's. Either side fits its own constants on its own calibration cells.
    HOLDS where at least five claims are decided and every one has the same verdict on both sides; a
    failure where one is decided on both sides and differently; INCONCLUSIVE where one side decides
    a claim and the other does not. Each verdict rejects a true claim in at most 5% of studies, so
    of 10 compared claims half a one may differ by chance.

    Args:
        claim: under check.
        study: plain cells and their twins.
        field: the setting they differ in, a field of `Problem`.
    """
    # the ledger's modules import the checks
    from ..claims import all_claims, decide_claim

    sides = _sides(study, field)
    if len(sides) != 2:
        return claim.verdict(study, Status.INCONCLUSIVE, f"two values of {field} are needed")
    compared = [
        one
        for one in all_claims().values()
        if one.id[0] in "BHM"
        and study.theorem.regime in one.regimes
        and one.kinds == ("stage",)
        and one.provenance is not Provenance.DERIVED
    ]
    words = list(sides)
    table: dict[str, tuple[Verdict, Verdict]] = {}
    for one in compared:
        first, second = (decide_claim(one, sides[word]) for word in words)
        table[one.id] = (first, second)
    statuses = {name: (a.status, b.status) for name, (a, b) in table.items()}
    same = [name for name, (a, b) in statuses.items() if a is b and a not in _OPEN]
    changed = [n for n, (a, b) in statuses.items() if a is not b and not {a, b} & set(_OPEN)]
    half = [n for n, (a, b) in statuses.items() if (a in _OPEN) is not (b in _OPEN)]
    scope = scope_of(study.results)
    status = Status.INCONCLUSIVE
    if changed:
        status = Status.OUT_OF_SCOPE if scope is Scope.OUTSIDE else Status.VIOLATED
    elif not half and len(same) >= MIN_COMPARED:
        status = Status.HOLDS
    reason = f"{len(same)} claims have the same verdict with {field} {' and '.join(words)}"
    reason += f" ({', '.join(same)})" if same else ""
    reason += "".join(f"; {n}: {_change(statuses[n])}" for n in changed + half)
    return claim.verdict(
        study,
        status,
        reason,
        scope=scope,
        statistic=float(len(changed)),
        statistic_name=f"verdicts that differ with {field}",
        threshold=0.0,
        evidence={
            "compared": {
                name: {
                    word: {"verdict": v.status.value, "statistic": v.statistic, "reason": v.reason}
                    for word, v in zip(words, pair, strict=True)
                }
                for name, pair in table.items()
            },
            "decided_on_both_sides": same + changed,
            "decided_on_one_side": half,
        },
    )


def _sides(study: Study, field: str) -> dict[str, Study]:
    """Value of the setting -> a study of its cells as stage cells, constants fitted."""
    groups: dict[str, list[CellResult]] = {}
    for result in study.results:
        as_stage = replace(result, cell=replace(result.cell, kind="stage"))
        groups.setdefault(_word(getattr(result.cell.problem, field)), []).append(as_stage)
    return {
        word: fit_constants(Study(study.theorem, tuple(members)))
        for word, members in groups.items()
    }


def _word(value: object) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def _change(statuses: tuple[Status, Status]) -> str:
    return f"{statuses[0].value} against {statuses[1].value}"
