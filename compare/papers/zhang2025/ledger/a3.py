"""A3: flips are not too many (Assumption 4.1, item 3)."""

from ....checks.assumption import assumption_claim

CLAIM = assumption_claim(3, "The flip probability is small and below one half")
