"""Measured curves: quantities of runs at steps, from files, tables and arrays."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import CompareError
from .layout import Layout
from .order import counter_reset
from .ranges import complaint, impossible
from .rows import Content, Points, identity
from .sources import Source, read_content, shown_name

Array = NDArray[np.float64]

#: Numbers that one quantity of a cell may take up in memory, measured or not.
_LARGEST = 150_000_000


@dataclass(frozen=True)
class Measured:
    """Quantities of R measured runs at T steps; the counterpart of `Trajectory`.

    Attributes:
        steps: (T,) every step at which some run was measured, in order; or (R, T) the steps of
            each run, in order, of which only the last may be repeated, without numbers.
        seeds: (R,) names or numbers of the runs, in order.
        quantities: name -> (R, T), NaN where not measured.
        diverged: (R,) runs with an entry that is not finite.
        provenance: the file they were read from.

    Raises:
        CompareError: the arrays do not fit together, are not made of real numbers, hold values
            that a quantity cannot have, or name a run twice.

    Example:
        >>> errors = {"test_error": np.array([[0.5, 0.2], [0.4, 0.1]])}
        >>> diverged = np.array([False, False])
        >>> curves = Measured(np.array([0.0, 10.0]), np.array(["a", "b"]), errors, diverged)
        >>> curves.rows(curves.seeds == "b")["test_error"]
        array([[0.4, 0.1]])
    """

    steps: Array
    seeds: NDArray[Any]
    quantities: Mapping[str, Array]
    diverged: NDArray[np.bool_]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse in Python what is refused in a file."""
        steps = real_numbers("steps", self.steps)
        wrong = steps[~(np.isfinite(steps) & (steps >= 0))]
        if wrong.size:
            raise CompareError(f"steps: {wrong[0]:g}: must be at least 0")
        change = np.diff(steps, axis=-1) if steps.ndim in (1, 2) else np.array(-1.0)
        again = change <= 0
        padded = steps.ndim == 2 and np.all(steps[:, 1:][again] == steps[np.nonzero(again)[0], -1])
        if np.any(change < 0) or (again.any() and not padded):
            raise CompareError("steps: must be in order, each once")
        seeds, diverged = np.asarray(self.seeds), np.asarray(self.diverged)
        shape = (len(seeds), steps.shape[-1])
        if steps.ndim == 2 and len(steps) != len(seeds):
            raise CompareError(f"steps: has {len(steps)} rows; {len(seeds)} runs need one each")
        by_run = np.broadcast_to(steps, shape)
        if diverged.shape != shape[:1] or diverged.dtype != bool:
            raise CompareError(f"diverged: must be {shape[0]} of True or False, one a run")
        names = [identity(str(seed)) for seed in seeds.tolist()]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise CompareError(f"seeds: run {twice} is given twice; give every run its own name")
        quantities = {}
        for name, given in self.quantities.items():
            values = quantities[name] = real_numbers(name, given)
            if values.shape != shape:
                raise CompareError(
                    f"{name}: has shape {values.shape}; {shape[0]} runs at {shape[1]} steps need "
                    f"{shape}"
                )
            for fault, says in (
                (impossible(name, values), complaint),
                (np.isinf(values) & ~diverged[:, None], _infinite),
            ):
                if fault.any():
                    run, at = np.argwhere(fault)[0]
                    what = says(name, float(values[run, at]))
                    raise CompareError(f"run {seeds[run]}, step {by_run[run, at]:g}: {what}")
            if steps.ndim == 2 and not np.isnan(values[:, 1:][again]).all():
                raise CompareError(f"{name}: has a number at a step that is repeated")
        for attribute, value in (
            ("steps", steps), ("seeds", seeds), ("quantities", quantities), ("diverged", diverged)
        ):  # fmt: skip
            object.__setattr__(self, attribute, value)

    def __getitem__(self, quantity: str) -> Array:
        """The (R, T) array of one quantity."""
        return self.quantities[quantity]

    def rows(self, which: NDArray[np.bool_]) -> Measured:
        """The selected runs."""
        return Measured(
            self.steps if self.steps.ndim == 1 else self.steps[which],
            self.seeds[which],
            {name: values[which] for name, values in self.quantities.items()},
            self.diverged[which],
            self.provenance,
        )


