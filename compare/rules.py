"""`rule_of`: how a claim is decided, in the words of the docstrings of its check."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from .claim import Claim

#: What ends the prose of a Google docstring.
_SECTIONS = re.compile(r"^(Args|Returns|Raises|Example|Attributes|Yields):$", re.MULTILINE)


def rule_of(claim: Claim) -> str:
    """The rule by which a claim is decided: statistic, threshold, sample.

    It stands in the docstring of the claim's check and of the checks in `bofcheck.compare.checks`
    that this one hands over to, so that it cannot drift from the code it sits on.

    Returns:
        Paragraphs separated by blank lines.

    Example:
        >>> from .papers.zhang2025.ledger import all_claims
        >>> print(rule_of(all_claims()["B8"]).splitlines()[0])
        The excess (1-2p)·P(ŷf ≤ 0) of each held-out stage run at its last logged step.
    """
    found = dict.fromkeys(_prose(check) for check in _checks(claim.decide))
    paragraphs = "\n\n".join(found).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _checks(check: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """A check, then those it calls by a name that begins with ``decide_``, if documented."""
    if _prose(check):
        yield check
    code = getattr(check, "__code__", None)
    for name in code.co_names if code else ():
        other = check.__globals__.get(name)
        if name.startswith("decide_") and inspect.isfunction(other):
            yield from _checks(other)


def _prose(check: Callable[..., Any]) -> str:
    text = inspect.getdoc(check) or ""
    return _SECTIONS.split(text)[0].strip()
