"""What curves may be read from: files, folders, tables in memory, arrays, stores."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...simulate import ModelProblem, Problem, SimulationError, TrajectoryStore, open_store
from ..cells import theory_values
from ..errors import CompareError
from .formats.arrays import arrays_dataset, npz_dataset
from .formats.frames import frame_table, parquet_table
from .formats.mlflow import mlflow_runs, mlflow_table
from .formats.records import LINES, json_table
from .formats.text import SUFFIXES, text_table
from .netcdf import dataset_content, netcdf_content
from .numbers import FIELDS
from .raw import RawTable
from .rows import Content
from .shapes import recognise
from .table import add_table

#: A path, several, a DataFrame, a Dataset, a dict of arrays, or a store of bofcheck.
Source = Any

_NETCDF = (".nc", ".netcdf", ".cdf")
_TABLES = (*SUFFIXES, *LINES, ".json", ".parquet")
_ALLOWED = ".csv, .tsv, .csv.gz, .jsonl, trainer_state.json, .parquet, .npz and .nc"
#: Names of files that say nothing about their run; the folder does.
_SAME = ("metrics", "trainer_state", "progress", "log", "history", "scalars")


def shown_name(source: Source) -> str:
    """What messages call a source.

    >>> shown_name("c.csv"), shown_name({"step": [0]})
    ('c.csv', 'dict of arrays')
    """
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    if isinstance(source, TrajectoryStore):
        return str(source.folder)
    if isinstance(source, Mapping) and type(source).__module__ == "builtins":
        return "dict of arrays"
    if isinstance(source, Sequence):
        return f"{len(source)} files"
    return type(source).__name__


def read_content(
    source: Source,
    needed: Iterable[str] = (),
    symbols: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> Content:
    """Everything a source says.

    Args:
        source: as for `read_curves`.
        needed: quantities to read; empty for all.
        symbols: names of columns that hold numbers of cells -> symbol.
        columns: as for `read_curves`.

    Raises:
        CompareError: as for `read_curves`.
    """
    wanted, symbols, columns = frozenset(needed), symbols or {}, dict(columns or {})
    try:
        if isinstance(source, str | os.PathLike):
            return _of_path(Path(source), wanted, symbols, columns)
        if isinstance(source, TrajectoryStore):
            return _of_store(source, wanted)
        if hasattr(source, "data_vars"):
            return dataset_content(source, "Dataset", wanted, symbols, columns)
        if hasattr(source, "iloc"):
            return _of_tables([frame_table(source)], wanted, symbols, columns)
        if isinstance(source, Mapping):
            return _of_mapping(source, wanted, symbols, columns)
        if isinstance(source, Sequence) and source:
            return _of_files([Path(each) for each in source], wanted, symbols, columns)
    except (OSError, UnicodeDecodeError) as error:
        name = error.filename if isinstance(error, OSError) and error.filename else None
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CompareError(f"{name or shown_name(source)}: cannot be read: {reason}") from None
    except SimulationError as error:
        raise CompareError(str(error)) from None
    raise CompareError(
        f"data: a {type(source).__name__} cannot be read; give a path, paths, a pandas DataFrame, "
        "an xarray Dataset, a dict of arrays, or a results folder of bofcheck"
    )


def _of_path(
    path: Path, wanted: frozenset[str], symbols: Mapping[str, str], columns: dict[str, str]
) -> Content:
    if not path.is_dir():
        return _of_files([path], wanted, symbols, columns)
    if path.suffix in (*_TABLES, *_NETCDF):
        raise CompareError(f"{path}: cannot be read: it is a folder")
    if (path / "settings.json").is_file():
        return _of_store(open_store(path), wanted)
    if runs := mlflow_runs(path):
        tables = [mlflow_table(run, wanted) for run in runs]
        return _of_tables(tables, wanted, symbols, columns)
    files = sorted(file for file in path.rglob("*") if _is_table(file))
    if not files:
        raise CompareError(f"{path}: holds no curves: no file of {_ALLOWED}")
    return _of_files(_last_states(files), wanted, symbols, columns)


def _is_table(path: Path) -> bool:
    if path.suffix == ".json":
        return path.name == "trainer_state.json"
    hidden = any(part.startswith(".") for part in path.parts[-2:])
    return path.is_file() and not hidden and _ending(path) in (*SUFFIXES[:2], *LINES, ".parquet")


def _ending(path: Path) -> str:
    return Path(path.stem).suffix if path.suffix == ".gz" else path.suffix


def _last_states(files: list[Path]) -> list[Path]:
    """Of the states that one Trainer left in its checkpoints, the last: it holds the others."""
    last: dict[Path, Path] = {}
    for file in files:
        checkpoint, _, number = file.parent.name.rpartition("-")
        if checkpoint == "checkpoint" and number.isdigit():
            home = file.parent.parent
            before = last.get(home)
            if before is None or int(before.parent.name.rpartition("-")[2]) < int(number):
                last[home] = file
    return [
        file
        for file in files
        if not file.parent.name.startswith("checkpoint-") or file in last.values()
    ]


def _run_names(files: Sequence[Path]) -> list[str]:
    """What tells files apart: their names, or those of their folders."""
    names = []
    for file in files:
        stem = file.name.removesuffix(".gz")
        stem = stem[: -len(Path(stem).suffix)] if Path(stem).suffix else stem
        folder = file.parent.parent if file.parent.name.startswith("checkpoint-") else file.parent
        names.append(folder.resolve().name if stem in _SAME else stem)
    if len(set(names)) < len(names):
        folders = [file.parent.resolve().name for file in files]
        joined = [f"{folder}/{name}" for folder, name in zip(folders, names, strict=True)]
        names = joined if len(set(joined)) == len(joined) else [
            file.with_suffix("").as_posix() for file in files
        ]  # fmt: skip
    return names


def _of_files(
    files: list[Path], wanted: frozenset[str], symbols: Mapping[str, str], columns: dict[str, str]
) -> Content:
    arrays = [file for file in files if file.suffix in (*_NETCDF, ".npz")]
    if arrays and len(files) > 1:
        raise CompareError(f"{arrays[0]}: give one .nc or .npz file alone, or tables alone")
    if arrays and arrays[0].suffix == ".npz":
        data = npz_dataset(arrays[0], columns)
        return dataset_content(data, str(arrays[0]), wanted, symbols)
    if arrays:
        return netcdf_content(arrays[0], wanted, symbols, columns)
    tables = [_table(*each) for each in zip(files, _run_names(files), strict=True)]
    return _of_tables(tables, wanted, symbols, columns)


def _table(path: Path, run: str) -> RawTable:
    ending = _ending(path)
    if ending in SUFFIXES:
        return text_table(path, run)
    if ending in (*LINES, ".json"):
        return json_table(path, run)
    if ending == ".parquet":
        return parquet_table(path, run)
    raise CompareError(f"{path}: curves are read from {_ALLOWED} files")


def _of_tables(
    tables: Sequence[RawTable],
    wanted: frozenset[str],
    symbols: Mapping[str, str],
    columns: Mapping[str, str],
) -> Content:
    content, said = Content(), dict[str, None]()
    for raw in tables:
        shape = recognise(raw, wanted, symbols, columns)
        if shape.said:
            said[shape.said] = None
        add_table(content, raw, shape, wanted, set(symbols.values()))
    if len(tables) > 1 and said:
        first = next(iter(said))
        content.notes.insert(0, f"{len(tables)} files: {first}")
    else:
        content.notes[:0] = said
    return content


def _of_mapping(
    source: Mapping[str, Any],
    wanted: frozenset[str],
    symbols: Mapping[str, str],
    columns: dict[str, str],
) -> Content:
    """A dict of arrays; with arrays of one dimension alone, columns of a table."""
    import numpy as np
    import pandas as pd

    ranks = {name: np.ndim(values) for name, values in source.items()}
    if any(rank > 1 for rank in ranks.values()):
        data = arrays_dataset(source, "dict of arrays", columns)
        return dataset_content(data, "dict of arrays", wanted, symbols)
    try:
        frame = pd.DataFrame(dict(source))
    except ValueError as error:
        raise CompareError(f"dict of arrays: {' '.join(str(error).split())[:160]}") from None
    return _of_tables([frame_table(frame, "dict of arrays")], wanted, symbols, columns)


def _of_store(store: TrajectoryStore, wanted: frozenset[str]) -> Content:
    """The curves of a results folder, and the numbers of its problems."""
    content = dataset_content(store.dataset(pad=True).load(), str(store.folder), wanted)
    for name in store.names():
        cell = content.cells.code(name)
        for symbol, value in _numbers(store.head(name, 0).problem).items():
            content.numbers.setdefault(symbol, {})[cell] = repr(value)
    return content


def _numbers(problem: Problem | ModelProblem) -> dict[str, float]:
    """By theory symbol; a model's numbers that the theory has no symbol for, by their own names."""
    if isinstance(problem, Problem):
        return theory_values(problem)
    return {
        FIELDS.get(name, name): float(value)
        for name, value in problem.fields().items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
