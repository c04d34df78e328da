"""The first screen of a report: what was found of each theorem, before the ledger.

A `Digest` is made from the report alone, so that the terminal and a rebuilt page say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ...theory import Provenance, Theorem, get_theorem
from ...theory.errors import TheoryError
from ..discrimination import Discrimination
from ..verdict import Scope, Status
from .headline import GROUNDWORK, WORDS, WORST, Decision, Headline, headlines
from .models import CellEntry, ClaimEntry, Report

#: First letter of the paper's claims on the limit of large d and d_h.
LIMIT = "L"
#: What claim H8 finds of the harm, in its reason.
_HARM = "the harm is one of the logistic loss alone: "
#: What a fitted power is told as: the power, and the law's, without the interval.
_FITTED_POWER = re.compile(r"\^(-?[\d.]+) \[[^\]]*\] for (-?[\d.]+)")
_TRIVIAL = ("the bound says no more than the trivial one", "no better than the trivial bound")
_GROWS = "powers fitted over runs: "
_SAYS = WORDS | {Status.VIOLATED: ("fails", "fail")}


@dataclass(frozen=True)
class Line:
    """What is told of one claim.

    Attributes:
        part: the part of the theorem it is about, e.g. ``"stage 2"`` or ``"T1"``; may be empty.
        claim: its entry in the report.
        text: what its verdict rests on, in a few words.
        beside: other claims on the same part that are derived here.
    """

    part: str
    claim: ClaimEntry
    text: str
    beside: tuple[ClaimEntry, ...] = ()


@dataclass(frozen=True)
class TheoremDigest:
    """What was found of one theorem.

    Attributes:
        regime: the name its verdicts are listed under.
        title: its name in the literature.
        sentence: what holds and what does not, after its title.
        lines: its stages in order, then its times.
        failing: its other claims that fail.
        doubted: ids of claims on the mechanism, the proof and beyond that fail.
        inside: cells that meet its assumption, of those of its stages.
        cells: cells of its stages.
        scope: the scope of every stage, if they share one.
    """

    regime: str
    title: str
    sentence: str
    lines: tuple[Line, ...]
    failing: tuple[Line, ...]
    doubted: tuple[str, ...]
    inside: int
    cells: int
    scope: Scope | None

    @property
    def short(self) -> str:
        """The title without what stands in brackets.

        >>> TheoremDigest("", "Theorem 4.2 (benign)", "", (), (), (), 0, 0, None).short
        'Theorem 4.2'
        """
        return self.title.partition(" (")[0]

    def stages(self) -> dict[str, ClaimEntry]:
        """The claim that decides each part, the worst if there are several."""
        return {part: _worst(line.claim for line in self.lines if line.part == part)
                for part in dict.fromkeys(line.part for line in self.lines)}  # fmt: skip


@dataclass(frozen=True)
class Digest:
    """What was found, before the ledger.

    Attributes:
        theorems: one for each regime with a stage or a time that was decided.
        harm: what the harm of harmful overfitting is found to be; empty if that was not asked.
        predicted: how close the limit comes, without a full stop; empty if not asked.
        origins: how many sentences hold, by where they come from.
    """

    theorems: tuple[TheoremDigest, ...]
    harm: str
    predicted: str
    origins: tuple[Headline, ...]


def digest(report: Report, theorems: Mapping[str, Theorem] | None = None) -> Digest:
    """The digest of a report.

    Args:
        report: the report.
        theorems: theorems by regime, where they are not known to `get_theorem`.

    Example:
        >>> from dataclasses import replace
        >>> from bofcheck.compare import verify
        >>> from bofcheck.compare.report import document
        >>> from bofcheck.compare.userdata import theorem_plan
        >>> from bofcheck.theory import neighbours
        >>> source = neighbours()["magen2024"]
        >>> cells = {**source.training, "cells": source.training["cells"][:1]}
        >>> verification = verify(theorem_plan(replace(source, training=cells), seeds=2))
        >>> (theorem,) = digest(document(verification)).theorems
        >>> theorem.short, theorem.sentence
        ('Magen 2024', 'is undecided: stage 2 is out of scope.')
    """
    own = "theorem" in report.provenance.settings
    regimes = dict.fromkeys(claim.regime for claim in report.claims)
    known = theorems or {}
    parts = (_theorem(report, regime, known.get(regime), own=own) for regime in regimes)
    return Digest(
        tuple(part for part in parts if part.lines),
        "" if own else _harm(report.claims),
        "" if own else _predicted(report.claims),
        headlines(map(decision, report.claims), own=own),
    )


def decision(claim: ClaimEntry) -> Decision:
    """A claim's decision, as far as headlines count it."""
    return Decision(
        claim.id, claim.provenance, claim.verdict, claim.weak, claim.scope is Scope.OUTSIDE
    )


