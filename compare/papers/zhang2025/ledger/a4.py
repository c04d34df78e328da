"""A4: the output weights are bounded (Assumption 4.1, item 4)."""

from ....checks.assumption import assumption_claim

CLAIM = assumption_claim(4, "The norm of the output weights lies within fixed bounds")
