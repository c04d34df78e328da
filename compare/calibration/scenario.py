"""`Scenario`: a study whose right verdicts are known, drawn again and again."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from ..cells import Study
from ..fitting.constants import fit_constants
from ..papers.zhang2025.ledger import all_claims
from ..statistics.binomial import exact_bounds
from ..verdict import Status


class Kind(StrEnum):
    """What a scenario is there to find out.

    >>> Kind("violated") is Kind.VIOLATED
    True
    """

    TRUE = "true"
    EDGE = "true, only just"
    VIOLATED = "violated"
    VACUOUS = "trivially loose"
    OUTSIDE = "fails only outside the assumptions"


#: Verdicts that reject a claim.
REJECTIONS = (Status.VIOLATED, Status.ERROR)
#: What should come out, for kinds that ask for one verdict.
EXPECTED = {
    Kind.VIOLATED: Status.VIOLATED,
    Kind.VACUOUS: Status.VACUOUS,
    Kind.OUTSIDE: Status.VIOLATED,
}


@dataclass(frozen=True)
class Scenario:
    """A known truth, or a known departure from one.

    Attributes:
        name: unique, in words with dashes.
        kind: what it is there to find out.
        claims: ids of the claims it speaks about.
        statement: the truth, in one sentence.
        build: generator and factor on the measured scatter -> an unfitted study.
        nominal: for kinds `Kind.TRUE` and `Kind.EDGE`, rejections that are allowed for.
        sized: whether it is one of several sizes of the same, and few replicates will do.

    Example:
        >>> from bofcheck.compare.calibration import all_scenarios
        >>> scenario = all_scenarios()["broken-floor"]
        >>> scenario.statement
        'one of ten held-out cells has a stage-3 test_loss 1% below the bound'
        >>> scenario.kind.value, scenario.claims
        ('violated', ('H6',))
    """

    name: str
    kind: Kind
    claims: tuple[str, ...]
    statement: str
    build: Callable[[np.random.Generator, float], Study]
    nominal: float = 0.05
    sized: bool = False

    def draw(self, seed: int, replicate: int, noise: float = 1.0) -> Study:
        """One fitted study; the same numbers give the same study.

        >>> from bofcheck.compare.calibration import all_scenarios
        >>> study = all_scenarios()["benign-bounds"].draw(seed=0, replicate=0)
        >>> sorted(study.constants.values())[:3]
        ['C2', 'a of T3 (derived)', 'b of T3 (derived)']
        """
        key = (seed, zlib.crc32(self.name.encode()), replicate)
        return fit_constants(self.build(np.random.default_rng(key), noise))


@dataclass(frozen=True)
class Tally:
    """Verdicts on one claim over replicates of a scenario.

    Attributes:
        scenario: the known truth.
        claim: the claim's id.
        statuses: verdict -> how many replicates ended so.

    Example:
        >>> from bofcheck.compare.calibration import all_scenarios
        >>> scenario = all_scenarios()["broken-floor"]
        >>> tally = Tally(scenario, "H6", {Status.VIOLATED: 99, Status.INCONCLUSIVE: 1})
        >>> tally.hits, [round(end, 3) for end in tally.interval()]
        (99, [0.946, 1.0])
    """

    scenario: Scenario
    claim: str
    statuses: Mapping[Status, int] = field(default_factory=dict)

    @property
    def replicates(self) -> int:
        """How many studies were drawn."""
        return sum(self.statuses.values())

    @property
    def hits(self) -> int:
        """Rejections of a truth; for the other kinds, verdicts that are as expected."""
        wanted: tuple[Status, ...] = REJECTIONS
        if self.scenario.kind in EXPECTED:
            wanted = (EXPECTED[self.scenario.kind],)
        return sum(self.statuses.get(status, 0) for status in wanted)

    def interval(self, miss: float = 0.025) -> tuple[float, float]:
        """Exact interval of the rate of hits, either end missing with ``miss``."""
        return exact_bounds(self.hits, self.replicates, miss)


def decide_scenario(scenario: Scenario, study: Study) -> dict[str, Status]:
    """The verdict on each of the scenario's claims, by the checks of the ledger."""
    ledger = all_claims()
    return {name: ledger[name].check.decide(ledger[name], study).status for name in scenario.claims}


def replicate(
    scenario: Scenario, replicates: int, *, seed: int = 0, noise: float = 1.0, first: int = 0
) -> tuple[Tally, ...]:
    """Draw, fit and judge a scenario many times.

    Args:
        scenario: the known truth.
        replicates: how many studies.
        seed: of all draws.
        noise: factor on the measured scatter between runs.
        first: number of the first replicate.

    Example:
        >>> from bofcheck.compare.calibration import all_scenarios
        >>> tally = replicate(all_scenarios()["broken-floor"], 3)[0]
        >>> tally.claim, tally.hits, tally.replicates
        ('H6', 3, 3)
    """
    counts = {name: Counter[Status]() for name in scenario.claims}
    for number in range(first, first + replicates):
        for name, status in decide_scenario(scenario, scenario.draw(seed, number, noise)).items():
            counts[name][status] += 1
    return tuple(Tally(scenario, name, dict(count)) for name, count in counts.items())
