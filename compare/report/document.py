"""`report_document`: a verification as one JSON-ready document."""

from __future__ import annotations

import json
import platform
from collections import Counter
from collections.abc import Iterable
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np

from ..._version import __version__
from ...theory import Formula, Theorem, formulas
from ..cells import Array, CellResult, Study
from ..fitting.leave_one_out import LeftOut
from ..papers.zhang2025.ledger import all_claims
from ..verdict import AtOneOverD, Status, Verdict
from .formulas import claim_formulas
from .jsonable import jsonable
from .models import (
    AssumptionsEntry,
    AtOneOverDEntry,
    CellEntry,
    ClaimEntry,
    ConstantsEntry,
    EventEntry,
    FigureEntry,
    FormulaEntry,
    LeftOutEntry,
    ProvenanceEntry,
    Report,
)

if TYPE_CHECKING:
    from ..figures import DrawnFigure
    from ..papers.zhang2025.decide import Decisions
    from ..verify import Verification

SCHEMA = 2

#: Packages whose version numbers can change a result.
PACKAGES = ("numba", "numpy", "pydantic", "scipy", "sympy", "torch", "xarray")


def report_document(verification: Verification | Decisions) -> Report:
    """Everything a verification, or a run of the ledger, found, with what it was made from.

    The same verification gives the same document, training time in ``provenance`` included:
    it is read from the trajectories.

    Returns:
        A document of the shape `bofcheck.compare.report.models.Report`, strict JSON throughout.
    """
    from ..figures import figures_of  # matplotlib, which only a whole report needs

    studies = verification.studies
    theorems = {study.theorem.regime: study.theorem for study in studies}
    results = [(study.theorem.regime, result) for study in studies for result in study.results]
    return {
        "format": "bofcheck report",
        "schema": SCHEMA,
        "counts": count_verdicts(one.status for one in verification.verdicts),
        "claims": [
            claim_entry(verdict, theorems.get(verdict.regime)) for verdict in verification.verdicts
        ],
        "constants": [_constants(study) for study in studies if study.constants.asked],
        "leave_one_out": [_left_out(row) for row in verification.left_out],
        "assumptions": [_assumptions(regime, result) for regime, result in results],
        "cells": [_cell(regime, result) for regime, result in results],
        "figures": figure_entries(figures_of(verification)),
        "provenance": _provenance(verification),
    }


def figure_entries(figures: Iterable[DrawnFigure]) -> list[FigureEntry]:
    """What a report says about figures."""
    return [
        {
            "name": figure.name,
            "regime": figure.regime,
            "caption": figure.caption,
            "files": list(figure.files),
            "claims": list(figure.claims),
        }
        for figure in figures
    ]


def report_text(document: Report) -> bytes:
    """A report as it stands in report.json: strict JSON, UTF-8."""
    text = json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False)
    return f"{text}\n".encode()


def count_verdicts(verdicts: Iterable[str]) -> dict[str, int]:
    """How many verdicts there are of each status, zeros included.

    >>> count_verdicts(["HOLDS"])["HOLDS"], count_verdicts([])["ERROR"]
    (1, 0)
    """
    seen = Counter(verdicts)
    return {status.value: seen[status] for status in Status}


def claim_entry(verdict: Verdict, theorem: Theorem | None) -> ClaimEntry:
    """One verdict, JSON-ready, with the formulas its claim is about."""
    return {
        "id": verdict.claim,
        "regime": verdict.regime,
        "statement": verdict.statement,
        "verdict": verdict.status.value,
        "reason": verdict.reason,
        "scope": verdict.scope.value,
        "provenance": verdict.provenance.value,
        "source": verdict.source,
        "statistic": jsonable(verdict.statistic),
        "statistic_name": verdict.statistic_name,
        "relation": verdict.relation,
        "threshold": jsonable(verdict.threshold),
        "tightness": jsonable(verdict.tightness),
        "worst_cell": verdict.worst_cell,
        "at_one_over_d": _at_one_over_d(verdict.at_one_over_d),
        "formulas": _formulas(verdict.claim, theorem),
        "evidence": jsonable(verdict.evidence),
    }


