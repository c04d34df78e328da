"""The headline: how many sentences hold, by where they come from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ...theory import Provenance
from ..verdict import Status

#: First letters of claims that check the set-up, identities and assumptions.
GROUNDWORK = "SIA"

#: From the decision that says least for a sentence to the one that says most.
WORST = (
    Status.ERROR,
    Status.VIOLATED,
    Status.ERODES,
    Status.OUT_OF_SCOPE,
    Status.INCONCLUSIVE,
    Status.VACUOUS,
    Status.HOLDS,
)
#: The decision on one sentence, and on several, in words.
WORDS = {
    Status.HOLDS: ("holds", "hold"),
    Status.VIOLATED: ("is violated", "are violated"),
    Status.ERODES: ("erodes", "erode"),
    Status.VACUOUS: ("says nothing", "say nothing"),
    Status.INCONCLUSIVE: ("is undecided", "are undecided"),
    Status.OUT_OF_SCOPE: ("is out of scope", "are out of scope"),
    Status.ERROR: ("could not be checked", "could not be checked"),
}
#: The origins, in the order of the headline.
_ORIGINS = ("stated by the paper", "reconstructed, or recalled from its sources", "derived here")
_OWN_ORIGINS = ("stated", "reconstructed, or recalled from a source", "derived by the author")
#: The origin of claims on the groundwork.
CHECKS = "checks of this study"


@dataclass(frozen=True)
class Decision:
    """One decision, as far as the headline counts it.

    Attributes:
        claim: the claim's id.
        provenance: of its statement.
        status: the decision.
        weak: whether it is a weak HOLDS.
        outside: whether it holds where it was only tested outside the assumptions.
    """

    claim: str
    provenance: Provenance
    status: Status
    weak: bool = False
    outside: bool = False


@dataclass(frozen=True)
class Headline:
    """The sentences of one origin, each counted once.

    Attributes:
        title: the origin.
        sentences: how many.
        counts: how many by decision, with those that occur.
        weak: how many hold in a weak test only.
        outside: how many hold and were only tested outside the assumptions.
        own: whether they are a user-supplied theorem's, which has conditions of its own.
    """

    title: str
    sentences: int
    counts: Mapping[Status, int]
    weak: int = 0
    outside: int = 0
    own: bool = False

    def parts(self) -> list[tuple[Status, str]]:
        """Each decision with its count in words."""
        out = []
        what = "the conditions" if self.own else "the assumptions"
        for status, count in self.counts.items():
            aside = [
                f"{number} {said}"
                for number, said in (
                    (self.weak, f"of them {'a weak test' if self.weak == 1 else 'weak tests'}"),
                    (self.outside, f"only tested outside {what}"),
                )
                if number and status is Status.HOLDS
            ]
            text = f"{count} {WORDS[status][count != 1]}"
            out.append((status, f"{text} ({', '.join(aside)})" if aside else text))
        return out

    def line(self) -> str:
        """One line for people."""
        return f"{self.lead()}{', '.join(text for _, text in self.parts())}"

    def lead(self) -> str:
        """How the line begins."""
        many = "sentence" if self.sentences == 1 else "sentences"
        return f"{self.title}: of {self.sentences} {many} "


def headlines(decisions: Iterable[Decision], *, own: bool = False) -> tuple[Headline, ...]:
    r"""How many sentences of each origin hold; checks of the set-up and of algebra come last.

    A sentence that is decided in both regimes counts once, by the worse of the two.

    Args:
        decisions: every decision.
        own: whether they are on a user-supplied theorem, all of whose statements are its own.

    Example:
        >>> stated = [Decision("B8", Provenance.STATED, Status.HOLDS),
        ...           Decision("M1", Provenance.STATED, Status.HOLDS, weak=True),
        ...           Decision("M1", Provenance.STATED, Status.VIOLATED),
        ...           Decision("S1", Provenance.STATED, Status.HOLDS)]
        >>> print(*(each.line() for each in headlines(stated)), sep="\n")
        stated by the paper: of 2 sentences 1 holds, 1 is violated
        checks of this study: of 1 sentence 1 holds
    """
    groups: dict[str, dict[str, list[Decision]]] = {}
    origins = _OWN_ORIGINS if own else (*_ORIGINS, CHECKS)
    for one in decisions:
        groups.setdefault(_origin(one, origins), {}).setdefault(one.claim, []).append(one)
    return tuple(
        _headline(origin, [_of_sentence(same) for same in groups[origin].values()], own)
        for origin in origins
        if origin in groups
    )


def _origin(one: Decision, origins: tuple[str, ...]) -> str:
    if CHECKS in origins and one.claim[:1] in tuple(GROUNDWORK):
        return CHECKS
    ranks = {Provenance.STATED: 0, Provenance.DERIVED: 2}
    return origins[ranks.get(one.provenance, 1)]


def _of_sentence(same: list[Decision]) -> Decision:
    """The decision on a sentence that was decided once or in both regimes."""
    worst = min(same, key=lambda one: WORST.index(one.status))
    return replace(
        worst, weak=any(one.weak for one in same), outside=all(one.outside for one in same)
    )


def _headline(title: str, group: list[Decision], own: bool) -> Headline:
    seen = Counter(one.status for one in group)
    held = [one for one in group if one.status is Status.HOLDS]
    return Headline(
        title,
        len(group),
        {status: seen[status] for status in Status if seen[status]},
        weak=sum(one.weak for one in held),
        outside=sum(one.outside for one in held),
        own=own,
    )
