"""`ExactTests`: does drawn data follow the distribution the paper states?

Every test's p-value is exact. The smallest, times the number of tests, is compared with
`EXACT_TESTS_FALSE_ALARM`: a true statement is called violated at most that often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..cells import Study
from ..claim import Claim
from ..thresholds import EXACT_TESTS_FALSE_ALARM
from ..verdict import Status, Verdict


@dataclass(frozen=True)
class ExactTests:
    """HOLDS unless one test rejects, at a false alarm of 1e-4 over all tests.

    Attributes:
        p_values: test name -> exact two-sided p-value.
        evidence: for the report, beside the p-values.
    """

    p_values: Mapping[str, float]
    evidence: Mapping[str, object] = field(default_factory=dict)

    def decide(self, claim: Claim, study: Study) -> Verdict:
        """The verdict on the claim these tests are of."""
        p_values = self.p_values
        if not p_values:
            return claim.verdict(study, Status.INCONCLUSIVE, "there is nothing drawn to test")
        worst = min(p_values, key=lambda name: p_values[name])
        adjusted = min(1.0, len(p_values) * p_values[worst])
        tests = f"{len(p_values)} exact test" + ("s" if len(p_values) > 1 else "")
        return claim.verdict(
            study,
            Status.HOLDS if adjusted >= EXACT_TESTS_FALSE_ALARM else Status.VIOLATED,
            f"{tests}; the sharpest is {worst}: adjusted p-value {adjusted:.2g}",
            statistic=adjusted,
            statistic_name="smallest p-value times the number of tests",
            relation=">=",
            threshold=EXACT_TESTS_FALSE_ALARM,
            tightness=adjusted / EXACT_TESTS_FALSE_ALARM,
            evidence={
                "p_values": dict(p_values),
                "false_alarm": EXACT_TESTS_FALSE_ALARM,
                **self.evidence,
            },
        )
