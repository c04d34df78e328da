"""The values that the page's template shows, selected from a report."""

from __future__ import annotations

import base64
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ....theory import Provenance
from ...verdict import Scope, Status
from ..digest import digest
from ..headline import Headline
from ..models import AssumptionsEntry, ClaimEntry, FigureEntry, Report
from ..sources import FILES
from ..wording import compared
from .beside import beside
from .filters import Anchors, slug
from .front import badge, findings, linked, ordered, strips
from .paper import parts
from .sentence import ASSUMPTION, CONDITIONS, DERIVED_BY_USER, sentence

#: The meaning of each scope of a verdict.
SCOPES = {
    "inside": "the deciding cells meet {assumption}",
    "outside": "no deciding cell meets {assumption}",
    "both": "some deciding cells meet {assumption}, some do not",
    "none": "it is not about cells",
}
#: Ids that the template uses itself.
FIXED = (
    *("theme", "main", "filters", "find", "open-all", "close-all", "reset", "shown", "none"),
    *("summary", "summary-h", "claims", "claims-h", "figures", "figures-h", "bibtex"),
    *("constants", "constants-h", "leave-one-out", "left-h", "assumptions", "assumptions-h"),
    *("provenance", "provenance-h", "cite", "cite-h", "for-a-paper", "paper-h", "choose"),
    *("problem", "linear", "chart", "readout", "chart-data"),
)
#: The suffix of a claim's id that names its sentence.
SENTENCE = "-sentence"
#: Fields of a problem that tell cells apart, with their symbols.
_BRIEF = {
    "n_samples": "N",
    "dim": "d",
    "key_dim": "d_h",
    "signal_norm": "μ",
    "noise_std": "σ_p",
    "flip_prob": "p",
    "learning_rate": "η",
    "init_std_v": "σ_V",
    "target_loss": "ε",
}


def page_view(document: Report, images: Mapping[str, bytes]) -> dict[str, Any]:
    """Everything the template needs except style and scripts.

    Args:
        document: a report.
        images: PNG files by their paths in the report.
    """
    anchors = _anchors(document)
    cells = {
        (cell.regime, cell.name): {"anchor": anchor, "brief": brief(cell.problem)}
        for cell, anchor in zip(document.cells, anchors.cells, strict=True)
    }
    anchored: dict[str, dict[str, str]] = {}
    for cell, anchor in zip(document.cells, anchors.cells, strict=True):
        anchored.setdefault(cell.regime, {})[cell.name] = anchor
    figures = list(_figures(document, anchors, images))
    settings = document.provenance.settings
    own = "theorem" in settings
    assumption = CONDITIONS if own else f"{ASSUMPTION} at C = 1"
    regimes: dict[str, list[dict[str, Any]]] = {name: [] for name in anchors.regimes}
    for claim, anchor in zip(document.claims, anchors.claims, strict=True):
        comparison = compared(claim.statistic, claim.relation, claim.threshold)
        regimes[claim.regime].append(
            {
                **dict(claim),
                "word": claim.word,
                "badge": badge(claim),
                "beside": beside(claim, anchored.get(claim.regime, {})),
                "comparison": comparison,
                "sentence": sentence(claim, comparison, own=own),
                "anchor": anchor,
                "cell": cells.get((claim.regime, claim.worst_cell or "")),
                "figures": _of_claim(claim, document, figures),
            }
        )
    groups = list(_cells(document, anchors))
    found = digest(document)
    lines = found.origins
    main_figures, other_figures = ordered(figures)
    named = {
        (claim.regime, claim.id): anchor
        for claim, anchor in zip(document.claims, anchors.claims, strict=True)
    }
    by_id = {claim: anchor for (_, claim), anchor in reversed(named.items())}
    sections = [
        ("summary", "Findings", True),
        ("figures", "Figures", other_figures),
        ("constants", "Constants", document.constants),
        ("leave-one-out", "Leave one out", document.leave_one_out),
        ("assumptions", "Assumptions and cells", groups),
        ("claims", "Ledger", True),
        ("for-a-paper", "For a paper", found.theorems),
        ("provenance", "Provenance", True),
        ("cite", "How to cite", True),
    ]
    return {
        "document": document,
        "settings": {
            name: ", ".join(map(str, value)) if isinstance(value, list) else value
            for name, value in settings.items()
            if value is not None and name not in ("claims", FILES)  # listed further down
        },
        "sections": [(anchor, name) for anchor, name, content in sections if content],
        "own": own,
        "assumption": CONDITIONS if own else ASSUMPTION,
        "headlines": lines,
        "tally": _tally(lines, document.claims),
        "filters": {
            group: _choices(document.claims, name)
            for group, name in (
                ("verdict", "word"),
                ("regime", "regime"),
                ("provenance", "provenance"),
                ("scope", "scope"),
            )
        },
        "regimes": [
            {"name": name, "anchor": anchors.regimes[name], "claims": claims}
            for name, claims in regimes.items()
        ],
        "findings": [linked(line, by_id) for line in findings(found)],
        "strips": strips(found, named, own=own),
        "main_figures": main_figures,
        "other_figures": other_figures,
        "paper_parts": parts(found, own=own),
        "constants": document.constants,
        "left_out": document.leave_one_out,
        "cells": groups,
        "items": _items(document.assumptions),
        "meanings": {tag.value: tag.meaning for tag in Provenance}
        | ({Provenance.DERIVED.value: DERIVED_BY_USER} if own else {}),
        "scopes": {name: text.format(assumption=assumption) for name, text in SCOPES.items()},
    }


