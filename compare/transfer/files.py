"""Write a study: JSON, CSV, a page in Markdown and pictures."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

from ..figures.render import render
from ..verdict import Status
from .findings import findings
from .pictures import LETTERS, dose_response, heat_map
from .study import Row, Study

#: Files of a study.
NAMES = ("transfer.json", "transfer.csv", "transfer.md", "transfer.png", "doses.png")


def write(study: Study, folder: Path) -> list[Path]:
    """Write all files of a study into an existing folder, and say which.

    Raises:
        OSError: the folder cannot be written.
    """
    text = json.dumps(document(study), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    contents = (
        text.encode(),
        table_csv(study).encode(),
        page(study).encode(),
        render(heat_map(study), "png", dpi=200),
        render(dose_response(study), "png", dpi=200),
    )
    paths = [folder / name for name in NAMES]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


def document(study: Study) -> dict[str, Any]:
    """JSON-ready: claims, rows and findings."""
    return {
        "format": "bofcheck transfer",
        "preset": study.preset,
        "claims": {
            name: {"title": q.title, "claim": q.claim, "effect": q.effect, "theory": q.theory}
            for name, q in study.questions.items()
        },
        "rows": [_row(row) for row in (study.base, *study.rows)],
        "findings": findings(study),
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "axis": row.axis,
        "kind": row.kind,
        "dose": row.dose,
        "label": row.label,
        "engine": row.engine,
        "answers": {
            name: {
                "status": answer.status.value,
                "effect": _number(answer.effect),
                "low": _number(answer.low),
                "high": _number(answer.high),
                "runs": answer.runs,
                "reason": answer.reason,
            }
            for name, answer in row.answers.items()
        },
    }


def _number(value: float | None) -> float | str | None:
    if value is None or math.isnan(value):
        return None
    return float(value) if math.isfinite(value) else str(value)


def table_csv(study: Study) -> str:
    """A line for each departure and claim."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    head = ("axis", "kind", "dose", "label", "engine", "claim", "status", "effect", "low", "high",
            "runs", "reason")  # fmt: skip
    writer.writerow(head)
    for row in (study.base, *study.rows):
        for name, answer in row.answers.items():
            writer.writerow(
                [row.axis, row.kind, row.dose, row.label, row.engine, name, answer.status.value,
                 answer.effect, answer.low, answer.high, answer.runs, answer.reason]
            )  # fmt: skip
    return out.getvalue()


def page(study: Study) -> str:
    """The study as Markdown: findings, pictures, the table and the reasons."""
    titles = [question.title for question in study.questions.values()]
    lines = [
        f"# What survives a departure (preset {study.preset})", "",
        " ".join(findings(study)), "",
        "![verdicts](transfer.png)", "", "![doses](doses.png)", "",
        "H holds, E erodes, V violated, ? inconclusive, empty where it cannot be asked. Trained in",
        "the span of the training tokens unless marked * (whole arrays).", "",
        f"| departure | {' | '.join(titles)} |",
        f"|---{'|---' * len(titles)}|",
    ]  # fmt: skip
    for row in (study.base, *study.rows):
        cells = [_cell(row, name) for name in study.questions]
        mark = "" if row.engine == "span" else " *"
        lines.append(f"| {row.name}{mark} | {' | '.join(cells)} |")
    lines += ["", "## Claims", ""]
    lines += [f"- **{q.title}**: {q.claim} Effect: {q.effect}." for q in study.questions.values()]
    return "\n".join(lines) + "\n"


def _cell(row: Row, name: str) -> str:
    answer = row.answers[name]
    if answer.status is Status.OUT_OF_SCOPE:
        return ""
    effect = "" if answer.effect is None else f" {answer.effect:.2g}"
    return f"{LETTERS[answer.status]}{effect}"
