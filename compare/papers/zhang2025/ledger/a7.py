"""A7: the key init lies in its window (Assumption 4.1, item 7)."""

from ....checks.assumption import assumption_claim

CLAIM = assumption_claim(7, "The initial variance of W_Q and W_K lies in its window")
