"""Curves from a netCDF file."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..errors import CompareError
from .curves import CELL, ONE_CELL, RUN, STEP, Row


def netcdf_rows(path: Path, wanted: frozenset[str]) -> Iterator[Row]:
    """Every number of the file's variables with dimensions run and step; NaN was not measured.

    Raises:
        CompareError: the file cannot be read, or has no such variable.
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
    # xarray and h5py raise whatever the damaged bytes lead them to.
    except Exception as error:
        why = " ".join(str(error).split())[:120]
        raise CompareError(f"{path}: is no netCDF-4 file: {why}") from None
    run = next((name for name in RUN if name in data.dims), None)
    if run is None or STEP not in data.dims:
        shown = ", ".join(map(str, data.dims)) or "none"
        raise CompareError(f"{path}: needs dimensions run and step; it has {shown}")
    for name, variable in data.data_vars.items():
        dims = tuple(variable.dims)
        long = name == "value" and "quantity" in dims
        expected = {run, STEP, *({"quantity"} if long else ()), *({CELL} & set(dims))}
        if set(dims) != expected or not np.issubdtype(variable.dtype, np.number):
            continue
        if not long and wanted and name not in wanted:
            continue
        if long and wanted:
            variable = variable.isel(quantity=np.isin(data["quantity"].astype(str), list(wanted)))
        labels = [[str(v) for v in variable[dim].values.tolist()] for dim in dims]
        values = np.asarray(variable.values, dtype=float)
        for index in itertools.product(*(range(n) for n in values.shape)):
            at = {dim: labels[axis][index[axis]] for axis, dim in enumerate(dims)}
            quantity = at["quantity"] if long else str(name)
            value = float(values[index])
            if not np.isnan(value) and (not wanted or quantity in wanted):
                yield at.get(CELL, ONE_CELL), at[run], float(at[STEP]), quantity, value