def _infinite(name: str, value: float) -> str:
    return f"{name} = {value:g}; a run with such a value has diverged: mark it in diverged"


def real_numbers(what: str, values: ArrayLike) -> Array:
    """An array of real numbers as float64.

    Raises:
        CompareError: it holds text, complex numbers, dates or anything else.

    Example:
        >>> real_numbers("test_loss", [1, 2])
        array([1., 2.])
    """
    array = np.asarray(values)
    if array.dtype.kind not in "iuf" and array.size:
        raise CompareError(f"{what}: holds {array.dtype}, not real numbers")
    return array.astype(np.float64, copy=False)


def read_curves(
    source: Source, needed: Iterable[str] = (), columns: Mapping[str, str] | None = None
) -> dict[str, Measured]:
    r"""Read curves, cell by cell.

    A table has a row for each number (``run,step,quantity,value``), a row for each step
    (``run,step,test_error,...``) or a column for each run; what loggers write is recognised by its
    header. A column ``cell`` tells problems apart, and without a column ``step`` every number is at
    step 0. In netCDF every variable with dimensions run and step is read, or ``value`` with the
    dimension quantity as well; cell is a dimension if there are several. ``seed`` means run, so
    what `bofcheck export` writes can be read.

    Args:
        source: a file (``.csv``, ``.tsv``, with ``.gz``; ``.jsonl``, ``trainer_state.json``,
            ``.parquet``, ``.npz``, ``.nc``), a folder or a list of files, a results folder or a
            store of bofcheck, a DataFrame, a Dataset, or a dict of arrays.
        needed: quantities to read; empty for all.
        columns: run, step, cell, a quantity or a symbol -> its name there, where that is not
            recognised; ``quantity`` may name the only quantity of a table.

    Returns:
        The curves of each cell by its name. An empty field was not measured; nan or inf marks a
        run as diverged. Runs and cells named by equal numbers, such as 3 and 3.0, are one. The
        order of rows is of no account. ``provenance`` holds the file's name, ``notes`` on what was
        recognised and what was not read, and under ``gaps`` why runs count as diverged.

    Raises:
        CompareError: naming the file and line, the fault and what is expected. A value that its
            quantity cannot have is a fault, and so is a run that goes back to an earlier step as if
            its counter had begun again at a resume.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "curves.csv"
    ...     _ = path.write_text("run,step,test_error\na,0,0.5\na,10,0.2\nb,0,0.4\n")
    ...     curves = read_curves(path)["data"]
    >>> curves["test_error"]
    array([[0.5, 0.2],
           [0.4, nan]])
    """
    return content_curves(source, read_content(source, needed, columns=columns), needed)


def content_curves(
    source: Source, content: Content, needed: Iterable[str] = ()
) -> dict[str, Measured]:
    """The curves of each cell of a content, checked.

    Args:
        source: what was read, for messages.
        content: what `read_content` read from it.
        needed: the quantities that were asked for.

    Raises:
        CompareError: as for `read_curves`.
    """
    path, wanted = Path(shown_name(source)), frozenset(needed)
    if not any(points.value.size for points in content.points.values()):
        asked = f" of {', '.join(sorted(wanted))}" if wanted else ""
        has = ", ".join(sorted(content.named)) or "no such column"
        raise CompareError(f"{path}: holds no number{asked}; it has {has}")
    for name, points in content.points.items():
        _check(path, content, name, points)
    runs: dict[int, list[int]] = {}
    for cell, run in content.present:
        runs.setdefault(cell, []).append(run)
    parts = {name: _by_cell(content.points[name]) for name in sorted(content.points)}
    return {
        name: _measured(
            path, content, cell, {q: part[cell] for q, part in parts.items() if cell in part},
            runs[cell],
        )
        for name, cell in sorted(
            ((content.cells.shown[cell], cell) for cell in runs), key=lambda each: identity(each[0])
        )
    }  # fmt: skip