def brief(reason: str) -> str:
    """The first clause of a reason, with each fitted power beside the law's.

    >>> brief("powers fitted over runs: w^-1.00 [-1.01, -0.99] for -2, d^0.5 [0.4, 0.6] for 0; x")
    'grows as w^-1.00 (law -2), d^0.5 (law 0)'
    """
    first = reason.partition("; ")[0]
    text = _FITTED_POWER.sub(r"^\1 (law \2)", first)
    return text.replace(_GROWS, "grows as ").replace(*_TRIVIAL)


def _theorem(report: Report, regime: str, theorem: Theorem | None, *, own: bool) -> TheoremDigest:
    claims = [claim for claim in report.claims if claim.regime == regime]
    about = [claim for claim in claims if claim.part and not claim.part.startswith("reading")]
    lines = tuple(_lines(sorted(about, key=lambda claim: not claim.part.startswith("stage"))))
    cells = [cell for cell in report.cells if cell.regime == regime and cell.kind == "stage"]
    scopes = {line.claim.scope for line in lines if line.part.startswith("stage")}
    letters = {claim.id[:1] for claim in about}
    failing = [claim for claim in _failing(claims) if own or claim.id[:1] in letters]
    doubted = [claim.id for claim in _failing(claims) if claim not in failing]
    found = TheoremDigest(
        regime,
        _title(regime, theorem, report),
        "",
        lines,
        tuple(Line("", claim, brief(claim.reason)) for claim in failing),
        tuple(doubted),
        *_inside(cells),
        scopes.pop() if len(scopes) == 1 else None,
    )
    return TheoremDigest(**{**vars(found), "sentence": _sentence(found)})


def _title(regime: str, theorem: Theorem | None, report: Report) -> str:
    if theorem is not None:
        return theorem.title
    try:
        return get_theorem(regime).title
    except TheoryError:
        return str(report.provenance.settings.get("title", regime))


def _inside(cells: Iterable[CellEntry]) -> tuple[int, int]:
    inside = [cell.inside for cell in cells]
    return sum(inside), len(inside)


def _lines(claims: Iterable[ClaimEntry]) -> Iterable[Line]:
    """A line a claim; claims derived here are told beside the one on the same quantity."""
    groups: dict[tuple[str, str], list[ClaimEntry]] = {}
    for claim in claims:
        stem = claim.id.removesuffix("d") if claim.provenance is Provenance.DERIVED else claim.id
        groups.setdefault((claim.part, stem), []).append(claim)
    for (part, _), (first, *rest) in groups.items():
        yield Line(part, first, _told(first), tuple(rest))


def _failing(claims: Iterable[ClaimEntry]) -> list[ClaimEntry]:
    """Claims that fail and are about no part; checks of this study do not count."""
    return [
        claim
        for claim in claims
        if claim.verdict in (Status.VIOLATED, Status.ERODES)
        and not claim.part
        and claim.id[:1] not in GROUNDWORK
    ]


def _told(claim: ClaimEntry) -> str:
    """What the verdict on a part rests on, in a few words."""
    found = claim.discrimination
    if found is None or claim.verdict not in (Status.HOLDS, Status.ERODES):
        return brief(claim.reason)
    if claim.verdict is Status.ERODES:
        powers = ", ".join(_eroding(found.found))
        return f"room shrinks as {powers}" if powers else brief(claim.reason)
    shape = "; ".join(_shapes(found.found))
    return "; ".join(part for part in (found.looseness, shape) if part) or brief(claim.reason)


