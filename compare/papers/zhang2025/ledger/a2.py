"""A2: enough samples (Assumption 4.1, item 2)."""

from ....checks.assumption import assumption_claim

CLAIM = assumption_claim(2, "The sample size is at least of the order of log d")
