"""What an experiment leaves behind: figure, table, caption and manifest."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np

from ....._version import __version__
from .....simulate.store.atomic import write_atomically
from ....cells import CellResult
from ....figures import Look, picture
from ....figures.table import Table
from ....report.jsonable import jsonable
from ....report.models import FigureEntry
from . import experiment_names
from .experiment import Experiment, settings_of

FORMAT = "bofcheck figure"


def write_outputs(
    experiment: Experiment,
    preset: str,
    results: Sequence[CellResult],
    folder: Path,
    look: Look | None = None,
) -> dict[str, Any]:
    """Write figures/NAME.png, .pdf and .md and tables/NAME.csv and .json.

    Args:
        experiment: what was run.
        preset: in which size.
        results: all its cells.
        folder: results folder; ``figures`` and ``tables`` are created in it.
        look: how the figure is dressed.

    Returns:
        The manifest, as it stands in the JSON file.

    Raises:
        OSError: a file cannot be written.
    """
    name, table = experiment.name, experiment.table(results, preset)
    document = manifest(experiment, preset, results, verdicts_in(folder))
    files: dict[str, bytes] = {
        f"tables/{name}.csv": table.to_csv().encode(),
        f"figures/{name}.md": caption(document).encode(),
    }
    # drawn from the table as it reads back, as `bofcheck plot` draws it later
    kept = Table.from_csv(table.to_csv())
    for form in ("png", "pdf"):
        files[f"figures/{name}.{form}"] = picture(name, kept, form, look)
    document["files"] = [*files, f"tables/{name}.json"]
    files[f"tables/{name}.json"] = (
        f"{json.dumps(document, indent=2, ensure_ascii=False)}\n".encode()
    )
    for place, payload in files.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, [payload])
    return document


def manifest(
    experiment: Experiment,
    preset: str,
    results: Sequence[CellResult],
    verdicts: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Settings, runs and claims of one figure, JSON-ready.

    Args:
        experiment: what was run.
        preset: in which size.
        results: all its cells.
        verdicts: claim -> verdict, of those that are known.
    """
    runs = [one.trajectory.seeds for one in results]
    stopping = [one for one in results if one.cell.problem.stop_at_target]
    missed = sum(int((one.ok & (one.trajectory.stopped_at < 0)).sum()) for one in stopping)
    document = {
        "format": FORMAT,
        "name": experiment.name,
        "title": experiment.title,
        "source": experiment.source,
        "preset": preset,
        "settings": [vars(one) for one in settings_of(experiment, preset, _most(results))],
        "spread": experiment.spread,
        "cells": [one.cell.name for one in results],
        "seeds": sorted({int(seed) for seeds in runs for seed in seeds}),
        "runs": sum(map(len, runs)),
        "diverged": sum(int((~one.ok).sum()) for one in results),
        "runs_with_a_target": sum(len(one.trajectory.seeds) for one in stopping),
        "missed_target": missed,
        "claims": {claim: (verdicts or {}).get(claim) for claim in experiment.claims},
        "versions": {
            "bofcheck": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "matplotlib": matplotlib.__version__,
        },
    }
    ready: dict[str, Any] = jsonable(document)
    return ready


def _most(results: Sequence[CellResult]) -> int | None:
    return max((len(one.trajectory.seeds) for one in results), default=None)


def caption(document: Mapping[str, Any]) -> str:
    """The figure's caption in Markdown: what it shows, from what, and what was chosen.

    Args:
        document: its `manifest`.
    """
    seeds = document["seeds"]
    claims = ", ".join(
        f"{claim} ({verdict})" if verdict else claim
        for claim, verdict in document["claims"].items()
    )
    lines = [
        f"**{document['title']}** ({document['source']}; preset `{document['preset']}`).",
        f"{document['spread'][0].upper()}{document['spread'][1:]}.",
        f"{len(document['cells'])} cells, seeds {seeds[0]} to {seeds[-1]};",
        f"{document['diverged']} of {document['runs']} runs diverged and are left out.",
    ]
    if document["runs_with_a_target"]:
        lines.append(
            f"{document['missed_target']} of {document['runs_with_a_target']} runs ended short of "
            "their target loss and count as they stood."
        )
    lines += [
        f"Bears on {claims}.",
        "",
        "| setting | value | origin |",
        "|---|---|---|",
        *(f"| {row['what']} | {row['value']} | {row['origin']} |" for row in document["settings"]),
    ]
    return "\n".join(lines) + "\n"


def drawn_figures(folder: Path) -> list[FigureEntry]:
    """The figures that lie in a results folder, by their manifests, as a report tells of them."""
    entries: list[FigureEntry] = []
    for name in experiment_names():
        try:
            document = json.loads((folder / "tables" / f"{name}.json").read_bytes())
            about = f"{document['title']} ({document['source']}; preset {document['preset']})"
            files = [one for one in document["files"] if one.endswith((".png", ".pdf", ".csv"))]
            claims = list(document["claims"])
        except (OSError, ValueError, LookupError, TypeError):
            continue  # not drawn here, or nothing that can be told of
        entries.append(
            {"name": name, "regime": "", "caption": about, "files": files, "claims": claims}
        )
    return entries


def verdicts_in(folder: Path) -> dict[str, str]:
    """Claim -> verdict of a results folder's report, empty where there is none."""
    try:
        report = json.loads((folder / "report.json").read_bytes())
        return {str(one["id"]): str(one["verdict"]) for one in report["claims"]}
    except (OSError, ValueError, LookupError, TypeError):
        return {}
