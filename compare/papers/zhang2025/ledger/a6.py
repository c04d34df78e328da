"""A6: the value init is small (Assumption 4.1, item 6)."""

from ....checks.assumption import assumption_claim

CLAIM = assumption_claim(6, "The initial standard deviation of W_V is below its cap")