def _eroding(found: Discrimination) -> Iterable[str]:
    """How the room of a bound shrinks.

    >>> from ..discrimination import NumberShape, Shape
    >>> shape = Shape((NumberShape("t", "eroding", -1.5, -1.6, -1.4),), 8)
    >>> list(_eroding(Discrimination(shape)))
    ['t^-1.50 as t grows']
    """
    for number in found.shape.of("eroding"):
        if number.power is not None:
            towards = "grows" if number.power < 0 else "falls"
            power = f"{number.name}^{number.power:.2f}"
            yield f"{power} as {number.name} {towards}"


def _shapes(found: Discrimination) -> Iterable[str]:
    """In which numbers a bound has the data's power, and in which its room grows."""
    for word in ("sharp", "loose", "eroding"):
        names = [number.name for number in found.shape.of(word)]
        if names:
            yield f"{word} in {', '.join(names)}"


def _sentence(found: TheoremDigest) -> str:
    """What holds of a theorem, and what does not."""
    if not found.lines:
        return ""
    stages: list[tuple[str, Status]] = []
    times: list[tuple[str, Status]] = []
    for part, claim in found.stages().items():
        (stages if part.startswith("stage") else times).append((part, claim.verdict))
    told = [*_grouped(stages, "stage"), *_grouped(times, "")]
    if found.failing:
        ids = _listed([line.claim.id for line in found.failing])
        told.append(f"{ids} fail{'s' if len(found.failing) == 1 else ''}")
    statuses = {status for _, status in (*stages, *times)}
    fails = bool(found.failing) or bool(statuses & {Status.VIOLATED, Status.ERODES})
    if Status.HOLDS in statuses:
        whole = len(statuses) == 1 and not fails
        head = "holds" if whole else "holds in part"
    elif fails:
        head = "fails"
    else:
        head = "says nothing" if Status.VACUOUS in statuses else "is undecided"
    return f"{head}: {'; '.join(told)}."


def _grouped(parts: Iterable[tuple[str, Status]], word: str) -> Iterable[str]:
    """Parts of the same status together, those that hold first.

    >>> list(_grouped([("stage 1", Status.VACUOUS), ("stage 2", Status.HOLDS)], "stage"))
    ['stage 2 holds', 'stage 1 says nothing']
    >>> list(_grouped([("T1", Status.VIOLATED), ("T2", Status.VIOLATED)], ""))
    ['the laws of T1 and T2 fail']
    """
    groups: dict[Status, list[str]] = {}
    for part, status in parts:
        groups.setdefault(status, []).append(part.removeprefix(word).strip())
    for status in reversed(WORST):
        names = groups.get(status, [])
        if names:
            many = len(names) > 1
            head = f"{word}{'s' if many else ''}" if word else f"the law{'s' if many else ''} of"
            yield f"{head} {_listed(names)} {_SAYS[status][many]}"


def _listed(names: Sequence[str]) -> str:
    """Names as in a sentence.

    >>> _listed(["a"]), _listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _worst(claims: Iterable[ClaimEntry]) -> ClaimEntry:
    return min(claims, key=lambda claim: WORST.index(claim.verdict))


def _harm(claims: Iterable[ClaimEntry]) -> str:
    """What the harm of harmful overfitting is, by the claim on test_error at large d."""
    for claim in claims:
        if claim.id == "H8" and claim.verdict is Status.VIOLATED and _HARM in claim.reason:
            trained = claim.reason.partition(_HARM)[2].partition("; ")[0]
            return f"{_HARM}{trained}; it classifies as well as what Theorem 4.2 calls benign"
    return ""


def _predicted(claims: Iterable[ClaimEntry]) -> str:
    """How close the limit comes to the trained runs, from the claims on it."""
    errors, runs = [], 0
    for claim in claims:
        about = claim.evidence.get("worst_errors") if claim.id.startswith(LIMIT) else None
        if about and claim.evidence.get("predicts"):
            at = f"{about['median']:.2%} ({about['at_95_percent']:.2%})"
            errors.append(f"{at} in {claim.evidence['predicts']}")
            runs = max(runs, int(claim.evidence["all"]["runs"]))
    if not errors:
        return ""
    return (
        f"the limit of large d and d_h, nothing fitted, is off in the median (95%) of {runs} "
        f"held-out runs by {', '.join(errors)}"
    )