def _by_cell(points: Points) -> dict[int, Points]:
    """The numbers of each cell, by its code."""
    order = np.argsort(points.cell, kind="stable")
    cells, firsts = np.unique(points.cell[order], return_index=True)
    parts = np.split(order, firsts[1:]) if cells.size else []
    return {int(cell): points.at(part) for cell, part in zip(cells, parts, strict=True)}


def _check(path: Path, content: Content, name: str, points: Points) -> None:
    """Refuse impossible values, numbers given twice, and counters that began again."""

    def place(row: int, with_step: bool = True) -> str:
        line = points.line[row]
        cell, run = content.cells.shown[points.cell[row]], content.runs.shown[points.run[row]]
        at = f", step {points.step[row]:g}" if with_step else ""
        return f"{content.place(int(line)) or f'{path}: '}cell {cell}, run {run}{at}"

    wrong = np.flatnonzero(impossible(name, points.value))
    if wrong.size:
        first = int(wrong[0])
        raise CompareError(f"{place(first)}: {complaint(name, float(points.value[first]))}")
    group = points.cell * len(content.runs.shown) + points.run
    order = np.lexsort((points.step, group))
    again = np.flatnonzero((np.diff(group[order]) == 0) & (np.diff(points.step[order]) == 0))
    if again.size:
        first = int(order[again + 1].min())
        way_out = (
            "if the counter began again at a resume, add the steps before it; if two problems have "
            "runs of one name, tell them apart in a column cell"
        )
        if content.stepless:
            way_out = "the file has no column step: add it, or tell problems apart in a column cell"
        raise CompareError(f"{place(first)}: {name} is given twice; {way_out}")
    if (back := counter_reset(group, points.step, points.value)) is not None:
        raise CompareError(
            f"{place(back.row, with_step=False)}: goes back from step {back.before:g} to step "
            f"{back.after:g}; if the counter began again at a resume, add the steps before it; if "
            "the order of rows means nothing, sort them by step"
        )


def _measured(
    path: Path, content: Content, cell: int, points: Mapping[str, Points], runs: Iterable[int]
) -> Measured:
    """The curves of one cell; a run without any number still counts as a run."""
    codes = sorted(runs, key=lambda run: _natural(identity(content.runs.shown[run])))
    row = np.full(len(content.runs.shown), -1)
    row[codes] = np.arange(len(codes))
    layout = Layout.of(len(codes), [(row[part.run], part.step) for part in points.values()])
    shape = (len(codes), layout.width)
    if shape[0] * shape[1] > _LARGEST:
        raise CompareError(
            f"{path}: cell {content.cells.shown[cell]}: {shape[0]:,} runs by {shape[1]:,} "
            "steps are too large a table; log the runs at the same steps"
        )
    arrays = {name: np.full(shape, np.nan) for name in points}
    diverged = np.zeros(len(codes), dtype=bool)
    for name, part in points.items():
        rows = row[part.run]
        arrays[name][rows, layout.columns(rows, part.step)] = part.value
        diverged[row[part.run[~np.isfinite(part.value)]]] = True
    diverged[[row[run] for home, run in content.diverged if home == cell]] = True
    provenance: dict[str, Any] = {"file": path.name}
    if content.notes:
        provenance["notes"] = tuple(content.notes)
    if diverged.any():
        provenance["gaps"] = content.gap
    names = np.array([content.runs.shown[run] for run in codes])
    return Measured(layout.steps(), names, arrays, diverged, provenance)


def _natural(run: str) -> tuple[float, str]:
    """Sort key: runs named by numbers in numerical order, then other runs by name."""
    try:
        value = float(run)
    except ValueError:
        value = math.inf
    return (value if math.isfinite(value) else math.inf), run