def _tally(lines: Sequence[Headline], claims: Iterable[ClaimEntry]) -> list[dict[str, Any]]:
    """Counts by verdict, a column for each origin; weak tests have a row of their own."""
    rows = []
    words: dict[Status, list[str]] = {status: [status.value] for status in Status}
    for claim in claims:
        if not claim.weak and claim.word not in words[claim.verdict]:
            words[claim.verdict].append(claim.word)
    for status in Status:
        weak = [line.weak if status is Status.HOLDS else 0 for line in lines]
        all_ = [line.counts.get(status, 0) for line in lines]
        rows.append(
            {
                "verdict": status.value,
                "badge": slug(status.value),
                "link": f"verdict={','.join(map(quote, words[status]))}",
                "counts": [count - less for count, less in zip(all_, weak, strict=True)],
                "meaning": status.meaning,
                "outside": sum(line.outside for line in lines) if status is Status.HOLDS else 0,
            }
        )
        if any(weak):
            meaning = "held, where less than half of the wrong powers would have been rejected"
            word = status.shown(weak=True)
            rows.append(
                {
                    "verdict": word,
                    "badge": "weak",
                    "link": f"verdict={quote(word)}",
                    "counts": weak,
                    "meaning": meaning,
                    "outside": 0,
                }
            )
    return rows


def _choices(claims: Iterable[ClaimEntry], name: str) -> list[tuple[str, int]]:
    """Values of one field and their counts, in the usual order."""
    order = [word.value for kind in (Status, Provenance, Scope) for word in kind]
    order.insert(1, Status.HOLDS.shown(weak=True))
    counts = Counter(str(getattr(claim, name)) for claim in claims)
    return sorted(counts.items(), key=lambda item: order.index(item[0]) if item[0] in order else -1)


@dataclass(frozen=True)
class _Ids:
    """Ids of a report's parts in its order; ids of regimes by name."""

    regimes: dict[str, str]
    claims: list[str]
    figures: list[str]
    cells: list[str]


def _anchors(document: Report) -> _Ids:
    """A unique id for every link target.

    Different names may give the same slug: bounds B.1 and B-1, cells in other scripts.
    """
    anchors = Anchors(FIXED)
    named = [
        f"{claim.regime} {claim.id}" if claim.regime else f"claim {claim.id}"
        for claim in document.claims
    ]
    regimes = dict.fromkeys(claim.regime for claim in document.claims)
    return _Ids(
        regimes={regime: anchors.new(f"regime {regime}") for regime in regimes},
        claims=[anchors.new(name, SENTENCE) for name in named],
        figures=[anchors.new(f"figure {figure.name}") for figure in document.figures],
        cells=[anchors.new(f"cell {cell.regime} {cell.name}") for cell in document.cells],
    )


def _of_claim(
    claim: ClaimEntry, document: Report, figures: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The figures of a claim, those about it alone first."""
    pairs = zip(document.figures, figures, strict=True)
    bearing = [(figure, shown) for figure, shown in pairs if _bears_on(figure, claim)]
    return [shown for figure, shown in sorted(bearing, key=lambda pair: len(pair[0].claims) > 1)]


def _bears_on(figure: FigureEntry, claim: ClaimEntry) -> bool:
    """A figure without a regime shows runs of both."""
    return claim.id in figure.claims and figure.regime in ("", claim.regime)


def _figures(
    document: Report, anchors: _Ids, images: Mapping[str, bytes]
) -> Iterator[dict[str, Any]]:
    for figure, anchor in zip(document.figures, anchors.figures, strict=True):
        picture = next((images[file] for file in figure.files if file in images), None)
        width, height = (0, 0) if picture is None else struct.unpack(">II", picture[16:24])
        yield {
            **dict(figure),
            "anchor": anchor,
            "image": picture and f"data:image/png;base64,{base64.b64encode(picture).decode()}",
            "width": width,
            "height": height,
            "links": [
                (target, claim.id)
                for claim, target in zip(document.claims, anchors.claims, strict=True)
                if _bears_on(figure, claim)
            ],
        }


def brief(problem: Mapping[str, Any]) -> str:
    """The numbers of a problem that tell cells apart, in one line.

    >>> brief({"n_samples": 20, "dim": 2000000000, "flip_prob": 0.1})
    'N 20, d 2e+09, p 0.1'
    """
    shown = _BRIEF if _BRIEF.keys() & problem.keys() else dict(zip(problem, problem, strict=True))
    return ", ".join(
        f"{sign} {problem[name]:.4g}" for name, sign in shown.items() if name in problem
    )


def _items(assumptions: Iterable[AssumptionsEntry]) -> list[int]:
    return sorted({row.item for report in assumptions for row in report.rows})


def _cells(document: Report, anchors: _Ids) -> Iterator[dict[str, Any]]:
    """Cells by regime and kind, each with its room under every item of Assumption 4.1."""
    reports = {(report.regime, report.cell): report for report in document.assumptions}
    items = _items(document.assumptions)
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for cell, anchor in zip(document.cells, anchors.cells, strict=True):
        report = reports.get((cell.regime, cell.name))
        ratios = []
        for item in items:
            rows = [row for row in report.rows if row.item == item] if report else []
            known = [row.ratio for row in rows if row.ratio is not None]
            # negative sides have no ratio, but the inequality holds or fails all the same
            least = min(known, default=None) if len(known) == len(rows) else None
            ratios.append((least, all(row.holds for row in rows)))
        groups.setdefault((cell.regime, cell.kind), []).append(
            {
                **dict(cell),
                "anchor": anchor,
                "brief": brief(cell.problem),
                "ratios": ratios,
                "unmet": ", ".join(
                    str(item) for item, (_, met) in zip(items, ratios, strict=True) if not met
                )
                or "none",
                "largest": report.largest_constant if report else None,
            }
        )
    for (regime, kind), group in groups.items():
        inside = sum(row["inside"] for row in group)
        yield {"regime": regime, "kind": kind, "rows": group, "inside": inside}
