"""A1: the widths are large enough (Assumption 4.1, item 1)."""

from ....checks.assumption import assumption_claim

CLAIM = assumption_claim(
    1, "The input and query/key dimensions are large enough (over-parameterised)"
)
