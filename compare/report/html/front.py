"""The page's first screen: findings, a strip of verdicts a theorem, the main figures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from ..digest import Digest, TheoremDigest
from ..models import ClaimEntry
from .filters import slug
from .sentence import ASSUMPTION
from .typeset import maths

_WORD = re.compile(r"(?<![\w^])([A-Z]\d+[a-z]?)(?!\w)")
#: How the finding on harmful overfitting begins.
_HARM = "What Theorem 4.3 calls harmful is harmful to the loss alone: "


def badge(claim: ClaimEntry) -> str:
    """The CSS class of a verdict."""
    return "weak" if claim.weak else slug(claim.verdict.value)


def findings(found: Digest) -> list[str]:
    """Three to five sentences, each made from numbers of the report."""
    told = [f"{theorem.title} {theorem.sentence}" for theorem in found.theorems]
    told += [law for theorem in found.theorems if (law := _law(theorem))]
    if found.harm:
        told.append(f"{_HARM}{found.harm.partition(': ')[2]}.")
    if found.predicted:
        told.append(f"{found.predicted[:1].upper()}{found.predicted[1:]}.")
    return told


def linked(text: str, anchors: Mapping[str, str]) -> Markup:
    """A sentence whose claims are links.

    >>> linked("stage 2 holds; B11 fails", {"B11": "benign-b11"})
    Markup('stage 2 holds; <a href="#benign-b11">B11</a> fails')
    """
    return Markup("").join(
        Markup('<a href="#{}">{}</a>').format(anchors[word], word) if word in anchors
        else maths(word)
        for word in re.split(_WORD, text)
    )  # fmt: skip


def _law(theorem: TheoremDigest) -> str:
    """The first law of a time that fails, with the powers that were measured."""
    for line in theorem.lines:
        if line.part.startswith("T") and line.claim.verdict == "VIOLATED":
            other = line.beside[0] if line.beside else None
            holds = other is not None and other.verdict == "HOLDS"
            end = f"; the law derived here ({other.id}) holds" if other and holds else ""
            return f"{line.part} {line.text}{end}."
    return ""


def strips(
    found: Digest, anchors: Mapping[tuple[str, str], str], *, own: bool = False
) -> list[dict[str, Any]]:
    """For each theorem its parts, each with the verdict, why, and a link to the claim.

    Args:
        found: the digest.
        anchors: of claims, by regime and id.
        own: whether the theorems are a user's instead of the paper's.
    """
    assumption = "its conditions" if own else ASSUMPTION
    return [
        {
            "title": theorem.title,
            "where": f"{theorem.inside} of {theorem.cells} problems inside {assumption}"
            if theorem.cells
            else "",
            "parts": [
                {
                    "part": line.part or line.claim.id,
                    "id": line.claim.id,
                    "badge": badge(line.claim),
                    "word": line.claim.word,
                    "text": line.text if line.part else line.claim.statement,
                    "anchor": anchors[theorem.regime, line.claim.id],
                    "scope": line.claim.scope.value,
                }
                for line in (*theorem.lines, *theorem.failing)
            ],
        }
        for theorem in found.theorems
    ]


def ordered(figures: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The main figures, one a regime, and the rest.

    Args:
        figures: in the report's order, the foremost first.
    """
    wanted = ("benign-errors", "harmful-losses")
    main = [figure for figure in figures if figure["name"] in wanted and figure["image"]]
    main = main or [figure for figure in figures if figure["image"]][:1]
    return main, [figure for figure in figures if figure not in main]
