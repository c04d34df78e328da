"""MLflow's own files: ``mlruns/EXPERIMENT/RUN/metrics/NAME`` with a line a number."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import Path

from ...errors import CompareError
from ..raw import RawTable
from ..shapes.names import cell_and_run, quantity_named

_NAME = re.compile(r"^run_name:\s*(.*?)\s*$", re.MULTILINE)


def mlflow_runs(folder: Path) -> list[Path]:
    """The runs below a folder, in order: folders that hold metrics and meta.yaml."""
    return sorted(meta.parent for meta in folder.rglob("meta.yaml") if _is_run(meta.parent))


def _is_run(folder: Path) -> bool:
    return (folder / "metrics").is_dir()


def mlflow_table(run: Path, wanted: Collection[str]) -> RawTable:
    """The metrics of one run with its parameters as columns.

    Args:
        run: the run's folder.
        wanted: quantities to read; empty for all.

    Raises:
        CompareError: naming the file and the line.
        OSError: a file cannot be read.
    """
    match = _NAME.search((run / "meta.yaml").read_text(encoding="utf-8"))
    name = (match[1].strip("'\"") if match else "") or run.name
    cell, number = cell_and_run(name)
    params = {
        file.name: file.read_text(encoding="utf-8").strip()
        for file in sorted((run / "params").glob("*"))
        if file.is_file()
    }
    header = ["run", *(["cell"] if cell else []), "quantity", "step", "value", *params]
    lead = [number, *([cell] if cell else [])]
    metrics = sorted(file for file in (run / "metrics").rglob("*") if file.is_file())

    def rows() -> Iterator[tuple[int, list[str]]]:
        for file in metrics:
            quantity = quantity_named(file.relative_to(run / "metrics").as_posix(), wanted)
            if wanted and quantity not in wanted:
                continue
            with file.open(encoding="utf-8") as lines:
                for line, text in enumerate(lines, 1):
                    fields = text.split()
                    if len(fields) != 3:
                        raise CompareError(
                            f"{file}: line {line}: needs time, value and step; it has "
                            f"{text.strip()[:40]!r}"
                        )
                    yield line, [*lead, quantity, fields[2], fields[1], *params.values()]

    return RawTable(str(run), header, rows(), kind="MLflow")
