"""A5: the learning rate is small (Assumption 4.1, item 5)."""

from ....checks.assumption import assumption_claim

CLAIM = assumption_claim(5, "The learning rate is below its cap")