def _formulas(claim: str, theorem: Theorem | None) -> list[FormulaEntry]:
    """The formulas a claim of the ledger names, or the theorem's formula of the claim's name."""
    if theorem is None:
        return []
    if claim in all_claims() and theorem.name in all_claims()[claim].regimes:
        return [_formula(*named) for named in claim_formulas(all_claims()[claim], theorem)]
    return [_formula(claim, one) for one in formulas(theorem).get(claim, ())]


def _formula(name: str, formula: Formula) -> FormulaEntry:
    return {
        "name": name,
        "latex": formula.latex(),
        "mathml": formula.mathml(),
        "provenance": formula.provenance.value,
        "source": formula.source,
        "rebuilt_from": getattr(formula, "rebuilt_from", ""),
    }


def _at_one_over_d(one: AtOneOverD | None) -> AtOneOverDEntry | None:
    if one is None:
        return None
    return {
        "level": jsonable(one.level),
        "verdict": one.status.value,
        "runs": one.runs,
        "violations": one.violations,
        "undecided": one.undecided,
        "runs_to_decide": one.runs_to_decide,
    }


def _constants(study: Study) -> ConstantsEntry:
    return {
        "regime": study.theorem.regime,
        "constants": [
            {
                "name": one.name,
                "fitted": jsonable(one.value),
                "widened": jsonable(one.widened),
                "bounds": list(one.bounds),
                "runs": int(one.runs),
                "points": int(one.points),
                "note": one.note,
                "limits": None if one.limits is None else [jsonable(end) for end in one.limits],
            }
            for one in study.constants
        ],
        "failures": dict(study.constants.failures),
    }


def _left_out(row: LeftOut) -> LeftOutEntry:
    return {
        "regime": row.regime,
        "number": row.number,
        "largest": jsonable(row.largest),
        "fitted_up_to": jsonable(row.fitted_up_to),
        "fitted": list(row.fitted),
        "judged": list(row.judged),
        "constants": {name: jsonable(pair) for name, pair in row.constants.items()},
        "claims": [
            {
                "claim": one.claim,
                "verdict": one.status.value,
                "runs": one.runs,
                "violations": one.violations,
                "undecided": one.undecided,
            }
            for one in row.claims
        ],
        "note": row.note,
    }


def _assumptions(regime: str, result: CellResult) -> AssumptionsEntry:
    report = result.assumptions
    return {
        "regime": regime,
        "cell": result.cell.name,
        "holds": report.holds,
        "constant": jsonable(report.constant),
        "largest_constant": jsonable(report.largest_constant),
        "failing": list(report.failing),
        "rows": [
            {
                "item": row.item,
                "text": row.text,
                "left": jsonable(row.left),
                "relation": row.relation,
                "right": jsonable(row.right),
                "ratio": jsonable(row.ratio),
                "holds": row.holds,
            }
            for row in report.rows
        ],
    }


def _cell(regime: str, result: CellResult) -> CellEntry:
    cell, trajectory = result.cell, result.trajectory
    return {
        "regime": regime,
        "name": cell.name,
        "role": cell.role.value,
        "kind": cell.kind,
        "note": cell.note,
        "problem": jsonable(cell.numbers()),
        "steps": cell.steps,
        "seeds": len(trajectory.seeds),
        "inside": result.inside,
        "diverged": int(trajectory.diverged.sum()),
        "n_snr2": jsonable(_strength(result)),
        "events": {name: _event(steps) for name, steps in result.events.items()},
    }


def _strength(result: CellResult) -> float | None:
    """N·SNR², where its numbers are known."""
    v = result.values
    if not {"N", "mu", "sigma_p", "d"} <= v.keys():
        return None
    return v["N"] * (v["mu"] / (v["sigma_p"] * float(np.sqrt(v["d"])))) ** 2


def _event(steps: Array) -> EventEntry:
    reached = steps[np.isfinite(steps)]
    median = float(np.median(reached)) if reached.size else None
    return {"median": median, "reached": int(reached.size)}


def _provenance(verification: Verification | Decisions) -> ProvenanceEntry:
    made = [
        result.trajectory.provenance for study in verification.studies for result in study.results
    ]
    return {
        "bofcheck": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "versions": {name: _version(name) for name in PACKAGES},
        "threads": sorted({int(one["threads"]) for one in made if "threads" in one}),
        "settings": jsonable(verification.settings.as_dict()),
        "train_seconds": float(sum(one.get("wall_seconds", 0.0) for one in made)),
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
