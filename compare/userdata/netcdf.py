"""Curves from a netCDF file."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import CompareError
from .rows import CELL, ONE_CELL, RUN, STEP, Row

Array = NDArray[np.float64]


def netcdf_rows(path: Path, wanted: frozenset[str]) -> Iterator[Row]:
    """Every number of the file's variables with dimensions run and step.

    Raises:
        CompareError: the file cannot be read, has no such variable, or a step is not a number.
    """
    import xarray as xr

    if not path.is_file():
        raise CompareError(f"{path}: cannot be read: no such file")
    try:
        with xr.open_dataset(path, engine="h5netcdf") as opened:
            data = opened.load()
    except ImportError:
        raise CompareError(
            f"{path}: netCDF needs h5netcdf and h5py; pip install 'bofcheck[export]'"
        ) from None
    # xarray and h5py may raise anything on damaged bytes.
    except Exception as error:
        why = " ".join(str(error).split())[:120]
        raise CompareError(f"{path}: is not a netCDF-4 file: {why}") from None
    run = next((name for name in RUN if name in data.dims), None)
    if run is None or STEP not in data.dims:
        shown = ", ".join(map(str, data.dims)) or "none"
        raise CompareError(f"{path}: needs dimensions run and step; it has {shown}")
    diverged = data["diverged_at"] if "diverged_at" in data.data_vars else None
    for name, variable in data.data_vars.items():
        dims = tuple(map(str, variable.dims))
        long = name == "value" and "quantity" in dims
        expected = {run, STEP, *({"quantity"} if long else ()), *({CELL} & set(dims))}
        real = np.issubdtype(variable.dtype, np.floating) or np.issubdtype(
            variable.dtype, np.integer
        )
        if set(dims) != expected or not real:
            continue
        names = [str(label) for label in data["quantity"].values.tolist()] if long else [str(name)]
        cells = [str(label) for label in data[CELL].values.tolist()] if CELL in dims else [ONE_CELL]
        full = variable.expand_dims(
            {dim: 1 for dim in (CELL, "quantity") if dim not in dims}
        ).transpose(CELL, "quantity", run, STEP)
        values = np.asarray(full.values, dtype=float)
        for rank, cell in enumerate(cells):
            ended = None if diverged is None else _ended(diverged, run, rank, CELL in dims)
            for place, quantity in enumerate(names):
                if not wanted or quantity in wanted:
                    table = values[rank, place]
                    yield from _numbers(cell, quantity, table, *_labels(path, data, run), ended)


def _labels(path: Path, data: Any, run: str) -> tuple[list[str], Array]:
    """Names of the runs, and the steps.

    Raises:
        CompareError: a step is not a number, or is below 0.
    """
    given = data[STEP].values
    try:
        steps = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise CompareError(f"{path}: step holds {given.dtype}, not numbers") from None
    wrong = steps[~(np.isfinite(steps) & (steps >= 0))]
    if wrong.size:
        raise CompareError(f"{path}: step = {wrong[0]}: must be at least 0")
    return [str(label) for label in data[run].values.tolist()], steps


def _ended(diverged: Any, run: str, rank: int, by_cell: bool) -> Array:
    """(R,) step at which each run diverged, negative or NaN if it did not."""
    chosen = diverged.isel({CELL: rank}) if by_cell and CELL in diverged.dims else diverged
    return np.asarray(chosen.values, dtype=float).reshape(-1)


def _numbers(
    cell: str, quantity: str, table: Array, runs: list[str], steps: Array, ended: Array | None
) -> Iterator[Row]:
    """Rows of one quantity in one cell.

    If the file says when runs diverged, as `bofcheck export` does, other gaps were not measured.
    If it does not, a gap was not measured if no run of the cell has a number at that step, and
    otherwise marks its run as diverged.
    """
    gap: NDArray[np.bool_] = np.isnan(table)
    empty: NDArray[np.bool_] = np.all(gap, axis=0)
    for rank, run in enumerate(runs):
        if gap[rank].all() and ended is not None and not ended[rank] >= 0:
            continue  # padding: the cell has no such run
        for at, step in enumerate(steps.tolist()):
            if not gap[rank, at]:
                yield cell, run, step, quantity, float(table[rank, at])
            elif empty[at] or gap[rank].all():
                yield cell, run, step, quantity, None
            elif ended is None or ended[rank] == step:
                yield cell, run, step, quantity, math.nan
