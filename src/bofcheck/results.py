"""`open_results`: a results folder as a Dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .simulate import open_store

if TYPE_CHECKING:
    import xarray as xr


def open_results(folder: str | Path) -> xr.Dataset:
    """The trained cells of a results folder; also called `bofcheck.open`.

    Args:
        folder: a folder that a command of bofcheck, or a store, has written.

    Returns:
        A variable for each quantity, (cell, seed, step), NaN where a cell lacks it; when runs
        diverged; and the fields of each cell's problem as coordinates along ``cell``. A field with
        the name of a quantity, such as output_norm, is called ``problem_output_norm``.

    Raises:
        StoreError: there is no results folder, or it holds no complete cell.

    Example:
        >>> import tempfile
        >>> from bofcheck.simulate import Problem, TrajectoryStore, train
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     problem = Problem(n_samples=4, dim=100)
        ...     TrajectoryStore(folder, {}).save("a", train(problem, seeds=2, steps=1))
        ...     data = open_results(folder)
        >>> data.train_loss.dims, data.dim.values.tolist()
        (('cell', 'seed', 'step'), [100])
    """
    data = open_store(folder).dataset(pad=True)
    names = {*map(str, data["quantity"].values)} & {*map(str, data.coords)}
    data = data.rename({name: f"problem_{name}" for name in names})
    quantities = data["value"].load().to_dataset(dim="quantity")
    return quantities.merge(data.drop_vars("value").drop_dims("quantity"), combine_attrs="override")
