"""Wording shared by the terminal's tables and the web page."""

from __future__ import annotations

#: First letters of claims that check the set-up, identities and assumptions.
GROUNDWORK = "SIA"


def compared(statistic: float | None, relation: str, threshold: float | None) -> str:
    """A number compared with its threshold; empty if there is no number.

    >>> compared(0.0231, "<=", 0.05), compared(0.8, ">=", 1.0), compared(0.8, ">=", None)
    ('0.0231 <= 0.05', '0.8 < 1', '0.8')
    """
    if statistic is None:
        return ""
    if threshold is None:
        return f"{statistic:.3g}"
    met = statistic <= threshold if relation == "<=" else statistic >= threshold
    sign = relation if met else {"<=": ">", ">=": "<"}[relation]
    left, right = f"{statistic:.3g}", f"{threshold:.3g}"
    if left == right and not met:  # rounding must not make a failure look like equality
        left = f"{statistic:.9g}"
    return f"{left} {sign} {right}"
