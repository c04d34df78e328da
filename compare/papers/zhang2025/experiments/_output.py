"""Files of an experiment: figure, table, caption and manifest."""

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
from ....figures import DrawnFigure, Style, draw
from ....figures.render import render_all
from ....figures.table import Table
from ....report.jsonable import jsonable
from ._experiment import Experiment, experiment_names, settings_of

FORMAT = "bofcheck figure"


def write_outputs(
    experiment: Experiment,
    preset: str,
    results: Sequence[CellResult],
    folder: Path,
    style: Style | None = None,
) -> dict[str, Any]:
    """Write figures/NAME.png, .pdf and .md and tables/NAME.csv and .json.

    Args:
        experiment: the experiment that was run.
        preset: its size.
        results: all its cells.
        folder: results folder; ``figures`` and ``tables`` are created in it.
        style: the style of the figure; the default if None.

    Returns:
        The manifest, as written to the JSON file.

    Raises:
        OSError: a file cannot be written.

    Example:
        >>> import tempfile
        >>> from dataclasses import replace
        >>> from bofcheck.compare import verify
        >>> from ..plans import experiment_plan, experiment_results
        >>> from . import experiment_store, get_experiment
        >>> excess = get_experiment("excess")
        >>> inside, *_, outside = excess.cells["quick"]
        >>> cells = tuple(replace(cell, steps=5, log_at="every:5") for cell in (inside, outside))
        >>> short = replace(excess, cells={"quick": cells}, seeds={"quick": 1},
        ...                 settings={"quick": ()})
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     store = experiment_store("quick", folder)
        ...     verification = verify(experiment_plan(short, "quick"), store=store)
        ...     results = experiment_results(short, "quick", verification)
        ...     document = write_outputs(short, "quick", results, Path(folder))
        >>> document["files"][0], document["runs"], document["diverged"]
        ('tables/excess.csv', 2, 0)
    """
    name, table = experiment.name, experiment.tabulate(results, preset)
    document = manifest(experiment, preset, results, verdicts_in(folder))
    files: dict[str, bytes] = {
        f"tables/{name}.csv": table.to_csv().encode(),
        f"figures/{name}.md": caption(document).encode(),
    }
    # drawn from the table as read back, just as `bofcheck plot` redraws it later
    kept = Table.from_csv(table.to_csv())
    for form, payload in render_all(draw(kept, name, style), style=style).items():
        files[f"figures/{name}.{form}"] = payload
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
        experiment: the experiment that was run.
        preset: its size.
        results: all its cells.
        verdicts: known verdicts by claim.
    """
    runs = [result.trajectory.seeds for result in results]
    stopping = [result for result in results if result.cell.problem.stop_at_target]
    missed = sum(int((result.ok & (result.trained.stopped_at < 0)).sum()) for result in stopping)
    document = {
        "format": FORMAT,
        "name": experiment.name,
        "title": experiment.title,
        "source": experiment.source,
        "preset": preset,
        "settings": [vars(setting) for setting in settings_of(experiment, preset, _most(results))],
        "spread": experiment.spread,
        "cells": [result.cell.name for result in results],
        "seeds": sorted({int(seed) for seeds in runs for seed in seeds}),
        "runs": sum(map(len, runs)),
        "diverged": sum(int((~result.ok).sum()) for result in results),
        "runs_with_a_target": sum(len(result.trajectory.seeds) for result in stopping),
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
    return max((len(result.trajectory.seeds) for result in results), default=None)


def caption(document: Mapping[str, Any]) -> str:
    """The figure's caption in Markdown: its content, the runs behind it, and the settings.

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
            "their target loss and count in the state they reached."
        )
    lines += [
        f"Bears on {claims}.",
        "",
        "| setting | value | origin |",
        "|---|---|---|",
        *(f"| {row['what']} | {row['value']} | {row['origin']} |" for row in document["settings"]),
    ]
    return "\n".join(lines) + "\n"


def drawn_figures(folder: Path) -> tuple[DrawnFigure, ...]:
    """The experiments' figures in a results folder, read from their manifests.

    Example:
        >>> drawn_figures(Path("nowhere"))
        ()
    """
    figures = []
    for name in experiment_names():
        try:
            document = json.loads((folder / "tables" / f"{name}.json").read_bytes())
            about = f"{document['title']} ({document['source']}; preset {document['preset']})"
            printed = (".png", ".pdf", ".csv")
            files = tuple(file for file in document["files"] if file.endswith(printed))
            claims = tuple(document["claims"])
        except (OSError, ValueError, LookupError, TypeError):
            continue  # not drawn here, or its manifest is damaged
        figures.append(DrawnFigure(name, "", about, files, claims))
    return tuple(figures)


def verdicts_in(folder: Path) -> dict[str, str]:
    """The verdicts in a results folder's report by claim; empty without a report.

    Example:
        >>> verdicts_in(Path("nowhere"))
        {}
    """
    try:
        report = json.loads((folder / "report.json").read_bytes())
        return {str(claim["id"]): str(claim["verdict"]) for claim in report["claims"]}
    except (OSError, ValueError, LookupError, TypeError):
        return {}
