"""Curves from a Dataset of xarray, and from netCDF."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...simulate import QUANTITIES
from ..errors import CompareError
from .rows import CELL, ENDS, ONE_CELL, RUN, STEP, Array, Codes, Content, Points
from .shapes.names import ALIASES, plain
from .shapes.shape import composed
from .unused import unused_note

_KINDS = {"c": "complex numbers", "M": "dates", "m": "times", "b": "true and false"}
#: Units in which xarray writes times.
_TIMES = {"days", "hours", "minutes", "seconds", "milliseconds", "microseconds", "nanoseconds"}
_GAP = (
    "because of gaps (NaN) where other runs have numbers; if a run only ended earlier, say so in a "
    "variable diverged_at with dimension {run}: -1 for a run that did not diverge"
)
_SAID = "because diverged_at says so"
_INFINITE = "because of infinite numbers"


def netcdf_content(
    path: Path,
    wanted: frozenset[str],
    symbols: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> Content:
    """Everything that a netCDF file says, as `dataset_content`.

    Raises:
        CompareError: the file cannot be read, or as for `dataset_content`.
    """
    return dataset_content(_opened(path), str(path), wanted, symbols, columns)


def dataset_content(
    data: Any,
    path: str,
    wanted: frozenset[str],
    symbols: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> Content:
    """Everything that variables with dimensions run and step say.

    If the Dataset says when runs diverged, as `bofcheck export` does, other gaps were not
    measured. If it does not, a gap was not measured if no run of the cell has a number at that
    step, and otherwise marks its run as diverged.

    Args:
        data: an `xarray.Dataset`.
        path: what messages call it.
        wanted: quantities to read; empty for all.
        symbols: names of dimensions and of numbers of cells -> symbol.
        columns: run, step, cell, a quantity or a symbol -> its name in the Dataset.

    Raises:
        CompareError: its steps are not numbers in order, or a quantity is not made of real numbers.
    """
    symbols = symbols or {}
    data, said = _named(data, path, symbols, columns or {})
    run = next((name for name in RUN if name in data.dims), None)
    if run is None or STEP not in data.dims:
        shown = ", ".join(map(str, data.dims)) or "none"
        raise CompareError(f"{path}: needs dimensions run and step; it has {shown}")
    steps = _steps(path, data)
    diverged = _diverged(path, data, run)
    content = Content()
    runs = content.runs.codes(_labels(data, run))
    _refuse_twice(path, run, runs, content.runs.shown)
    pieces: dict[str, list[Points]] = defaultdict(list)
    unused = []
    others, here = [], set[int]()
    for name, variable in data.data_vars.items():
        dims = set(map(str, variable.dims))
        long = name == "value" and "quantity" in dims
        expected = {run, STEP, *({"quantity"} if long else ()), *({CELL} & dims)}
        asked = not wanted or name in wanted or long
        if dims != expected or not asked:
            if dims == expected and variable.dtype.kind in "iuf":
                others.append(variable)
            if name in wanted:
                raise CompareError(
                    f"{path}: {name} has dimensions {', '.join(sorted(dims)) or 'none'}; it needs "
                    f"{run} and {STEP}, and may have {CELL}"
                )
            unused.append(str(name))
            continue
        if variable.dtype.kind not in "iuf":
            if name in wanted or long:
                raise CompareError(f"{path}: {name} holds {_kind(variable)}, not real numbers")
            unused.append(str(name))
            continue
        if diverged is not None and CELL in diverged.dims and CELL not in dims:
            raise CompareError(
                f"{path}: diverged_at has dimension {CELL}, and {name} has not; give both"
            )
        names = _labels(data, "quantity") if long else [str(name)]
        cells = content.cells.codes(_labels(data, CELL) if CELL in dims else [ONE_CELL])
        _refuse_twice(path, CELL, cells, content.cells.shown)
        full = variable.expand_dims(
            {dim: 1 for dim in (CELL, "quantity") if dim not in dims}
        ).transpose(CELL, "quantity", run, STEP)
        values = np.asarray(full.values, dtype=float)
        here.update(cells.tolist())
        for rank, cell in enumerate(cells.tolist()):
            ended = None if diverged is None else _ended(diverged, rank)
            for place, quantity in enumerate(names):
                content.named.add(quantity)
                points = _points(content, cell, runs, steps, values[rank, place], ended)
                if not wanted or quantity in wanted:
                    pieces[quantity].append(points)
    for variable in others:
        content.present |= {
            pair for pair in _with_numbers(content, data, variable, run, runs) if pair[0] in here
        }
    for quantity, parts in pieces.items():
        fields = ("cell", "run", "step", "value", "line")
        content.points[quantity] = Points(
            *(np.concatenate([getattr(part, column) for part in parts]) for column in fields)
        )
    read = [points.value for points in content.points.values()]
    reasons = {
        _INFINITE: any(np.isinf(each).any() for each in read),
        _SAID: bool(content.diverged),
        _GAP.format(run=run): diverged is None and any(np.isnan(each).any() for each in read),
    }
    content.gap = ", or ".join(reason for reason, applies in reasons.items() if applies)
    content.numbers = _numbers(data, content, symbols, path)
    others_noted = [name for name in unused if symbols.get(name) not in content.numbers]
    content.notes = [*said, *_notes(data, others_noted, content, wanted)]
    return content


def _named(
    data: Any, path: str, symbols: Mapping[str, str], columns: Mapping[str, str]
) -> tuple[Any, list[str]]:
    """The Dataset under known names, dimensions of numbers joined to cells, and what was done."""
    known = {str(name) for name in (*data.dims, *data.variables)}
    names = {}
    for new, old in columns.items():
        if old not in known:
            shown = ", ".join(sorted(known))[:200]
            raise CompareError(f"{path}: columns {new}={old}: no such name; it has {shown}")
        names[old] = new
    for key, taken in ((STEP, (STEP,)), ("run", RUN)):
        if not {*taken} & {*known, *names.values()}:
            same = [
                dim for alias in ALIASES[key] for dim in map(str, data.dims) if plain(dim) == alias
            ]
            names |= dict.fromkeys(same[:1], key)
    said = [f"{new} is {old}" for old, new in names.items() if old != new]
    data = data.rename({old: new for old, new in names.items() if old != new})
    numbers = [str(dim) for dim in data.dims if str(dim) in symbols and str(dim) in data.coords]
    if numbers and CELL not in data.dims:
        said.append(f"cells by {', '.join(numbers)}")
        data = data.stack({CELL: numbers}, create_index=False)
        values = zip(*(data[name].values.tolist() for name in numbers), strict=True)
        labels = [composed([symbols[n] for n in numbers], map(str, each)) for each in values]
        data = data.assign_coords({CELL: labels})
    return data, [f"read as a Dataset: {', '.join(said)}"] if said else []


def _numbers(
    data: Any, content: Content, symbols: Mapping[str, str], path: str
) -> dict[str, dict[int, str]]:
    """By symbol and cell, the numbers that a Dataset has for each cell, or for all."""
    found: dict[str, dict[int, str]] = {}
    for name, variable in data.variables.items():
        symbol = symbols.get(str(name))
        if symbol is None or variable.dims not in ((), (CELL,)):
            continue
        if variable.dtype.kind not in "iuf":
            raise CompareError(f"{path}: {name} holds {_kind(variable)}, not real numbers")
        if variable.dims:
            cells = content.cells.codes(_labels(data, CELL)).tolist()
        else:
            cells = list(range(len(content.cells.shown)))
        values = np.broadcast_to(variable.values, len(cells))
        found[symbol] = {
            cell: str(value)
            for cell, value in zip(cells, values, strict=True)
            if not np.isnan(value)
        }
    return found


def _with_numbers(
    content: Content, data: Any, variable: Any, run: str, runs: Codes
) -> set[tuple[int, int]]:
    """(cell, run) of the runs of which a variable that is not read has numbers."""
    cells = content.cells.codes(_labels(data, CELL) if CELL in variable.dims else [ONE_CELL])
    known = variable.notnull().any(STEP)
    table = known.transpose(CELL, run).values if CELL in variable.dims else known.values[None]
    rank, at = np.nonzero(table)
    return set(zip(cells[rank].tolist(), runs[at].tolist(), strict=True))


def _opened(path: Path) -> Any:
    import xarray as xr

    if not path.is_file():
        raise CompareError(f"{path}: cannot be read: no such file")
    with path.open("rb") as file:
        engine = "scipy" if file.read(3) == b"CDF" else "h5netcdf"  # netCDF-3, netCDF-4
    try:
        # a number with a unit of time, e.g. a quantity called wall_time, is a number
        with xr.open_dataset(path, engine=engine, decode_timedelta=False) as opened:
            return opened.load()
    except ImportError:
        raise CompareError(
            f"{path}: netCDF needs h5netcdf and h5py; pip install 'bofcheck[export]'"
        ) from None
    # xarray and h5py may raise anything on damaged bytes.
    except Exception as error:
        why = " ".join(str(error).split())[:120]
        raise CompareError(f"{path}: is not a netCDF file: {why}") from None


def _notes(data: Any, unused: list[str], content: Content, wanted: frozenset[str]) -> list[str]:
    """What is in the file and not read, except what bofcheck itself writes."""
    bofcheck_writes = {*QUANTITIES, *ENDS, "positive", "flipped_positive", "flipped_negative"}
    others = [name for name in unused if name not in bofcheck_writes]
    note = unused_note("variable", others, (wanted or {*QUANTITIES}) - content.named)
    odd = [str(name) for name in data.dims if name not in (*RUN, STEP, CELL, "quantity")]
    dims = unused_note("dimension", odd, {CELL} - set(data.dims))
    return [each for each in (note, dims) if each]


def _kind(variable: Any) -> str:
    return _KINDS.get(variable.dtype.kind, "text")


def _labels(data: Any, dim: str) -> list[str]:
    """The names along a dimension; whole numbers without decimals."""
    # numpy's own numbers: 0.1 in single precision is called 0.1
    return [
        f"{label:.0f}"
        if isinstance(label, np.floating) and float(label).is_integer()
        else str(label).strip()
        for label in data[dim].values
    ]


def _refuse_twice(path: str, dim: str, codes: Codes, shown: list[str]) -> None:
    for code, count in enumerate(np.bincount(codes).tolist()):
        if count > 1:
            raise CompareError(
                f"{path}: {dim} {shown[code]} is given twice (numbers that are equal name the same "
                f"{dim}); rename or remove one"
            )


def _steps(path: str, data: Any) -> Array:
    """(T,) the steps.

    Raises:
        CompareError: there are none, or they are not numbers in order, each once, from 0 on.
    """
    if STEP not in data.coords:
        raise CompareError(
            f"{path}: dimension step has no coordinate, so it is unknown at which steps the "
            "numbers were measured; add it: data.assign_coords(step=[0, 10, 20, ...])"
        )
    given = data[STEP]
    unit = str(given.attrs.get("units", ""))
    if given.dtype.kind not in "iuf" or unit in _TIMES:
        kind = f"times in {unit}" if unit in _TIMES else _kind(given)
        raise CompareError(f"{path}: step holds {kind}, not numbers; write gradient steps")
    steps = np.asarray(given.values, dtype=float)
    wrong = steps[~(np.isfinite(steps) & (steps >= 0))]
    if wrong.size:
        raise CompareError(f"{path}: step = {wrong[0]}: must be at least 0")
    change = np.diff(steps)
    if np.any(change < 0) and np.any(change > 0):
        at = int(np.argmax(change < 0))
        raise CompareError(
            f"{path}: step goes back from {steps[at]:g} to {steps[at + 1]:g}; if the counter began "
            "again at a resume, add the steps before it; if the order means nothing, sort it: "
            "data.sortby('step')"
        )
    if np.any(change == 0):
        at = int(np.argmax(change == 0))
        raise CompareError(f"{path}: step {steps[at]:g} is given twice; keep one")
    return steps


def _diverged(path: str, data: Any, run: str) -> Any:
    """What the file says on when runs diverged; None if it says nothing.

    Raises:
        CompareError: it is not one step for each run, or for each run of each cell.
    """
    if "diverged_at" not in data.data_vars:
        return None
    given = data["diverged_at"]
    dims = set(map(str, given.dims))
    if run not in dims or dims - {run, CELL}:
        raise CompareError(
            f"{path}: diverged_at has dimensions {', '.join(sorted(dims)) or 'none'}; it needs "
            f"{run}, and may have {CELL}"
        )
    if given.dtype.kind not in "iuf":
        raise CompareError(
            f"{path}: diverged_at holds {_kind(given)}, not steps; write -1 if a run did not"
        )
    return given


def _ended(diverged: Any, rank: int) -> Array:
    """(R,) step at which each run of a cell diverged, negative or NaN if it did not."""
    chosen = diverged.isel({CELL: rank}) if CELL in diverged.dims else diverged
    return np.asarray(chosen.values, dtype=float)


def _points(
    content: Content, cell: int, runs: Codes, steps: Array, table: Array, ended: Array | None
) -> Points:
    """The numbers of one quantity in one cell, and NaN where its run diverged."""
    gap: NDArray[np.bool_] = np.isnan(table)
    nothing: NDArray[np.bool_] = np.all(gap, axis=1)
    nowhere: NDArray[np.bool_] = np.all(gap, axis=0)
    chosen = ~gap
    marks = gap & ~nowhere & ~nothing[:, None]
    if ended is not None:
        marks &= ended[:, None] == steps
        # a run without numbers that did not diverge is padding: the cell has no such run
        present = ~nothing | (ended >= 0)
        content.diverged |= {(cell, int(code)) for code in runs[ended >= 0]}
    else:
        present = np.ones(len(runs), dtype=bool)
    content.present |= {(cell, int(code)) for code in runs[present]}
    rank, at = np.nonzero(chosen | marks)
    return Points(
        np.full(rank.size, cell, dtype=np.int64),
        runs[rank],
        steps[at],
        np.where(marks[rank, at], math.nan, table[rank, at]),
        np.zeros(rank.size, dtype=np.int64),
    )
