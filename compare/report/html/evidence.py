"""The evidence of a verdict in the order a reader asks for it: runs first, then numbers, tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .filters import Table, num, words

#: What `ViolationRate` keeps about runs, and what it is called.
_RUNS = {"inside": "inside", "outside": "outside", "all": "all held-out runs"}
_TALLY = ("runs", "violations", "undecided", "fraction_low", "fraction_high")
_SAID = {
    "confidence": "confidence of the limits",
    "trivial_runs": "runs in which the bound says no more than the trivial one",
    "false_alarm": "chance of a false alarm",
    "median_time_over_law": "measured time over the law, median of each problem",
    "spread_inside": "spread of time over law, problems inside",
    "spread_all": "spread of time over law, all problems",
    "spread_by_form": "spread of time over law, by law",
    "cells_without_the_event": "problems without the event",
    "not_tested_by_the_spread": "numbers that the spread does not test",
    "interval_95": "95% interval",
    "fraction_low": "lower limit",
    "fraction_high": "upper limit",
    "worst_margin": "worst margin (above 0 violates)",
    "cells": "problems",
    "cell": "problem",
    "cells_used": "problems used",
    "constants_and_widened": "constants, fitted and widened",
}


def label(key: str) -> str:
    """A key of the evidence in words.

    >>> label("interval_95"), label("median_over_runs")
    ('95% interval', 'median over runs')
    """
    return _SAID.get(key, words(key))


def blocks(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """The evidence as a table of runs, facts in a line each, and named tables.

    Args:
        evidence: of a claim.

    Returns:
        ``runs``, a table or None; ``facts``, pairs of label and value that need one line;
        ``rest``, pairs of label and value that need more.

    Example:
        >>> row = dict(runs=8, violations=1, undecided=0, fraction_low=0.1, fraction_high=0.4)
        >>> found = blocks({"all": row, "inside": row, "outside": row, "confidence": 0.95})
        >>> found["runs"].columns[:3], found["facts"], found["rest"]
        (['', 'runs', 'violate'], [('confidence of the limits', 0.95)], [])
    """
    tallies = {
        name: evidence[key]
        for key, name in _RUNS.items()
        if isinstance(evidence.get(key), dict) and set(_TALLY) <= evidence[key].keys()
    }
    rows = [[name, *(tally[key] for key in _TALLY)] for name, tally in tallies.items()]
    heads = ["", "runs", "violate", "undecided", "95%: at least", "at most"]
    taken = {key for key, name in _RUNS.items() if name in tallies}
    others = {key: value for key, value in evidence.items() if key not in taken}
    facts = [(label(key), value) for key, value in others.items() if _short(value)]
    rest = [(label(key), value) for key, value in others.items() if not _short(value) and value]
    return {"runs": Table(heads, rows, 0) if rows else None, "facts": facts, "rest": rest}


def _short(value: Any) -> bool:
    """Whether a value fits in a line."""
    if isinstance(value, dict):
        return False
    if isinstance(value, list):
        return len(value) <= 8 and not any(isinstance(each, dict | list) for each in value)
    return True


def pair(value: Any) -> str:
    """Two numbers as an interval; empty for anything else.

    >>> pair([-1.0, 2.5]), pair([1, 2, 3])
    ('−1 to 2.5', '')
    """
    if isinstance(value, list) and len(value) == 2:
        ends = all(isinstance(each, int | float) and not isinstance(each, bool) for each in value)
        return " to ".join(num(each).replace("-", "−") for each in value) if ends else ""
    return ""
