"""What the page's template shows, picked from a report."""

from __future__ import annotations

import base64
import struct
from collections.abc import Iterable, Mapping
from typing import Any

from ...theory import Provenance
from ..report_types import AssumptionsEntry, CellEntry, ClaimEntry, FigureEntry, Report
from ..terminal import GROUNDWORK, compared
from ..verdict import Scope, Status
from .filters import slug
from .sentence import ASSUMPTION, OWN_CONDITIONS, OWN_DERIVED, sentence

#: What the scope of a verdict means.
SCOPES = {
    "inside": "the deciding cells meet {assumption}",
    "outside": "no deciding cell meets {assumption}",
    "both": "some deciding cells meet {assumption}, some do not",
    "none": "no cell's standing bears on it",
}
#: Fields of a problem that tell cells apart, with the symbols they go by.
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
    """Everything the template needs beside its looks.

    Args:
        document: a report.
        images: PNG files by the path the report gives them.
    """
    cells = {(one["regime"], one["name"]): one for one in document["cells"]}
    figures = [_figure(one, document["claims"], images) for one in document["figures"]]
    settings = document["provenance"]["settings"]
    own = "theorem" in settings
    assumption = OWN_CONDITIONS if own else f"{ASSUMPTION} at C = 1"
    claims = [_claim(one, cells, document["figures"], own) for one in document["claims"]]
    regimes: dict[str, list[dict[str, Any]]] = {}
    for claim in claims:
        regimes.setdefault(claim["regime"], []).append(claim)
    groups = list(_cells(document))
    sections = [
        ("summary", "Summary", True),
        ("claims", "Claims", True),
        ("figures", "Figures", figures),
        ("constants", "Constants", document["constants"]),
        ("leave-one-out", "Leave one out", document["leave_one_out"]),
        ("assumptions", "Assumptions and cells", groups),
        ("provenance", "Provenance", True),
        ("cite", "How to cite", True),
    ]
    return {
        "document": document,
        "settings": {
            name: ", ".join(map(str, one)) if isinstance(one, list) else one
            for name, one in settings.items()
            if one is not None and name != "claims"  # the page lists them
        },
        "sections": [(anchor, name) for anchor, name, there in sections if there],
        "own": own,
        "assumption": OWN_CONDITIONS if own else ASSUMPTION,
        "tally": _tally(document["claims"], GROUNDWORK if not own else ""),
        "filters": {
            name: _choices(document["claims"], name)
            for name in ("verdict", "regime", "provenance", "scope")
        },
        "regimes": regimes,
        "figures": figures,
        "constants": document["constants"],
        "left_out": document["leave_one_out"],
        "cells": groups,
        "items": _items(document["assumptions"]),
        "meanings": {tag.value: tag.meaning for tag in Provenance}
        | ({Provenance.DERIVED.value: OWN_DERIVED} if own else {}),
        "scopes": {name: text.format(assumption=assumption) for name, text in SCOPES.items()},
    }


def _tally(claims: Iterable[ClaimEntry], groundwork: str) -> list[dict[str, Any]]:
    """Counts by verdict, those that occur first."""
    rows = []
    for status in Status:
        those = [one for one in claims if one["verdict"] == status.value]
        ground = sum(one["id"][:1] in tuple(groundwork) for one in those)
        holds = status is Status.HOLDS
        rows.append(
            {
                "verdict": status.value,
                "paper": len(those) - ground,
                "ground": ground,
                "meaning": status.meaning,
                "outside": sum(one["scope"] == Scope.OUTSIDE for one in those) if holds else 0,
            }
        )
    return rows


def _choices(claims: Iterable[ClaimEntry], name: str) -> list[tuple[str, int]]:
    """Values of one field with how often each occurs, in the order people know them by."""
    order = [one.value for kind in (Status, Provenance, Scope) for one in kind]
    found: dict[str, int] = {}
    for claim in claims:
        value = str(claim[name])  # type: ignore[literal-required]  # one of a few known names
        found[value] = found.get(value, 0) + 1
    return sorted(found.items(), key=lambda one: order.index(one[0]) if one[0] in order else -1)


def _anchor(regime: str, name: str) -> str:
    return slug(f"{regime} {name}") if regime else slug(f"claim {name}")


def _claim(
    claim: ClaimEntry,
    cells: Mapping[tuple[str, str], CellEntry],
    figures: list[FigureEntry],
    own: bool,
) -> dict[str, Any]:
    worst = cells.get((claim["regime"], claim["worst_cell"] or ""))
    comparison = compared(_float(claim["statistic"]), claim["relation"], _float(claim["threshold"]))
    return {
        **claim,
        "anchor": _anchor(claim["regime"], claim["id"]),
        "comparison": comparison,
        "sentence": sentence(claim, comparison, own=own),
        "cell": worst and {"anchor": _cell_anchor(worst), "brief": brief(worst["problem"])},
        "figures": [
            {"name": one["name"], "anchor": slug(f"figure {one['name']}")}
            for one in figures
            if _bears_on(one, claim)
        ],
    }


def _bears_on(figure: FigureEntry, claim: ClaimEntry) -> bool:
    """A figure without a regime shows runs of both."""
    return claim["id"] in figure["claims"] and figure["regime"] in ("", claim["regime"])


def _float(value: float | str | None) -> float | None:
    return None if value is None else float(value)


def _figure(
    figure: FigureEntry, claims: Iterable[ClaimEntry], images: Mapping[str, bytes]
) -> dict[str, Any]:
    picture = next((images[file] for file in figure["files"] if file in images), None)
    width, height = (0, 0) if picture is None else struct.unpack(">II", picture[16:24])
    return {
        **figure,
        "anchor": slug(f"figure {figure['name']}"),
        "image": picture and f"data:image/png;base64,{base64.b64encode(picture).decode()}",
        "width": width,
        "height": height,
        "links": [
            (_anchor(one["regime"], one["id"]), one["id"])
            for one in claims
            if _bears_on(figure, one)
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


def _cell_anchor(cell: CellEntry) -> str:
    return slug(f"cell {cell['regime']} {cell['name']}")


def _items(assumptions: Iterable[AssumptionsEntry]) -> list[int]:
    return sorted({row["item"] for one in assumptions for row in one["rows"]})


def _cells(document: Report) -> Iterable[dict[str, Any]]:
    """Cells by regime and kind, each with its room under every item of Assumption 4.1."""
    reports = {(one["regime"], one["cell"]): one for one in document["assumptions"]}
    items = _items(document["assumptions"])
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for cell in document["cells"]:
        report = reports.get((cell["regime"], cell["name"]))
        rows = report["rows"] if report else []
        ratios = []
        for item in items:
            mine = [row for row in rows if row["item"] == item]
            least = min((_float(row["ratio"]) or 0.0 for row in mine), default=None)
            ratios.append((least, all(row["holds"] for row in mine)))
        groups.setdefault((cell["regime"], cell["kind"]), []).append(
            {
                **cell,
                "anchor": _cell_anchor(cell),
                "brief": brief(cell["problem"]),
                "ratios": ratios,
                "largest": report["largest_constant"] if report else None,
            }
        )
    for (regime, kind), group in groups.items():
        inside = sum(one["inside"] for one in group)
        yield {"regime": regime, "kind": kind, "rows": group, "inside": inside}
