"""netCDF-4: the Dataset of (cell, seed, step, quantity), padded with NaN where cells differ."""

from __future__ import annotations

from pathlib import Path

from ..store import Store
from ._export import Export


def write(store: Store, path: Path) -> None:
    """Write the store's padded Dataset; ``xarray.open_dataset`` reads it back."""
    data = store.dataset(pad=True)
    packed = {name: {"zlib": True, "complevel": 1} for name in data.data_vars}
    data.to_netcdf(path, engine="h5netcdf", encoding=packed)


EXPORT = Export(write, needs=("h5netcdf", "h5py"))
