"""`PairedCells`: does a setting of the model change any verdict?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ..cells import CellResult, Study, scope_of
from ..claim import Claim
from ..fitting.constants import fit_constants
from ..thresholds import PAIRED_MIN_CLAIMS
from ..verdict import Status, Verdict

#: Verdicts that say nothing either way.
_OPEN = (Status.INCONCLUSIVE, Status.ERROR, Status.VACUOUS)


@dataclass(frozen=True)
class PairedCells:
    """The verdicts of a theorem's claims on cells that differ in one setting alone, side by side.

    Compared are claims about runs, of the theorem and its mechanism, that stage cells decide and
    that are not derivations of this project. Each side fits its constants on its own calibration
    cells. HOLDS where at least five claims are decided and every one has the same verdict on both
    sides; a failure where one is decided on both sides and differently; INCONCLUSIVE where one side
    decides a claim and the other does not.

    Where both sides have the same violating fraction, one side holds and the other fails with at
    most 2·5%·5% for each claim, below 5% for ten. A verdict that rests on a fitted constant's value
    alone has no such error rate; it is shown, and not compared.

    Attributes:
        field: the setting the cells differ in, a field of `Problem`.
        claims: gives the claims to compare, asked for when the check decides.
    """

    field: str
    claims: Callable[[], Iterable[Claim]]

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on plain cells and their counterparts."""
        sides = _sides(study, self.field)
        if len(sides) != 2:
            return claim.verdict(
                study, Status.INCONCLUSIVE, f"two values of {self.field} are needed"
            )
        words = list(sides)
        table: dict[str, tuple[Verdict, Verdict]] = {}
        apart: dict[str, tuple[Verdict, Verdict]] = {}
        for compared in self.claims():
            if study.theorem.regime not in compared.regimes:
                continue
            first, second = (compared.decide(sides[word]) for word in words)
            about_runs = first.at_one_over_d is not None or second.at_one_over_d is not None
            (table if about_runs else apart)[compared.id] = (first, second)
        statuses = {name: (a.status, b.status) for name, (a, b) in table.items()}
        same = [name for name, (a, b) in statuses.items() if a is b and a not in _OPEN]
        changed = [n for n, (a, b) in statuses.items() if a is not b and not {a, b} & set(_OPEN)]
        half = [n for n, (a, b) in statuses.items() if (a in _OPEN) is not (b in _OPEN)]
        scope = scope_of(study.results)
        status = Status.INCONCLUSIVE
        number = (f"verdicts that differ with {self.field}", float(len(changed)), "<=", 0.0)
        if changed:
            status = Status.VIOLATED
        elif not half and len(same) >= PAIRED_MIN_CLAIMS:
            status = Status.HOLDS
        elif not half:
            number = (
                "claims decided on both sides",
                float(len(same)),
                ">=",
                float(PAIRED_MIN_CLAIMS),
            )
        reason = f"{len(same)} {'claim has' if len(same) == 1 else 'claims have'} the same verdict "
        reason += f"with {self.field} {' and '.join(words)}"
        reason += f" ({', '.join(same)})" if same else ""
        reason += "".join(f"; {n}: {_change(statuses[n])}" for n in changed + half)
        if not changed and len(same) < PAIRED_MIN_CLAIMS:
            reason += f"; at least {PAIRED_MIN_CLAIMS} are needed"
        return claim.verdict(
            study,
            status,
            reason,
            scope=scope,
            statistic_name=number[0],
            statistic=number[1],
            relation=number[2],
            threshold=number[3],
            evidence={
                "compared": _lines(words, table),
                "shown_only": _lines(words, apart),
                "decided_on_both_sides": same + changed,
                "decided_on_one_side": half,
            },
        )


def _lines(words: Sequence[str], table: Mapping[str, tuple[Verdict, Verdict]]) -> dict[str, object]:
    return {
        name: {
            word: {"verdict": v.status.value, "statistic": v.statistic, "reason": v.reason}
            for word, v in zip(words, pair, strict=True)
        }
        for name, pair in table.items()
    }


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
